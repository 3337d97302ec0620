/*
 * The goals of the measures, each a ratio of two contestants of the same run.
 */
#ifndef EVENTURE_BENCH_GOALS_H
#define EVENTURE_BENCH_GOALS_H

#include "samples.h"

typedef enum bench_goal_kind
{
    BENCH_GOAL_FASTER,      /* time per operation of `against` divided by ours: at least */
    BENCH_GOAL_COST,        /* our time per operation divided by that of `against`: at most */
    BENCH_GOAL_BYTES,       /* our bytes on disk divided by those of `against`: at most */
    BENCH_GOAL_GROWTH,      /* our time per operation at the largest n divided by that at from_events: at most */
    BENCH_GOAL_PEAK_GROWTH, /* the same quotient for our peak memory: at most */
    BENCH_GOAL_P50,         /* the median of our steps in microseconds: at most */
    BENCH_GOAL_P99,         /* the 99th percentile of our steps, likewise */
    BENCH_GOAL_P999         /* the 99.9th percentile of our steps, likewise */
} bench_goal_kind;

typedef struct bench_goal
{
    bench_goal_kind kind;
    const char *measure;
    const char *contestant;
    const char *against; /* a contestant of the same measure; NULL for growth and steps */
    int64_t from_events; /* the n that growth is measured from */
    double bound;
    const char *text;
} bench_goal;

extern const bench_goal bench_goals[];
extern const size_t bench_goals_count;

/* Returns the ratio in wall time (or in the unit of the goal), and sets the ratio in CPU time when the goal has one.
 * `events` receives the n of the ratio. A count of 0: not measured. */
bench_spread bench_goal_ratio(const bench_goal *goal, const bench_samples *samples, int64_t *events,
                              bench_spread *out_cpu);

bool bench_goal_met(const bench_goal *goal, double ratio);

#endif
