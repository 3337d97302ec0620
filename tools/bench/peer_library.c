/*
 * The library, used as a program would: appends events, whose parents are events that earlier calls returned, and
 * advances the tick.
 */
#include <stdlib.h>
#include <string.h>

#include <eventure/eventure.h>

#include "peers.h"

typedef struct library
{
    eventure_log *log;
    char ids[BENCH_RING][BENCH_ID_BYTES]; /* the ids of recent events, for parents */
} library;

static void *open_with(const char *path, bench_sync sync, bool background)
{
    library *peer = calloc(1, sizeof *peer);
    if (peer == NULL)
        bench_die("out of memory");
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.sync = sync == BENCH_SYNC_FULL     ? EVENTURE_SYNC_FULL
                   : sync == BENCH_SYNC_NORMAL ? EVENTURE_SYNC_NORMAL
                                               : EVENTURE_SYNC_OFF;
    options.background = background;
    if (eventure_log_open(path, &options, &peer->log) != EVENTURE_OK)
        bench_die("%s", eventure_log_message(peer->log));
    return peer;
}

static void *library_open(const char *path, bench_sync sync)
{
    return open_with(path, sync, false);
}

static void *background_open(const char *path, bench_sync sync)
{
    return open_with(path, sync, true);
}

static void library_append_tick(void *context, const bench_tick *tick)
{
    library *peer = context;
    for (size_t i = 0; i < tick->count; i++)
    {
        const bench_event *given = &tick->events[i];
        eventure_event parent = {.seq = given->parent, .id = peer->ids[given->parent % BENCH_RING]};
        eventure_event event;
        if (eventure_log_append(peer->log, bench_type_names[given->type], eventure_json_n(given->data, given->data_len),
                                given->parent != 0 ? &parent : NULL, &event) != EVENTURE_OK)
            bench_die("%s", eventure_log_message(peer->log));
        memcpy(peer->ids[event.seq % BENCH_RING], event.id, strlen(event.id) + 1);
    }
    if (eventure_log_advance_tick(peer->log) != EVENTURE_OK)
        bench_die("%s", eventure_log_message(peer->log));
}

static void library_close(void *context)
{
    library *peer = context;
    if (eventure_log_close(peer->log) != EVENTURE_OK)
        bench_die("closing the log failed");
    free(peer);
}

const bench_peer bench_library = {"library", library_open, library_append_tick, library_close};
const bench_peer bench_background = {"background", background_open, library_append_tick, library_close};
