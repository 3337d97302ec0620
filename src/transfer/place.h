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
    double time;        /* of events that have none */
    bool has_origin;    /* with ticks from the time: the time and tick of the store's first event are known */
    double origin_time; /* where ticks are counted from */
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
