/*
 * Indexes that are built last: whatever happens, the store has them in the end, and they hold everything.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"

#define INDEXES                                                                                                        \
    "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE type = 'index' AND name LIKE 'events_%' " \
    "ORDER BY name)"

static eventure_log *log_;
static char *usual; /* the indexes of a store into which nothing was imported */

static void set_up(void)
{
    log_ = scratch_new();
    usual = scratch_ask(SCRATCH_PATH, INDEXES);
    ck_assert_ptr_nonnull(strstr(usual, "events_tick"));
    ck_assert_ptr_nonnull(strstr(usual, "events_type"));
    ck_assert_ptr_nonnull(strstr(usual, "UNIQUE INDEX events_id"));
    ck_assert_ptr_nonnull(strstr(usual, "events_parent_seq"));
    ck_assert_ptr_nonnull(strstr(usual, "events_parent_id"));
}

static void tear_down(void)
{
    ck_assert_int_eq(eventure_log_close(log_), EVENTURE_OK);
    scratch_remove(SCRATCH_PATH);
    free(usual);
}

/* A history of so many events, 10 a tick; each 7th one's parent is the first event of all. */
static FILE *history(int events, const char *ending)
{
    FILE *lines = tmpfile();
    ck_assert_ptr_nonnull(lines);
    for (int i = 0; i < events; i++)
    {
        fprintf(lines,
                "{\"tick\": %d, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {\"n\": %d}, \"event_id\": "
                "\"%d-EBFC-%d\", ",
                i / 10, i, i / 10, i % 10 + 1);
        fputs(i > 0 && i % 7 == 0 ? "\"parent_id\": \"0-EBFC-1\"}\n" : "\"parent_id\": null}\n", lines);
    }
    fputs(ending, lines);
    rewind(lines);
    return lines;
}

static eventure_status import(int events, const char *ending)
{
    FILE *lines = history(events, ending);
    eventure_status status = eventure_log_import(log_, lines, NULL, NULL);
    fclose(lines);
    return status;
}

static void expect_sound(void)
{
    eventure_verify_report report;
    ck_assert_int_eq(eventure_store_verify(eventure_log_reader(log_), NULL, &report), EVENTURE_OK);
    ck_assert_msg(report.is_sound, "%s", report.problem);
    scratch_expect_answer(INDEXES, usual);
    scratch_expect_answer("PRAGMA integrity_check", "ok");
}

START_TEST(after_an_import_the_indexes_are_those_of_any_store)
{
    ck_assert_int_eq(import(500, ""), EVENTURE_OK); /* all parents are remembered: no look-up */
    expect_sound();
    scratch_expect_answer("SELECT count(*) FROM events INDEXED BY events_parent_seq WHERE parent_seq IS NOT NULL",
                          "71");
    scratch_expect_answer("SELECT count(*) FROM events INDEXED BY events_parent_id WHERE parent_id = '0-EBFC-1'", "71");
    scratch_expect_answer("SELECT count(*) FROM events INDEXED BY events_tick WHERE tick BETWEEN 16 AND 23", "80");
    scratch_expect_answer("SELECT count(*) FROM events INDEXED BY events_type WHERE type = 'a.b'", "500");
    scratch_expect_answer("SELECT count(*) FROM events INDEXED BY events_id WHERE id LIKE '%-EBFC-1'", "50");
}
END_TEST

START_TEST(a_parent_far_away_is_found_through_the_index)
{
    ck_assert_int_eq(import(5000, ""), EVENTURE_OK);
    expect_sound();
    scratch_expect_answer("SELECT count(*) FROM events WHERE parent_seq = 1", "714");
}
END_TEST

/* Lines whose ids are their own, 2 a tick; the parent of each but the first is the first. */
static eventure_status import_foreign(int from, int to, const char *ending)
{
    FILE *lines = tmpfile();
    ck_assert_ptr_nonnull(lines);
    for (int i = from; i < to; i++)
        fprintf(lines,
                "{\"tick\": %d, \"timestamp\": 1, \"type\": \"a.b\", \"data\": {}, \"event_id\": \"x/%d\", "
                "\"parent_id\": %s}\n",
                i / 2, i, i == 0 ? "null" : "\"x/0\"");
    fputs(ending, lines);
    rewind(lines);
    eventure_status status = eventure_log_import(log_, lines, NULL, NULL);
    fclose(lines);
    return status;
}

START_TEST(ids_of_their_own_are_found_before_the_indexes_are_built)
{
    static const char again[] = "{\"tick\": 1500, \"timestamp\": 1, \"type\": \"a.b\", \"data\": {}, \"event_id\": "
                                "\"x/17\", \"parent_id\": null}\n";
    static const char of_one_that_waits[] =
        "{\"tick\": 1500, \"timestamp\": 1, \"type\": \"a.b\", \"data\": {}, \"event_id\": \"1500-EBFC-1\", "
        "\"parent_id\": \"x/2999\"}\n"
        "{\"tick\": 1500, \"timestamp\": 1, \"type\": \"c.d\", \"data\": {}, \"event_id\": \"1500-EBFC-1\", "
        "\"parent_id\": null}\n";
    ck_assert_int_eq(import_foreign(0, 3000, again), EVENTURE_ERROR_EXISTS);
    ck_assert_ptr_nonnull(strstr(eventure_log_message(log_), "id x/17 is taken by event 18"));
    ck_assert_int_eq(import_foreign(0, 3000, of_one_that_waits), EVENTURE_ERROR_EXISTS);
    ck_assert_ptr_nonnull(strstr(eventure_log_message(log_), "id 1500-EBFC-1 is taken by event 3001"));
    expect_sound();
    ck_assert_int_eq(import_foreign(0, 3000, ""), EVENTURE_OK);
    ck_assert_int_eq(import_foreign(3000, 4000, ""), EVENTURE_OK); /* the store holds such ids already */
    /* The line is also too late for its tick; what is reported is that the store has the event. */
    ck_assert_int_eq(import_foreign(4000, 4000, again), EVENTURE_ERROR_EXISTS);
    ck_assert_ptr_nonnull(strstr(eventure_log_message(log_), "id x/17 is taken: the store has the event already"));
    expect_sound();
    scratch_expect_answer("SELECT count(*) FROM events WHERE parent_seq = 1", "3999");
    scratch_expect_answer("SELECT count(*) FROM events WHERE parent_id IS NOT NULL AND parent_seq IS NULL", "0");
}
END_TEST

START_TEST(an_import_that_fails_leaves_the_indexes_as_they_were)
{
    ck_assert_int_eq(import(500, "{}\n"), EVENTURE_ERROR_JSON);
    scratch_expect_answer(INDEXES, usual);
    ck_assert_int_eq(import(3000, "{}\n"), EVENTURE_ERROR_JSON);
    expect_sound();
    scratch_append(log_, "c.d", NULL, NULL);
    ck_assert_int_eq(eventure_log_advance_tick(log_), EVENTURE_OK);
    ck_assert_int_eq(import(500, ""), EVENTURE_ERROR_TICK); /* into a store that is not empty any more */
    expect_sound();
    scratch_expect_answer("SELECT count(*) FROM events", "1");
}
END_TEST

START_TEST(an_import_of_nothing_changes_nothing)
{
    ck_assert_int_eq(import(0, ""), EVENTURE_OK);
    expect_sound();
}
END_TEST

START_TEST(a_cursor_that_is_being_read_keeps_the_indexes)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    ck_assert_int_eq(eventure_query(eventure_log_reader(log_), &filter, &cursor), EVENTURE_OK);
    ck_assert_int_eq(import(500, ""), EVENTURE_OK);
    ck_assert_int_ge(eventure_cursor_next(cursor, &event), EVENTURE_OK);
    eventure_cursor_free(cursor);
    expect_sound();
}
END_TEST

static int ask_in_between(const eventure_progress *progress, void *context)
{
    eventure_cursor **cursor = context;
    eventure_event event;
    if (progress->done > 0 && *cursor == NULL)
    {
        ck_assert_int_eq(eventure_query_by_type(eventure_log_reader(log_), "a.b", cursor), EVENTURE_OK);
        ck_assert_int_eq(eventure_cursor_next(*cursor, &event), EVENTURE_ROW);
    }
    return 0;
}

START_TEST(a_question_in_the_middle_is_answered_and_does_no_harm)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    eventure_cursor *cursor = NULL;
    options.progress = ask_in_between;
    options.progress_context = &cursor;
    FILE *lines = history(20000, "");
    eventure_status status = eventure_log_import(log_, lines, &options, NULL);
    fclose(lines);
    ck_assert_msg(status == EVENTURE_OK, "%s", eventure_log_message(log_));
    ck_assert_ptr_nonnull(cursor);
    eventure_cursor_free(cursor);
    expect_sound();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("late_index");
    TCase *tests = tcase_create("late_index");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, after_an_import_the_indexes_are_those_of_any_store);
    tcase_add_test(tests, a_parent_far_away_is_found_through_the_index);
    tcase_add_test(tests, ids_of_their_own_are_found_before_the_indexes_are_built);
    tcase_add_test(tests, an_import_that_fails_leaves_the_indexes_as_they_were);
    tcase_add_test(tests, an_import_of_nothing_changes_nothing);
    tcase_add_test(tests, a_cursor_that_is_being_read_keeps_the_indexes);
    tcase_add_test(tests, a_question_in_the_middle_is_answered_and_does_no_harm);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
