/*
 * The export formats: a table of functions each. export.c writes the text that they append to `out` to the stream.
 */
#ifndef EVENTURE_TRANSFER_FORMAT_H
#define EVENTURE_TRANSFER_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include <eventure/transfer.h>

#include "base/buffer.h"
#include "base/error.h"

/* A running export, as seen by its format. */
typedef struct eventure__writing
{
    eventure_reader *reader;
    eventure__error *error; /* the reader's */
    const eventure_export_options *options;
    eventure__buffer *out; /* export.c checks whether it has failed */
    bool whole;            /* every event of the store is exported */
    void *state;           /* state of the format */
} eventure__writing;

typedef struct eventure__format
{
    const char *name;
    bool in_order; /* causes must come before their effects */
    /* All functions except `event` can be NULL. `event` returns EVENTURE_ROW when it leaves out the event. */
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

/* Returns the functions of a format, or NULL for an unknown format. */
const eventure__format *eventure__format_of(eventure_format format);

/* Checks that a filter leaves out no part of the events: an export, and an extract, write whole events.
 * EVENTURE_ERROR_ARGUMENT. */
eventure_status eventure__export_check_filter(const eventure_filter *filter, eventure__error *error);

/* Reports that memory ran out. */
eventure_status eventure__writing_out_of_memory(eventure__writing *writing);

#endif
