/*
 * Questions to a store of n events: by id, children, a tick, a type with a limit. The floor and the table made by hand
 * answer the same questions with the same columns by raw prepared statements; the floor is told tick, type and ordinal
 * instead of the id that they make up.
 *
 * Every question is asked twice, and the second time counts: the page caches are warm.
 */
#include <stdlib.h>

#include <eventure/eventure.h>

#include "database.h"
#include "measures.h"
#include "stores.h"
#include "watch.h"

#define TYPE_LIMIT 100

typedef enum question_kind
{
    BY_ID,
    CHILDREN,
    AT_TICK,
    OF_TYPE,
    KINDS
} question_kind;

/* Questions in a run: about as much work for each kind. */
static const size_t counts[KINDS] = {[BY_ID] = 20000, [CHILDREN] = 20000, [AT_TICK] = 1000, [OF_TYPE] = 1000};

/* --- The library --- */

static void look_at(const eventure_event *event)
{
    bench_sink += event->seq + event->data[0] + event->id[0] + (event->parent_id != NULL ? event->parent_id[0] : 0);
}

static int64_t ask_library(eventure_reader *reader, question_kind kind, const bench_question *question)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event *found = NULL;
    eventure_event event;
    eventure_status status = EVENTURE_OK;
    int64_t rows = 0;
    if (kind == BY_ID)
    {
        status = eventure_find(reader, question->id, &found);
        if (status != EVENTURE_OK)
            bench_die("%s", eventure_reader_message(reader));
        look_at(found);
        eventure_event_free(found);
        return 1;
    }
    if (kind == CHILDREN)
        status = eventure_children(reader, question->id, &cursor);
    else if (kind == AT_TICK)
        status = eventure_at_tick(reader, question->tick, &cursor);
    else
    {
        filter.type = question->type_name;
        filter.limit = TYPE_LIMIT;
        status = eventure_query(reader, &filter, &cursor);
    }
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
    static bench_watch watch;
    char path[BENCH_PATH_BYTES];
    question_kind kind = (question_kind)setting->parameter;
    bench_question *questions = bench_questions_pick(setting, counts[kind]);
    eventure_reader *reader = NULL;
    bench_store_path(setting, path);
    if (eventure_reader_open(path, &reader) != EVENTURE_OK)
        bench_die("%s", eventure_reader_message(reader));
    for (size_t i = 0; i < counts[kind]; i++)
        bench_sink += ask_library(reader, kind, &questions[i]);
    bench_watch_start(&watch);
    for (size_t i = 0; i < counts[kind]; i++)
        bench_sink += ask_library(reader, kind, &questions[i]);
    bench_watch_stop(&watch);
    bench_watch_report(&watch, (int64_t)counts[kind], result);
    eventure_reader_close(reader);
    free(questions);
}

/* --- Raw statements --- */

#define FLOOR_COLUMNS                                                                                                  \
    "SELECT event.seq, event.tick, event.timestamp, event.type, event.ordinal, event.data, event.parent, "             \
    "parent.tick, parent.type, parent.ordinal "
#define FLOOR_PARENT " LEFT JOIN event AS parent ON parent.seq = event.parent"

static const char *const floor_statements[KINDS] = {
    [BY_ID] = FLOOR_COLUMNS "FROM event" FLOOR_PARENT " WHERE event.block = ?1 / 8 AND event.tick = ?1 "
                            "AND event.type = ?2 AND event.ordinal = ?3",
    [CHILDREN] = FLOOR_COLUMNS "FROM event AS cause JOIN event ON event.parent = cause.seq" FLOOR_PARENT
                               " WHERE cause.block = ?1 / 8 AND cause.tick = ?1 AND cause.type = ?2 "
                               "AND cause.ordinal = ?3 ORDER BY event.seq",
    [AT_TICK] =
        FLOOR_COLUMNS "FROM tick CROSS JOIN event ON event.seq BETWEEN tick.first_seq AND tick.last_seq" FLOOR_PARENT
                      " WHERE tick.tick = ?1 ORDER BY event.seq",
    [OF_TYPE] = FLOOR_COLUMNS
    "FROM type_block CROSS JOIN event ON event.block = type_block.block AND event.type = type_block.type" FLOOR_PARENT
    " WHERE type_block.type = ?2 ORDER BY type_block.block, event.tick, event.ordinal LIMIT ?4",
};

static const char *const by_hand_statements[KINDS] = {
    [BY_ID] = "SELECT id, tick, timestamp, type, data, parent_id FROM event WHERE id = ?1",
    [CHILDREN] = "SELECT id, tick, timestamp, type, data, parent_id FROM event WHERE parent_id = ?1 ORDER BY rowid",
    [AT_TICK] = "SELECT id, tick, timestamp, type, data, parent_id FROM event WHERE tick = ?2 ORDER BY rowid",
    [OF_TYPE] = "SELECT id, tick, timestamp, type, data, parent_id FROM event WHERE type = ?3 ORDER BY rowid LIMIT ?4",
};

static void bind_floor(sqlite3_stmt *statement, const bench_question *question)
{
    int parameters = sqlite3_bind_parameter_count(statement);
    const sqlite3_int64 values[] = {question->tick, question->type, question->ordinal, TYPE_LIMIT};
    for (int i = 0; i < parameters; i++)
        sqlite3_bind_int64(statement, i + 1, values[i]);
}

static void bind_by_hand(sqlite3_stmt *statement, const bench_question *question)
{
    int parameters = sqlite3_bind_parameter_count(statement);
    sqlite3_bind_text(statement, 1, question->id, -1, SQLITE_STATIC);
    if (parameters > 1)
        sqlite3_bind_int64(statement, 2, question->tick);
    if (parameters > 2)
        sqlite3_bind_text(statement, 3, question->type_name, -1, SQLITE_STATIC);
    if (parameters > 3)
        sqlite3_bind_int(statement, 4, TYPE_LIMIT);
}

/* Looks at every column, as whoever makes an event of it must. */
static int64_t read_rows(sqlite3_stmt *statement)
{
    int64_t rows = 0;
    int columns = sqlite3_column_count(statement);
    while (bench_database_next(statement))
    {
        for (int i = 0; i < columns; i++)
        {
            if (sqlite3_column_type(statement, i) == SQLITE_TEXT)
                bench_sink += sqlite3_column_text(statement, i)[0];
            else
                bench_sink += sqlite3_column_int64(statement, i);
        }
        rows++;
    }
    return rows;
}

static void read_raw(const bench_setting *setting, bench_result *result, bool by_hand)
{
    static bench_watch watch;
    char path[BENCH_PATH_BYTES];
    question_kind kind = (question_kind)setting->parameter;
    bench_question *questions = bench_questions_pick(setting, counts[kind]);
    if (by_hand)
        bench_by_hand_path(setting, path);
    else
        bench_store_path(setting, path);
    sqlite3 *db = bench_database_open(path, SQLITE_OPEN_READONLY);
    sqlite3_stmt *statement = bench_database_prepare(db, by_hand ? by_hand_statements[kind] : floor_statements[kind]);
    for (int pass = 0; pass < 2; pass++)
    {
        if (pass == 1)
            bench_watch_start(&watch);
        for (size_t i = 0; i < counts[kind]; i++)
        {
            if (by_hand)
                bind_by_hand(statement, &questions[i]);
            else
                bind_floor(statement, &questions[i]);
            bench_sink += read_rows(statement);
        }
    }
    bench_watch_stop(&watch);
    bench_watch_report(&watch, (int64_t)counts[kind], result);
    bench_database_close(db);
    free(questions);
}

static void read_floor(const bench_setting *setting, bench_result *result)
{
    read_raw(setting, result, false);
}

static void read_by_hand(const bench_setting *setting, bench_result *result)
{
    read_raw(setting, result, true);
}

#define CONTESTANTS(kind)                                                                                              \
    {                                                                                                                  \
        {"library", read_library, kind, 0}, {"floor", read_floor, kind, 0},                                            \
            {"by hand", read_by_hand, kind, BENCH_PEERS_MOST},                                                         \
    }

static const bench_contestant by_id[] = CONTESTANTS(BY_ID);
static const bench_contestant children[] = CONTESTANTS(CHILDREN);
static const bench_contestant at_tick[] = CONTESTANTS(AT_TICK);
static const bench_contestant of_type[] = CONTESTANTS(OF_TYPE);

const bench_measure bench_by_id = {
    .name = "by-id",
    .title = "an event by its id",
    .operation = "question",
    .contestants = by_id,
    .contestants_count = 3,
    .prepare = bench_prepare_stores,
    .is_short = true,
};
const bench_measure bench_children = {
    .name = "children",
    .title = "the children of an event",
    .operation = "question",
    .contestants = children,
    .contestants_count = 3,
    .prepare = bench_prepare_stores,
    .is_short = true,
};
const bench_measure bench_at_tick = {
    .name = "at-tick",
    .title = "the 100 events of a tick",
    .operation = "question",
    .contestants = at_tick,
    .contestants_count = 3,
    .prepare = bench_prepare_stores,
    .is_short = true,
};
const bench_measure bench_of_type = {
    .name = "of-type",
    .title = "the first 100 events of a type",
    .operation = "question",
    .contestants = of_type,
    .contestants_count = 3,
    .prepare = bench_prepare_stores,
    .is_short = true,
};
