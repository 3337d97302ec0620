/*
 * Error texts, how they show values, and the names of statuses.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "testing.h"

static const char *quoted(const char *value, size_t len)
{
    static eventure__quoted result;
    result = eventure__quote(value, len);
    return result.text;
}

START_TEST(failing_sets_the_text_and_answers_the_status)
{
    eventure__error error = {0};
    expect_status(EVENTURE_ERROR_TICK, NULL, eventure__fail(&error, EVENTURE_ERROR_TICK, "tick %d goes back", 3));
    ck_assert_int_eq(error.status, EVENTURE_ERROR_TICK);
    ck_assert_str_eq(error.text, "tick 3 goes back");
    expect_status(EVENTURE_ERROR_IO, NULL, eventure__fail(NULL, EVENTURE_ERROR_IO, "there is no receiver"));
}
END_TEST

START_TEST(a_prefix_goes_in_front_and_keeps_the_status)
{
    eventure__error error = {0};
    eventure__fail(&error, EVENTURE_ERROR_JSON, "at byte 3: no");
    expect_status(EVENTURE_ERROR_JSON, NULL, eventure__fail_prefix(&error, "append %s", "a.b"));
    ck_assert_str_eq(error.text, "append a.b: at byte 3: no");
    eventure__fail_prefix(NULL, "there is no receiver");
}
END_TEST

START_TEST(a_message_may_quote_the_message_it_replaces)
{
    eventure__error error = {0};
    eventure__fail(&error, EVENTURE_ERROR_IO, "inner");
    eventure__fail(&error, EVENTURE_ERROR_BUSY, "outer (%s)", error.text);
    ck_assert_str_eq(error.text, "outer (inner)");
    eventure__fail_prefix(&error, "again %s", error.text);
    ck_assert_str_eq(error.text, "again outer (inner): outer (inner)");
}
END_TEST

START_TEST(a_text_that_is_too_long_is_cut_between_characters)
{
    char text[2 * EVENTURE__ERROR_BYTES];
    for (size_t shift = 0; shift < 5; shift++)
    {
        eventure__error error = {0};
        memset(text, 'a', sizeof text);
        for (size_t i = shift; i + 4 < sizeof text; i += 4)
            memcpy(text + i, "\xF0\x9F\x98\x80", 4);
        text[sizeof text - 1] = '\0';
        eventure__fail(&error, EVENTURE_ERROR_IO, "%s", text);
        ck_assert_uint_ge(strlen(error.text), EVENTURE__ERROR_BYTES - 5);
        ck_assert(eventure__utf8_valid(error.text, strlen(error.text)));
        eventure__fail_prefix(&error, "p");
        ck_assert_uint_ge(strlen(error.text), EVENTURE__ERROR_BYTES - 5);
        ck_assert(eventure__utf8_valid(error.text, strlen(error.text)));
    }
}
END_TEST

START_TEST(a_text_of_exactly_the_size_loses_its_last_character_only)
{
    char text[EVENTURE__ERROR_BYTES + 1];
    eventure__error error = {0};
    memset(text, 'a', sizeof text);
    memcpy(text + EVENTURE__ERROR_BYTES - 2, "\xC3\xA9", 3);
    eventure__fail(&error, EVENTURE_ERROR_IO, "%s", text);
    ck_assert_uint_eq(strlen(error.text), EVENTURE__ERROR_BYTES - 2);
    eventure__fail(&error, EVENTURE_ERROR_IO, "%s", text + 1);
    ck_assert_str_eq(error.text, text + 1);
}
END_TEST

START_TEST(values_are_shown_without_control_characters)
{
    ck_assert_str_eq(quoted("plain \xC3\xA9", 8), "plain \xC3\xA9");
    ck_assert_str_eq(quoted("a\nb\r\tc", 6), "a\\nb\\r\\tc");
    ck_assert_str_eq(quoted("\x1b[31m", 5), "\\u001b[31m");
    ck_assert_str_eq(quoted("a\0b", 3), "a\\u0000b");
    ck_assert_str_eq(quoted("\x7f", 1), "\\u007f");
    ck_assert_str_eq(quoted("\xC2\x9B", 2), "\\u009b");
    ck_assert_str_eq(quoted("\xC2\xA0", 2), "\xC2\xA0");
    ck_assert_str_eq(quoted("a\xE2\x80\xAEz", 5), "a\\u202ez"); /* right-to-left override */
    ck_assert_str_eq(quoted("\xE2\x80\xA8", 3), "\\u2028");     /* line separator */
    ck_assert_str_eq(quoted("\xE2\x81\xA9", 3), "\\u2069");
    ck_assert_str_eq(quoted("a\xFFz", 3), "a\\xffz");
    ck_assert_str_eq(quoted("\xE2\x82", 2), "\\xe2\\x82");
    ck_assert_str_eq(quoted("", 0), "\"\"");
}
END_TEST

START_TEST(long_values_are_shortened_between_characters)
{
    char value[200];
    memset(value, 'a', sizeof value);
    ck_assert_uint_eq(strlen(quoted(value, 95)), 95);
    ck_assert_ptr_null(strstr(quoted(value, 95), "..."));
    ck_assert_uint_eq(strlen(quoted(value, 96)), 95);
    ck_assert_str_eq(quoted(value, 96) + 92, "...");
    for (size_t shift = 0; shift < 4; shift++)
    {
        memset(value, 'a', sizeof value);
        for (size_t i = shift; i + 3 <= sizeof value; i += 3)
            memcpy(value + i, "\xE2\x82\xAC", 3);
        const char *shown = quoted(value, sizeof value);
        ck_assert(eventure__utf8_valid(shown, strlen(shown)));
        ck_assert_str_eq(shown + strlen(shown) - 3, "...");
        ck_assert_uint_ge(strlen(shown), 93);
    }
    memset(value, '\x01', sizeof value);
    ck_assert_uint_eq(strlen(quoted(value, sizeof value)), 15 * 6 + 3);
}
END_TEST

START_TEST(every_status_has_its_name)
{
#define CHECK_NAME(status) ck_assert_str_eq(eventure_status_name(status), #status)
    CHECK_NAME(EVENTURE_OK);
    CHECK_NAME(EVENTURE_ROW);
    CHECK_NAME(EVENTURE_ERROR_ARGUMENT);
    CHECK_NAME(EVENTURE_ERROR_MEMORY);
    CHECK_NAME(EVENTURE_ERROR_IO);
    CHECK_NAME(EVENTURE_ERROR_BUSY);
    CHECK_NAME(EVENTURE_ERROR_CORRUPT);
    CHECK_NAME(EVENTURE_ERROR_FORMAT);
    CHECK_NAME(EVENTURE_ERROR_JSON);
    CHECK_NAME(EVENTURE_ERROR_TYPE);
    CHECK_NAME(EVENTURE_ERROR_TICK);
    CHECK_NAME(EVENTURE_ERROR_PARENT);
    CHECK_NAME(EVENTURE_ERROR_NOT_FOUND);
    CHECK_NAME(EVENTURE_ERROR_EXISTS);
    CHECK_NAME(EVENTURE_ERROR_LIMIT);
    CHECK_NAME(EVENTURE_ERROR_READ_ONLY);
    CHECK_NAME(EVENTURE_ERROR_HANDLER);
    CHECK_NAME(EVENTURE_ERROR_INTERRUPTED);
    CHECK_NAME(EVENTURE_ERROR_ARCHIVED);
    for (int status = EVENTURE_ERROR_INTERRUPTED; status <= EVENTURE_ROW; status++)
        ck_assert_str_ne(eventure_status_name(status), "unknown status");
    ck_assert_str_eq(eventure_status_name(EVENTURE_ERROR_ARCHIVED - 1), "unknown status");
    ck_assert_str_eq(eventure_status_name(2), "unknown status");
}
END_TEST

/* After a loop, `status != EVENTURE_OK` means an error. */
START_TEST(the_end_of_items_is_no_error)
{
    ck_assert_int_eq(EVENTURE_DONE, EVENTURE_OK);
    ck_assert_int_ne(EVENTURE_DONE, EVENTURE_ROW);
    ck_assert_str_eq(eventure_status_name(EVENTURE_OK), "EVENTURE_OK");
}
END_TEST
