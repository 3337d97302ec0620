/*
 * The timestamp of an event: seconds as a double, and the integer that it was written as, if it was one.
 *
 * Everything that compares or computes takes the double. The integer is kept so that an export gives the text that was
 * imported, and because an integer of more than 53 bits may be none that a double holds.
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

/* -0 and 0 are the same to SQLite, and so they are here. */
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

/* Writes the JSON number, as eventure__format_double does; returns its length. */
size_t eventure__timestamp_format(char out[EVENTURE__DOUBLE_BYTES], const eventure_event *event);

/* Reads a JSON number. An integer that fits 64 bits stays one, but for -0, which is no integer of its own. False when
 * it is too large for a double. */
bool eventure__timestamp_parse(const char *text, size_t len, eventure__timestamp *out);

/* Adds it to a digest: the double, so that equal times have equal digests. An integer that no double equals is added as
 * the integer that it is. */
void eventure__timestamp_digest(eventure__digest *digest, eventure__timestamp timestamp);

#endif
