/*
 * Sources of an import: each reads one kind of file and hands out events. What an event lacks (a tick, a time, an id)
 * is given to it by import.c.
 */
#ifndef EVENTURE_TRANSFER_SOURCE_H
#define EVENTURE_TRANSFER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <eventure/transfer.h>

#include "base/error.h"

/* An event as a file has it. Its data is a compact JSON object. */
typedef struct eventure__incoming
{
    eventure_event event; /* seq and parent_seq are 0; the id may be NULL */
    int64_t line;         /* where it begins, from 1 */
    bool has_tick;
    bool has_time;
    bool has_explicit_id; /* a CloudEvent of another producer, whose data ends with EVENTURE__CE_KEY */
    bool may_lack_parent; /* the parent need not be in the store */
} eventure__incoming;

typedef struct eventure__event_source eventure__event_source;

struct eventure__event_source
{
    /* EVENTURE_ROW and an event, good until the next call; EVENTURE_OK at the end; or an error, with its text. */
    eventure_status (*next)(eventure__event_source *source, eventure__incoming *out);
    void (*release)(eventure__event_source *source);
    void *state;
    const eventure_import_options *options;
    eventure__error *error;
    int64_t line;       /* of the last event, or of what is wrong, from 1 */
    int64_t skipped;    /* entries that are no events */
    const char *folder; /* where temporary files go */
    size_t max_data_bytes;
    int max_depth;
};

/* Each begins: `source` has its options, error and limits set. The release is due in any case, when there is one. */
eventure_status eventure__source_lines(eventure__event_source *source, FILE *in);
eventure_status eventure__source_cloudevents(eventure__event_source *source, FILE *in);
eventure_status eventure__source_mapped(eventure__event_source *source, FILE *in);
eventure_status eventure__source_chrome(eventure__event_source *source, FILE *in);

/* Says that there is no memory. */
eventure_status eventure__source_out_of_memory(eventure__event_source *source);

#endif
