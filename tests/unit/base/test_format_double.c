/*
 * Doubles as text: Python's spelling, the fewest digits, and that they read back.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "harness.h"
#include "rounds.h"
#include "testing.h"

static double from_bits(uint64_t bits)
{
    double value = 0;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t bits_of(double value)
{
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static bool same_bits(double a, double b)
{
    return bits_of(a) == bits_of(b);
}

START_TEST(known_doubles_are_spelled_as_python_spells_them)
{
    /* Printed by Python 3.11: value.hex() and repr(value). */
    static const struct
    {
        double value;
        const char *text;
    } cases[] = {
        {0x0.0p+0, "0.0"},
        {-0x0.0p+0, "-0.0"},
        {0x1.0000000000000p+0, "1.0"},
        {-0x1.8000000000000p+0, "-1.5"},
        {0x1.999999999999ap-4, "0.1"},
        {0x1.3333333333334p-2, "0.30000000000000004"},
        {0x1.5555555555555p-2, "0.3333333333333333"},
        {0x1.5666666666666p+1, "2.675"},
        {0x1.e240c9fbe76c9p+16, "123456.789"},
        {0x1.954fc4000006bp+30, "1700000000.0000255"},
        {0x1.6d2d85c07e6b7p+30, "1531666800.1234567"},
        {0x1.dcd65002aaaabp+29, "1000000000.3333334"},
        /* on both sides of the exponents */
        {0x1.c6bf526340000p+49, "1000000000000000.0"},
        {0x1.1c37937e07fffp+53, "9999999999999998.0"},
        {0x1.1c37937e08000p+53, "1e+16"},
        {0x1.5eddb25e04800p+53, "1.2345e+16"},
        {0x1.a36e2eb1c432dp-14, "0.0001"},
        {0x1.02e85be180b74p-13, "0.00012345678901234567"},
        {0x1.a36e2eb1c432cp-14, "9.999999999999999e-05"},
        {0x1.4f8b588e368f1p-17, "1e-05"},
        {-0x1.ad7f29abcaf48p-24, "-1e-07"},
        {0x1.b7cdfd9d7bdbbp-34, "1e-10"},
        {0x1.bff2ee48e0530p-333, "1e-100"},
        {0x1.0f0cf064dd592p+73, "1e+22"},
        {0x1.52d02c7e14af6p+76, "1e+23"},
        /* where integers stop being exact */
        {0x1.fffffffffffffp+52, "9007199254740991.0"},
        {0x1.0000000000000p+53, "9007199254740992.0"},
        {0x1.0000000000001p+53, "9007199254740994.0"},
        {0x1.b69b4ba630f35p+56, "1.2345678901234568e+17"},
        /* halfway between two last digits: the even one */
        {0x1.0000000000001p+50, "1125899906842624.2"},
        {0x1.0000000000003p+50, "1125899906842624.8"},
        /* powers of two: the neighbours are not equally far */
        {0x1.0000000000000p-7, "0.0078125"},
        {0x1.0000000000000p-14, "6.103515625e-05"},
        {0x1.0000000000000p-25, "2.9802322387695312e-08"},
        {0x1.0000000000000p-44, "5.684341886080802e-14"},
        {0x1.0000000000000p+62, "4.611686018427388e+18"},
        {0x1.0000000000000p+70, "1.1805916207174113e+21"},
        {0x1.0000000000000p+1023, "8.98846567431158e+307"},
        /* the ends of the range */
        {0x1.fffffffffffffp+1023, "1.7976931348623157e+308"},
        {0x1.fffffffffffffp-1022, "4.4501477170144023e-308"},
        {0x1.0000000000000p-1022, "2.2250738585072014e-308"},
        {0x0.fffffffffffffp-1022, "2.225073858507201e-308"},
        {0x0.0000000000002p-1022, "1e-323"},
        {0x0.0000000000001p-1022, "5e-324"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        char text[EVENTURE__DOUBLE_BYTES];
        size_t len = eventure__format_double(text, cases[i].value);
        ck_assert_str_eq(text, cases[i].text);
        ck_assert_uint_eq(len, strlen(cases[i].text));
    }
}
END_TEST

/* Returns the number of significant digits in the text of a double. */
static int digits_in(const char *text)
{
    int count = 0;
    int zeros = 0; /* trailing zeros, which are not significant */
    for (; *text != '\0' && *text != 'e'; text++)
    {
        if (*text < '0' || *text > '9' || (count == 0 && *text == '0'))
            continue;
        count++;
        zeros = *text == '0' ? zeros + 1 : 0;
    }
    return count - zeros;
}

/* Checks that the text reads back as the same double, and that the C library finds no shorter text that does. */
static void check_shortest(double value)
{
    char text[EVENTURE__DOUBLE_BYTES];
    char shorter[64];
    double back = 0;
    eventure__format_double(text, value);
    ck_assert_msg(same_bits(strtod(text, NULL), value), "%s for %a does not read back", text, value);
    ck_assert_msg(eventure__parse_double(text, strlen(text), &back) && same_bits(back, value), "%s for %a", text,
                  value);
    int digits = digits_in(text);
    if (digits > 1)
    {
        snprintf(shorter, sizeof shorter, "%.*e", digits - 2, value);
        ck_assert_msg(strtod(shorter, NULL) != value, "%s is shorter than %s", shorter, text);
    }
    snprintf(shorter, sizeof shorter, "%.*e", digits > 0 ? digits - 1 : 0, value);
    bool power_of_two = frexp(value, &(int){0}) == 0.5;
    ck_assert_msg(power_of_two || strtod(shorter, NULL) == strtod(text, NULL), "%s is nearer than %s", shorter, text);
}

START_TEST(any_double_takes_the_fewest_digits_that_read_back)
{
    uint64_t state = 88172645463325252U;
    for (int i = 0; i < rounds(60000); i++)
    {
        uint64_t bits = harness_random(&state, UINT64_MAX);
        if ((bits >> 52 & 0x7FF) != 0x7FF)
            check_shortest(from_bits(bits));
    }
}
END_TEST

START_TEST(time_stamps_take_the_fewest_digits_that_read_back)
{
    uint64_t state = 1;
    for (int i = 0; i < rounds(60000); i++)
        check_shortest(1.6e9 + (double)(harness_random(&state, UINT64_MAX) >> 11) / 9007199254740992.0 * 2e8);
}
END_TEST

START_TEST(doubles_beside_powers_of_two_take_the_fewest_digits_that_read_back)
{
    for (uint64_t exponent = 0; exponent < 0x7FF; exponent++)
    {
        for (uint64_t beside = 0; beside < 3; beside++)
            check_shortest(from_bits((exponent << 52) + beside));
        if (exponent > 0)
            check_shortest(from_bits((exponent << 52) - 1));
    }
}
END_TEST

START_TEST(short_fractions_come_back_as_they_were_written)
{
    uint64_t state = 7;
    for (int i = 0; i < rounds(60000); i++)
    {
        char written[64];
        char text[EVENTURE__DOUBLE_BYTES];
        long long whole = (long long)(harness_random(&state, UINT64_MAX) % 10000000);
        long long fraction = (long long)(harness_random(&state, UINT64_MAX) % 1000000);
        int len = snprintf(written, sizeof written, "%lld.%06lld", whole, fraction);
        while (written[len - 1] == '0' && written[len - 2] != '.')
            written[--len] = '\0';
        if (whole == 0 && fraction < 100)
            continue;
        eventure__format_double(text, strtod(written, NULL));
        ck_assert_str_eq(text, written);
    }
}
END_TEST
