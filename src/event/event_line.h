/*
 * Formatting and parsing of the JSON line of an event: `{"tick": …, "timestamp": …, "type": …, "data": {…}, "event_id":
 * …, "parent_id": …}`
 */
#ifndef EVENTURE_EVENT_EVENT_LINE_H
#define EVENTURE_EVENT_EVENT_LINE_H

#include <eventure/event.h>

#include "base/buffer.h"
#include "base/error.h"

/* Reusable memory for parsing lines. Zero-initialise it. */
typedef struct eventure__line
{
    eventure__buffer compact; /* the compact line; contains the unescaped texts of the event */
} eventure__line;

/* Parses a line into out_event, whose pointers are valid until the next call with this eventure__line; seq and
 * parent_seq are 0, and id and parent_id are NULL when the line has none. max_data_bytes and max_depth limit the data.
 * The error text names the value and the cause, without the line number. */
eventure_status eventure__line_parse(eventure__line *line, const char *text, size_t len, size_t max_data_bytes,
                                     int max_depth, eventure_event *out_event, eventure__error *error);
void eventure__line_free(eventure__line *line);

/* Appends the line without a line feed. An id that is NULL or empty becomes null. */
void eventure__line_format(const eventure_event *event, eventure__buffer *out);

#endif
