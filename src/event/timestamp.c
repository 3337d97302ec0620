/*
 * Timestamps as text and in digests: see timestamp.h.
 */
#include "event/timestamp.h"

#include <string.h>

/* Every integer of at most this absolute value is exactly representable as a double. */
#define EXACT_MAX (INT64_C(1) << 53)

size_t eventure__timestamp_format(char out[EVENTURE__DOUBLE_BYTES], const eventure_event *event)
{
    return event->timestamp_is_integer ? eventure__format_int(out, event->timestamp_integer)
                                       : eventure__format_double(out, event->timestamp);
}

bool eventure__timestamp_parse(const char *text, size_t len, eventure__timestamp *out)
{
    double seconds = 0;
    int64_t integer = 0;
    bool has_fraction =
        memchr(text, '.', len) != NULL || memchr(text, 'e', len) != NULL || memchr(text, 'E', len) != NULL;
    bool is_minus_zero = len == 2 && memcmp(text, "-0", 2) == 0;
    if (!has_fraction && !is_minus_zero && eventure__parse_int(text, len, &integer))
    {
        *out = eventure__timestamp_of_integer(integer);
        return true;
    }
    if (!eventure__parse_double(text, len, &seconds))
        return false;
    *out = (eventure__timestamp){seconds, false, 0};
    return true;
}

/* Returns whether the integer is exactly representable as a double: it has at most 53 significant bits. */
static bool is_double(int64_t integer)
{
    uint64_t bits = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
    while (bits > (uint64_t)EXACT_MAX && (bits & 1) == 0)
        bits >>= 1;
    return bits <= (uint64_t)EXACT_MAX;
}

void eventure__timestamp_digest(eventure__digest *digest, eventure__timestamp timestamp)
{
    if (timestamp.is_integer && !is_double(timestamp.integer))
        eventure__digest_add_int(digest, timestamp.integer);
    else
        eventure__digest_add_double(digest, timestamp.seconds);
}
