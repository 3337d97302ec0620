/*
 * The table `proof`: what is noted about the other tables, to be compared by verify. All that writes is called within
 * a transaction.
 */
#ifndef EVENTURE_STORE_PROOF_H
#define EVENTURE_STORE_PROOF_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* What 'open_tick' is when the newest row of `tick` is sealed, and when nothing is noted. */
#define EVENTURE__NO_OPEN_TICK (-1)
#define EVENTURE__OPEN_TICK_UNKNOWN (-2)

/* The tables of which the digest is noted; ends with NULL. */
extern const char *const eventure__proof_tables[];

/* Notes the digest of one table. */
eventure_status eventure__proof_note_table(eventure_reader *store, const char *table);

/* Notes everything anew, for what has moved rows. */
eventure_status eventure__proof_note_all(eventure_reader *store);

/* Notes how many events and ticks there are, in a transaction of its own, when there are others than were noted. */
eventure_status eventure__proof_note_end(eventure_reader *store);

eventure_status eventure__proof_note_open_tick(eventure_reader *store, int64_t tick);

/* Notes what store.current_tick is from now on. */
eventure_status eventure__proof_note_current_tick(eventure_reader *store, int64_t tick);

/* Reads a number; `otherwise` when it is not noted. */
eventure_status eventure__proof_number(eventure_reader *store, const char *name, int64_t otherwise, int64_t *out);

/* Whether a digest is noted for the table, and then whether the table still has it. */
eventure_status eventure__proof_check_table(eventure_reader *store, const char *table, bool *out_noted, bool *out_same);

#endif
