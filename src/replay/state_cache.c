/*
 * A cache of states in memory: see state_cache.h.
 */
#include "replay/state_cache.h"

#include <stdlib.h>
#include <string.h>

/* Estimated overhead of a cached state besides its bytes. */
#define OVERHEAD_BYTES 64

/* Returns the number of states at or before seq. */
static size_t count_until(const eventure__state_cache *all, int64_t seq)
{
    size_t low = 0;
    size_t high = all->count;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (all->items[middle].seq <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const eventure__cached_state *eventure__state_cache_find(const eventure__state_cache *all, int64_t seq)
{
    size_t count = count_until(all, seq);
    return count > 0 ? &all->items[count - 1] : NULL;
}

static void drop(eventure__state_cache *all, size_t i)
{
    all->bytes -= all->items[i].state_len + OVERHEAD_BYTES;
    free(all->items[i].state);
    all->count--;
    memmove(&all->items[i], &all->items[i + 1], (all->count - i) * sizeof *all->items);
}

/* Drops the first or the last state, whichever is farther from seq. */
static void drop_farthest(eventure__state_cache *all, int64_t seq)
{
    int64_t before = seq - all->items[0].seq;
    int64_t after = all->items[all->count - 1].seq - seq;
    drop(all, before >= after ? 0 : all->count - 1);
}

void eventure__state_cache_add(eventure__state_cache *all, int64_t seq, int64_t tick, const char *state,
                               size_t state_len)
{
    size_t cost = state_len + OVERHEAD_BYTES;
    const eventure__cached_state *found = eventure__state_cache_find(all, seq);
    if ((found != NULL && found->seq == seq) || cost > all->max_bytes)
        return;
    while (all->items != NULL && all->count > 0 && all->bytes + cost > all->max_bytes)
        drop_farthest(all, seq);
    if (all->items == NULL || all->count == all->capacity)
    {
        size_t capacity = all->capacity == 0 ? 16 : all->capacity * 2;
        eventure__cached_state *items = realloc(all->items, capacity * sizeof *items);
        if (items == NULL)
            return;
        all->items = items;
        all->capacity = capacity;
    }
    char *copy = malloc(state_len + 1);
    if (copy == NULL)
        return;
    if (state_len > 0)
        memcpy(copy, state, state_len);
    size_t index = count_until(all, seq);
    memmove(&all->items[index + 1], &all->items[index], (all->count - index) * sizeof *all->items);
    all->items[index] = (eventure__cached_state){seq, tick, copy, state_len};
    all->count++;
    all->bytes += cost;
}

void eventure__state_cache_clear(eventure__state_cache *all)
{
    for (size_t i = 0; i < all->count; i++)
        free(all->items[i].state);
    free(all->items);
    all->items = NULL;
    all->count = 0;
    all->capacity = 0;
    all->bytes = 0;
}
