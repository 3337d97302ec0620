/*
 * Times of other programs: see foreign_time.h.
 */
#include "transfer/foreign_time.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "transfer/rfc3339.h"

#define TEXT_BYTES 128

static const char *const unit_names[] = {"", "seconds", "milliseconds", "microseconds", "nanoseconds", ""};
static const int unit_digits[] = {0, 0, 3, 6, 9, 0};

static eventure_status fail(eventure__error *error, const char *text, size_t len, const char *wanted)
{
    return eventure__fail(error, EVENTURE_ERROR_JSON, "time is %s, %s", eventure__quote(text, len).text, wanted);
}

/* A date with or without a time of day and an offset; the defaults are midnight and UTC. */
static bool read_date(const char *text, size_t len, double *out)
{
    static const char *const ends[] = {"", "Z", "T00:00:00Z"};
    char whole[TEXT_BYTES];
    if (len > sizeof whole - 12)
        return eventure__rfc3339_parse(text, len, out);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    {
        memcpy(whole, text, len);
        memcpy(whole + len, ends[i], strlen(ends[i]));
        if (eventure__rfc3339_parse(whole, len + strlen(ends[i]), out))
            return true;
    }
    return false;
}

/* Whether text is a number of JSON. EVENTURE_ERROR_MEMORY. */
static eventure_status check_number(const char *text, size_t len, bool *out_is_number, eventure__error *error)
{
    eventure__buffer compact = {0};
    *out_is_number = false;
    if (len == 0 || (*text != '-' && !(*text >= '0' && *text <= '9')))
        return EVENTURE_OK;
    const eventure_status status = eventure__json_compact(text, len, 0, &compact, NULL);
    eventure__buffer_free(&compact);
    *out_is_number = status == EVENTURE_OK;
    return status == EVENTURE_ERROR_MEMORY ? eventure__fail(error, status, "out of memory") : EVENTURE_OK;
}

static eventure_time_format unit_of(double number)
{
    const double size = fabs(number);
    return size < 1e11   ? EVENTURE_TIME_SECONDS
           : size < 1e14 ? EVENTURE_TIME_MILLISECONDS
           : size < 1e17 ? EVENTURE_TIME_MICROSECONDS
                         : EVENTURE_TIME_NANOSECONDS;
}

/* Moves the decimal point in the text, so that the value is rounded once. */
bool eventure__parse_scaled(const char *text, size_t len, int digits, double *out)
{
    char scaled[TEXT_BYTES];
    if (!eventure__parse_double(text, len, out))
        return false;
    if (digits == 0)
        return true;
    if (len > sizeof scaled - 8 || memchr(text, 'e', len) != NULL || memchr(text, 'E', len) != NULL)
    {
        *out /= pow(10, digits);
        return true;
    }
    const int written = snprintf(scaled, sizeof scaled, "%.*se-%d", (int)len, text, digits);
    return eventure__parse_double(scaled, (size_t)written, out);
}

static eventure_status read_number(eventure__foreign_time *times, const char *text, size_t len, double *out,
                                   eventure__error *error)
{
    double number = 0;
    eventure_time_format unit = times->format;
    if (!eventure__parse_double(text, len, &number))
        return fail(error, text, len, "too large for a double");
    if (unit == EVENTURE_TIME_AUTO)
    {
        unit = unit_of(number);
        if (number != 0 && times->found != EVENTURE_TIME_AUTO && unit != times->found)
            return eventure__fail(
                error, EVENTURE_ERROR_JSON,
                "time is %s, which looks like %s, and the times before it like %s: say which they are "
                "(time_format)",
                eventure__quote(text, len).text, unit_names[unit], unit_names[times->found]);
        if (number != 0)
            times->found = unit;
    }
    return eventure__parse_scaled(text, len, unit_digits[unit], out) ? EVENTURE_OK
                                                                     : fail(error, text, len, "too large for a double");
}

eventure_status eventure__foreign_time_read(eventure__foreign_time *times, eventure__span value, double *out,
                                            eventure__error *error)
{
    const bool is_text = *value.at == '"';
    const char *text = is_text ? value.at + 1 : value.at;
    const size_t len = is_text ? value.len - 2 : value.len;
    if (*value.at == '{' || *value.at == '[' || *value.at == 't' || *value.at == 'f')
        return fail(error, value.at, value.len, "neither a number nor text");
    if (is_text && (times->format == EVENTURE_TIME_AUTO || times->format == EVENTURE_TIME_RFC3339) &&
        read_date(text, len, out))
        return EVENTURE_OK;
    if (times->format == EVENTURE_TIME_RFC3339)
        return fail(error, text, len, "not a date and time of RFC 3339");
    bool is_number = !is_text;
    const eventure_status status = is_text ? check_number(text, len, &is_number, error) : EVENTURE_OK;
    if (status != EVENTURE_OK)
        return status;
    if (!is_number)
        return fail(error, text, len,
                    times->format == EVENTURE_TIME_AUTO ? "neither a number nor a date and time of RFC 3339"
                                                        : "not a number");
    return read_number(times, text, len, out, error);
}
