/*
 * The results of all runs of one contestant at one n, and the medians and spreads of them.
 */
#ifndef EVENTURE_BENCH_SAMPLES_H
#define EVENTURE_BENCH_SAMPLES_H

#include "bench.h"

#define BENCH_ROUNDS_MAX 99

typedef struct bench_series
{
    const bench_measure *measure;
    const bench_contestant *contestant;
    int64_t events;
    int rounds;
    bench_result results[BENCH_ROUNDS_MAX];
} bench_series;

/* All series of one run of the program. */
typedef struct bench_samples
{
    bench_series *series;
    size_t count;
    size_t capacity;
} bench_samples;

/* The median and the range of a number that was measured several times. */
typedef struct bench_spread
{
    double median;
    double least;
    double most;
    int count; /* 0: not measured */
} bench_spread;

/* Returns one number of a result; negative when this run did not measure it. */
typedef double (*bench_pick_fn)(const bench_result *result);

double bench_wall_per_operation(const bench_result *result); /* in microseconds, as the functions below */
double bench_cpu_per_operation(const bench_result *result);
double bench_bytes_per_operation(const bench_result *result);
double bench_peak_mib(const bench_result *result);
double bench_step_p50(const bench_result *result); /* quantiles of the steps, in microseconds */
double bench_step_p99(const bench_result *result);
double bench_step_p999(const bench_result *result);

/* Adds an empty result for one more round, and returns it. */
bench_result *bench_samples_add(bench_samples *samples, const bench_measure *measure,
                                const bench_contestant *contestant, int64_t events);

/* Finds a series; NULL when it was not measured. events 0: the largest n that was measured. */
const bench_series *bench_samples_find(const bench_samples *samples, const char *measure, const char *contestant,
                                       int64_t events);

bench_spread bench_spread_of(const bench_series *series, bench_pick_fn pick);

/* Returns the spread of a / b, computed for each round, so that a disturbance of a whole round has no effect. */
bench_spread bench_ratio_of(const bench_series *a, const bench_series *b, bench_pick_fn pick);

#endif
