/*
 * The view `events` leads ad-hoc SQL to the same indexes as the library's own questions.
 */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "scratch.h"

static void expect_plan(const char *select, const char *must_have, const char *must_not_have)
{
    char sql[1024];
    snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", select);
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    char plan[4096] = "";
    ck_assert_int_eq(sqlite3_open(SCRATCH_PATH, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW)
    {
        strcat(plan, (const char *)sqlite3_column_text(statement, 3));
        strcat(plan, "\n");
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    ck_assert_msg(strstr(plan, must_have) != NULL, "%s: no %s in\n%s", select, must_have, plan);
    ck_assert_msg(strstr(plan, must_not_have) == NULL, "%s: %s in\n%s", select, must_not_have, plan);
}

static void expect_view_plan(const char *where, const char *must_have)
{
    char sql[512];
    snprintf(sql, sizeof sql, "SELECT * FROM events WHERE %s", where);
    expect_plan(sql, must_have, "SCAN event");
}

/* Nor do functions of the view stand in the way of a connection that does not trust the file. */
START_TEST(look_ups_through_the_view_use_the_indexes)
{
    eventure_log *log = scratch_new();
    scratch_append(log, "b.move", NULL, NULL);
    eventure_log_close(log);
    static const char by_type[] = "SEARCH type_block USING PRIMARY KEY (type=?)";
    static const char of_type[] = "SEARCH event USING INDEX event_type (block=? AND type=?)";
    static const char of_tick[] = "SEARCH event USING INDEX event_type (block=?)";
    expect_view_plan("type = 'b.move'", by_type);
    expect_view_plan("type = 'b.move'", of_type);
    expect_view_plan("type IN ('b.move', 'c.end')", of_type);
    expect_view_plan("type = 'b.move' ORDER BY seq LIMIT 5", of_type);
    expect_view_plan("type = 'b.move' AND data LIKE '%x%'", of_type);
    expect_view_plan("type = 'b.move' AND tick = 1", "SEARCH type_block USING PRIMARY KEY (type=? AND block=?)");
    expect_view_plan("type = 'b.move' AND tick = 1",
                     "SEARCH event USING INDEX event_type (block=? AND type=? AND tick=?)");
    expect_view_plan("type = 'b.move' AND tick = (SELECT max(tick) FROM ticks)",
                     "SEARCH event USING INDEX event_type (block=? AND type=? AND tick=?)");
    expect_view_plan("type = 'b.move' AND tick BETWEEN 3 AND 9", by_type);
    expect_view_plan("type = 'b.move' AND tick BETWEEN 3 AND 9",
                     "SEARCH event USING INDEX event_type (block=? AND type=? AND tick>? AND tick<?)");
    expect_view_plan("type = 'b.move' AND tick >= 3",
                     "SEARCH event USING INDEX event_type (block=? AND type=? AND tick>?)");
    expect_view_plan("tick = 1", "SEARCH tick USING INTEGER PRIMARY KEY (rowid=?)");
    expect_view_plan("tick = 1", of_tick);
    expect_view_plan("tick = 1 ORDER BY seq", of_tick);
    expect_view_plan("tick = (SELECT max(tick) FROM ticks)", of_tick);
    expect_view_plan("tick IN (1, 4)", of_tick);
    expect_view_plan("tick = 1 AND type IN ('b.move', 'c.end')",
                     "SEARCH event USING INDEX event_type (block=? AND type=? AND tick=?)");
    expect_view_plan("tick BETWEEN 3 AND 9", "SEARCH tick USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)");
    expect_view_plan("tick BETWEEN 3 AND 9", of_tick);
    expect_view_plan("tick BETWEEN 3 AND 9 ORDER BY seq", of_tick);
    expect_view_plan("tick >= 3", "SEARCH tick USING INTEGER PRIMARY KEY (rowid>?)");
    expect_view_plan("tick >= 3", of_tick);
    expect_view_plan("tick < 3", "SEARCH tick USING INTEGER PRIMARY KEY (rowid<?)");
    expect_view_plan("tick = 1 AND id = '1-AAAA-1'", of_tick);
    expect_view_plan("parent_seq = 1 AND type = 'b.move'", "SEARCH event USING INDEX event_parent (parent=?)");
    expect_view_plan("seq = 1 AND type = 'b.move'", "SEARCH event USING INTEGER PRIMARY KEY (rowid=?)");
    expect_view_plan("seq BETWEEN 1 AND 9", "SEARCH tick USING INTEGER PRIMARY KEY (rowid=?)");
    expect_view_plan("parent_seq = 1", "SEARCH event USING INDEX event_parent (parent=?)");
    expect_view_plan("seq = 1", "SEARCH event USING INTEGER PRIMARY KEY (rowid=?)");
}
END_TEST

/* What the view says of itself must not make SQLite believe that it has hardly a row, and look through all of it for
 * each row of another table. */
START_TEST(joining_the_view_to_itself_looks_rows_up)
{
    eventure_log_close(scratch_new());
    expect_plan("SELECT child.id FROM events AS child LEFT JOIN events AS cause ON cause.seq = child.parent_seq "
                "WHERE cause.seq IS NULL OR cause.tick < child.tick",
                "SEARCH cause USING AUTOMATIC COVERING INDEX (seq=?)", "SCAN cause");
    expect_plan("SELECT child.id FROM events AS child JOIN events AS cause ON cause.seq = child.parent_seq "
                "WHERE cause.tick < child.tick",
                "USING INTEGER PRIMARY KEY (rowid=?)", "SCAN cause");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("view");
    TCase *tests = tcase_create("view");
    tcase_add_test(tests, look_ups_through_the_view_use_the_indexes);
    tcase_add_test(tests, joining_the_view_to_itself_looks_rows_up);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
