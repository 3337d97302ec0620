/*
 * Only the bytes that must not reach a terminal are escaped.
 */
#include <string.h>

#include "base/escape.h"
#include "testing.h"

static void expect(const char *text, size_t len, const char *shown)
{
    eventure__buffer buffer = {0};
    eventure__escape_append(&buffer, text, len);
    ck_assert_str_eq(eventure__buffer_text(&buffer), shown);
    eventure__buffer_free(&buffer);
}

#define EXPECT(text, shown) expect(text, sizeof(text) - 1, shown)

START_TEST(plain_text_stays)
{
    EXPECT("", "");
    EXPECT("a.b {\"x\": 1}\ttab ~", "a.b {\"x\": 1}\ttab ~");
    EXPECT("caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80",
           "caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80");
}
END_TEST

START_TEST(what_drives_a_terminal_is_escaped)
{
    EXPECT("\x1b[31mred", "\\u001b[31mred");
    EXPECT("a\nb\rc\0d\x7f", "a\\u000ab\\u000dc\\u0000d\\u007f");
    EXPECT("\xc2\x9b"
           "31m",
           "\\u009b31m"); /* C1: the one-character form of ESC [ */
    EXPECT("\xc2\xa0", "\xc2\xa0");
}
END_TEST

START_TEST(what_turns_text_round_is_escaped)
{
    EXPECT("\xe2\x80\xae"
           "abc",
           "\\u202eabc");
    EXPECT("\xe2\x81\xa6"
           "a"
           "\xe2\x81\xa9",
           "\\u2066a\\u2069");
    EXPECT("\xe2\x80\xa8\xe2\x80\xa7", "\\u2028\xe2\x80\xa7");
}
END_TEST

START_TEST(bytes_that_are_no_text_are_escaped)
{
    EXPECT("\xff"
           "a\xc3",
           "\\xffa\\xc3");
    EXPECT("\xed\xa0\x80", "\\xed\\xa0\\x80");
}
END_TEST

START_TEST(a_run_ends_at_the_escape_and_returns_its_lengths)
{
    eventure__escape escape;
    ck_assert_uint_eq(eventure__escape_plain_run("ab\xc2\x85"
                                                 "c",
                                                 5, &escape),
                      2);
    ck_assert_uint_eq(escape.taken, 2);
    ck_assert_uint_eq(escape.len, 6);
    ck_assert_uint_eq(eventure__escape_plain_run("abc", 3, &escape), 3);
    ck_assert_uint_eq(escape.taken, 0);
    ck_assert_uint_eq(escape.len, 0);
}
END_TEST
