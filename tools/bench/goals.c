/*
 * The goals and their ratios: see goals.h.
 */
#include "goals.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

const bench_goal bench_goals[] = {
    {BENCH_GOAL_FASTER, "append-normal", "library", "by hand", 0, 1.8, "append, sync NORMAL: times as fast as by hand"},
    {BENCH_GOAL_FASTER, "append-full", "library", "by hand", 0, 1.8, "append, sync FULL: times as fast as by hand"},
    {BENCH_GOAL_FASTER, "append-normal", "library", "floor", 0, 0.9, "append, sync NORMAL: share of the floor's speed"},
    {BENCH_GOAL_FASTER, "append-full", "library", "floor", 0, 0.9, "append, sync FULL: share of the floor's speed"},
    {BENCH_GOAL_FASTER, "append-normal", "background", "by hand", 0, 3,
     "background, sync NORMAL: times as fast as by hand"},
    {BENCH_GOAL_FASTER, "append-full", "background", "by hand", 0, 3,
     "background, sync FULL: times as fast as by hand"},
    {BENCH_GOAL_P50, "caller", "append, background", NULL, 0, 0.5, "background, sync FULL: an append, median, µs"},
    {BENCH_GOAL_P99, "caller", "append, background", NULL, 0, 2, "background, sync FULL: an append, p99, µs"},
    {BENCH_GOAL_P999, "caller", "advance, background", NULL, 0, 100, "background, sync FULL: an advance, p99.9, µs"},
    {BENCH_GOAL_BYTES, "append-normal", "library", "by hand", 0, 0.62, "bytes on disk against by hand"},
    {BENCH_GOAL_COST, "by-id", "library", "floor", 0, 1.3, "by id: cost against the floor"},
    {BENCH_GOAL_COST, "children", "library", "floor", 0, 1.3, "children: cost against the floor"},
    {BENCH_GOAL_COST, "at-tick", "library", "floor", 0, 1.3, "at a tick: cost against the floor"},
    {BENCH_GOAL_COST, "of-type", "library", "floor", 0, 1.3, "type with a limit: cost against the floor"},
    {BENCH_GOAL_GROWTH, "by-id", "library", NULL, 10000, 2, "by id: growth from 10^4 events"},
    {BENCH_GOAL_GROWTH, "children", "library", NULL, 10000, 2, "children: growth from 10^4 events"},
    {BENCH_GOAL_GROWTH, "at-tick", "library", NULL, 10000, 2, "at a tick: growth from 10^4 events"},
    {BENCH_GOAL_GROWTH, "of-type", "library", NULL, 10000, 2, "type with a limit: growth from 10^4 events"},
    {BENCH_GOAL_COST, "cascade", "library", "bare recursive query", 0, 1.5, "cascade: cost against the bare query"},
    {BENCH_GOAL_GROWTH, "cascade", "library", NULL, 10000, 1.5, "cascade: growth of the cost an event from 10^4"},
    {BENCH_GOAL_FASTER, "replay", "library", "bare scan", 0, 0.8, "replay: share of a bare scan's speed"},
    {BENCH_GOAL_FASTER, "import", "library", "Python script", 0, 2, "import: times as fast as a Python script"},
    {BENCH_GOAL_COST, "text", "viewer", "export", 0, 3, "viewer: cost against the export"},
    {BENCH_GOAL_GROWTH, "text", "viewer", NULL, 10000, 1.5, "viewer: growth of the cost an event from 10^4"},
    {BENCH_GOAL_COST, "bus", "10,000 subscriptions", "10 subscriptions", 0, 2, "bus: 10,000 against 10 subscriptions"},
    {BENCH_GOAL_COST, "open", "log, n events", "log, empty", 0, 2, "open a log: cost against an empty store"},
    {BENCH_GOAL_COST, "open", "reader, n events", "reader, empty", 0, 2, "open a reader: cost against an empty store"},
    {BENCH_GOAL_PEAK_GROWTH, "append-normal", "library", NULL, 100000, 1.2, "append: growth of peak memory from 10^5"},
    {BENCH_GOAL_PEAK_GROWTH, "import", "library", NULL, 100000, 1.2, "import: growth of peak memory from 10^5"},
    {BENCH_GOAL_PEAK_GROWTH, "text", "export", NULL, 100000, 1.2, "export: growth of peak memory from 10^5"},
    {BENCH_GOAL_PEAK_GROWTH, "text", "viewer", NULL, 100000, 1.2, "viewer: growth of peak memory from 10^5"},
    {BENCH_GOAL_PEAK_GROWTH, "verify", "library", NULL, 100000, 1.2, "verify: growth of peak memory from 10^5"},
    {BENCH_GOAL_PEAK_GROWTH, "replay", "library", NULL, 100000, 1.2, "replay: growth of peak memory from 10^5"},
};

const size_t bench_goals_count = COUNT_OF(bench_goals);

static const bench_series *earlier(const bench_goal *goal, const bench_samples *samples)
{
    return bench_samples_find(samples, goal->measure, goal->contestant, goal->from_events);
}

bench_spread bench_goal_ratio(const bench_goal *goal, const bench_samples *samples, int64_t *events,
                              bench_spread *out_cpu)
{
    const bench_series *ours = bench_samples_find(samples, goal->measure, goal->contestant, 0);
    const bench_series *other = NULL;
    bench_spread none = {0};
    *out_cpu = none;
    *events = ours != NULL ? ours->events : 0;
    if (ours == NULL)
        return none;
    if (goal->kind == BENCH_GOAL_P50)
        return bench_spread_of(ours, bench_step_p50);
    if (goal->kind == BENCH_GOAL_P99)
        return bench_spread_of(ours, bench_step_p99);
    if (goal->kind == BENCH_GOAL_P999)
        return bench_spread_of(ours, bench_step_p999);
    if (goal->kind == BENCH_GOAL_GROWTH || goal->kind == BENCH_GOAL_PEAK_GROWTH)
        other = earlier(goal, samples);
    else
        other = bench_samples_find(samples, goal->measure, goal->against, ours->events);
    if (other == NULL && goal->against != NULL) /* beyond where that one takes part: the largest n of both */
    {
        other = bench_samples_find(samples, goal->measure, goal->against, 0);
        ours = other != NULL ? bench_samples_find(samples, goal->measure, goal->contestant, other->events) : NULL;
        *events = other != NULL ? other->events : 0;
    }
    if (ours == NULL || other == NULL || other == ours)
        return none;
    switch (goal->kind)
    {
    case BENCH_GOAL_FASTER:
        *out_cpu = bench_ratio_of(other, ours, bench_cpu_per_operation);
        return bench_ratio_of(other, ours, bench_wall_per_operation);
    case BENCH_GOAL_COST:
    case BENCH_GOAL_GROWTH:
        *out_cpu = bench_ratio_of(ours, other, bench_cpu_per_operation);
        return bench_ratio_of(ours, other, bench_wall_per_operation);
    case BENCH_GOAL_BYTES:
        return bench_ratio_of(ours, other, bench_bytes_per_operation);
    case BENCH_GOAL_PEAK_GROWTH:
        return bench_ratio_of(ours, other, bench_peak_mib);
    case BENCH_GOAL_P50:
    case BENCH_GOAL_P99:
    case BENCH_GOAL_P999:
        break;
    }
    return none;
}

bool bench_goal_met(const bench_goal *goal, double ratio)
{
    return goal->kind == BENCH_GOAL_FASTER ? ratio >= goal->bound : ratio <= goal->bound;
}
