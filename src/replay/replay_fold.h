/*
 * A running fold: the position of the state and the next event. All code that applies events to a reducer uses it.
 */
#ifndef EVENTURE_REPLAY_REPLAY_FOLD_H
#define EVENTURE_REPLAY_REPLAY_FOLD_H

#include <eventure/progress.h>
#include <eventure/query.h>
#include <eventure/replay.h>

#include "base/error.h"

typedef struct eventure__fold
{
    eventure_reader *reader;
    eventure_reducer reducer; /* checked copy: see reducer.h */
    void *context;
    int64_t tick;    /* tick of the newest event in the state, or the tick that the caller set; -1: before tick 0 */
    int64_t seq;     /* newest event in the state; 0: none */
    bool is_stopped; /* the reducer returned EVENTURE_REPLAY_STOP */
    bool without_snapshots;
    eventure_cursor *cursor;
    eventure_progress_fn progress;
    void *progress_context;
    int64_t progress_total;
} eventure__fold;

/* Initialises a fold. Neither touches the state nor reads the store. */
void eventure__fold_init(eventure__fold *fold, eventure_reader *reader, const eventure_reducer *taken, void *context);

/* Resets the state. */
eventure_status eventure__fold_reset(eventure__fold *fold);

/* Loads the newest snapshot at or before (tick, seq), or resets the state if there is none. `is_from_start`: ignores
 * snapshots. */
eventure_status eventure__fold_start_at(eventure__fold *fold, int64_t tick, int64_t seq, bool is_from_start);

/* Starts a query of the events after those in the state, up to a tick. EVENTURE_ERROR_ARCHIVED: the next events are
 * archived. */
eventure_status eventure__fold_ask(eventure__fold *fold, int64_t tick_max);

/* Returns the next event, which is not applied yet: EVENTURE_ROW, EVENTURE_OK at the end, or an error. */
eventure_status eventure__fold_next(eventure__fold *fold, eventure_event *out_event);

/* Sets the error for an event that the store lacks between two others: a fold without it would be a wrong state. */
eventure_status eventure__fold_fail_missing(eventure_reader *reader, const eventure_reducer *reducer, int64_t seq);

/* Applies the event that eventure__fold_next returned. */
eventure_status eventure__fold_apply(eventure__fold *fold, const eventure_event *event);

/* Ends the query. Another one can be started. */
void eventure__fold_end(eventure__fold *fold);

/* Runs a query and applies all its events. Returns EVENTURE_OK when the reducer stops it. */
eventure_status eventure__fold_run(eventure__fold *fold, int64_t tick_max);

#endif
