/*
 * The JSON line of an event: the lines that are accepted, the errors for those that are refused, and the lines that are
 * written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"
#include "event/event_line.h"
#include "event/types.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

static eventure__line line;
static eventure_event event;
static eventure__error error;

static void set_up(void)
{
    line = (eventure__line){0};
    event = (eventure_event){.seq = -77};
    error = (eventure__error){0};
}

static void tear_down(void)
{
    eventure__line_free(&line);
}

static eventure_status parse_n(const char *text, size_t len, size_t max_data_bytes, int max_depth)
{
    char *exact = malloc(len > 0 ? len : 1);
    memcpy(exact, text, len);
    eventure_status status = eventure__line_parse(&line, exact, len, max_data_bytes, max_depth, &event, &error);
    free(exact);
    return status;
}

static void parse(const char *text)
{
    ck_assert_msg(parse_n(text, strlen(text), 1000000, 1000) == EVENTURE_OK, "%s: %s", text, error.text);
}

static void refuse(const char *text, eventure_status status, const char *message)
{
    event.seq = -77;
    ck_assert_int_eq(parse_n(text, strlen(text), 1000000, 1000), status);
    ck_assert_str_eq(error.text, message);
    ck_assert_int_eq(error.status, status);
    ck_assert_int_eq(event.seq, -77);
}

/* Returns a valid line in which one member is replaced. */
static const char *with(const char *name, const char *member)
{
    static const char *const members[][2] = {
        {"tick", "\"tick\":4"},  {"timestamp", "\"timestamp\":1.5"},        {"type", "\"type\":\"a.b\""},
        {"data", "\"data\":{}"}, {"event_id", "\"event_id\":\"4-EBFC-1\""}, {"parent_id", "\"parent_id\":null"}};
    static char text[4096];
    size_t used = 0;
    const char *comma = "";
    for (size_t i = 0; i < 6; i++)
    {
        const char *written = strcmp(members[i][0], name) == 0 ? member : members[i][1];
        if (*written == '\0')
            continue;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", *comma != '\0' ? comma : "{", written);
        comma = ",";
    }
    snprintf(text + used, sizeof text - used, "}");
    return text;
}

START_TEST(the_reference_spelling_is_read)
{
    parse("{\"tick\": 7, \"timestamp\": 1700000000.0000255, \"type\": \"player.attack\", \"data\": {\"a\": [1, 2]}, "
          "\"event_id\": \"7-DBCB-1\", \"parent_id\": \"0-DBCB-1\"}");
    ck_assert_int_eq(event.seq, 0);
    ck_assert_int_eq(event.tick, 7);
    ck_assert(event.timestamp == 1700000000.0000255);
    ck_assert_str_eq(event.type, "player.attack");
    ck_assert_str_eq(event.data, "{\"a\":[1,2]}");
    ck_assert_uint_eq(event.data_len, 11);
    ck_assert_str_eq(event.id, "7-DBCB-1");
    ck_assert_str_eq(event.parent_id, "0-DBCB-1");
    ck_assert_int_eq(event.parent_seq, 0);
}
END_TEST

START_TEST(any_valid_spelling_is_read)
{
    parse(" {\"parent_id\":null , \"event_i\\u0064\":\"\\u0034-x\", \"data\":{ \"k\\/\" : 9007199254740993 },\r\n"
          "\"type\":\"\\u00e9.\\ud83d\\ude00\\n\", \"timestamp\":-1, \"tick\":0.3e1}\n");
    ck_assert_int_eq(event.tick, 3);
    ck_assert(event.timestamp == -1.0);
    ck_assert_str_eq(event.type, "\xC3\xA9.\xF0\x9F\x98\x80\n");
    ck_assert_str_eq(event.data, "{\"k/\":9007199254740993}");
    ck_assert_uint_eq(event.data_len, strlen(event.data));
    ck_assert_str_eq(event.id, "4-x");
    ck_assert_ptr_null(event.parent_id);
}
END_TEST

START_TEST(one_line_after_the_other_is_read_into_the_same_memory)
{
    parse(with("type", "\"type\":\"first\""));
    ck_assert_str_eq(event.type, "first");
    refuse("{", EVENTURE_ERROR_JSON, "at byte 1: the text ends where a key should be");
    parse(with("type", "\"type\":\"second\""));
    ck_assert_str_eq(event.type, "second");
    ck_assert_str_eq(event.id, "4-EBFC-1");
}
END_TEST

START_TEST(a_field_that_is_missing_twice_or_unknown_is_named)
{
    static const char *const names[] = {"tick", "timestamp", "type", "data", "event_id", "parent_id"};
    for (size_t i = 0; i < 6; i++)
    {
        char message[64];
        char twice[128];
        snprintf(message, sizeof message, "\"%s\" is missing", names[i]);
        if (i < 4)
            refuse(with(names[i], ""), EVENTURE_ERROR_JSON, message);
        snprintf(message, sizeof message, "\"%s\" is given twice", names[i]);
        snprintf(twice, sizeof twice, "\"%s\":1,\"%s\":2", names[i], names[i]);
        refuse(with(names[i], twice), EVENTURE_ERROR_JSON, message);
    }
    refuse(with("tick", "\"tick\":4,\"foo\":1"), EVENTURE_ERROR_JSON, "unknown field \"foo\"");
    refuse(with("tick", "\"tick\":4,\"Tick\":1"), EVENTURE_ERROR_JSON, "unknown field \"Tick\"");
    refuse(with("tick", "\"tick\":4,\"\":1"), EVENTURE_ERROR_JSON, "unknown field \"\"");
    refuse("{}", EVENTURE_ERROR_JSON, "\"tick\" is missing");
}
END_TEST

START_TEST(an_event_may_have_no_id_and_no_parent)
{
    parse(with("event_id", ""));
    ck_assert_ptr_null(event.id);
    ck_assert_str_eq(event.type, "a.b");
    parse(with("event_id", "\"event_id\":null"));
    ck_assert_ptr_null(event.id);
    parse(with("parent_id", ""));
    ck_assert_ptr_null(event.parent_id);
    ck_assert_str_eq(event.id, "4-EBFC-1");
}
END_TEST

START_TEST(a_tick_is_any_number_that_is_an_integer_from_0)
{
    parse(with("tick", "\"tick\":9223372036854775807"));
    ck_assert_int_eq(event.tick, INT64_MAX);
    parse(with("tick", "\"tick\":4.0"));
    ck_assert_int_eq(event.tick, 4);
    parse(with("tick", "\"tick\":-0"));
    ck_assert_int_eq(event.tick, 0);
    static const char range[] = "not an integer from 0 to 9223372036854775807";
    static const char *const wrong[] = {"-1", "1.5", "9223372036854775808", "1e400", "-1e-400"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
    {
        char member[64];
        char message[128];
        snprintf(member, sizeof member, "\"tick\":%s", wrong[i]);
        snprintf(message, sizeof message, "tick is %s, %s", wrong[i], range);
        refuse(with("tick", member), EVENTURE_ERROR_TICK, message);
    }
    refuse(with("tick", "\"tick\":\"4\""), EVENTURE_ERROR_JSON, "tick is \"4\", not an integer from 0");
    refuse(with("tick", "\"tick\":null"), EVENTURE_ERROR_JSON, "tick is null, not an integer from 0");
    refuse(with("tick", "\"tick\":true"), EVENTURE_ERROR_JSON, "tick is true, not an integer from 0");
}
END_TEST

START_TEST(a_timestamp_is_any_number_that_a_double_can_hold)
{
    parse(with("timestamp", "\"timestamp\":1700000000"));
    ck_assert(event.timestamp == 1.7e9);
    parse(with("timestamp", "\"timestamp\":-1e-5"));
    ck_assert(event.timestamp == -1e-5);
    refuse(with("timestamp", "\"timestamp\":1e309"), EVENTURE_ERROR_JSON, "timestamp is 1e309, too large for a double");
    refuse(with("timestamp", "\"timestamp\":\"now\""), EVENTURE_ERROR_JSON, "timestamp is \"now\", not a number");
    refuse(with("timestamp", "\"timestamp\":NaN"), EVENTURE_ERROR_JSON, "at byte 22: NaN is not a JSON number");
}
END_TEST

START_TEST(a_type_that_is_not_acceptable_is_refused)
{
    char member[400];
    char name[300];
    memset(name, 'a', sizeof name);
    snprintf(member, sizeof member, "\"type\":\"%.255s\"", name);
    parse(with("type", member));
    ck_assert_uint_eq(strlen(event.type), 255);
    snprintf(member, sizeof member, "\"type\":\"%.256s\"", name);
    expect_status(EVENTURE_ERROR_TYPE, NULL, parse_n(with("type", member), strlen(with("type", member)), 1000, 1000));
    expect_part(error.text, "is 256 bytes long, and at most 255 are allowed");
    refuse(with("type", "\"type\":\"\""), EVENTURE_ERROR_TYPE, "the type is empty");
    refuse(with("type", "\"type\":\"a\\u0000b\""), EVENTURE_ERROR_TYPE, "the type a\\u0000b contains a NUL");
    refuse(with("type", "\"type\":5"), EVENTURE_ERROR_JSON, "type is 5, not a string");
    refuse(with("type", "\"type\":\"\\ud800\""), EVENTURE_ERROR_JSON,
           "at byte 34: \\ud800 is half of a surrogate pair");
    expect_status(EVENTURE_ERROR_TYPE, NULL, eventure__type_check("a\xFF", 2, &error));
    ck_assert_str_eq(error.text, "the type a\\xff is not valid UTF-8");
    expect_ok(NULL, eventure__type_check("a.b", 3, NULL));
}
END_TEST

START_TEST(data_must_be_an_object_within_the_limits)
{
    refuse(with("data", "\"data\":[1, 2]"), EVENTURE_ERROR_JSON, "data is [1,2], not a JSON object");
    refuse(with("data", "\"data\":null"), EVENTURE_ERROR_JSON, "data is null, not a JSON object");
    const char *text = with("data", "\"data\": { \"a\" : 1 }");
    expect_ok(NULL, parse_n(text, strlen(text), 7, 1000));
    expect_status(EVENTURE_ERROR_LIMIT, NULL, parse_n(text, strlen(text), 6, 1000));
    ck_assert_str_eq(error.text, "data is 7 bytes long; the limit max_data_bytes is 6");
    text = with("data", "\"data\":{\"a\":[]}");
    expect_ok(NULL, parse_n(text, strlen(text), 100, 2));
    expect_status(EVENTURE_ERROR_LIMIT, NULL, parse_n(text, strlen(text), 100, 1));
    ck_assert_str_eq(error.text, "data is nested deeper than max_depth, which is 1");
}
END_TEST

START_TEST(ids_are_texts_that_can_be_kept)
{
    static const char *const names[] = {"event_id", "parent_id"};
    for (size_t i = 0; i < 2; i++)
    {
        char member[1200];
        char message[200];
        char id[1100];
        memset(id, 'a', sizeof id);
        snprintf(member, sizeof member, "\"%s\":\"%.1024s\"", names[i], id);
        parse(with(names[i], member));
        ck_assert_uint_eq(strlen(i == 0 ? event.id : event.parent_id), 1024);
        snprintf(member, sizeof member, "\"%s\":\"%.1025s\"", names[i], id);
        expect_status(EVENTURE_ERROR_LIMIT, NULL,
                      parse_n(with(names[i], member), strlen(with(names[i], member)), 1000, 1000));
        snprintf(message, sizeof message, "%s is 1025 bytes long, and at most 1024 are allowed: aaa", names[i]);
        ck_assert_mem_eq(error.text, message, strlen(message));

        snprintf(member, sizeof member, "\"%s\":\"\"", names[i]);
        snprintf(message, sizeof message, "%s is empty", names[i]);
        refuse(with(names[i], member), EVENTURE_ERROR_JSON, message);
        snprintf(member, sizeof member, "\"%s\":\"a\\u0000\"", names[i]);
        snprintf(message, sizeof message, "%s is a\\u0000, which contains a NUL", names[i]);
        refuse(with(names[i], member), EVENTURE_ERROR_JSON, message);
        snprintf(member, sizeof member, "\"%s\":5", names[i]);
        snprintf(message, sizeof message, "%s is 5, neither a string nor null", names[i]);
        refuse(with(names[i], member), EVENTURE_ERROR_JSON, message);
    }
}
END_TEST

START_TEST(what_is_not_an_object_is_refused)
{
    refuse("[1, 2]", EVENTURE_ERROR_JSON, "not a JSON object: [1,2]");
    refuse("\"line\"", EVENTURE_ERROR_JSON, "not a JSON object: \"line\"");
    refuse("", EVENTURE_ERROR_JSON, "at byte 0: the text ends where a value should be");
    const char *text = with("", "");
    for (size_t len = 0; len < strlen(text); len++)
        expect_status(EVENTURE_ERROR_JSON, NULL, parse_n(text, len, 1000, 1000));
}
END_TEST

START_TEST(the_line_is_written_in_the_reference_spelling)
{
    /* The same values as written by json.dumps of Python 3.11. */
    eventure_event written = {.tick = 12,
                              .timestamp = 1.7e9,
                              .type = "a.\"\xC3\xA9",
                              .data = "{\"k\xC3\xA9\":[1e22,\"\x7f\"],\"n\":null}",
                              .id = "12-\xF0\x9F\x98\x80-1"};
    written.data_len = strlen(written.data);
    eventure__buffer out = {0};
    eventure__line_format(&written, &out);
    ck_assert_str_eq(
        eventure__buffer_text(&out),
        "{\"tick\": 12, \"timestamp\": 1700000000.0, \"type\": \"a.\\\"\\u00e9\", \"data\": {\"k\\u00e9\": "
        "[1e22, \"\\u007f\"], \"n\": null}, \"event_id\": \"12-\\ud83d\\ude00-1\", \"parent_id\": null}");
    written.parent_id = "11-A\n-1";
    eventure__buffer_clear(&out);
    eventure__line_format(&written, &out);
    expect_part(eventure__buffer_text(&out), ", \"parent_id\": \"11-A\\n-1\"}");
    written.id = "";
    eventure__buffer_clear(&out);
    eventure__line_format(&written, &out);
    expect_part(eventure__buffer_text(&out), ", \"event_id\": null, \"parent_id\": ");
    eventure__buffer_free(&out);
}
END_TEST

START_TEST(a_line_that_was_written_reads_back_and_is_written_alike)
{
    static const char text[] =
        "{\"tick\": 4, \"timestamp\": 1700000000.0000255, \"type\": \"a.\\ud83d\\ude00\", \"data\": "
        "{\"a\": [1.50, -0, {}, \"\\u0000\\u007f/\"], \"a\": 1e400}, \"event_id\": \"\\\\\", "
        "\"parent_id\": \"\\u00e9\"}";
    parse(text);
    eventure__buffer out = {0};
    eventure__line_format(&event, &out);
    ck_assert_str_eq(eventure__buffer_text(&out), text);
    eventure__buffer_free(&out);
}
END_TEST

START_TEST(every_failed_allocation_is_reported)
{
    const char *text = with("", "");
    bool hit = true;
    for (long n = 1; hit; n++)
    {
        eventure__line fresh = {0};
        alloc_fail_at(n);
        eventure_status status = eventure__line_parse(&fresh, text, strlen(text), 1000, 1000, &event, &error);
        hit = alloc_fail_stop();
        ck_assert_int_eq(status, hit ? EVENTURE_ERROR_MEMORY : EVENTURE_OK);
        eventure__line_free(&fresh);
    }
    parse(text);
    hit = true;
    for (long n = 1; hit; n++)
    {
        eventure__buffer out = {0};
        alloc_fail_at(n);
        eventure__line_format(&event, &out);
        hit = alloc_fail_stop();
        ck_assert(out.failed == hit);
        eventure__buffer_free(&out);
    }
}
END_TEST
