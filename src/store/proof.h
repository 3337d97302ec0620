/*
 * The table `proof`: digests of the other tables and a few values (the numbers of events and ticks, the open and the
 * current tick), which verify compares with the tables. Each row is called a note. Every function that writes runs
 * within the caller's transaction, unless its comment says otherwise.
 */
#ifndef EVENTURE_STORE_PROOF_H
#define EVENTURE_STORE_PROOF_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* Value of the note 'open_tick' when the newest row of `tick` is sealed, or when there is no note. */
#define EVENTURE__NO_OPEN_TICK (-1)
#define EVENTURE__OPEN_TICK_UNKNOWN (-2)

/* The tables whose digests are noted; ends with NULL. */
extern const char *const eventure__proof_tables[];

/* Notes the digest of one table. */
eventure_status eventure__proof_note_table(eventure__store *store, const char *table);

/* Makes all notes again, for an operation that has moved rows. */
eventure_status eventure__proof_note_all(eventure__store *store);

/* Notes the numbers of events and ticks, in a transaction of its own, if they differ from those noted. */
eventure_status eventure__proof_note_end(eventure__store *store);

eventure_status eventure__proof_note_open_tick(eventure__store *store, int64_t tick);

/* Notes the new value of store.current_tick. */
eventure_status eventure__proof_note_current_tick(eventure__store *store, int64_t tick);

/* Reads the number of a note; `otherwise` when there is no such note. */
eventure_status eventure__proof_number(eventure__store *store, const char *name, int64_t otherwise, int64_t *out);

/* Reads whether the table has a note of its digest, and if so, whether the table still has that digest. */
eventure_status eventure__proof_check_table(eventure__store *store, const char *table, bool *out_noted, bool *out_same);

#endif
