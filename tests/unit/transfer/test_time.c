/*
 * Times as text, as callers read and write them.
 */
#include <math.h>
#include <string.h>

#include "harness.h"
#include "testing.h"

START_TEST(text_becomes_a_timestamp)
{
    double timestamp = 7;
    expect_ok(NULL, eventure_time_from_text("1970-01-01T00:00:01.5Zx", 22, &timestamp));
    ck_assert(timestamp == 1.5);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_time_from_text("1970-01-01T00:00:01.5Zx", 23, &timestamp));
    ck_assert_str_eq(eventure_last_message(), "read a time: 1970-01-01T00:00:01.5Zx is not a time of RFC 3339");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_time_from_text(NULL, 0, &timestamp));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_time_from_text("1970-01-01T00:00:02Z", 20, NULL));
    ck_assert_str_eq(eventure_last_message(), "eventure_time_from_text: a required argument is NULL");
    ck_assert(timestamp == 1.5);
}
END_TEST

static void refuse(double timestamp, const char *message)
{
    char text[EVENTURE_TIME_BYTES] = "before";
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_time_to_text(timestamp, text));
    ck_assert_str_eq(text, "before");
    ck_assert_str_eq(eventure_last_message(), message);
}

START_TEST(what_rfc_3339_cannot_represent_is_refused)
{
    static const char outside[] = " is not in the years 0000 to 9999";
    static const double others[] = {
        (double)NAN, (double)INFINITY, -(double)INFINITY, 253402300800.0, -62167219200.5, 1e300, -1e300};
    static const char *const names[] = {"NaN",    "Infinity", "-Infinity", "253402300800.0", "-62167219200.5",
                                        "1e+300", "-1e+300"};
    for (size_t i = 0; i < COUNT_OF(others); i++)
    {
        char message[100];
        snprintf(message, sizeof message, "write a time: %s%s", names[i], outside);
        refuse(others[i], message);
    }
    refuse(1e-43, "write a time: 1e-43 has more than 42 digits after the point");
    refuse(-1.5e-42, "write a time: -1.5e-42 has more than 42 digits after the point");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_time_to_text(0, NULL));
    ck_assert_str_eq(eventure_last_message(), "eventure_time_to_text: a required argument is NULL");
}
END_TEST

START_TEST(a_timestamp_becomes_text)
{
    static const struct
    {
        double timestamp;
        const char *text;
    } known[] = {
        {1.5, "1970-01-01T00:00:01.5Z"},
        {0, "1970-01-01T00:00:00Z"},
        {-0.0, "1970-01-01T00:00:00Z"},
        {1e-9, "1970-01-01T00:00:00.000000001Z"},
        {1e-6, "1970-01-01T00:00:00.000001Z"},
        {1.25e-5, "1970-01-01T00:00:00.0000125Z"},
        {-1e-9, "1969-12-31T23:59:59.999999999Z"},
        {-0.1, "1969-12-31T23:59:59.9Z"},
        {-0.5, "1969-12-31T23:59:59.5Z"},
        {-1, "1969-12-31T23:59:59Z"},
        {-1.75, "1969-12-31T23:59:58.25Z"},
        {-86400, "1969-12-31T00:00:00Z"},
        {-86400.5, "1969-12-30T23:59:59.5Z"},
        {-2203891200, "1900-03-01T00:00:00Z"},
        {-2203891201, "1900-02-28T23:59:59Z"},
        {-11644473600, "1601-01-01T00:00:00Z"},
        {-62135596800, "0001-01-01T00:00:00Z"},
        {-62162035200, "0000-03-01T00:00:00Z"},
        {-62162035201, "0000-02-29T23:59:59Z"},
        {-62167219200, "0000-01-01T00:00:00Z"},
        {253402300799, "9999-12-31T23:59:59Z"},
        {253402300799.5, "9999-12-31T23:59:59.5Z"},
        {1e-42, "1970-01-01T00:00:00.000000000000000000000000000000000000000001Z"},
        {-1e-42, "1969-12-31T23:59:59.999999999999999999999999999999999999999999Z"},
    };
    for (size_t i = 0; i < COUNT_OF(known); i++)
    {
        char text[EVENTURE_TIME_BYTES];
        double back = 7;
        expect_ok(NULL, eventure_time_to_text(known[i].timestamp, text));
        ck_assert_str_eq(text, known[i].text);
        expect_ok(NULL, eventure_time_from_text(text, strlen(text), &back));
        ck_assert_msg(back == known[i].timestamp, "%s is %.17g, not %.17g", text, back, known[i].timestamp);
    }
}
END_TEST

/* Every day of the 400 years around 1970, and of the first and the last years. */
START_TEST(days_follow_each_other)
{
    static const double beginnings[] = {-62167219200.0, -200.0 * 31557600, 253402300800.0 - 1461 * 86400.0};
    static const int days[] = {3 * 1461, 146097, 1461};
    for (size_t i = 0; i < COUNT_OF(beginnings); i++)
    {
        char before[EVENTURE_TIME_BYTES] = "";
        const double first = floor(beginnings[i] / 86400) * 86400;
        for (int day = 0; day < days[i]; day++)
        {
            char text[EVENTURE_TIME_BYTES];
            double back = 7;
            expect_ok(NULL, eventure_time_to_text(first + day * 86400.0, text));
            expect_ok(NULL, eventure_time_from_text(text, strlen(text), &back));
            ck_assert_msg(back == first + day * 86400.0, "%s is %.17g", text, back);
            ck_assert_msg(strcmp(before, text) < 0, "%s is before %s", text, before);
            memcpy(before, text, sizeof before);
        }
    }
}
END_TEST

START_TEST(any_time_of_the_years_comes_back)
{
    uint64_t state = 88172645463325252U;
    for (int i = 0; i < 40000; i++)
    {
        char text[EVENTURE_TIME_BYTES];
        double back = 7;
        double part = (double)(harness_random(&state, UINT64_MAX) >> 11) / 9007199254740992.0;
        double timestamp = (i % 2 == 0 ? 253402300799.0 : -62167219200.0) * part;
        for (int halves = i / 2 % 80; halves > 0; halves--)
            timestamp /= 2;
        expect_ok(NULL, eventure_time_to_text(timestamp, text));
        expect_ok(NULL, eventure_time_from_text(text, strlen(text), &back));
        ck_assert_msg(back == timestamp, "%s is %.17g, not %.17g", text, back, timestamp);
    }
}
END_TEST
