/*
 * Measures queries of a store with n events: by id, children, a tick, a type with a limit and without; and queries that
 * read every event: by data, and the count of each type. The table made by hand and the floor (peers.h) are queried for
 * the same events and columns with raw prepared statements.
 *
 * Every query runs twice, and only the second run is timed, so that the page caches are warm.
 */
#include <stdio.h>
#include <stdlib.h>

#include <eventure/eventure.h>

#include "database.h"
#include "measures.h"
#include "stopwatch.h"
#include "stores.h"

#define TYPE_LIMIT 100

typedef enum question_kind
{
    BY_ID,
    CHILDREN,
    AT_TICK,
    OF_TYPE,
    ALL_OF_TYPE,
    BY_DATA,
    COUNT_BY_TYPE,
    KINDS
} question_kind;

/* The number of queries in a run, chosen so that each kind does about the same work. 0: as many as read LOOKED_AT
 * events. */
static const size_t counts[KINDS] = {[BY_ID] = 20000, [CHILDREN] = 20000, [AT_TICK] = 1000, [OF_TYPE] = 1000};
#define LOOKED_AT 200000

/* Whether an operation of the measure is one row of the result (all events of a type), instead of one query. */
static bool counts_rows(question_kind kind)
{
    return kind == ALL_OF_TYPE;
}

static bool counts_store(question_kind kind)
{
    return kind == BY_DATA || kind == COUNT_BY_TYPE;
}

static size_t questions_of(question_kind kind, int64_t events)
{
    int64_t share = counts_store(kind) ? events : events / BENCH_TYPES;
    if (counts[kind] > 0)
        return counts[kind];
    return (size_t)(LOOKED_AT / (share > 0 ? share : 1)) + 1;
}

/* Runs one query on one of the three stores (library, by hand, floor). Returns the number of rows. */
typedef int64_t (*ask_fn)(void *store, question_kind kind, const bench_question *question);

static void measure(const bench_setting *setting, void *store, ask_fn ask, bench_result *result)
{
    static bench_watch watch;
    question_kind kind = (question_kind)setting->parameter;
    size_t count = questions_of(kind, setting->events);
    bench_question *questions = bench_questions_pick(setting, count);
    int64_t rows = 0;
    for (int pass = 0; pass < 2; pass++)
    {
        rows = 0;
        if (pass == 1)
            bench_watch_start(&watch);
        for (size_t i = 0; i < count; i++)
            rows += ask(store, kind, &questions[i]);
    }
    bench_watch_stop(&watch);
    bench_watch_report(&watch,
                       counts_rows(kind)    ? rows
                       : counts_store(kind) ? (int64_t)count * setting->events
                                            : (int64_t)count,
                       result);
    bench_sink += rows;
    free(questions);
}

/* --- The library --- */

static void look_at(const eventure_event *event)
{
    bench_sink += event->seq + event->data[0] + event->id[0] + (event->parent_id != NULL ? event->parent_id[0] : 0);
}

static int64_t find(eventure_reader *reader, const char *id)
{
    eventure_event *found = NULL;
    if (eventure_query_find(reader, id, &found) != EVENTURE_OK)
        bench_die("%s", eventure_reader_message(reader));
    look_at(found);
    eventure_event_free(found);
    return 1;
}

static int hear_count(const char *type, int64_t count, void *context)
{
    bench_sink += type[0] + count;
    ++*(int64_t *)context;
    return 0;
}

static int64_t count_by_type(eventure_reader *reader)
{
    int64_t types = 0;
    if (eventure_query_count_by_type(reader, hear_count, &types) != EVENTURE_OK)
        bench_die("%s", eventure_reader_message(reader));
    return types;
}

static eventure_status begin(eventure_reader *reader, question_kind kind, const bench_question *question,
                             eventure_cursor **out_cursor)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    if (kind == CHILDREN)
        return eventure_query_children(reader, question->id, out_cursor);
    if (kind == AT_TICK)
        return eventure_query_at_tick(reader, question->tick, out_cursor);
    if (kind == BY_DATA)
        return eventure_query_by_data(reader, eventure_string("symbol", question->symbol), out_cursor);
    filter.type = question->type;
    filter.limit = kind == OF_TYPE ? TYPE_LIMIT : 0;
    return eventure_query(reader, &filter, out_cursor);
}

static int64_t ask_library(void *store, question_kind kind, const bench_question *question)
{
    eventure_reader *reader = store;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    int64_t rows = 0;
    if (kind == BY_ID)
        return find(reader, question->id);
    if (kind == COUNT_BY_TYPE)
        return count_by_type(reader);
    eventure_status status = begin(reader, kind, question, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
    {
        look_at(&event);
        rows++;
    }
    if (status < 0)
        bench_die("%s", eventure_reader_message(reader));
    eventure_cursor_free(cursor);
    return rows;
}

static void read_library(const bench_setting *setting, bench_result *result)
{
    char path[BENCH_PATH_BYTES];
    eventure_reader *reader = NULL;
    bench_store_path(setting, path);
    if (eventure_reader_open(path, &reader) != EVENTURE_OK)
        bench_die("%s", eventure_reader_message(reader));
    measure(setting, reader, ask_library, result);
    eventure_reader_close(reader);
}

/* --- Raw statements --- */

/* The clauses after the table. ?1: the id, ?2: the tick, ?3: the type, ?4: the limit, ?5: the value of the data. */
static const char *const conditions[KINDS] = {
    [BY_ID] = "WHERE id = ?1",
    [CHILDREN] = "WHERE parent_id = ?1 ORDER BY rowid",
    [AT_TICK] = "WHERE tick = ?2 ORDER BY rowid",
    [OF_TYPE] = "WHERE type = ?3 ORDER BY rowid LIMIT ?4",
    [ALL_OF_TYPE] = "WHERE type = ?3 ORDER BY rowid",
    [BY_DATA] = "WHERE data ->> 'symbol' = ?5 ORDER BY rowid",
    [COUNT_BY_TYPE] = "GROUP BY type",
};

static void bind(sqlite3_stmt *statement, const bench_question *question)
{
    int parameters = sqlite3_bind_parameter_count(statement);
    if (parameters > 0)
        sqlite3_bind_text(statement, 1, question->id, -1, SQLITE_STATIC);
    if (parameters > 1)
        sqlite3_bind_int64(statement, 2, question->tick);
    if (parameters > 2)
        sqlite3_bind_text(statement, 3, question->type, -1, SQLITE_STATIC);
    if (parameters > 3)
        sqlite3_bind_int(statement, 4, TYPE_LIMIT);
    if (parameters > 4)
        sqlite3_bind_text(statement, 5, question->symbol, -1, SQLITE_STATIC);
}

static int64_t read_counts(sqlite3_stmt *statement)
{
    int64_t rows = 0;
    for (; bench_database_next(statement); rows++)
        bench_sink += sqlite3_column_text(statement, 0)[0] + sqlite3_column_int64(statement, 1);
    return rows;
}

static int64_t ask_raw(void *store, question_kind kind, const bench_question *question)
{
    sqlite3_stmt *statement = store;
    bind(statement, question);
    return kind == COUNT_BY_TYPE ? read_counts(statement) : bench_events_read(statement);
}

static void read_raw(const bench_setting *setting, const char *path, const char *columns, const char *table,
                     bench_result *result)
{
    char sql[512];
    question_kind kind = (question_kind)setting->parameter;
    snprintf(sql, sizeof sql, "SELECT %s FROM %s %s", kind == COUNT_BY_TYPE ? "type, count(*)" : columns, table,
             conditions[kind]);
    sqlite3 *db = bench_database_open(path, SQLITE_OPEN_READONLY);
    measure(setting, bench_database_prepare(db, sql), ask_raw, result);
    bench_database_close(db);
}

static void read_floor(const bench_setting *setting, bench_result *result)
{
    char path[BENCH_PATH_BYTES];
    bench_store_path(setting, path);
    read_raw(setting, path, BENCH_FLOOR_COLUMNS, "events", result);
}

static void read_by_hand(const bench_setting *setting, bench_result *result)
{
    char path[BENCH_PATH_BYTES];
    bench_by_hand_path(setting, path);
    read_raw(setting, path, BENCH_HAND_COLUMNS, "event", result);
}

/* --- The measures --- */

#define CONTESTANTS(kind)                                                                                              \
    {                                                                                                                  \
        {"library", read_library, kind, 0}, {"by hand", read_by_hand, kind, BENCH_PEERS_MOST},                         \
            {"floor", read_floor, kind, 0},                                                                            \
    }

#define MEASURE(variable, its_name, its_title, its_operation, its_contestants)                                         \
    const bench_measure variable = {                                                                                   \
        .name = (its_name),                                                                                            \
        .title = (its_title),                                                                                          \
        .operation = (its_operation),                                                                                  \
        .peer = "by hand",                                                                                             \
        .contestants = (its_contestants),                                                                              \
        .contestants_count = sizeof(its_contestants) / sizeof *(its_contestants),                                      \
        .prepare = bench_prepare_stores,                                                                               \
        .is_short = true,                                                                                              \
    }

static const bench_contestant by_id[] = CONTESTANTS(BY_ID);
static const bench_contestant children[] = CONTESTANTS(CHILDREN);
static const bench_contestant at_tick[] = CONTESTANTS(AT_TICK);
static const bench_contestant of_type[] = CONTESTANTS(OF_TYPE);
static const bench_contestant all_of_type[] = CONTESTANTS(ALL_OF_TYPE);
static const bench_contestant by_data[] = CONTESTANTS(BY_DATA);
static const bench_contestant count_types[] = CONTESTANTS(COUNT_BY_TYPE);

MEASURE(bench_by_id, "by-id", "an event by its id", "question", by_id);
MEASURE(bench_children, "children", "the children of an event", "question", children);
MEASURE(bench_at_tick, "at-tick", "the 100 events of a tick", "question", at_tick);
MEASURE(bench_of_type, "of-type", "the first 100 events of a type", "question", of_type);
MEASURE(bench_all_of_type, "all-of-type", "all events of a type, an event that is answered", "event", all_of_type);
MEASURE(bench_by_data, "by-data", "the events whose data holds a value, an event of the store", "event", by_data);
MEASURE(bench_count_by_type, "count-by-type", "how many events each type has, an event of the store", "event",
        count_types);
