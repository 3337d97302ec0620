/*
 * The peers that are written by hand. The first is what a user would write: one table whose key is the text id, three
 * indexes, prepared statements, one transaction per tick. Another does the same work as the library: a table with the
 * columns and the indexes of `events`.
 */
#include <stdlib.h>

#include "database.h"
#include "peers.h"

#define SCHEMA                                                                                                         \
    "CREATE TABLE event (id TEXT PRIMARY KEY, tick INTEGER NOT NULL, timestamp REAL NOT NULL, type TEXT NOT NULL, "    \
    "data TEXT NOT NULL, parent_id TEXT);"                                                                             \
    "CREATE INDEX event_tick ON event (tick);"                                                                         \
    "CREATE INDEX event_type ON event (type);"                                                                         \
    "CREATE INDEX event_parent ON event (parent_id);"

/* The columns and the indexes of the library's table. */
#define SAME_SCHEMA                                                                                                    \
    "CREATE TABLE event (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, tick INTEGER NOT NULL, timestamp REAL NOT NULL, "  \
    "type TEXT NOT NULL, parent_seq INTEGER, parent_id TEXT, data TEXT NOT NULL);"                                     \
    "CREATE UNIQUE INDEX event_id ON event (id);"                                                                      \
    "CREATE INDEX event_tick ON event (tick);"                                                                         \
    "CREATE INDEX event_type ON event (type);"                                                                         \
    "CREATE INDEX event_parent_seq ON event (parent_seq);"                                                             \
    "CREATE INDEX event_parent_id ON event (parent_id);"

#define INSERT "INSERT INTO event (id, tick, timestamp, type, data, parent_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
#define SAME_INSERT                                                                                                    \
    "INSERT INTO event (id, tick, timestamp, type, data, parent_id, seq, parent_seq) "                                 \
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"

typedef struct by_hand
{
    sqlite3 *db;
    sqlite3_stmt *begin;
    sqlite3_stmt *insert;
    sqlite3_stmt *commit;
    bool has_seqs; /* seq and parent_seq are columns */
    bench_ids ids;
} by_hand;

static by_hand *open_with(const char *path, bench_sync sync, const char *schema, const char *insert)
{
    by_hand *peer = calloc(1, sizeof *peer);
    if (peer == NULL)
        bench_die("out of memory");
    peer->db = bench_database_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    bench_database_run(peer->db, "PRAGMA journal_mode = WAL");
    bench_database_sync(peer->db, sync);
    bench_database_run(peer->db, schema);
    peer->begin = bench_database_prepare(peer->db, "BEGIN");
    peer->insert = bench_database_prepare(peer->db, insert);
    peer->has_seqs = sqlite3_bind_parameter_count(peer->insert) > 6;
    peer->commit = bench_database_prepare(peer->db, "COMMIT");
    bench_ids_begin(&peer->ids);
    return peer;
}

static void *by_hand_open(const char *path, bench_sync sync)
{
    return open_with(path, sync, SCHEMA, INSERT);
}

static void *by_hand_tuned_open(const char *path, bench_sync sync)
{
    by_hand *peer = open_with(path, sync, SCHEMA, INSERT);
    bench_database_run(peer->db, BENCH_WRITER_PRAGMAS);
    return peer;
}

static void *by_hand_same_open(const char *path, bench_sync sync)
{
    return open_with(path, sync, SAME_SCHEMA, SAME_INSERT);
}

static void bind_seqs(sqlite3_stmt *insert, const bench_event *event)
{
    sqlite3_bind_int64(insert, 7, event->seq);
    if (event->parent != 0)
        sqlite3_bind_int64(insert, 8, event->parent);
    else
        sqlite3_bind_null(insert, 8);
}

static void by_hand_append_tick(void *context, const bench_tick *tick)
{
    by_hand *peer = context;
    sqlite3_stmt *insert = peer->insert;
    bench_database_do(peer->begin);
    bench_ids_next_tick(&peer->ids);
    for (size_t i = 0; i < tick->count; i++)
    {
        const bench_event *event = &tick->events[i];
        const char *id = bench_ids_format(&peer->ids, event, tick->tick, bench_ids_ordinal(&peer->ids, event->type));
        sqlite3_bind_text(insert, 1, id, -1, SQLITE_STATIC);
        sqlite3_bind_int64(insert, 2, tick->tick);
        sqlite3_bind_double(insert, 3, bench_now());
        sqlite3_bind_text(insert, 4, bench_type_names[event->type], -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 5, event->data, (int)event->data_len, SQLITE_STATIC);
        if (event->parent != 0)
            sqlite3_bind_text(insert, 6, peer->ids.ring[event->parent % BENCH_RING], -1, SQLITE_STATIC);
        else
            sqlite3_bind_null(insert, 6);
        if (peer->has_seqs)
            bind_seqs(insert, event);
        bench_database_do(insert);
    }
    bench_database_do(peer->commit);
}

static void by_hand_close(void *context)
{
    by_hand *peer = context;
    bench_database_close(peer->db);
    free(peer);
}

const bench_peer bench_by_hand = {"by hand", by_hand_open, by_hand_append_tick, by_hand_close};
const bench_peer bench_by_hand_tuned = {"by hand, tuned", by_hand_tuned_open, by_hand_append_tick, by_hand_close};
const bench_peer bench_by_hand_same = {"by hand, same indexes", by_hand_same_open, by_hand_append_tick, by_hand_close};
