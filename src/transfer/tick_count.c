/*
 * Counting ticks: see tick_count.h. Ticks are collected in an array. When it is full, it is sorted and duplicates are
 * removed; it grows only if it is still more than half full.
 */
#include "transfer/tick_count.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a;
    const int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static void remove_doubles(eventure__tick_count *ticks)
{
    size_t kept = 0;
    if (ticks->seen_len == 0)
        return;
    qsort(ticks->seen, ticks->seen_len, sizeof *ticks->seen, compare);
    for (size_t i = 1; i < ticks->seen_len; i++)
        if (ticks->seen[i] != ticks->seen[kept])
            ticks->seen[++kept] = ticks->seen[i];
    ticks->seen_len = kept + 1;
}

static bool make_room(eventure__tick_count *ticks)
{
    remove_doubles(ticks);
    if (ticks->seen_len < ticks->capacity / 2)
        return true;
    const size_t capacity = ticks->capacity == 0 ? 64 : ticks->capacity * 2;
    int64_t *seen = capacity > SIZE_MAX / sizeof *seen ? NULL : realloc(ticks->seen, capacity * sizeof *seen);
    if (seen == NULL)
        return false;
    ticks->seen = seen;
    ticks->capacity = capacity;
    return true;
}

bool eventure__tick_count_add(eventure__tick_count *ticks, int64_t tick)
{
    if (ticks->count > 0 && tick == ticks->last)
        return true;
    ticks->last = tick;
    ticks->count++;
    if (!ticks->scattered)
        return true;
    if (ticks->seen_len == ticks->capacity && !make_room(ticks))
        return false;
    ticks->seen[ticks->seen_len++] = tick;
    return true;
}

int64_t eventure__tick_count_get(eventure__tick_count *ticks)
{
    if (!ticks->scattered)
        return ticks->count;
    remove_doubles(ticks);
    return (int64_t)ticks->seen_len;
}

void eventure__tick_count_free(eventure__tick_count *ticks)
{
    free(ticks->seen);
    ticks->seen = NULL;
}
