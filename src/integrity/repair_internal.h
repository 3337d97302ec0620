/*
 * State that the parts of a repair share: the current tick (repair.c), and ticks whose rows are lost (repair_gap.c).
 */
#ifndef EVENTURE_INTEGRITY_REPAIR_INTERNAL_H
#define EVENTURE_INTEGRITY_REPAIR_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include <eventure/integrity.h>
#include <eventure/log.h>

#include "base/error.h"
#include "event/id.h"
#include "event/tick_digest.h"
#include "event/types.h"
#include "store/store.h"

typedef struct eventure__repairer
{
    eventure__store *from;    /* source of the rows: the damaged store, or the rows collected from its pages */
    eventure__store *damaged; /* receives the error text */
    sqlite3 *notes;           /* lost ticks and events, in a database of its own */
    eventure_log *to;
    const eventure_repair_options *options;
    eventure_repair_report *report;
    bool has_digests;
    bool is_out_of_memory;          /* out of memory: rows that seem lost may not be */
    eventure__error failure;        /* an error of the new store during a check, which ends the repair */
    bool is_salvaged;               /* the rows were collected from the pages */
    eventure__tick_digest before;   /* digests in the row of the previous tick */
    bool has_before;                /* false: the row of the previous tick is lost */
    eventure__tick_digest computed; /* digests computed from the events up to this tick, independent of the rows */
    bool has_computed;
    eventure__tick_digest noted_link; /* digests in the newest of the noted rows */
    bool has_noted_link;
    eventure__tick_digest link; /* digests in the row of this tick */
    bool has_link;
    eventure_repair_loss tick; /* the current tick, and why it is lost */
    char why[512];
    int64_t next_seq;      /* event with which the next row must begin */
    int64_t tick_before;   /* tick of the previous row; -1 for none */
    int64_t cut_seq;       /* the newest archived event */
    int64_t highest_seq;   /* newest event that any readable row contains */
    bool has_noted_rows;   /* invalid rows follow the previous row; their ticks are neither saved nor lost yet */
    bool has_explicit_ids; /* an event with an explicit id was read: only then can two events have the same id */
    eventure__types types;
    int64_t ordinals[EVENTURE__HASH_CODES]; /* last ordinal of each HASH in the current tick */
    eventure__buffer scratch;
} eventure__repairer;

/* Checks that the events of the current tick are valid and, with digests, that they give the digests of its row when
 * the events before have the digests `before` (NULL: digests are not checked). `out` (may be NULL) receives the
 * computed digests. */
bool eventure__repair_check_tick(eventure__repairer *repair, const eventure__tick_digest *before, bool check_row,
                                 eventure__tick_digest *out);

eventure_status eventure__repair_save_tick(eventure__repairer *repair);

/* Counts the current tick as lost, and reports it. */
eventure_status eventure__repair_lose_tick(eventure__repairer *repair);

/* Records whether the last call on the damaged store failed for lack of memory. Returns whether that, or an earlier
 * one, did. */
bool eventure__repair_note_out_of_memory(eventure__repairer *repair);

/* Sets the error for out of memory. Always returns an error. */
eventure_status eventure__repair_fail_memory(eventure__repairer *repair);

/* Call after the checks of a tick. Returns the error that ends the repair, because with it a check proves nothing: out
 * of memory, or an error of the new store. EVENTURE_OK when there is none. */
eventure_status eventure__repair_failure(eventure__repairer *repair);

/* --- repair_gap.c --- */

/* Notes the row of the current tick, which is invalid. Its events belong to a gap: the tick is saved or lost with it.
 */
eventure_status eventure__repair_note_row(eventure__repairer *repair);

/* Forgets the noted rows. */
eventure_status eventure__repair_forget_rows(eventure__repairer *repair);

/* Handles the events up to `last`, between the previous row and the row of `tick_after` (INT64_MAX: there is none):
 * counts their ticks, and computes the digests after them when all of them can be read. */
eventure_status eventure__repair_gap(eventure__repairer *repair, int64_t last, int64_t tick_after);

/* Saves the ticks of the gap, whose digests the row after it has proved. */
eventure_status eventure__repair_save_gap(eventure__repairer *repair, int64_t last, int64_t tick_after);

/* Counts the ticks of the gap as lost. */
eventure_status eventure__repair_lose_gap(eventure__repairer *repair, int64_t last, int64_t tick_after);

/* Counts the losses at the end: the events up to the last one that any part of the file contains. */
eventure_status eventure__repair_count(eventure__repairer *repair);

/* --- repair_identity.c --- */

/* Reads the identity of the damaged store; missing values are those of a new store. */
eventure_status eventure__repair_read_identity(eventure__repairer *repair);

/* Saves the record of the run when it can be read; the report says when it cannot. */
eventure_status eventure__repair_save_record(eventure__repairer *repair);

/* Closes the database of the notes. */
void eventure__repair_forget(eventure__repairer *repair);

#endif
