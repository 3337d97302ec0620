/*
 * What the parts of a repair share: the tick at hand (repair.c), and ticks of which the rows are lost (repair_gap.c).
 */
#ifndef EVENTURE_INTEGRITY_REPAIRER_H
#define EVENTURE_INTEGRITY_REPAIRER_H

#include <stdbool.h>
#include <stdint.h>

#include <eventure/integrity.h>
#include <eventure/log.h>

#include "event/id.h"
#include "event/tick_digest.h"
#include "event/types.h"
#include "store/store.h"

typedef struct eventure__repairer
{
    eventure_reader *from;    /* what is read: the damaged store, or what was gathered from its pages */
    eventure_reader *damaged; /* where errors are told */
    sqlite3 *notes;           /* what is lost, in a database of its own */
    eventure_log *to;
    const eventure_repair_options *options;
    eventure_repair_report *report;
    bool has_digests;
    bool is_starved;                /* there was no memory: what looks lost may not be */
    bool is_salvaged;               /* the rows were gathered from the pages */
    eventure__tick_digest before;   /* the digests that the row before says */
    bool has_before;                /* false: the row before is lost */
    eventure__tick_digest computed; /* the digests that the events up to this tick have, whatever the rows say */
    bool has_computed;
    eventure__tick_digest link; /* the digests that the row of this tick says */
    bool has_link;
    eventure_repair_loss tick; /* the tick at hand, and why it is lost */
    char why[512];
    int64_t next_seq;      /* the event with which the next row must begin */
    int64_t tick_before;   /* the tick of the row before; -1 for none */
    int64_t cut_seq;       /* the newest archived event */
    int64_t highest_seq;   /* the newest event that anything readable tells of */
    bool has_explicit_ids; /* one was seen: only then can two events have the same id */
    eventure__types types;
    int64_t ordinals[EVENTURE__HASH_CODES]; /* the last one of each HASH, in the tick at hand */
    eventure__buffer scratch;
} eventure__repairer;

/* Whether the events of the tick at hand make sense and, with digests, are those of its row, when those before have the
 * digests `before` (NULL: that is not asked). `out` (may be NULL) receives the digests that they have. */
bool eventure__repair_check_tick(eventure__repairer *repair, const eventure__tick_digest *before, bool check_row,
                                 eventure__tick_digest *out);

eventure_status eventure__repair_save_tick(eventure__repairer *repair);

/* Counts the tick at hand as lost, and tells it. */
eventure_status eventure__repair_lose_tick(eventure__repairer *repair);

/* After SQLite failed on what is read: always an error. */
eventure_status eventure__repair_fail(eventure__repairer *repair, const char *what);

/* No memory: always an error. */
eventure_status eventure__repair_starved(eventure__repairer *repair);

/* --- repair_gap.c --- */

/* Notes that the row of a tick makes no sense, so that the events of it are in a gap, and the tick is counted. */
eventure_status eventure__repair_note_tick(eventure__repairer *repair, int64_t tick);

/* Looks at the events up to `last`, between the rows before and the row of `tick_after` (INT64_MAX: there is none):
 * counts their ticks, and computes the digests on behind them when all of them can be read. */
eventure_status eventure__repair_gap(eventure__repairer *repair, int64_t last, int64_t tick_after);

/* Saves the ticks of the gap, of which the row behind it has proved the digests. */
eventure_status eventure__repair_save_gap(eventure__repairer *repair, int64_t last, int64_t tick_after);

/* Counts them as lost. */
eventure_status eventure__repair_lose_gap(eventure__repairer *repair, int64_t last, int64_t tick_after);

/* What was lost, at the end: the events up to the last one that anything in the file tells of. */
eventure_status eventure__repair_count(eventure__repairer *repair);

/* Closes the notes. */
void eventure__repair_forget(eventure__repairer *repair);

#endif
