/*
 * Effects that are stored before their causes, as an import may bring them. Such an event has the id of its parent, but
 * not the seq, so that cascades of a store with such events are found by ids. An id that is not in the store, but is
 * named as a parent, has a cascade, too.
 */
#ifndef EVENTURE_QUERY_LATE_CAUSES_H
#define EVENTURE_QUERY_LATE_CAUSES_H

#include <stdbool.h>

#include "store/store.h"

/* Called after the look-up of an id has failed: sets *out_found to whether events name it as their parent. Returns
 * EVENTURE_ERROR_NOT_FOUND, with the text of the look-up, when none does. */
eventure_status eventure__late_find_effects(eventure__store *store, eventure__span id, bool *out_found);

/* Sets *out_exist to whether an event may be stored before its cause: one was appended with a parent that was not in
 * the store. */
eventure_status eventure__late_causes_exist(eventure__store *store, bool *out_exist);

#endif
