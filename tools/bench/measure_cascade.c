/*
 * A cascade of k = n events: one root, and each event caused by one of the 200 before it. Read in the default order,
 * against the bare recursive query with the columns of an event.
 */
#include <eventure/eventure.h>

#include "database.h"
#include "measures.h"
#include "stores.h"
#include "watch.h"

/* Longer ones are not asked for: the goal ends here. */

static void cascade_path(const bench_setting *setting, char out[BENCH_PATH_BYTES])
{
    bench_path(setting, "cascade", "db", out);
}

static void fill(const bench_setting *setting, const char *path)
{
    static bench_tick tick;
    bench_workload workload;
    void *context = bench_library.open(path, BENCH_SYNC_OFF);
    bench_workload_begin(&workload, setting->events, setting->seed);
    workload.parent_percent = 100;
    for (bench_workload_next(&workload, &tick); tick.count > 0; bench_workload_next(&workload, &tick))
        bench_library.append_tick(context, &tick);
    bench_library.close(context);
}

static void prepare(const bench_setting *setting, bench_result *result)
{
    char path[BENCH_PATH_BYTES];
    (void)result;
    cascade_path(setting, path);
    if (setting->events <= BENCH_PEERS_MOST)
        bench_make_once(setting, path, fill);
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
    for (size_t i = 0; i < BENCH_ID_BYTES && (out[i] = event.id[i]) != '\0'; i++)
        ;
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
    eventure_status status = eventure_cascade(reader, root, EVENTURE_ORDER_DEFAULT, &cursor);
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

#define QUERY                                                                                                          \
    "WITH RECURSIVE cascade (seq) AS (SELECT 1 UNION ALL "                                                             \
    "SELECT child.seq FROM cascade CROSS JOIN event AS child ON child.parent = cascade.seq) "                          \
    "SELECT event.seq, event.tick, event.timestamp, event.type, event.ordinal, event.data, event.parent, "             \
    "parent.tick, parent.type, parent.ordinal FROM cascade CROSS JOIN event ON event.seq = cascade.seq "               \
    "LEFT JOIN event AS parent ON parent.seq = event.parent"

static void read_floor(const bench_setting *setting, bench_result *result)
{
    static bench_watch watch;
    char path[BENCH_PATH_BYTES];
    int64_t rows = 0;
    cascade_path(setting, path);
    sqlite3 *db = bench_database_open(path, SQLITE_OPEN_READONLY);
    sqlite3_stmt *statement = bench_database_prepare(db, QUERY);
    bench_watch_start(&watch);
    while (bench_database_next(statement))
    {
        bench_sink += sqlite3_column_int64(statement, 0) + sqlite3_column_text(statement, 5)[0];
        rows++;
    }
    bench_watch_stop(&watch);
    if (rows != setting->events)
        bench_die("a cascade of %lld events has %lld", (long long)setting->events, (long long)rows);
    bench_watch_report(&watch, rows, result);
    bench_database_close(db);
}

static const bench_contestant contestants[] = {
    {"library", read_library, 0, BENCH_PEERS_MOST},
    {"bare recursive query", read_floor, 0, BENCH_PEERS_MOST},
};

const bench_measure bench_cascade = {
    .name = "cascade",
    .title = "a cascade of n events",
    .operation = "event",
    .contestants = contestants,
    .contestants_count = 2,
    .prepare = prepare,
};
