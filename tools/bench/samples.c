/*
 * Series of results, and their medians: see samples.h.
 */
#include "samples.h"

#include <stdlib.h>
#include <string.h>

static double per_operation(double value, const bench_result *result)
{
    return result->operations > 0 && value > 0 ? value / (double)result->operations : -1;
}

double bench_wall_per_operation(const bench_result *result)
{
    return per_operation(result->wall * 1e6, result);
}

double bench_cpu_per_operation(const bench_result *result)
{
    return per_operation(result->cpu * 1e6, result);
}

double bench_bytes_per_operation(const bench_result *result)
{
    return per_operation((double)result->bytes_on_disk, result);
}

double bench_peak_mib(const bench_result *result)
{
    return result->peak_kib > 0 ? (double)result->peak_kib / 1024 : -1;
}

static double microseconds(double seconds)
{
    return seconds > 0 ? seconds * 1e6 : -1;
}

double bench_step_p50(const bench_result *result)
{
    return microseconds(result->step_p50);
}

double bench_step_p99(const bench_result *result)
{
    return microseconds(result->step_p99);
}

double bench_step_p999(const bench_result *result)
{
    return microseconds(result->step_p999);
}

static bench_series *series_of(bench_samples *samples, const bench_measure *measure, const bench_contestant *contestant,
                               int64_t events)
{
    for (size_t i = 0; i < samples->count; i++)
    {
        bench_series *series = &samples->series[i];
        if (series->measure == measure && series->contestant == contestant && series->events == events)
            return series;
    }
    if (samples->count == samples->capacity)
    {
        samples->capacity = samples->capacity == 0 ? 64 : samples->capacity * 2;
        samples->series = realloc(samples->series, samples->capacity * sizeof *samples->series);
        if (samples->series == NULL)
            bench_die("out of memory");
    }
    bench_series *series = &samples->series[samples->count++];
    memset(series, 0, sizeof *series);
    series->measure = measure;
    series->contestant = contestant;
    series->events = events;
    return series;
}

bench_result *bench_samples_add(bench_samples *samples, const bench_measure *measure,
                                const bench_contestant *contestant, int64_t events)
{
    bench_series *series = series_of(samples, measure, contestant, events);
    if (series->rounds == BENCH_ROUNDS_MAX)
        bench_die("too many rounds");
    return &series->results[series->rounds++];
}

const bench_series *bench_samples_find(const bench_samples *samples, const char *measure, const char *contestant,
                                       int64_t events)
{
    const bench_series *found = NULL;
    for (size_t i = 0; i < samples->count; i++)
    {
        const bench_series *series = &samples->series[i];
        if (strcmp(series->measure->name, measure) != 0 || strcmp(series->contestant->name, contestant) != 0 ||
            (events != 0 && series->events != events))
            continue;
        if (found == NULL || series->events > found->events)
            found = series;
    }
    return found;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static bench_spread spread_of(double *values, int count)
{
    if (count == 0)
        return (bench_spread){0};
    qsort(values, (size_t)count, sizeof *values, compare);
    double middle = values[count / 2];
    if (count % 2 == 0)
        middle = (middle + values[count / 2 - 1]) / 2;
    return (bench_spread){.median = middle, .least = values[0], .most = values[count - 1], .count = count};
}

bench_spread bench_spread_of(const bench_series *series, bench_pick_fn pick)
{
    double values[BENCH_ROUNDS_MAX];
    int count = 0;
    for (int i = 0; series != NULL && i < series->rounds; i++)
        if ((values[count] = pick(&series->results[i])) >= 0)
            count++;
    return spread_of(values, count);
}

bench_spread bench_ratio_of(const bench_series *a, const bench_series *b, bench_pick_fn pick)
{
    double values[BENCH_ROUNDS_MAX];
    int count = 0;
    for (int i = 0; a != NULL && b != NULL && i < a->rounds && i < b->rounds; i++)
    {
        double above = pick(&a->results[i]);
        double below = pick(&b->results[i]);
        if (above >= 0 && below > 0)
            values[count++] = above / below;
    }
    return spread_of(values, count);
}
