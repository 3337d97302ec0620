/*
 * States kept in memory for going back: a bounded number of bytes of them, those far from where one stands given up
 * first.
 */
#ifndef EVENTURE_REPLAY_CHECKPOINTS_H
#define EVENTURE_REPLAY_CHECKPOINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct eventure__cached_state
{
    int64_t seq;
    int64_t tick;
    char *state;
    size_t state_len;
} eventure__cached_state;

typedef struct eventure__state_cache
{
    eventure__cached_state *items; /* by seq */
    size_t count;
    size_t capacity;
    size_t bytes;
    size_t max_bytes;
} eventure__state_cache;

/* The newest one that is not after seq; NULL when there is none. */
const eventure__cached_state *eventure__state_cache_find(const eventure__state_cache *all, int64_t seq);

/* Keeps a copy of a state. One that is too large, or for which there is no memory, is not kept. */
void eventure__state_cache_add(eventure__state_cache *all, int64_t seq, int64_t tick, const char *state,
                               size_t state_len);

void eventure__state_cache_clear(eventure__state_cache *all);

#endif
