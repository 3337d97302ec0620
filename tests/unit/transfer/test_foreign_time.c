/*
 * Times of other programs: dates, numbers of each unit, and units that are recognised by the size of a number.
 */
#include "transfer/foreign_time.h"

#include <math.h>
#include <string.h>

#include "testing.h"

static eventure__foreign_time times;
static eventure__error error;

/* Expects the timestamp of a JSON value in a format. */
static void expect(eventure_time_format format, const char *json, double timestamp)
{
    double got = NAN;
    times = (eventure__foreign_time){.format = format};
    const eventure_status status =
        eventure__foreign_time_read(&times, (eventure__span){json, strlen(json)}, &got, &error);
    ck_assert_msg(status == EVENTURE_OK, "%s: %s", json, error.text);
    ck_assert_msg(got == timestamp, "%s: %.17g", json, got);
}

static void expect_wrong(eventure_time_format format, const char *json, const char *message)
{
    double got = 0;
    times = (eventure__foreign_time){.format = format};
    expect_status(EVENTURE_ERROR_JSON, NULL,
                  eventure__foreign_time_read(&times, (eventure__span){json, strlen(json)}, &got, &error));
    ck_assert_str_eq(error.text, message);
}

START_TEST(numbers_have_the_unit_of_the_format)
{
    expect(EVENTURE_TIME_SECONDS, "1700000000.5", 1700000000.5);
    expect(EVENTURE_TIME_SECONDS, "1e12", 1e12);
    expect(EVENTURE_TIME_MILLISECONDS, "1700000000123", 1700000000.123);
    expect(EVENTURE_TIME_MICROSECONDS, "1700000000123456", 1700000000.123456);
    expect(EVENTURE_TIME_NANOSECONDS, "1700000000123456789", 1700000000.123456789);
    expect(EVENTURE_TIME_NANOSECONDS, "5", 5e-9);
    expect(EVENTURE_TIME_MILLISECONDS, "-5", -0.005);
    expect(EVENTURE_TIME_MILLISECONDS, "1.5e3", 1.5);
    expect(EVENTURE_TIME_MILLISECONDS, "15E2", 1.5);
    expect(EVENTURE_TIME_MILLISECONDS, "\"2500\"", 2.5);
    expect(EVENTURE_TIME_MILLISECONDS, "\"-2500\"", -2.5);
}
END_TEST

START_TEST(the_size_of_a_number_tells_its_unit)
{
    expect(EVENTURE_TIME_AUTO, "99999999999", 99999999999.0);
    expect(EVENTURE_TIME_AUTO, "100000000000", 100000000.0);
    expect(EVENTURE_TIME_AUTO, "99999999999999", 99999999999.999);
    expect(EVENTURE_TIME_AUTO, "100000000000000", 100000000.0);
    expect(EVENTURE_TIME_AUTO, "99999999999999984", 99999999999.999984);
    expect(EVENTURE_TIME_AUTO, "100000000000000000", 100000000.0);
    expect(EVENTURE_TIME_AUTO, "-100000000000", -100000000.0);
    expect(EVENTURE_TIME_AUTO, "0", 0);
    expect(EVENTURE_TIME_AUTO, "\"9\"", 9);
    expect(EVENTURE_TIME_AUTO, "\"0.5\"", 0.5);
}
END_TEST

START_TEST(numbers_of_one_file_have_one_unit)
{
    double got = 0;
    expect(EVENTURE_TIME_AUTO, "1700000000123", 1700000000.123);
    /* 0 fits with every unit. */
    expect_ok(NULL, eventure__foreign_time_read(&times, (eventure__span){"0", 1}, &got, &error));
    ck_assert(got == 0);
    expect_ok(NULL, eventure__foreign_time_read(&times, (eventure__span){"1700000000124", 13}, &got, &error));
    expect_status(EVENTURE_ERROR_JSON, NULL,
                  eventure__foreign_time_read(&times, (eventure__span){"1700000000", 10}, &got, &error));
    ck_assert_str_eq(error.text, "time is 1700000000, which looks like seconds, and the times before it like "
                                 "milliseconds: say which they are (time_format)");
    times = (eventure__foreign_time){.format = EVENTURE_TIME_AUTO};
    expect_ok(NULL, eventure__foreign_time_read(&times, (eventure__span){"0", 1}, &got, &error));
    expect_ok(NULL, eventure__foreign_time_read(&times, (eventure__span){"1700000000000000", 16}, &got, &error));
    expect_status(EVENTURE_ERROR_JSON, NULL,
                  eventure__foreign_time_read(&times, (eventure__span){"1700000000000000000", 19}, &got, &error));
    ck_assert_str_eq(error.text, "time is 1700000000000000000, which looks like nanoseconds, and the times before it "
                                 "like microseconds: say which they are (time_format)");
    times.format = EVENTURE_TIME_SECONDS;
    expect_ok(NULL, eventure__foreign_time_read(&times, (eventure__span){"5", 1}, &got, &error));
}
END_TEST

START_TEST(dates_are_read)
{
    expect(EVENTURE_TIME_AUTO, "\"2023-11-14T22:13:20Z\"", 1700000000.0);
    expect(EVENTURE_TIME_RFC3339, "\"2023-11-14T22:13:20.5+01:00\"", 1699996400.5);
    expect(EVENTURE_TIME_RFC3339, "\"2023-11-14T22:13:20\"", 1700000000.0);
    expect(EVENTURE_TIME_RFC3339, "\"2023-11-14\"", 1699920000.0);
}
END_TEST

/* A text of 116 bytes has room for the longest ending. */
START_TEST(long_dates_are_read)
{
    char text[200];
    for (int zeros = 80; zeros < 110; zeros++)
    {
        const int len = snprintf(text, sizeof text, "\"2023-11-14T22:13:20.5%0*d\"", zeros, 0);
        double got = 0;
        times = (eventure__foreign_time){.format = EVENTURE_TIME_RFC3339};
        const eventure_status status =
            eventure__foreign_time_read(&times, (eventure__span){text, (size_t)len}, &got, &error);
        ck_assert_int_eq(status, len - 2 <= 116 ? EVENTURE_OK : EVENTURE_ERROR_JSON);
        memcpy(text + len - 1, "Z\"", 3);
        expect(EVENTURE_TIME_RFC3339, text, 1700000000.5);
    }
}
END_TEST

START_TEST(what_is_no_time_is_refused)
{
    static const char *const others[] = {"{}", "[1]", "true", "false"};
    char message[100];
    for (size_t i = 0; i < COUNT_OF(others); i++)
    {
        snprintf(message, sizeof message, "time is %s, neither a number nor text", others[i]);
        expect_wrong(EVENTURE_TIME_AUTO, others[i], message);
        expect_wrong(EVENTURE_TIME_RFC3339, others[i], message);
    }
    expect_wrong(EVENTURE_TIME_AUTO, "\"x\"", "time is x, neither a number nor a date and time of RFC 3339");
    expect_wrong(EVENTURE_TIME_AUTO, "\"\"", "time is \"\", neither a number nor a date and time of RFC 3339");
    expect_wrong(EVENTURE_TIME_AUTO, "\"true\"", "time is true, neither a number nor a date and time of RFC 3339");
    expect_wrong(EVENTURE_TIME_AUTO, "\"1x\"", "time is 1x, neither a number nor a date and time of RFC 3339");
    expect_wrong(EVENTURE_TIME_AUTO, "\"0/\"", "time is 0/, neither a number nor a date and time of RFC 3339");
    expect_wrong(EVENTURE_TIME_SECONDS, "\"x\"", "time is x, not a number");
    expect_wrong(EVENTURE_TIME_SECONDS, "\"/\"", "time is /, not a number");
    expect_wrong(EVENTURE_TIME_SECONDS, "\"2023-11-14\"", "time is 2023-11-14, not a number");
    expect_wrong(EVENTURE_TIME_RFC3339, "1700000000", "time is 1700000000, not a date and time of RFC 3339");
    expect_wrong(EVENTURE_TIME_RFC3339, "\"1700000000\"", "time is 1700000000, not a date and time of RFC 3339");
    expect_wrong(EVENTURE_TIME_SECONDS, "1e999", "time is 1e999, too large for a double");
    expect_wrong(EVENTURE_TIME_AUTO, "1e999", "time is 1e999, too large for a double");
}
END_TEST

START_TEST(a_scaled_number_is_rounded_once)
{
    char text[200];
    double got = 0;
    ck_assert(eventure__parse_scaled("123456789012345678", 18, 9, &got));
    ck_assert(got == 123456789.012345678);
    ck_assert(eventure__parse_scaled("1.5", 3, 0, &got));
    ck_assert(got == 1.5);
    ck_assert(!eventure__parse_scaled("1e999", 5, 0, &got));
    ck_assert(!eventure__parse_scaled("1e999", 5, 3, &got));
    /* A number with an exponent, and one that is too long for the text, are divided. */
    ck_assert(eventure__parse_scaled("25e1", 4, 3, &got));
    ck_assert(got == 0.25);
    for (int zeros = 100; zeros < 140; zeros++)
    {
        const int len = snprintf(text, sizeof text, "5.%0*d", zeros, 0);
        ck_assert(eventure__parse_scaled(text, (size_t)len, 3, &got));
        ck_assert(got == 0.005);
    }
}
END_TEST
