/*
 * What the pages of a damaged file still hold of the tables `events` and `tick`, also where the pages that lead to them
 * are lost.
 */
#ifndef EVENTURE_INTEGRITY_SALVAGE_H
#define EVENTURE_INTEGRITY_SALVAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* Whether both tables can be read from their first row to their last. False in *out_whole also when the file is shorter
 * than it says. */
eventure_status eventure__salvage_needed(eventure_reader *store, bool *out_needed);

/* Gathers the rows into temporary tables of the same names, which names without a schema then mean. */
eventure_status eventure__salvage(eventure_reader *store);

/* Of a store whose schema cannot be read: whether the rows of its ticks have digests. EVENTURE_ERROR_FORMAT, with the
 * text that opening it gave, when there are no rows that could be a store's. */
eventure_status eventure__salvage_has_digests(eventure_reader *store, bool *out_has);

/* Drops the temporary tables. */
void eventure__salvage_end(eventure_reader *store);

#endif
