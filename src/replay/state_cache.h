/*
 * A cache of states for backward playback, bounded in bytes. It evicts the states farthest from the current position
 * first.
 */
#ifndef EVENTURE_REPLAY_STATE_CACHE_H
#define EVENTURE_REPLAY_STATE_CACHE_H

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

/* Returns the newest state at or before seq, or NULL. */
const eventure__cached_state *eventure__state_cache_find(const eventure__state_cache *all, int64_t seq);

/* Adds a copy of a state. A state that is too large, or for which memory runs out, is not added. */
void eventure__state_cache_add(eventure__state_cache *all, int64_t seq, int64_t tick, const char *state,
                               size_t state_len);

void eventure__state_cache_clear(eventure__state_cache *all);

#endif
