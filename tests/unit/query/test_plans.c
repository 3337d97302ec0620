/*
 * Plans: every query that can use an index uses it, and a result that is in order already is not sorted, in small and
 * large stores, with and without statistics of SQLite.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "embedded_sql.h"
#include "scratch.h"
#include "store/store.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

static eventure_log *log_;
static eventure_reader *reader_;

/* Two events for queries of relatives: the first event, and a descendant of it. */
static char A[32], H[32];

static void set_up(void)
{
    log_ = scratch_new();
    strcpy(A, scratch_append(log_, "a.start", NULL, NULL));
    strcpy(H, scratch_append(log_, "b.move", NULL, A));
    scratch_append(log_, "b.move", NULL, A);
    strcpy(H, scratch_append(log_, "a.error", NULL, H));
    eventure_log_advance_tick(log_);
    scratch_append(log_, "b.move", NULL, A);
    scratch_append(log_, "c.end", NULL, NULL);
    scratch_append(log_, "a.error", NULL, NULL);
    eventure_log_advance_to(log_, 4);
    strcpy(H, scratch_append(log_, "b.move", NULL, H));
    eventure_log_commit(log_);
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader_));
}

static void tear_down(void)
{
    eventure_reader_close(reader_);
    eventure_log_close(log_);
}

static void expect_plan(const eventure_filter *filter, const char *must_have, const char *must_not_have)
{
    char *text = NULL;
    expect_ok(reader_, eventure_query_explain(reader_, filter, &text));
    const char *plan = strstr(text, "plan:");
    ck_assert_ptr_nonnull(plan);
    ck_assert_msg(strstr(plan, must_have) != NULL, "no %s in %s", must_have, text);
    if (must_not_have != NULL)
        ck_assert_msg(strstr(plan, must_not_have) == NULL, "%s in %s", must_not_have, text);
    eventure_free(text);
}

/* Appends many events, most of them with the same type and the same cause. */
static void grow(void)
{
    for (int i = 0; i < 3000; i++)
    {
        scratch_append(log_, i % 500 == 7 ? "a.rare" : "b.move", NULL, i % 3 == 0 ? A : NULL);
        if (i % 10 == 9)
            eventure_log_advance_tick(log_);
    }
    expect_ok(log_, eventure_log_commit(log_));
}

/* Runs ANALYZE, and opens the file again: SQLite reads its statistics then. */
static void analyze(void)
{
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "ANALYZE"));
    eventure_reader_close(reader_);
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader_));
}

/* Checks that plans depend neither on the number of events nor on the statistics of SQLite. */
static void expect_plans(void (*of_questions)(void))
{
    of_questions();
    analyze();
    of_questions();
    grow();
    of_questions(); /* with the statistics of the small store */
    analyze();
    of_questions();
}

/* Checks the plans in a store in which most events have one type, and hardly any event has a parent. */
static void expect_plans_of_a_plain_store(void (*of_questions)(void))
{
    for (int i = 0; i < 3000; i++)
    {
        scratch_append(log_, "b.move", NULL, NULL);
        if (i % 10 == 9)
            eventure_log_advance_tick(log_);
    }
    expect_ok(log_, eventure_log_commit(log_));
    analyze();
    of_questions();
}

static void expect_plans_of_one_type(void)
{
    static const char *const patterns[] = {"b.move", "a.rare", "no.such"};
    for (size_t i = 0; i < COUNT_OF(patterns); i++)
    {
        eventure_filter filter = EVENTURE_FILTER_INIT;
        filter.type = patterns[i];
        expect_plan(&filter, "\n  SEARCH events USING INDEX events_type (type=?)", "TEMP B-TREE");
        filter.limit = 5;
        expect_plan(&filter, "\n  SEARCH events USING INDEX events_type (type=?)", "TEMP B-TREE");
        filter.reverse = true;
        expect_plan(&filter, "\n  SEARCH events USING INDEX events_type (type=?)", "TEMP B-TREE");
        filter.tick_min = 2;
        filter.tick_end = 4;
        expect_plan(&filter, "\n  SEARCH events USING INDEX events_type (type=? AND rowid>? AND rowid<?)",
                    "TEMP B-TREE");
        filter.after_seq = 7;
        expect_plan(&filter, "\n  SEARCH events USING INDEX events_type (type=? AND rowid>? AND rowid<?)",
                    "TEMP B-TREE");
        filter.reverse = false;
        expect_plan(&filter, "\n  SEARCH events USING INDEX events_type (type=? AND rowid>? AND rowid<?)",
                    "SCAN events");
    }
}

START_TEST(a_type_is_served_by_the_index_on_types_without_sorting)
{
    expect_plans(expect_plans_of_one_type);
    expect_plans_of_a_plain_store(expect_plans_of_one_type);
}
END_TEST

static void expect_plans_of_several_types(void)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    const char *const more[] = {"c.end", "no.such", "a.*"};
    filter.type = "b.move";
    filter.types = more;
    for (int reverse = 0; reverse < 2; reverse++)
        for (filter.types_count = 1; filter.types_count <= 3; filter.types_count++)
        {
            filter.reverse = reverse != 0;
            filter.tick_min = 0;
            filter.tick_end = 0;
            expect_plan(&filter, "MERGE (UNION ALL)", "TEMP B-TREE");
            expect_plan(&filter, "SEARCH events USING COVERING INDEX events_type (type=?)", "SCAN events");
            expect_plan(&filter, "\n  SEARCH events USING INTEGER PRIMARY KEY (rowid=?)", "COMPOUND");
            filter.tick_min = 1;
            filter.tick_end = 2;
            expect_plan(&filter, "MERGE (UNION ALL)", "TEMP B-TREE");
            expect_plan(&filter, "SEARCH events USING COVERING INDEX events_type (type=? AND rowid>? AND rowid<?)",
                        "SCAN events");
        }
}

START_TEST(several_types_are_merged_from_the_index_on_types_without_sorting)
{
    expect_plans(expect_plans_of_several_types);
    expect_plans_of_a_plain_store(expect_plans_of_several_types);
}
END_TEST

static void expect_plans_of_ranges(void)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.tick_min = 1;
    filter.tick_end = 3;
    expect_plan(&filter, "SEARCH events USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)", "TEMP B-TREE");
    filter.roots = true;
    expect_plan(&filter, "SEARCH events USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)", "TEMP B-TREE");
    filter.tick_min = 0;
    filter.tick_end = 0;
    filter.roots = false;
    filter.after_seq = 5;
    expect_plan(&filter, "SEARCH events USING INTEGER PRIMARY KEY (rowid>?)", "TEMP B-TREE");
    filter.reverse = true;
    expect_plan(&filter, "SEARCH events USING INTEGER PRIMARY KEY (rowid<?)", "TEMP B-TREE");
}

START_TEST(a_range_of_ticks_is_a_range_of_rows)
{
    expect_plans(expect_plans_of_ranges);
    expect_plans_of_a_plain_store(expect_plans_of_ranges);
}
END_TEST

static void expect_plans_of_relations(void)
{
    for (int reverse = 0; reverse < 2; reverse++)
    {
        eventure_filter filter = EVENTURE_FILTER_INIT;
        filter.reverse = reverse != 0;
        filter.children_of = A;
        expect_plan(&filter, "\n  SEARCH events USING INDEX events_parent_id (parent_id=?)", "TEMP B-TREE");
        filter.type = "b.move";
        expect_plan(&filter, "\n  SEARCH events USING INDEX events_parent_id (parent_id=?)", "TEMP B-TREE");
        filter.tick_min = 1;
        filter.tick_end = 2;
        expect_plan(&filter, "\n  SEARCH events USING INDEX events_parent_id (parent_id=? AND rowid>? AND rowid<?)",
                    "TEMP B-TREE");
    }
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.cascade_of = A;
    expect_plan(&filter, "SEARCH child USING COVERING INDEX events_parent_seq (parent_seq=? AND rowid>?)",
                "TEMP B-TREE");
    expect_plan(&filter, "\n  SEARCH events USING INTEGER PRIMARY KEY (rowid=?)", "SCAN events");
    filter.type = "b.move";
    expect_plan(&filter, "\n  SEARCH events USING INTEGER PRIMARY KEY (rowid=?)", "SCAN events");
    filter.cascade_of = NULL;
    filter.type = NULL;
    filter.ancestors_of = H;
    expect_plan(&filter, "\n  SEARCH events USING INTEGER PRIMARY KEY (rowid=?)", "TEMP B-TREE");
    expect_plan(&filter, "RECURSIVE STEP", "SCAN events");
}

START_TEST(relations_are_served_by_the_indexes_on_the_parent)
{
    expect_plans(expect_plans_of_relations);
    expect_plans_of_a_plain_store(expect_plans_of_relations);
}
END_TEST

/* Statistics then say that an index on parents does not narrow a search. */
START_TEST(children_are_looked_up_also_where_no_event_had_a_parent)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    tear_down();
    log_ = scratch_new();
    for (int i = 0; i < 3000; i++)
    {
        strcpy(A, scratch_append(log_, "a.start", NULL, NULL));
        if (i % 10 == 9)
            eventure_log_advance_tick(log_);
    }
    reader_ = NULL;
    analyze();
    filter.children_of = A;
    expect_plan(&filter, "\n  SEARCH events USING INDEX events_parent_id (parent_id=?)", "TEMP B-TREE");
    filter.tick_min = 2;
    expect_plan(&filter, "\n  SEARCH events USING INDEX events_parent_id (parent_id=? AND rowid>?)", "TEMP B-TREE");
    filter.tick_end = 3;
    filter.type = "a.start";
    expect_plan(&filter, "\n  SEARCH events USING INDEX events_parent_id (parent_id=? AND rowid>? AND rowid<?)",
                "TEMP B-TREE");
}
END_TEST

/* Checks the plan of a fixed statement of the library. */
static void expect_plan_of_query(const eventure__sql *query, const char *expected)
{
    char sql[2048];
    char plan[1024] = "";
    sqlite3_stmt *statement = NULL;
    snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", query->text);
    ck_assert_msg(sqlite3_prepare_v2(reader_->db, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s", query->name,
                  sqlite3_errmsg(reader_->db));
    while (sqlite3_step(statement) == SQLITE_ROW)
        snprintf(plan + strlen(plan), sizeof plan - strlen(plan), "%s%s", plan[0] == '\0' ? "" : "; ",
                 (const char *)sqlite3_column_text(statement, 3));
    sqlite3_finalize(statement);
    ck_assert_msg(strcmp(plan, expected) == 0, "%s: %s\ninstead of %s", query->name, plan, expected);
}

static void expect_plans_of_fixed_questions(void)
{
    expect_plan_of_query(
        &eventure__query_seq_of_id,
        "COMPOUND QUERY; LEFT-MOST SUBQUERY; SEARCH main.events USING COVERING INDEX events_id (id=?); "
        "UNION ALL; SEARCH main.archived_events USING COVERING INDEX "
        "sqlite_autoindex_archived_events_1 (id=?)");
    expect_plan_of_query(&eventure__query_distinct_types,
                         "CO-ROUTINE found; SETUP; SEARCH events USING COVERING INDEX events_type (type>?); "
                         "RECURSIVE STEP; SCAN found; CORRELATED SCALAR SUBQUERY 2; "
                         "SEARCH events USING COVERING INDEX events_type (type>?); SCAN found");
    expect_plan_of_query(&eventure__query_count_by_type,
                         "CO-ROUTINE counted; SCAN events USING COVERING INDEX events_type; SCAN counted; "
                         "CORRELATED SCALAR SUBQUERY 2; SEARCH events USING COVERING INDEX events_type (type=?); "
                         "USE TEMP B-TREE FOR ORDER BY"); /* of types */
    expect_plan_of_query(&eventure__query_events_of_tick,
                         "SEARCH tick USING INTEGER PRIMARY KEY (rowid=?); "
                         "SEARCH events USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)");
    expect_plan_of_query(&eventure__query_place_of_event, "SEARCH events USING INTEGER PRIMARY KEY (rowid=?); "
                                                          "SEARCH tick USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN");
    expect_plan_of_query(&eventure__query_fork_seq, "SEARCH tick USING INTEGER PRIMARY KEY (rowid<?)");
    expect_plan_of_query(&eventure__query_ticks_between, "SEARCH tick USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)");
    expect_plan_of_query(&eventure__query_parents_between,
                         "SEARCH events USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)");
    expect_plan_of_query(&eventure__query_causes_of_later,
                         "SEARCH events USING COVERING INDEX events_parent_seq (parent_seq>? AND parent_seq<?)");
    expect_plan_of_query(&eventure__query_ticks_of_later_children,
                         "SEARCH events USING INDEX events_parent_seq (parent_seq=? AND rowid>? AND rowid<?)");
}

START_TEST(the_fixed_questions_rest_on_indexes)
{
    expect_plans(expect_plans_of_fixed_questions);
    expect_plans_of_a_plain_store(expect_plans_of_fixed_questions);
}
END_TEST
