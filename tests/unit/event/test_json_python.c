/*
 * The spelling of Python's json.dumps, except for numbers, which stay as they were written.
 */
#include <string.h>

#include "alloc_fail.h"
#include "event/json.h"
#include "testing.h"

static void expect(const char *text, const char *python)
{
    eventure__buffer value = {0};
    eventure__buffer out = {0};
    expect_ok(NULL, eventure__json_compact(text, strlen(text), 1000, &value, NULL));
    eventure__json_append_python((eventure__span){value.bytes, value.len}, &out);
    ck_assert_str_eq(eventure__buffer_text(&out), python);
    eventure__buffer_free(&value);
    eventure__buffer_free(&out);
}

START_TEST(commas_and_colons_are_followed_by_a_space_outside_strings_only)
{
    expect("{}", "{}");
    expect("[]", "[]");
    expect("{\"a\":1,\"b\":[true,null,{\"c\":-1.5}]}", "{\"a\": 1, \"b\": [true, null, {\"c\": -1.5}]}");
    expect("{\"a:b,c\":\",:\"}", "{\"a:b,c\": \",:\"}");
    expect("\"\\\",:\\\\\"", "\"\\\",:\\\\\"");
}
END_TEST

START_TEST(everything_but_printable_ascii_is_escaped)
{
    expect("\"\xC3\xA9\xE2\x82\xAC\"", "\"\\u00e9\\u20ac\"");
    expect("\"\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF\"", "\"\\ud83d\\ude00\\udbff\\udfff\"");
    expect("\"\\ud800\\udc00\xEF\xBF\xBF\"", "\"\\ud800\\udc00\\uffff\"");
    expect("\"a\x7fz\x7f\"", "\"a\\u007fz\\u007f\"");
    expect("\"\\u0000\\u001F\\b\\f\\n\\r\\t\\/\\\"\\\\\"", "\"\\u0000\\u001f\\b\\f\\n\\r\\t/\\\"\\\\\"");
    expect("{\"\xC3\xA9\":\"~ \"}", "{\"\\u00e9\": \"~ \"}");
}
END_TEST

START_TEST(numbers_stay_as_they_were_written)
{
    expect("[1e22,9007199254740993,1.50,-0]", "[1e22, 9007199254740993, 1.50, -0]");
}
END_TEST

START_TEST(plain_text_becomes_a_literal_in_the_same_spelling)
{
    eventure__buffer out = {0};
    eventure__json_append_python_string(&out, "a\"\\\n\x01\x7f\xC3\xA9\xF0\x9F\x98\x80z", 13);
    ck_assert_str_eq(eventure__buffer_text(&out), "\"a\\\"\\\\\\n\\u0001\\u007f\\u00e9\\ud83d\\ude00z\"");
    eventure__buffer_clear(&out);
    eventure__json_append_python_string(&out, "", 0);
    ck_assert_str_eq(eventure__buffer_text(&out), "\"\"");
    eventure__buffer_clear(&out);
    /* Text that is not valid UTF-8 still becomes a valid line. */
    eventure__json_append_python_string(&out, "a\xFFz", 3);
    ck_assert_str_eq(eventure__buffer_text(&out), "\"a\\ufffdz\"");
    eventure__buffer_free(&out);
}
END_TEST

START_TEST(without_memory_the_buffer_has_failed)
{
    static const char value[] =
        "{\"a\":\"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\"}";
    bool hit = true;
    long n = 1;
    for (; hit; n++)
    {
        eventure__buffer out = {0};
        alloc_fail_at(n);
        eventure__json_append_python((eventure__span){value, sizeof value - 1}, &out);
        hit = alloc_fail_stop();
        ck_assert(out.failed == hit);
        eventure__buffer_free(&out);
    }
    ck_assert_int_gt(n, 3);
}
END_TEST
