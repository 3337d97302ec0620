/*
 * Copies rows of one store into another, for forks and archives.
 */
#ifndef EVENTURE_SESSION_COPY_ROWS_H
#define EVENTURE_SESSION_COPY_ROWS_H

#include <eventure/progress.h>

#include "store/store.h"

/* The range to copy: the events after after_seq up to last_seq, in the ticks first_tick to last_tick. */
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
    eventure__store *to; /* the target, in a transaction */
    eventure__copied_range part;
    const char *what; /* operation name for messages */
    eventure_progress_fn progress;
    void *progress_context;
    eventure__error *error; /* receives errors */
    int64_t events;         /* number of copied events */
} eventure__rows;

/* Copies the events, ticks and snapshots of the range. The target must not contain rows of the range. */
eventure_status eventure__rows_copy_history(eventure__rows *rows);

/* Copies the records of archived events: the tables of archives and archived events. */
eventure_status eventure__rows_copy_archived(eventure__rows *rows);

/* Copies where the history comes from. */
eventure_status eventure__rows_copy_origin(eventure__rows *rows);

#endif
