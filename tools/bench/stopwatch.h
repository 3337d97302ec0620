/*
 * A stopwatch of wall and CPU time that can be stopped between steps, and keeps how long the steps took.
 */
#ifndef EVENTURE_BENCH_STOPWATCH_H
#define EVENTURE_BENCH_STOPWATCH_H

#include "bench.h"

/* Steps are counted by their length in nanoseconds: 64 classes to each power of two, which is exact to 1.6 %. */
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

/* Ends a step, which counts in the sums and among the steps; the next one needs a start again. */
void bench_watch_stop(bench_watch *watch);

/* As bench_watch_stop, for work that is not a step: it is added to the sums only. */
void bench_watch_stop_apart(bench_watch *watch);

/* The same for steps so short that asking for the CPU time would be the larger part: wall time only. */
void bench_watch_start_wall(bench_watch *watch);
void bench_watch_stop_wall(bench_watch *watch);

/* Puts sums into the result, and, when there were several steps, their distribution. */
void bench_watch_report(const bench_watch *watch, int64_t operations, bench_result *result);

#endif
