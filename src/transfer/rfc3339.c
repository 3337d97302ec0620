/*
 * RFC 3339: see rfc3339.h. The calendar is the proleptic Gregorian one; days are counted in eras of 400 years that
 * begin on March 1, so that the leap day is the last day of its year.
 */
#include "transfer/rfc3339.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

#define DAYS_OF_ERA 146097
#define DAYS_TO_EPOCH 719468 /* days from March 1 of the year 0 */
#define SECONDS_OF_DAY 86400
#define FIRST_SECOND (-62167219200.0) /* of the year 0000 */
#define LAST_SECOND 253402300799.0    /* of the year 9999 */

static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_OF_ERA + day_of_era - DAYS_TO_EPOCH;
}

static void date_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
    days += DAYS_TO_EPOCH;
    int64_t era = (days >= 0 ? days : days - (DAYS_OF_ERA - 1)) / DAYS_OF_ERA;
    int64_t day_of_era = days - era * DAYS_OF_ERA;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153; /* months since March */
    *day = day_of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

/* Replaces the digits of a fraction by those of 1 minus the fraction. Returns false, and changes nothing, for 0. */
static bool complement(char *digits, size_t len)
{
    while (len > 0 && digits[len - 1] == '0')
        len--;
    if (len == 0)
        return false;
    for (size_t i = 0; i < len; i++)
        digits[i] = (char)('0' + '9' - digits[i]);
    digits[len - 1]++;
    return true;
}

/* Writes the digits behind the point of a number of eventure__format_double that is below 10^16, and a NUL; none for a
 * whole number. Returns false when there are too many. */
static bool take_fraction(const char *number, char out[EVENTURE__RFC3339_FRACTION_DIGITS + 1])
{
    const char *exponent = strchr(number, 'e'); /* then it is below 1, and its digits follow zeros */
    const char *at = exponent != NULL ? number : number + strcspn(number, ".") + 1;
    size_t zeros = exponent != NULL ? strtoul(exponent + strlen("e-"), NULL, 10) - 1 : 0;
    size_t len = 0;
    if (zeros > EVENTURE__RFC3339_FRACTION_DIGITS)
        return false;
    for (; len < zeros; len++)
        out[len] = '0';
    for (; *at != '\0' && *at != 'e'; at++)
    {
        if (*at == '.')
            continue;
        if (len == EVENTURE__RFC3339_FRACTION_DIGITS)
            return false;
        out[len++] = *at;
    }
    out[len == 1 && out[0] == '0' ? 0 : len] = '\0';
    return true;
}

bool eventure__rfc3339_has_year(double timestamp)
{
    return timestamp >= FIRST_SECOND && timestamp < LAST_SECOND + 1;
}

bool eventure__rfc3339_format_any(char out[EVENTURE__RFC3339_BYTES], double timestamp)
{
    char number[EVENTURE__DOUBLE_BYTES];
    char fraction[EVENTURE__RFC3339_FRACTION_DIGITS + 1];
    int64_t year = 0;
    int64_t month = 0;
    int64_t day = 0;
    if (!eventure__rfc3339_has_year(timestamp))
        return false;
    eventure__format_double(number, fabs(timestamp));
    if (!take_fraction(number, fraction))
        return false;
    const size_t fraction_len = strlen(fraction);
    if (timestamp < 0) /* the second begins before the time */
        complement(fraction, fraction_len);
    const int64_t seconds = (int64_t)floor(timestamp);
    const int64_t days = (seconds >= 0 ? seconds : seconds - (SECONDS_OF_DAY - 1)) / SECONDS_OF_DAY;
    const int of_day = (int)(seconds - days * SECONDS_OF_DAY);
    date_of(days, &year, &month, &day);
    int used = snprintf(out, EVENTURE__RFC3339_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d%s", (int)year, (int)month,
                        (int)day, of_day / 3600, of_day / 60 % 60, of_day % 60, fraction_len > 0 ? "." : "");
    memcpy(out + used, fraction, fraction_len);
    memcpy(out + used + fraction_len, "Z", 2);
    return true;
}

bool eventure__rfc3339_format(char out[EVENTURE__RFC3339_BYTES], double timestamp)
{
    return !signbit(timestamp) && timestamp <= LAST_SECOND && (timestamp == 0 || timestamp >= 1e-4) &&
           eventure__rfc3339_format_any(out, timestamp);
}

/* Parses exactly `digits` digits and the character that must follow them (0: any). */
static bool take(const char **at, const char *end, int digits, char sign, int64_t *out)
{
    int64_t value = 0;
    if (end - *at < digits + (sign != 0))
        return false;
    for (int i = 0; i < digits; i++, (*at)++)
    {
        if (**at < '0' || **at > '9')
            return false;
        value = value * 10 + (**at - '0');
    }
    *out = value;
    if (sign == 0)
        return true;
    return *(*at)++ == sign;
}

static bool is_day(int64_t year, int64_t month, int64_t day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 && day <= lengths[month - 1] + (month == 2 && leap);
}

/* Parses the offset at the end: the seconds to subtract. */
static bool take_offset(const char *at, const char *end, int64_t *out)
{
    int64_t hours = 0;
    int64_t minutes = 0;
    *out = 0;
    if (end - at == 1)
        return *at == 'Z' || *at == 'z';
    if (end - at != 6 || (*at != '+' && *at != '-'))
        return false;
    bool before = *at++ == '-';
    if (!take(&at, end, 2, ':', &hours) || !take(&at, end, 2, 0, &minutes) || hours > 23 || minutes > 59)
        return false;
    *out = (hours * 3600 + minutes * 60) * (before ? -1 : 1);
    return true;
}

/* Adds a fraction, which begins with its point, to whole seconds. The result is the double nearest to the decimal text.
 */
static bool add_fraction(int64_t seconds, const char *fraction, size_t len, double *out)
{
    char number[128];
    char digits[64]; /* far more than a double has */
    const bool is_negative = seconds < 0;
    if (len == 0)
    {
        *out = (double)seconds;
        return true;
    }
    len = len <= sizeof digits ? len - 1 : sizeof digits - 1;
    memcpy(digits, fraction + 1, len);
    if (is_negative && complement(digits, len))
        seconds++;
    int used = snprintf(number, sizeof number, "%s%lld.%.*s", is_negative ? "-" : "", llabs(seconds), (int)len, digits);
    return eventure__parse_double(number, (size_t)used, out);
}

bool eventure__rfc3339_parse(const char *text, size_t len, double *out)
{
    const char *at = text;
    const char *end = text + len;
    int64_t year = 0;
    int64_t month = 0;
    int64_t day = 0;
    int64_t hour = 0;
    int64_t minute = 0;
    int64_t second = 0;
    int64_t offset = 0;
    if (!take(&at, end, 4, '-', &year) || !take(&at, end, 2, '-', &month) || !take(&at, end, 2, 0, &day) || at == end ||
        (*at != 'T' && *at != 't' && *at != ' '))
        return false;
    at++;
    if (!take(&at, end, 2, ':', &hour) || !take(&at, end, 2, ':', &minute) || !take(&at, end, 2, 0, &second))
        return false;
    if (!is_day(year, month, day) || hour > 23 || minute > 59 || second > 60)
        return false;
    const char *fraction = at;
    if (at < end && *at == '.')
    {
        at++;
        while (at < end && *at >= '0' && *at <= '9')
            at++;
        if (at - fraction == 1)
            return false;
    }
    size_t fraction_len = (size_t)(at - fraction);
    if (!take_offset(at, end, &offset))
        return false;
    int64_t seconds = days_of(year, month, day) * SECONDS_OF_DAY + hour * 3600 + minute * 60 + second - offset;
    return add_fraction(seconds, fraction, fraction_len, out);
}
