/*
 * Counts the different ticks of an answer. In every order but one the events of a tick come together, and counting
 * takes no memory; in breadth-first order they do not, and the ticks that were seen are remembered.
 */
#ifndef EVENTURE_TRANSFER_TICKS_H
#define EVENTURE_TRANSFER_TICKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct eventure__ticks
{
    bool scattered; /* to be set when the events of a tick do not come together */
    int64_t last;
    int64_t count; /* unless scattered */
    int64_t *seen; /* the ticks so far; some of them more than once */
    size_t seen_len;
    size_t capacity;
} eventure__ticks;

/* False when there is no memory. */
bool eventure__ticks_add(eventure__ticks *ticks, int64_t tick);

int64_t eventure__ticks_count(eventure__ticks *ticks);
void eventure__ticks_free(eventure__ticks *ticks);

#endif
