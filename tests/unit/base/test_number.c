/*
 * Integers as text; JSON numbers as integers, as doubles, and as exact values.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"
#include "base/buffer.h"
#include "base/number.h"
#include "testing.h"

/* Calls of strtod call this function (--wrap, see CMakeLists.txt). */
static int strtod_calls;
static int strtod_points;
double __real_strtod(const char *text, char **out_end);
double __wrap_strtod(const char *text, char **out_end);

double __wrap_strtod(const char *text, char **out_end)
{
    strtod_calls++;
    strtod_points += strpbrk(text, ".,") != NULL ? 1 : 0;
    return __real_strtod(text, out_end);
}

START_TEST(integers_are_written_whole)
{
    static const struct
    {
        int64_t value;
        const char *text;
    } cases[] = {{0, "0"},
                 {7, "7"},
                 {-1, "-1"},
                 {10, "10"},
                 {-90, "-90"},
                 {1234567890, "1234567890"},
                 {INT64_MAX, "9223372036854775807"},
                 {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        char text[EVENTURE__INT_BYTES];
        ck_assert_uint_eq(eventure__format_int(text, cases[i].value), strlen(cases[i].text));
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

START_TEST(a_number_without_a_fraction_is_an_integer_however_it_is_written)
{
    static const struct
    {
        const char *text;
        int64_t value;
    } cases[] = {{"0", 0},
                 {"-0", 0},
                 {"0.000e-99999999999999999999", 0},
                 {"3", 3},
                 {"3.0", 3},
                 {"30e-1", 3},
                 {"0.003e3", 3},
                 {"0.3E+1", 3},
                 {"300.00e-2", 3},
                 {"-12", -12},
                 {"1e18", 1000000000000000000},
                 {"1e0000000000000000000000018", 1000000000000000000},
                 {"9223372036854775807", INT64_MAX},
                 {"-9223372036854775808", INT64_MIN},
                 {"922337203685477580.7e1", INT64_MAX},
                 {"9223372036854775807000e-3", INT64_MAX},
                 {"9007199254740993", 9007199254740993}};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        int64_t value = -77;
        ck_assert_msg(eventure__parse_int(cases[i].text, strlen(cases[i].text), &value), "%s", cases[i].text);
        ck_assert_msg(value == cases[i].value, "%s", cases[i].text);
    }
}
END_TEST

START_TEST(what_is_not_an_integer_of_64_bits_is_refused)
{
    static const char *const texts[] = {"0.5",
                                        "1e-1",
                                        "10e-2",
                                        "3.0000000000000000000000001",
                                        "9223372036854775808",
                                        "-9223372036854775809",
                                        "18446744073709551616",
                                        "99999999999999999999",
                                        "1e19",
                                        "1e400",
                                        "1e18446744073709551616",
                                        "1e-18446744073709551616",
                                        "-1e99999999999999999999999999"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
    {
        int64_t value = -77;
        ck_assert_msg(!eventure__parse_int(texts[i], strlen(texts[i]), &value), "%s", texts[i]);
        ck_assert_int_eq(value, -77);
    }
}
END_TEST

static double parse(const char *text)
{
    double value = -77;
    ck_assert_msg(eventure__parse_double(text, strlen(text), &value), "%s", text);
    return value;
}

START_TEST(numbers_are_read_as_the_nearest_double)
{
    static const struct
    {
        const char *text;
        double value;
    } cases[] = {
        {"0", 0.0},
        {"1", 1.0},
        {"-2.5", -2.5},
        {"0.1", 0x1.999999999999ap-4},
        {"1e22", 0x1.0f0cf064dd592p+73},
        {"1e23", 0x1.52d02c7e14af6p+76},
        {"123456789012345678", 0x1.b69b4ba630f35p+56},
        {"9007199254740993", 9007199254740992.0}, /* halfway: to even */
        {"9007199254740993.00000000000000000000001", 9007199254740994.0},
        {"9007199254740995", 9007199254740996.0},
        {"1700000000.0000255", 0x1.954fc4000006bp+30},
        {"5e-324", 0x0.0000000000001p-1022},
        {"2.4703282292062327208e-324", 0.0},                  /* just below half of the smallest */
        {"2.4703282292062328e-324", 0x0.0000000000001p-1022}, /* just above */
        {"1e-400", 0.0},
        {"1e-99999999999999999999", 0.0},
        {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022},
        {"1.7976931348623157e308", 0x1.fffffffffffffp+1023},
        {"1.7976931348623158e308", 0x1.fffffffffffffp+1023},
        {"100000000000000000000000e-22", 10.0},
        {"0.00000000000000000000000000000000001e35", 1.0},
        {"0e400", 0.0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        ck_assert_msg(parse(cases[i].text) == cases[i].value, "%s", cases[i].text);
    ck_assert(signbit(parse("-0")) != 0);
    ck_assert(signbit(parse("-0.0e5")) != 0);
    ck_assert(signbit(parse("0")) == 0);
    ck_assert(signbit(parse("-1e-400")) != 0);
}
END_TEST

START_TEST(numbers_too_large_for_a_double_are_reported)
{
    static const char *const texts[] = {"1e309", "-1e309", "1.7976931348623159e308", "1e99999999999999999999",
                                        "0.0001e1000000"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
    {
        double value = -77;
        ck_assert_msg(!eventure__parse_double(texts[i], strlen(texts[i]), &value), "%s", texts[i]);
        ck_assert_double_eq(value, -77);
    }
}
END_TEST

START_TEST(digits_beyond_any_double_still_count)
{
    /* Halfway between 1 and the next double, then zeros, then perhaps one more digit: only this digit decides the
     * rounding. */
    static const char half[] = "1.00000000000000011102230246251565404236316680908203125";
    char text[4000];
    memset(text, '0', sizeof text);
    memcpy(text, half, sizeof half - 1);
    double value = 0;
    ck_assert(eventure__parse_double(text, sizeof text, &value));
    ck_assert(value == 1.0);
    text[sizeof text - 1] = '1';
    ck_assert(eventure__parse_double(text, sizeof text, &value));
    ck_assert(value == 0x1.0000000000001p+0);

    /* A number of a thousand digits whose negative exponent brings it into the range of a double. */
    memset(text, '9', 1000);
    memcpy(text + 1000, "e-1000", 6);
    ck_assert(eventure__parse_double(text, 1006, &value));
    ck_assert(value == 1.0);
}
END_TEST

START_TEST(reading_agrees_with_the_c_library_on_random_numbers)
{
    uint64_t state = 42;
    for (int i = 0; i < 50000; i++)
    {
        char text[64];
        state = state * 6364136223846793005U + 1442695040888963407U;
        unsigned long long digits = state >> (state & 31);
        int point = (int)(state >> 40 & 7);
        int exponent = (int)(state >> 44 & 0x3FF) - 512;
        snprintf(text, sizeof text, "%s%d.%llue%d", (state & 1) != 0 ? "-" : "", point, digits,
                 (state & 2) != 0 ? exponent : exponent / 20);
        double expected = strtod(text, NULL);
        double value = 0;
        ck_assert_msg(eventure__parse_double(text, strlen(text), &value) == (isfinite(expected) != 0), "%s", text);
        ck_assert_msg(!isfinite(expected) || value == expected, "%s", text);
    }
}
END_TEST

START_TEST(the_c_library_sees_no_point_so_that_no_locale_matters)
{
    static const char *const texts[] = {"1700000000.0000255", "-1.25e-300",
                                        "0.00000000000000000000000000012345678901234567", "12345678901234567890.5",
                                        "1.7976931348623157E+308"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
    {
        double expected = strtod(texts[i], NULL);
        strtod_calls = 0;
        strtod_points = 0;
        ck_assert(parse(texts[i]) == expected);
        ck_assert_int_gt(strtod_calls, 0);
        ck_assert_int_eq(strtod_points, 0);
    }
}
END_TEST

static const char *canonical(const char *text)
{
    static char result[400];
    eventure__buffer buffer = {0};
    eventure__canonical_number(text, strlen(text), &buffer);
    snprintf(result, sizeof result, "%s", eventure__buffer_text(&buffer));
    eventure__buffer_free(&buffer);
    return result;
}

START_TEST(numbers_of_one_value_have_one_form)
{
    static const struct
    {
        const char *canonical;
        const char *texts[8];
    } groups[] = {
        {"0", {"0", "-0", "0.0", "-0.000", "0e5", "0E-99999999999999999999", "0.0e99999999999999999999"}},
        {"1e0", {"1", "1.0", "10e-1", "0.1e1", "1e0", "1e-0", "1E+00", "1000000e-6"}},
        {"-1e0", {"-1", "-1.000", "-10e-1", "-0.01e2"}},
        {"1e2", {"100", "1e2", "1.0e2", "0.001e5", "100.0", "1000e-1"}},
        {"15e-1", {"1.5", "15e-1", "0.15e1", "1.50", "150e-2"}},
        {"9007199254740993e0", {"9007199254740993", "9007199254740993.0", "90071992547409930e-1"}},
        {"9007199254740992e0", {"9007199254740992"}},
        {"1e400", {"1e400", "10e399", "0.1e401", "1000e397"}},
        {"12e-7", {"0.0000012", "1.2e-6", "12e-7"}},
        {"105e-2", {"1.05", "105e-2", "0.0105e2", "1050e-3"}},
        {"1e1000000000000000000", {"10e999999999999999999", "1e1000000000000000000", "1.0E+1000000000000000000"}},
        {"1e-1000000000000000000",
         {"1e-1000000000000000000", "0.1e-999999999999999999", "1.00e-001000000000000000000"}},
        {"1e99999999999999999999", {"1e99999999999999999999", "1E+0099999999999999999999"}},
        {"-25e-99999999999999999998", {"-25e-99999999999999999998", "-25.0e-99999999999999999998"}},
    };
    for (size_t i = 0; i < COUNT_OF(groups); i++)
    {
        for (size_t j = 0; j < 8 && groups[i].texts[j] != NULL; j++)
            ck_assert_str_eq(canonical(groups[i].texts[j]), groups[i].canonical);
    }
}
END_TEST

/* Nothing is added to an exponent of more than 18 digits. */
START_TEST(a_number_with_a_long_exponent_stays_as_it_is_written)
{
    static const char *const texts[] = {"0.1e1000000000000000000", "10e99999999999999999999",
                                        "-0.25E-99999999999999999998", "1000e+99999999999999999996"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        ck_assert_str_eq(canonical(texts[i]), texts[i]);
}
END_TEST

START_TEST(text_that_is_not_a_number_does_no_harm)
{
    /* A damaged file can contain any bytes: those after the digits of the exponent are ignored. */
    ck_assert_str_eq(canonical("0.1e1000000000000000000/"), "0.1e1000000000000000000");
    ck_assert_str_eq(canonical("1e-99999999999999999999;x"), "1e-99999999999999999999");
    static const char *const texts[] = {"1e/////////////////////", "1.2.3.4e5", "e", "-", "--1e--1",
                                        "1e+-99999999999999999999"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
    {
        int64_t integer = 0;
        double number = 0;
        ck_assert_ptr_nonnull(canonical(texts[i]));
        (void)eventure__parse_int(texts[i], strlen(texts[i]), &integer);
        (void)eventure__parse_double(texts[i], strlen(texts[i]), &number);
    }
}
END_TEST

START_TEST(the_form_appends_and_fails_as_a_buffer_does)
{
    static const char *const texts[] = {"12.50", "1e99999999999999999999", "0"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
    {
        eventure__buffer buffer = {0};
        alloc_fail_at(1);
        eventure__canonical_number(texts[i], strlen(texts[i]), &buffer);
        ck_assert(alloc_fail_stop());
        ck_assert(buffer.failed);
        eventure__buffer_free(&buffer);
    }
    eventure__buffer buffer = {0};
    eventure__buffer_append_text(&buffer, "[");
    eventure__canonical_number("-0.5", 4, &buffer);
    ck_assert_str_eq(eventure__buffer_text(&buffer), "[-5e-1");
    eventure__buffer_free(&buffer);
}
END_TEST
