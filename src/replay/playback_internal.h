/*
 * The internal definition of a playback. playback.c moves to given positions, playback_run.c searches for positions.
 */
#ifndef EVENTURE_REPLAY_PLAYBACK_INTERNAL_H
#define EVENTURE_REPLAY_PLAYBACK_INTERNAL_H

#include <eventure/playback.h>

#include "base/buffer.h"
#include "base/error.h"
#include "replay/replay_fold.h"
#include "replay/state_cache.h"
#include "store/archived.h"
#include "store/store.h"

struct eventure_playback
{
    eventure_reader *reader;
    eventure__fold fold;
    eventure__state_cache kept;
    eventure__buffer state;
    int64_t every_events;
    int64_t tick; /* current tick: that of the fold, or a later one */
    int64_t seq;
    int64_t last_kept;       /* seq of the newest state cached while moving forward */
    bool is_state_undefined; /* by an error: the next move builds it again */
    char *name;
    eventure_event *event; /* the event returned last */
    eventure__cut cut;     /* read at the beginning of each call */
};

static inline eventure__error *eventure__playback_error(eventure_playback *self)
{
    return &self->reader->error;
}

/* Called after each event. Returns 0 to continue, 1 to stop, or an error. */
typedef int (*eventure__visit_fn)(eventure_playback *self, const eventure_event *event, void *context);

/* Applies events up to a seq, or to the end. `near`: a seq whose state should be cached, or -1. */
eventure_status eventure__playback_walk(eventure_playback *self, int64_t seq, int64_t near, eventure__visit_fn visit,
                                        void *context);

/* Moves the state to a seq, whose tick is at most `tick`, without changing the position. */
eventure_status eventure__playback_go_to(eventure_playback *self, int64_t tick, int64_t seq);

/* Sets the position to that of the fold. At the end of a tick, `tick` can be later than that of the newest event. */
void eventure__playback_settle(eventure_playback *self, int64_t tick);

/* Moves to the end of a tick, or to the end of the history. */
eventure_status eventure__playback_seek_tick(eventure_playback *self, int64_t tick);

/* Moves behind an event. Returns EVENTURE_ROW if the event exists. */
eventure_status eventure__playback_seek_seq(eventure_playback *self, int64_t seq);

/* Begins every call: starts a read transaction, which eventure__store_read_end ends if *out_begun. `function` is
 * __func__ of the caller. */
eventure_status eventure__playback_enter(eventure_playback *self, const char *function, bool *out_begun);

#endif
