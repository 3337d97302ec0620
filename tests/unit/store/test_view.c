/*
 * The table `events`: ad-hoc SQL on it and on the views uses indexes. tests/sql checks the results.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "scratch.h"
#include "testing.h"

static void expect_plan(const char *select, const char *must_have, const char *must_not_have)
{
    char sql[1024];
    snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", select);
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    char plan[4096] = "";
    ck_assert_int_eq(sqlite3_open(SCRATCH_PATH, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL), SQLITE_OK);
    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
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

static void expect_plan_where(const char *where, const char *must_have)
{
    char sql[512];
    snprintf(sql, sizeof sql, "SELECT * FROM events WHERE %s", where);
    expect_plan(sql, must_have, "SCAN events");
}

static void make_store(void)
{
    eventure_log *log = scratch_new();
    scratch_append(log, "b.move", NULL, NULL);
    eventure_log_close(log);
}

START_TEST(look_ups_use_the_indexes)
{
    static const char of_seq[] = "SEARCH events USING INTEGER PRIMARY KEY (rowid=?)";
    static const char of_id[] = "SEARCH events USING INDEX events_id (id=?)";
    static const char of_type[] = "SEARCH events USING INDEX events_type (type=?)";
    static const char of_tick[] = "SEARCH events USING INDEX events_tick (tick=?)";
    static const char of_parent[] = "SEARCH events USING INDEX events_parent_seq (parent_seq=?)";
    make_store();
    expect_plan_where("type = 'b.move'", of_type);
    expect_plan_where("type IN ('b.move', 'c.end')", of_type);
    expect_plan_where("type = 'b.move' ORDER BY seq LIMIT 5", of_type);
    expect_plan_where("type = 'b.move' AND data LIKE '%x%'", of_type);
    expect_plan_where("type GLOB 'b.*'", "SEARCH events USING INDEX events_type (type>? AND type<?)");
    expect_plan_where("tick = 1", of_tick);
    expect_plan_where("tick = 1 ORDER BY seq", of_tick);
    expect_plan_where("tick = (SELECT max(tick) FROM ticks)", of_tick);
    expect_plan_where("tick IN (1, 4)", of_tick);
    expect_plan_where("tick = 1 AND type = 'b.move'", of_tick);
    expect_plan_where("tick = 1 AND type IN ('b.move', 'c.end')", of_tick);
    expect_plan_where("tick BETWEEN 3 AND 9", "SEARCH events USING INDEX events_tick (tick>? AND tick<?)");
    expect_plan_where("tick >= 3", "SEARCH events USING INDEX events_tick (tick>?)");
    expect_plan_where("tick < 3", "SEARCH events USING INDEX events_tick (tick<?)");
    expect_plan_where("id = '1-AAAA-1'", of_id);
    expect_plan_where("id IN ('1-AAAA-1', 'other')", of_id);
    expect_plan_where("tick = 1 AND id = '1-AAAA-1'", of_id);
    expect_plan_where("parent_seq = 1", of_parent);
    expect_plan_where("parent_seq = 1 AND type = 'b.move'", of_parent);
    expect_plan_where("parent_seq = 1 ORDER BY seq", of_parent);
    expect_plan_where("parent_id = '1-AAAA-1'", "SEARCH events USING INDEX events_parent_id (parent_id=?)");
    expect_plan_where("seq = 1", of_seq);
    expect_plan_where("seq = 1 AND type = 'b.move'", of_seq);
    expect_plan_where("seq BETWEEN 1 AND 9", "SEARCH events USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)");
}
END_TEST

/* Within a type, a tick, or a parent, an index has the events in the order of seq. */
START_TEST(what_is_in_the_order_of_an_index_is_not_sorted)
{
    make_store();
    expect_plan("SELECT * FROM events ORDER BY seq DESC LIMIT 5", "SCAN events", "TEMP B-TREE");
    expect_plan("SELECT * FROM events WHERE type = 'b.move' ORDER BY seq LIMIT 5", "events_type", "TEMP B-TREE");
    expect_plan("SELECT * FROM events WHERE type = 'b.move' ORDER BY seq DESC", "events_type", "TEMP B-TREE");
    expect_plan("SELECT * FROM events WHERE tick = 1 ORDER BY seq", "events_tick", "TEMP B-TREE");
    expect_plan("SELECT * FROM events WHERE parent_seq = 1 ORDER BY seq", "events_parent_seq", "TEMP B-TREE");
    expect_plan("SELECT tick, count(*) FROM events GROUP BY tick", "COVERING INDEX events_tick", "TEMP B-TREE");
    expect_plan("SELECT type, count(*) FROM events GROUP BY type", "COVERING INDEX events_type", "TEMP B-TREE");
    expect_plan("SELECT max(tick) FROM events", "COVERING INDEX events_tick", "SCAN");
}
END_TEST

START_TEST(joining_events_to_their_causes_looks_rows_up)
{
    make_store();
    expect_plan("SELECT child.id FROM events AS child LEFT JOIN events AS cause ON cause.seq = child.parent_seq "
                "WHERE cause.seq IS NULL OR cause.tick < child.tick",
                "SEARCH cause USING INTEGER PRIMARY KEY (rowid=?)", "SCAN cause");
    expect_plan("SELECT child.id FROM events AS child JOIN events AS cause ON cause.seq = child.parent_seq "
                "WHERE cause.tick < child.tick",
                "USING INTEGER PRIMARY KEY (rowid=?)", "SCAN cause");
    expect_plan("SELECT child.id, cause.type FROM events AS child LEFT JOIN events AS cause "
                "ON cause.id = child.parent_id",
                "SEARCH cause USING INDEX events_id (id=?)", "SCAN cause");
}
END_TEST

START_TEST(the_views_use_the_indexes)
{
    make_store();
    expect_plan("SELECT * FROM type_counts", "SCAN events USING COVERING INDEX events_type",
                "TEMP B-TREE FOR GROUP BY");
    expect_plan("SELECT * FROM ticks WHERE tick = 3", "SEARCH tick USING INTEGER PRIMARY KEY (rowid=?)", "SCAN");
    expect_plan("SELECT * FROM roots WHERE tick = 3", "SEARCH events USING INDEX events_tick (tick=?)", "SCAN");
}
END_TEST

/* Also connections that do not trust the schema can read all views: no view needs a function of the library. */
START_TEST(the_views_are_for_any_connection)
{
    make_store();
    expect_plan("SELECT * FROM events, type_counts, ticks, roots, indexed_data", "SCAN", "no such function");
}
END_TEST
