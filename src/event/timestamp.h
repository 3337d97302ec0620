/*
 * The timestamp of an event: seconds as a double, and the original integer if it was written as an integer.
 *
 * Comparisons and computations use the double. The integer is stored so that an export reproduces the imported text,
 * and because a double cannot represent every integer of more than 53 bits.
 */
#ifndef EVENTURE_EVENT_TIMESTAMP_H
#define EVENTURE_EVENT_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

#include <eventure/event.h>

#include "base/number.h"
#include "base/sha512.h"

typedef struct eventure__timestamp
{
    double seconds;
    bool is_integer;
    int64_t integer;
} eventure__timestamp;

/* SQLite does not distinguish -0 and 0, and neither does this type. */
static inline eventure__timestamp eventure__timestamp_of_double(double seconds)
{
    return (eventure__timestamp){seconds == 0 ? 0 : seconds, false, 0};
}

static inline eventure__timestamp eventure__timestamp_of_integer(int64_t integer)
{
    return (eventure__timestamp){(double)integer, true, integer};
}

static inline eventure__timestamp eventure__timestamp_of_event(const eventure_event *event)
{
    return event->timestamp_is_integer ? eventure__timestamp_of_integer(event->timestamp_integer)
                                       : eventure__timestamp_of_double(event->timestamp);
}

static inline void eventure__timestamp_give(eventure__timestamp timestamp, eventure_event *out)
{
    out->timestamp = timestamp.seconds;
    out->timestamp_is_integer = timestamp.is_integer;
    out->timestamp_integer = timestamp.integer;
}

/* Writes the timestamp as a JSON number, as eventure__format_double does. Returns its length. */
size_t eventure__timestamp_format(char out[EVENTURE__DOUBLE_BYTES], const eventure_event *event);

/* Parses a JSON number. An integer that fits 64 bits is kept as an integer, except -0. Returns false when the number
 * exceeds the range of doubles. */
bool eventure__timestamp_parse(const char *text, size_t len, eventure__timestamp *out);

/* Adds the timestamp to a digest: the double, so that equal times have equal digests. An integer that is not
 * representable as a double is added as an integer. */
void eventure__timestamp_digest(eventure__digest *digest, eventure__timestamp timestamp);

#endif
