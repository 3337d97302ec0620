/*
 * Reading compact JSON: all members, one member by its key, strings to text and back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"
#include "event/json.h"
#include "testing.h"

/* "key=value;" for each member. */
static const char *members_of(const char *object)
{
    static char text[500];
    size_t used = 0;
    eventure__members members = eventure__members_of(object, strlen(object));
    eventure__span key;
    eventure__span value;
    text[0] = '\0';
    while (eventure__members_next(&members, &key, &value))
        used += (size_t)snprintf(text + used, sizeof text - used, "%.*s=%.*s;", (int)key.len, key.at, (int)value.len,
                                 value.at);
    return text;
}

START_TEST(members_come_in_their_order_whatever_their_kind)
{
    ck_assert_str_eq(members_of("{}"), "");
    ck_assert_str_eq(members_of("{\"a\":1}"), "a=1;");
    ck_assert_str_eq(members_of("{\"b\":{\"x\":[1,{}]},\"a\":[{\"y\":\"]}\"}],\"\":\"\",\"n\":null,\"t\":true}"),
                     "b={\"x\":[1,{}]};a=[{\"y\":\"]}\"}];=\"\";n=null;t=true;");
    ck_assert_str_eq(members_of("{\"a\":\"\\\"\\\\\",\"b\":-1.5e3,\"a\":2}"), "a=\"\\\"\\\\\";b=-1.5e3;a=2;");
    ck_assert_str_eq(members_of("{\"q\\\"\":1,\"\xC3\xA9\":2}"), "q\\\"=1;\xC3\xA9=2;");
}
END_TEST

START_TEST(text_that_is_not_compact_is_never_read_beyond_its_end)
{
    static const char whole[] = "{\"k\\u0001\":[1,\"\\\\\",{\"a\":\"\\n\"}],\"b\":\"x\\\"y\",\"c\":-1.5}";
    for (size_t len = 0; len < sizeof whole; len++)
    {
        char *exact = malloc(len > 0 ? len : 1);
        memcpy(exact, whole, len);
        eventure__members members = eventure__members_of(exact, len);
        eventure__span key;
        eventure__span value;
        while (eventure__members_next(&members, &key, &value))
            ck_assert(value.at + value.len <= exact + len);
        eventure__buffer out = {0};
        eventure__json_find(exact, len, "zz", 2, &value);
        eventure__json_unescape((eventure__span){exact, len}, &out);
        eventure__json_canonical((eventure__span){exact, len}, &out);
        eventure__json_append_python((eventure__span){exact, len}, &out);
        eventure__buffer_free(&out);
        free(exact);
    }
    ck_assert_str_eq(members_of("{"), "");
    ck_assert_str_eq(members_of(""), "");
    ck_assert_str_eq(members_of("[1,2]"), "");
    ck_assert_str_eq(members_of("{\"a\"}"), "");
}
END_TEST

static const char *find_n(const char *object, const char *key, size_t key_len)
{
    static char text[200];
    eventure__span value = {NULL, 0};
    if (!eventure__json_find(object, strlen(object), key, key_len, &value))
        return "none";
    snprintf(text, sizeof text, "%.*s", (int)value.len, value.at);
    return text;
}

static const char *find(const char *object, const char *key)
{
    return find_n(object, key, strlen(key));
}

START_TEST(a_member_is_found_by_its_key_as_it_is)
{
    static const char object[] =
        "{\"a\":1,\"a.b\":2,\"a b\":3,\"\":4,\"q\\\"q\":5,\"s\\\\n\":6,\"l\\n\":7,\"c\\u0001\":8,"
        "\"\xC3\xA9\":9,\"d\x7f\":10,\"o\":{\"inner\":11},\" \\\"\":14,"
        "\"nul\\u0000\":12,\"/\":13}";
    ck_assert_str_eq(find(object, "a"), "1");
    ck_assert_str_eq(find(object, "a.b"), "2");
    ck_assert_str_eq(find(object, "a b"), "3");
    ck_assert_str_eq(find(object, ""), "4");
    ck_assert_str_eq(find(object, "q\"q"), "5");
    ck_assert_str_eq(find(object, "s\\n"), "6");
    ck_assert_str_eq(find(object, "l\n"), "7");
    ck_assert_str_eq(find(object, "c\x01"), "8");
    ck_assert_str_eq(find(object, "\xC3\xA9"), "9");
    ck_assert_str_eq(find(object, "d\x7f"), "10");
    ck_assert_str_eq(find(object, "o"), "{\"inner\":11}");
    ck_assert_str_eq(find_n(object, "nul\0", 4), "12");
    ck_assert_str_eq(find(object, "/"), "13");
    ck_assert_str_eq(find(object, " \""), "14");
}
END_TEST

START_TEST(what_is_not_a_top_level_key_is_not_found)
{
    static const char object[] = "{\"o\":{\"inner\":1},\"list\":[\"x\",\"y\"],\"s\":\"value\",\"q\\\"\":1,\"l\\n\":1}";
    ck_assert_str_eq(find(object, "inner"), "none");
    ck_assert_str_eq(find(object, "x"), "none");
    ck_assert_str_eq(find(object, "value"), "none");
    ck_assert_str_eq(find(object, "O"), "none");
    ck_assert_str_eq(find(object, "li"), "none");
    ck_assert_str_eq(find(object, "q\\\""), "none");
    ck_assert_str_eq(find(object, "q\"x"), "none");
    ck_assert_str_eq(find(object, "l\nx"), "none");
    ck_assert_str_eq(find(object, "l\\n"), "none");
    ck_assert_str_eq(find(object, "\x01"), "none");
    ck_assert_str_eq(find("{}", ""), "none");
}
END_TEST

START_TEST(of_a_key_given_twice_the_last_one_counts)
{
    ck_assert_str_eq(find("{\"a\":1,\"b\":2,\"a\":3}", "a"), "3");
    ck_assert_str_eq(find("{\"\\n\":1,\"b\":2,\"\\n\":3,\"c\":4}", "\n"), "3");
}
END_TEST

START_TEST(a_string_comes_back_without_its_escapes)
{
    static const struct
    {
        const char *literal;
        const char *text;
        size_t len;
    } cases[] = {
        {"\"\"", "", 0},
        {"\"plain\"", "plain", 5},
        {"\"\\\"\\\\\\b\\f\\n\\r\\t\"", "\"\\\b\f\n\r\t", 7},
        {"\"a\\u0000b\\u001fc\"",
         "a\0b\x1f"
         "c",
         5},
        {"\"\xC3\xA9 \\n \xE2\x82\xAC\"", "\xC3\xA9 \n \xE2\x82\xAC", 8},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        eventure__span literal = {cases[i].literal, strlen(cases[i].literal)};
        eventure__buffer out = {0};
        eventure__buffer_append_char(&out, '>');
        eventure__json_unescape(literal, &out);
        ck_assert_uint_eq(out.len, cases[i].len + 1);
        ck_assert_mem_eq(out.bytes + 1, cases[i].text, cases[i].len);
        eventure__buffer_free(&out);
        ck_assert_uint_eq(eventure__json_unescape_to(literal, NULL), cases[i].len);

        /* The text can be unescaped in place. */
        char *own = strdup(cases[i].literal);
        ck_assert_uint_eq(eventure__json_unescape_to((eventure__span){own, literal.len}, own + 1), cases[i].len);
        ck_assert_mem_eq(own + 1, cases[i].text, cases[i].len);
        free(own);
    }
}
END_TEST

START_TEST(a_literal_has_the_fewest_escapes_and_is_what_compacting_makes_of_it)
{
    char text[256];
    for (size_t i = 0; i < 128; i++)
        text[i] = (char)i;
    memcpy(text + 128, "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9);
    for (size_t begin = 0; begin < 137; begin++)
    {
        if (begin > 128 && ((unsigned char)text[begin] & 0xC0) == 0x80)
            continue;
        eventure__buffer literal = {0};
        eventure__buffer compact = {0};
        eventure__buffer back = {0};
        eventure__json_append_string(&literal, text + begin, 137 - begin);
        expect_ok(NULL, eventure__json_compact(literal.bytes, literal.len, 1, &compact, NULL));
        ck_assert_uint_eq(compact.len, literal.len);
        ck_assert_mem_eq(compact.bytes, literal.bytes, literal.len);
        eventure__json_unescape((eventure__span){literal.bytes, literal.len}, &back);
        ck_assert_uint_eq(back.len, 137 - begin);
        ck_assert_mem_eq(back.bytes, text + begin, back.len);
        eventure__buffer_free(&literal);
        eventure__buffer_free(&compact);
        eventure__buffer_free(&back);
    }
    eventure__buffer literal = {0};
    eventure__json_append_string(&literal, "\x01\"/\x7f\n", 5);
    ck_assert_str_eq(eventure__buffer_text(&literal), "\"\\u0001\\\"/\x7f\\n\"");
    eventure__buffer_free(&literal);
}
END_TEST

START_TEST(without_memory_the_buffer_has_failed)
{
    eventure__buffer out = {0};
    alloc_fail_at(1);
    eventure__json_append_string(&out, "text", 4);
    ck_assert(alloc_fail_stop());
    ck_assert(out.failed);
    eventure__buffer_free(&out);
    alloc_fail_at(1);
    eventure__json_unescape((eventure__span){"\"text\"", 6}, &out);
    ck_assert(alloc_fail_stop());
    ck_assert(out.failed);
    eventure__buffer_free(&out);
}
END_TEST
