/*
 * Where a store begins whose old events are in an archive, and what it still knows of those events.
 */
#ifndef EVENTURE_STORE_ARCHIVED_H
#define EVENTURE_STORE_ARCHIVED_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

typedef struct eventure__cut
{
    int64_t before_tick; /* the first tick that is here; 0 when nothing was archived */
    int64_t last_seq;    /* the newest archived event: the first one here is the next; 0 for none */
} eventure__cut;

/* Reads where the store begins: one row, anew each time, as another process may archive. */
eventure_status eventure__store_cut(eventure_reader *store, eventure__cut *out);

/* For an event that is not here: EVENTURE_ERROR_ARCHIVED, with a text that tells where it is; or EVENTURE_ERROR_CORRUPT
 * when no archived event has that seq. */
eventure_status eventure__store_fail_archived(eventure_reader *store, int64_t seq);

/* For whoever folds the history from `tick_min` on: EVENTURE_ERROR_ARCHIVED, with a text, when ticks from there on are
 * in an archive, so that a fold would leave them out. */
eventure_status eventure__store_check_whole(eventure_reader *store, int64_t tick_min);

#endif
