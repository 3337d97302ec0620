/*
 * Rows of one store, as they are, into another: what forks and archives are made of.
 */
#ifndef EVENTURE_SESSION_ROWS_H
#define EVENTURE_SESSION_ROWS_H

#include <eventure/progress.h>

#include "store/store.h"

/* What to copy: of the events after first_seq and up to last_seq, whose ticks are first_tick to last_tick. */
typedef struct eventure__copied_range
{
    int64_t after_seq;
    int64_t last_seq;
    int64_t first_tick;
    int64_t last_tick;
} eventure__copied_range;

typedef struct eventure__rows
{
    eventure_reader *from;
    eventure_reader *to; /* in a transaction */
    eventure__copied_range part;
    const char *what; /* for messages */
    eventure_progress_fn progress;
    void *progress_context;
    eventure__error *error; /* where errors go */
    int64_t events;         /* copied */
} eventure__rows;

/* Copies events, ticks and snapshots of the part. What is there already may not be in the part. */
eventure_status eventure__rows_copy_history(eventure__rows *rows);

/* Copies what tells of events that are not in the store any more: archives and archived events. */
eventure_status eventure__rows_copy_archived(eventure__rows *rows);

/* Copies where the history comes from. */
eventure_status eventure__rows_copy_origin(eventure__rows *rows);

#endif
