/*
 * Buffered output of the viewer to a FILE.
 *
 * Errors are sticky, as in base/buffer.h: after the first one nothing more is written, and callers check `status` at
 * suitable points.
 */
#ifndef EVENTURE_CASCADE_VIEWER_OUTPUT_H
#define EVENTURE_CASCADE_VIEWER_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <eventure/status.h>
#include <eventure/stream.h>

#include "base/buffer.h"
#include "base/error.h"

/* Styles of text, for coloured output. */
typedef enum eventure__style
{
    EVENTURE__STYLE_PLAIN,
    EVENTURE__STYLE_DIM,
    EVENTURE__STYLE_TICK,
    EVENTURE__STYLE_TYPE,
    EVENTURE__STYLE_ROOT,   /* symbol of an event without a cause */
    EVENTURE__STYLE_CAUSED, /* symbol of an event with a cause in an earlier tick */
    EVENTURE__STYLE_CHILD   /* symbol of an event with a cause in the same tick */
} eventure__style;

typedef struct eventure__output
{
    FILE *file; /* NULL: write is called */
    eventure_write_fn write;
    void *write_sink;
    eventure__error *error; /* receives the text of an error */
    bool color;
    eventure_status status;
    int64_t bytes_written;
    eventure__buffer pending;
    char *spaces; /* a long run of spaces, allocated on first use */
} eventure__output;

void eventure__output_bytes(eventure__output *output, const char *bytes, size_t len);

/* Inline, so that the compiler knows the length of a literal. */
static inline void eventure__output_text(eventure__output *output, const char *text)
{
    eventure__output_bytes(output, text, strlen(text));
}

void eventure__output_int(eventure__output *output, int64_t value);

/* Writes any number of spaces with bounded memory. */
void eventure__output_spaces(eventure__output *output, size_t count);

/*
 * Writes untrusted text so that it is harmless for a terminal. Written as \uXXXX: control characters other than tab
 * (U+0000 to U+001F, U+007F to U+009F), line and paragraph separators (U+2028, U+2029) and bidirectional
 * controls (U+202A to U+202E, U+2066 to U+2069). An invalid UTF-8 byte is written as \xXX.
 */
void eventure__output_escaped(eventure__output *output, const char *text, size_t len);

/* Changes the style of the following text. Has no effect without colour. */
void eventure__output_style(eventure__output *output, eventure__style style);

/* Writes the buffered text to the FILE, which is not flushed, and returns the status. */
eventure_status eventure__output_flush(eventure__output *output);

void eventure__output_free(eventure__output *output);

#endif
