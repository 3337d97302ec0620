/*
 * JSON numbers as values.
 *
 * A JSON number is parsed into D × 10^(scale + E). D are the digits from the first to the last that is not 0. E is the
 * exponent as written, of any length. All arithmetic on exponents is exact: an E of up to 18 digits plus any scale fits
 * an int64_t. To a longer E, which exceeds any scale, nothing is added.
 */
#include "base/number.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

/* Exponents of more digits than this are handled as text. */
#define SHORT_EXPONENT_DIGITS 18

typedef struct literal
{
    bool negative;
    const char *digits; /* D, possibly with a decimal point inside */
    const char *digits_end;
    size_t digits_count; /* without the point; 0 for the number zero */
    int64_t scale;
    bool exponent_negative;
    const char *exponent; /* the digits of E without leading zeros */
    size_t exponent_len;
} literal;

static literal take_apart(const char *text, size_t len)
{
    literal number = {0};
    const char *end = text + len;
    const char *at = text;
    if (at < end && *at == '-')
    {
        number.negative = true;
        at++;
    }
    const char *point = NULL;
    const char *last = NULL; /* the last digit that is not 0 */
    for (; at < end && *at != 'e' && *at != 'E'; at++)
    {
        if (*at == '.')
        {
            point = at;
        }
        else if (*at != '0')
        {
            last = at;
            if (number.digits == NULL)
                number.digits = at;
        }
    }
    if (number.digits == NULL)
        return number;
    if (point == NULL)
        point = at;
    number.digits_end = last + 1;
    number.digits_count = (size_t)(last + 1 - number.digits) - (number.digits < point && point < last ? 1 : 0);
    number.scale = last < point ? point - last - 1 : -(last - point);

    if (at < end)
        at++;
    if (at < end && (*at == '-' || *at == '+'))
        number.exponent_negative = *at++ == '-';
    while (at < end && *at == '0')
        at++;
    number.exponent = at;
    /* Accepts only digits, because E is used in place and a corrupt file can contain any text. */
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    number.exponent_len = (size_t)(at - number.exponent);
    return number;
}

/* Returns scale + E for a short E; otherwise a value with the sign of E that exceeds the range of doubles and integers.
 */
static int64_t exponent_of(const literal *number)
{
    int64_t exponent = 0;
    if (number->exponent_len > SHORT_EXPONENT_DIGITS)
        return number->exponent_negative ? INT64_MIN / 2 : INT64_MAX / 2;
    for (size_t i = 0; i < number->exponent_len; i++)
        exponent = exponent * 10 + (number->exponent[i] - '0');
    return number->scale + (number->exponent_negative ? -exponent : exponent);
}

/* Returns D as an integer. D must have at most 19 digits. */
static uint64_t mantissa_of(const literal *number)
{
    uint64_t mantissa = 0;
    for (const char *at = number->digits; at < number->digits_end; at++)
    {
        if (*at != '.')
            mantissa = mantissa * 10 + (uint64_t)(*at - '0');
    }
    return mantissa;
}

bool eventure__parse_int(const char *text, size_t len, int64_t *out)
{
    literal number = take_apart(text, len);
    uint64_t magnitude = 0;
    if (number.digits_count > 0)
    {
        int64_t exponent = exponent_of(&number);
        if (exponent < 0 || exponent > 18 || number.digits_count + (size_t)exponent > 19)
            return false;
        magnitude = mantissa_of(&number);
        for (; exponent > 0; exponent--)
            magnitude *= 10;
    }
    if (magnitude > (uint64_t)INT64_MAX + (number.negative ? 1 : 0))
        return false;
    *out = number.negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

/*
 * Digits beyond this number do not change the nearest double, except by being all zero or not: no double, and no
 * midpoint between two doubles, has more than 767 significant digits.
 */
#define DOUBLE_DIGITS_MAX 800

/* Calls strtod with digits and an exponent, without a decimal point, so that the result does not depend on the locale.
 */
static double parse_with_strtod(const literal *number, int64_t exponent)
{
    char text[DOUBLE_DIGITS_MAX + 2 * EVENTURE__INT_BYTES];
    size_t used = 0;
    size_t digits = 0;
    if (number->negative)
        text[used++] = '-';
    for (const char *at = number->digits; at < number->digits_end && digits < DOUBLE_DIGITS_MAX; at++)
    {
        if (*at == '.')
            continue;
        text[used++] = *at;
        digits++;
    }
    exponent += (int64_t)(number->digits_count - digits);
    if (digits < number->digits_count)
    {
        text[used++] = '1';
        exponent--;
    }
    if (exponent > 99999)
        exponent = 99999;
    if (exponent < -99999)
        exponent = -99999;
    text[used++] = 'e';
    eventure__format_int(text + used, exponent);
    return strtod(text, NULL);
}

bool eventure__parse_double(const char *text, size_t len, double *out)
{
    literal number = take_apart(text, len);
    if (number.digits_count == 0)
    {
        *out = number.negative ? -0.0 : 0.0;
        return true;
    }
    int64_t exponent = exponent_of(&number);
#if FLT_EVAL_METHOD == 0
    /* An integer up to 2^53 and a power of ten up to 10^22 are exact doubles, so that one operation rounds once. */
    if (number.digits_count <= 16 && exponent >= -22 && exponent <= 22)
    {
        static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
        uint64_t mantissa = mantissa_of(&number);
        if (mantissa <= UINT64_C(1) << 53)
        {
            double value = (double)mantissa;
            value = exponent < 0 ? value / powers[-exponent] : value * powers[exponent];
            *out = number.negative ? -value : value;
            return true;
        }
    }
#endif
    double value = parse_with_strtod(&number, exponent);
    if (!isfinite(value))
        return false;
    *out = value;
    return true;
}

void eventure__canonical_number(const char *text, size_t len, eventure__buffer *out)
{
    literal number = take_apart(text, len);
    if (number.digits_count == 0)
    {
        eventure__buffer_append_char(out, '0');
        return;
    }
    const bool has_long_exponent = number.exponent_len > SHORT_EXPONENT_DIGITS;
    if (has_long_exponent && number.scale != 0)
    {
        eventure__buffer_append(out, text, (size_t)(number.exponent + number.exponent_len - text));
        return;
    }
    if (!eventure__buffer_reserve(out, number.digits_count + 3))
        return;
    if (number.negative)
        out->bytes[out->len++] = '-';
    for (const char *at = number.digits; at < number.digits_end; at++)
    {
        if (*at != '.')
            out->bytes[out->len++] = *at;
    }
    out->bytes[out->len++] = 'e';
    if (has_long_exponent && number.exponent_negative)
        out->bytes[out->len++] = '-';
    if (has_long_exponent)
        eventure__buffer_append(out, number.exponent, number.exponent_len);
    else
        eventure__buffer_append_int(out, exponent_of(&number));
}
