/*
 * States kept in memory for going back: a bounded number of bytes of them, those far from where one stands given up
 * first.
 */
#ifndef EVENTURE_REPLAY_CHECKPOINTS_H
#define EVENTURE_REPLAY_CHECKPOINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct eventure__checkpoint
{
    int64_t seq;
    int64_t tick;
    char *state;
    size_t state_len;
} eventure__checkpoint;

typedef struct eventure__checkpoints
{
    eventure__checkpoint *items; /* by seq */
    size_t count;
    size_t capacity;
    size_t bytes;
    size_t max_bytes;
} eventure__checkpoints;

/* The newest one that is not after seq; NULL when there is none. */
const eventure__checkpoint *eventure__checkpoints_find(const eventure__checkpoints *all, int64_t seq);

/* Keeps a copy of a state. One that is too large, or for which there is no memory, is not kept. */
void eventure__checkpoints_add(eventure__checkpoints *all, int64_t seq, int64_t tick, const char *state,
                               size_t state_len);

void eventure__checkpoints_clear(eventure__checkpoints *all);

#endif
