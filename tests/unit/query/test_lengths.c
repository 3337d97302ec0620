/*
 * Explicit lengths of texts: in every event that the library returns, and in the filters, fields, members and parents
 * that a program passes.
 */
#include <string.h>

#include <eventure/eventure.h>

#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(open_history, close_history);

static eventure_log *history;
static int heard;

static eventure_reader *reader(void)
{
    return eventure_log_reader(history);
}

static size_t length_of(const char *text)
{
    return text != NULL ? strlen(text) : 0;
}

static void expect_lengths(const eventure_event *event)
{
    ck_assert_uint_eq(event->type_len, length_of(event->type));
    ck_assert_uint_eq(event->data_len, length_of(event->data));
    ck_assert_uint_eq(event->id_len, length_of(event->id));
    ck_assert_uint_eq(event->parent_id_len, length_of(event->parent_id));
}

static int hear(const eventure_event *event, void *context)
{
    (void)context;
    expect_lengths(event);
    heard++;
    return 0;
}

/* Three events: a root, its child, and the child of that one, which has an explicit id. */
static void open_history(void)
{
    eventure_event event;
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    history = scratch_new();
    heard = 0;
    expect_ok(history, eventure_log_append(history, "a.root", eventure_json("{\"n\":1}"), NULL, &event));
    expect_lengths(&event);
    expect_ok(history, eventure_log_append(history, "a.child", eventure_no_data(), &event, &event));
    expect_lengths(&event);
    ck_assert_uint_gt(event.parent_id_len, 0);
    input.type = "b, and more";
    input.type_len = 1;
    input.parent_seq = event.seq;
    input.id = "my own, and more";
    input.id_len = 6;
    expect_ok(history, eventure_log_append_input(history, &input, &event));
    expect_lengths(&event);
    ck_assert_str_eq(event.id, "my own");
}

static void close_history(void)
{
    scratch_close(history);
}

START_TEST(events_of_queries_have_their_lengths)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    for (int i = 0; i < 4; i++)
    {
        eventure_cursor *cursor = NULL;
        eventure_event event;
        filter.without_data = i == 1;
        filter.without_ids = i == 2;
        filter.without_parent_ids = i == 3;
        expect_ok(reader(), eventure_query(reader(), &filter, &cursor));
        for (int row = 0; row < 3; row++)
        {
            expect_status(EVENTURE_ROW, reader(), eventure_cursor_next(cursor, &event));
            expect_lengths(&event);
        }
        expect_status(EVENTURE_DONE, reader(), eventure_cursor_next(cursor, &event));
        eventure_cursor_free(cursor);
    }
    eventure_event *found = NULL;
    expect_ok(reader(), eventure_query_find(reader(), "my own", &found));
    expect_lengths(found);
    eventure_event_free(found);
}
END_TEST

START_TEST(events_of_batches_and_of_the_bus_have_their_lengths)
{
    eventure_batch *batch = NULL;
    eventure_bus *bus = NULL;
    eventure_event events[2];
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    const eventure_event parent = {.id = "my own, and more", .id_len = 6};
    expect_ok(NULL, eventure_batch_new(&batch));
    input.type = "c.d";
    input.parent = &parent;
    expect_ok(NULL, eventure_batch_add_input(batch, &input));
    input.parent = NULL;
    input.parent_in_batch = 1;
    expect_ok(NULL, eventure_batch_add_input(batch, &input));
    expect_ok(history, eventure_batch_append(batch, history, events));
    for (int i = 0; i < 2; i++)
    {
        expect_lengths(&events[i]);
        ck_assert_uint_gt(events[i].parent_id_len, 0);
    }
    expect_ok(NULL, eventure_bus_new(history, NULL, &bus));
    expect_ok(NULL, eventure_bus_subscribe(bus, "*", hear, NULL, NULL));
    expect_ok(NULL, eventure_bus_publish(bus, "e.f", eventure_no_data(), &events[1], NULL));
    expect_ok(NULL, eventure_bus_publish_batch(bus, batch, NULL));
    const eventure_event made = {.type = "g", .data = "{}", .id = "1"};
    expect_ok(NULL, eventure_bus_dispatch(bus, &made));
    ck_assert_int_eq(heard, 4);
    eventure_bus_free(bus);
    eventure_batch_free(batch);
}
END_TEST

START_TEST(copies_and_lines_have_their_lengths)
{
    const eventure_event made = {.type = "a.b", .data = "{\"n\":1}", .id = "1"};
    eventure_event *copy = NULL;
    eventure_event *read = NULL;
    char *line = NULL;
    expect_ok(NULL, eventure_event_copy(&made, &copy));
    expect_lengths(copy);
    ck_assert_str_eq(copy->data, made.data);
    expect_ok(NULL, eventure_event_to_json(&made, &line));
    expect_ok(NULL, eventure_event_from_json(line, strlen(line), &read));
    expect_lengths(read);
    ck_assert_str_eq(read->data, made.data);
    ck_assert_str_eq(read->id, made.id);
    eventure_free(line);
    eventure_event_free(copy);
    eventure_event_free(read);
}
END_TEST

START_TEST(texts_of_a_filter_need_no_nul)
{
    const char *const types[] = {"a.child of", "b"};
    const size_t types_len[] = {7, 0};
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.type = "a.*, and more";
    filter.type_len = 3;
    scratch_expect(reader(), &filter, "0-CEEC-1 0-EFFB-1");
    filter.type = NULL;
    filter.types = types;
    filter.types_len = types_len;
    filter.types_count = 2;
    scratch_expect(reader(), &filter, "0-EFFB-1 my own");
    filter.exact_types = true;
    scratch_expect(reader(), &filter, "0-EFFB-1 my own");
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.cascade_of = "my own, and more";
    filter.cascade_of_len = 6;
    scratch_expect(reader(), &filter, "my own");
    filter.cascade_of = NULL;
    filter.ancestors_of = "my own, and more";
    filter.ancestors_of_len = 6;
    scratch_expect(reader(), &filter, "0-EFFB-1 0-CEEC-1");
    filter.ancestors_of = NULL;
    filter.children_of = "0-EFFB-1234";
    filter.children_of_len = 8;
    scratch_expect(reader(), &filter, "my own");
    filter.children_of_len = 0;
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader(), eventure_query_count(reader(), &filter, &(int64_t){0}));
}
END_TEST

static void expect_refused(const eventure_filter *filter, const char *words)
{
    eventure_cursor *cursor = NULL;
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_query(reader(), filter, &cursor));
    ck_assert_str_eq(eventure_reader_message(reader()), words);
}

START_TEST(a_text_of_a_filter_with_a_nul_is_refused)
{
    static const char text[] = "a\0b";
    const char *const types[] = {"b", text};
    const size_t types_len[] = {1, 3};
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.type = text;
    filter.type_len = 3;
    expect_refused(&filter, "query: the type a\\u0000b contains a NUL");
    filter.exact_types = true;
    expect_refused(&filter, "query: the type a\\u0000b contains a NUL");
    filter.type = NULL;
    filter.types = types;
    filter.types_len = types_len;
    filter.types_count = 2;
    expect_refused(&filter, "query: the type a\\u0000b contains a NUL");
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.children_of = text;
    filter.children_of_len = 3;
    expect_refused(&filter, "query: children_of is a\\u0000b, which contains a NUL");
    filter.children_of = NULL;
    filter.cascade_of = text;
    filter.cascade_of_len = 3;
    expect_refused(&filter, "query: cascade_of is a\\u0000b, which contains a NUL");
    filter.cascade_of = NULL;
    filter.ancestors_of = text;
    filter.ancestors_of_len = 3;
    expect_refused(&filter, "query: ancestors_of is a\\u0000b, which contains a NUL");
}
END_TEST

START_TEST(a_key_may_contain_a_nul)
{
    static const char key[] = "k\0x";
    eventure_field fields[] = {eventure_int("k", 1), eventure_int(key, 2), eventure_string("more", "k\0x")};
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_condition above = {EVENTURE_GREATER, eventure_int(key, 1)};
    eventure_cursor *cursor = NULL;
    eventure_columns columns;
    eventure_event event;
    expect_status(EVENTURE_ERROR_JSON, history,
                  eventure_log_append(history, "k", eventure_data_fields(fields, 3), NULL, &event));
    fields[1].key_len = 3;
    fields[2].key_len = 2;
    expect_ok(history, eventure_log_append(history, "k", eventure_data_fields(fields, 3), NULL, &event));
    ck_assert_str_eq(event.data, "{\"k\":1,\"k\\u0000x\":2,\"mo\":\"k\"}");
    filter.data = &fields[1];
    filter.data_count = 1;
    scratch_expect(reader(), &filter, event.id);
    filter.data_count = 0;
    above.member.key_len = 3;
    filter.conditions = &above;
    filter.conditions_count = 1;
    scratch_expect(reader(), &filter, event.id);
    const eventure_member members[] = {{.key = key, .key_len = 3, .kind = EVENTURE_MEMBER_INT},
                                       {.key = key, .kind = EVENTURE_MEMBER_INT}};
    expect_ok(reader(), eventure_query(reader(), &filter, &cursor));
    expect_status(EVENTURE_ROW, reader(), eventure_cursor_next_batch(cursor, 9, members, 2, &columns));
    ck_assert_int_eq(columns.members[0].integers[0], 2);
    ck_assert_int_eq(columns.members[1].integers[0], 1);
    eventure_cursor_free(cursor);
}
END_TEST

START_TEST(many_keys_are_compared_with_their_lengths)
{
    eventure_field fields[40];
    char keys[40][8];
    for (int i = 0; i < 40; i++)
    {
        memcpy(keys[i], "key-00-", 8);
        keys[i][4] = (char)('0' + i / 10);
        keys[i][5] = (char)('0' + i % 10);
        fields[i] = eventure_int(keys[i], i);
        fields[i].key_len = 6;
    }
    expect_ok(history, eventure_log_append(history, "many", eventure_data_fields(fields, 40), NULL, NULL));
    fields[39].key_len = 5; /* "key-3" */
    expect_ok(history, eventure_log_append(history, "many", eventure_data_fields(fields, 40), NULL, NULL));
    fields[38].key_len = 5;
    expect_status(EVENTURE_ERROR_JSON, history,
                  eventure_log_append(history, "many", eventure_data_fields(fields, 40), NULL, NULL));
    expect_part(eventure_log_message(history), "data has the key key-3 twice");
}
END_TEST

START_TEST(a_parent_whose_id_has_a_nul_is_not_the_one_before_the_nul)
{
    const eventure_event parent = {.id = "my own\0x", .id_len = 8};
    expect_status(EVENTURE_ERROR_PARENT, history, eventure_log_append(history, "a", eventure_no_data(), &parent, NULL));
    expect_part(eventure_log_message(history), "parent my own\\u0000x is not in this store");
}
END_TEST

START_TEST(an_event_with_an_explicit_id_can_be_the_parent_of_the_next_call)
{
    eventure_event event;
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    input.type = "a";
    input.id = "0123456789";
    expect_ok(history, eventure_log_append_input(history, &input, &event));
    expect_ok(history,
              eventure_log_append(history, "b", eventure_json("{\"longer\":\"than before\"}"), &event, &event));
    ck_assert_str_eq(event.parent_id, "0123456789");
    eventure_event events[2];
    eventure_event_input inputs[2] = {input, input};
    inputs[0].id = "first of a batch";
    inputs[1].id = "second";
    expect_ok(history, eventure_log_append_batch(history, inputs, 2, events));
    for (int i = 0; i < 2; i++)
    {
        inputs[i].id = i == 0 ? "third" : "fourth";
        inputs[i].parent = &events[i];
        inputs[i].data = eventure_json("{\"longer\":\"than before\"}");
    }
    expect_ok(history, eventure_log_append_batch(history, inputs, 2, events));
    ck_assert_str_eq(events[0].parent_id, "first of a batch");
    ck_assert_str_eq(events[1].parent_id, "second");
}
END_TEST

/* A program that removes a text from a copy of an event may forget its length. */
START_TEST(the_length_of_a_text_that_is_missing_is_0)
{
    const char *types[] = {NULL};
    const size_t types_len[] = {4};
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event parent = {.seq = 2, .id = NULL, .id_len = 7};
    eventure_event child;
    expect_ok(history, eventure_log_append(history, "c", eventure_no_data(), &parent, &child));
    ck_assert_int_eq(child.parent_seq, 2);
    filter.types = types;
    filter.types_len = types_len;
    filter.types_count = 1;
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_query(reader(), &filter, &cursor));
    ck_assert_str_eq(eventure_reader_message(reader()), "the pattern is NULL");
}
END_TEST
