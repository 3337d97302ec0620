/*
 * The cost of the table-valued functions: the plans of their statements, and the number of SQLite's steps when the same
 * query runs on a store that is a hundred times as large.
 */
#include "host_world.h"

#include <eventure/extension.h>

#include "embedded_sql.h"

TEST_TIMEOUT(600);

#ifndef LARGE_EVENTS
#define LARGE_EVENTS 1000000
#endif
#define SMALL_EVENTS 10000
#define TICK_EVENTS 100
#define CASCADE_EVENTS 100
/* Larger than the distance between an event and its cause. */
#define RING 128
#define LIKE_SMALL "small.db"
#define LIKE_LARGE "large.db"

/* --- Plans --- */

/* A statement, a text that its plan must contain, and the tables that it may scan completely ("" for none). */
typedef struct plan
{
    const eventure__sql *sql;
    const char *uses[3];
    const char *scans;
} plan;

static const plan plans[] = {
    {&eventure__function_event_cascade,
     {"SEARCH child USING COVERING INDEX events_parent_seq (parent_seq=? AND rowid>?)",
      "SEARCH main.events USING INTEGER PRIMARY KEY (rowid=?)",
      "SEARCH child USING COVERING INDEX archived_events_parent_seq (parent_seq=? AND rowid>?)"},
     ""},
    {&eventure__function_event_cascade_depth_first,
     {"SEARCH child USING COVERING INDEX events_parent_seq (parent_seq=? AND rowid>?)",
      "SEARCH main.events USING INTEGER PRIMARY KEY (rowid=?)"},
     ""},
    {&eventure__function_event_cascade_as_appended,
     {"SEARCH child USING COVERING INDEX events_parent_seq (parent_seq=? AND rowid>?)",
      "SEARCH main.events USING INTEGER PRIMARY KEY (rowid=?)"},
     ""},
    {&eventure__function_event_cascade_by_id,
     {"SEARCH child USING COVERING INDEX events_parent_seq (parent_seq=? AND rowid>?)",
      "SEARCH main.events USING INTEGER PRIMARY KEY (rowid=?)"},
     ""},
    {&eventure__function_event_ancestors, {"SEARCH main.events USING INTEGER PRIMARY KEY (rowid=?)"}, ""},
    {&eventure__function_event_children, {"SEARCH main.events USING INDEX events_parent_seq (parent_seq=?)"}, ""},
    {&eventure__function_events_at,
     {"tick USING INTEGER PRIMARY KEY (rowid=?)", "SEARCH main.events USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
     ""},
    {&eventure__function_events_until, {"SEARCH main.events USING INTEGER PRIMARY KEY (rowid<?)"}, ""},
    {&eventure__function_event_roots, {"SCAN main.events"}, "events"},
    {&eventure__function_event_roots_at,
     {"tick USING INTEGER PRIMARY KEY (rowid=?)", "SEARCH main.events USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
     ""},
    {&eventure__function_event_timeline, {"SCAN main.events"}, "events"},
    {&eventure__function_event_types,
     {"SCAN main.events USING COVERING INDEX events_type", "SEARCH main.events USING INDEX events_type (type=?)"},
     "events"},
    {&eventure__function_event_path,
     {"SEARCH main.events USING INTEGER PRIMARY KEY (rowid=?)",
      "SEARCH main.archived_events USING INTEGER PRIMARY KEY (rowid=?)"},
     ""},
    {&eventure__query_seq_of_id,
     {"SEARCH main.events USING COVERING INDEX events_id (id=?)",
      "SEARCH main.archived_events USING COVERING INDEX sqlite_autoindex_archived_events_1 (id=?)"},
     ""},
};

/* Returns the plan, one line for each step. The caller frees it. */
static char *plan_of(sqlite3 *db, const eventure__sql *sql)
{
    sqlite3_stmt *statement = NULL;
    char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql->text);
    char *text = sqlite3_mprintf("");
    ck_assert_msg(sqlite3_prepare_v2(db, explain, -1, &statement, NULL) == SQLITE_OK, "%s: %s", sql->name,
                  sqlite3_errmsg(db));
    while (sqlite3_step(statement) == SQLITE_ROW)
    {
        char *longer = sqlite3_mprintf("%s%s\n", text, sqlite3_column_text(statement, 3));
        sqlite3_free(text);
        text = longer;
    }
    sqlite3_finalize(statement);
    sqlite3_free(explain);
    return text;
}

/* Whether a line of a plan scans a table of the store other than the allowed one. */
static bool is_wrong_scan(const char *line, const char *allowed)
{
    static const char *const tables[] = {"events", "tick", "archived_events", "archive", "child"};
    char table[64];
    if (sscanf(line, "SCAN %63s", table) != 1)
        return false;
    const char *name = strncmp(table, "main.", 5) == 0 ? table + 5 : table;
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        if (strcmp(name, tables[i]) == 0)
            return strcmp(name, allowed) != 0;
    return false;
}

static void check_plan(sqlite3 *db, const plan *expected)
{
    char *text = plan_of(db, expected->sql);
    for (int i = 0; i < 3 && expected->uses[i] != NULL; i++)
        ck_assert_msg(strstr(text, expected->uses[i]) != NULL, "%s: no %s in:\n%s", expected->sql->name,
                      expected->uses[i], text);
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
        ck_assert_msg(!is_wrong_scan(line, expected->scans), "%s: %s", expected->sql->name, line);
    sqlite3_free(text);
}

START_TEST(every_statement_is_served_by_an_index)
{
    sqlite3 *db = NULL;
    eventure_log_close(scratch_new());
    ck_assert_int_eq(sqlite3_open(SCRATCH_PATH, &db), SQLITE_OK);
    ck_assert_int_eq(eventure_extension_init(db, NULL, NULL), SQLITE_OK);
    for (size_t i = 0; i < COUNT_OF(plans); i++)
        check_plan(db, &plans[i]);
    sqlite3_close(db);
    scratch_remove(SCRATCH_PATH);
}
END_TEST

/* --- Growth --- */

static const char *type_of(int64_t i)
{
    static const char *const types[] = {"a.one", "a.two", "b.one", "b.two", "c.one", "c.two", "d.one"};
    return types[i % 7];
}

/* Makes a store of `count` events, 100 per tick. In the middle there is a cascade of 100 events with a depth of ten,
 * whose first event has ten children. The other events have causes too, but their cascades have at most ten events. */
static void make_store(const char *path, int64_t count)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    eventure_event event;
    static char ids[RING][48]; /* the ids of the newest events */
    options.sync = EVENTURE_SYNC_OFF;
    scratch_remove(path);
    expect_ok(NULL, eventure_log_open(path, &options, &log));
    const int64_t first = count / 2 + 1;
    for (int64_t i = 1; i <= count; i++)
    {
        eventure_event parent = {.seq = i % 10 != 1 ? i - 1 : 0};
        if (i > first && i < first + CASCADE_EVENTS)
            parent.seq = i <= first + 10 ? first : i - 10;
        else if (i == first || i == first + CASCADE_EVENTS)
            parent.seq = 0;
        parent.id = parent.seq != 0 ? ids[parent.seq % RING] : NULL;
        expect_ok(log, eventure_log_append(log, i == first ? "first" : type_of(i), eventure_json("{\"price\":101.25}"),
                                           parent.seq != 0 ? &parent : NULL, &event));
        snprintf(ids[i % RING], sizeof ids[0], "%s", event.id);
        if (i % TICK_EVENTS == 0)
            expect_ok(log, eventure_log_advance_tick(log));
    }
    expect_ok(NULL, eventure_log_close(log));
}

typedef struct effort
{
    int64_t steps; /* steps of SQLite's machine, including those of the inner statements */
    int64_t pages; /* pages that were read */
} effort;

static int count_step(void *context)
{
    ++*(int64_t *)context;
    return 0;
}

static int64_t pages_so_far(sqlite3 *db)
{
    int hits = 0;
    int misses = 0;
    int high = 0;
    sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_HIT, &hits, &high, 0);
    sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_MISS, &misses, &high, 0);
    return (int64_t)hits + misses;
}

static effort measure(const char *path, const char *sql, int64_t first_tick, const char *expected)
{
    char text[512];
    effort spent = {0, 0};
    sqlite3 *db = host_open(path, SQLITE_OPEN_READONLY);
    host_ask(db, "SELECT count(*) FROM store"); /* reads the schema before the count starts */
    snprintf(text, sizeof text, sql, (long long)first_tick);
    const int64_t pages = pages_so_far(db);
    sqlite3_progress_handler(db, 1, count_step, &spent.steps);
    ck_assert_str_eq(host_ask(db, text), expected);
    spent.pages = pages_so_far(db) - pages;
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    return spent;
}

/* In the queries, %lld is the tick of the cascade; the type "first" has one HASH, so its id is known. */
START_TEST(a_question_costs_what_it_answers)
{
    char cascade[256];
    char id[32];
    char hash[8] = "";
    sqlite3 *db = host_open(":memory:", SQLITE_OPEN_READWRITE);
    snprintf(hash, sizeof hash, "%s", host_ask(db, "SELECT event_type_hash('first')"));
    sqlite3_close(db);
    snprintf(id, sizeof id, "'%%lld-%s-1'", hash);
    static const char *const questions[][2] = {
        {"SELECT count(*), sum(length(data)), max(depth) FROM event_cascade(%s)", "100|1600|10"},
        {"SELECT count(*), sum(length(data)) FROM event_cascade(%s, 'depth-first')", "100|1600"},
        {"SELECT count(*), sum(length(id)) > 0 FROM event_cascade(%s, 'id')", "100|1"},
        {"SELECT sum(json_array_length(path)) FROM event_cascade(%s, 'append')", "640"},
        {"SELECT length(event_tree(%s)) > 1000", "1"},
        {"SELECT count(*), sum(length(data)) FROM event_children(%s)", "10|160"},
        {"SELECT max(a.depth) FROM event_cascade(%s) AS c, event_ancestors(c.id) AS a", "10"},
        {"SELECT count(*), sum(length(data)) FROM events_at(event_id_tick(%s))", "100|1600"},
        {"SELECT count(*) FROM event_roots(event_id_tick(%s))", "1"},
        {"SELECT count(*) FROM (SELECT * FROM events_until(event_id_tick(%s)) LIMIT 10)", "10"},
    };
    make_store(LIKE_SMALL, SMALL_EVENTS);
    make_store(LIKE_LARGE, LARGE_EVENTS);
    for (size_t i = 0; i < COUNT_OF(questions); i++)
    {
        snprintf(cascade, sizeof cascade, questions[i][0], id);
        const effort small = measure(LIKE_SMALL, cascade, SMALL_EVENTS / 2 / TICK_EVENTS, questions[i][1]);
        const effort large = measure(LIKE_LARGE, cascade, LARGE_EVENTS / 2 / TICK_EVENTS, questions[i][1]);
        printf("%-82s steps %6lld %6lld, pages %5lld %5lld\n", questions[i][0], (long long)small.steps,
               (long long)large.steps, (long long)small.pages, (long long)large.pages);
        ck_assert_int_gt(small.steps, 0);
        ck_assert_int_gt(small.pages, 0);
        ck_assert_int_le(large.steps, 2 * small.steps);
        ck_assert_int_le(large.pages, 2 * small.pages);
    }
    scratch_remove(LIKE_SMALL);
    scratch_remove(LIKE_LARGE);
}
END_TEST

/* Checks that the counters include the work of inner statements. */
START_TEST(a_scan_is_seen_to_grow)
{
    make_store(LIKE_SMALL, SMALL_EVENTS);
    make_store(LIKE_LARGE, 4 * SMALL_EVENTS);
    const effort small = measure(LIKE_SMALL, "SELECT count(*) > %lld FROM event_roots()", 0, "1");
    const effort large = measure(LIKE_LARGE, "SELECT count(*) > %lld FROM event_roots()", 0, "1");
    ck_assert_int_gt(large.steps, 3 * small.steps);
    ck_assert_int_gt(large.pages, 3 * small.pages);
    scratch_remove(LIKE_SMALL);
    scratch_remove(LIKE_LARGE);
}
END_TEST
