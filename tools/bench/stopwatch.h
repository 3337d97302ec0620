/*
 * A stopwatch of wall and CPU time that can be stopped between steps, and stores the distribution of the steps.
 */
#ifndef EVENTURE_BENCH_STOPWATCH_H
#define EVENTURE_BENCH_STOPWATCH_H

#include "bench.h"

/* Steps are counted in classes by their length in nanoseconds: 64 classes for each power of two, so that a quantile is
 * exact to 1.6 %. */
#define BENCH_WATCH_FINE 64
#define BENCH_WATCH_CLASSES (40 * BENCH_WATCH_FINE)

typedef struct bench_watch
{
    double wall; /* sums, in seconds */
    double cpu;
    double wall_started;
    double cpu_started;
    double worst;
    int64_t steps;
    uint32_t classes[BENCH_WATCH_CLASSES];
} bench_watch;

void bench_watch_start(bench_watch *watch);

/* Ends a step, and adds it to the sums and to the distribution. The next step needs another start. */
void bench_watch_stop(bench_watch *watch);

/* As bench_watch_stop, for work that is not a step: adds its time to the sums only. */
void bench_watch_stop_apart(bench_watch *watch);

/* The same without CPU time, for steps so short that reading the CPU time would take longer than the step. */
void bench_watch_start_wall(bench_watch *watch);
void bench_watch_stop_wall(bench_watch *watch);

/* Stores the sums in the result, and, when there were several steps, the quantiles of their times. */
void bench_watch_report(const bench_watch *watch, int64_t operations, bench_result *result);

#endif
