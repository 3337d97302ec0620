/*
 * Counts the distinct ticks of a result. In every order except breadth-first the events of a tick are adjacent, and
 * counting needs no memory. In breadth-first order the ticks are collected.
 */
#ifndef EVENTURE_TRANSFER_TICK_COUNT_H
#define EVENTURE_TRANSFER_TICK_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct eventure__tick_count
{
    bool scattered; /* set it when the events of a tick are not adjacent */
    int64_t last;
    int64_t count; /* unused when scattered */
    int64_t *seen; /* the collected ticks, with duplicates */
    size_t seen_len;
    size_t capacity;
} eventure__tick_count;

/* Adds a tick. Returns false when memory runs out. */
bool eventure__tick_count_add(eventure__tick_count *ticks, int64_t tick);

int64_t eventure__tick_count_get(eventure__tick_count *ticks);
void eventure__tick_count_free(eventure__tick_count *ticks);

#endif
