/*
 * RFC 3339: known dates, and doubles that are written and read back.
 */
#include "harness.h"
#include "testing.h"
#include "transfer/rfc3339.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static double read_time(const char *text)
{
    double value = 0;
    ck_assert_msg(eventure__rfc3339_parse(text, strlen(text), &value), "%s", text);
    return value;
}

static void refuses(const char *text)
{
    double value = 0;
    ck_assert_msg(!eventure__rfc3339_parse(text, strlen(text), &value), "%s", text);
}

START_TEST(known_times_are_written)
{
    static const struct
    {
        double timestamp;
        const char *text;
    } known[] = {
        {0.0, "1970-01-01T00:00:00Z"},
        {951782400.25, "2000-02-29T00:00:00.25Z"},
        {1700000000.0000255, "2023-11-14T22:13:20.0000255Z"},
        {4107542399.0, "2100-02-28T23:59:59Z"},
        {4107542400.0, "2100-03-01T00:00:00Z"},
        {253402300799.0, "9999-12-31T23:59:59Z"},
    };
    for (size_t i = 0; i < COUNT_OF(known); i++)
    {
        char text[EVENTURE__RFC3339_BYTES];
        ck_assert(eventure__rfc3339_format(text, known[i].timestamp));
        ck_assert_str_eq(text, known[i].text);
        ck_assert(read_time(text) == known[i].timestamp);
    }
}
END_TEST

START_TEST(what_it_cannot_say_is_refused)
{
    static const double others[] = {-0.0, -1.5, 1e-7, 253402300800.0, 1e300};
    char text[EVENTURE__RFC3339_BYTES];
    for (size_t i = 0; i < COUNT_OF(others); i++)
        ck_assert_msg(!eventure__rfc3339_format(text, others[i]), "%g", others[i]);
}
END_TEST

START_TEST(any_double_between_comes_back)
{
    uint64_t state = 88172645463325252U;
    for (int i = 0; i < 20000; i++)
    {
        char text[EVENTURE__RFC3339_BYTES];
        double timestamp =
            (double)(harness_random(&state, UINT64_MAX) >> 11) / 9007199254740992.0 * 253402300799.0 / (1 << (i % 24));
        ck_assert(eventure__rfc3339_format(text, timestamp));
        ck_assert_msg(read_time(text) == timestamp, "%s is not %.17g", text, timestamp);
    }
}
END_TEST

START_TEST(offsets_and_spellings_are_read)
{
    ck_assert(read_time("2024-02-29T12:00:00.25+01:00") == 1709204400.25);
    ck_assert(read_time("2024-02-29t06:30:00z") == 1709188200.0);
    ck_assert(read_time("2024-02-29 06:30:00-05:30") == 1709208000.0);
    ck_assert(read_time("1969-12-31T23:59:59.5Z") == -0.5);
    ck_assert(read_time("1969-12-31T23:59:59.9Z") == -0.1);
    ck_assert(read_time("1969-12-31T23:59:58.70Z") == -1.3);
    ck_assert(read_time("1969-12-31T23:59:59.000Z") == -1.0);
    ck_assert(read_time("1960-01-01T00:00:00.123456Z") == -315619199.876544);
    ck_assert(read_time("0000-03-01T00:00:00Z") == -62162035200.0);
    ck_assert(read_time("1990-12-31T23:59:60Z") == 662688000.0);
    /* More digits than a double has, and than are evaluated. */
    ck_assert(read_time("1970-01-01T00:00:00.12345678901234567890123456789012345678901234567890123456789012345678901234"
                        "567890Z") == 0.12345678901234567890);
}
END_TEST

START_TEST(what_is_not_a_time_is_refused)
{
    static const char *const wrong[] = {"",
                                        "2024-02-30T00:00:00Z",
                                        "2023-02-29T00:00:00Z",
                                        "2100-02-29T00:00:00Z",
                                        "2024-13-01T00:00:00Z",
                                        "2024-00-01T00:00:00Z",
                                        "2024-01-00T00:00:00Z",
                                        "2024-01-01T24:00:00Z",
                                        "2024-01-01T00:60:00Z",
                                        "2024-01-01T00:00:61Z",
                                        "2024-01-01T00:00:00",
                                        "2024-01-01T00:00:00.Z",
                                        "2024-01-01T00:00:00+24:00",
                                        "2024-01-01T00:00:00+0100",
                                        "2024-01-01T00:00:00Zx",
                                        "2024-1-01T00:00:00Z",
                                        "24-01-01T00:00:00Z",
                                        "2024-01-01",
                                        "2024-01-01T"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        refuses(wrong[i]);
    double value = 0;
    for (size_t len = 0; len < strlen("2024-01-01T00:00:00.5+01:00"); len++)
        ck_assert(!eventure__rfc3339_parse("2024-01-01T00:00:00.5+01:00", len, &value));
}
END_TEST

START_TEST(every_month_has_its_days)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int days = 0;
    char text[40];
    for (int month = 1; month <= 12; month++)
        for (int day = 0; day <= 33; day++)
        {
            double value = -1;
            snprintf(text, sizeof text, "1970-%02d-%02dT00:00:00Z", month, day);
            const bool is_day = day >= 1 && day <= lengths[month - 1];
            ck_assert_msg(eventure__rfc3339_parse(text, strlen(text), &value) == is_day, "%s", text);
            if (!is_day)
                continue;
            ck_assert_msg(value == 86400.0 * days, "%s: %.17g", text, value);
            char back[EVENTURE__RFC3339_BYTES];
            ck_assert(eventure__rfc3339_format(back, value));
            ck_assert_str_eq(back, text);
            days++;
        }
    refuses("1970-00-01T00:00:00Z");
    refuses("1970-13-01T00:00:00Z");
}
END_TEST

START_TEST(the_last_values_of_a_day_are_read)
{
    ck_assert(read_time("1970-01-01T23:00:00Z") == 82800.0);
    ck_assert(read_time("1970-01-01T00:59:00Z") == 3540.0);
    ck_assert(read_time("1970-01-01T00:00:60Z") == 60.0);
    ck_assert(read_time("1970-01-02T00:00:00+23:59") == 60.0);
    ck_assert(read_time("1970-01-01T00:00:00-23:59") == 86340.0);
    ck_assert(read_time("1970-01-01T00:00:00-00:00") == 0.0);
    ck_assert(read_time("1969-12-31T23:59:59Z") == -1.0);
    ck_assert(read_time("1900-02-28T00:00:00Z") == -2203977600.0);
    ck_assert(read_time("1900-03-01T00:00:00Z") == -2203891200.0);
    ck_assert(read_time("2000-02-29T00:00:00Z") == 951782400.0);
    refuses("1900-02-29T00:00:00Z");
    refuses("1970-01-01T00:00:00+24:00");
    refuses("1970-01-01T00:00:00+00:60");
    refuses("1970-01-01T00:00:00.5");
    refuses("1970-01-01T00:00:00z ");
    refuses("1970-01-01T00:00:00 00:00");
}
END_TEST
