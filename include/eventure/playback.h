/**
 * @file
 * Playback: a state that can be moved through its history, in both directions: pause, step, fast forward, rewind. It is
 * what a debugger or a replay screen stands on.
 *
 * A position is between two events: all events up to `seq` are in the state, and none after it. The start is before the
 * first event. Moving forward applies events; moving back loads a snapshot, or a state that the playback has kept in
 * memory, and applies the few events after it.
 */
#ifndef EVENTURE_PLAYBACK_H
#define EVENTURE_PLAYBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/event.h>
#include <eventure/export.h>
#include <eventure/query.h>
#include <eventure/reader.h>
#include <eventure/replay.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A state with a position. For one thread at a time. */
typedef struct eventure_playback eventure_playback;

/** How a playback works. Begin with EVENTURE_PLAYBACK_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_playback_options
{
    size_t size;                     /**< Set by the macro. */
    int64_t checkpoint_every_events; /**< About how many events apart states are kept in memory, and so how many a step
                                          back costs; default 256. Large states are kept less often. */
    int64_t max_checkpoint_bytes;    /**< How much memory they may take in all; default 64 MiB. */
} eventure_playback_options;

/** The defaults. */
#define EVENTURE_PLAYBACK_OPTIONS_INIT                                                                                 \
    {                                                                                                                  \
        sizeof(eventure_playback_options), 0, 0                                                                        \
    }

/** The same, as a function: `size` is sizeof(eventure_playback_options). */
EVENTURE_API void eventure_playback_options_init(eventure_playback_options *options, size_t size);

/** Where a playback stands. */
typedef struct eventure_position
{
    int64_t seq;  /**< The newest event in the state; 0 at the start. */
    int64_t tick; /**< The tick that it stands in or at the end of; -1 at the start. */
    bool at_end; /**< Nothing comes after it: the newest event is in the state, and the tick is the store's current one;
                      or the reducer has ended the replay. A log may still append. */
} eventure_position;

/**
 * Makes a playback, at the start.
 * @param reader the store; borrowed; each call sees its newest commit, or the one that the reader holds
 * @param reducer copied; needs reset; without save and load, every step back folds from the first event
 * @param context the state, borrowed; it is always that of the position
 * @param options NULL is all defaults
 * @param out_playback receives the playback; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT, EVENTURE_ERROR_MEMORY, or what reset returned; the text is the reader's
 */
EVENTURE_API eventure_status eventure_playback_new(eventure_reader *reader, const eventure_reducer *reducer,
                                                   void *context, const eventure_playback_options *options,
                                                   eventure_playback **out_playback);

/** Frees a playback; NULL is allowed. The context stays as it is. */
EVENTURE_API void eventure_playback_free(eventure_playback *playback);

/**
 * Moves to the end of a tick; -1 is the start, EVENTURE_TICK_NEWEST the end. A tick that is not reached yet is the end.
 * @return EVENTURE_OK; EVENTURE_ERROR_TICK (below -1); or as eventure_state_at. After an error the position is that
 *         before the call, but the state is undefined until another call has succeeded; here and below
 */
EVENTURE_API eventure_status eventure_playback_seek_tick(eventure_playback *playback, int64_t tick);

/** Moves behind an event; 0 is the start. EVENTURE_ERROR_NOT_FOUND when there is no such event (yet). */
EVENTURE_API eventure_status eventure_playback_seek_seq(eventure_playback *playback, int64_t seq);

/**
 * Moves by so many events; back, when negative.
 * @return EVENTURE_ROW when it moved so far; EVENTURE_DONE when the history ended before: then it stands at its end, or
 * at its start; or an error
 */
EVENTURE_API eventure_status eventure_playback_step_events(eventure_playback *playback, int64_t events);

/**
 * Moves to the end of the tick so many ticks on, ticks without events included; back, when negative. From the middle of
 * a tick, the first step forward is to its end, and the first step back to the end of the tick before it.
 * @return as eventure_playback_step_events
 */
EVENTURE_API eventure_status eventure_playback_step_ticks(eventure_playback *playback, int64_t ticks);

/** Where to stop. Begin with EVENTURE_PLAYBACK_UNTIL_INIT. */
typedef struct eventure_playback_until
{
    size_t size;                  /**< Set by the macro. */
    const eventure_filter *event; /**< The event must be one that this filter answers: a type, a member of the data, a
                                       cascade...; NULL: any. Its order, limit and direction do not matter. */
    /** The state with that event in it must be one for which this answers 1; 0 for another; an error ends the run.
     * NULL: any. */
    int (*state)(const eventure_event *event, void *context);
    bool backwards; /**< Look among the events before the position's, the nearest first. */
} eventure_playback_until;

/** Stop at the next event. */
#define EVENTURE_PLAYBACK_UNTIL_INIT                                                                                   \
    {                                                                                                                  \
        sizeof(eventure_playback_until), NULL, NULL, false                                                             \
    }

/** The same, as a function: `size` is sizeof(eventure_playback_until). */
EVENTURE_API void eventure_playback_until_init(eventure_playback_until *until, size_t size);

/**
 * Moves until a condition holds; then it stands behind the event with which it does. The event it stands behind already
 * does not count.
 * @return EVENTURE_ROW when it holds; EVENTURE_DONE when the history ended before: then it stands at its end, or at its
 *         start; or an error
 */
EVENTURE_API eventure_status eventure_playback_run(eventure_playback *playback, const eventure_playback_until *until);

/** Tells where it stands. */
EVENTURE_API eventure_status eventure_playback_position(eventure_playback *playback, eventure_position *out_position);

/**
 * The event that it stands behind: the newest in the state.
 * @param playback the playback
 * @param out_event receives it, good until the next call on the playback
 * @return EVENTURE_ROW, EVENTURE_DONE at the start, or an error
 */
EVENTURE_API eventure_status eventure_playback_event(eventure_playback *playback, eventure_event *out_event);

#ifdef __cplusplus
}
#endif

#endif
