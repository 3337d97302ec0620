/*
 * Entries of a Chrome trace: their times, and the type and the data that they become.
 */
#include "transfer/chrome_entry.h"

#include <stdlib.h>
#include <string.h>

#include <eventure/event.h>

#include "testing.h"

static eventure__span span_of(const char *text)
{
    return (eventure__span){text, strlen(text)};
}

static void expect_ns(const char *text, int64_t ns)
{
    int64_t got = 0;
    ck_assert_msg(eventure__chrome_time_ns(span_of(text), &got), "%s", text);
    ck_assert_msg(got == ns, "%s: %lld", text, (long long)got);
}

START_TEST(a_time_is_rounded_to_nanoseconds)
{
    expect_ns("0", 0);
    expect_ns("1", 1000);
    expect_ns("2.5", 2500);
    expect_ns("0.0004", 0);
    expect_ns("0.0006", 1);
    expect_ns("1.9999", 2000);
    expect_ns("-0.001", -1);
    expect_ns("-1.25", -1250);
    expect_ns("1e3", 1000000);
    expect_ns("9e15", 9000000000000000000);
    expect_ns("-9e15", -9000000000000000000);
}
END_TEST

START_TEST(what_is_no_time_is_refused)
{
    static const char *const wrong[] = {"\"1\"", "true", "null", "{}", "9.1e15", "-9.1e15", "1e999"};
    int64_t ns = 0;
    double seconds = 0;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        ck_assert_msg(!eventure__chrome_time_ns(span_of(wrong[i]), &ns), "%s", wrong[i]);
    for (size_t i = 0; i < 4; i++)
        ck_assert_msg(!eventure__chrome_time(span_of(wrong[i]), &seconds), "%s", wrong[i]);
    ck_assert(!eventure__chrome_time_ns((eventure__span){NULL, 0}, &ns));
    ck_assert(eventure__chrome_time(span_of("1700000000000000.5"), &seconds));
    ck_assert(seconds == 1700000000.0000005);
}
END_TEST

START_TEST(members_are_found)
{
    eventure__chrome_entry entry;
    eventure__chrome_entry_read(
        span_of("{\"name\":1,\"cat\":2,\"pid\":3,\"tid\":4,\"id\":5,\"args\":6,\"dur\":7,\"ts\":8,"
                "\"ph\":\"X\",\"bp\":\"e\"}"),
        &entry);
    const eventure__span found[] = {entry.name, entry.category,  entry.process,  entry.thread,
                                    entry.id,   entry.arguments, entry.duration, entry.time};
    for (size_t i = 0; i < COUNT_OF(found); i++)
    {
        ck_assert_uint_eq(found[i].len, 1);
        ck_assert_int_eq(*found[i].at, (char)('1' + i));
    }
    ck_assert_int_eq(entry.phase, 'X');
    ck_assert(entry.binds_to_enclosing);
    eventure__chrome_entry_read(span_of("{\"bp\":\"x\",\"ph\":\"XY\"}"), &entry);
    ck_assert(!entry.binds_to_enclosing);
    ck_assert_int_eq(entry.phase, 0);
    ck_assert_ptr_null(entry.name.at);
    eventure__chrome_entry_read(span_of("{\"ph\":100}"), &entry);
    ck_assert_int_eq(entry.phase, 0);
}
END_TEST

/* Expects the type of an entry, whose name is JSON. */
static void expect_type(const char *name, const char *type)
{
    char text[2000];
    eventure__chrome_entry entry;
    eventure__buffer out = {0};
    snprintf(text, sizeof text, "{\"name\":%s}", name);
    eventure__chrome_entry_read(span_of(text), &entry);
    eventure__buffer_append_text(&out, "before ");
    eventure__chrome_append_type(&entry, &out);
    ck_assert_str_eq(eventure__buffer_text(&out) + 7, type);
    eventure__buffer_free(&out);
}

START_TEST(the_type_is_the_name)
{
    eventure__chrome_entry entry;
    eventure__buffer out = {0};
    expect_type("\"a b\\u00e9\"", "a b\xc3\xa9");
    expect_type("7", "7");
    expect_type("true", "true");
    expect_type("\"\"", "unnamed");
    expect_type("\"a\\u0000\"", "unnamed");
    expect_type("\"\\u0000b\"", "unnamed");
    eventure__chrome_entry_read(span_of("{}"), &entry);
    eventure__chrome_append_type(&entry, &out);
    ck_assert_str_eq(eventure__buffer_text(&out), "unnamed");
    eventure__buffer_free(&out);
}
END_TEST

START_TEST(a_name_that_is_too_long_is_cut_at_a_character)
{
    char name[600];
    char type[600];
    for (int more = 0; more < 6; more++)
    {
        /* `more` letters before characters of three bytes: 255 is in the middle of a character unless more is 0 or 3.
         */
        const int characters = 90;
        int len = snprintf(name, sizeof name, "\"%.*s", more, "abcdef");
        for (int i = 0; i < characters; i++)
            len += snprintf(name + len, sizeof name - (size_t)len, "\xe2\x82\xac");
        snprintf(name + len, sizeof name - (size_t)len, "\"");
        const int kept = more + (EVENTURE_TYPE_MAX_BYTES - more) / 3 * 3;
        snprintf(type, sizeof type, "%.*s", kept, name + 1);
        expect_type(name, type);
    }
    memset(name, 'x', sizeof name);
    *name = '"';
    memcpy(name + 1 + EVENTURE_TYPE_MAX_BYTES, "\"", 2);
    snprintf(type, sizeof type, "%.*s", EVENTURE_TYPE_MAX_BYTES, name + 1);
    expect_type(name, type);
    memcpy(name + 1 + EVENTURE_TYPE_MAX_BYTES, "x\"", 3);
    expect_type(name, type);
}
END_TEST

static void expect_data(const char *json, const char *end_arguments, int64_t dur_ns, const char *data)
{
    eventure__chrome_entry entry;
    eventure__buffer out = {0};
    eventure__chrome_entry_read(span_of(json), &entry);
    eventure__chrome_append_data(&entry, span_of(end_arguments), dur_ns, &out);
    ck_assert_str_eq(eventure__buffer_text(&out), data);
    eventure__buffer_free(&out);
}

START_TEST(arguments_become_the_data_and_the_rest_is_kept)
{
    expect_data("{\"ph\":\"X\",\"ts\":1,\"name\":\"n\",\"dur\":2,\"args\":{\"a\":1,\"b\":2},\"pid\":3,\"z\":[1]}", "",
                -1, "{\"a\":1,\"b\":2,\"trace\":{\"ph\":\"X\",\"dur\":2,\"pid\":3,\"z\":[1]}}");
    expect_data("{\"ph\":\"i\"}", "", -1, "{\"trace\":{\"ph\":\"i\"}}");
    expect_data("{\"ph\":\"i\",\"args\":{}}", "", -1, "{\"trace\":{\"ph\":\"i\"}}");
    expect_data("{\"ph\":\"i\",\"args\":[1]}", "", -1, "{\"trace\":{\"ph\":\"i\",\"args\":[1]}}");
    expect_data("{\"ph\":\"i\",\"args\":{\"trace\":1}}", "", -1, "{\"trace\":{\"ph\":\"i\",\"args\":{\"trace\":1}}}");
}
END_TEST

START_TEST(arguments_of_the_end_are_added)
{
    expect_data("{\"ph\":\"B\",\"args\":{\"a\":1,\"bc\":2}}", "{\"a\":3,\"b\":4,\"c\":5}", 0,
                "{\"a\":1,\"bc\":2,\"b\":4,\"c\":5,\"trace\":{\"ph\":\"B\",\"dur\":0}}");
    expect_data("{\"ph\":\"B\"}", "{\"a\":3,\"b\":4}", 1, "{\"a\":3,\"b\":4,\"trace\":{\"ph\":\"B\",\"dur\":0.001}}");
    expect_data("{\"ph\":\"B\",\"args\":[1]}", "{\"a\":3}", 1500,
                "{\"a\":3,\"trace\":{\"ph\":\"B\",\"dur\":1.5,\"args\":[1]}}");
    expect_data("{\"ph\":\"B\"}", "[1]", 20000, "{\"trace\":{\"ph\":\"B\",\"dur\":20,\"end_args\":[1]}}");
    expect_data("{\"ph\":\"B\",\"args\":{\"a\":1}}", "{\"trace\":2}", 1230,
                "{\"a\":1,\"trace\":{\"ph\":\"B\",\"dur\":1.23,\"end_args\":{\"trace\":2}}}");
    expect_data("{\"ph\":\"B\",\"dur\":7}", "", 100, "{\"trace\":{\"ph\":\"B\",\"dur\":0.1}}");
    expect_data("{\"ph\":\"B\",\"dur\":7}", "", 1000000, "{\"trace\":{\"ph\":\"B\",\"dur\":1000}}");
}
END_TEST

START_TEST(a_name_that_was_cut_is_kept)
{
    char json[600];
    char data[600];
    char name[300];
    memset(name, 'x', sizeof name);
    for (int len = EVENTURE_TYPE_MAX_BYTES - 2; len < EVENTURE_TYPE_MAX_BYTES + 2; len++)
    {
        snprintf(json, sizeof json, "{\"ph\":\"i\",\"name\":\"%.*s\"}", len, name);
        /* The literal, which has two quotes more, decides. */
        if (len + 2 > EVENTURE_TYPE_MAX_BYTES)
            snprintf(data, sizeof data, "{\"trace\":{\"ph\":\"i\",\"name\":\"%.*s\"}}", len, name);
        else
            snprintf(data, sizeof data, "{\"trace\":{\"ph\":\"i\"}}");
        expect_data(json, "", -1, data);
    }
}
END_TEST
