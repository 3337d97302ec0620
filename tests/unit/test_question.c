/*
 * What a question sees: the commit in which its ids were found, and ids that an import brings while it is read.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"

static eventure_log *log_;
static eventure_reader *reader_;
static char root_[64];

static void set_up(void)
{
    log_ = scratch_new();
    strcpy(root_, scratch_append(log_, "a.start", NULL, NULL));
    scratch_append(log_, "b.move", NULL, root_);
    ck_assert_int_eq(eventure_log_advance_tick(log_), EVENTURE_OK);
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &reader_), EVENTURE_OK);
}

static void tear_down(void)
{
    eventure_reader_close(reader_);
    ck_assert_int_eq(eventure_log_close(log_), EVENTURE_OK);
}

static int64_t rows_of(eventure_cursor *cursor)
{
    eventure_event event;
    int64_t rows = 0;
    while (eventure_cursor_next(cursor, &event) == EVENTURE_ROW)
        rows++;
    return rows;
}

static void append_child_and_commit(void)
{
    scratch_append(log_, "b.move", NULL, root_);
    ck_assert_int_eq(eventure_log_advance_tick(log_), EVENTURE_OK);
}

START_TEST(an_answer_is_of_the_commit_in_which_its_id_was_found)
{
    eventure_cursor *cursor = NULL;
    ck_assert_int_eq(eventure_query_children(reader_, root_, &cursor), EVENTURE_OK);
    append_child_and_commit();
    ck_assert_int_eq(rows_of(cursor), 1);
    eventure_cursor_free(cursor);
    ck_assert_int_eq(eventure_query_children(reader_, root_, &cursor), EVENTURE_OK);
    ck_assert_int_eq(rows_of(cursor), 2);
    eventure_cursor_free(cursor);
}
END_TEST

START_TEST(a_cursor_that_was_read_to_its_end_or_freed_unread_holds_no_commit)
{
    eventure_cursor *cursor = NULL;
    eventure_cursor *unread = NULL;
    int64_t last_seq = 0;
    ck_assert_int_eq(eventure_query_children(reader_, root_, &cursor), EVENTURE_OK);
    ck_assert_int_eq(eventure_query_cascade(reader_, root_, EVENTURE_ORDER_DEFAULT, &unread), EVENTURE_OK);
    append_child_and_commit();
    ck_assert_int_eq(eventure_reader_last_seq(reader_, &last_seq), EVENTURE_OK);
    ck_assert_int_eq(last_seq, 2);
    ck_assert_int_eq(rows_of(cursor), 1);
    eventure_cursor_free(unread);
    ck_assert_int_eq(eventure_reader_last_seq(reader_, &last_seq), EVENTURE_OK);
    ck_assert_int_eq(last_seq, 3);
    eventure_cursor_free(cursor);
}
END_TEST

START_TEST(counting_and_finding_hold_no_commit)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_event *found = NULL;
    int64_t count = 0;
    filter.children_of = root_;
    ck_assert_int_eq(eventure_count(reader_, &filter, &count), EVENTURE_OK);
    ck_assert_int_eq(count, 1);
    ck_assert_int_eq(eventure_query_find(reader_, root_, &found), EVENTURE_OK);
    eventure_event_free(found);
    append_child_and_commit();
    ck_assert_int_eq(eventure_count(reader_, &filter, &count), EVENTURE_OK);
    ck_assert_int_eq(count, 2);
}
END_TEST

static void import(const char *lines)
{
    FILE *in = tmpfile();
    ck_assert_ptr_nonnull(in);
    fputs(lines, in);
    rewind(in);
    ck_assert_msg(eventure_log_import(log_, in, NULL, NULL) == EVENTURE_OK, "%s", eventure_log_message(log_));
    fclose(in);
}

START_TEST(a_cursor_stays_right_when_the_first_foreign_id_comes_while_it_is_read)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    ck_assert_int_eq(eventure_query(eventure_log_reader(log_), NULL, &cursor), EVENTURE_OK);
    ck_assert_int_eq(eventure_cursor_next(cursor, &event), EVENTURE_ROW);
    import("{\"tick\": 5, \"timestamp\": 1.0, \"type\": \"b.move\", \"data\": {}, \"event_id\": \"odd one\", "
           "\"parent_id\": null}\n");
    ck_assert_int_eq(eventure_cursor_next(cursor, &event), EVENTURE_ROW);
    ck_assert_str_eq(event.parent_id, root_);
    ck_assert_int_eq(eventure_cursor_next(cursor, &event), EVENTURE_DONE);
    eventure_cursor_free(cursor);
    scratch_append(log_, "b.move", NULL, "odd one");
    ck_assert_int_eq(eventure_query_children(eventure_log_reader(log_), "odd one", &cursor), EVENTURE_OK);
    ck_assert_int_eq(eventure_cursor_next(cursor, &event), EVENTURE_ROW);
    ck_assert_str_eq(event.parent_id, "odd one");
    eventure_cursor_free(cursor);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("question");
    TCase *tests = tcase_create("question");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, an_answer_is_of_the_commit_in_which_its_id_was_found);
    tcase_add_test(tests, a_cursor_that_was_read_to_its_end_or_freed_unread_holds_no_commit);
    tcase_add_test(tests, counting_and_finding_hold_no_commit);
    tcase_add_test(tests, a_cursor_stays_right_when_the_first_foreign_id_comes_while_it_is_read);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
