/*
 * Measures opening a store with n events and an empty store: opening must not scan the events. Also measures opening a
 * history, querying one event and closing it, with a reader and by hand (open, prepare, one step).
 */
#include <stdlib.h>

#include <eventure/eventure.h>

#include "database.h"
#include "measures.h"
#include "stopwatch.h"
#include "stores.h"

#define OPENS 200

enum
{
    EMPTY = 1,
    FOR_WRITING = 2
};

static void open_once(const char *path, bool for_writing)
{
    eventure_log *log = NULL;
    eventure_reader *reader = NULL;
    if (for_writing && eventure_log_open(path, NULL, &log) != EVENTURE_OK)
        bench_die("%s", eventure_log_message(log));
    if (!for_writing && eventure_reader_open(path, &reader) != EVENTURE_OK)
        bench_die("%s", eventure_reader_message(reader));
    if (eventure_log_close(log) != EVENTURE_OK)
        bench_die("closing the log failed");
    eventure_reader_close(reader);
}

static void fill_nothing(const bench_setting *setting, const char *path)
{
    bench_setting none = *setting;
    none.events = 0;
    bench_fill(&bench_library, &none, path, BENCH_SYNC_FULL);
}

static void prepare(const bench_setting *setting, bench_result *result)
{
    char path[BENCH_PATH_BYTES];
    bench_prepare_stores(setting, result);
    bench_path(setting, "empty", "db", path);
    bench_make_once(setting, path, fill_nothing);
}

static void run(const bench_setting *setting, bench_result *result)
{
    static bench_watch watch;
    char path[BENCH_PATH_BYTES];
    bool for_writing = (setting->parameter & FOR_WRITING) != 0;
    if ((setting->parameter & EMPTY) != 0)
        bench_path(setting, "empty", "db", path);
    else
        bench_store_path(setting, path);
    open_once(path, for_writing);
    for (int i = 0; i < OPENS; i++)
    {
        bench_watch_start(&watch);
        open_once(path, for_writing);
        bench_watch_stop(&watch);
    }
    bench_watch_report(&watch, OPENS, result);
}

/* --- With a question --- */

static void ask_library(const char *path, const char *id)
{
    eventure_reader *reader = NULL;
    eventure_event *event = NULL;
    if (eventure_reader_open(path, &reader) != EVENTURE_OK || eventure_query_find(reader, id, &event) != EVENTURE_OK)
        bench_die("%s", eventure_reader_message(reader));
    bench_sink += event->data[0];
    eventure_event_free(event);
    eventure_reader_close(reader);
}

static void ask_by_hand(const char *path, const char *id)
{
    sqlite3 *db = bench_database_open(path, SQLITE_OPEN_READONLY);
    sqlite3_stmt *statement = bench_database_prepare(db, "SELECT " BENCH_HAND_COLUMNS " FROM event WHERE id = ?1");
    sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    if (bench_events_read(statement) != 1)
        bench_die("%s has no event %s", path, id);
    bench_database_close(db);
}

/* The parameter tells whether to use SQLite by hand. */
static void run_and_ask(const bench_setting *setting, bench_result *result)
{
    static bench_watch watch;
    char path[BENCH_PATH_BYTES];
    bench_question *questions = bench_questions_pick(setting, OPENS);
    void (*ask)(const char *path, const char *id) = setting->parameter ? ask_by_hand : ask_library;
    if (setting->parameter)
        bench_by_hand_path(setting, path);
    else
        bench_store_path(setting, path);
    ask(path, questions[0].id);
    for (int i = 0; i < OPENS; i++)
    {
        bench_watch_start(&watch);
        ask(path, questions[i].id);
        bench_watch_stop(&watch);
    }
    bench_watch_report(&watch, OPENS, result);
    free(questions);
}

static const bench_contestant contestants[] = {
    {"log, n events", run, FOR_WRITING, 0},
    {"log, empty", run, FOR_WRITING | EMPTY, 0},
    {"reader, n events", run, 0, 0},
    {"reader, empty", run, EMPTY, 0},
    {"reader, a question", run_and_ask, false, 0},
    {"by hand, a question", run_and_ask, true, BENCH_PEERS_MOST},
};

const bench_measure bench_open = {
    .name = "open",
    .title = "opening and closing a store",
    .operation = "time",
    .contestants = contestants,
    .contestants_count = sizeof contestants / sizeof *contestants,
    .prepare = prepare,
    .is_short = true,
};
