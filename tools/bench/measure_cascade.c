/*
 * Measures reading a cascade of n events: one root, and each other event caused by one of the 200 events before it. The
 * library reads it in the default order. The table made by hand is read by a recursive query over the parents' ids, and
 * the floor (peers.h) by one over their seqs.
 */
#include <stdio.h>

#include <eventure/eventure.h>

#include "database.h"
#include "measures.h"
#include "stopwatch.h"
#include "stores.h"

static void cascade_path(const bench_setting *setting, char out[BENCH_PATH_BYTES])
{
    bench_path(setting, "cascade", "db", out);
}

static void by_hand_path(const bench_setting *setting, char out[BENCH_PATH_BYTES])
{
    bench_path(setting, "cascade-by-hand", "db", out);
}

static void fill_with(const bench_peer *peer, const bench_setting *setting, const char *path)
{
    static bench_tick tick;
    bench_workload workload;
    void *context = peer->open(path, BENCH_SYNC_OFF);
    bench_workload_begin(&workload, setting->events, setting->seed);
    workload.parent_percent = 100;
    for (bench_workload_next(&workload, &tick); tick.count > 0; bench_workload_next(&workload, &tick))
        peer->append_tick(context, &tick);
    peer->close(context);
}

static void fill(const bench_setting *setting, const char *path)
{
    fill_with(&bench_library, setting, path);
}

static void fill_by_hand(const bench_setting *setting, const char *path)
{
    fill_with(&bench_by_hand, setting, path);
}

/* Cascades of more events than the peers run with are not measured. */
static void prepare(const bench_setting *setting, bench_result *result)
{
    char path[BENCH_PATH_BYTES];
    (void)result;
    if (setting->events > BENCH_PEERS_MOST)
        return;
    cascade_path(setting, path);
    bench_make_once(setting, path, fill);
    by_hand_path(setting, path);
    bench_make_once(setting, path, fill_by_hand);
}

/* The id of the first event, which is the root. */
static void read_root(eventure_reader *reader, char out[BENCH_ID_BYTES])
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    filter.limit = 1;
    if (eventure_query(reader, &filter, &cursor) != EVENTURE_OK || eventure_cursor_next(cursor, &event) != EVENTURE_ROW)
        bench_die("%s", eventure_reader_message(reader));
    snprintf(out, BENCH_ID_BYTES, "%s", event.id);
    eventure_cursor_free(cursor);
}

static void read_library(const bench_setting *setting, bench_result *result)
{
    static bench_watch watch;
    char path[BENCH_PATH_BYTES];
    char root[BENCH_ID_BYTES];
    eventure_reader *reader = NULL;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    int64_t rows = 0;
    cascade_path(setting, path);
    if (eventure_reader_open(path, &reader) != EVENTURE_OK)
        bench_die("%s", eventure_reader_message(reader));
    read_root(reader, root);
    bench_watch_start(&watch);
    eventure_status status = eventure_query_cascade(reader, root, EVENTURE_ORDER_DEFAULT, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
    {
        bench_sink += event.seq + event.data[0];
        rows++;
    }
    bench_watch_stop(&watch);
    if (status < 0 || rows != setting->events)
        bench_die("a cascade of %lld events has %lld: %s", (long long)setting->events, (long long)rows,
                  eventure_reader_message(reader));
    bench_watch_report(&watch, rows, result);
    eventure_cursor_free(cursor);
    eventure_reader_close(reader);
}

/* The parameter tells whether to read the table made by hand. Its root is row 1, as in the library's table. */
static void read_raw(const bench_setting *setting, bench_result *result)
{
    static const char by_hand[] = "WITH RECURSIVE cascade (id) AS (SELECT id FROM event WHERE rowid = 1 UNION ALL "
                                  "SELECT child.id FROM cascade JOIN event AS child ON child.parent_id = cascade.id) "
                                  "SELECT " BENCH_HAND_COLUMNS " FROM cascade JOIN event USING (id)";
    static const char floor[] =
        "WITH RECURSIVE cascade (number) AS (SELECT 1 UNION ALL "
        "SELECT child.seq FROM cascade CROSS JOIN events AS child ON child.parent_seq = cascade.number) "
        "SELECT " BENCH_FLOOR_COLUMNS " FROM cascade CROSS JOIN events ON events.seq = cascade.number";
    static bench_watch watch;
    char path[BENCH_PATH_BYTES];
    if (setting->parameter)
        by_hand_path(setting, path);
    else
        cascade_path(setting, path);
    sqlite3 *db = bench_database_open(path, SQLITE_OPEN_READONLY);
    sqlite3_stmt *statement = bench_database_prepare(db, setting->parameter ? by_hand : floor);
    bench_watch_start(&watch);
    int64_t rows = bench_events_read(statement);
    bench_watch_stop(&watch);
    if (rows != setting->events)
        bench_die("a cascade of %lld events has %lld", (long long)setting->events, (long long)rows);
    bench_watch_report(&watch, rows, result);
    bench_database_close(db);
}

static const bench_contestant contestants[] = {
    {"library", read_library, 0, BENCH_PEERS_MOST},
    {"by hand", read_raw, true, BENCH_PEERS_MOST},
    {"floor", read_raw, false, BENCH_PEERS_MOST},
};

const bench_measure bench_cascade = {
    .name = "cascade",
    .title = "a cascade of n events",
    .operation = "event",
    .peer = "by hand",
    .contestants = contestants,
    .contestants_count = 3,
    .prepare = prepare,
    .is_short = true,
};
