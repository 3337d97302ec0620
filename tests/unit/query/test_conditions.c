/*
 * Conditions of a filter on each event: comparisons of values in the data, paths, times; levels, and groups.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query_world.h"

TEST_FIXTURE(open_story, close_story);

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
    /* Integers that a double cannot distinguish: 2^53 + 1 is not equal to 2^53. */
    expect_condition(EVENTURE_GREATER, eventure_int("n", 9007199254740992), D);
    expect_condition(EVENTURE_EQUAL, eventure_double("n", 1), ids(A, B, F, NULL, NULL));
    expect_condition(EVENTURE_NOT_EQUAL, eventure_int("n", 1), ids(C, D, NULL, NULL, NULL));
    expect_condition(EVENTURE_CONTAINS, eventure_string("who", "nn"), A);
    expect_condition(EVENTURE_CONTAINS, eventure_string("who", ""), A);
    expect_condition(EVENTURE_CONTAINS, eventure_string("who", "Anna"), "");
    expect_condition(EVENTURE_LESS, eventure_string("who", "B"), A);
    expect_condition(EVENTURE_LESS, eventure_string("who", "An"), "");
    expect_condition(EVENTURE_GREATER, eventure_int("who", 0), ""); /* a value of another type */
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
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_, eventure_query(reader_, &filter, &cursor));
    condition = (eventure_condition){(eventure_comparison)99, eventure_int("n", 1)};
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_, eventure_query(reader_, &filter, &cursor));
    condition = (eventure_condition){EVENTURE_LESS, eventure_json_field("n", "{")};
    expect_status(EVENTURE_ERROR_JSON, reader_, eventure_query(reader_, &filter, &cursor));
    filter.conditions = NULL;
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_, eventure_query(reader_, &filter, &cursor));
    filter.conditions_count = 0;
    const double nothing = strtod("nan", NULL);
    filter.timestamp_min = &nothing;
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_, eventure_query(reader_, &filter, &cursor));
    filter.timestamp_min = NULL;
    filter.levels = -1;
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_, eventure_query(reader_, &filter, &cursor));
}
END_TEST

/* Neither an event nor an index on data has such a key. */
START_TEST(a_key_that_is_not_utf8_is_refused)
{
    const eventure_field member = eventure_int("a\xff", 1);
    const eventure_condition condition = {EVENTURE_EQUAL, member};
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    static const char message[] = "query by data: the key a\\xff is not valid UTF-8";
    expect_status(EVENTURE_ERROR_JSON, reader_, eventure_query_by_data(reader_, member, &cursor));
    ck_assert_str_eq(eventure_reader_message(reader_), message);
    filter.conditions = &condition;
    filter.conditions_count = 1;
    expect_status(EVENTURE_ERROR_JSON, reader_, eventure_query(reader_, &filter, &cursor));
    ck_assert_str_eq(eventure_reader_message(reader_), message);
    expect_condition(EVENTURE_EQUAL, eventure_int("\xc3\xa4", 1), "");
}
END_TEST

START_TEST(a_filter_of_an_older_program_is_read_up_to_its_end)
{
    const double never = -1e9;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.size = offsetof(eventure_filter, conditions);
    filter.timestamp_max = &never; /* beyond the size of the struct */
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

/* Appends an event with this id and parent; the parent need not be in the store. */
static void add_external(const char *id, const char *parent_id)
{
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    input.type = "d.job";
    input.id = id;
    input.parent_id = parent_id;
    input.external_parent = true;
    expect_ok(log_, eventure_log_append_input(log_, &input, NULL));
}

/* Effects are stored before their causes here, so that the cascade is found by ids. */
START_TEST(levels_bound_the_cascade_of_an_id_outside_the_store_and_of_late_causes)
{
    add_external("grandchild", "child");
    add_external("child", "late");
    add_external("other", "far");
    add_external("late", "far");
    expect_ok(log_, eventure_log_commit(log_));
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
    expect_ok(reader_, eventure_query_find(reader_, C, &event));
    min = event->timestamp;
    eventure_event_free(event);
    expect_ok(reader_, eventure_query_find(reader_, E, &event));
    max = event->timestamp;
    eventure_event_free(event);
    int64_t count = 0;
    filter.timestamp_min = &min;
    filter.timestamp_max = &max;
    expect_ok(reader_, eventure_query_count(reader_, &filter, &count));
    ck_assert_int_ge(count, 3); /* C, D, E, and events with the same time */
    min = max + 1e6;
    expect(&filter, "");
    filter.timestamp_min = NULL;
    max = 0;
    expect(&filter, "");
}
END_TEST

static int append_group(const eventure_query_group *group, void *context)
{
    char *text = context;
    sprintf(text + strlen(text), "%s@%d:%d ", group->type != NULL ? group->type : "", (int)group->tick,
            (int)group->count);
    return 0;
}

static int stop_at_first(const eventure_query_group *group, void *context)
{
    (void)group;
    (void)context;
    return 7;
}

START_TEST(events_are_counted_by_type_and_by_tick)
{
    char text[256] = "";
    eventure_filter filter = EVENTURE_FILTER_INIT;
    expect_ok(reader_, eventure_query_count_groups(reader_, NULL, EVENTURE_GROUP_TYPE, append_group, text));
    ck_assert_str_eq(text, "a.start@0:1 b.move@0:4 a.error@0:2 c.end@1:1 ");
    text[0] = '\0';
    expect_ok(reader_, eventure_query_count_groups(reader_, NULL, EVENTURE_GROUP_TICK, append_group, text));
    ck_assert_str_eq(text, "@0:4 @1:3 @4:1 ");
    text[0] = '\0';
    filter.type = "*.move";
    filter.limit = 3;
    filter.reverse = true;
    expect_ok(reader_, eventure_query_count_groups(reader_, &filter, EVENTURE_GROUP_TICK, append_group, text));
    ck_assert_str_eq(text, "@0:1 @1:1 @4:1 ");
    ck_assert_int_eq(eventure_query_count_groups(reader_, NULL, EVENTURE_GROUP_TYPE, stop_at_first, NULL), 7);
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_,
                  eventure_query_count_groups(reader_, NULL, (eventure_grouping)9, stop_at_first, NULL));
    filter.cascade_of = "no such";
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader_,
                  eventure_query_count_groups(reader_, &filter, EVENTURE_GROUP_TYPE, append_group, text));
}
END_TEST
