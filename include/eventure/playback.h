/**
 * @file
 * Playback: moves a state through its history in both directions: pause, step, fast forward, rewind. It is the building
 * block for debuggers and replay screens.
 *
 * A position is between two events: all events up to `seq` are in the state, and none after it. The start is before the
 * first event. A move forward applies events; a move back loads a snapshot, or a state that the playback has cached
 * in memory, and applies the few events after it.
 *
 * In a store whose beginning is archived, the positions are the start, and those from the end of the newest archived
 * tick on. A move to another position returns EVENTURE_ERROR_ARCHIVED, and so does a move that needs a snapshot of the
 * state at the end of that tick, or a later one, when there is none.
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

/** A state with a position. One thread at a time may use it. */
typedef struct eventure_playback eventure_playback;

/** Options of a playback. Begin with EVENTURE_PLAYBACK_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_playback_options
{
    size_t size;                /**< Set by the macro. */
    int64_t cache_every_events; /**< The approximate number of events between two states that are cached in memory,
                                     which is also the cost of a step back; default 256. Large states are cached less
                                     often. */
    int64_t max_cache_bytes;    /**< The maximum total size of the cached states in bytes; default 64 MiB. */
} eventure_playback_options;

/** The defaults. */
#define EVENTURE_PLAYBACK_OPTIONS_INIT                                                                                 \
    {                                                                                                                  \
        sizeof(eventure_playback_options), 0, 0                                                                        \
    }

/**
 * Sets *options to the defaults, as EVENTURE_PLAYBACK_OPTIONS_INIT does. `size` is sizeof(eventure_playback_options) as
 * the caller compiled it.
 */
EVENTURE_API void eventure_playback_options_init(eventure_playback_options *options, size_t size);

/** The position of a playback. */
typedef struct eventure_position
{
    int64_t seq;  /**< The seq of the newest event in the state; 0 at the start. */
    int64_t tick; /**< The tick that contains the position, or ends at it; -1 at the start. */
    bool at_end;  /**< Whether this is the end: the newest event is in the state, and the tick is the store's current
                       one; or the reducer has ended the replay. A log may append more events later. */
} eventure_position;

/**
 * Makes a playback, positioned at the start.
 * @param reader the store; borrowed; each call reads its newest commit, or the commit that the reader holds
 * @param reducer copied; needs reset; without save and load, every step back folds from the first event
 * @param context the state, borrowed; it always belongs to the position
 * @param options NULL is all defaults
 * @param out_playback receives the playback; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT, EVENTURE_ERROR_MEMORY, or the error of reset; the error text is the
 *         reader's
 */
EVENTURE_API eventure_status eventure_playback_new(eventure_reader *reader, const eventure_reducer *reducer,
                                                   void *context, const eventure_playback_options *options,
                                                   eventure_playback **out_playback);

/** Frees a playback; NULL is allowed. The context is unchanged. */
EVENTURE_API void eventure_playback_free(eventure_playback *playback);

/**
 * Moves to the end of a tick; -1 is the start, EVENTURE_TICK_NEWEST the end. For a tick that is not reached yet, moves
 * to the end.
 * @return EVENTURE_OK; EVENTURE_ERROR_TICK (below -1); or as eventure_replay_at. After an error the position is that
 *         before the call, but the state is undefined until another call succeeds; this holds for all functions below
 */
EVENTURE_API eventure_status eventure_playback_seek_tick(eventure_playback *playback, int64_t tick);

/** Moves to the position after an event; 0 is the start. Returns EVENTURE_ERROR_NOT_FOUND when there is no such event
 *  (yet). */
EVENTURE_API eventure_status eventure_playback_seek_seq(eventure_playback *playback, int64_t seq);

/**
 * Moves by a number of events; backwards when negative.
 * @return EVENTURE_ROW when it moved by that number; EVENTURE_DONE when the history ended before: the position is then
 *         its end, or its start; or an error
 */
EVENTURE_API eventure_status eventure_playback_step_events(eventure_playback *playback, int64_t events);

/**
 * Moves by a number of ticks, ticks without events included, to the end of a tick; backwards when negative. From the
 * middle of a tick, the first step forward is to its end, and the first step back to the end of the tick before it.
 * @return as eventure_playback_step_events
 */
EVENTURE_API eventure_status eventure_playback_step_ticks(eventure_playback *playback, int64_t ticks);

/** Conditions of eventure_playback_run. Begin with EVENTURE_PLAYBACK_UNTIL_INIT. */
typedef struct eventure_playback_until
{
    size_t size;                  /**< Set by the macro. */
    const eventure_filter *event; /**< The event must match this filter: a type, a member of the data, a cascade...;
                                       NULL: any. The filter's order, limit and direction are ignored. */
    /** Called with the state after that event. Returns 1 to stop, 0 to continue, or an error, which ends the run. NULL:
     *  any state. */
    int (*state)(const eventure_event *event, void *context);
    bool backwards; /**< Search the events before the position, the nearest first. */
} eventure_playback_until;

/** Stop at the next event. */
#define EVENTURE_PLAYBACK_UNTIL_INIT                                                                                   \
    {                                                                                                                  \
        sizeof(eventure_playback_until), NULL, NULL, false                                                             \
    }

/**
 * Sets *until to the defaults, as EVENTURE_PLAYBACK_UNTIL_INIT does. `size` is sizeof(eventure_playback_until) as the
 * caller compiled it.
 */
EVENTURE_API void eventure_playback_until_init(eventure_playback_until *until, size_t size);

/**
 * Moves until a condition holds; the position is then after the event for which it does. The event before the present
 * position is not examined.
 * @return EVENTURE_ROW when the condition holds; EVENTURE_DONE when the history ended before: the position is then its
 *         end, or its start; or an error
 */
EVENTURE_API eventure_status eventure_playback_run(eventure_playback *playback, const eventure_playback_until *until);

/** Returns the position in out_position. */
EVENTURE_API eventure_status eventure_playback_position(eventure_playback *playback, eventure_position *out_position);

/**
 * Returns the event before the position, which is the newest in the state.
 * @param playback the playback
 * @param out_event receives the event, valid until the next call on the playback
 * @return EVENTURE_ROW, EVENTURE_DONE at the start, EVENTURE_ERROR_ARCHIVED at the end of the newest archived tick, or
 *         the error of reading the file
 */
EVENTURE_API eventure_status eventure_playback_event(eventure_playback *playback, eventure_event *out_event);

#ifdef __cplusplus
}
#endif

#endif
