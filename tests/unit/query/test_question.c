/*
 * The snapshot of a query: it reads the commit in which its ids were found, also when an import adds these ids
 * meanwhile.
 */
#include <string.h>

#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

static eventure_log *log_;
static eventure_reader *reader_;
static char root_[64];

static void set_up(void)
{
    log_ = scratch_new();
    strcpy(root_, scratch_append(log_, "a.start", NULL, NULL));
    scratch_append(log_, "b.move", NULL, root_);
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader_));
}

static void tear_down(void)
{
    eventure_reader_close(reader_);
    expect_ok(NULL, eventure_log_close(log_));
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
    expect_ok(log_, eventure_log_advance_tick(log_));
}

START_TEST(an_answer_is_of_the_commit_in_which_its_id_was_found)
{
    eventure_cursor *cursor = NULL;
    expect_ok(reader_, eventure_query_children(reader_, root_, &cursor));
    append_child_and_commit();
    ck_assert_int_eq(rows_of(cursor), 1);
    eventure_cursor_free(cursor);
    expect_ok(reader_, eventure_query_children(reader_, root_, &cursor));
    ck_assert_int_eq(rows_of(cursor), 2);
    eventure_cursor_free(cursor);
}
END_TEST

START_TEST(a_cursor_that_was_read_to_its_end_or_freed_unread_holds_no_commit)
{
    eventure_cursor *cursor = NULL;
    eventure_cursor *unread = NULL;
    int64_t last_seq = 0;
    expect_ok(reader_, eventure_query_children(reader_, root_, &cursor));
    expect_ok(reader_, eventure_query_cascade(reader_, root_, EVENTURE_ORDER_DEFAULT, &unread));
    append_child_and_commit();
    expect_ok(reader_, eventure_reader_last_seq(reader_, &last_seq));
    ck_assert_int_eq(last_seq, 2);
    ck_assert_int_eq(rows_of(cursor), 1);
    eventure_cursor_free(unread);
    expect_ok(reader_, eventure_reader_last_seq(reader_, &last_seq));
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
    expect_ok(reader_, eventure_query_count(reader_, &filter, &count));
    ck_assert_int_eq(count, 1);
    expect_ok(reader_, eventure_query_find(reader_, root_, &found));
    eventure_event_free(found);
    append_child_and_commit();
    expect_ok(reader_, eventure_query_count(reader_, &filter, &count));
    ck_assert_int_eq(count, 2);
}
END_TEST

static void import(const char *lines)
{
    expect_ok(log_, scratch_import(log_, lines, NULL));
}

START_TEST(a_cursor_stays_right_when_the_first_explicit_id_comes_while_it_is_read)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    expect_ok(eventure_log_reader(log_), eventure_query(eventure_log_reader(log_), NULL, &cursor));
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
    import("{\"tick\": 5, \"timestamp\": 1.0, \"type\": \"b.move\", \"data\": {}, \"event_id\": \"odd one\", "
           "\"parent_id\": null}\n");
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
    ck_assert_str_eq(event.parent_id, root_);
    expect_status(EVENTURE_DONE, NULL, eventure_cursor_next(cursor, &event));
    eventure_cursor_free(cursor);
    scratch_append(log_, "b.move", NULL, "odd one");
    expect_ok(eventure_log_reader(log_), eventure_query_children(eventure_log_reader(log_), "odd one", &cursor));
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
    ck_assert_str_eq(event.parent_id, "odd one");
    eventure_cursor_free(cursor);
}
END_TEST

static int end_with(const char *type, int64_t count, void *context)
{
    (void)type;
    (void)count;
    return *(const int *)context;
}

static int end_group_with(const eventure_query_group *group, void *context)
{
    (void)group;
    return *(const int *)context;
}

static int look_up(const eventure_query_group *group, void *context)
{
    eventure_event *found = NULL;
    (void)group;
    (void)context;
    return eventure_query_find(reader_, "none", &found);
}

START_TEST(a_count_that_its_callback_ends_says_so)
{
    int result = -9;
    expect_status(result, reader_, eventure_query_count_by_type(reader_, end_with, &result));
    ck_assert_str_eq(eventure_reader_message(reader_), "count by type: the callback returned -9 (EVENTURE_ERROR_TICK)");
    expect_status(result, reader_,
                  eventure_query_count_groups(reader_, NULL, EVENTURE_GROUP_TYPE, end_group_with, &result));
    ck_assert_str_eq(eventure_reader_message(reader_), "count by type: the callback returned -9 (EVENTURE_ERROR_TICK)");
    expect_status(result, reader_,
                  eventure_query_count_groups(reader_, NULL, EVENTURE_GROUP_TICK, end_group_with, &result));
    ck_assert_str_eq(eventure_reader_message(reader_), "count by tick: the callback returned -9 (EVENTURE_ERROR_TICK)");
    result = 7; /* not an error */
    ck_assert_int_eq(eventure_query_count_by_type(reader_, end_with, &result), 7);
    ck_assert_str_eq(eventure_reader_message(reader_), "");
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader_,
                  eventure_query_count_groups(reader_, NULL, EVENTURE_GROUP_TYPE, look_up, NULL));
    ck_assert_str_eq(eventure_reader_message(reader_), "count by type: there is no event none");
}
END_TEST

START_TEST(an_argument_that_is_missing_is_reported_by_the_function_that_was_called)
{
    eventure_cursor *cursor = NULL;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query_children(reader_, NULL, &cursor));
    ck_assert_str_eq(eventure_last_message(), "eventure_query_children: a required argument is NULL");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query_ancestors(NULL, root_, &cursor));
    ck_assert_str_eq(eventure_last_message(), "eventure_query_ancestors: a required argument is NULL");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query_cascade(reader_, NULL, EVENTURE_ORDER_ID, &cursor));
    ck_assert_str_eq(eventure_last_message(), "eventure_query_cascade: a required argument is NULL");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL,
                  eventure_query_count_groups(reader_, NULL, EVENTURE_GROUP_TYPE, NULL, NULL));
    ck_assert_str_eq(eventure_last_message(), "eventure_query_count_groups: a required argument is NULL");
}
END_TEST

START_TEST(a_negative_tick_is_named)
{
    eventure_cursor *cursor = NULL;
    expect_status(EVENTURE_ERROR_TICK, reader_, eventure_query_at_tick(reader_, -5, &cursor));
    ck_assert_str_eq(eventure_reader_message(reader_), "query: tick -5 is negative");
    expect_status(EVENTURE_ERROR_TICK, reader_, eventure_query_until_tick(reader_, -1, &cursor));
    ck_assert_str_eq(eventure_reader_message(reader_), "query: tick -1 is negative");
    expect_status(EVENTURE_ERROR_TICK, reader_, eventure_query_roots(reader_, -2, &cursor));
    ck_assert_str_eq(eventure_reader_message(reader_), "query: tick -2 is negative");
}
END_TEST

/* The commit that an open cursor reads. */
START_TEST(an_open_cursor_holds_its_commit_for_all_queries_of_the_reader)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    int64_t last_seq = 0;
    expect_ok(reader_, eventure_query(reader_, NULL, &cursor));
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
    append_child_and_commit();
    expect_ok(reader_, eventure_reader_begin(reader_));
    expect_ok(reader_, eventure_reader_last_seq(reader_, &last_seq));
    ck_assert_int_eq(last_seq, 2);
    expect_ok(reader_, eventure_reader_refresh(reader_));
    expect_ok(reader_, eventure_reader_last_seq(reader_, &last_seq));
    ck_assert_int_eq(last_seq, 2);
    eventure_reader_end(reader_);
    eventure_cursor_free(cursor);
    expect_ok(reader_, eventure_reader_last_seq(reader_, &last_seq));
    ck_assert_int_eq(last_seq, 3);
}
END_TEST
