/*
 * The goals of the measures, each a ratio of two contestants of the same run.
 */
#ifndef EVENTURE_BENCH_GOALS_H
#define EVENTURE_BENCH_GOALS_H

#include "samples.h"

typedef enum bench_goal_kind
{
    BENCH_GOAL_FASTER,      /* the other one's time per operation over ours: at least */
    BENCH_GOAL_COST,        /* our time per operation over the other one's: at most */
    BENCH_GOAL_BYTES,       /* our bytes on disk over the other one's: at most */
    BENCH_GOAL_GROWTH,      /* our time per operation at the largest n over that at from_events: at most */
    BENCH_GOAL_PEAK_GROWTH, /* our peak memory, likewise */
    BENCH_GOAL_P50,         /* the median of our steps in microseconds: at most */
    BENCH_GOAL_P99,         /* 99 of 100 of them, likewise */
    BENCH_GOAL_P999         /* 999 of 1000 of them, likewise */
} bench_goal_kind;

typedef struct bench_goal
{
    bench_goal_kind kind;
    const char *measure;
    const char *contestant;
    const char *against; /* a contestant of the same measure; not for growth and steps */
    int64_t from_events; /* for growth */
    double bound;
    const char *text;
} bench_goal;

extern const bench_goal bench_goals[];
extern const size_t bench_goals_count;

/* The ratio in wall time (or what the goal is about), and the same in CPU time where there is one. `events` receives
 * the n that it is of. A count of 0: not measured. */
bench_spread bench_goal_ratio(const bench_goal *goal, const bench_samples *samples, int64_t *events,
                              bench_spread *out_cpu);

bool bench_goal_met(const bench_goal *goal, double ratio);

#endif
