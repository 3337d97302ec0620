/*
 * The floor: the least that writing the library's file can cost. Opens an empty store that the library made, and then
 * uses raw prepared inserts. It writes the same rows as the library, in the same order, with digests of zeros.
 */
#include <stdlib.h>
#include <string.h>

#include <eventure/log.h>

#include "database.h"
#include "peers.h"

typedef struct floor_peer
{
    sqlite3 *db;
    sqlite3_stmt *begin;
    sqlite3_stmt *insert_event;
    sqlite3_stmt *insert_tick;
    sqlite3_stmt *commit;
    bench_ids ids;
} floor_peer;

static void make_store(const char *path)
{
    eventure_log *log = NULL;
    if (eventure_log_open(path, NULL, &log) != EVENTURE_OK)
        bench_die("%s", eventure_log_message(log));
    if (eventure_log_close(log) != EVENTURE_OK)
        bench_die("closing the log failed");
}

static void *floor_open(const char *path, bench_sync sync)
{
    floor_peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL)
        bench_die("out of memory");
    make_store(path);
    peer->db = bench_database_open(path, SQLITE_OPEN_READWRITE);
    sqlite3_db_config(peer->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    bench_database_run(peer->db, BENCH_WRITER_PRAGMAS);
    bench_database_sync(peer->db, sync);
    bench_ids_begin(&peer->ids);
    peer->begin = bench_database_prepare(peer->db, "BEGIN IMMEDIATE");
    peer->insert_event = bench_database_prepare(
        peer->db, "INSERT OR ROLLBACK INTO events (seq, id, tick, timestamp, type, parent_seq, parent_id, data) "
                  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    peer->insert_tick = bench_database_prepare(
        peer->db, "INSERT INTO tick (tick, first_seq, last_seq, sealed, run_digest, full_digest) "
                  "VALUES (?1, ?2, ?3, 1, zeroblob(32), zeroblob(32))");
    peer->commit = bench_database_prepare(peer->db, "COMMIT");
    return peer;
}

static void bind_parent(floor_peer *peer, const bench_event *event)
{
    sqlite3_stmt *insert = peer->insert_event;
    if (event->parent != 0)
    {
        sqlite3_bind_int64(insert, 6, event->parent);
        sqlite3_bind_text(insert, 7, peer->ids.ring[event->parent % BENCH_RING], -1, SQLITE_STATIC);
        return;
    }
    sqlite3_bind_null(insert, 6);
    sqlite3_bind_null(insert, 7);
}

static void insert_event(floor_peer *peer, const bench_event *event, int64_t tick)
{
    sqlite3_stmt *insert = peer->insert_event;
    const char *id = bench_ids_format(&peer->ids, event, tick, bench_ids_ordinal(&peer->ids, event->type));
    sqlite3_bind_int64(insert, 1, event->seq);
    sqlite3_bind_text(insert, 2, id, -1, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 3, tick);
    sqlite3_bind_double(insert, 4, bench_now());
    sqlite3_bind_text(insert, 5, bench_type_names[event->type], -1, SQLITE_STATIC);
    bind_parent(peer, event);
    sqlite3_bind_text(insert, 8, event->data, (int)event->data_len, SQLITE_STATIC);
    bench_database_do(insert);
}

static void floor_append_tick(void *context, const bench_tick *tick)
{
    floor_peer *peer = context;
    bench_database_do(peer->begin);
    bench_ids_next_tick(&peer->ids);
    for (size_t i = 0; i < tick->count; i++)
        insert_event(peer, &tick->events[i], tick->tick);
    sqlite3_bind_int64(peer->insert_tick, 1, tick->tick);
    sqlite3_bind_int64(peer->insert_tick, 2, tick->events[0].seq);
    sqlite3_bind_int64(peer->insert_tick, 3, tick->events[tick->count - 1].seq);
    bench_database_do(peer->insert_tick);
    bench_database_do(peer->commit);
}

static void floor_close(void *context)
{
    floor_peer *peer = context;
    bench_database_close(peer->db);
    free(peer);
}

const bench_peer bench_floor = {"floor", floor_open, floor_append_tick, floor_close};
