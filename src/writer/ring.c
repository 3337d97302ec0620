/*
 * The queue of records between two threads: see ring.h.
 */
#include "writer/ring.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(eventure__record) <= EVENTURE__RECORD_ALIGNMENT, "a filler fits the smallest rest of the ring");

static eventure__record *record_at(const eventure__ring *ring, uint64_t position)
{
    return (eventure__record *)(void *)(ring->bytes + position % ring->size);
}

bool eventure__ring_open(eventure__ring *ring, size_t size)
{
    *ring = (eventure__ring){.size = size / EVENTURE__RECORD_ALIGNMENT * EVENTURE__RECORD_ALIGNMENT};
    assert(ring->size > 0);
    ring->bytes = malloc(ring->size);
    if (ring->bytes == NULL)
        return false;
    memset(ring->bytes, 0, ring->size); /* now, not when an event comes to each page for the first time */
    return true;
}

void eventure__ring_close(eventure__ring *ring)
{
    free(ring->bytes);
    ring->bytes = NULL;
}

/* --- The producer --- */

size_t eventure__ring_room_for(const eventure__ring *ring, size_t bytes)
{
    size_t rest = ring->size - (size_t)(ring->filled % ring->size);
    return bytes <= rest ? bytes : rest + bytes;
}

bool eventure__ring_fits(eventure__ring *ring, size_t room)
{
    assert(ring->taken_seen <= ring->filled);
    if (ring->filled - ring->taken_seen + room <= ring->size)
        return true;
    ring->taken_seen = atomic_load(&ring->taken);
    return ring->filled - ring->taken_seen + room <= ring->size;
}

void *eventure__ring_reserve(eventure__ring *ring, int kind, size_t bytes)
{
    size_t room = eventure__ring_room_for(ring, bytes);
    assert(kind != EVENTURE__RECORD_FILLER);
    assert(bytes >= sizeof(eventure__record) && bytes % EVENTURE__RECORD_ALIGNMENT == 0);
    assert(ring->filled + room - atomic_load(&ring->taken) <= ring->size); /* no record is overwritten */
    if (room > bytes)
    {
        eventure__record *filler = record_at(ring, ring->filled);
        *filler = (eventure__record){.bytes = room - bytes, .kind = EVENTURE__RECORD_FILLER};
        ring->filled += filler->bytes;
        assert(ring->filled % ring->size == 0);
    }
    eventure__record *placed = record_at(ring, ring->filled);
    *placed = (eventure__record){.bytes = bytes, .kind = kind};
    ring->filled += bytes;
    return placed;
}

/* Only the producer changes `published`. */
bool eventure__ring_publish(eventure__ring *ring)
{
    if (eventure__ring_unpublished(ring) == 0)
        return false;
    atomic_store(&ring->published, ring->filled);
    return true;
}

bool eventure__ring_may_reuse(const eventure__ring *ring, size_t used)
{
    return ring->filled % ring->size >= used && atomic_load(&ring->taken) == ring->filled;
}

void eventure__ring_reuse(eventure__ring *ring)
{
    assert(atomic_load(&ring->taken) == ring->filled && atomic_load(&ring->published) == ring->filled);
    ring->filled += ring->size - ring->filled % ring->size;
    ring->taken_seen = ring->filled;
    atomic_store(&ring->taken, ring->filled);
    atomic_store(&ring->published, ring->filled);
}

/* --- The consumer --- */

/* Only the consumer changes `taken`, except in eventure__ring_reuse. */
const eventure__record *eventure__ring_peek(const eventure__ring *ring)
{
    uint64_t taken = atomic_load(&ring->taken);
    uint64_t published = atomic_load(&ring->published);
    assert(taken <= published && published - taken <= ring->size);
    return taken != published ? record_at(ring, taken) : NULL;
}

uint64_t eventure__ring_take(eventure__ring *ring)
{
    uint64_t taken = atomic_load(&ring->taken);
    size_t bytes = record_at(ring, taken)->bytes;
    assert(bytes > 0 && bytes % EVENTURE__RECORD_ALIGNMENT == 0);
    assert(taken + bytes <= atomic_load(&ring->published));
    atomic_store(&ring->taken, taken + bytes);
    return taken + bytes;
}

/* --- Both --- */

bool eventure__ring_is_empty(const eventure__ring *ring)
{
    return atomic_load(&ring->taken) == atomic_load(&ring->published);
}

uint64_t eventure__ring_taken(const eventure__ring *ring)
{
    return atomic_load(&ring->taken);
}
