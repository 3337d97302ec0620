/*
 * Equality of JSON values, and the canonical form, in which equal values have equal bytes.
 */
#include <stdio.h>
#include <string.h>

#include "alloc_fail.h"
#include "event/json.h"
#include "testing.h"

static eventure__buffer compact(const char *text)
{
    eventure__buffer out = {0};
    eventure__error error = {0};
    ck_assert_msg(eventure__json_compact(text, strlen(text), 1000, &out, &error) == EVENTURE_OK, "%s: %s", text,
                  error.text);
    return out;
}

static eventure__span span(const eventure__buffer *buffer)
{
    return (eventure__span){buffer->bytes, buffer->len};
}

static void expect_canonical(const char *text, const char *form)
{
    eventure__buffer value = compact(text);
    eventure__buffer out = {0};
    eventure__json_canonical(span(&value), &out);
    ck_assert_str_eq(eventure__buffer_text(&out), form);
    eventure__buffer_free(&value);
    eventure__buffer_free(&out);
}

static bool equal(const char *left, const char *right)
{
    eventure__buffer a = compact(left);
    eventure__buffer b = compact(right);
    bool failed = false;
    bool result = eventure__json_equal(span(&a), span(&b), &failed);
    ck_assert(eventure__json_equal(span(&b), span(&a), &failed) == result);
    ck_assert(!failed);
    eventure__buffer_free(&a);
    eventure__buffer_free(&b);
    return result;
}

START_TEST(the_canonical_form_sorts_keys_and_writes_numbers_by_value)
{
    expect_canonical("{}", "{}");
    expect_canonical("[]", "[]");
    expect_canonical("1.50", "15e-1");
    expect_canonical("\"1.50\"", "\"1.50\"");
    expect_canonical("{\"b\":1,\"a\":2}", "{\"a\":2e0,\"b\":1e0}");
    expect_canonical("{\"b\":[{\"d\":1,\"c\":[]},{}],\"a\":{\"z\":{\"y\":0,\"x\":null}},\"\":true}",
                     "{\"\":true,\"a\":{\"z\":{\"x\":null,\"y\":0}},\"b\":[{\"c\":[],\"d\":1e0},{}]}");
    expect_canonical("[[1,[2]],{\"b\":[3,{\"d\":4,\"c\":5}],\"a\":6},7]",
                     "[[1e0,[2e0]],{\"a\":6e0,\"b\":[3e0,{\"c\":5e0,\"d\":4e0}]},7e0]");
    expect_canonical("{\"aa\":1,\"a\":2,\"b\":3,\"ab\":4}", "{\"a\":2e0,\"aa\":1e0,\"ab\":4e0,\"b\":3e0}");
    expect_canonical("[{\"b\":{},\"a\":[]},{\"b\":{\"c\":{}},\"a\":{}}]",
                     "[{\"a\":[],\"b\":{}},{\"a\":{},\"b\":{\"c\":{}}}]");
    expect_canonical("{\"k\":\"},{\\\"\"}", "{\"k\":\"},{\\\"\"}");
}
END_TEST

START_TEST(of_equal_keys_the_last_one_counts)
{
    expect_canonical("{\"a\":1,\"a\":2}", "{\"a\":2e0}");
    expect_canonical("{\"a\":{\"x\":1,\"y\":{}},\"b\":0,\"a\":{\"y\":{\"z\":2}}}",
                     "{\"a\":{\"y\":{\"z\":2e0}},\"b\":0}");
    expect_canonical("{\"a\":[{}],\"a\":{},\"a\":[{\"q\":{}}],\"b\":{\"c\":1}}",
                     "{\"a\":[{\"q\":{}}],\"b\":{\"c\":1e0}}");
    ck_assert(equal("{\"a\":1,\"a\":2}", "{\"a\":2}"));
    ck_assert(!equal("{\"a\":1,\"a\":2}", "{\"a\":1}"));
}
END_TEST

START_TEST(values_are_equal_by_what_they_mean)
{
    ck_assert(equal("1", "1.0"));
    ck_assert(equal("10e-1", "1"));
    ck_assert(equal("-0", "0"));
    ck_assert(equal("0", "0.0"));
    ck_assert(equal("9", "9.0"));
    ck_assert(equal("[0,9,-1]", "[0.0,90e-1,-1.0]"));
    ck_assert(equal("1e400", "10e399"));
    ck_assert(equal("\"\\u00e9\\/\"", "\"\xC3\xA9/\""));
    ck_assert(equal("{\"a\":[1,2.0],\"b\":{}}", " { \"b\" : {} , \"\\u0061\" : [ 1.0, 2 ] } "));
    ck_assert(equal("[null,true,false]", "[null,true,false]"));
}
END_TEST

START_TEST(values_that_mean_something_else_are_not_equal)
{
    static const char *const values[] = {"null",
                                         "true",
                                         "false",
                                         "0",
                                         "1",
                                         "-1",
                                         "9007199254740992",
                                         "9007199254740993",
                                         "1e400",
                                         "1e401",
                                         "\"\"",
                                         "\"1\"",
                                         "\"1e0\"",
                                         "\"null\"",
                                         "[]",
                                         "{}",
                                         "[[]]",
                                         "[{}]",
                                         "[1]",
                                         "[1,1]",
                                         "[\"1\"]",
                                         "[1,2]",
                                         "[2,1]",
                                         "[12]",
                                         "{\"a\":1}",
                                         "{\"a\":2}",
                                         "{\"b\":1}",
                                         "{\"a\":\"1\"}",
                                         "{\"a\":1,\"b\":1}",
                                         "[{\"a\":1}]",
                                         "{\"a\":[1]}",
                                         "{\"a\":{}}",
                                         "\"a\"",
                                         "\"A\"",
                                         "\"a\\u0000\"",
                                         "[null]",
                                         "[[],[]]",
                                         "[[[]]]"};
    for (size_t i = 0; i < COUNT_OF(values); i++)
    {
        for (size_t j = 0; j < COUNT_OF(values); j++)
            ck_assert_msg(equal(values[i], values[j]) == (i == j), "%s and %s", values[i], values[j]);
    }
}
END_TEST

START_TEST(many_keys_are_sorted)
{
    eventure__buffer text = {0};
    eventure__buffer expected = {0};
    eventure__buffer_append_char(&text, '{');
    eventure__buffer_append_char(&expected, '{');
    for (int i = 0; i < 10000; i++)
    {
        char member[40];
        snprintf(member, sizeof member, "%s\"k%04d\":[%d]", i > 0 ? "," : "", i * 7919 % 10000,
                 i * 7919 % 10000 + 10001);
        eventure__buffer_append_text(&text, member);
        snprintf(member, sizeof member, "%s\"k%04d\":[%d", i > 0 ? "," : "", i, i + 10001);
        size_t len = strlen(member);
        int zeros = 0;
        while (member[len - 1] == '0')
        {
            member[--len] = '\0';
            zeros++;
        }
        eventure__buffer_append_text(&expected, member);
        eventure__buffer_append_char(&expected, 'e');
        eventure__buffer_append_int(&expected, zeros);
        eventure__buffer_append_char(&expected, ']');
    }
    eventure__buffer_append_char(&text, '}');
    eventure__buffer_append_char(&expected, '}');
    expect_canonical(eventure__buffer_text(&text), eventure__buffer_text(&expected));
    eventure__buffer_free(&text);
    eventure__buffer_free(&expected);
}
END_TEST

START_TEST(the_deepest_values_are_compared_without_recursion)
{
    eventure__buffer a = {0};
    eventure__buffer b = {0};
    for (int i = 0; i < 500; i++)
    {
        eventure__buffer_append_text(&a, "[{\"x\":0,\"a\":");
        eventure__buffer_append_text(&b, "[{\"a\":");
    }
    eventure__buffer_append_text(&a, "1");
    eventure__buffer_append_text(&b, "1.0");
    for (int i = 0; i < 500; i++)
    {
        eventure__buffer_append_text(&a, "}]");
        eventure__buffer_append_text(&b, ",\"x\":0.0}]");
    }
    ck_assert(equal(eventure__buffer_text(&a), eventure__buffer_text(&b)));
    eventure__buffer_free(&a);
    eventure__buffer_free(&b);
}
END_TEST

START_TEST(a_failed_allocation_is_reported_and_is_never_equal)
{
    eventure__buffer a = compact("{\"b\":[{\"d\":1,\"c\":{}}],\"a\":100000000000000000000000000000000000000000000001}");
    eventure__buffer b =
        compact("{\"a\":100000000000000000000000000000000000000000000001.0,\"b\":[{\"c\":{},\"d\":1}]}");
    bool hit = true;
    long n = 1;
    for (; hit; n++)
    {
        bool failed = false;
        alloc_fail_at(n);
        bool result = eventure__json_equal(span(&a), span(&b), &failed);
        hit = alloc_fail_stop();
        ck_assert(failed == hit);
        ck_assert(result == !hit);
    }
    ck_assert_int_gt(n, 8);
    eventure__buffer_free(&a);
    eventure__buffer_free(&b);
}
END_TEST
