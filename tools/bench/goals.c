/*
 * The goals and their ratios: see goals.h.
 */
#include "goals.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* The cost of a query compared with code by hand. */
#define QUESTION(measure, text)                                                                                        \
    {                                                                                                                  \
        BENCH_GOAL_COST, measure, "library", "by hand", 0, 1.2, text ": cost against by hand"                          \
    }
/* The growth of the cost of a query from 10^4 events. */
#define GROWTH(measure, bound, text)                                                                                   \
    {                                                                                                                  \
        BENCH_GOAL_GROWTH, measure, "library", NULL, 10000, bound, text ": growth from 10^4 events"                    \
    }
#define PEAK(measure, who, text)                                                                                       \
    {                                                                                                                  \
        BENCH_GOAL_PEAK_GROWTH, measure, who, NULL, 100000, 1.2, text ": growth of peak memory from 10^5"              \
    }

const bench_goal bench_goals[] = {
    {BENCH_GOAL_FASTER, "append-normal", "library", "by hand", 0, 1.5, "append, sync NORMAL: times as fast as by hand"},
    {BENCH_GOAL_FASTER, "append-full", "library", "by hand", 0, 1.5, "append, sync FULL: times as fast as by hand"},
    {BENCH_GOAL_FASTER, "append-normal", "background", "by hand", 0, 3,
     "background, sync NORMAL: times as fast as by hand"},
    {BENCH_GOAL_FASTER, "append-full", "background", "by hand", 0, 3,
     "background, sync FULL: times as fast as by hand"},
    {BENCH_GOAL_P50, "caller", "append, background", NULL, 0, 0.5, "background, sync FULL: an append, median, µs"},
    {BENCH_GOAL_P99, "caller", "append, background", NULL, 0, 2, "background, sync FULL: an append, p99, µs"},
    {BENCH_GOAL_P999, "caller", "advance, background", NULL, 0, 100, "background, sync FULL: an advance, p99.9, µs"},
    {BENCH_GOAL_BYTES, "append-normal", "library", "by hand", 0, 0.95, "bytes on disk against by hand"},
    QUESTION("by-id", "by id"),
    QUESTION("children", "children"),
    QUESTION("at-tick", "at a tick"),
    QUESTION("of-type", "type with a limit"),
    QUESTION("all-of-type", "all of a type"),
    QUESTION("by-data", "by data"),
    QUESTION("count-by-type", "count by type"),
    QUESTION("cascade", "cascade"),
    QUESTION("replay", "replay"),
    QUESTION("state", "state at half"),
    {BENCH_GOAL_COST, "open", "reader, a question", "by hand, a question", 0, 1.5,
     "open a reader and ask once: cost against by hand"},
    GROWTH("by-id", 2, "by id"),
    GROWTH("children", 2, "children"),
    GROWTH("at-tick", 2, "at a tick"),
    GROWTH("of-type", 2, "type with a limit"),
    GROWTH("all-of-type", 2, "all of a type, an event"),
    GROWTH("by-data", 1.5, "by data, an event"),
    GROWTH("count-by-type", 1.5, "count by type, an event"),
    GROWTH("cascade", 1.5, "cascade, an event"),
    GROWTH("replay", 1.5, "replay, an event"),
    GROWTH("state", 1.5, "state at half, an event"),
    {BENCH_GOAL_FASTER, "import", "library", "Python script", 0, 2, "import: times as fast as a Python script"},
    {BENCH_GOAL_COST, "text", "viewer", "export", 0, 3, "viewer: cost against the export"},
    {BENCH_GOAL_GROWTH, "text", "viewer", NULL, 10000, 1.5, "viewer: growth of the cost an event from 10^4"},
    {BENCH_GOAL_COST, "bus", "10,000 subscriptions", "10 subscriptions", 0, 2, "bus: 10,000 against 10 subscriptions"},
    {BENCH_GOAL_COST, "open", "log, n events", "log, empty", 0, 2, "open a log: cost against an empty store"},
    {BENCH_GOAL_COST, "open", "reader, n events", "reader, empty", 0, 2, "open a reader: cost against an empty store"},
    PEAK("append-normal", "library", "append"),
    PEAK("import", "library", "import"),
    PEAK("text", "export", "export"),
    PEAK("text", "viewer", "viewer"),
    PEAK("verify", "library", "verify"),
    PEAK("replay", "library", "replay"),
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
    if (other == NULL && goal->against != NULL) /* `against` has fewer events: uses the largest n of both */
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
