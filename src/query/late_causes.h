/*
 * Effects that stand before their causes, as an import may bring them. Such an event has its parent's id, and no seq of
 * it, so that cascades are found by ids where there may be such events. An id that is not in the store, but is named as
 * a parent, has a cascade, too.
 */
#ifndef EVENTURE_QUERY_LATE_CAUSES_H
#define EVENTURE_QUERY_LATE_CAUSES_H

#include <stdbool.h>

#include "store/store.h"

/* After a look-up of an id has failed: whether events name it as their parent. EVENTURE_ERROR_NOT_FOUND, with the text
 * of the look-up, when none does. */
eventure_status eventure__late_find_effects(eventure_reader *store, const char *id, bool *out_found);

/* Whether an event may stand before its cause: one was appended with a parent that was not in the store. */
eventure_status eventure__late_causes_exist(eventure_reader *store, bool *out_exist);

/* The table `cascade (seq, depth)` by ids, in two parts. The first has one parameter: the seq of the first event, or,
 * when the cascade is that of the effects of an id, the id. The second has the seq of the first event (0: none), and
 * the number of rows at most. */
const char *eventure__late_cascade_first(bool is_of_effects);
const char *eventure__late_cascade_rest(bool is_archived);

#endif
