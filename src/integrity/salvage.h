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

/* Gathers what can be read into a store of its own, without indexes, in a temporary file: to be closed with
 * eventure__store_close. (SQLite refuses to write into temporary tables of a connection that met damage.)
 * EVENTURE_ERROR_FORMAT or _CORRUPT, with the text that opening it gave, when no page looks like one of a store. */
eventure_status eventure__salvage(eventure_reader *store, eventure_reader **out_salvaged);

#endif
