/*
 * Times on the command line: see time_option.h.
 */
#include "time_option.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/time.h>

#include "base/clock.h"

/* The length of a date of RFC 3339: YYYY-MM-DD. */
#define DATE_BYTES 10

static double unit_of(char letter)
{
    switch (letter)
    {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    case 'w':
        return 7 * 86400;
    default:
        return 0;
    }
}

const char *time_option_read_length(const char *value, double *out_seconds)
{
    static const char wrong[] = "is not a length of time such as 90s, 5m, 2h, 30d, 1w or 1h30m";
    double seconds = 0;
    const char *at = value;
    if (*at == '\0')
        return wrong;
    while (*at != '\0')
    {
        size_t digits = strspn(at, "0123456789.");
        char *end = NULL;
        double count = strtod(at, &end);
        double unit = unit_of(at[digits]);
        if (digits == 0 || end != at + digits || unit == 0)
            return wrong;
        seconds += count * unit;
        at = end + 1;
    }
    if (!isfinite(seconds))
        return "is too long";
    *out_seconds = seconds;
    return NULL;
}

/* Reads a text that must be one decimal number. */
static bool read_seconds(const char *text, double *out)
{
    char *end = NULL;
    if (text[strspn(text, "+-.0123456789eE")] != '\0' || text[strcspn(text, "0123456789")] == '\0')
        return false;
    *out = strtod(text, &end);
    return *end == '\0' && isfinite(*out);
}

const char *time_option_read(const char *value, double *out_timestamp)
{
    char midnight[DATE_BYTES + sizeof "T00:00:00Z"];
    double ago = 0;
    size_t len = strlen(value);
    if (read_seconds(value, out_timestamp) || eventure_time_from_text(value, len, out_timestamp) == EVENTURE_OK)
        return NULL;
    if (len == DATE_BYTES)
    {
        snprintf(midnight, sizeof midnight, "%sT00:00:00Z", value);
        if (eventure_time_from_text(midnight, strlen(midnight), out_timestamp) == EVENTURE_OK)
            return NULL;
    }
    if (value[0] == '-' && time_option_read_length(value + 1, &ago) == NULL)
    {
        *out_timestamp = eventure__clock_now() - ago;
        return NULL;
    }
    return "is not a time such as 2021-03-01T10:00:00Z (RFC 3339), 2021-03-01 (a date, UTC), 1614592800 (seconds since "
           "1970), "
           "or -2h (two hours ago; s, m, h, d, w)";
}
