/*
 * Times as text, for callers: see eventure/time.h.
 */
#include <eventure/time.h>

#include <math.h>
#include <string.h>

#include "transfer/rfc3339.h"

eventure_status eventure_time_from_text(const char *text, size_t len, double *out_timestamp)
{
    double timestamp = 0;
    if (text == NULL || out_timestamp == NULL || !eventure__rfc3339_parse(text, len, &timestamp))
        return EVENTURE_ERROR_ARGUMENT;
    *out_timestamp = timestamp;
    return EVENTURE_OK;
}

eventure_status eventure_time_to_text(double timestamp, char out_text[EVENTURE_TIME_BYTES])
{
    char text[EVENTURE__RFC3339_BYTES];
    if (out_text == NULL || !isfinite(timestamp) || !eventure__rfc3339_format(text, timestamp))
        return EVENTURE_ERROR_ARGUMENT;
    size_t len = strlen(text);
    if (len >= EVENTURE_TIME_BYTES)
        return EVENTURE_ERROR_ARGUMENT;
    memcpy(out_text, text, len + 1);
    return EVENTURE_OK;
}
