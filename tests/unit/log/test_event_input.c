/*
 * Events with every optional member: all kinds of parents, ids and timestamps that the caller passes; batches, which
 * copy their input; and data that the caller uses after the statement that made it.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <eventure/eventure.h>

#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(open_history, close_history);

static eventure_log *history;

static void open_history(void)
{
    history = scratch_new();
}

static void close_history(void)
{
    scratch_close(history);
}

static void append(const eventure_event_input *input, eventure_event *out)
{
    expect_ok(history, eventure_log_append_input(history, input, out));
}

static void expect_refused(const eventure_event_input *input, eventure_status expected, const char *text)
{
    int64_t before = 0;
    int64_t after = 0;
    eventure_reader_last_seq(eventure_log_reader(history), &before);
    ck_assert_int_eq(eventure_log_append_input(history, input, NULL), expected);
    expect_part(eventure_log_message(history), text);
    eventure_reader_last_seq(eventure_log_reader(history), &after);
    ck_assert_int_eq(before, after);
}

START_TEST(a_parent_is_named_by_seq_by_id_and_outside_the_store)
{
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    eventure_event event;
    char first_id[64];
    input.type = "a.b";
    append(&input, &event);
    snprintf(first_id, sizeof first_id, "%s", event.id);
    for (int i = 0; i < 1500; i++) /* more events than the log keeps in memory */
        append(&input, &event);

    input.parent_seq = 1;
    append(&input, &event);
    ck_assert_int_eq(event.parent_seq, 1);
    ck_assert_str_eq(event.parent_id, first_id);
    input.parent_seq = event.seq;
    char newest_id[64];
    snprintf(newest_id, sizeof newest_id, "%s", event.id);
    append(&input, &event);
    ck_assert_str_eq(event.parent_id, newest_id);

    input.parent_seq = 0;
    input.parent_id = "0-EBFC-1 and more";
    input.parent_id_len = strlen("0-EBFC-1");
    append(&input, &event);
    ck_assert_int_eq(event.parent_seq, 1);

    input.parent_id_len = 0;
    expect_refused(&input, EVENTURE_ERROR_PARENT, "0-EBFC-1 and more");
    input.external_parent = true;
    append(&input, &event);
    ck_assert_int_eq(event.parent_seq, 0);
    ck_assert_str_eq(event.parent_id, "0-EBFC-1 and more");

    input.parent_seq = 1;
    expect_refused(&input, EVENTURE_ERROR_ARGUMENT, "two parents");
    input.parent_id = NULL;
    input.parent_seq = 100000;
    expect_refused(&input, EVENTURE_ERROR_PARENT, "100000");
    input.parent_seq = -1;
    expect_refused(&input, EVENTURE_ERROR_PARENT, "-1");
    input.parent_seq = 0;
    input.parent_in_batch = 1;
    expect_refused(&input, EVENTURE_ERROR_ARGUMENT, "batch");
    input.parent_in_batch = 0;
    input.parent = &(eventure_event){.seq = 3, .id = ""}; /* as returned by a filter without ids */
    append(&input, &event);
    ck_assert_int_eq(event.parent_seq, 3);
    input.parent = &(eventure_event){.id = ""};
    expect_refused(&input, EVENTURE_ERROR_PARENT, "neither seq nor id");
    input.parent = &(eventure_event){.seq = 2};
    append(&input, &event);
    ck_assert_int_eq(event.parent_seq, 2);
}
END_TEST

START_TEST(an_id_and_a_time_are_kept_as_they_are_given)
{
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    eventure_event event;
    input.type = "a.b";
    input.id = "order-7";
    input.has_timestamp = true;
    input.timestamp = 12.25;
    append(&input, &event);
    ck_assert_str_eq(event.id, "order-7");
    ck_assert_double_eq(event.timestamp, 12.25);
    expect_refused(&input, EVENTURE_ERROR_EXISTS, "order-7");
    input.id = "0-EBFC-3"; /* the derived id of a later event */
    append(&input, &event);
    input.id = NULL;
    append(&input, &event); /* the third event of its tick and type; its derived id is in use */
    ck_assert_str_eq(event.id, "0-EBFC-4");
    input.id = "";
    expect_refused(&input, EVENTURE_ERROR_ARGUMENT, "empty");
    input.id = "a\0b";
    input.id_len = 3;
    expect_refused(&input, EVENTURE_ERROR_ARGUMENT, "NUL");
    input.id = NULL;
    input.timestamp = NAN;
    expect_refused(&input, EVENTURE_ERROR_ARGUMENT, "not finite");
    input.has_timestamp = false;
    input.type_len = 4;
    input.type = "a\0bc";
    expect_refused(&input, EVENTURE_ERROR_TYPE, "a");
    expect_ok(history, eventure_log_advance_tick(history));
    scratch_expect_sound(eventure_log_reader(history));
}
END_TEST

START_TEST(ids_of_a_batch_are_checked_before_any_of_it_is_written)
{
    eventure_event_input inputs[2] = {EVENTURE_EVENT_INPUT_INIT, EVENTURE_EVENT_INPUT_INIT};
    int64_t events = 0;
    inputs[0].type = "a.b";
    inputs[1].type = "a.b";
    inputs[0].id = "one";
    inputs[1].id = "one";
    expect_ok(history, eventure_log_append(history, "a.b", eventure_no_data(), NULL, NULL));
    expect_status(EVENTURE_ERROR_EXISTS, history, eventure_log_append_batch(history, inputs, 2, NULL));
    inputs[1].id = NULL;
    expect_status(EVENTURE_ERROR_ARGUMENT, history, eventure_log_append_batch(history, inputs, 2, NULL));
    inputs[1].size = 0;
    expect_status(EVENTURE_ERROR_ARGUMENT, history, eventure_log_append_batch(history, inputs, 2, NULL));
    eventure_reader_last_seq(eventure_log_reader(history), &events);
    ck_assert_int_eq(events, 1);
    inputs[1] = inputs[0];
    inputs[1].id = "two";
    expect_ok(history, eventure_log_append_batch(history, inputs, 2, NULL));
}
END_TEST

/* --- Data that the caller keeps --- */

static int64_t member(int64_t seq, const char *key)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    int64_t value = -1;
    filter.after_seq = seq - 1;
    filter.limit = 1;
    expect_ok(eventure_log_reader(history), eventure_query(eventure_log_reader(history), &filter, &cursor));
    if (eventure_cursor_next(cursor, &event) == EVENTURE_ROW)
        eventure_event_int(&event, key, &value);
    eventure_cursor_free(cursor);
    return value;
}

/* The members of the last returned event are arguments of the next append. */
START_TEST(an_event_can_be_the_input_of_the_next)
{
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    eventure_event_input two[2] = {EVENTURE_EVENT_INPUT_INIT, EVENTURE_EVENT_INPUT_INIT};
    eventure_event event;
    eventure_event events[2];
    char long_text[3000];
    memset(long_text, 'x', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    expect_ok(history,
              eventure_log_append(history, "first", eventure_json("{\"name\":\"alpha\",\"n\":12345}"), NULL, &event));
    expect_ok(history, eventure_log_append(history, event.type,
                                           EVENTURE_DATA(eventure_string("long", long_text), eventure_int("of", 1),
                                                         eventure_string("was", event.data)),
                                           &event, &event));
    ck_assert_str_eq(event.type, "first");
    ck_assert_int_eq(event.parent_seq, 1);
    expect_part(event.data, "x\",\"of\":1,\"was\":\"{\\\"name\\\":\\\"alpha\\\",\\\"n\\\":12345}\"}");
    expect_ok(history,
              eventure_log_append(history, "second", eventure_json_n(event.data, event.data_len), NULL, &event));
    expect_part(event.data, "x\",\"of\":1,\"was\"");
    input.type = event.type;
    input.parent_id = event.id;
    input.data = eventure_json(event.data);
    append(&input, &event);
    expect_part(event.data, "x\",\"of\":1,\"was\"");
    ck_assert_int_eq(event.parent_seq, 3);
    two[0].type = two[1].type = "a.b";
    two[0].data = two[1].data = eventure_json(event.data);
    two[0].parent = two[1].parent = &event;
    for (int i = 0; i < 3; i++)
    {
        expect_ok(history, eventure_log_append_batch(history, two, 2, events));
        expect_part(events[1].data, "x\",\"of\":1,\"was\"");
        two[0].data = two[1].data = eventure_json(events[1].data);
        two[0].parent = two[1].parent = &events[0];
    }
    ck_assert_int_eq(events[1].parent_seq, 7);
}
END_TEST

START_TEST(an_event_without_a_type_is_refused)
{
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    input.type_len = 3;
    expect_refused(&input, EVENTURE_ERROR_TYPE, "no type was given");
    expect_status(EVENTURE_ERROR_TYPE, history, eventure_log_append_batch(history, &input, 1, NULL));
    expect_part(eventure_log_message(history), "no type was given");
}
END_TEST

START_TEST(a_batch_that_is_filled_in_a_loop_has_what_each_round_gave)
{
    eventure_batch *batch = NULL;
    eventure_event events[100];
    expect_ok(NULL, eventure_batch_new(&batch));
    for (int i = 0; i < 100; i++)
    {
        char name[16];
        snprintf(name, sizeof name, "name %d", i);
        eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
        input.type = name;
        input.data = EVENTURE_DATA(eventure_int("id", i + 1), eventure_string("name", name));
        input.parent_in_batch = eventure_batch_count(batch);
        expect_ok(batch, eventure_batch_add_input(batch, &input));
    }
    ck_assert_uint_eq(eventure_batch_count(batch), 100);
    expect_ok(batch, eventure_batch_append(batch, history, events));
    ck_assert_str_eq(events[41].type, "name 41");
    ck_assert_str_eq(events[41].data, "{\"id\":42,\"name\":\"name 41\"}");
    ck_assert_int_eq(events[41].parent_seq, 41);
    ck_assert_int_eq(member(42, "id"), 42);
    eventure_batch_clear(batch);
    expect_ok(batch, eventure_batch_add(batch, "a.b", eventure_no_data(), &(eventure_event){.seq = 7}));
    expect_ok(batch, eventure_batch_append(batch, history, events));
    ck_assert_int_eq(events[0].parent_seq, 7);
    eventure_batch_free(batch);
}
END_TEST

START_TEST(a_text_that_changed_after_its_statement_is_refused)
{
    char name[] = "gold";
    char list[] = "[1]";
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    input.type = "a.b";
    input.data = EVENTURE_DATA(eventure_int("n", 1), eventure_string("item", name), eventure_json_field("of", list));
    expect_ok(history, eventure_log_append_input(history, &input, NULL));
    name[0] = 'b';
    expect_refused(&input, EVENTURE_ERROR_ARGUMENT, "its fields have changed since");
    name[0] = 'g';
    list[1] = '2';
    expect_refused(&input, EVENTURE_ERROR_ARGUMENT, "its fields have changed since");
    list[1] = '1';
    expect_ok(history, eventure_log_append_input(history, &input, NULL));
}
END_TEST

START_TEST(what_cannot_be_added_leaves_the_batch_as_it_was)
{
    eventure_batch *batch = NULL;
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    expect_ok(NULL, eventure_batch_new(&batch));
    expect_ok(batch, eventure_batch_add(batch, "a.b", eventure_no_data(), NULL));
    expect_status(EVENTURE_ERROR_TYPE, batch, eventure_batch_add(batch, "", eventure_no_data(), NULL));
    expect_status(EVENTURE_ERROR_TYPE, batch, eventure_batch_add(batch, NULL, eventure_no_data(), NULL));
    expect_status(EVENTURE_ERROR_JSON, batch, eventure_batch_add(batch, "a.b", eventure_json("[1]"), NULL));
    expect_part(eventure_batch_message(batch), "event 2");
    input.type = "a.b";
    input.parent_in_batch = 2;
    expect_status(EVENTURE_ERROR_ARGUMENT, batch, eventure_batch_add_input(batch, &input));
    input.size = 0;
    expect_status(EVENTURE_ERROR_ARGUMENT, batch, eventure_batch_add_input(batch, &input));
    ck_assert_uint_eq(eventure_batch_count(batch), 1);
    expect_ok(batch, eventure_batch_append(batch, history, NULL));
    expect_ok(batch, eventure_batch_add(batch, "b.c", eventure_no_data(), &(eventure_event){.id = "none"}));
    expect_status(EVENTURE_ERROR_PARENT, batch, eventure_batch_append(batch, history, NULL));
    int64_t events = 0;
    eventure_reader_last_seq(eventure_log_reader(history), &events);
    ck_assert_int_eq(events, 1);
    eventure_batch_free(batch);
}
END_TEST

/* Fields of a compound literal that are changed afterwards, as the memory of the literal may be after its block. */
START_TEST(data_whose_fields_have_changed_is_refused)
{
    char name[] = "sword";
    eventure_field fields[] = {eventure_int("id", 1), eventure_string("name", name), eventure_double("x", 1.5),
                               eventure_bool("b", true), eventure_null("n")};
    const size_t count = COUNT_OF(fields);
    const eventure_data data = eventure_data_in_place(fields, count);
    expect_ok(history, eventure_log_append(history, "a.b", data, NULL, NULL));
    for (size_t i = 0; i < count; i++)
    {
        eventure_field before = fields[i];
        fields[i] = eventure_int("id", 2);
        expect_status(EVENTURE_ERROR_ARGUMENT, history, eventure_log_append(history, "a.b", data, NULL, NULL));
        expect_part(eventure_log_message(history), "EVENTURE_DATA");
        memset(&fields[i], 0xAB, sizeof fields[i]); /* the overwritten pointers must not be followed */
        expect_status(EVENTURE_ERROR_ARGUMENT, history, eventure_log_append(history, "a.b", data, NULL, NULL));
        fields[i] = before;
    }
    name[4] = 'D';
    expect_status(EVENTURE_ERROR_ARGUMENT, history, eventure_log_append(history, "a.b", data, NULL, NULL));
    name[4] = 'd';
    expect_ok(history, eventure_log_append(history, "a.b", data, NULL, NULL));
    /* Fields in memory of the program may change between two calls. */
    const eventure_data own = eventure_data_fields(fields, 1);
    fields[0] = eventure_int("id", 9);
    expect_ok(history, eventure_log_append(history, "a.b", own, NULL, NULL));
    ck_assert_int_eq(member(3, "id"), 9);
}
END_TEST

/* --- Texts of errors --- */

START_TEST(a_text_is_cleared_by_the_next_call_that_succeeds)
{
    int64_t tick = 0;
    eventure_bus *bus = NULL;
    expect_status(EVENTURE_ERROR_TYPE, history, eventure_log_append(history, "", eventure_no_data(), NULL, NULL));
    ck_assert_str_ne(eventure_log_message(history), "");
    expect_ok(history, eventure_log_append(history, "a", eventure_no_data(), NULL, NULL));
    ck_assert_str_eq(eventure_log_message(history), "");
    expect_ok(history, eventure_bus_new(history, NULL, &bus));
    expect_status(EVENTURE_ERROR_TYPE, bus, eventure_bus_publish(bus, "", eventure_no_data(), NULL, NULL));
    ck_assert_str_ne(eventure_bus_message(bus), "");
    expect_ok(bus, eventure_bus_publish(bus, "a", eventure_no_data(), NULL, NULL));
    ck_assert_str_eq(eventure_bus_message(bus), "");
    eventure_bus_free(bus);
    eventure_reader *reader = NULL;
    eventure_event *event = NULL;
    expect_ok(history, eventure_log_commit(history));
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader, eventure_query_find(reader, "none", &event));
    ck_assert_str_ne(eventure_reader_message(reader), "");
    expect_ok(reader, eventure_reader_tick(reader, &tick));
    ck_assert_str_eq(eventure_reader_message(reader), "");
    eventure_reader_close(reader);
}
END_TEST

START_TEST(openers_that_fail_hand_out_nothing_and_leave_their_text_with_the_thread)
{
    eventure_log *log = (eventure_log *)&history;
    eventure_reader *reader = (eventure_reader *)&history;
    eventure_follower *follow = (eventure_follower *)&history;
    eventure_bus *bus = (eventure_bus *)&history;
    eventure_bus_options options = EVENTURE_BUS_OPTIONS_INIT;
    eventure_projection *projection = (eventure_projection *)&history;
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_log_open("no/such/place", NULL, &log));
    ck_assert_ptr_null(log);
    expect_part(eventure_last_message(), "no/such/place");
    ck_assert_str_eq(eventure_log_message(log), eventure_last_message());
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_reader_open("nowhere.db", &reader));
    ck_assert_ptr_null(reader);
    expect_part(eventure_reader_message(reader), "nowhere.db");
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_follower_open("nowhere.db", NULL, NULL, &follow));
    ck_assert_ptr_null(follow);
    expect_part(eventure_follower_message(follow), "nowhere.db");
    options.max_depth = -1;
    expect_status(EVENTURE_ERROR_ARGUMENT, history, eventure_bus_new(history, &options, &bus));
    ck_assert_ptr_null(bus);
    expect_part(eventure_bus_message(bus), "max_depth");
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_projection_open("nowhere.sql", NULL, &projection));
    ck_assert_ptr_null(projection);
    expect_part(eventure_last_message(), "nowhere.sql");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_query(NULL, NULL, NULL));
    expect_part(eventure_last_message(), "eventure_query");
}
END_TEST
