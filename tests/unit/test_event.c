/*
 * The event as a value: copies, its JSON line through the public functions, looks at single members.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/event.h>

#include "alloc_fail.h"

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
    ck_assert_int_eq(eventure_event_copy(&event, &copy), EVENTURE_OK);
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
    ck_assert_int_eq(eventure_event_copy(&event, &copy), EVENTURE_OK);
    ck_assert_ptr_null(copy->parent_id);
    eventure_event_free(copy);
    event = (eventure_event){.id = "only"};
    ck_assert_int_eq(eventure_event_copy(&event, &copy), EVENTURE_OK);
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
    char message[100] = "untouched";
    char *line = NULL;
    ck_assert_int_eq(eventure_event_from_json(good_line, strlen(good_line), &event, message, sizeof message),
                     EVENTURE_OK);
    ck_assert_str_eq(message, "untouched");
    ck_assert_int_eq(event->seq, 0);
    ck_assert_int_eq(event->tick, 4);
    ck_assert_str_eq(event->data, "{\"k\":1}");
    ck_assert_str_eq(event->parent_id, "3-EBFC-1");
    ck_assert_int_eq(eventure_event_to_json(event, &line), EVENTURE_OK);
    ck_assert_str_eq(line, good_line);
    eventure_free(line);
    eventure_event_free(event);
}
END_TEST

START_TEST(a_bad_line_is_refused_and_the_message_fits_its_buffer)
{
    eventure_event somewhere = with_data("{}");
    eventure_event *event = &somewhere;
    char message[100];
    ck_assert_int_eq(eventure_event_from_json("{}", 2, &event, message, sizeof message), EVENTURE_ERROR_JSON);
    ck_assert_ptr_null(event);
    ck_assert_str_eq(message, "\"tick\" is missing");
    memset(message, '#', sizeof message);
    ck_assert_int_eq(eventure_event_from_json("{}", 2, &event, message, 7), EVENTURE_ERROR_JSON);
    ck_assert_str_eq(message, "\"tick\"");
    ck_assert_int_eq(message[7], '#');
    ck_assert_int_eq(eventure_event_from_json("{}", 2, &event, message, 0), EVENTURE_ERROR_JSON);
    ck_assert_str_eq(message, "\"tick\"");
    ck_assert_int_eq(eventure_event_from_json("{}", 2, &event, NULL, 100), EVENTURE_ERROR_JSON);
}
END_TEST

START_TEST(an_integer_member_is_read_however_it_is_written)
{
    eventure_event event =
        with_data("{\"a\":9007199254740993,\"b\":3.0,\"c\":-3e2,\"d\":1.5,\"e\":\"3\",\"f\":null,"
                  "\"g\":9223372036854775808,\"h\":[3],\"a b\\\"\":7,\"t\":true,\"zero\":0,\"nine\":9}");
    int64_t value = 0;
    ck_assert_int_eq(eventure_event_int(&event, "a", &value), EVENTURE_OK);
    ck_assert_int_eq(value, 9007199254740993);
    ck_assert_int_eq(eventure_event_int(&event, "b", &value), EVENTURE_OK);
    ck_assert_int_eq(value, 3);
    ck_assert_int_eq(eventure_event_int(&event, "c", &value), EVENTURE_OK);
    ck_assert_int_eq(value, -300);
    ck_assert_int_eq(eventure_event_int(&event, "a b\"", &value), EVENTURE_OK);
    ck_assert_int_eq(value, 7);
    ck_assert_int_eq(eventure_event_int(&event, "zero", &value), EVENTURE_OK);
    ck_assert_int_eq(value, 0);
    ck_assert_int_eq(eventure_event_int(&event, "nine", &value), EVENTURE_OK);
    ck_assert_int_eq(value, 9);
    static const char *const others[] = {"d", "e", "f", "g", "h", "t"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_int_eq(eventure_event_int(&event, others[i], &value), EVENTURE_ERROR_TYPE);
    ck_assert_int_eq(eventure_event_int(&event, "z", &value), EVENTURE_ERROR_NOT_FOUND);
    ck_assert_int_eq(value, 9);
}
END_TEST

START_TEST(a_number_member_is_read_as_a_double)
{
    eventure_event event = with_data("{\"a\":1.5,\"b\":3,\"c\":1e400,\"d\":\"1.5\"}");
    double value = 0;
    ck_assert_int_eq(eventure_event_double(&event, "a", &value), EVENTURE_OK);
    ck_assert(value == 1.5);
    ck_assert_int_eq(eventure_event_double(&event, "b", &value), EVENTURE_OK);
    ck_assert(value == 3.0);
    ck_assert_int_eq(eventure_event_double(&event, "c", &value), EVENTURE_ERROR_TYPE);
    ck_assert_int_eq(eventure_event_double(&event, "d", &value), EVENTURE_ERROR_TYPE);
    ck_assert_int_eq(eventure_event_double(&event, "e", &value), EVENTURE_ERROR_NOT_FOUND);
    ck_assert(value == 3.0);
}
END_TEST

START_TEST(a_boolean_member_is_true_or_false)
{
    eventure_event event = with_data("{\"t\":true,\"f\":false,\"n\":null,\"s\":\"true\",\"one\":1}");
    bool value = false;
    ck_assert_int_eq(eventure_event_bool(&event, "t", &value), EVENTURE_OK);
    ck_assert(value);
    ck_assert_int_eq(eventure_event_bool(&event, "f", &value), EVENTURE_OK);
    ck_assert(!value);
    ck_assert_int_eq(eventure_event_bool(&event, "n", &value), EVENTURE_ERROR_TYPE);
    ck_assert_int_eq(eventure_event_bool(&event, "s", &value), EVENTURE_ERROR_TYPE);
    ck_assert_int_eq(eventure_event_bool(&event, "one", &value), EVENTURE_ERROR_TYPE);
    ck_assert_int_eq(eventure_event_bool(&event, "z", &value), EVENTURE_ERROR_NOT_FOUND);
}
END_TEST

START_TEST(a_string_member_is_copied_whole_or_not_at_all)
{
    eventure_event event = with_data("{\"s\":\"a\\n\xC3\xA9\",\"e\":\"\",\"nul\":\"a\\u0000b\",\"i\":1}");
    char buffer[8] = "#######";
    size_t len = 0;
    ck_assert_int_eq(eventure_event_string(&event, "s", buffer, 4, &len), EVENTURE_ERROR_LIMIT);
    ck_assert_uint_eq(len, 4);
    ck_assert_str_eq(buffer, "#######");
    ck_assert_int_eq(eventure_event_string(&event, "s", NULL, 0, &len), EVENTURE_ERROR_LIMIT);
    ck_assert_uint_eq(len, 4);
    ck_assert_int_eq(eventure_event_string(&event, "s", buffer, 5, NULL), EVENTURE_OK);
    ck_assert_mem_eq(buffer, "a\n\xC3\xA9\0##", 8);
    ck_assert_int_eq(eventure_event_string(&event, "e", buffer, 1, &len), EVENTURE_OK);
    ck_assert_uint_eq(len, 0);
    ck_assert_int_eq(eventure_event_string(&event, "nul", buffer, 8, &len), EVENTURE_OK);
    ck_assert_uint_eq(len, 3);
    ck_assert_mem_eq(buffer, "a\0b", 4);
    ck_assert_int_eq(eventure_event_string(&event, "i", buffer, 8, &len), EVENTURE_ERROR_TYPE);
    ck_assert_int_eq(eventure_event_string(&event, "z", buffer, 8, &len), EVENTURE_ERROR_NOT_FOUND);
}
END_TEST

START_TEST(any_member_is_seen_as_its_json_text)
{
    eventure_event event = with_data("{\"a\":{\"b\":[1,2]},\"c\":\"x\",\"c\":1.50}");
    const char *json = NULL;
    size_t len = 0;
    ck_assert_int_eq(eventure_event_member(&event, "a", &json, &len), EVENTURE_OK);
    ck_assert_ptr_eq(json, event.data + 5);
    ck_assert_uint_eq(len, 11);
    ck_assert_int_eq(eventure_event_member(&event, "c", &json, &len), EVENTURE_OK);
    ck_assert_uint_eq(len, 4);
    ck_assert_mem_eq(json, "1.50", 4);
    ck_assert_int_eq(eventure_event_member(&event, "b", &json, &len), EVENTURE_ERROR_NOT_FOUND);
    ck_assert_mem_eq(json, "1.50", 4);
    event.data = NULL;
    ck_assert_int_eq(eventure_event_member(&event, "a", &json, &len), EVENTURE_ERROR_NOT_FOUND);
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
    ck_assert_int_eq(status, EVENTURE_OK);
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
        char message[100] = "";
        alloc_fail_at(n);
        eventure_status status = eventure_event_from_json(good_line, strlen(good_line), &read, message, sizeof message);
        hit = alloc_fail_stop();
        ck_assert_int_eq(status, hit ? EVENTURE_ERROR_MEMORY : EVENTURE_OK);
        ck_assert(hit == (read == NULL));
        ck_assert(hit == (strstr(message, "out of memory") != NULL));
        eventure_event_free(read);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("event");
    TCase *tests = tcase_create("event");
    tcase_add_test(tests, a_copy_is_equal_and_lasts_longer_than_what_it_was_made_of);
    tcase_add_test(tests, what_an_event_does_not_have_its_copy_has_not_either);
    tcase_add_test(tests, a_line_becomes_an_event_and_the_event_the_same_line);
    tcase_add_test(tests, a_bad_line_is_refused_and_the_message_fits_its_buffer);
    tcase_add_test(tests, an_integer_member_is_read_however_it_is_written);
    tcase_add_test(tests, a_number_member_is_read_as_a_double);
    tcase_add_test(tests, a_boolean_member_is_true_or_false);
    tcase_add_test(tests, a_string_member_is_copied_whole_or_not_at_all);
    tcase_add_test(tests, any_member_is_seen_as_its_json_text);
    tcase_add_test(tests, looking_allocates_nothing);
    tcase_add_test(tests, every_failed_allocation_is_reported);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
