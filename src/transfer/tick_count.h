/*
 * Counts the different ticks of an answer. In every order but one the events of a tick come together, and counting
 * takes no memory; in breadth-first order they do not, and the ticks that were seen are remembered.
 */
#ifndef EVENTURE_TRANSFER_TICKS_H
#define EVENTURE_TRANSFER_TICKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct eventure__tick_count
{
    bool scattered; /* to be set when the events of a tick do not come together */
    int64_t last;
    int64_t count; /* unless scattered */
    int64_t *seen; /* the ticks so far; some of them more than once */
    size_t seen_len;
    size_t capacity;
} eventure__tick_count;

/* False when there is no memory. */
bool eventure__tick_count_add(eventure__tick_count *ticks, int64_t tick);

int64_t eventure__tick_count_get(eventure__tick_count *ticks);
void eventure__tick_count_free(eventure__tick_count *ticks);

#endif
