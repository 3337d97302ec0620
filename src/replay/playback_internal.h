/*
 * The inside of a playback: its state, and the ways in which it moves. playback.c moves to places that are known,
 * playback_run.c looks for them.
 */
#ifndef EVENTURE_REPLAY_MOVING_H
#define EVENTURE_REPLAY_MOVING_H

#include <eventure/playback.h>

#include "base/buffer.h"
#include "base/error.h"
#include "replay/fold.h"
#include "replay/state_cache.h"
#include "store/store.h"

struct eventure_playback
{
    eventure_reader *reader;
    eventure__fold fold;
    eventure__state_cache kept;
    eventure__buffer state;
    int64_t every_events;
    int64_t tick; /* where it stands: the fold's, or a later one */
    int64_t seq;
    int64_t last_kept;    /* seq of the newest state kept going forward */
    bool was_rolled_back; /* an error left the state undefined */
    char *name;
    eventure_event *event; /* the one handed out */
};

static inline eventure__error *eventure__playback_error(eventure_playback *self)
{
    return &self->reader->error;
}

/* Called after each event of a walk: 0 to go on, 1 to stop there, or an error. */
typedef int (*eventure__visit_fn)(eventure_playback *self, const eventure_event *event, void *context);

/* Applies events up to a seq, or to the end. `near`: where a state is wanted in memory, -1 for nowhere. */
eventure_status eventure__playback_walk(eventure_playback *self, int64_t seq, int64_t near, eventure__visit_fn visit,
                                        void *context);

/* Brings the state to a seq, whose tick is (at most) `tick`; the position stays. */
eventure_status eventure__playback_go_to(eventure_playback *self, int64_t tick, int64_t seq);

/* Takes over where the fold stands; at the end of a tick, `tick` may be later than that of the newest event. */
void eventure__playback_settle(eventure_playback *self, int64_t tick);

/* Moves to the end of a tick, or of the history. */
eventure_status eventure__playback_seek_tick(eventure_playback *self, int64_t tick);

/* Moves behind an event: EVENTURE_ROW when there is one. */
eventure_status eventure__playback_seek_seq(eventure_playback *self, int64_t seq);

/* What every call begins with: holds a commit, which eventure__read_end lets go of when *out_held. */
eventure_status eventure__playback_enter(eventure_playback *self, bool *out_held);

#endif
