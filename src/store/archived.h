/*
 * The first tick and event of a store whose old events are in an archive, and what the store still knows about those
 * events.
 */
#ifndef EVENTURE_STORE_ARCHIVED_H
#define EVENTURE_STORE_ARCHIVED_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

typedef struct eventure__cut
{
    int64_t before_tick; /* first tick in this store; 0 when nothing was archived */
    int64_t last_seq;    /* newest archived event, which precedes the first event of this store; 0 for none */
} eventure__cut;

/* Reads the newest cut. It is one row, read again by each call, because another process may archive events. Zeros, and
 * EVENTURE_ERROR_CORRUPT, when its numbers are out of range: 0 <= last_seq < INT64_MAX. */
eventure_status eventure__store_cut(eventure__store *store, eventure__cut *out);

/* Sets the error of an event that is not in this store: EVENTURE_ERROR_ARCHIVED, with a text that names its archive,
 * or EVENTURE_ERROR_CORRUPT when no archived event has that seq. */
eventure_status eventure__store_fail_archived(eventure__store *store, int64_t seq);

/* Checks that a fold from `tick_min` on sees all its ticks: EVENTURE_ERROR_ARCHIVED, with a text, when some of them
 * are in an archive and the fold would omit them. */
eventure_status eventure__store_check_whole(eventure__store *store, int64_t tick_min);

#endif
