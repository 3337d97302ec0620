/*
 * Formats a double as the shortest decimal that converts back to the same double, in the spelling of Python's repr.
 *
 * Both implementations use the free-format algorithm of Steele and White ("How to Print Floating-Point Numbers
 * Accurately"): the value is remainder / scale, and digits are generated until the rest is smaller than half the
 * distance to the next double. For typical values (timestamps, prices) the fraction has so few bits that 64-bit
 * integers suffice, which takes some 40 ns. Other values need integers of up to 1,200 bits.
 */
#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define HIDDEN_BIT (UINT64_C(1) << 52)
#define MOST_DIGITS 17

typedef struct parts
{
    bool negative;
    uint64_t mantissa; /* the value is mantissa × 2^exponent */
    int exponent;
} parts;

static parts take_apart(double value)
{
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    parts result = {bits >> 63 != 0, bits & (HIDDEN_BIT - 1), (int)(bits >> 52 & 0x7FFU) - 1075};
    if (result.exponent == -1075)
        result.exponent++;
    else
        result.mantissa |= HIDDEN_BIT;
    return result;
}

/* For exponents from -59 to -1: writes the integer part, a point, and the digits of a fraction that is not 0.
 *
 * The fraction has at most -exponent digits, so the loop ends after as many. The midpoint between two doubles has one
 * digit more. So no comparison with half a distance meets the midpoint, and how it would be rounded does not matter. */
static size_t format_short_fraction(char *out, uint64_t mantissa, int exponent)
{
    unsigned fraction_bits = (unsigned)-exponent;
    uint64_t one = UINT64_C(2) << fraction_bits; /* all values are doubled, so that half of a distance is an integer */
    uint64_t rest = (mantissa << 1) & (one - 1);
    uint64_t half = 1;
    size_t len = eventure__format_int(out, (int64_t)(mantissa >> fraction_bits));
    out[len++] = '.';
    for (;;)
    {
        rest *= 10;
        half *= 10;
        int digit = (int)(rest >> (fraction_bits + 1));
        rest &= one - 1;
        bool low = rest < half;
        bool high = rest + half > one;
        if (low || high)
        {
            if (!low || (high && (rest > one / 2 || (rest == one / 2 && digit % 2 == 1))))
                digit++;
            out[len++] = (char)('0' + digit);
            return len;
        }
        out[len++] = (char)('0' + digit);
    }
}

#define LIMBS 40

/* A natural number, least significant limb first; count excludes leading zero limbs. */
typedef struct natural
{
    uint32_t limbs[LIMBS];
    int count;
} natural;

static void multiply(natural *number, uint32_t factor)
{
    uint64_t carry = 0;
    for (int i = 0; i < number->count; i++)
    {
        carry += (uint64_t)number->limbs[i] * factor;
        number->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry > 0)
        number->limbs[number->count++] = (uint32_t)carry;
}

static void multiply_power_of_ten(natural *number, int power)
{
    for (; power >= 9; power -= 9)
        multiply(number, 1000000000U);
    for (; power > 0; power--)
        multiply(number, 10U);
}

/* mantissa × 2^shift */
static natural shifted(uint64_t mantissa, int shift)
{
    natural result = {{0}, shift / 32};
    int bits = shift % 32;
    uint32_t low = (uint32_t)mantissa;
    uint32_t high = (uint32_t)(mantissa >> 32);
    result.limbs[result.count++] = low << bits;
    result.limbs[result.count++] = bits == 0 ? high : high << bits | low >> (32 - bits);
    result.limbs[result.count++] = bits == 0 ? 0 : high >> (32 - bits);
    while (result.count > 0 && result.limbs[result.count - 1] == 0)
        result.count--;
    return result;
}

static int compare(const natural *a, const natural *b)
{
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    for (int i = a->count - 1; i >= 0; i--)
    {
        if (a->limbs[i] != b->limbs[i])
            return a->limbs[i] < b->limbs[i] ? -1 : 1;
    }
    return 0;
}

/* Compares a + b with c. */
static int compare_sum(const natural *a, const natural *b, const natural *c)
{
    natural sum = *a;
    uint64_t carry = 0;
    int count = a->count > b->count ? a->count : b->count;
    for (int i = 0; i < count; i++)
    {
        carry += i < a->count ? a->limbs[i] : 0U;
        carry += i < b->count ? b->limbs[i] : 0U;
        sum.limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    sum.count = count;
    if (carry > 0)
        sum.limbs[sum.count++] = (uint32_t)carry;
    return compare(&sum, c);
}

/* a -= b, where a >= b */
static void subtract(natural *a, const natural *b)
{
    uint64_t borrow = 0;
    for (int i = 0; i < a->count; i++)
    {
        uint64_t taken = borrow + (i < b->count ? b->limbs[i] : 0U);
        borrow = a->limbs[i] < taken ? 1 : 0;
        a->limbs[i] = (uint32_t)(a->limbs[i] - taken);
    }
    while (a->count > 0 && a->limbs[a->count - 1] == 0)
        a->count--;
}

/* The value that remains to be written: rest / scale. below and above are half the distances to the neighbouring
 * doubles. */
typedef struct fraction
{
    natural rest;
    natural scale;
    natural below;
    natural above;
    bool even; /* a decimal at exactly half the distance also converts back to this double */
} fraction;

static fraction make_fraction(const parts *value)
{
    /* Below a power of two doubles are twice as dense, except below the smallest normal number. */
    int uneven = value->mantissa == HIDDEN_BIT && value->exponent > -1074 ? 1 : 0;
    int up = value->exponent > 0 ? value->exponent : 0;
    int down = value->exponent < 0 ? -value->exponent : 0;
    fraction result = {
        .rest = shifted(value->mantissa, up + 1 + uneven),
        .scale = shifted(1, down + 1 + uneven),
        .below = shifted(1, up),
        .above = shifted(1, up + uneven),
        .even = (value->mantissa & 1) == 0,
    };
    return result;
}

static bool reaches(const fraction *value)
{
    int order = compare_sum(&value->rest, &value->above, &value->scale);
    return order > 0 || (order == 0 && value->even);
}

/* Scales the value below 1. Returns the power of ten by which it was divided. */
static int scale_below_one(fraction *value, const parts *of)
{
    int bits = 0;
    while (of->mantissa >> bits > 1)
        bits++;
    /* The logarithm, rounded up. The estimate can be one too small, never too large. */
    double logarithm = (of->exponent + bits) * 0.30102999566398119521 - 1e-10;
    int power = (int)logarithm;
    if (logarithm > power)
        power++;
    if (power >= 0)
    {
        multiply_power_of_ten(&value->scale, power);
    }
    else
    {
        multiply_power_of_ten(&value->rest, -power);
        multiply_power_of_ten(&value->below, -power);
        multiply_power_of_ten(&value->above, -power);
    }
    if (reaches(value))
    {
        multiply(&value->scale, 10U);
        power++;
    }
    return power;
}

/* Writes the digits of 0.d1d2d3... Returns their number. */
static int take_digits(fraction *value, char digits[MOST_DIGITS + 1])
{
    int count = 0;
    for (;;)
    {
        multiply(&value->rest, 10U);
        multiply(&value->below, 10U);
        multiply(&value->above, 10U);
        int digit = 0;
        while (compare(&value->rest, &value->scale) >= 0)
        {
            subtract(&value->rest, &value->scale);
            digit++;
        }
        int order = compare(&value->rest, &value->below);
        bool low = order < 0 || (order == 0 && value->even);
        bool high = reaches(value);
        if (low || high)
        {
            int middle = compare_sum(&value->rest, &value->rest, &value->scale);
            if (!low || (high && (middle > 0 || (middle == 0 && digit % 2 == 1))))
                digit++;
            digits[count++] = (char)('0' + digit);
            return count;
        }
        digits[count++] = (char)('0' + digit);
    }
}

/* Formats 0.d1d2d3... × 10^point. */
static size_t spell(char *out, const char *digits, int count, int point)
{
    char *at = out;
    if (point < -3 || point > 16)
    {
        int exponent = point - 1;
        *at++ = digits[0];
        if (count > 1)
        {
            *at++ = '.';
            memcpy(at, digits + 1, (size_t)count - 1);
            at += count - 1;
        }
        *at++ = 'e';
        *at++ = exponent < 0 ? '-' : '+';
        exponent = exponent < 0 ? -exponent : exponent;
        if (exponent < 10)
            *at++ = '0';
        return (size_t)(at - out) + eventure__format_int(at, exponent);
    }
    for (int zeros = point; zeros < 1; zeros++)
    {
        *at++ = '0';
        if (zeros == point)
            *at++ = '.';
    }
    for (int i = 0; i < count; i++)
    {
        if (i > 0 && i == point)
            *at++ = '.';
        *at++ = digits[i];
    }
    if (point >= count)
    {
        memset(at, '0', (size_t)(point - count));
        at += point - count;
        *at++ = '.';
        *at++ = '0';
    }
    return (size_t)(at - out);
}

size_t eventure__format_double(char out[EVENTURE__DOUBLE_BYTES], double value)
{
    parts split = take_apart(value);
    size_t len = 0;
    if (split.negative)
        out[len++] = '-';
    double magnitude = split.negative ? -value : value;
    if (magnitude <= 9007199254740992.0 && magnitude == (double)(int64_t)magnitude)
    {
        len += eventure__format_int(out + len, (int64_t)magnitude);
        memcpy(out + len, ".0", 2);
        len += 2;
    }
    else if (split.exponent >= -59 && split.exponent < 0 && split.mantissa != HIDDEN_BIT)
    {
        len += format_short_fraction(out + len, split.mantissa, split.exponent);
    }
    else
    {
        char digits[MOST_DIGITS + 1];
        fraction under_way = make_fraction(&split);
        int point = scale_below_one(&under_way, &split);
        int count = take_digits(&under_way, digits);
        len += spell(out + len, digits, count, point);
    }
    out[len] = '\0';
    return len;
}

eventure__double_text eventure__double_name(double value)
{
    eventure__double_text name;
    if (isfinite(value))
        eventure__format_double(name.text, value);
    else
        snprintf(name.text, sizeof name.text, "%s", isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    return name;
}
