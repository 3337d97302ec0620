/*
 * Times as text, for callers: see eventure/time.h.
 */
#include <eventure/time.h>

#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "transfer/rfc3339.h"

_Static_assert(EVENTURE_TIME_BYTES == EVENTURE__RFC3339_BYTES, "a text of RFC 3339 fits the caller's buffer");

eventure_status eventure_time_from_text(const char *text, size_t len, double *out_timestamp)
{
    double timestamp = 0;
    if (text == NULL || out_timestamp == NULL)
        return eventure__fail_argument(__func__);
    if (!eventure__rfc3339_parse(text, len, &timestamp))
        return eventure__fail(NULL, EVENTURE_ERROR_ARGUMENT, "read a time: %s is not a time of RFC 3339",
                              eventure__quote(text, len).text);
    *out_timestamp = timestamp;
    return EVENTURE_OK;
}

eventure_status eventure_time_to_text(double timestamp, char out_text[EVENTURE_TIME_BYTES])
{
    char text[EVENTURE__RFC3339_BYTES];
    if (out_text == NULL)
        return eventure__fail_argument(__func__);
    if (!eventure__rfc3339_has_year(timestamp))
        return eventure__fail(NULL, EVENTURE_ERROR_ARGUMENT, "write a time: %s is not in the years 0000 to 9999",
                              eventure__double_name(timestamp).text);
    if (!eventure__rfc3339_format_any(text, timestamp))
        return eventure__fail(NULL, EVENTURE_ERROR_ARGUMENT, "write a time: %s has more than %d digits after the point",
                              eventure__double_name(timestamp).text, EVENTURE__RFC3339_FRACTION_DIGITS);
    memcpy(out_text, text, strlen(text) + 1);
    return EVENTURE_OK;
}
