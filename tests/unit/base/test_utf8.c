/*
 * UTF-8: every code point both ways, and everything that is not UTF-8.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "testing.h"

START_TEST(every_code_point_comes_back)
{
    for (uint32_t code_point = 0; code_point <= 0x10FFFF; code_point++)
    {
        if (code_point == 0xD800)
            code_point = 0xE000;
        char bytes[4];
        uint32_t back = 0xFFFFFFFF;
        size_t len = eventure__utf8_encode(code_point, bytes);
        size_t expected = code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
        if (len != expected || eventure__utf8_decode(bytes, len, &back) != len || back != code_point)
            ck_abort_msg("U+%04X", (unsigned)code_point);
        if (eventure__utf8_decode(bytes, len - 1, NULL) == len)
            ck_abort_msg("U+%04X cut off", (unsigned)code_point);
    }
}
END_TEST

START_TEST(known_characters_have_their_bytes)
{
    char bytes[4];
    ck_assert_uint_eq(eventure__utf8_encode(0xE9, bytes), 2);
    ck_assert_mem_eq(bytes, "\xC3\xA9", 2);
    ck_assert_uint_eq(eventure__utf8_encode(0x20AC, bytes), 3);
    ck_assert_mem_eq(bytes, "\xE2\x82\xAC", 3);
    ck_assert_uint_eq(eventure__utf8_encode(0x1F600, bytes), 4);
    ck_assert_mem_eq(bytes, "\xF0\x9F\x98\x80", 4);
}
END_TEST

START_TEST(what_is_not_utf8_is_reported)
{
    static const char *const wrong[] = {
        "\x80",             /* a continuation without its lead */
        "\xBF",             /* the last of them */
        "\xBF\xBF",         /* two of them */
        "\xC0\x80",         /* overlong NUL */
        "\xC1\xBF",         /* overlong in two */
        "\xE0\x80\x80",     /* overlong in three */
        "\xE0\x9F\xBF",     /* the last of them */
        "\xF0\x80\x80\x80", /* overlong in four */
        "\xF0\x8F\xBF\xBF", /* the last of them */
        "\xED\xA0\x80",     /* the first surrogate */
        "\xED\xBF\xBF",     /* the last surrogate */
        "\xF4\x90\x80\x80", /* beyond U+10FFFF */
        "\xF5\x80\x80\x80", /* lead bytes that UTF-8 does not have */
        "\xF8\x88\x80\x80", /* likewise */
        "\xFF",             /* never a byte of UTF-8 */
        "\xC3",             /* cut off */
        "\xC3(",            /* no continuation */
        "\xE2\x82",         /* cut off */
        "\xE2(\xAC",        /* no continuation in the middle */
        "\xE2\x82\x28",     /* nor at the end */
        "\xF0\x9F\x98",     /* cut off */
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
    {
        size_t len = strlen(wrong[i]);
        char *text = malloc(13 + len); /* of exactly this size, for the address sanitizer */
        memcpy(text, "12345678abcde", 13);
        ck_assert_msg(eventure__utf8_decode(wrong[i], len, NULL) == 0, "case %zu", i);
        ck_assert_msg(!eventure__utf8_valid(wrong[i], len), "case %zu", i);
        memcpy(text + 13, wrong[i], len);
        ck_assert_msg(!eventure__utf8_valid(text, 13 + len), "case %zu after ASCII", i);
        memcpy(text, wrong[i], len);
        ck_assert_msg(!eventure__utf8_valid(text, 13), "case %zu before ASCII", i);
        ck_assert_msg(eventure__utf8_decode(text + 13, len, NULL) == 0, "case %zu at the end", i);
        free(text);
    }
}
END_TEST

START_TEST(valid_text_is_valid_wherever_its_characters_stand)
{
    ck_assert(eventure__utf8_valid("", 0));
    ck_assert(eventure__utf8_valid("a\0b", 3));
    for (size_t before = 0; before < 20; before++)
    {
        for (size_t after = 0; after < 20; after++)
        {
            size_t len = before + 9 + after;
            char *text = malloc(len);
            memset(text, 'x', len);
            memcpy(text + before, "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9);
            ck_assert(eventure__utf8_valid(text, len));
            free(text);
        }
    }
}
END_TEST

START_TEST(nothing_decodes_to_nothing)
{
    ck_assert_uint_eq(eventure__utf8_decode("a", 0, NULL), 0);
}
END_TEST
