/*
 * The sandbox of a projection: what is refused, because the state would not depend on the events only.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include <eventure/extension.h>

#include "projection_world.h"
#include "testing.h"

TEST_FIXTURE(open_world, close_projecting_world);

START_TEST(what_reaches_beyond_the_events_is_refused_with_its_line)
{
    static const struct
    {
        const char *sql;
        const char *refused;
    } cases[] = {
        {"ATTACH 'other.db' AS other", "ATTACH is refused"},
        {"DETACH main", "DETACH is refused"},
        {"VACUUM", "cannot VACUUM from within a transaction"},
        {"VACUUM INTO 'other.db'", "cannot VACUUM from within a transaction"},
        {"PRAGMA journal_mode = DELETE", "PRAGMA journal_mode is refused"},
        {"PRAGMA writable_schema = 1", "PRAGMA writable_schema is refused"},
        {"SELECT * FROM pragma_table_info('t')", "the table pragma_table_info is refused"},
        {"BEGIN", "control of transactions: BEGIN is refused"},
        {"COMMIT", "control of transactions: COMMIT is refused"},
        {"SAVEPOINT s", "control of transactions: BEGIN is refused"},
        {"CREATE TEMP TABLE u (v)", "temp is refused"},
        {"CREATE TEMP VIEW u AS SELECT 1", "temp is refused"},
        {"CREATE VIRTUAL TABLE u USING fts5(x)", "a virtual table: u is refused"},
        {"CREATE VIRTUAL TABLE u USING rtree(a, b, c)", "a virtual table: u is refused"},
        {"SELECT load_extension('x')", "the function load_extension is refused"},
        {"INSERT INTO t VALUES (random())", "the function random is refused"},
        {"INSERT INTO t VALUES (hex(RANDOMBLOB(4)))", "the function randomblob is refused"},
        {"INSERT INTO t VALUES (CURRENT_TIMESTAMP)", "the function current_timestamp is refused"},
        {"CREATE TABLE u (v DEFAULT CURRENT_TIMESTAMP); INSERT INTO u DEFAULT VALUES",
         "the function current_timestamp is refused"},
        {"CREATE TABLE u (v DEFAULT (abs(random()))); INSERT INTO u DEFAULT VALUES", "the function random is refused"},
        {"INSERT INTO t VALUES (total_changes())", "the function total_changes is refused"},
        {"CREATE TABLE eventure_projection (v)", "the table eventure_projection is refused"},
        {"INSERT INTO sqlite_schema VALUES (1, 2, 3, 4, 5)", "may not be modified"},
        {"CREATE VIEW w AS SELECT load_extension('x') AS y; INSERT INTO t SELECT y FROM w", "load_extension"},
        {"CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO t VALUES (random()); END; INSERT INTO t VALUES (1)",
         "the function random is refused"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        char text[512];
        snprintf(text, sizeof text, "-- @setup\nCREATE TABLE t (v);\n%s;\n", cases[i].sql);
        ck_assert_msg(parse(text) == EVENTURE_ERROR_ARGUMENT, "%s", cases[i].sql);
        ck_assert_msg(strstr(eventure_projection_message(projection), cases[i].refused) != NULL, "%s: %s", cases[i].sql,
                      eventure_projection_message(projection));
        ck_assert_int_eq(strncmp(eventure_projection_message(projection), "folder/x.sql:3: ", 16), 0);
    }
    ck_assert_int_ne(remove("other.db"), 0);
}
END_TEST

START_TEST(a_name_in_double_quotes_is_never_a_string)
{
    static const char *const cases[] = {"INSERT INTO t VALUES (\"none\")", "CREATE TABLE u (v CHECK (v <> \"none\"))"};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        char text[512];
        snprintf(text, sizeof text, "-- @setup\nCREATE TABLE t (v);\n%s;\n", cases[i]);
        ck_assert_msg(parse(text) == EVENTURE_ERROR_ARGUMENT, "%s", cases[i]);
        ck_assert_str_eq(eventure_projection_message(projection), "folder/x.sql:3: no such column: none");
    }
}
END_TEST

/* A view belongs to the state, also when no statement uses it. */
START_TEST(a_view_is_checked_when_the_file_is_opened)
{
    static const struct
    {
        const char *setup;
        const char *message;
    } cases[] = {
        {"CREATE VIEW w AS SELECT random() AS r FROM t", "folder/x.sql:3: the function random is refused"},
        {"CREATE VIEW w AS SELECT CURRENT_TIMESTAMP", "folder/x.sql:3: the function current_timestamp is refused"},
        {"CREATE VIEW w AS SELECT sqlite_compileoption_get(1)", "the function sqlite_compileoption_get is refused"},
        {"CREATE VIEW w AS SELECT last_insert_rowid()", "the function last_insert_rowid is refused"},
        {"CREATE VIEW v AS SELECT total_changes() AS r;CREATE VIEW w AS SELECT r FROM v", "the function total_changes"},
        {"CREATE VIEW w AS SELECT random() FROM u;CREATE TABLE u (v)",
         "folder/x.sql:1: the function random is refused"},
        {"CREATE VIEW w AS SELECT count(*) FROM pragma_function_list", "unsafe use of virtual table"},
        {"CREATE VIEW w AS SELECT count(*) FROM \"SQLite_Schema\"", "a table that describes the schema is refused"},
        {"CREATE TABLE u AS SELECT count(*) AS n FROM sqlite_master", "a table that describes the schema is refused"},
        {"CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO t SELECT count(*) FROM 'sqlite_master'; END",
         "a table that describes the schema is refused"},
        {"INSERT INTO t SELECT count(*) FROM sqlite_stmt", "no such table: sqlite_stmt"},
        {"INSERT INTO t SELECT count(*) FROM dbstat", "no such table: dbstat"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        char text[512];
        snprintf(text, sizeof text, "-- @setup\nCREATE TABLE t (v);\n%s;\n", cases[i].setup);
        ck_assert_msg(parse(text) == EVENTURE_ERROR_ARGUMENT, "%s", cases[i].setup);
        ck_assert_msg(strstr(eventure_projection_message(projection), cases[i].message) != NULL, "%s: %s",
                      cases[i].setup, eventure_projection_message(projection));
    }
    open_projection("-- @setup\nCREATE TABLE t (v);\nCREATE VIEW w AS SELECT max(v) AS m FROM t;\n"
                    "CREATE VIEW broken AS SELECT x FROM nowhere;\n-- @on a\nINSERT INTO t VALUES ('sqlite_schema');");
    append("a", "{}");
    expect_state(0, "SELECT m FROM w", "sqlite_schema|");
}
END_TEST

/* SQLite chooses rowids at random when the largest integer is one of them. */
START_TEST(the_largest_rowid_is_refused)
{
    static const char *const cases[] = {
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v);\n-- @on a\nINSERT INTO t VALUES (:big, 0);",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v);\n-- @on a\nINSERT INTO t (id) VALUES (1);\n"
        "UPDATE t SET id = :big;",
        "CREATE TABLE t (v);\n-- @on a\nREPLACE INTO t (rowid, v) VALUES (:big, 0);",
        "CREATE TABLE t (v);\nCREATE TABLE u (v);\nCREATE TRIGGER r AFTER INSERT ON t BEGIN "
        "INSERT INTO u (rowid) VALUES (new.v); END;\n-- @on a\nINSERT INTO t VALUES (:big);",
    };
    char text[512];
    append("a", "{\"big\": 9223372036854775807}");
    advance_tick();
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        snprintf(text, sizeof text, "-- @setup\n%s", cases[i]);
        open_projection(text);
        expect_status(EVENTURE_ERROR_HANDLER, reader(), state_at(EVENTURE_TICK_NEWEST));
        expect_part(eventure_reader_message(reader()), "the rowid 9223372036854775807 of the table ");
    }
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL,
                  parse("-- @setup\nCREATE TABLE t (v);\nINSERT INTO t (rowid) VALUES (9223372036854775807);\n"));
    ck_assert_int_eq(strncmp(eventure_projection_message(projection), "folder/x.sql:3: the rowid ", 26), 0);
    open_projection("-- @setup\nCREATE TABLE t (id INTEGER PRIMARY KEY, v) WITHOUT ROWID;\nCREATE TABLE u (v);\n"
                    "INSERT INTO u (rowid) VALUES (9223372036854775806);\n-- @on a\nINSERT INTO t VALUES (:big, 0);");
    expect_state(1, "SELECT id FROM t", "9223372036854775807|");
}
END_TEST

/* A state is read on a connection whose date functions refuse the clock: a view may get 'now' from a row. */
START_TEST(a_view_of_a_state_does_not_read_the_clock)
{
    void *image = NULL;
    size_t len = 0;
    sqlite3 *db = NULL;
    open_projection("-- @setup\nCREATE TABLE t (v);\nCREATE VIEW w AS SELECT datetime(v) AS d FROM t;\n"
                    "-- @on a\nINSERT INTO t VALUES (:when);");
    append("a", "{\"when\": \"now\"}");
    expect_ok(here.log, state_at(0));
    expect_ok(projection, eventure_projection_image(projection, &image, &len));
    ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_deserialize(db, "main", image, (sqlite3_int64)len, (sqlite3_int64)len, SQLITE_DESERIALIZE_READONLY),
        SQLITE_OK);
    ck_assert_int_eq(eventure_extension_refuse_clock(db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "SELECT d FROM w", NULL, NULL, NULL), SQLITE_ERROR);
    expect_part(sqlite3_errmsg(db), "the time 'now' of datetime() is refused");
    ck_assert_int_eq(sqlite3_exec(db, "SELECT datetime(0, 'unixepoch')", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    eventure_free(image);
    ck_assert_int_eq(eventure_extension_refuse_clock(NULL), SQLITE_MISUSE);
}
END_TEST

START_TEST(dates_that_depend_on_the_clock_or_the_time_zone_are_refused_also_through_data)
{
    static const struct
    {
        const char *expression;
        const char *refused;
    } cases[] = {
        {"unixepoch(:when)", "the time 'now' of unixepoch() is refused in a projection: use :event_timestamp"},
        {"datetime(:when)", "the time 'now' of datetime()"},
        {"date(upper(:when))", "the time 'now' of date()"},
        {"time(CAST(:when AS BLOB))", "the time 'now' of time()"},
        {"julianday('no' || 'w')", "the time 'now' of julianday()"},
        {"strftime('%s', :when)", "the time 'now' of strftime()"},
        {"datetime('subsec')", "the time 'now' of datetime()"},
        {"datetime()", "the time of now of datetime()"},
        {"strftime('%s')", "the time of now of strftime()"},
        {"(SELECT datetime(v) FROM (SELECT :when AS v))", "the time 'now' of datetime()"},
        {"datetime(0, 'unixepoch', 'localtime')", "the time zone of datetime()"},
        {"strftime('%H', 0, 'unixepoch', :zone)", "the time zone of strftime()"},
        {"datetime('1970-01-01', 'UTC')", "the time zone of datetime()"},
    };
    append("a", "{\"when\": \"now\", \"zone\": \"localtime\"}");
    advance_tick();
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        char text[512];
        snprintf(text, sizeof text, "-- @setup\nCREATE TABLE t (v);\n-- @on a\nINSERT INTO t VALUES (%s);",
                 cases[i].expression);
        open_projection(text);
        ck_assert_msg(state_at(EVENTURE_TICK_NEWEST) != EVENTURE_OK, "%s", cases[i].expression);
        ck_assert_msg(strstr(eventure_reader_message(reader()), cases[i].refused) != NULL, "%s: %s",
                      cases[i].expression, eventure_reader_message(reader()));
    }
}
END_TEST

START_TEST(other_dates_are_those_of_sqlite)
{
    static const char *const expressions[] = {
        "datetime(1700000000.5, 'unixepoch', '+1 month', 'start of day')",
        "date('2024-02-29', '-1 year')",
        "time('12:34:56.789')",
        "julianday('1970-01-01')",
        "unixepoch('2000-01-01T00:00:00Z')",
        "strftime('%Y-%j %H', 0, 'unixepoch', 'weekday 1')",
        "strftime('%s', '1969-12-31 23:59:59')",
        "datetime(NULL)",
        "date('it is now')",
        "date(x'323032342d30312d3031')",
        "datetime(2460000.5, 'localtim')",
        "typeof(julianday(0)) || typeof(unixepoch(0)) || typeof(date('x'))",
        "UPPER(Abs(-1) || DATE(0)) || COALESCE(NULL, Max(1, 2))",
    };
    append("a", "{}");
    advance_tick();
    for (size_t i = 0; i < COUNT_OF(expressions); i++)
    {
        char text[512];
        snprintf(text, sizeof text,
                 "-- @setup\nCREATE TABLE t (v, w AS (date(v)));\nCREATE INDEX i ON t (date(v));\n-- @on a\n"
                 "INSERT INTO t VALUES (%s);",
                 expressions[i]);
        open_projection(text);
        expect_ok(reader(), state_at(EVENTURE_TICK_NEWEST));
        snprintf(text, sizeof text, "SELECT v IS (%s), w IS date(v) FROM t", expressions[i]);
        expect_answer(text, "1|1|");
    }
}
END_TEST

START_TEST(the_same_is_refused_below_on)
{
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL,
                  parse("-- @setup\nCREATE TABLE t (v);\n-- @on a\nDELETE FROM t;\nATTACH :x AS y;"));
    ck_assert_str_eq(eventure_projection_message(projection), "folder/x.sql:5: ATTACH is refused in a projection");
}
END_TEST

START_TEST(only_the_setup_changes_the_schema)
{
    static const char *const statements[] = {
        "CREATE TABLE u (v)",
        "CREATE INDEX i ON t (v)",
        "CREATE VIEW w AS SELECT 1",
        "DROP TABLE t",
        "ALTER TABLE t ADD COLUMN w",
        "ANALYZE",
        "REINDEX",
    };
    for (size_t i = 0; i < COUNT_OF(statements); i++)
    {
        char text[256];
        snprintf(text, sizeof text, "-- @setup\nCREATE TABLE t (v UNIQUE);\n-- @on a\n%s;", statements[i]);
        ck_assert_msg(parse(text) == EVENTURE_ERROR_ARGUMENT, "%s", statements[i]);
        ck_assert_str_eq(eventure_projection_message(projection),
                         "folder/x.sql:4: a change of the schema outside of the setup is refused in a projection");
    }
}
END_TEST
