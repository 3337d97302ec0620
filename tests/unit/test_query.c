/*
 * Questions: every kind, their combinations, and their order. That an index serves each that one can serve:
 * test_plans.c.
 */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"

static eventure_log *log_;
static eventure_reader *reader_;

/*
 * tick 0: A a.start; B b.move (A); C b.move (A); D a.error (B)
 * tick 1: E b.move (A); F c.end; G a.error (F)
 * tick 4: H b.move (D)
 * Ids: a.start 0-BFFD-1 and so on; the names below are filled in as they are given.
 */
static char A[32], B[32], C[32], D[32], E[32], F[32], G[32], H[32];

static void add(char *out, const char *type, const char *json, const char *parent)
{
    strcpy(out, scratch_append(log_, type, json, parent));
}

static void set_up(void)
{
    log_ = scratch_new();
    add(A, "a.start", "{\"n\":1,\"who\":\"Ann\"}", NULL);
    add(B, "b.move", "{\"n\":1.0}", A);
    add(C, "b.move", "{\"n\":2,\"a b\":[1,{\"x\":null}]}", A);
    add(D, "a.error", "{\"n\":9007199254740993}", B);
    eventure_log_advance_tick(log_);
    add(E, "b.move", "{\"q\\\"q\":\"x.y\"}", A);
    add(F, "c.end", "{\"n\":10e-1}", NULL);
    add(G, "a.error", "{\"\\u00e9\":true}", F);
    eventure_log_advance_to(log_, 4);
    add(H, "b.move", "{}", D);
    eventure_log_commit(log_);
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &reader_), EVENTURE_OK);
}

static void tear_down(void)
{
    eventure_reader_close(reader_);
    eventure_log_close(log_);
}

/* Ids put together with a space between them; the result is good until the next call. */
static const char *ids(const char *a, const char *b, const char *c, const char *d, const char *e)
{
    static char text[256];
    snprintf(text, sizeof text, "%s%s%s%s%s%s%s%s%s", a ? a : "", b ? " " : "", b ? b : "", c ? " " : "", c ? c : "",
             d ? " " : "", d ? d : "", e ? " " : "", e ? e : "");
    return text;
}

static void expect(const eventure_filter *filter, const char *expected)
{
    scratch_expect(reader_, filter, expected);
    scratch_expect(eventure_log_reader(log_), filter, expected);
}

/* Takes where the cursor will be, not the cursor: the call that opens it is among the arguments. */
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
    ck_assert_int_eq(eventure_query_by_type(reader_, "a*b", &cursor), EVENTURE_ERROR_ARGUMENT);
    ck_assert_ptr_null(cursor);
    ck_assert_ptr_nonnull(strstr(eventure_reader_message(reader_), "a*b"));
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
    ck_assert_int_eq(eventure_query_by_data(reader_, eventure_json_field("n", "{"), &cursor), EVENTURE_ERROR_JSON);
    ck_assert_ptr_nonnull(strstr(eventure_reader_message(reader_), "query by data key n"));
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
    /* Single digits: here the order of the texts is that of tick, HASH and n. */
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
    ck_assert_int_eq(eventure_query_cascade(reader_, A, EVENTURE_ORDER_DEFAULT, &cursor), EVENTURE_OK);
    static const int depths[] = {0, 1, 1, 1, 2, 3};
    for (size_t i = 0; i < 6; i++)
    {
        ck_assert_int_eq(eventure_cursor_next(cursor, &event), EVENTURE_ROW);
        ck_assert_int_eq(eventure_cursor_depth(cursor), depths[i]);
    }
    ck_assert_int_eq(eventure_cursor_next(cursor, &event), EVENTURE_DONE);
    ck_assert_int_eq(eventure_cursor_next(cursor, &event), EVENTURE_DONE);
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
    ck_assert_int_eq(eventure_query_children(reader_, "9-ABCD-1", &cursor), EVENTURE_ERROR_NOT_FOUND);
    ck_assert_str_eq(eventure_reader_message(reader_), "there is no event 9-ABCD-1");
    ck_assert_int_eq(eventure_query_cascade(reader_, "nonsense", EVENTURE_ORDER_ID, &cursor), EVENTURE_ERROR_NOT_FOUND);
    ck_assert_int_eq(eventure_query_ancestors(reader_, "", &cursor), EVENTURE_ERROR_NOT_FOUND);
    ck_assert_int_eq(eventure_query_find(reader_, "00-AB-1", &event), EVENTURE_ERROR_NOT_FOUND);
    ck_assert_int_eq(eventure_query_find(reader_, A, &event), EVENTURE_OK);
    ck_assert_str_eq(event->type, "a.start");
    eventure_event_free(event);
}
END_TEST

static int collect(const char *type, int64_t count, void *context)
{
    char *text = context;
    snprintf(text + strlen(text), 256 - strlen(text), "%s=%d ", type, (int)count);
    return 0;
}

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
    ck_assert_int_eq(eventure_query_count_by_type(reader_, collect, counts), EVENTURE_OK);
    ck_assert_str_eq(counts, "a.start=1 b.move=4 a.error=2 c.end=1 ");
    ck_assert_int_eq(eventure_query_count_by_type(reader_, stop, NULL), EVENTURE_ERROR_INTERRUPTED);
}
END_TEST

START_TEST(counting_a_filter_counts_its_answer)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    int64_t count = -1;
    ck_assert_int_eq(eventure_count(reader_, &filter, &count), EVENTURE_OK);
    ck_assert_int_eq(count, 8);
    filter.type = "b.move";
    ck_assert_int_eq(eventure_count(reader_, &filter, &count), EVENTURE_OK);
    ck_assert_int_eq(count, 4);
    filter.limit = 3;
    ck_assert_int_eq(eventure_count(reader_, &filter, &count), EVENTURE_OK);
    ck_assert_int_eq(count, 3);
    filter.type = NULL;
    filter.cascade_of = A;
    filter.limit = 0;
    ck_assert_int_eq(eventure_count(reader_, &filter, &count), EVENTURE_OK);
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
        ck_assert_int_eq(eventure_count(eventure_log_reader(log_), &filters[i], &expected), EVENTURE_OK);
        ck_assert_int_eq(eventure_query(eventure_log_reader(log_), &filters[i], &cursor), EVENTURE_OK);
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
    ck_assert_int_eq(eventure_query(reader_, &filter, &cursor), EVENTURE_ERROR_ARGUMENT);
    filter = (eventure_filter){0};
    ck_assert_int_eq(eventure_query(reader_, &filter, &cursor), EVENTURE_ERROR_ARGUMENT);
    ck_assert_int_eq(eventure_query_at_tick(reader_, -5, &cursor), EVENTURE_ERROR_ARGUMENT);
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.order = EVENTURE_ORDER_BREADTH_FIRST;
    ck_assert_int_eq(eventure_query(reader_, &filter, &cursor), EVENTURE_ERROR_ARGUMENT);
    ck_assert_int_eq(eventure_query_children(reader_, NULL, &cursor), EVENTURE_ERROR_ARGUMENT);
}
END_TEST

/* --- A damaged file --- */

START_TEST(an_index_in_disorder_makes_no_endless_cascade)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    int count = 0;
    tear_down();
    log_ = NULL;
    scratch_make_own_child(SCRATCH_PATH, 3);
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &reader_), EVENTURE_OK);
    filter.cascade_of = A;
    filter.limit = 1000;
    eventure_status status = eventure_query(reader_, &filter, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
        count++;
    eventure_cursor_free(cursor);
    ck_assert_int_le(count, 5); /* A, B, D, E and H at most */
}
END_TEST

/* --- The table and the views, as stock SQLite sees them --- */

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

int main(void)
{
    Suite *suite = suite_create("query");
    TCase *tests = tcase_create("query");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, without_a_filter_every_event_is_answered_in_append_order);
    tcase_add_test(tests, by_type_answers_in_append_order);
    tcase_add_test(tests, by_pattern_answers_in_append_order);
    tcase_add_test(tests, a_wildcard_in_another_place_is_refused);
    tcase_add_test(tests, data_is_equal_as_json);
    tcase_add_test(tests, a_value_that_is_not_json_is_refused);
    tcase_add_test(tests, ticks_bound_the_answer_on_both_sides);
    tcase_add_test(tests, roots_have_no_parent_or_one_in_an_earlier_tick);
    tcase_add_test(tests, children_are_direct_ones);
    tcase_add_test(tests, a_cascade_comes_breadth_first_or_by_id);
    tcase_add_test(tests, by_id_is_by_tick_then_hash_then_n);
    tcase_add_test(tests, depth_is_the_distance_of_a_row_from_the_event_asked_for);
    tcase_add_test(tests, ancestors_go_up_to_the_root);
    tcase_add_test(tests, everything_combines);
    tcase_add_test(tests, a_question_about_an_id_that_does_not_exist_is_an_error);
    tcase_add_test(tests, counts_come_in_the_order_of_first_appearance);
    tcase_add_test(tests, counting_a_filter_counts_its_answer);
    tcase_add_test(tests, a_logs_own_reader_sees_what_is_not_committed);
    tcase_add_test(tests, events_appended_while_an_answer_is_read_do_not_join_it);
    tcase_add_test(tests, a_filter_that_makes_no_sense_is_refused);
    tcase_add_test(tests, an_index_in_disorder_makes_no_endless_cascade);
    tcase_add_test(tests, stock_sqlite_reads_the_history);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
