/*
 * The event as a value: copies, its JSON line through the public functions, access to single members.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <eventure/event.h>

#include "alloc_fail.h"
#include "testing.h"

static const char good_line[] = "{\"tick\": 4, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {\"k\": 1}, "
                                "\"event_id\": \"4-EBFC-1\", \"parent_id\": \"3-EBFC-1\"}";

static eventure_event with_data(const char *data)
{
    eventure_event event = {
        .seq = 2, .tick = 4, .timestamp = 1.5, .type = "a.b", .data = data, .data_len = strlen(data), .id = "4-EBFC-1"};
    return event;
}

START_TEST(a_copy_is_equal_and_lasts_longer_than_what_it_was_made_of)
{
    char type[] = "a.b";
    char data[] = "{\"k\":\"v\"}";
    char id[] = "4-EBFC-1";
    char parent[] = "3-EBFC-1";
    eventure_event event = {.seq = 9,
                            .tick = 4,
                            .timestamp = 1.5,
                            .type = type,
                            .data = data,
                            .data_len = sizeof data - 1,
                            .id = id,
                            .parent_id = parent,
                            .parent_seq = 7};
    eventure_event *copy = NULL;
    expect_ok(NULL, eventure_event_copy(&event, &copy));
    memset(type, 'x', sizeof type);
    memset(data, 'x', sizeof data);
    memset(id, 'x', sizeof id);
    memset(parent, 'x', sizeof parent);
    ck_assert_int_eq(copy->seq, 9);
    ck_assert_int_eq(copy->tick, 4);
    ck_assert(copy->timestamp == 1.5);
    ck_assert_str_eq(copy->type, "a.b");
    ck_assert_str_eq(copy->data, "{\"k\":\"v\"}");
    ck_assert_uint_eq(copy->data_len, 9);
    ck_assert_str_eq(copy->id, "4-EBFC-1");
    ck_assert_str_eq(copy->parent_id, "3-EBFC-1");
    ck_assert_int_eq(copy->parent_seq, 7);
    eventure_event_free(copy);
}
END_TEST

START_TEST(what_an_event_does_not_have_its_copy_has_not_either)
{
    eventure_event event = with_data("{}");
    eventure_event *copy = NULL;
    expect_ok(NULL, eventure_event_copy(&event, &copy));
    ck_assert_ptr_null(copy->parent_id);
    eventure_event_free(copy);
    event = (eventure_event){.id = "only"};
    expect_ok(NULL, eventure_event_copy(&event, &copy));
    ck_assert_ptr_null(copy->type);
    ck_assert_ptr_null(copy->data);
    ck_assert_str_eq(copy->id, "only");
    eventure_event_free(copy);
    eventure_event_free(NULL);
    eventure_free(NULL);
}
END_TEST

START_TEST(a_line_becomes_an_event_and_the_event_the_same_line)
{
    eventure_event *event = NULL;
    char *line = NULL;
    expect_ok(NULL, eventure_event_from_json(good_line, strlen(good_line), &event));
    ck_assert_int_eq(event->seq, 0);
    ck_assert_int_eq(event->tick, 4);
    ck_assert_str_eq(event->data, "{\"k\":1}");
    ck_assert_str_eq(event->parent_id, "3-EBFC-1");
    expect_ok(NULL, eventure_event_to_json(event, &line));
    ck_assert_str_eq(line, good_line);
    eventure_free(line);
    eventure_event_free(event);
}
END_TEST

START_TEST(a_line_without_an_id_becomes_an_event_whose_id_is_empty)
{
    static const char without[] = "{\"tick\": 4, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {}}";
    eventure_event *event = NULL;
    char *line = NULL;
    expect_ok(NULL, eventure_event_from_json(without, strlen(without), &event));
    ck_assert_str_eq(event->id, "");
    ck_assert_ptr_null(event->parent_id);
    expect_ok(NULL, eventure_event_to_json(event, &line));
    ck_assert_str_eq(line, "{\"tick\": 4, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {}, \"event_id\": null, "
                           "\"parent_id\": null}");
    eventure_event_free(event);
    expect_ok(NULL, eventure_event_from_json(line, strlen(line), &event));
    ck_assert_str_eq(event->id, "");
    eventure_free(line);
    eventure_event_free(event);
}
END_TEST

START_TEST(a_bad_line_is_refused_and_the_thread_has_the_text)
{
    eventure_event somewhere = with_data("{}");
    eventure_event *event = &somewhere;
    expect_status(EVENTURE_ERROR_JSON, NULL, eventure_event_from_json("{}", 2, &event));
    ck_assert_ptr_null(event);
    ck_assert_str_eq(eventure_last_message(), "\"tick\" is missing");
}
END_TEST

START_TEST(an_integer_member_is_read_however_it_is_written)
{
    eventure_event event =
        with_data("{\"a\":9007199254740993,\"b\":3.0,\"c\":-3e2,\"d\":1.5,\"e\":\"3\",\"f\":null,"
                  "\"g\":9223372036854775808,\"h\":[3],\"a b\\\"\":7,\"t\":true,\"zero\":0,\"nine\":9}");
    int64_t value = 0;
    expect_ok(NULL, eventure_event_int(&event, "a", &value));
    ck_assert_int_eq(value, 9007199254740993);
    expect_ok(NULL, eventure_event_int(&event, "b", &value));
    ck_assert_int_eq(value, 3);
    expect_ok(NULL, eventure_event_int(&event, "c", &value));
    ck_assert_int_eq(value, -300);
    expect_ok(NULL, eventure_event_int(&event, "a b\"", &value));
    ck_assert_int_eq(value, 7);
    expect_ok(NULL, eventure_event_int(&event, "zero", &value));
    ck_assert_int_eq(value, 0);
    expect_ok(NULL, eventure_event_int(&event, "nine", &value));
    ck_assert_int_eq(value, 9);
    static const char *const others[] = {"d", "e", "f", "g", "h", "t"};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        expect_status(EVENTURE_ERROR_TYPE, NULL, eventure_event_int(&event, others[i], &value));
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_event_int(&event, "z", &value));
    ck_assert_int_eq(value, 9);
}
END_TEST

START_TEST(a_number_member_is_read_as_a_double)
{
    eventure_event event = with_data("{\"a\":1.5,\"b\":3,\"c\":1e400,\"d\":\"1.5\"}");
    double value = 0;
    expect_ok(NULL, eventure_event_double(&event, "a", &value));
    ck_assert(value == 1.5);
    expect_ok(NULL, eventure_event_double(&event, "b", &value));
    ck_assert(value == 3.0);
    expect_status(EVENTURE_ERROR_TYPE, NULL, eventure_event_double(&event, "c", &value));
    expect_status(EVENTURE_ERROR_TYPE, NULL, eventure_event_double(&event, "d", &value));
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_event_double(&event, "e", &value));
    ck_assert(value == 3.0);
}
END_TEST

START_TEST(a_boolean_member_is_true_or_false)
{
    eventure_event event = with_data("{\"t\":true,\"f\":false,\"n\":null,\"s\":\"true\",\"one\":1}");
    bool value = false;
    expect_ok(NULL, eventure_event_bool(&event, "t", &value));
    ck_assert(value);
    expect_ok(NULL, eventure_event_bool(&event, "f", &value));
    ck_assert(!value);
    expect_status(EVENTURE_ERROR_TYPE, NULL, eventure_event_bool(&event, "n", &value));
    expect_status(EVENTURE_ERROR_TYPE, NULL, eventure_event_bool(&event, "s", &value));
    expect_status(EVENTURE_ERROR_TYPE, NULL, eventure_event_bool(&event, "one", &value));
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_event_bool(&event, "z", &value));
}
END_TEST

START_TEST(a_string_member_is_copied_whole_or_not_at_all)
{
    eventure_event event = with_data("{\"s\":\"a\\n\xC3\xA9\",\"e\":\"\",\"nul\":\"a\\u0000b\",\"i\":1}");
    char buffer[8] = "#######";
    size_t len = 0;
    expect_status(EVENTURE_ERROR_LIMIT, NULL, eventure_event_string(&event, "s", buffer, 4, &len));
    ck_assert_uint_eq(len, 4);
    ck_assert_str_eq(buffer, "#######");
    expect_status(EVENTURE_ERROR_LIMIT, NULL, eventure_event_string(&event, "s", NULL, 0, &len));
    ck_assert_uint_eq(len, 4);
    expect_ok(NULL, eventure_event_string(&event, "s", buffer, 5, NULL));
    ck_assert_mem_eq(buffer, "a\n\xC3\xA9\0##", 8);
    expect_ok(NULL, eventure_event_string(&event, "e", buffer, 1, &len));
    ck_assert_uint_eq(len, 0);
    expect_ok(NULL, eventure_event_string(&event, "nul", buffer, 8, &len));
    ck_assert_uint_eq(len, 3);
    ck_assert_mem_eq(buffer, "a\0b", 4);
    expect_status(EVENTURE_ERROR_TYPE, NULL, eventure_event_string(&event, "i", buffer, 8, &len));
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_event_string(&event, "z", buffer, 8, &len));
}
END_TEST

START_TEST(any_member_is_seen_as_its_json_text)
{
    eventure_event event = with_data("{\"a\":{\"b\":[1,2]},\"c\":\"x\",\"c\":1.50}");
    const char *json = NULL;
    size_t len = 0;
    expect_ok(NULL, eventure_event_member(&event, "a", &json, &len));
    ck_assert_ptr_eq(json, event.data + 5);
    ck_assert_uint_eq(len, 11);
    expect_ok(NULL, eventure_event_member(&event, "c", &json, &len));
    ck_assert_uint_eq(len, 4);
    ck_assert_mem_eq(json, "1.50", 4);
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_event_member(&event, "b", &json, &len));
    ck_assert_mem_eq(json, "1.50", 4);
    event.data = NULL;
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_event_member(&event, "a", &json, &len));
}
END_TEST

START_TEST(data_without_its_length_ends_with_a_nul)
{
    const eventure_event event = {.type = "t", .data = "{\"i\":5,\"d\":0.5,\"b\":true,\"s\":\"x\",\"o\":{\"p\":[7]}}"};
    const eventure_event empty = {.type = "t", .data = ""};
    const eventure_event none = {.type = "t"};
    int64_t integer = 0;
    double number = 0;
    bool boolean = false;
    char text[4];
    const char *json = NULL;
    size_t len = 0;
    expect_ok(NULL, eventure_event_int(&event, "i", &integer));
    ck_assert_int_eq(integer, 5);
    expect_ok(NULL, eventure_event_double(&event, "d", &number));
    ck_assert(number == 0.5);
    expect_ok(NULL, eventure_event_bool(&event, "b", &boolean));
    ck_assert(boolean);
    expect_ok(NULL, eventure_event_string(&event, "s", text, sizeof text, NULL));
    ck_assert_str_eq(text, "x");
    expect_ok(NULL, eventure_event_member(&event, "o", &json, &len));
    ck_assert_mem_eq(json, "{\"p\":[7]}", len);
    expect_ok(NULL, eventure_event_member_at(&event, "o.p.0", &json, &len));
    ck_assert_uint_eq(len, 1);
    ck_assert_int_eq(*json, '7');
    ck_assert_int_eq(eventure_event_int_or(&event, "i", -1), 5);
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_event_int(&empty, "i", &integer));
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_event_member_at(&empty, "i", &json, &len));
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_event_member_at(&none, "i", &json, &len));
}
END_TEST

static void expect_no_line(const eventure_event *event, const char *message)
{
    char somewhere = 'x';
    char *line = &somewhere;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_event_to_json(event, &line));
    ck_assert_ptr_null(line);
    ck_assert_str_eq(eventure_last_message(), message);
}

START_TEST(an_event_whose_line_would_be_no_json_is_not_written)
{
    static const double others[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    static const char *const names[] = {"NaN", "Infinity", "-Infinity"};
    eventure_event event = with_data("{}");
    char message[100];
    char *line = NULL;
    for (size_t i = 0; i < COUNT_OF(others); i++)
    {
        event.timestamp = others[i];
        snprintf(message, sizeof message, "write an event: the timestamp is %s, which JSON cannot represent", names[i]);
        expect_no_line(&event, message);
    }
    event.timestamp_is_integer = true; /* then the integer is written */
    event.timestamp_integer = 5;
    expect_ok(NULL, eventure_event_to_json(&event, &line));
    expect_part(line, "\"timestamp\": 5, ");
    eventure_free(line);
    event.data = ""; /* as returned by a filter without data */
    event.data_len = 0;
    expect_no_line(&event, "write an event: it has no data");
    event.data = NULL;
    expect_no_line(&event, "write an event: it has no data");
    event = with_data("{}");
    event.type = NULL;
    expect_no_line(&event, "write an event: it has no type");
}
END_TEST

START_TEST(looking_allocates_nothing)
{
    eventure_event event = with_data("{\"a\":123456789012345678901234567890.5,\"s\":\"\\n\"}");
    double number = 0;
    char text[4];
    alloc_fail_at(1);
    eventure_status status = eventure_event_double(&event, "a", &number);
    if (status == EVENTURE_OK)
        status = eventure_event_string(&event, "s", text, sizeof text, NULL);
    ck_assert(!alloc_fail_stop());
    expect_ok(NULL, status);
}
END_TEST

START_TEST(every_failed_allocation_is_reported)
{
    eventure_event event = with_data("{\"k\":1}");
    bool hit = true;
    for (long n = 1; hit; n++)
    {
        eventure_event *copy = &event;
        alloc_fail_at(n);
        eventure_status status = eventure_event_copy(&event, &copy);
        hit = alloc_fail_stop();
        ck_assert_int_eq(status, hit ? EVENTURE_ERROR_MEMORY : EVENTURE_OK);
        ck_assert(hit == (copy == NULL));
        eventure_event_free(copy);
    }
    hit = true;
    for (long n = 1; hit; n++)
    {
        char *line = NULL;
        alloc_fail_at(n);
        eventure_status status = eventure_event_to_json(&event, &line);
        hit = alloc_fail_stop();
        ck_assert_int_eq(status, hit ? EVENTURE_ERROR_MEMORY : EVENTURE_OK);
        ck_assert(hit == (line == NULL));
        eventure_free(line);
    }
    hit = true;
    for (long n = 1; hit; n++)
    {
        eventure_event *read = NULL;
        alloc_fail_at(n);
        eventure_status status = eventure_event_from_json(good_line, strlen(good_line), &read);
        hit = alloc_fail_stop();
        ck_assert_int_eq(status, hit ? EVENTURE_ERROR_MEMORY : EVENTURE_OK);
        ck_assert(hit == (read == NULL));
        ck_assert(!hit || strstr(eventure_last_message(), "out of memory") != NULL);
        eventure_event_free(read);
    }
}
END_TEST
