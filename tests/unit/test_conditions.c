/*
 * Conditions of a filter on each event: comparisons of values in the data, paths, times; levels, and groups.
 */
#include <check.h>
#include <stddef.h>
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

static void expect_condition(eventure_comparison comparison, eventure_field member, const char *expected)
{
    const eventure_condition condition = {comparison, member};
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.conditions = &condition;
    filter.conditions_count = 1;
    expect(&filter, expected);
}

START_TEST(values_in_the_data_are_compared)
{
    expect_condition(EVENTURE_GREATER, eventure_int("n", 1), ids(C, D, NULL, NULL, NULL));
    expect_condition(EVENTURE_GREATER_OR_EQUAL, eventure_double("n", 1.0), ids(A, B, C, D, F));
    expect_condition(EVENTURE_LESS, eventure_int("n", 2), ids(A, B, F, NULL, NULL));
    expect_condition(EVENTURE_LESS_OR_EQUAL, eventure_int("n", 2), ids(A, B, C, F, NULL));
    /* Beyond what a double tells apart: 2^53 + 1 is not 2^53. */
    expect_condition(EVENTURE_GREATER, eventure_int("n", 9007199254740992), D);
    expect_condition(EVENTURE_EQUAL, eventure_double("n", 1), ids(A, B, F, NULL, NULL));
    expect_condition(EVENTURE_NOT_EQUAL, eventure_int("n", 1), ids(C, D, NULL, NULL, NULL));
    expect_condition(EVENTURE_CONTAINS, eventure_string("who", "nn"), A);
    expect_condition(EVENTURE_CONTAINS, eventure_string("who", ""), A);
    expect_condition(EVENTURE_CONTAINS, eventure_string("who", "Anna"), "");
    expect_condition(EVENTURE_LESS, eventure_string("who", "B"), A);
    expect_condition(EVENTURE_LESS, eventure_string("who", "An"), "");
    expect_condition(EVENTURE_GREATER, eventure_int("who", 0), ""); /* of another kind */
    expect_condition(EVENTURE_LESS, eventure_json_field("n", "1e400"), ids(A, B, C, D, F));
}
END_TEST

START_TEST(a_path_leads_into_objects_and_arrays)
{
    expect_condition(EVENTURE_EQUAL, eventure_int("a b.0", 1), C);
    expect_condition(EVENTURE_EQUAL, eventure_null("a b.1.x"), C);
    expect_condition(EVENTURE_EQUAL, eventure_null("a b.1.y"), "");
    expect_condition(EVENTURE_EQUAL, eventure_int("a b.00", 1), "");
    expect_condition(EVENTURE_EQUAL, eventure_int("a b.2", 1), "");
    expect_condition(EVENTURE_EQUAL, eventure_int("n.0", 1), "");
    expect_condition(EVENTURE_CONTAINS, eventure_string("a b", "null"), C);
}
END_TEST

START_TEST(a_condition_that_makes_no_sense_is_refused)
{
    eventure_condition condition = {EVENTURE_EQUAL, eventure_int(NULL, 1)};
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    filter.conditions = &condition;
    filter.conditions_count = 1;
    ck_assert_int_eq(eventure_query(reader_, &filter, &cursor), EVENTURE_ERROR_ARGUMENT);
    condition = (eventure_condition){(eventure_comparison)99, eventure_int("n", 1)};
    ck_assert_int_eq(eventure_query(reader_, &filter, &cursor), EVENTURE_ERROR_ARGUMENT);
    condition = (eventure_condition){EVENTURE_LESS, eventure_json_field("n", "{")};
    ck_assert_int_eq(eventure_query(reader_, &filter, &cursor), EVENTURE_ERROR_JSON);
    filter.conditions = NULL;
    ck_assert_int_eq(eventure_query(reader_, &filter, &cursor), EVENTURE_ERROR_ARGUMENT);
    filter.conditions_count = 0;
    const double nothing = strtod("nan", NULL);
    filter.timestamp_min = &nothing;
    ck_assert_int_eq(eventure_query(reader_, &filter, &cursor), EVENTURE_ERROR_ARGUMENT);
    filter.timestamp_min = NULL;
    filter.levels = -1;
    ck_assert_int_eq(eventure_query(reader_, &filter, &cursor), EVENTURE_ERROR_ARGUMENT);
}
END_TEST

START_TEST(a_filter_of_an_older_program_is_read_up_to_its_end)
{
    const double never = -1e9;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.size = offsetof(eventure_filter, conditions);
    filter.timestamp_max = &never; /* beyond the size */
    filter.type = "c.end";
    expect(&filter, F);
}
END_TEST

START_TEST(levels_bound_a_cascade_and_ancestors)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.cascade_of = A;
    filter.levels = 1;
    expect(&filter, A);
    filter.levels = 2;
    expect(&filter, ids(A, B, C, E, NULL));
    filter.levels = 3;
    expect(&filter, ids(A, B, C, E, D));
    filter.cascade_of = NULL;
    filter.ancestors_of = H;
    filter.levels = 2;
    expect(&filter, ids(D, B, NULL, NULL, NULL));
    filter.levels = 0;
    expect(&filter, ids(D, B, A, NULL, NULL));
}
END_TEST

/* Appends an event whose id and parent are given; the parent need not be in the store. */
static void add_external(const char *id, const char *parent_id)
{
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    input.type = "d.job";
    input.id = id;
    input.parent_id = parent_id;
    input.external_parent = true;
    ck_assert_int_eq(eventure_log_append_input(log_, &input, NULL), EVENTURE_OK);
}

/* Effects are stored before their causes here, so that the cascade is found by ids. */
START_TEST(levels_bound_the_cascade_of_an_id_outside_the_store_and_of_late_causes)
{
    add_external("grandchild", "child");
    add_external("child", "late");
    add_external("other", "far");
    add_external("late", "far");
    ck_assert_int_eq(eventure_log_commit(log_), EVENTURE_OK);
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.cascade_of = "late";
    filter.levels = 1;
    expect(&filter, "late");
    filter.levels = 2;
    expect(&filter, "late child");
    filter.levels = 3;
    expect(&filter, "late child grandchild");
    filter.cascade_of = "far"; /* not in the store: its effects are the first level */
    filter.levels = 1;
    expect(&filter, "other late");
    filter.levels = 2;
    expect(&filter, "other late child");
    filter.levels = 0;
    expect(&filter, "other late child grandchild");
    filter.cascade_of = A; /* the limit also holds for the other events of such a store */
    filter.levels = 2;
    expect(&filter, ids(A, B, C, E, NULL));
}
END_TEST

START_TEST(timestamps_bound_an_answer)
{
    double min = 3;
    double max = 5;
    eventure_event *event = NULL;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    ck_assert_int_eq(eventure_query_find(reader_, C, &event), EVENTURE_OK);
    min = event->timestamp;
    eventure_event_free(event);
    ck_assert_int_eq(eventure_query_find(reader_, E, &event), EVENTURE_OK);
    max = event->timestamp;
    eventure_event_free(event);
    int64_t count = 0;
    filter.timestamp_min = &min;
    filter.timestamp_max = &max;
    ck_assert_int_eq(eventure_count(reader_, &filter, &count), EVENTURE_OK);
    ck_assert_int_ge(count, 3); /* C, D, E, and what has the same time */
    min = max + 1e6;
    expect(&filter, "");
    filter.timestamp_min = NULL;
    max = 0;
    expect(&filter, "");
}
END_TEST

static int append_group(const eventure_group *group, void *context)
{
    char *text = context;
    sprintf(text + strlen(text), "%s@%d:%d ", group->type != NULL ? group->type : "", (int)group->tick,
            (int)group->count);
    return 0;
}

static int stop_at_first(const eventure_group *group, void *context)
{
    (void)group;
    (void)context;
    return 7;
}

START_TEST(events_are_counted_by_type_and_by_tick)
{
    char text[256] = "";
    eventure_filter filter = EVENTURE_FILTER_INIT;
    ck_assert_int_eq(eventure_count_groups(reader_, NULL, EVENTURE_GROUP_TYPE, append_group, text), EVENTURE_OK);
    ck_assert_str_eq(text, "a.start@0:1 b.move@0:4 a.error@0:2 c.end@1:1 ");
    text[0] = '\0';
    ck_assert_int_eq(eventure_count_groups(reader_, NULL, EVENTURE_GROUP_TICK, append_group, text), EVENTURE_OK);
    ck_assert_str_eq(text, "@0:4 @1:3 @4:1 ");
    text[0] = '\0';
    filter.type = "*.move";
    filter.limit = 3;
    filter.reverse = true;
    ck_assert_int_eq(eventure_count_groups(reader_, &filter, EVENTURE_GROUP_TICK, append_group, text), EVENTURE_OK);
    ck_assert_str_eq(text, "@0:1 @1:1 @4:1 ");
    ck_assert_int_eq(eventure_count_groups(reader_, NULL, EVENTURE_GROUP_TYPE, stop_at_first, NULL), 7);
    ck_assert_int_eq(eventure_count_groups(reader_, NULL, (eventure_grouping)9, stop_at_first, NULL),
                     EVENTURE_ERROR_ARGUMENT);
    filter.cascade_of = "no such";
    ck_assert_int_eq(eventure_count_groups(reader_, &filter, EVENTURE_GROUP_TYPE, append_group, text),
                     EVENTURE_ERROR_NOT_FOUND);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conditions");
    TCase *tests = tcase_create("query");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, values_in_the_data_are_compared);
    tcase_add_test(tests, a_path_leads_into_objects_and_arrays);
    tcase_add_test(tests, a_condition_that_makes_no_sense_is_refused);
    tcase_add_test(tests, a_filter_of_an_older_program_is_read_up_to_its_end);
    tcase_add_test(tests, levels_bound_a_cascade_and_ancestors);
    tcase_add_test(tests, levels_bound_the_cascade_of_an_id_outside_the_store_and_of_late_causes);
    tcase_add_test(tests, events_are_counted_by_type_and_by_tick);
    tcase_add_test(tests, timestamps_bound_an_answer);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
