/*
 * Checking JSON and its compact form. Every text is copied into memory of exactly its size, so that the address
 * sanitizer notices a read beyond its end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"
#include "event/json.h"
#include "event/json_text.h"
#include "testing.h"

TEST_FIXTURE(NULL, tear_down);

static eventure__buffer out;
static eventure__error error;

static void tear_down(void)
{
    eventure__buffer_free(&out);
}

/* Compacts; the result is in `out`, the error in `error`. */
static eventure_status compact(const char *text, size_t len, int max_depth)
{
    char *exact = malloc(len > 0 ? len : 1);
    memcpy(exact, text, len);
    eventure__buffer_clear(&out);
    error = (eventure__error){0};
    eventure_status status = eventure__json_compact(exact, len, max_depth, &out, &error);
    free(exact);
    return status;
}

static void expect(const char *text, const char *compact_text)
{
    ck_assert_msg(compact(text, strlen(text), 1000) == EVENTURE_OK, "%s: %s", text, error.text);
    ck_assert_str_eq(eventure__buffer_text(&out), compact_text);
    /* Compact text must stay unchanged, and valid text without its last byte must be invalid, except for numbers. */
    char *again = strdup(compact_text);
    expect_ok(NULL, compact(again, strlen(again), 1000));
    ck_assert_str_eq(eventure__buffer_text(&out), again);
    free(again);
}

static void refuse_n(const char *text, size_t len, const char *message)
{
    ck_assert_msg(compact(text, len, 1000) == EVENTURE_ERROR_JSON, "%s was accepted", text);
    ck_assert_str_eq(error.text, message);
    ck_assert_int_eq(error.status, EVENTURE_ERROR_JSON);
    ck_assert_uint_eq(out.len, 0);
}

static void refuse(const char *text, const char *message)
{
    refuse_n(text, strlen(text), message);
}

START_TEST(white_space_between_tokens_goes)
{
    expect(" { } ", "{}");
    expect("[ ]", "[]");
    expect("\t{\n\"a\" : 1 ,\r\n\"b\" :[ 1 , 2 , { } ] }\n", "{\"a\":1,\"b\":[1,2,{}]}");
    expect("{\" a , b \" : \" { } \"}", "{\" a , b \":\" { } \"}");
    expect(" true ", "true");
    expect("null", "null");
    expect("[false,true,null]", "[false,true,null]");
}
END_TEST

START_TEST(numbers_stay_as_they_were_written)
{
    static const char *const numbers[] = {
        "0",     "-0", "0.0", "1e22", "1E+22", "-1.50e-007", "9007199254740993", "123456789012345678901234567890.000",
        "1e400", "0e0"};
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        expect(numbers[i], numbers[i]);
    expect("[ 1e22 , -0 ]", "[1e22,-0]");
}
END_TEST

START_TEST(what_is_not_a_number_is_refused)
{
    refuse("01", "at byte 0: a number begins with an unnecessary 0");
    refuse("[1,-012]", "at byte 3: a number begins with an unnecessary 0");
    refuse("-", "at byte 0: a number has no digit after the minus");
    refuse("-a", "at byte 0: a number has no digit after the minus");
    refuse("1.", "at byte 0: a number has no digit after the point");
    refuse("[1.e5]", "at byte 1: a number has no digit after the point");
    refuse("1e", "at byte 0: a number has no digit in the exponent");
    refuse("1e+", "at byte 0: a number has no digit in the exponent");
    refuse("+1", "at byte 0: found +1 instead of a value");
    refuse(".5", "at byte 0: found .5 instead of a value");
    refuse("0x10", "at byte 1: found x10 instead of the end of the text");
    refuse("[NaN]", "at byte 1: NaN is not a JSON number");
    refuse("{\"a\":Infinity}", "at byte 5: Infinity is not a JSON number");
    refuse("-Infinity", "at byte 0: -Infinity is not a JSON number");
}
END_TEST

START_TEST(strings_take_the_fewest_escapes)
{
    expect("\"\\/\"", "\"/\"");
    expect("\"a\\/b\\/\"", "\"a/b/\"");
    expect("\"\\u00e9\"", "\"\xC3\xA9\"");
    expect("\"\\u20AC\\u0041\"", "\"\xE2\x82\xAC"
                                 "A\"");
    expect("\"\\ud83d\\ude00\"", "\"\xF0\x9F\x98\x80\"");
    expect("\"\\ud800\\udc00\"", "\"\xF0\x90\x80\x80\"");
    expect("\"\\ue000\\ud7ff\"", "\"\xEE\x80\x80\xED\x9F\xBF\"");
    expect("\"\\uDBFF\\uDFFF\"", "\"\xF4\x8F\xBF\xBF\"");
    expect("\"\\u0022\\u005c\\u002f\"", "\"\\\"\\\\/\"");
    expect("\"\\u0008\\u000c\\u000a\\u000D\\u0009\"", "\"\\b\\f\\n\\r\\t\"");
    expect("\"\\u0000\\u001F\"", "\"\\u0000\\u001f\"");
    expect("\"\\u0020\\u0021\"", "\" !\"");
    expect("\"\\u007f\x7f\"", "\"\x7f\x7f\"");
    expect("\"\\\"\\\\\\b\\f\\n\\r\\t\"", "\"\\\"\\\\\\b\\f\\n\\r\\t\"");
    expect("\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"", "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"");
    expect("{\"\\u006bey\" : \"\"}", "{\"key\":\"\"}");
    expect("\"\"", "\"\"");
}
END_TEST

START_TEST(what_is_not_a_string_is_refused)
{
    refuse("\"abc", "at byte 0: the string that begins here has no end");
    refuse("[\"abcdefghijklmnop", "at byte 1: the string that begins here has no end");
    refuse("\"abc\\", "at byte 4: the text ends in the middle of a string");
    refuse("\"\\x\"", "at byte 1: \\x is not an escape of JSON");
    refuse("\"\\'\"", "at byte 1: \\' is not an escape of JSON");
    refuse("\"\\\xFF\"", "at byte 1: \\\\xff is not an escape of JSON");
    refuse("\"\\u12\"", "at byte 1: \\u needs four hexadecimal digits");
    refuse("\"\\u12g4\"", "at byte 1: \\u needs four hexadecimal digits");
    refuse("\"\\u", "at byte 1: \\u needs four hexadecimal digits");
    refuse("'a'", "at byte 0: found 'a' instead of a value");
    refuse("\"a\nb\"", "at byte 2: the control character U+000A in a string must be escaped");
    refuse("\"12345678\x1f\"", "at byte 9: the control character U+001F in a string must be escaped");
    refuse_n("\"a\0b\"", 5, "at byte 2: the control character U+0000 in a string must be escaped");
}
END_TEST

START_TEST(half_of_a_surrogate_pair_is_refused)
{
    refuse("\"\\ud800\"", "at byte 1: \\ud800 is half of a surrogate pair");
    refuse("\"ab\\uDFFF\"", "at byte 3: \\uDFFF is half of a surrogate pair");
    refuse("\"\\ude00\\ud83d\"", "at byte 1: \\ude00 is half of a surrogate pair");
    refuse("\"\\ud83d\\ud83d\"", "at byte 1: \\ud83d is half of a surrogate pair");
    refuse("\"\\ud83dude00\"", "at byte 1: \\ud83d is half of a surrogate pair");
    refuse("\"\\ud83d\\n\"", "at byte 1: \\ud83d is half of a surrogate pair");
    refuse("\"\\ud83dxude00\"", "at byte 1: \\ud83d is half of a surrogate pair");
    refuse("\"\\ud83d\\nde00\"", "at byte 1: \\ud83d is half of a surrogate pair");
    refuse("\"\\ud83d\\ue000\"", "at byte 1: \\ud83d is half of a surrogate pair");
    refuse("\"\\ud83d\\u00", "at byte 1: \\ud83d is half of a surrogate pair");
    refuse("\"\\ud83d", "at byte 1: \\ud83d is half of a surrogate pair");
}
END_TEST

START_TEST(text_that_is_not_utf8_is_refused)
{
    refuse("\"\xFF\"", "at byte 1: the byte 0xff is not valid UTF-8");
    refuse("\"12345678\xC3\"", "at byte 9: the byte 0xc3 is not valid UTF-8");
    refuse("\"\xC0\x80\"", "at byte 1: the byte 0xc0 is not valid UTF-8");
    refuse("\"\xED\xA0\x80\"", "at byte 1: the byte 0xed is not valid UTF-8");
    refuse("\"\xF4\x90\x80\x80\"", "at byte 1: the byte 0xf4 is not valid UTF-8");
    refuse("\"\xE2\x82", "at byte 1: the byte 0xe2 is not valid UTF-8");
    refuse("[\xFF]", "at byte 1: found \\xff instead of a value");
    refuse("\xEF\xBB\xBF{}", "at byte 0: a byte order mark, which JSON text must not have");
}
END_TEST

START_TEST(what_does_not_follow_the_grammar_is_refused)
{
    refuse("", "at byte 0: the text ends where a value should be");
    refuse("  ", "at byte 2: the text ends where a value should be");
    refuse("{", "at byte 1: the text ends where a key should be");
    refuse("{\"a\"", "at byte 4: the text ends where the `:` after a key should be");
    refuse("{\"a\":", "at byte 5: the text ends where a value should be");
    refuse("{\"a\":1", "at byte 6: the text ends where `,` or `}` should be");
    refuse("{\"a\":1,", "at byte 7: the text ends where a key should be");
    refuse("{\"a\":1,}", "at byte 7: found } instead of a key");
    refuse("{,}", "at byte 1: found , instead of a key");
    refuse("{a:1}", "at byte 1: found a instead of a key");
    refuse("{1:1}", "at byte 1: found 1 instead of a key");
    refuse("{\"a\" 1}", "at byte 5: found 1 instead of the `:` after a key");
    refuse("{\"a\":1 \"b\":2}", "at byte 7: found \" instead of `,` or `}`");
    refuse("{\"a\":}", "at byte 5: found } instead of a value");
    refuse("{]", "at byte 1: found ] instead of a key");
    refuse("[", "at byte 1: the text ends where a value should be");
    refuse("[1", "at byte 2: the text ends where `,` or `]` should be");
    refuse("[}", "at byte 1: found } instead of a value");
    refuse("[1,]", "at byte 3: found ] instead of a value");
    refuse("[,1]", "at byte 1: found , instead of a value");
    refuse("[1}", "at byte 2: found } instead of `,` or `]`");
    refuse("[1 2]", "at byte 3: found 2 instead of `,` or `]`");
    refuse("}", "at byte 0: found } instead of a value");
    refuse("{} {}", "at byte 3: found { instead of the end of the text");
    refuse("1 1", "at byte 2: found 1 instead of the end of the text");
    refuse("tru", "at byte 0: found tru instead of a value");
    refuse("True", "at byte 0: found True instead of a value");
    refuse("nulll", "at byte 4: found l instead of the end of the text");
    refuse("[1]//", "at byte 3: found // instead of the end of the text");
    refuse_n("{}\0", 3, "at byte 2: found \\u0000 instead of the end of the text");
    refuse_n("[\0]", 3, "at byte 1: found \\u0000 instead of a value");
    refuse("[\v1]", "at byte 1: found \\u000b1 instead of a value");
    refuse("[\xC2\xA0]", "at byte 1: found \xC2\xA0 instead of a value");
}
END_TEST

START_TEST(a_text_cut_off_anywhere_is_refused)
{
    static const char whole[] = "{\"a\":[1.5e3,\"\\u00e9\\n\xC3\xA9\",true,null,{\"b\":{}}],\"c\":\"\\ud83d\\ude00\"}";
    for (size_t len = 0; len < sizeof whole - 1; len++)
    {
        ck_assert_msg(compact(whole, len, 1000) == EVENTURE_ERROR_JSON, "cut at %zu", len);
        ck_assert_uint_eq(out.len, 0);
    }
    expect_ok(NULL, compact(whole, sizeof whole - 1, 1000));
}
END_TEST

/* Returns `depth` nested containers, alternately arrays and objects. */
static char *nested(int depth)
{
    eventure__buffer text = {0};
    for (int i = 0; i < depth; i++)
        eventure__buffer_append_text(&text, i % 2 == 0 ? "{\"a\":" : "[");
    eventure__buffer_append_text(&text, "1");
    for (int i = depth - 1; i >= 0; i--)
        eventure__buffer_append_char(&text, i % 2 == 0 ? '}' : ']');
    return eventure__buffer_take(&text);
}

START_TEST(nesting_is_read_up_to_the_limit_and_no_deeper)
{
    static const int limits[] = {1, 2, 63, 64, 65, 999, 1000, 1001};
    for (size_t i = 0; i < COUNT_OF(limits); i++)
    {
        char *text = nested(limits[i]);
        expect_ok(NULL, compact(text, strlen(text), limits[i]));
        ck_assert_str_eq(eventure__buffer_text(&out), text);
        free(text);
        text = nested(limits[i] + 1);
        char message[64];
        snprintf(message, sizeof message, "nested deeper than max_depth, which is %d", limits[i]);
        expect_status(EVENTURE_ERROR_LIMIT, NULL, compact(text, strlen(text), limits[i]));
        expect_part(error.text, message);
        ck_assert_uint_eq(out.len, 0);
        free(text);
    }
    expect_status(EVENTURE_ERROR_LIMIT, NULL, compact("[]", 2, 0));
    ck_assert_str_eq(error.text, "at byte 0: nested deeper than max_depth, which is 0");
    expect_ok(NULL, compact("1", 1, 0));
}
END_TEST

START_TEST(very_deep_text_is_refused_and_takes_no_stack)
{
    size_t len = 10000000;
    char *text = malloc(len);
    memset(text, '[', len);
    eventure__buffer_clear(&out);
    expect_status(EVENTURE_ERROR_LIMIT, NULL, eventure__json_compact(text, len, 1 << 30, &out, &error));
    ck_assert_str_eq(error.text, "at byte 1001: nested deeper than max_depth, which is 1001");
    free(text);
}
END_TEST

START_TEST(brackets_must_close_what_they_opened_at_every_depth)
{
    for (int depth = 1; depth <= 130; depth++)
    {
        char *text = nested(depth);
        char *closing = strchr(text, '1') + 1;
        *closing = *closing == '}' ? ']' : '}';
        expect_status(EVENTURE_ERROR_JSON, NULL, compact(text, strlen(text), 1000));
        free(text);
    }
}
END_TEST

/* A simple object (strings, numbers and words) that is compact is recognised by a fast path; within an array it is
 * scanned. */
START_TEST(a_simple_object_is_judged_alone_as_it_is_within_an_array)
{
    static const char model[] = "{\"a\":-10.5,\"bc\":\"some text\",\"d\":true,\"e\":null,\"f\":false,\"g\":0}";
    static const char bytes[] = "{}[]\",:-.0159eEtrufalsn x\\\n\x7F\xC3\xA9";
    char text[sizeof model + 4];
    char inside[sizeof text + 2];
    uint64_t random = 7;
    int good = 0;
    for (int i = 0; i < 40000; i++)
    {
        size_t len = sizeof model - 1;
        memcpy(text, model, len);
        for (int changes = 0; changes < 1 + i % 3; changes++)
        {
            random = random * 6364136223846793005U + 1442695040888963407U;
            size_t at = (size_t)(random >> 33) % len;
            char c = bytes[(random >> 20) % (sizeof bytes - 1)];
            switch ((random >> 58) % 3)
            {
            case 0:
                text[at] = c;
                break;
            case 1:
                memmove(text + at, text + at + 1, --len - at);
                break;
            default:
                memmove(text + at + 1, text + at, len++ - at);
                text[at] = c;
            }
        }
        int inside_len = snprintf(inside, sizeof inside, "[%.*s]", (int)len, text);
        bool whole = memchr(text, '\0', len) == NULL && (size_t)inside_len == len + 2;
        ck_assert(whole);
        eventure_status alone = compact(text, len, 1000);
        char *result = alone == EVENTURE_OK ? strdup(eventure__buffer_text(&out)) : NULL;
        ck_assert_msg((compact(inside, len + 2, 1000) == EVENTURE_OK) == (alone == EVENTURE_OK), "%.*s", (int)len,
                      text);
        if (alone == EVENTURE_OK)
        {
            ck_assert_mem_eq(eventure__buffer_text(&out) + 1, result, strlen(result));
            good++;
        }
        free(result);
    }
    ck_assert_int_gt(good, 1000);
}
END_TEST

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static bool is_decimal(unsigned char c)
{
    return c >= '0' && c <= '9';
}

/* Checks where the runs of plain bytes and of digits end: in a text of digits with another byte at `place`, and in the
 * same text with quotes behind `place`. */
static void check_runs(char *text, size_t len, size_t place, unsigned char byte)
{
    for (int tail = 0; tail < 2; tail++)
    {
        size_t next = tail == 0 ? len : place + 1;
        memset(text, '7', len);
        memset(text + next, '"', len - next);
        text[place] = (char)byte;
        ck_assert_ptr_eq(eventure__json_plain_end(text, text + len), text + (is_plain(byte) ? next : place));
        ck_assert_ptr_eq(eventure__json_digits_end(text, text + len), text + (is_decimal(byte) ? next : place));
    }
}

/* The text is scanned eight bytes at once, and the rest one by one. */
START_TEST(a_run_ends_at_the_first_byte_of_another_kind)
{
    for (size_t len = 1; len <= 18; len++)
    {
        char *text = malloc(len);
        for (size_t place = 0; place < len; place++)
        {
            for (int byte = 0; byte < 256; byte++)
                check_runs(text, len, place, (unsigned char)byte);
        }
        free(text);
    }
}
END_TEST

START_TEST(the_compact_form_is_appended_to_what_is_there)
{
    eventure__buffer_append_text(&out, "kept:");
    expect_ok(NULL, eventure__json_compact("[ 1 ]", 5, 1000, &out, &error));
    ck_assert_str_eq(eventure__buffer_text(&out), "kept:[1]");
    expect_status(EVENTURE_ERROR_JSON, NULL, eventure__json_compact("[ 1 }", 5, 1000, &out, &error));
    ck_assert_str_eq(eventure__buffer_text(&out), "kept:[1]");
    expect_status(EVENTURE_ERROR_JSON, NULL, eventure__json_compact("[ 1 }", 5, 1000, &out, NULL));
}
END_TEST

START_TEST(without_memory_nothing_is_written)
{
    alloc_fail_at(1);
    eventure_status status = eventure__json_compact("[1]", 3, 1000, &out, &error);
    ck_assert(alloc_fail_stop());
    expect_status(EVENTURE_ERROR_MEMORY, NULL, status);
    ck_assert_int_eq(error.status, EVENTURE_ERROR_MEMORY);
}
END_TEST
