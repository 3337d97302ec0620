/*
 * A projection as a reducer: the values that its statements receive, its errors and limits, and its state as bytes.
 * test_sandbox.c tests the statements that are refused.
 */
#include <stdio.h>
#include <stdlib.h>

#include "projection_world.h"
#include "testing.h"

TEST_FIXTURE(open_world, close_projecting_world);

static const char balances[] = "-- @setup\n"
                               "CREATE TABLE balance (account INTEGER PRIMARY KEY, amount INTEGER NOT NULL);\n"
                               "-- @on money.*\n"
                               "INSERT OR IGNORE INTO balance VALUES (:account, 0);\n"
                               "-- @on money.deposited\n"
                               "UPDATE balance SET amount = amount + :amount WHERE account = :account;\n"
                               "-- @on money.withdrawn\n"
                               "UPDATE balance SET amount = amount - :amount WHERE account = :account;\n";

START_TEST(the_matching_parts_run_in_the_order_of_the_file)
{
    open_projection(balances);
    append("money.deposited", "{\"account\":1,\"amount\":50}");
    advance_tick();
    append("money.withdrawn", "{\"account\":1,\"amount\":20}");
    append("account.noted", "{\"account\":1}");
    append("money.deposited", "{\"account\":2,\"amount\":7}");
    expect_state(0, "SELECT account, amount FROM balance", "1|50|");
    expect_state(1, "SELECT account, amount FROM balance", "1|30|2|7|");
}
END_TEST

START_TEST(members_are_bound_as_what_they_are)
{
    open_projection("-- @setup\nCREATE TABLE t (k, v);\n"
                    "-- @on a\nINSERT INTO t VALUES ('i', :i), ('r', :r), ('e', :e), ('big', :big), ('huge', :huge),"
                    "('s', :s), ('esc', :esc), ('y', :y), ('n', :n), ('null', :null), ('list', :list), ('obj', :obj),"
                    "('gone', :gone), ('grüße', :grüße), ('empty', :empty);");
    append("a", "{\"i\":-9223372036854775808,\"r\":3.0,\"e\":1e2,\"big\":9223372036854775808,\"huge\":1e999,"
                "\"s\":\"it's\",\"esc\":\"a\\\"b\\n\\u0001\",\"y\":true,\"n\":false,\"null\":null,"
                "\"list\":[1,{\"x\":2}],\"obj\":{\"a\":[]},\"gr\xc3\xbc\xc3\x9f"
                "e\":\"\xc3\xbc\",\"empty\":\"\"}");
    expect_state(0, "SELECT typeof(v) || ':' || CASE WHEN v IS NULL THEN '' ELSE v END FROM t",
                 "integer:-9223372036854775808|real:3.0|real:100.0|real:9.22337203685478e+18|real:Inf|text:it's|"
                 "text:a\"b\n\x01|integer:1|integer:0|null:|text:[1,{\"x\":2}]|text:{\"a\":[]}|null:|text:\xc3\xbc|"
                 "text:|");
}
END_TEST

START_TEST(the_last_of_two_equal_keys_is_bound)
{
    open_projection("-- @setup\nCREATE TABLE t (v);\n-- @on a\nINSERT INTO t VALUES (:x);");
    append("a", "{\"x\":1,\"y\":0,\"x\":2}");
    expect_state(0, "SELECT v FROM t", "2|");
}
END_TEST

START_TEST(the_envelope_is_bound)
{
    open_projection("-- @setup\nCREATE TABLE t (a, b, c, d, e, f, g);\n-- @on *\nINSERT INTO t VALUES "
                    "(:event_seq, :event_tick, :event_id, :event_type, :event_timestamp, :event_data, "
                    ":event_parent_id);");
    advance_tick();
    const char *id = scratch_append(here.log, "none.sense", "{\"event_tick\":99}", NULL);
    char parent[64];
    snprintf(parent, sizeof parent, "%s", id);
    scratch_append(here.log, "none.sense", NULL, parent);
    expect_state(1, "SELECT * FROM t",
                 "1|1|1-BDBE-1|none.sense|1700000000.5|{\"event_tick\":99}|NULL|"
                 "2|1|1-BDBE-2|none.sense|1700000000.5|{}|1-BDBE-1|");
}
END_TEST

START_TEST(several_patterns_and_several_statements_belong_to_one_part)
{
    open_projection("-- @setup\nCREATE TABLE t (v); CREATE TABLE u (v);\n-- @on a.b *.d\nINSERT INTO t VALUES (:x);\n"
                    "INSERT INTO u VALUES (:x); -- done\n");
    append("a.b", "{\"x\":1}");
    append("a.c", "{\"x\":2}");
    append("c.d", "{\"x\":3}");
    expect_state(0, "SELECT v FROM t UNION ALL SELECT v FROM u", "1|3|1|3|");
}
END_TEST

START_TEST(triggers_views_and_common_table_expressions_are_allowed)
{
    open_projection("-- @setup\nCREATE TABLE t (v); CREATE TABLE u (v);\n"
                    "CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO u VALUES (new.v * 2); END;\n"
                    "CREATE VIEW w AS SELECT sum(v) AS s FROM u;\nCREATE INDEX i ON u (v);\n"
                    "-- @on a\nWITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :x) "
                    "INSERT INTO t SELECT i FROM n;\n"
                    "-- @on b\nINSERT INTO t SELECT value FROM json_each(:list);\n"
                    "INSERT INTO t SELECT last_insert_rowid();");
    append("a", "{\"x\":3}");
    append("b", "{\"list\":[10,20]}");
    expect_state(0, "SELECT s FROM w", "82|"); /* 2 * (1 + 2 + 3 + 10 + 20 + rowid 5) */
}
END_TEST

START_TEST(what_an_event_sees_of_last_insert_rowid_is_its_own)
{
    open_projection("-- @setup\nCREATE TABLE t (v);\n-- @on a\nINSERT INTO t VALUES (last_insert_rowid());");
    append("a", NULL);
    append("a", NULL);
    expect_state(0, "SELECT v FROM t", "0|0|");
}
END_TEST

START_TEST(a_statement_that_is_wrong_is_reported_with_its_line_when_the_file_is_opened)
{
    static const struct
    {
        const char *text;
        const char *message;
    } cases[] = {
        {"-- @setup\n\nCREATE TABEL t (v);", "folder/x.sql:3: near \"TABEL\": syntax error"},
        {"-- @setup\nCREATE TABLE t (v);\n-- @on a\nINSERT INTO t VALUES (1);\n\nINSERT INTO t\n  VALUES (:x, foo);",
         "folder/x.sql:7: no such column: foo"},
        {"-- @on a\n-- so\nINSERT INTO t VALUES (1);", "folder/x.sql:3: no such table: t"},
        {"-- @setup\nCREATE TABLE t (v);\n-- @on a\nINSERT INTO t\n-- @on b\nDELETE FROM t;",
         "folder/x.sql:4: incomplete input"},
        {"-- @setup\nCREATE TABLE t (v);\n-- @on a\nINSERT INTO t VALUES ('x);", "unrecognized token"},
        {"-- @setup\nCREATE TABLE t (v);\nINSERT INTO t VALUES (:x);",
         "folder/x.sql:3: a setup runs without an event, so :x has no value"},
        {"-- @setup\nCREATE TABLE t (v);\n-- @on a\nINSERT INTO t VALUES (?);",
         "folder/x.sql:4: a parameter is a member of the event's data, and written `:key`, not `?`"},
        {"-- @setup\nCREATE TABLE t (v);\n-- @on a\nINSERT INTO t VALUES ($x);", "not `$x`"},
        {"-- @setup\nCREATE TABLE t (v);\n-- @on a\nINSERT INTO t VALUES (@x);", "not `@x`"},
        {"-- @setup\nCREATE TABLE t (v);\n-- @on a\nINSERT INTO t VALUES (?7);", "not `?`"},
        {"-- @setup\nCREATE TABLE t (v);\n-- @on a\nINSERT INTO t VALUES (datetime('now'));",
         "folder/x.sql:4: the time 'now' is refused in a projection: use :event_timestamp"},
        {"-- @setup\nCREATE TABLE t (v UNIQUE);\nINSERT INTO t VALUES (1),\n(1);",
         "folder/x.sql:3: UNIQUE constraint failed: t.v"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        expect_status(EVENTURE_ERROR_ARGUMENT, NULL, parse(cases[i].text));
        expect_part(eventure_projection_message(projection), cases[i].message);
        ck_assert_ptr_null(eventure_projection_reducer(projection));
    }
}
END_TEST

START_TEST(a_setup_may_alter_its_own_tables)
{
    open_projection("-- @setup\nCREATE TABLE t (v);\nALTER TABLE t ADD COLUMN w DEFAULT 7;\n"
                    "INSERT INTO t (v) VALUES (1);\n");
    expect_ok(NULL, state_at(0));
    char *rows = ask("SELECT v, w FROM t");
    ck_assert_str_eq(rows, "1|7|");
    free(rows);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL,
                  parse("-- @setup\nCREATE TABLE t (v);\nALTER TABLE t RENAME TO eventure_t;\n"));
    expect_part(eventure_projection_message(projection), "is refused in a projection");
}
END_TEST

START_TEST(an_endless_loop_is_stopped)
{
    eventure_projection_options options = EVENTURE_PROJECTION_OPTIONS_INIT;
    static const char setup[] = "-- @setup\nCREATE TABLE t (v);\nINSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION "
                                "ALL SELECT i + 1 FROM n) SELECT max(i) FROM n;";
    static const char event[] = "-- @setup\nCREATE TABLE t (v);\n-- @on a\nDELETE FROM t;\nINSERT INTO t WITH "
                                "RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n;";
    options.max_setup_steps = 100000;
    options.max_event_steps = 200000;
    expect_status(EVENTURE_ERROR_LIMIT, NULL,
                  eventure_projection_parse("x.sql", setup, sizeof setup - 1, &options, &projection));
    ck_assert_str_eq(eventure_projection_message(projection),
                     "x.sql:3: this takes more than 100000 steps, and was stopped");
    eventure_projection_close(projection);
    expect_ok(NULL, eventure_projection_parse("x.sql", event, sizeof event - 1, &options, &projection));
    append("a", NULL);
    expect_status(EVENTURE_ERROR_LIMIT, NULL, state_at(0));
    ck_assert_str_eq(eventure_log_message(here.log), "replay of x at tick 0, event 0-CCBC-1 (a): x.sql:5: this takes "
                                                     "more than 200000 steps, and was stopped");
}
END_TEST

/* The triggers of SQLite are not recursive by default. */
START_TEST(a_trigger_that_calls_itself_runs_once)
{
    open_projection("-- @setup\nCREATE TABLE t (v);\nCREATE TABLE u (v);\n"
                    "CREATE TRIGGER a AFTER INSERT ON t BEGIN INSERT INTO u VALUES (new.v + 1); END;\n"
                    "CREATE TRIGGER b AFTER INSERT ON u BEGIN INSERT INTO t VALUES (new.v + 1); END;\n"
                    "-- @on a\nINSERT INTO t VALUES (1);");
    append("a", NULL);
    expect_state(0, "SELECT v FROM t UNION ALL SELECT v FROM u", "1|3|2|");
}
END_TEST

START_TEST(the_database_in_memory_has_a_limit)
{
    eventure_projection_options options = EVENTURE_PROJECTION_OPTIONS_INIT;
    static const char text[] = "-- @setup\nCREATE TABLE t (v);\n-- @on a\nINSERT INTO t VALUES (zeroblob(60000));";
    options.max_bytes = 500000;
    expect_ok(NULL, eventure_projection_parse("x.sql", text, sizeof text - 1, &options, &projection));
    for (int i = 0; i < 8; i++)
        append("a", NULL);
    expect_ok(here.log, state_at(0));
    append("a", NULL);
    expect_status(EVENTURE_ERROR_LIMIT, NULL, state_at(0));
    ck_assert_str_eq(eventure_log_message(here.log),
                     "replay of x at tick 0, event 0-CCBC-9 (a): x.sql:4: the database in memory exceeds max_bytes "
                     "(500000)");
    eventure_projection_close(projection);
    options.max_bytes = 600000;
    expect_ok(NULL, eventure_projection_parse("x.sql", text, sizeof text - 1, &options, &projection));
    expect_ok(here.log, eventure_snapshot_take(here.log, eventure_projection_reducer(projection), projection));
    eventure_projection_close(projection);
    options.max_bytes = 570000; /* the snapshot fits, and one event more does not */
    expect_ok(NULL, eventure_projection_parse("x.sql", text, sizeof text - 1, &options, &projection));
    expect_ok(here.log, state_at(0));
    append("a", NULL);
    expect_status(EVENTURE_ERROR_LIMIT, NULL, state_at(0));
    expect_part(eventure_log_message(here.log), "exceeds max_bytes (570000)");
    eventure_projection_close(projection);
    options.max_bytes = 500000; /* the snapshot does not fit */
    expect_ok(NULL, eventure_projection_parse("x.sql", text, sizeof text - 1, &options, &projection));
    expect_status(EVENTURE_ERROR_LIMIT, NULL, state_at(0));
    expect_part(eventure_log_message(here.log), "bytes exceeds max_bytes (500000)");
}
END_TEST

/* An empty database has no page; one with a view has one page, and one with a table has two. */
START_TEST(the_setup_is_within_the_limit_of_the_database)
{
    eventure_projection_options options = EVENTURE_PROJECTION_OPTIONS_INIT;
    static const struct
    {
        const char *text;
        int64_t max_bytes; /* the smallest that is sufficient */
        const char *message;
    } setups[] = {{"-- @on a\nSELECT 1;", 1, NULL},
                  {"-- @setup\nCREATE VIEW v AS SELECT 1;", 4096,
                   "x.sql: commit: the database in memory exceeds "
                   "max_bytes (4095)"},
                  {"-- @setup\nCREATE TABLE t (v);", 8192, "x.sql:2: the database in memory exceeds max_bytes (8191)"}};
    for (size_t i = 0; i < COUNT_OF(setups); i++)
    {
        options.max_bytes = setups[i].max_bytes;
        expect_ok(NULL,
                  eventure_projection_parse("x.sql", setups[i].text, strlen(setups[i].text), &options, &projection));
        eventure_projection_close(projection);
        projection = NULL;
        options.max_bytes--;
        if (options.max_bytes == 0)
            continue;
        expect_status(
            EVENTURE_ERROR_LIMIT, NULL,
            eventure_projection_parse("x.sql", setups[i].text, strlen(setups[i].text), &options, &projection));
        ck_assert_str_eq(eventure_last_message(), setups[i].message);
    }
}
END_TEST

START_TEST(a_value_that_sqlite_does_not_allow_is_a_limit)
{
    static const char text[] = "-- @setup\nCREATE TABLE t (v);\n-- @on a\nINSERT INTO t VALUES (zeroblob(2000000000));";
    expect_ok(NULL, eventure_projection_parse("x.sql", text, sizeof text - 1, NULL, &projection));
    append("a", NULL);
    expect_status(EVENTURE_ERROR_LIMIT, NULL, state_at(0));
    expect_part(eventure_log_message(here.log), "too big");
}
END_TEST

START_TEST(a_statement_that_fails_names_its_line_and_the_event)
{
    open_projection("-- @setup\nCREATE TABLE t (v NOT NULL UNIQUE);\n-- @on a\n\nINSERT INTO t\n VALUES (:x);");
    append("a", "{\"x\":1}");
    advance_tick();
    append("a", "{\"x\":1}");
    expect_status(EVENTURE_ERROR_HANDLER, NULL, state_at(1));
    ck_assert_str_eq(eventure_log_message(here.log), "replay of x at tick 1, event 1-CCBC-1 (a): folder/x.sql:5: "
                                                     "UNIQUE constraint failed: t.v");
    expect_state(0, "SELECT v FROM t", "1|"); /* the projection can still be used */
}
END_TEST

START_TEST(its_name_is_the_files_and_its_version_follows_from_every_byte)
{
    open_projection(balances);
    const eventure_reducer *reducer = eventure_projection_reducer(projection);
    ck_assert_str_eq(reducer->name, "x");
    int64_t version = reducer->version;
    char changed[sizeof balances + 1];
    snprintf(changed, sizeof changed, "%s ", balances);
    open_projection(changed);
    ck_assert_int_ne(eventure_projection_reducer(projection)->version, version);
    open_projection(balances);
    ck_assert_int_eq(eventure_projection_reducer(projection)->version, version);
}
END_TEST

START_TEST(a_changed_file_never_uses_the_old_snapshots)
{
    open_projection("-- @setup\nCREATE TABLE t (v);\n-- @on a\nINSERT INTO t VALUES (:x);");
    append("a", "{\"x\":1}");
    expect_ok(here.log, eventure_snapshot_take(here.log, eventure_projection_reducer(projection), projection));
    advance_tick();
    append("a", "{\"x\":2}");
    expect_state(1, "SELECT v FROM t", "1|2|");
    open_projection("-- @setup\nCREATE TABLE t (v);\n-- @on a\nINSERT INTO t VALUES (-:x);");
    expect_state(1, "SELECT v FROM t", "-1|-2|");
}
END_TEST

START_TEST(a_snapshot_that_is_not_a_database_is_an_error_and_not_a_crash)
{
    open_projection(balances);
    append("money.deposited", "{\"account\":1,\"amount\":5}");
    expect_ok(here.log, eventure_snapshot_take(here.log, eventure_projection_reducer(projection), projection));
    advance_tick();
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "UPDATE snapshot SET state = CAST('nonsense' AS BLOB)"));
    ck_assert_int_lt(state_at(0), 0);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "UPDATE snapshot SET state = zeroblob(8192)"));
    ck_assert_int_lt(state_at(0), 0);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "DELETE FROM snapshot"));
    expect_state(0, "SELECT amount FROM balance", "5|");
}
END_TEST

START_TEST(a_projection_without_setup_or_tables_has_an_empty_image)
{
    open_projection("-- @on a\nSELECT 1;");
    append("a", NULL);
    expect_ok(here.log, eventure_snapshot_take(here.log, eventure_projection_reducer(projection), projection));
    append("a", NULL);
    expect_state(0, "SELECT count(*) FROM sqlite_schema", "0|");
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
    eventure_projection_options options = EVENTURE_PROJECTION_OPTIONS_INIT;
    void *bytes = NULL;
    size_t len = 0;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_projection_open("x", NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_projection_open(NULL, NULL, &projection));
    eventure_projection_close(projection);
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_projection_open("nowhere.sql", NULL, &projection));
    expect_status(EVENTURE_ERROR_ARGUMENT, projection, eventure_projection_image(projection, &bytes, &len));
    eventure_projection_close(projection);
    options.max_bytes = -1;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL,
                  eventure_projection_parse("x", "-- @on a\nSELECT 1", 17, &options, &projection));
    ck_assert_str_eq(eventure_last_message(), "projection: option max_bytes is -1, less than 0");
    eventure_projection_close(projection);
    options.size = 0;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL,
                  eventure_projection_parse("x", "-- @on a\nSELECT 1", 17, &options, &projection));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_projection_image(NULL, &bytes, &len));
    ck_assert_str_eq(eventure_projection_message(NULL), eventure_last_message());
}
END_TEST
