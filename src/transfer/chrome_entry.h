/*
 * An entry of a Chrome trace, and its conversion to an event: the data contains the entry's arguments, and, as the last
 * member EVENTURE__CHROME_KEY, an object with everything that has no equivalent: the phase, the category, process and
 * thread, the duration in microseconds, and unknown members.
 */
#ifndef EVENTURE_TRANSFER_CHROME_ENTRY_H
#define EVENTURE_TRANSFER_CHROME_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "event/json.h"

#define EVENTURE__CHROME_KEY "trace"

/* Values are compact JSON; `at` is NULL where there is none. */
typedef struct eventure__chrome_entry
{
    eventure__span json; /* the whole entry */
    eventure__span name;
    eventure__span category;
    eventure__span process;
    eventure__span thread;
    eventure__span id;
    eventure__span arguments;
    eventure__span duration;
    eventure__span time;
    char phase; /* 0: none is given */
    bool binds_to_enclosing;
} eventure__chrome_entry;

/* Finds the members of an entry, a compact JSON object. */
void eventure__chrome_entry_read(eventure__span json, eventure__chrome_entry *out);

/* Reads a time of an entry, in microseconds, as nanoseconds. False when it is not a number, or out of range. */
bool eventure__chrome_time_ns(eventure__span value, int64_t *out);

/* The same as seconds. */
bool eventure__chrome_time(eventure__span value, double *out);

/* Appends the type of an entry: its name. An invalid name becomes "unnamed"; a name that is too long is truncated. */
void eventure__chrome_append_type(const eventure__chrome_entry *entry, eventure__buffer *out);

/* Appends the data of an entry. `end_arguments` are those of its end event, or empty; dur_ns is the duration of a slice
 * that has an end event, else -1. */
void eventure__chrome_append_data(const eventure__chrome_entry *entry, eventure__span end_arguments, int64_t dur_ns,
                                  eventure__buffer *out);

#endif
