/*
 * Where the viewer writes: text is gathered and handed to a FILE in large pieces, checked.
 *
 * Errors stick, as in base/buffer.h: after the first one nothing more is written, and `status` is asked now and then.
 */
#ifndef EVENTURE_CASCADE_OUTPUT_H
#define EVENTURE_CASCADE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <eventure/status.h>
#include <eventure/stream.h>

#include "base/buffer.h"
#include "base/error.h"

/* What text looks like when there is colour. */
typedef enum eventure__style
{
    EVENTURE__STYLE_PLAIN,
    EVENTURE__STYLE_DIM,
    EVENTURE__STYLE_TICK,
    EVENTURE__STYLE_TYPE,
    EVENTURE__STYLE_ROOT,   /* the symbols of an event without a cause, */
    EVENTURE__STYLE_CAUSED, /* of one that an earlier tick caused, */
    EVENTURE__STYLE_CHILD   /* and of one that its own tick caused */
} eventure__style;

typedef struct eventure__output
{
    FILE *file; /* NULL: write is called */
    eventure_write_fn write;
    void *write_sink;
    eventure__error *error; /* where the text of an error goes */
    bool colour;
    eventure_status status;
    int64_t bytes_written;
    eventure__buffer pending;
    char *spaces; /* a long run of them, made when it is first needed */
} eventure__output;

void eventure__output_bytes(eventure__output *output, const char *bytes, size_t len);

/* Inline, so that the length of a literal is known when it is compiled. */
static inline void eventure__output_text(eventure__output *output, const char *text)
{
    eventure__output_bytes(output, text, strlen(text));
}

void eventure__output_int(eventure__output *output, int64_t value);

/* Any number of spaces: they are never held in memory at once. */
void eventure__output_spaces(eventure__output *output, size_t count);

/*
 * Text that somebody else chose, made harmless for a terminal. Shown as \uXXXX: control characters other than tab
 * (U+0000 to U+001F, U+007F to U+009F), line and paragraph separators (U+2028, U+2029) and those that turn the
 * direction of writing (U+202A to U+202E, U+2066 to U+2069). A byte that is no UTF-8 is shown as \xXX.
 */
void eventure__output_escaped(eventure__output *output, const char *text, size_t len);

/* Changes what the text looks like from here on; nothing without colour. */
void eventure__output_style(eventure__output *output, eventure__style style);

/* Hands over what is pending (to the FILE, which is not flushed itself), and returns the status. */
eventure_status eventure__output_flush(eventure__output *output);

void eventure__output_free(eventure__output *output);

#endif
