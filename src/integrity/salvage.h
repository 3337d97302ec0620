/*
 * Reads the rows of the tables `events` and `tick` from the pages of a damaged file, also when the pages that lead to
 * them are lost.
 */
#ifndef EVENTURE_INTEGRITY_SALVAGE_H
#define EVENTURE_INTEGRITY_SALVAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* Sets *out_needed when one of both tables cannot be read from the first row to the last, or the file is shorter than
 * its header says. */
eventure_status eventure__salvage_needed(eventure__store *store, bool *out_needed);

/* Copies all readable rows into a new store without indexes, in a temporary file. The caller closes it with
 * eventure__store_close. (SQLite refuses to write temporary tables of a connection that met damage.)
 * EVENTURE_ERROR_FORMAT or EVENTURE_ERROR_CORRUPT, with the error text of opening the file, when no page looks like
 * that of a store. */
eventure_status eventure__salvage(eventure__store *store, eventure__store **out_salvaged);

#endif
