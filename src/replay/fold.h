/*
 * A fold under way: which events are in the state, and the one that comes next. Everything that applies events to a
 * reducer goes through here.
 */
#ifndef EVENTURE_REPLAY_FOLD_H
#define EVENTURE_REPLAY_FOLD_H

#include <eventure/progress.h>
#include <eventure/query.h>
#include <eventure/replay.h>

#include "base/error.h"

typedef struct eventure__fold
{
    eventure_reader *reader;
    eventure_reducer reducer; /* taken: see reducer.h */
    void *context;
    int64_t tick;    /* of the newest event in the state, or where the state was said to stand; -1: before tick 0 */
    int64_t seq;     /* the newest event in the state; 0: none */
    bool is_stopped; /* the reducer wants no more */
    bool without_snapshots;
    eventure_cursor *cursor;
    eventure_progress_fn progress;
    void *progress_context;
    int64_t progress_total;
} eventure__fold;

/* Takes a reducer. The state is not touched, and nothing is read. */
void eventure__fold_init(eventure__fold *fold, eventure_reader *reader, const eventure_reducer *taken, void *context);

/* Resets the state. */
eventure_status eventure__fold_reset(eventure__fold *fold);

/* Makes the state that of the newest snapshot whose place is not after (tick, seq), or resets it when there is none.
 * `is_from_start`: whatever snapshots there are. */
eventure_status eventure__fold_start_at(eventure__fold *fold, int64_t tick, int64_t seq, bool is_from_start);

/* Asks for the events after those in the state, up to a tick. EVENTURE_ERROR_ARCHIVED when the next ones are in an
 * archive. */
eventure_status eventure__fold_ask(eventure__fold *fold, int64_t tick_max);

/* The next event, which is not applied yet: EVENTURE_ROW, EVENTURE_OK at the end, or an error. */
eventure_status eventure__fold_next(eventure__fold *fold, eventure_event *out_event);

/* Applies the event that eventure__fold_next gave. */
eventure_status eventure__fold_apply(eventure__fold *fold, const eventure_event *event);

/* Ends the question; the fold can ask again. */
void eventure__fold_end(eventure__fold *fold);

/* Asks, applies all, ends. Stops without an error when the reducer does. */
eventure_status eventure__fold_run(eventure__fold *fold, int64_t tick_max);

/* Makes several questions see one commit, unless the reader holds one or is a log's. Ended with eventure__read_end when
 * *out_held. */
eventure_status eventure__read_begin(eventure_reader *reader, bool *out_held);
void eventure__read_end(eventure_reader *reader, bool held);

#endif
