/*
 * A queue of records for one producer thread and one consumer thread, in a ring of bytes.
 *
 * The producer places records and publishes them; the consumer reads those that are published, in order, and frees
 * them. Neither takes a lock, except for eventure__ring_reuse. Positions count all bytes since the beginning, and never
 * go back; in the ring a position is taken modulo its size. Always: taken <= published <= filled <= taken + size.
 *
 * A record is contiguous. When one does not fit before the end of the ring, a filler takes the rest of it.
 */
#ifndef EVENTURE_WRITER_RING_H
#define EVENTURE_WRITER_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/assertion.h"

/* The alignment of records, at least the size of a head. So any gap at the end of the ring has room for the head of a
 * filler. */
#define EVENTURE__RECORD_ALIGNMENT 16

/* The kind of a filler. The producer chooses all other kinds. */
#define EVENTURE__RECORD_FILLER 0

/* The head of a record. */
typedef struct eventure__record
{
    size_t bytes; /* with its head, a multiple of the alignment */
    int kind;
} eventure__record;

typedef struct eventure__ring
{
    char *bytes;
    size_t size;
    uint64_t filled;     /* producer only: the end of the newest record */
    uint64_t taken_seen; /* producer only: the last value of `taken` that it read */
    _Atomic uint64_t published;
    _Atomic uint64_t taken;
} eventure__ring;

/* Allocates the ring. Returns false when out of memory. */
bool eventure__ring_open(eventure__ring *ring, size_t size);
void eventure__ring_close(eventure__ring *ring);

/* Returns the bytes that a record takes; `size` is that of its head and contents together. */
static inline size_t eventure__record_bytes(size_t size)
{
    return (size + EVENTURE__RECORD_ALIGNMENT - 1) / EVENTURE__RECORD_ALIGNMENT * EVENTURE__RECORD_ALIGNMENT;
}

/* --- The producer --- */

/* Returns the bytes that a record takes at the present position, with the filler that precedes it when it does not fit
 * before the end. */
size_t eventure__ring_room_for(const eventure__ring *ring, size_t bytes);

/* Whether this number of bytes is free. */
bool eventure__ring_fits(eventure__ring *ring, size_t room);

/* Reserves a record, for which there is room (eventure__ring_room_for), and returns it. The consumer does not see it.
 */
void *eventure__ring_reserve(eventure__ring *ring, int kind, size_t bytes);

/* Makes the reserved records visible to the consumer. False: there was no new one. */
bool eventure__ring_publish(eventure__ring *ring);

/* Returns the number of bytes that are reserved but not published. */
static inline size_t eventure__ring_unpublished(const eventure__ring *ring)
{
    uint64_t published = atomic_load_explicit(&ring->published, memory_order_relaxed);
    assert(published <= ring->filled);
    return (size_t)(ring->filled - published);
}

/* eventure__ring_reuse continues at the beginning of the ring. eventure__ring_may_reuse returns whether that is
 * possible: the ring is empty and at least this number of its bytes were used. The consumer must be stopped: both ends
 * are moved. */
bool eventure__ring_may_reuse(const eventure__ring *ring, size_t used);
void eventure__ring_reuse(eventure__ring *ring);

/* --- The consumer --- */

/* The oldest record that is published; NULL when there is none. */
const eventure__record *eventure__ring_peek(const eventure__ring *ring);

/* Frees the record that eventure__ring_peek returned. Returns the new position. */
uint64_t eventure__ring_take(eventure__ring *ring);

/* --- Both --- */

bool eventure__ring_is_empty(const eventure__ring *ring);
uint64_t eventure__ring_taken(const eventure__ring *ring);

#endif
