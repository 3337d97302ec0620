/*
 * Queries: every kind, their combinations, and their order. test_plans.c tests which indexes they use.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query_world.h"

TEST_FIXTURE(open_story, close_story);

/* Takes the address of the cursor, because the call that opens the cursor is among the arguments. */
static void expect_cursor(eventure_status status, eventure_cursor **cursor, const char *expected)
{
    char *got = scratch_ids(status, *cursor);
    ck_assert_str_eq(got, expected);
    free(got);
}

START_TEST(without_a_filter_every_event_is_answered_in_append_order)
{
    char all[256];
    snprintf(all, sizeof all, "%s %s %s %s %s %s %s %s", A, B, C, D, E, F, G, H);
    scratch_expect(reader_, NULL, all);
    eventure_filter filter = EVENTURE_FILTER_INIT;
    expect(&filter, all);
    filter.reverse = true;
    filter.limit = 2;
    expect(&filter, ids(H, G, NULL, NULL, NULL));
}
END_TEST

START_TEST(by_type_answers_in_append_order)
{
    eventure_cursor *cursor = NULL;
    eventure_status status = eventure_query_by_type(reader_, "b.move", &cursor);
    expect_cursor(status, &cursor, ids(B, C, E, H, NULL));
    status = eventure_query_by_type(reader_, "no.such", &cursor);
    expect_cursor(status, &cursor, "");
}
END_TEST

START_TEST(by_pattern_answers_in_append_order)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.type = "a.*";
    expect(&filter, ids(A, D, G, NULL, NULL));
    filter.type = "*.error";
    expect(&filter, ids(D, G, NULL, NULL, NULL));
    filter.type = "*";
    filter.limit = 3;
    expect(&filter, ids(A, B, C, NULL, NULL));
    const char *more[] = {"c.*", "*.start"};
    filter.type = "b.move";
    filter.types = more;
    filter.types_count = 2;
    filter.limit = 5;
    expect(&filter, ids(A, B, C, E, F));
    filter.reverse = true;
    filter.limit = 3;
    expect(&filter, ids(H, F, E, NULL, NULL));
}
END_TEST

START_TEST(a_wildcard_in_another_place_is_refused)
{
    eventure_cursor *cursor = NULL;
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_, eventure_query_by_type(reader_, "a*b", &cursor));
    ck_assert_ptr_null(cursor);
    expect_part(eventure_reader_message(reader_), "a*b");
}
END_TEST

START_TEST(data_is_equal_as_json)
{
    eventure_cursor *cursor = NULL;
    expect_cursor(eventure_query_by_data(reader_, eventure_int("n", 1), &cursor), &cursor, ids(A, B, F, NULL, NULL));
    expect_cursor(eventure_query_by_data(reader_, eventure_double("n", 1.0), &cursor), &cursor,
                  ids(A, B, F, NULL, NULL));
    expect_cursor(eventure_query_by_data(reader_, eventure_int("n", 9007199254740993), &cursor), &cursor, D);
    expect_cursor(eventure_query_by_data(reader_, eventure_int("n", 9007199254740992), &cursor), &cursor, "");
    expect_cursor(eventure_query_by_data(reader_, eventure_string("n", "1"), &cursor), &cursor, "");
    expect_cursor(eventure_query_by_data(reader_, eventure_string("q\"q", "x.y"), &cursor), &cursor, E);
    expect_cursor(eventure_query_by_data(reader_, eventure_json_field("q\"q", "\"\\u0078.y\""), &cursor), &cursor, E);
    expect_cursor(eventure_query_by_data(reader_, eventure_bool("\xc3\xa9", true), &cursor), &cursor, G);
    expect_cursor(eventure_query_by_data(reader_, eventure_json_field("a b", " [1.0, {\"x\": null}] "), &cursor),
                  &cursor, C);
    expect_cursor(eventure_query_by_data(reader_, eventure_null("no-such"), &cursor), &cursor, "");
}
END_TEST

START_TEST(a_value_that_is_not_json_is_refused)
{
    eventure_cursor *cursor = NULL;
    expect_status(EVENTURE_ERROR_JSON, reader_,
                  eventure_query_by_data(reader_, eventure_json_field("n", "{"), &cursor));
    expect_part(eventure_reader_message(reader_), "query by data key n");
}
END_TEST

START_TEST(ticks_bound_the_answer_on_both_sides)
{
    eventure_cursor *cursor = NULL;
    expect_cursor(eventure_query_at_tick(reader_, 1, &cursor), &cursor, ids(E, F, G, NULL, NULL));
    expect_cursor(eventure_query_at_tick(reader_, 2, &cursor), &cursor, "");
    expect_cursor(eventure_query_until_tick(reader_, 0, &cursor), &cursor, ids(A, B, C, D, NULL));
    char until[256];
    snprintf(until, sizeof until, "%s %s %s %s %s %s %s", A, B, C, D, E, F, G);
    expect_cursor(eventure_query_until_tick(reader_, 3, &cursor), &cursor, until);
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.tick_min = 2;
    expect(&filter, H);
    filter.tick_min = 5;
    expect(&filter, "");
    filter.tick_min = 0;
    filter.tick_end = 5;
    filter.type = "b.move";
    filter.after_seq = 3;
    expect(&filter, ids(E, H, NULL, NULL, NULL));
    filter.tick_end = 2;
    expect(&filter, E);
}
END_TEST

START_TEST(roots_have_no_parent_or_one_in_an_earlier_tick)
{
    eventure_cursor *cursor = NULL;
    expect_cursor(eventure_query_roots(reader_, -1, &cursor), &cursor, ids(A, E, F, H, NULL));
    expect_cursor(eventure_query_roots(reader_, 1, &cursor), &cursor, ids(E, F, NULL, NULL, NULL));
    expect_cursor(eventure_query_roots(reader_, 7, &cursor), &cursor, "");
}
END_TEST

START_TEST(children_are_direct_ones)
{
    eventure_cursor *cursor = NULL;
    expect_cursor(eventure_query_children(reader_, A, &cursor), &cursor, ids(B, C, E, NULL, NULL));
    expect_cursor(eventure_query_children(reader_, H, &cursor), &cursor, "");
}
END_TEST

START_TEST(a_cascade_comes_breadth_first_or_by_id)
{
    eventure_cursor *cursor = NULL;
    char by_seq[256];
    snprintf(by_seq, sizeof by_seq, "%s %s %s %s %s %s", A, B, C, E, D, H);
    expect_cursor(eventure_query_cascade(reader_, A, EVENTURE_ORDER_DEFAULT, &cursor), &cursor, by_seq);
    snprintf(by_seq, sizeof by_seq, "%s %s %s %s %s %s", A, B, C, D, E, H);
    expect_cursor(eventure_query_cascade(reader_, A, EVENTURE_ORDER_APPEND, &cursor), &cursor, by_seq);
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.cascade_of = A;
    filter.reverse = true;
    snprintf(by_seq, sizeof by_seq, "%s %s %s %s %s %s", H, D, E, C, B, A);
    expect(&filter, by_seq);
}
END_TEST

static int compare_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

START_TEST(by_id_is_by_tick_then_hash_then_n)
{
    eventure_cursor *cursor = NULL;
    /* All numbers are single digits, so the order of the texts is that of tick, HASH and n. */
    char *sorted[] = {A, B, C, D, E, H};
    qsort(sorted, 6, sizeof *sorted, compare_text);
    char expected[256];
    snprintf(expected, sizeof expected, "%s %s %s %s %s %s", sorted[0], sorted[1], sorted[2], sorted[3], sorted[4],
             sorted[5]);
    expect_cursor(eventure_query_cascade(reader_, A, EVENTURE_ORDER_ID, &cursor), &cursor, expected);
}
END_TEST

START_TEST(depth_is_the_distance_of_a_row_from_the_event_asked_for)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    expect_ok(reader_, eventure_query_cascade(reader_, A, EVENTURE_ORDER_DEFAULT, &cursor));
    static const int depths[] = {0, 1, 1, 1, 2, 3};
    for (size_t i = 0; i < 6; i++)
    {
        expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
        ck_assert_int_eq(eventure_cursor_depth(cursor), depths[i]);
    }
    expect_status(EVENTURE_DONE, NULL, eventure_cursor_next(cursor, &event));
    expect_status(EVENTURE_DONE, NULL, eventure_cursor_next(cursor, &event));
    eventure_cursor_free(cursor);
}
END_TEST

START_TEST(ancestors_go_up_to_the_root)
{
    eventure_cursor *cursor = NULL;
    expect_cursor(eventure_query_ancestors(reader_, H, &cursor), &cursor, ids(D, B, A, NULL, NULL));
    expect_cursor(eventure_query_ancestors(reader_, A, &cursor), &cursor, "");
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.ancestors_of = H;
    filter.reverse = true;
    expect(&filter, ids(A, B, D, NULL, NULL));
}
END_TEST

START_TEST(everything_combines)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.cascade_of = A;
    filter.type = "b.*";
    filter.tick_end = 2;
    filter.after_seq = 2;
    expect(&filter, ids(C, E, NULL, NULL, NULL));
    filter.ancestors_of = H;
    filter.type = NULL;
    filter.after_seq = 0;
    expect(&filter, ids(A, B, D, NULL, NULL));
    filter.children_of = A;
    expect(&filter, B);
    eventure_field n = eventure_int("n", 1);
    eventure_filter second = EVENTURE_FILTER_INIT;
    second.data = &n;
    second.data_count = 1;
    second.roots = true;
    expect(&second, ids(A, F, NULL, NULL, NULL));
    second.type = "c.*";
    expect(&second, F);
    eventure_field both[] = {eventure_int("n", 1), eventure_string("who", "Ann")};
    second.type = NULL;
    second.data = both;
    second.data_count = 2;
    expect(&second, A);
}
END_TEST

START_TEST(a_question_about_an_id_that_does_not_exist_is_an_error)
{
    eventure_cursor *cursor = NULL;
    eventure_event *event = NULL;
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader_, eventure_query_children(reader_, "9-ABCD-1", &cursor));
    ck_assert_str_eq(eventure_reader_message(reader_), "there is no event 9-ABCD-1");
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader_,
                  eventure_query_cascade(reader_, "nonsense", EVENTURE_ORDER_ID, &cursor));
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader_, eventure_query_ancestors(reader_, "", &cursor));
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader_, eventure_query_find(reader_, "00-AB-1", &event));
    expect_ok(reader_, eventure_query_find(reader_, A, &event));
    ck_assert_str_eq(event->type, "a.start");
    eventure_event_free(event);
}
END_TEST

static int stop(const char *type, int64_t count, void *context)
{
    (void)type;
    (void)count;
    (void)context;
    return EVENTURE_ERROR_INTERRUPTED;
}

START_TEST(counts_come_in_the_order_of_first_appearance)
{
    char counts[256] = "";
    expect_ok(reader_, eventure_query_count_by_type(reader_, scratch_note_count, counts));
    ck_assert_str_eq(counts, "a.start=1 b.move=4 a.error=2 c.end=1 ");
    expect_status(EVENTURE_ERROR_INTERRUPTED, reader_, eventure_query_count_by_type(reader_, stop, NULL));
}
END_TEST

START_TEST(counting_a_filter_counts_its_answer)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    int64_t count = -1;
    expect_ok(reader_, eventure_query_count(reader_, &filter, &count));
    ck_assert_int_eq(count, 8);
    filter.type = "b.move";
    expect_ok(reader_, eventure_query_count(reader_, &filter, &count));
    ck_assert_int_eq(count, 4);
    filter.limit = 3;
    expect_ok(reader_, eventure_query_count(reader_, &filter, &count));
    ck_assert_int_eq(count, 3);
    filter.type = NULL;
    filter.cascade_of = A;
    filter.limit = 0;
    expect_ok(reader_, eventure_query_count(reader_, &filter, &count));
    ck_assert_int_eq(count, 6);
}
END_TEST

START_TEST(a_logs_own_reader_sees_what_is_not_committed)
{
    eventure_cursor *cursor = NULL;
    char last[32];
    add(last, "z.last", NULL, H);
    expect_cursor(eventure_query_by_type(eventure_log_reader(log_), "z.last", &cursor), &cursor, last);
    expect_cursor(eventure_query_by_type(reader_, "z.last", &cursor), &cursor, "");
    expect_cursor(eventure_query_at_tick(eventure_log_reader(log_), 4, &cursor), &cursor,
                  ids(H, last, NULL, NULL, NULL));
    eventure_log_commit(log_);
    expect_cursor(eventure_query_by_type(reader_, "z.last", &cursor), &cursor, last);
}
END_TEST

START_TEST(events_appended_while_an_answer_is_read_do_not_join_it)
{
    eventure_filter filters[3] = {EVENTURE_FILTER_INIT, EVENTURE_FILTER_INIT, EVENTURE_FILTER_INIT};
    filters[1].type = "b.move";
    filters[2].cascade_of = A;
    for (size_t i = 0; i < 3; i++)
    {
        eventure_cursor *cursor = NULL;
        eventure_event event;
        int64_t expected = -1;
        int64_t rows = 0;
        expect_ok(eventure_log_reader(log_), eventure_query_count(eventure_log_reader(log_), &filters[i], &expected));
        expect_ok(eventure_log_reader(log_), eventure_query(eventure_log_reader(log_), &filters[i], &cursor));
        while (eventure_cursor_next(cursor, &event) == EVENTURE_ROW && rows < 1000)
        {
            rows++;
            scratch_append(log_, "b.move", NULL, A);
        }
        ck_assert_int_eq(rows, expected);
        eventure_cursor_free(cursor);
    }
}
END_TEST

START_TEST(a_filter_that_makes_no_sense_is_refused)
{
    eventure_cursor *cursor = NULL;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.limit = -1;
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_, eventure_query(reader_, &filter, &cursor));
    filter = (eventure_filter){0};
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_, eventure_query(reader_, &filter, &cursor));
    expect_status(EVENTURE_ERROR_TICK, reader_, eventure_query_at_tick(reader_, -5, &cursor));
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.order = EVENTURE_ORDER_BREADTH_FIRST;
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_, eventure_query(reader_, &filter, &cursor));
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_, eventure_query_children(reader_, NULL, &cursor));
}
END_TEST

/* --- A damaged file --- */

START_TEST(an_index_in_disorder_makes_no_endless_cascade)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    int count = 0;
    close_story();
    log_ = NULL;
    scratch_make_own_child(SCRATCH_PATH, 3);
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader_));
    filter.cascade_of = A;
    filter.limit = 1000;
    eventure_status status = eventure_query(reader_, &filter, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
        count++;
    eventure_cursor_free(cursor);
    ck_assert_int_le(count, 5); /* A, B, D, E and H at most */
}
END_TEST

/* --- The table and the views in stock SQLite --- */

static void expect_answer(const char *sql, const char *expected)
{
    char *got = scratch_ask(SCRATCH_PATH, sql);
    ck_assert_msg(got != NULL && strcmp(got, expected) == 0, "%s: %s", sql, got != NULL ? got : "nothing");
    free(got);
}

START_TEST(stock_sqlite_reads_the_history)
{
    char expected[256];
    snprintf(expected, sizeof expected, "%s %s %s %s %s %s %s %s", A, B, C, D, E, F, G, H);
    expect_answer("SELECT group_concat(id, ' ') FROM (SELECT id FROM events ORDER BY seq)", expected);
    expect_answer("SELECT parent_id FROM events WHERE seq = 8", D);
    expect_answer("SELECT count(*) FROM events WHERE parent_id IS NULL", "2");
    expect_answer("SELECT group_concat(type || n) FROM (SELECT type, count(*) AS n FROM events "
                  "WHERE tick BETWEEN 1 AND 3 GROUP BY type)",
                  "a.error1,b.move1,c.end1");
    expect_answer("SELECT group_concat(type || ' ' || count) FROM type_counts", "a.start 1,b.move 4,a.error 2,c.end 1");
    expect_answer("SELECT group_concat(tick || ' ' || count) FROM ticks", "0 4,1 3,4 1");
    snprintf(expected, sizeof expected, "%s %s %s %s", A, E, F, H);
    expect_answer("SELECT group_concat(id, ' ') FROM (SELECT id FROM roots ORDER BY seq)", expected);
}
END_TEST

static int rest_of(eventure_cursor *cursor)
{
    eventure_event event;
    eventure_status status;
    int count = 0;
    while ((status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
        count++;
    expect_status(EVENTURE_DONE, NULL, status);
    eventure_cursor_free(cursor);
    return count;
}

/* A cursor after its first event. */
static eventure_cursor *begin_to_read(eventure_reader *reader)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    expect_ok(reader, eventure_query(reader, NULL, &cursor));
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
    return cursor;
}

START_TEST(an_open_cursor_does_not_return_what_is_appended_later)
{
    eventure_cursor *of_reader = begin_to_read(reader_);
    eventure_cursor *of_log = begin_to_read(eventure_log_reader(log_));
    for (int i = 0; i < 100; i++)
        scratch_append(log_, "late.event", NULL, NULL);
    expect_ok(log_, eventure_log_commit(log_));
    ck_assert_int_eq(rest_of(of_reader), 7);
    ck_assert_int_eq(rest_of(of_log), 7);
    ck_assert_int_eq(rest_of(begin_to_read(reader_)), 107);
}
END_TEST

START_TEST(a_cursor_on_the_log_reads_what_is_not_committed_until_it_is_rolled_back)
{
    for (int i = 0; i < 100; i++)
        scratch_append(log_, "late.event", NULL, NULL);
    ck_assert_int_eq(rest_of(begin_to_read(reader_)), 7);
    ck_assert_int_eq(rest_of(begin_to_read(eventure_log_reader(log_))), 107);
    eventure_cursor *cursor = begin_to_read(eventure_log_reader(log_));
    expect_ok(log_, eventure_log_rollback(log_));
    ck_assert_int_eq(rest_of(cursor), 7);
}
END_TEST
