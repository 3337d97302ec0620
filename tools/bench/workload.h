/*
 * W(n): n events, 100 a tick, 20 types, about 75 bytes of JSON each, 70 % with a parent among the last 200 events. The
 * same seed makes the same events on every machine. The events are made tick by tick, so only one tick is in memory.
 */
#ifndef EVENTURE_BENCH_WORKLOAD_H
#define EVENTURE_BENCH_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>

#define BENCH_EVENTS_A_TICK 100
#define BENCH_TYPES 20
#define BENCH_PARENT_WINDOW 200
#define BENCH_DATA_BYTES 128

typedef struct bench_event
{
    int64_t seq;    /* the first is 1 */
    int64_t parent; /* the seq of the parent; 0 for none */
    size_t type;    /* an index of bench_type_names */
    size_t data_len;
    char data[BENCH_DATA_BYTES]; /* compact JSON */
} bench_event;

typedef struct bench_tick
{
    int64_t tick;
    size_t count;
    bench_event events[BENCH_EVENTS_A_TICK];
} bench_tick;

typedef struct bench_workload
{
    uint64_t random;
    int64_t events;
    int64_t made;
    int64_t ticks;
    int parent_percent; /* 70 in W(n) */
} bench_workload;

extern const char *const bench_type_names[BENCH_TYPES];

/* Returns the next number of a pseudo-random sequence. */
uint64_t bench_random(uint64_t *state);

void bench_workload_begin(bench_workload *workload, int64_t events, uint64_t seed);

/* Makes the events of the next tick; out->count is 0 at the end. */
void bench_workload_next(bench_workload *workload, bench_tick *out);

#endif
