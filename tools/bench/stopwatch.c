/*
 * The stopwatch: see stopwatch.h.
 */
#include "stopwatch.h"

#include <time.h>

static double seconds_of(clockid_t clock)
{
    struct timespec now = {0};
    if (clock_gettime(clock, &now) != 0)
        bench_die("the system has no clock %d", (int)clock);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void bench_watch_start(bench_watch *watch)
{
    watch->cpu_started = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    watch->wall_started = seconds_of(CLOCK_MONOTONIC);
}

static double add(bench_watch *watch)
{
    double wall = seconds_of(CLOCK_MONOTONIC) - watch->wall_started;
    watch->wall += wall;
    watch->cpu += seconds_of(CLOCK_PROCESS_CPUTIME_ID) - watch->cpu_started;
    return wall;
}

/* Each length below 64 ns has its own class. The class of a longer step is its power of two and the six bits below the
 * highest bit. */
static size_t class_of(uint64_t nanoseconds)
{
    if (nanoseconds < BENCH_WATCH_FINE)
        return (size_t)nanoseconds;
    unsigned power = 63U - (unsigned)__builtin_clzll(nanoseconds);
    size_t fine = (size_t)(nanoseconds >> (power - 6)) & (BENCH_WATCH_FINE - 1);
    size_t class = (size_t)(power - 5) * BENCH_WATCH_FINE + fine;
    return class < BENCH_WATCH_CLASSES ? class : BENCH_WATCH_CLASSES - 1;
}

static double seconds_of_class(size_t class)
{
    if (class < BENCH_WATCH_FINE)
        return (double)class * 1e-9;
    unsigned power = (unsigned)(class / BENCH_WATCH_FINE) + 5;
    uint64_t nanoseconds = (BENCH_WATCH_FINE + (uint64_t) class % BENCH_WATCH_FINE) << (power - 6);
    return (double)nanoseconds * 1e-9;
}

static void count_step(bench_watch *watch, double wall)
{
    if (wall > watch->worst)
        watch->worst = wall;
    watch->steps++;
    watch->classes[class_of(wall > 0 ? (uint64_t)(wall * 1e9) : 0)]++;
}

void bench_watch_stop(bench_watch *watch)
{
    count_step(watch, add(watch));
}

void bench_watch_start_wall(bench_watch *watch)
{
    watch->wall_started = seconds_of(CLOCK_MONOTONIC);
}

void bench_watch_stop_wall(bench_watch *watch)
{
    double wall = seconds_of(CLOCK_MONOTONIC) - watch->wall_started;
    watch->wall += wall;
    count_step(watch, wall);
}

void bench_watch_stop_apart(bench_watch *watch)
{
    add(watch);
}

static double percentile(const bench_watch *watch, double share)
{
    double wanted = share * (double)watch->steps;
    double seen = 0;
    for (size_t class = 0; class < BENCH_WATCH_CLASSES; class ++)
    {
        seen += (double)watch->classes[class];
        if (seen >= wanted)
            return seconds_of_class(class);
    }
    return watch->worst;
}

void bench_watch_report(const bench_watch *watch, int64_t operations, bench_result *result)
{
    result->wall = watch->wall;
    result->cpu = watch->cpu;
    result->operations = operations;
    if (watch->steps < 2)
        return;
    result->step_p50 = percentile(watch, 0.5);
    result->step_p99 = percentile(watch, 0.99);
    result->step_p999 = percentile(watch, 0.999);
    result->step_worst = watch->worst;
}
