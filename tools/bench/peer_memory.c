/*
 * A growing array of events in memory, which is never written to a file.
 */
#include <stdlib.h>
#include <string.h>

#include "peers.h"

typedef struct kept_event
{
    int64_t tick;
    double timestamp;
    int64_t parent;
    int64_t ordinal;
    size_t type;
    char *data;
} kept_event;

typedef struct memory
{
    kept_event *events;
    size_t count;
    size_t capacity;
    bench_ids ids; /* for the ordinals */
} memory;

static void *memory_open(const char *path, bench_sync sync)
{
    memory *peer = calloc(1, sizeof *peer);
    (void)path;
    (void)sync;
    if (peer == NULL)
        bench_die("out of memory");
    bench_ids_begin(&peer->ids);
    return peer;
}

static void keep(memory *peer, const bench_event *event, int64_t tick)
{
    if (peer->count == peer->capacity)
    {
        peer->capacity = peer->capacity == 0 ? 1024 : peer->capacity * 2;
        peer->events = realloc(peer->events, peer->capacity * sizeof *peer->events);
    }
    char *data = malloc(event->data_len + 1);
    if (peer->events == NULL || data == NULL)
        bench_die("out of memory");
    memcpy(data, event->data, event->data_len + 1);
    peer->events[peer->count++] = (kept_event){.tick = tick,
                                               .timestamp = bench_now(),
                                               .parent = event->parent,
                                               .ordinal = bench_ids_ordinal(&peer->ids, event->type),
                                               .type = event->type,
                                               .data = data};
}

static void memory_append_tick(void *context, const bench_tick *tick)
{
    memory *peer = context;
    bench_ids_next_tick(&peer->ids);
    for (size_t i = 0; i < tick->count; i++)
        keep(peer, &tick->events[i], tick->tick);
}

static void memory_close(void *context)
{
    memory *peer = context;
    for (size_t i = 0; i < peer->count; i++)
        free(peer->events[i].data);
    free(peer->events);
    free(peer);
}

const bench_peer bench_memory = {"in memory", memory_open, memory_append_tick, memory_close};
