/*
 * Sources of an import: each reads one kind of file and returns events. place.c sets the missing properties of an event
 * (a tick, a time, an id).
 */
#ifndef EVENTURE_TRANSFER_SOURCE_H
#define EVENTURE_TRANSFER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/transfer.h>

#include "base/error.h"

/* An event from a file. Its data is a compact JSON object. */
typedef struct eventure__incoming
{
    eventure_event event; /* seq and parent_seq are 0; the id may be NULL */
    int64_t line;         /* the line where it begins, from 1 */
    bool has_tick;
    bool has_time;
    bool is_foreign_cloudevent; /* made by another producer: its data ends with EVENTURE__CE_KEY */
    bool may_lack_parent;       /* the parent need not be in the store */
} eventure__incoming;

typedef struct eventure__event_source eventure__event_source;

struct eventure__event_source
{
    /* Returns EVENTURE_ROW and an event, valid until the next call; EVENTURE_OK at the end; or an error, with its
       text. */
    eventure_status (*next)(eventure__event_source *source, eventure__incoming *out);
    void (*release)(eventure__event_source *source);
    void *state;
    const eventure_import_options *options;
    eventure__error *error;
    int64_t line;       /* the line of the last event, or of the error, from 1 */
    int64_t skipped;    /* entries that are not events */
    const char *folder; /* the folder of temporary files */
    size_t max_data_bytes;
    int max_depth;
};

/* Functions that open a source, whose options, error and limits are set. `release`, if it is set, must be called in any
   case. */
eventure_status eventure__source_lines(eventure__event_source *source);
eventure_status eventure__source_cloudevents(eventure__event_source *source);
eventure_status eventure__source_mapped(eventure__event_source *source);
eventure_status eventure__source_chrome(eventure__event_source *source);

/* Reports that memory ran out. */
eventure_status eventure__source_out_of_memory(eventure__event_source *source);

#endif
