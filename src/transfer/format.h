/*
 * The formats of export: a row of functions each. What they append to `out` is handed to the stream by export.c.
 */
#ifndef EVENTURE_TRANSFER_FORMAT_H
#define EVENTURE_TRANSFER_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include <eventure/transfer.h>

#include "base/buffer.h"
#include "base/error.h"

/* An export under way, as its format sees it. */
typedef struct eventure__writing
{
    eventure_reader *reader;
    eventure__error *error; /* the reader's */
    const eventure_export_options *options;
    eventure__buffer *out; /* that it has failed is noticed by export.c */
    bool whole;            /* every event is exported, as none is filtered away */
    void *state;           /* the format's own */
} eventure__writing;

typedef struct eventure__format
{
    const char *name;
    bool in_order; /* causes must come before their effects */
    /* Each may be NULL but for `event`, which answers EVENTURE_ROW when it left the event out. */
    eventure_status (*begin)(eventure__writing *writing);
    eventure_status (*event)(eventure__writing *writing, const eventure_event *event);
    eventure_status (*end)(eventure__writing *writing);
    void (*release)(eventure__writing *writing); /* frees the state, also after an error */
} eventure__format;

extern const eventure__format eventure__format_jsonl;
extern const eventure__format eventure__format_csv;
extern const eventure__format eventure__format_cloudevents;
extern const eventure__format eventure__format_chrome;
extern const eventure__format eventure__format_dot;
extern const eventure__format eventure__format_mermaid;

/* NULL when there is no such format. */
const eventure__format *eventure__format_of(eventure_format format);

/* Says that there is no memory. */
eventure_status eventure__writing_out_of_memory(eventure__writing *writing);

#endif
