/*
 * The library's own file with nothing around it: an empty store that the library made, then raw prepared inserts. It
 * writes what the library writes, in the same order, with digests of zeros.
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
    sqlite3_stmt *insert_type_block;
    sqlite3_stmt *add_to_type_count;
    sqlite3_stmt *insert_tick;
    sqlite3_stmt *commit;
    bench_ids ids;               /* for the ordinals */
    int64_t blocks[BENCH_TYPES]; /* the last one of each type */
} floor_peer;

static void insert_types(floor_peer *peer)
{
    sqlite3_stmt *insert = bench_database_prepare(peer->db, "INSERT INTO type (id, name, hash) VALUES (?, ?, ?)");
    for (size_t i = 0; i < BENCH_TYPES; i++)
    {
        sqlite3_bind_int64(insert, 1, (sqlite3_int64)i + 1);
        sqlite3_bind_text(insert, 2, bench_type_names[i], -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 3, peer->ids.hashes[i], -1, SQLITE_STATIC);
        bench_database_do(insert);
    }
}

static void *floor_open(const char *path, bench_sync sync)
{
    floor_peer *peer = calloc(1, sizeof *peer);
    eventure_log *log = NULL;
    if (peer == NULL)
        bench_die("out of memory");
    if (eventure_log_open(path, NULL, &log) != EVENTURE_OK)
        bench_die("%s", eventure_log_message(log));
    if (eventure_log_close(log) != EVENTURE_OK)
        bench_die("closing the log failed");
    peer->db = bench_database_open(path, SQLITE_OPEN_READWRITE);
    sqlite3_db_config(peer->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    bench_database_run(peer->db, BENCH_WRITER_PRAGMAS);
    bench_database_sync(peer->db, sync);
    bench_ids_begin(&peer->ids);
    insert_types(peer);
    peer->begin = bench_database_prepare(peer->db, "BEGIN IMMEDIATE");
    peer->insert_event = bench_database_prepare(
        peer->db,
        "INSERT INTO event (seq, tick, type, ordinal, parent, timestamp, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    peer->insert_type_block = bench_database_prepare(peer->db, "INSERT INTO type_block (type, block) VALUES (?1, ?2)");
    peer->add_to_type_count =
        bench_database_prepare(peer->db, "INSERT INTO type_count (type, count) VALUES (?1, ?2) "
                                         "ON CONFLICT (type) DO UPDATE SET count = count + excluded.count");
    for (size_t i = 0; i < BENCH_TYPES; i++)
        peer->blocks[i] = -1;
    peer->insert_tick = bench_database_prepare(
        peer->db, "INSERT INTO tick (tick, first_seq, last_seq, sealed, run_digest, full_digest) "
                  "VALUES (?1, ?2, ?3, 1, zeroblob(32), zeroblob(32))");
    peer->commit = bench_database_prepare(peer->db, "COMMIT");
    return peer;
}

static void insert_event(floor_peer *peer, const bench_event *event, int64_t tick)
{
    sqlite3_stmt *insert = peer->insert_event;
    sqlite3_bind_int64(insert, 1, event->seq);
    sqlite3_bind_int64(insert, 2, tick);
    sqlite3_bind_int64(insert, 3, (sqlite3_int64)event->type + 1);
    sqlite3_bind_int64(insert, 4, bench_ids_ordinal(&peer->ids, event->type));
    if (event->parent != 0)
        sqlite3_bind_int64(insert, 5, event->parent);
    else
        sqlite3_bind_null(insert, 5);
    sqlite3_bind_double(insert, 6, bench_now());
    sqlite3_bind_text(insert, 7, event->data, (int)event->data_len, SQLITE_STATIC);
    bench_database_do(insert);
}

static void count_type(floor_peer *peer, size_t type, int64_t block, int64_t count)
{
    if (peer->blocks[type] != block)
    {
        sqlite3_bind_int64(peer->insert_type_block, 1, (sqlite3_int64)type + 1);
        sqlite3_bind_int64(peer->insert_type_block, 2, block);
        bench_database_do(peer->insert_type_block);
        peer->blocks[type] = block;
    }
    sqlite3_bind_int64(peer->add_to_type_count, 1, (sqlite3_int64)type + 1);
    sqlite3_bind_int64(peer->add_to_type_count, 2, count);
    bench_database_do(peer->add_to_type_count);
}

static void floor_append_tick(void *context, const bench_tick *tick)
{
    floor_peer *peer = context;
    int64_t counts[BENCH_TYPES] = {0};
    bench_database_do(peer->begin);
    bench_ids_next_tick(&peer->ids);
    for (size_t i = 0; i < tick->count; i++)
    {
        insert_event(peer, &tick->events[i], tick->tick);
        counts[tick->events[i].type]++;
    }
    for (size_t i = 0; i < BENCH_TYPES; i++)
        if (counts[i] > 0)
            count_type(peer, i, tick->tick / 8, counts[i]);
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
