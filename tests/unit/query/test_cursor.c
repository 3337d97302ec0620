/*
 * Cursors, counts and explanations: the exact answers, calls that lack what they need, damaged rows, and every range of
 * ticks and seqs compared with a look at each event.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query/columns.h"
#include "query/compile.h"
#include "query/late_causes.h"
#include "query/row.h"
#include "query_world.h"
#include "session_world.h"

TEST_FIXTURE(open_story, close_story);

/* --- Ranges --- */

typedef struct answer
{
    int64_t seqs[16];
    int count;
} answer;

static const int64_t ticks_of_story[] = {0, 0, 0, 0, 1, 1, 1, 4};
static const char *const types_of_story[] = {"a.start", "b.move", "b.move",  "a.error",
                                             "b.move",  "c.end",  "a.error", "b.move"};

static bool has_type(int i, int types)
{
    return types == 0 || (types == 1 && strcmp(types_of_story[i], "b.move") == 0) ||
           (types == 2 && strncmp(types_of_story[i], "a.", 2) == 0);
}

/* The answer that a look at each event gives. */
static answer expected_of(const eventure_filter *filter, int types)
{
    answer out = {{0}, 0};
    for (int n = 0; n < 8; n++)
    {
        const int i = filter->reverse ? 7 - n : n;
        const bool is_in_range =
            ticks_of_story[i] >= filter->tick_min && (filter->tick_end == 0 || ticks_of_story[i] < filter->tick_end) &&
            (filter->after_seq == 0 || (filter->reverse ? i + 1 < filter->after_seq : i + 1 > filter->after_seq));
        if (is_in_range && has_type(i, types) && (filter->limit == 0 || out.count < filter->limit))
            out.seqs[out.count++] = i + 1;
    }
    return out;
}

static void check(eventure_reader *reader, const eventure_filter *filter, const answer *wanted)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    int64_t count = -1;
    expect_ok(reader, eventure_query(reader, filter, &cursor));
    for (int i = 0; i < wanted->count; i++)
    {
        expect_status(EVENTURE_ROW, reader, eventure_cursor_next(cursor, &event));
        ck_assert_int_eq(event.seq, wanted->seqs[i]);
    }
    expect_status(EVENTURE_DONE, reader, eventure_cursor_next(cursor, &event));
    eventure_cursor_free(cursor);
    expect_ok(reader, eventure_query_count(reader, filter, &count));
    ck_assert_int_eq(count, wanted->count);
}

LOOP_TEST(every_range_has_the_events_that_are_in_it, 3)
{
    static const int64_t mins[] = {0, 1, 2, 4, 5}, ends[] = {0, 1, 2, 4, 5, INT64_MAX}, afters[] = {0, 1, 4, 8, 9};
    for (size_t min = 0; min < COUNT_OF(mins); min++)
        for (size_t end = 0; end < COUNT_OF(ends); end++)
            for (size_t after = 0; after < COUNT_OF(afters); after++)
                for (int way = 0; way < 4; way++)
                {
                    eventure_filter filter = EVENTURE_FILTER_INIT;
                    filter.type = _i == 1 ? "b.move" : _i == 2 ? "a.*" : NULL;
                    filter.tick_min = mins[min];
                    filter.tick_end = ends[end];
                    filter.after_seq = afters[after];
                    filter.reverse = way % 2 == 1;
                    filter.limit = way / 2 == 1 ? 2 : 0;
                    const answer wanted = expected_of(&filter, _i);
                    check(way == 2 ? eventure_log_reader(log_) : reader_, &filter, &wanted);
                }
}
END_TEST

/* --- What a filter may not say --- */

static void refuse_as(eventure_status status, const eventure_filter *filter, const char *text)
{
    char expected[128];
    char *explanation = NULL;
    eventure_cursor *cursor = (eventure_cursor *)expected;
    int64_t count = 0;
    snprintf(expected, sizeof expected, "query: %s", text);
    expect_status(status, reader_, eventure_query(reader_, filter, &cursor));
    ck_assert_str_eq(eventure_reader_message(reader_), expected);
    ck_assert_ptr_null(cursor);
    expect_status(status, reader_, eventure_query_count(reader_, filter, &count));
    expect_status(status, reader_, eventure_query_explain(reader_, filter, &explanation));
}

static void refuse(const eventure_filter *filter, const char *text)
{
    refuse_as(EVENTURE_ERROR_ARGUMENT, filter, text);
}

START_TEST(a_filter_is_refused_with_the_reason)
{
    const double number = 1;
    const double nothing = NAN;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.tick_min = -1;
    refuse_as(EVENTURE_ERROR_TICK, &filter, "tick -1 is negative");
    filter.tick_min = 0;
    filter.tick_end = INT64_MIN;
    refuse_as(EVENTURE_ERROR_TICK, &filter, "tick -9223372036854775808 is negative");
    filter.tick_end = 0;
    filter.limit = -1;
    refuse(&filter, "option limit is -1, less than 0");
    filter.limit = 0;
    filter.levels = -2;
    refuse(&filter, "option levels is -2, less than 0");
    filter.levels = 0;
    filter.after_seq = -3;
    refuse(&filter, "option after_seq is -3, less than 0");
    filter.after_seq = 0;
    filter.order = (eventure_order)-1;
    refuse(&filter, "option order is -1, not between 0 and 3");
    filter.order = (eventure_order)4;
    refuse(&filter, "option order is 4, not between 0 and 3");
    filter.order = EVENTURE_ORDER_BREADTH_FIRST;
    refuse(&filter, "breadth-first is an order of cascades only");
    filter.cascade_of = A;
    char cascade[256];
    snprintf(cascade, sizeof cascade, "%s %s %s %s %s %s", A, B, C, E, D, H);
    expect(&filter, cascade);
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.types_count = 1;
    refuse(&filter, "types is NULL, but types_count is 1");
    filter.types_count = 0;
    filter.data_count = 2;
    refuse(&filter, "data is NULL, but data_count is 2");
    filter.data_count = 0;
    filter.conditions_count = 3;
    refuse(&filter, "conditions is NULL, but conditions_count is 3");
    filter.conditions_count = 0;
    filter.timestamp_min = &nothing;
    refuse(&filter, "timestamp_min is not a number");
    filter.timestamp_min = &number;
    filter.timestamp_max = &nothing;
    refuse(&filter, "timestamp_max is not a number");
    filter.timestamp_max = &number;
    expect(&filter, "");
}
END_TEST

START_TEST(a_condition_is_refused_with_the_reason)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_field member = eventure_int(NULL, 1);
    eventure_condition condition = {(eventure_comparison)-1, eventure_int("n", 1)};
    filter.data = &member;
    filter.data_count = 1;
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_, eventure_query(reader_, &filter, &cursor));
    ck_assert_str_eq(eventure_reader_message(reader_), "query by data: no key was given");
    filter.data_count = 0;
    filter.conditions = &condition;
    filter.conditions_count = 1;
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_, eventure_query(reader_, &filter, &cursor));
    ck_assert_str_eq(eventure_reader_message(reader_), "query by data: there is no comparison -1");
    condition.comparison = (eventure_comparison)(EVENTURE_CONTAINS + 1);
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_, eventure_query(reader_, &filter, &cursor));
    condition = (eventure_condition){EVENTURE_EQUAL, eventure_int(NULL, 1)};
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_, eventure_query(reader_, &filter, &cursor));
    ck_assert_str_eq(eventure_reader_message(reader_), "query by data: no key was given");
    condition.member = eventure_double("n", NAN);
    ck_assert_int_lt(eventure_query(reader_, &filter, &cursor), 0);
    ck_assert_msg(strncmp(eventure_reader_message(reader_), "query by data key n: ", 21) == 0, "%s",
                  eventure_reader_message(reader_));
}
END_TEST

START_TEST(timestamps_include_both_ends)
{
    double min = 1700000000.5;
    double max = 1700000000.5;
    int64_t count = 0;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.timestamp_min = &min;
    filter.timestamp_max = &max;
    expect_ok(reader_, eventure_query_count(reader_, &filter, &count));
    ck_assert_int_eq(count, 8);
    min += 0.25;
    expect_ok(reader_, eventure_query_count(reader_, &filter, &count));
    ck_assert_int_eq(count, 0);
    min -= 0.5;
    max -= 0.25;
    expect_ok(reader_, eventure_query_count(reader_, &filter, &count));
    ck_assert_int_eq(count, 0);
}
END_TEST

/* --- Calls without what they need --- */

static int never(const char *type, int64_t count, void *context)
{
    (void)type;
    (void)count;
    (void)context;
    return 1;
}

static int never_group(const eventure_query_group *group, void *context)
{
    (void)group;
    (void)context;
    return 1;
}

START_TEST(null_is_refused_and_nothing_is_handed_out)
{
    char *text = NULL;
    int64_t count = 0;
    eventure_event event;
    eventure_columns columns;
    eventure_cursor *cursor = (eventure_cursor *)&event;
    eventure_event *out = &event;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query(reader_, NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query(NULL, NULL, &cursor));
    ck_assert_ptr_null(cursor);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_cursor_next(NULL, &event));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_cursor_next_batch(NULL, 1, NULL, 0, &columns));
    ck_assert_int_eq(eventure_cursor_depth(NULL), 0);
    eventure_cursor_free(NULL);
    expect_ok(reader_, eventure_query(reader_, NULL, &cursor));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_cursor_next(cursor, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_cursor_next_batch(cursor, 1, NULL, 0, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_, eventure_cursor_next_batch(cursor, 0, NULL, 0, &columns));
    ck_assert_str_eq(eventure_reader_message(reader_), "columns: max_rows is 0");
    eventure_cursor_free(cursor);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query_count(NULL, NULL, &count));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query_count(reader_, NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query_count_by_type(NULL, never, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query_count_by_type(reader_, NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL,
                  eventure_query_count_groups(NULL, NULL, EVENTURE_GROUP_TYPE, never_group, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL,
                  eventure_query_count_groups(reader_, NULL, EVENTURE_GROUP_TYPE, NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_,
                  eventure_query_count_groups(reader_, NULL, (eventure_grouping)-1, never_group, NULL));
    ck_assert_str_eq(eventure_reader_message(reader_), "count: there is no grouping -1");
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_,
                  eventure_query_count_groups(reader_, NULL, (eventure_grouping)2, never_group, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query_explain(NULL, NULL, &text));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query_explain(reader_, NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query_find(reader_, NULL, &out));
    ck_assert_ptr_null(out);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query_find(NULL, A, &out));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query_find(reader_, A, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query_find_seq(NULL, 1, &out));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query_find_seq(reader_, 1, NULL));
    cursor = (eventure_cursor *)&event;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query_ancestors(reader_, NULL, &cursor));
    ck_assert_ptr_null(cursor);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query_children(NULL, A, &cursor));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query_children(reader_, NULL, NULL));
    eventure_filter filter;
    eventure_filter_init(&filter, sizeof filter);
    expect_ok(reader_, eventure_query_count(reader_, &filter, &count));
    ck_assert_int_eq(count, 8);
}
END_TEST

static int add_group(const eventure_query_group *group, void *context)
{
    *(int64_t *)context += group->count;
    return 0;
}

/* An id that no event has is distinguished from one without children. */
START_TEST(counting_the_children_of_an_unknown_id_is_an_error)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    static const eventure_grouping groupings[] = {EVENTURE_GROUP_TYPE, EVENTURE_GROUP_TICK};
    for (size_t i = 0; i < COUNT_OF(groupings); i++)
    {
        int64_t count = 0;
        filter.children_of = "none";
        expect_status(EVENTURE_ERROR_NOT_FOUND, reader_,
                      eventure_query_count_groups(reader_, &filter, groupings[i], add_group, &count));
        ck_assert_str_eq(eventure_reader_message(reader_), "there is no event none");
        expect_status(EVENTURE_ERROR_NOT_FOUND, reader_, eventure_query_count(reader_, &filter, &count));
        filter.children_of = H;
        count = 0;
        expect_ok(reader_, eventure_query_count_groups(reader_, &filter, groupings[i], add_group, &count));
        ck_assert_int_eq(count, 0);
        filter.children_of = A;
        expect_ok(reader_, eventure_query_count_groups(reader_, &filter, groupings[i], add_group, &count));
        ck_assert_int_eq(count, 3);
    }
}
END_TEST

/* --- One event --- */

START_TEST(an_event_is_found_by_seq_from_the_first_to_the_newest)
{
    eventure_event *event = NULL;
    for (int64_t seq = 1; seq <= 8; seq++)
    {
        expect_ok(reader_, eventure_query_find_seq(reader_, seq, &event));
        ck_assert_int_eq(event->seq, seq);
        ck_assert_str_eq(event->type, types_of_story[seq - 1]);
        eventure_event_free(event);
    }
    for (int64_t seq = -1; seq <= 9; seq += seq == 0 ? 9 : 1)
    {
        char text[96];
        expect_status(EVENTURE_ERROR_NOT_FOUND, reader_, eventure_query_find_seq(reader_, seq, &event));
        snprintf(text, sizeof text, "there is no event %d: the newest one is 8", (int)seq);
        ck_assert_str_eq(eventure_reader_message(reader_), text);
        ck_assert_ptr_null(event);
    }
    scratch_remove(WORLD_ARCHIVE);
    ck_assert_int_eq(world_archive(log_, WORLD_ARCHIVE, 1).events, 4);
    expect_status(EVENTURE_ERROR_ARCHIVED, reader_, eventure_query_find_seq(reader_, 4, &event));
    ck_assert_str_eq(eventure_reader_message(reader_), "event 4 is in an archive");
    expect_ok(reader_, eventure_query_find_seq(reader_, 5, &event));
    eventure_event_free(event);
    expect_status(EVENTURE_ERROR_ARCHIVED, reader_, eventure_query_find(reader_, A, &event));
    ck_assert_ptr_null(event);
    expect_ok(reader_, eventure_query_find(reader_, E, &event));
    eventure_event_free(event);
    scratch_remove(WORLD_ARCHIVE);
}
END_TEST

/* A row that no statement of the library writes. */
START_TEST(a_row_without_a_required_column_is_damage)
{
    static const struct
    {
        const char *columns;
        const char *missing; /* NULL: none */
    } rows[] = {{"7, 2, 1.5, 'a', '{}', 'i', NULL, NULL", NULL},
                {"7, 2, 1.5, 'a', '{}', 'i', 3, 'p'", NULL},
                {"7, 2, 1.5, NULL, '{}', 'i', NULL, NULL", "type"},
                {"7, 2, 1.5, 'a', NULL, 'i', NULL, NULL", "data"},
                {"7, 2, 1.5, 'a', '{}', NULL, NULL, NULL", "id"},
                {"7, 2, 1.5, NULL, NULL, NULL, NULL, NULL", "type"},
                {"7, 2, 9e999, 'a', '{}', 'i', NULL, NULL", "finite timestamp"},
                {"7, 2, -9e999, 'a', '{}', 'i', NULL, NULL", "finite timestamp"},
                {"7, 2, NULL, 'a', '{}', 'i', NULL, NULL", "finite timestamp"},
                {"7, 2, '1.5', 'a', '{}', 'i', NULL, NULL", "finite timestamp"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
    {
        char text[128];
        sqlite3_stmt *statement = NULL;
        eventure_event event;
        snprintf(text, sizeof text, "SELECT %s", rows[i].columns);
        ck_assert_int_eq(sqlite3_prepare_v2(reader_->db, text, -1, &statement, NULL), SQLITE_OK);
        ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
        const eventure_status status = eventure__row_read(reader_, statement, &event);
        expect_status(rows[i].missing != NULL ? EVENTURE_ERROR_CORRUPT : EVENTURE_OK, reader_, status);
        if (rows[i].missing != NULL)
        {
            snprintf(text, sizeof text, "scratch.db is damaged: event 7 has no %s", rows[i].missing);
            ck_assert_str_eq(eventure_reader_message(reader_), text);
        }
        else
        {
            ck_assert_int_eq(event.tick, 2);
            ck_assert_double_eq(event.timestamp, 1.5);
            ck_assert_int_eq(event.parent_seq, i == 0 ? 0 : 3);
            ck_assert_uint_eq(event.parent_id_len, i == 0 ? 0 : 1);
        }
        sqlite3_finalize(statement);
    }
}
END_TEST

/* --- Effects that are stored before their causes --- */

START_TEST(effects_of_an_unknown_id_and_late_causes_are_found)
{
    bool found = true;
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    expect_ok(reader_, eventure__late_causes_exist(reader_, &found));
    ck_assert(!found);
    eventure__fail(&reader_->error, EVENTURE_ERROR_NOT_FOUND, "the text of the look-up");
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader_,
                  eventure__late_find_effects(reader_, (eventure__span){"outside", 7}, &found));
    ck_assert_str_eq(eventure_reader_message(reader_), "the text of the look-up");
    ck_assert(!found);
    input.type = "d.e";
    input.parent_id = "outside";
    input.external_parent = true;
    expect_ok(log_, eventure_log_append_input(log_, &input, NULL));
    expect_ok(log_, eventure_log_commit(log_));
    expect_ok(reader_, eventure__late_causes_exist(reader_, &found));
    ck_assert(found);
    found = false;
    expect_ok(reader_, eventure__late_find_effects(reader_, (eventure__span){"outside and more", 7}, &found));
    ck_assert(found);
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader_,
                  eventure__late_find_effects(reader_, (eventure__span){"outside", 6}, &found));
}
END_TEST

START_TEST(named_queries_are_about_one_tick_or_all)
{
    static const int64_t ticks[] = {0, 1, 2, 4, 5, INT64_MAX};
    static const char *const at[] = {"4", "3", "0", "1", "0", "0"}, *const until[] = {"4", "7", "7", "8", "8", "8"};
    static const char *const roots[] = {"1", "2", "0", "1", "0", "0"};
    for (size_t i = 0; i < COUNT_OF(ticks); i++)
    {
        eventure_cursor *cursors[3] = {NULL};
        expect_ok(reader_, eventure_query_at_tick(reader_, ticks[i], &cursors[0]));
        expect_ok(reader_, eventure_query_until_tick(reader_, ticks[i], &cursors[1]));
        expect_ok(reader_, eventure_query_roots(reader_, ticks[i], &cursors[2]));
        for (size_t k = 0; k < 3; k++)
        {
            char count[16];
            eventure_event event;
            int rows = 0;
            while (eventure_cursor_next(cursors[k], &event) == EVENTURE_ROW)
                rows++;
            eventure_cursor_free(cursors[k]);
            snprintf(count, sizeof count, "%d", rows);
            ck_assert_str_eq(count, k == 0 ? at[i] : k == 1 ? until[i] : roots[i]);
        }
    }
    eventure_cursor *cursor = NULL;
    expect_status(EVENTURE_ERROR_TICK, reader_, eventure_query_roots(reader_, -2, &cursor));
    expect_status(EVENTURE_ERROR_TICK, reader_, eventure_query_until_tick(reader_, -1, &cursor));
    expect_status(EVENTURE_ERROR_ARGUMENT, reader_, eventure_query_by_type(reader_, NULL, &cursor));
}
END_TEST

START_TEST(a_row_that_was_read_ahead_is_in_the_first_batch)
{
    eventure_cursor *cursor = NULL;
    eventure_columns columns;
    expect_ok(reader_, eventure_query_children(reader_, A, &cursor));
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next_batch(cursor, 2, NULL, 0, &columns));
    ck_assert_uint_eq(columns.rows, 2);
    ck_assert_int_eq(columns.seq[0], 2);
    ck_assert_int_eq(columns.seq[1], 3);
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next_batch(cursor, 2, NULL, 0, &columns));
    ck_assert_uint_eq(columns.rows, 1);
    ck_assert_int_eq(columns.seq[0], 5);
    expect_status(EVENTURE_DONE, NULL, eventure_cursor_next_batch(cursor, 2, NULL, 0, &columns));
    ck_assert_uint_eq(columns.rows, 0);
    eventure_cursor_free(cursor);
}
END_TEST

/* --- Explanations --- */

START_TEST(an_explanation_has_the_statement_its_values_and_its_plan)
{
    const double min = 1.5;
    const eventure_condition condition = {EVENTURE_GREATER, eventure_string("k\"", "x")};
    eventure_filter filter = EVENTURE_FILTER_INIT;
    char *text = NULL;
    filter.type = "b.move";
    filter.timestamp_min = &min;
    filter.conditions = &condition;
    filter.conditions_count = 1;
    filter.limit = 9;
    expect_ok(reader_, eventure_query_explain(reader_, &filter, &text));
    ck_assert_msg(strncmp(text, "SELECT events.seq, events.tick, ", 32) == 0, "%s", text);
    expect_part(text, " LIMIT ?\nvalues:\n  ?1 = b.move\n  ?2 = 1.5\n  ?3 = k\"\n  ?4 = 4\n  ?5 = \"x\"\n"
                      "  ?6 = 9\nplan:\n  SEARCH events USING INDEX events_type (type=?)");
    ck_assert_int_eq(text[strlen(text) - 1], '\n');
    eventure_free(text);
}
END_TEST

/* A value that contains a line feed must not begin a line, and must not control a terminal. */
START_TEST(a_value_of_an_explanation_is_one_line)
{
    const eventure_condition condition = {EVENTURE_EQUAL, eventure_string("k\nplan:\n\x1b[2J", "x")};
    eventure_filter filter = EVENTURE_FILTER_INIT;
    char *text = NULL;
    filter.conditions = &condition;
    filter.conditions_count = 1;
    expect_ok(reader_, eventure_query_explain(reader_, &filter, &text));
    expect_part(text, "\nvalues:\n  ?1 = k\\u000aplan:\\u000a\\u001b[2J\n");
    ck_assert_ptr_eq(strstr(text, "\nplan:\n"), strstr(text, "\nplan:\n  "));
    eventure_free(text);
}
END_TEST

/* Each step is indented below the one that it belongs to. */
START_TEST(the_steps_of_a_plan_are_indented)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    char *text = NULL;
    filter.cascade_of = A;
    expect_ok(reader_, eventure_query_explain(reader_, &filter, &text));
    const char *plan = strstr(text, "plan:\n");
    ck_assert_ptr_nonnull(plan);
    expect_part(plan, "\n  CO-ROUTINE cascade\n    SETUP\n      SCAN CONSTANT ROW\n    RECURSIVE STEP\n"
                      "      SCAN cascade\n      SEARCH child USING ");
    expect_part(plan, "\n  SCAN cascade\n  SEARCH events USING ");
    eventure_free(text);
    filter.cascade_of = "none";
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader_, eventure_query_explain(reader_, &filter, &text));
    ck_assert_ptr_null(text);
    filter.cascade_of = NULL;
    filter.children_of = "none";
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader_, eventure_query_explain(reader_, &filter, &text));
    filter.children_of = H; /* it has no children, and is known */
    expect_ok(reader_, eventure_query_explain(reader_, &filter, &text));
    eventure_free(text);
}
END_TEST

/* More values than there is room for at first. */
START_TEST(a_filter_may_have_many_values)
{
    eventure_field members[40];
    char keys[40][8];
    int64_t count = -1;
    char json[512] = "{";
    eventure_filter filter = EVENTURE_FILTER_INIT;
    for (int i = 0; i < 40; i++)
    {
        snprintf(keys[i], sizeof keys[i], "key%d", i);
        snprintf(json + strlen(json), sizeof json - strlen(json), "%s\"%s\":%d", i > 0 ? "," : "", keys[i], i);
        members[i] = eventure_int(keys[i], i);
    }
    strcat(json, "}");
    scratch_append(log_, "many", json, NULL);
    expect_ok(log_, eventure_log_commit(log_));
    filter.data = members;
    filter.data_count = 40;
    expect_ok(reader_, eventure_query_count(reader_, &filter, &count));
    ck_assert_int_eq(count, 1);
    for (int i = 0; i < 40; i++)
    {
        members[i] = eventure_int(keys[i], i + 1);
        expect_ok(reader_, eventure_query_count(reader_, &filter, &count));
        ck_assert_int_eq(count, 0);
        members[i] = eventure_int(keys[i], i);
    }
}
END_TEST

/* Beside another access path the types are one value. */
START_TEST(several_types_select_from_a_cascade)
{
    static const char *const types[] = {"a.error", "b.move", "c.end"};
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.cascade_of = A;
    filter.types = types;
    filter.types_count = 1;
    expect(&filter, D);
    filter.types_count = 3;
    expect(&filter, ids(B, C, E, D, H));
}
END_TEST

/* --- The order of ids --- */

START_TEST(explicit_ids_come_before_the_derived_ones_of_their_tick_and_hash)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    expect_ok(log_, eventure_log_advance_to(log_, 9));
    for (int i = 0; i < 11; i++)
        scratch_append(log_, "a.b", NULL, NULL); /* 9-EBFC-1 to 9-EBFC-11 */
    input.type = "a.b";
    input.id = "zz";
    expect_ok(log_, eventure_log_append_input(log_, &input, NULL));
    input.type = "a.c"; /* its HASH is EBAF */
    input.id = "aa";
    expect_ok(log_, eventure_log_append_input(log_, &input, NULL));
    expect_ok(log_, eventure_log_commit(log_));
    filter.tick_min = 9;
    filter.order = EVENTURE_ORDER_ID;
    expect(&filter, "aa zz 9-EBFC-1 9-EBFC-2 9-EBFC-3 9-EBFC-4 9-EBFC-5 9-EBFC-6 9-EBFC-7 9-EBFC-8 9-EBFC-9 "
                    "9-EBFC-10 9-EBFC-11");
    filter.reverse = true;
    filter.limit = 3;
    expect(&filter, "9-EBFC-11 9-EBFC-10 9-EBFC-9");
    filter.reverse = false;
    filter.tick_min = 0;
    filter.type = "a.*";
    expect(&filter, ids(A, D, G, NULL, NULL));
}
END_TEST
