/*
 * The place of imported events in the store: each gets the tick, time, id and parent that it is appended with.
 */
#ifndef EVENTURE_TRANSFER_PLACE_H
#define EVENTURE_TRANSFER_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include <eventure/log.h>
#include <eventure/transfer.h>

#include "base/buffer.h"
#include "base/error.h"
#include "transfer/source.h"

typedef struct eventure__placing
{
    eventure_log *log;
    const eventure_import_options *options;
    eventure__error *error;
    double time;        /* for events without a time */
    bool has_origin;    /* with tick_every_ns: origin_time and origin_tick are set, from the store's first event or, in
                           an empty store, from the first imported event */
    double origin_time; /* the time at which origin_tick begins, in seconds */
    int64_t origin_tick;
    int64_t appended; /* events so far */
    int64_t first_tick;
    eventure__buffer id;        /* an id that was made distinct */
    eventure__buffer parent_id; /* a parent's, likewise */
    eventure__buffer data;      /* the data with what was changed */
} eventure__placing;

/* Begins, within the transaction. */
eventure_status eventure__placing_begin(eventure__placing *placing, eventure_log *log,
                                        const eventure_import_options *options);

/* Sets the missing properties of the event, and appends it. *out_skipped: the event is in the store, and was not
   appended. */
eventure_status eventure__placing_append(eventure__placing *placing, eventure__incoming *incoming, bool *out_skipped);

void eventure__placing_free(eventure__placing *placing);

#endif
