/*
 * The tables: see report.h.
 */
#include "report.h"

#include <string.h>

#include "goals.h"

/* Prints a number with three significant digits. */
static void print_number(FILE *out, double value)
{
    int digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
    fprintf(out, "%.*f", digits, value);
}

static void print_spread(FILE *out, bench_spread spread)
{
    fputs(" | ", out);
    if (spread.count == 0)
        return;
    print_number(out, spread.median);
    if (spread.count == 1)
        return;
    fputs(" (", out);
    print_number(out, spread.least);
    fputs("–", out);
    print_number(out, spread.most);
    fputs(")", out);
}

static void print_median(FILE *out, bench_spread spread)
{
    fputs(" | ", out);
    if (spread.count > 0)
        print_number(out, spread.median);
}

static void print_goals(FILE *out, const bench_samples *samples)
{
    fputs("| goal | n | bound | measured (least–most) | in CPU time | met |\n| --- | --- | --- | --- | --- | --- |\n",
          out);
    for (size_t i = 0; i < bench_goals_count; i++)
    {
        const bench_goal *goal = &bench_goals[i];
        bench_spread cpu;
        int64_t events = 0;
        bench_spread ratio = bench_goal_ratio(goal, samples, &events, &cpu);
        if (ratio.count == 0)
            continue;
        fprintf(out, "| %s | %lld | %s %.2f", goal->text, (long long)events,
                goal->kind == BENCH_GOAL_FASTER ? "≥" : "≤", goal->bound);
        print_spread(out, ratio);
        print_median(out, cpu);
        fprintf(out, " | %s |\n", bench_goal_met(goal, ratio.median) ? "yes" : "**no**");
    }
}

static double step_worst(const bench_result *result)
{
    return result->step_worst > 0 ? result->step_worst * 1e6 : -1;
}

static double wal_mib(const bench_result *result)
{
    return result->wal_bytes > 0 ? (double)result->wal_bytes / 1048576 : -1;
}

/* Prints the ratio to the peer. The row of the peer itself has none, as it would be 1. */
static void print_against(FILE *out, const bench_samples *samples, const bench_series *series)
{
    const char *name = series->measure->peer;
    const bench_series *peer =
        name != NULL ? bench_samples_find(samples, series->measure->name, name, series->events) : NULL;
    print_median(out, peer != NULL && peer != series ? bench_ratio_of(series, peer, bench_wall_per_operation)
                                                     : (bench_spread){0});
}

static void print_series(FILE *out, const bench_samples *samples, const bench_series *series)
{
    fprintf(out, "| %s | %lld", series->contestant->name, (long long)series->events);
    print_spread(out, bench_spread_of(series, bench_wall_per_operation));
    print_against(out, samples, series);
    print_median(out, bench_spread_of(series, bench_cpu_per_operation));
    print_median(out, bench_spread_of(series, bench_step_p50));
    print_median(out, bench_spread_of(series, bench_step_p99));
    print_median(out, bench_spread_of(series, bench_step_p999));
    print_median(out, bench_spread_of(series, step_worst));
    print_median(out, bench_spread_of(series, bench_bytes_per_operation));
    print_median(out, bench_spread_of(series, wal_mib));
    print_median(out, bench_spread_of(series, bench_peak_mib));
    fputs(" |\n", out);
}

void bench_report_markdown(FILE *out, const bench_samples *samples)
{
    const bench_measure *measure = NULL;
    print_goals(out, samples);
    for (size_t i = 0; i < samples->count; i++)
    {
        const bench_series *series = &samples->series[i];
        if (series->measure != measure)
        {
            measure = series->measure;
            fprintf(
                out,
                "\n### %s\n\n| who | n | µs a%s %s (least–most) | against %s | CPU µs | step p50 µs | p99 | p99.9 | "
                "worst | bytes on disk | WAL MiB | peak MiB |\n"
                "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
                measure->title, strchr("aeiou", measure->operation[0]) != NULL ? "n" : "", measure->operation,
                measure->peer != NULL ? measure->peer : "a peer");
        }
        print_series(out, samples, series);
    }
}

static void print_json_result(FILE *out, const bench_result *result)
{
    fprintf(out,
            "{\"wall\": %.9f, \"cpu\": %.9f, \"operations\": %lld, \"bytes_on_disk\": %lld, \"wal_bytes\": %lld, "
            "\"peak_kib\": %lld, \"step_p50\": %.9f, \"step_p99\": %.9f, \"step_p999\": %.9f, \"step_worst\": %.9f}",
            result->wall, result->cpu, (long long)result->operations, (long long)result->bytes_on_disk,
            (long long)result->wal_bytes, (long long)result->peak_kib, result->step_p50, result->step_p99,
            result->step_p999, result->step_worst);
}

void bench_report_json(FILE *out, const bench_samples *samples, uint64_t seed)
{
    fprintf(out, "{\"seed\": %llu, \"series\": [", (unsigned long long)seed);
    for (size_t i = 0; i < samples->count; i++)
    {
        const bench_series *series = &samples->series[i];
        fprintf(out, "%s\n {\"measure\": \"%s\", \"contestant\": \"%s\", \"events\": %lld, \"rounds\": [",
                i > 0 ? "," : "", series->measure->name, series->contestant->name, (long long)series->events);
        for (int round = 0; round < series->rounds; round++)
        {
            fputs(round > 0 ? ",\n  " : "\n  ", out);
            print_json_result(out, &series->results[round]);
        }
        fputs("]}", out);
    }
    fputs("\n]}\n", out);
}

void bench_report_columns(FILE *out, const bench_samples *samples)
{
    fputs("# measure\twho\tn\tmicroseconds\tleast\tmost\tcpu\tbytes\tpeak\n", out);
    for (size_t i = 0; i < samples->count; i++)
    {
        const bench_series *series = &samples->series[i];
        bench_spread wall = bench_spread_of(series, bench_wall_per_operation);
        fprintf(out, "%s\t%s\t%lld\t%g\t%g\t%g\t%g\t%g\t%g\n", series->measure->name, series->contestant->name,
                (long long)series->events, wall.median, wall.least, wall.most,
                bench_spread_of(series, bench_cpu_per_operation).median,
                bench_spread_of(series, bench_bytes_per_operation).median,
                bench_spread_of(series, bench_peak_mib).median);
    }
}
