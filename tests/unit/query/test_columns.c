/*
 * Query results as columns; fields that a filter omits; exact types; look-ups by seq; getters with a default.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/eventure.h>

#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(open_history, close_history);

#define EVENTS 250

static eventure_log *history;

static eventure_reader *reader(void)
{
    return eventure_log_reader(history);
}

/* Opens a history of EVENTS events, five per tick. The parent of each event is the previous one. */
static void open_history(void)
{
    history = scratch_new();
    for (int i = 1; i <= EVENTS; i++)
    {
        char name[32];
        snprintf(name, sizeof name, "n\t%d", i);
        eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
        input.type = i % 2 == 0 ? "even.one" : "odd";
        input.data = i % 3 == 0 ? EVENTURE_DATA(eventure_int("i", i), eventure_string("name", name))
                                : EVENTURE_DATA(eventure_double("x", i + 0.5), eventure_json_field("name", "[1, 2]"));
        input.parent_seq = i - 1;
        expect_ok(history, eventure_log_append_input(history, &input, NULL));
        if (i % 5 == 0)
            expect_ok(history, eventure_log_advance_tick(history));
    }
}

static void close_history(void)
{
    scratch_close(history);
}

static void expect_text(const eventure_text_column *column, size_t row, const char *text, size_t len)
{
    ck_assert_int_eq(column->offsets[row + 1] - column->offsets[row], (int64_t)len);
    ck_assert_mem_eq(column->bytes + column->offsets[row], text, len);
}

static void expect_same_row(const eventure_columns *columns, size_t row, const eventure_event *event)
{
    ck_assert_int_eq(columns->seq[row], event->seq);
    ck_assert_int_eq(columns->tick[row], event->tick);
    ck_assert_double_eq(columns->timestamp[row], event->timestamp);
    ck_assert_int_eq(columns->parent_seq[row], event->parent_seq);
    expect_text(&columns->type, row, event->type, strlen(event->type));
    expect_text(&columns->id, row, event->id, strlen(event->id));
    expect_text(&columns->parent_id, row, event->parent_id != NULL ? event->parent_id : "",
                event->parent_id != NULL ? strlen(event->parent_id) : 0);
    expect_text(&columns->data, row, event->data, event->data_len);
}

START_TEST(columns_hold_what_the_rows_hold)
{
    static const size_t sizes[] = {1, 7, 100, EVENTS, EVENTS + 1};
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
    {
        eventure_cursor *rows = NULL;
        eventure_cursor *batches = NULL;
        eventure_event event;
        eventure_columns columns;
        size_t all = 0;
        expect_ok(reader(), eventure_query(reader(), NULL, &rows));
        expect_ok(reader(), eventure_query(reader(), NULL, &batches));
        while (eventure_cursor_next_batch(batches, sizes[i], NULL, 0, &columns) == EVENTURE_ROW)
        {
            ck_assert_uint_le(columns.rows, sizes[i]);
            for (size_t row = 0; row < columns.rows; row++, all++)
            {
                expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(rows, &event));
                expect_same_row(&columns, row, &event);
            }
        }
        ck_assert_uint_eq(all, EVENTS);
        expect_status(EVENTURE_DONE, NULL, eventure_cursor_next(rows, &event));
        expect_status(EVENTURE_DONE, NULL, eventure_cursor_next_batch(batches, 5, NULL, 0, &columns));
        eventure_cursor_free(rows);
        eventure_cursor_free(batches);
    }
}
END_TEST

static void expect_members(const eventure_columns *columns, size_t row)
{
    const int64_t i = columns->seq[row];
    const bool has_int = i % 3 == 0;
    char name[32];
    snprintf(name, sizeof name, "n\t%d", (int)i);
    ck_assert_int_eq(columns->members[0].has[row], has_int);
    ck_assert_int_eq(columns->members[0].integers[row], has_int ? i : 0);
    ck_assert_int_eq(columns->members[1].has[row], !has_int);
    ck_assert_double_eq(columns->members[1].numbers[row], has_int ? 0 : (double)i + 0.5);
    ck_assert(columns->members[2].has[row]);
    expect_text(&columns->members[2].text, row, has_int ? name : "[1,2]", has_int ? strlen(name) : 5);
    expect_text(&columns->id, row, "", 0);
    expect_text(&columns->parent_id, row, "", 0);
    ck_assert_int_eq(columns->parent_seq[row], i - 1);
}

/* In the batches of 4, the same row has other members in one batch than in the next. */
START_TEST(members_are_columns_of_their_kind)
{
    const eventure_member members[] = {{.key = "i", .kind = EVENTURE_MEMBER_INT},
                                       {.key = "x", .kind = EVENTURE_MEMBER_DOUBLE},
                                       {.key = "name", .kind = EVENTURE_MEMBER_TEXT}};
    static const size_t sizes[] = {4, 1000};
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.without_ids = true;
    filter.without_parent_ids = true;
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
    {
        eventure_cursor *cursor = NULL;
        eventure_columns columns;
        size_t all = 0;
        expect_ok(reader(), eventure_query(reader(), &filter, &cursor));
        while (eventure_cursor_next_batch(cursor, sizes[i], members, 3, &columns) == EVENTURE_ROW)
        {
            ck_assert_uint_eq(columns.rows, sizes[i] < EVENTS - all ? sizes[i] : EVENTS - all);
            for (size_t row = 0; row < columns.rows; row++, all++)
                expect_members(&columns, row);
        }
        ck_assert_uint_eq(all, EVENTS);
        expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_cursor_next_batch(cursor, 0, NULL, 0, &columns));
        expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_cursor_next_batch(cursor, 1, NULL, 1, &columns));
        eventure_cursor_free(cursor);
    }
}
END_TEST

START_TEST(what_a_filter_leaves_out_is_empty)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    filter.type = "even.*";
    filter.order = EVENTURE_ORDER_ID; /* the order needs the ids, although they are not returned */
    filter.without_data = true;
    filter.without_ids = true;
    filter.without_parent_ids = true;
    expect_ok(reader(), eventure_query(reader(), &filter, &cursor));
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
    ck_assert_int_eq(event.seq, 2);
    ck_assert_str_eq(event.id, "");
    ck_assert_str_eq(event.data, "");
    ck_assert_uint_eq(event.data_len, 0);
    ck_assert_ptr_null(event.parent_id);
    ck_assert_int_eq(event.parent_seq, 1);
    eventure_cursor_free(cursor);
}
END_TEST

START_TEST(an_exact_type_may_have_a_star)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    int64_t count = 0;
    expect_ok(history, eventure_log_append(history, "even.*", eventure_no_data(), NULL, NULL));
    expect_ok(history, eventure_log_append(history, "a*b", eventure_no_data(), NULL, NULL));
    filter.type = "even.*";
    expect_ok(reader(), eventure_query_count(reader(), &filter, &count));
    ck_assert_int_eq(count, EVENTS / 2 + 1);
    filter.exact_types = true;
    expect_ok(reader(), eventure_query_count(reader(), &filter, &count));
    ck_assert_int_eq(count, 1);
    filter.type = "a*b";
    expect_ok(reader(), eventure_query_count(reader(), &filter, &count));
    ck_assert_int_eq(count, 1);
}
END_TEST

/* Stores the output of a call; fails after a number of bytes. */
typedef struct kept
{
    char bytes[200000];
    size_t len;
    size_t fails_after;
} kept;

static int keep(const void *bytes, size_t len, void *sink)
{
    kept *self = sink;
    if (self->len + len > self->fails_after || self->len + len > sizeof self->bytes)
        return 42;
    memcpy(self->bytes + self->len, bytes, len);
    self->len += len;
    return 0;
}

static kept sink;

START_TEST(a_callback_gets_what_a_file_would)
{
    char *text = NULL;
    size_t len = 0;
    eventure_export_options options = EVENTURE_EXPORT_OPTIONS_INIT;
    eventure_cascade_options view = EVENTURE_CASCADE_OPTIONS_INIT;
    options.write = keep;
    options.write_sink = &sink;
    view.write = keep;
    view.write_sink = &sink;
    sink.fails_after = sizeof sink.bytes;
    FILE *out = open_memstream(&text, &len);
    expect_ok(reader(), eventure_store_export(reader(), out, NULL, NULL));
    expect_ok(reader(), eventure_cascade_print(reader(), out, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_store_export(reader(), out, &options, NULL));
    fclose(out);
    expect_ok(reader(), eventure_store_export(reader(), NULL, &options, NULL));
    expect_ok(reader(), eventure_cascade_print(reader(), NULL, &view));
    ck_assert_uint_eq(sink.len, len);
    ck_assert_mem_eq(sink.bytes, text, len);
    free(text);
    sink.len = 0;
    sink.fails_after = 1;
    ck_assert_int_eq(eventure_store_export(reader(), NULL, &options, NULL), EVENTURE_ERROR_HANDLER);
    ck_assert_int_eq(eventure_cascade_print(reader(), NULL, &view), EVENTURE_ERROR_HANDLER);
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_store_export(reader(), NULL, NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_cascade_print(reader(), NULL, NULL));
}
END_TEST

START_TEST(an_event_is_found_by_its_seq)
{
    eventure_event *event = NULL;
    expect_ok(reader(), eventure_query_find_seq(reader(), 42, &event));
    ck_assert_int_eq(event->seq, 42);
    ck_assert_int_eq(eventure_event_int_or(event, "i", -1), 42);
    ck_assert_int_eq(eventure_event_int_or(event, "name", -1), -1);
    ck_assert_double_eq(eventure_event_double_or(event, "x", 0.25), 0.25);
    ck_assert(eventure_event_bool_or(event, "b", true));
    eventure_event_free(event);
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader(), eventure_query_find_seq(reader(), 0, &event));
    ck_assert_ptr_null(event);
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader(), eventure_query_find_seq(reader(), EVENTS + 1, &event));
    expect_part(eventure_reader_message(reader()), "251");
}
END_TEST

/* --- Members --- */

typedef struct value
{
    const char *json; /* NULL: the event has no such member */
    bool has_int;
    int64_t integer;
    bool has_double;
    double number;
    const char *text;
} value;

static const value values[] = {
    {"5", true, 5, true, 5, "5"},
    {"-0", true, 0, true, 0, "-0"},
    {"1.5", false, 0, true, 1.5, "1.5"},
    {"9223372036854775807", true, INT64_MAX, true, 9223372036854775807.0, "9223372036854775807"},
    {"9223372036854775808", false, 0, true, 9223372036854775808.0, "9223372036854775808"},
    {"\"5\"", false, 0, false, 0, "5"},
    {"\"\"", false, 0, false, 0, ""},
    {"\"a\\n\\u00e9\"", false, 0, false, 0, "a\n\xc3\xa9"},
    {"true", false, 0, false, 0, "true"},
    {"null", false, 0, false, 0, "null"},
    {"[1,\"x\"]", false, 0, false, 0, "[1,\"x\"]"},
    {NULL, false, 0, false, 0, ""},
};

START_TEST(a_value_of_each_kind_is_in_the_columns_of_its_kind)
{
    const eventure_member members[] = {{.key = "v", .kind = EVENTURE_MEMBER_INT},
                                       {.key = "v", .kind = EVENTURE_MEMBER_DOUBLE},
                                       {.key = "v and more", .key_len = 1, .kind = EVENTURE_MEMBER_TEXT}};
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_columns columns;
    for (size_t i = 0; i < COUNT_OF(values); i++)
    {
        char json[64] = "{}";
        if (values[i].json != NULL)
            snprintf(json, sizeof json, "{\"u\":0,\"v\":%s}", values[i].json);
        expect_ok(history, eventure_log_append(history, "value", eventure_json(json), NULL, NULL));
    }
    filter.type = "value";
    expect_ok(reader(), eventure_query(reader(), &filter, &cursor));
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next_batch(cursor, 100, members, 3, &columns));
    ck_assert_uint_eq(columns.rows, COUNT_OF(values));
    ck_assert_ptr_null(columns.members[0].numbers);
    ck_assert_ptr_null(columns.members[0].text.bytes);
    ck_assert_ptr_null(columns.members[1].integers);
    ck_assert_ptr_null(columns.members[2].integers);
    ck_assert_ptr_null(columns.members[2].numbers);
    for (size_t i = 0; i < COUNT_OF(values); i++)
    {
        ck_assert_msg(columns.members[0].has[i] == values[i].has_int, "%s", values[i].json);
        ck_assert_int_eq(columns.members[0].integers[i], values[i].integer);
        ck_assert_msg(columns.members[1].has[i] == values[i].has_double, "%s", values[i].json);
        ck_assert_double_eq(columns.members[1].numbers[i], values[i].number);
        ck_assert_int_eq(columns.members[2].has[i], values[i].json != NULL);
        expect_text(&columns.members[2].text, i, values[i].text, strlen(values[i].text));
    }
    eventure_cursor_free(cursor);
}
END_TEST

/* Each batch has the members of its call. */
START_TEST(the_members_of_a_cursor_may_change)
{
    const eventure_member members[] = {{.key = "i", .kind = EVENTURE_MEMBER_INT},
                                       {.key = "x", .kind = EVENTURE_MEMBER_DOUBLE},
                                       {.key = "name", .kind = EVENTURE_MEMBER_TEXT}};
    static const size_t counts[] = {1, 3, 3, 0, 2};
    eventure_cursor *cursor = NULL;
    eventure_columns columns;
    expect_ok(reader(), eventure_query(reader(), NULL, &cursor));
    for (size_t i = 0; i < COUNT_OF(counts); i++)
    {
        expect_status(EVENTURE_ROW, NULL, eventure_cursor_next_batch(cursor, 3, members, counts[i], &columns));
        ck_assert_uint_eq(columns.rows, 3);
        ck_assert_int_eq(columns.members != NULL, counts[i] > 0);
        ck_assert_int_eq(columns.seq[0], (int64_t)(3 * i + 1));
        if (counts[i] > 0)
        {
            ck_assert(!columns.members[0].has[0] && columns.members[0].has[2]);
            ck_assert_int_eq(columns.members[0].integers[2], (int64_t)(3 * i + 3));
        }
        if (counts[i] > 1)
            ck_assert_double_eq(columns.members[1].numbers[0], (double)(3 * i) + 1.5);
        if (counts[i] > 2)
            expect_text(&columns.members[2].text, 0, "[1,2]", 5);
    }
    const eventure_member of_other_kinds[] = {members[2], members[0]};
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next_batch(cursor, 3, of_other_kinds, 2, &columns));
    ck_assert_ptr_null(columns.members[0].integers);
    ck_assert_ptr_null(columns.members[1].numbers);
    expect_text(&columns.members[0].text, 0, "[1,2]", 5);
    eventure_cursor_free(cursor);
}
END_TEST

START_TEST(a_member_without_a_key_or_a_kind_is_refused_with_its_number)
{
    const eventure_member good = {.key = "i", .kind = EVENTURE_MEMBER_TEXT};
    const eventure_member bad[] = {{.key = NULL, .kind = EVENTURE_MEMBER_INT},
                                   {.key = "i", .kind = (eventure_member_kind)-1},
                                   {.key = "i", .kind = (eventure_member_kind)3}};
    eventure_cursor *cursor = NULL;
    eventure_columns columns;
    expect_ok(reader(), eventure_query(reader(), NULL, &cursor));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
    {
        const eventure_member members[2] = {good, bad[i]};
        expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_cursor_next_batch(cursor, 1, members, 2, &columns));
        ck_assert_str_eq(eventure_reader_message(reader()), "columns: member 2 has no key, or no kind");
    }
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_cursor_next_batch(cursor, 1, NULL, 1, &columns));
    ck_assert_str_eq(eventure_reader_message(reader()), "columns: member 1 has no key, or no kind");
    expect_status(EVENTURE_ROW, reader(), eventure_cursor_next_batch(cursor, 1, &good, 1, &columns));
    ck_assert_int_eq(columns.seq[0], 1); /* no row was lost */
    eventure_cursor_free(cursor);
}
END_TEST
