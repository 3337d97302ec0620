/**
 * @file
 * Replay: computes a state, at any tick, as a fold over the events. The events are the only source of a state.
 *
 * A parameter `tick` is a moment: the end of that tick. A range of ticks is half-open: it begins with tick_min and ends
 * before tick_end, and a tick_end of 0 means that it has no end.
 */
#ifndef EVENTURE_REPLAY_H
#define EVENTURE_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/event.h>
#include <eventure/export.h>
#include <eventure/progress.h>
#include <eventure/reader.h>
#include <eventure/status.h>
#include <eventure/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One rule of a reducer: the function for the events of some types. */
typedef struct eventure_reducer_rule
{
    const char *pattern; /**< A type or wildcard pattern, as on the bus. */
    /** As eventure_reducer.apply. */
    int (*apply)(const eventure_event *event, void *context);
} eventure_reducer_rule;

/**
 * A fold over events. The context of its functions is the caller's state.
 *
 * With save and load, states can be stored as snapshots (snapshot.h): computing the state at a tick then applies only
 * the events after the newest snapshot.
 */
typedef struct eventure_reducer
{
    size_t size;      /**< sizeof(eventure_reducer), set by EVENTURE_REDUCER_INIT. */
    const char *name; /**< The name of the state in messages and snapshots; NULL: "reducer". A reducer whose snapshots
                           are taken needs 1 to 255 bytes of UTF-8 without control characters. */
    int64_t version;  /**< Change it whenever apply computes another state from an event, or save writes other bytes: a
                           snapshot of another version is never used. */
    /** Sets the state to that before the first event; NULL when the caller has done so. Returns 0, or an error that
     *  ends the replay. */
    int (*reset)(void *context);
    /** Applies one event, valid during this call only. Returns 0 to continue, EVENTURE_REPLAY_STOP to end the replay
     *  with EVENTURE_OK, or an error that ends it and is returned. */
    int (*apply)(const eventure_event *event, void *context);
    /** Writes the state as bytes; equal states give equal bytes. Returns 0, or an error. NULL: the reducer has no
     *  snapshots. */
    int (*save)(eventure_write_fn write, void *sink, void *context);
    /** Restores the state from bytes written by save, independent of its present value. The bytes come from a file, and
     *  must be validated. Returns 0, or an error, such as EVENTURE_ERROR_CORRUPT. NULL if and only if save is NULL. */
    int (*load)(const void *bytes, size_t len, void *context);
    /** Returns the reason for the error of the callback that was called last, valid until the next call of a callback;
     *  NULL or "": none. May be NULL. */
    const char *(*message)(void *context);
    /** Rules that are used instead of apply or after it: all rules whose pattern matches the event's type are applied,
     *  in the order of the array. Borrowed for as long as the reducer is used. NULL: apply receives every event. */
    const eventure_reducer_rule *rules;
    size_t rules_count; /**< Number of rules. */
} eventure_reducer;

/** A reducer without any callback: apply or rules must be set. */
#define EVENTURE_REDUCER_INIT                                                                                          \
    {                                                                                                                  \
        sizeof(eventure_reducer), NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0                                       \
    }

/**
 * Sets *reducer to the defaults, as EVENTURE_REDUCER_INIT does. `size` is sizeof(eventure_reducer) as the caller
 * compiled it.
 */
EVENTURE_API void eventure_reducer_init(eventure_reducer *reducer, size_t size);

/** A reducer with its state. Begin with EVENTURE_REDUCER_STATE_INIT. The elements of an array must all have the same
 *  member `size`. */
typedef struct eventure_reducer_state
{
    size_t size;                     /**< Set by the macro. */
    const eventure_reducer *reducer; /**< Needs save and load; borrowed for the call. */
    void *context;                   /**< A state that the call overwrites; borrowed for the call. */
} eventure_reducer_state;

/** No reducer yet. */
#define EVENTURE_REDUCER_STATE_INIT                                                                                    \
    {                                                                                                                  \
        sizeof(eventure_reducer_state), NULL, NULL                                                                     \
    }

/**
 * Sets *state to the defaults, as EVENTURE_REDUCER_STATE_INIT does. `size` is sizeof(eventure_reducer_state) as the
 * caller compiled it.
 */
EVENTURE_API void eventure_reducer_state_init(eventure_reducer_state *state, size_t size);

/** The value with which apply ends a replay without an error. */
#define EVENTURE_REPLAY_STOP 1

/**
 * Applies the events of a range of ticks to a state, one by one. Resets the state first when tick_min is 0.
 * @param reader the store
 * @param reducer the reducer
 * @param context the state, passed to the reducer
 * @param tick_min the first tick; 0 is the beginning
 * @param tick_end the first tick after the range; 0: all ticks from tick_min on
 * @return EVENTURE_OK (also when the reducer stopped it), the error of the reducer, EVENTURE_ERROR_TICK (negative, or
 *         tick_end is before tick_min), EVENTURE_ERROR_CORRUPT (an event between two others is missing), or the error
 *         of reading the file; the error text is the reader's
 */
EVENTURE_API eventure_status eventure_replay_ticks(eventure_reader *reader, const eventure_reducer *reducer,
                                                   void *context, int64_t tick_min, int64_t tick_end);

/** Options of eventure_replay_at. Begin with EVENTURE_STATE_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_state_options
{
    size_t size;                   /**< Set by the macro. */
    bool without_snapshots;        /**< Fold from the first event, without using snapshots. */
    eventure_progress_fn progress; /**< Receives the progress of the fold, and can stop it; NULL: none. */
    void *progress_context;        /**< Passed to progress. */
} eventure_state_options;

/** The defaults. */
#define EVENTURE_STATE_OPTIONS_INIT                                                                                    \
    {                                                                                                                  \
        sizeof(eventure_state_options), false, NULL, NULL                                                              \
    }

/**
 * Sets *options to the defaults, as EVENTURE_STATE_OPTIONS_INIT does. `size` is sizeof(eventure_state_options) as the
 * caller compiled it.
 */
EVENTURE_API void eventure_state_options_init(eventure_state_options *options, size_t size);

/** As a tick: the newest state. */
#define EVENTURE_TICK_NEWEST INT64_MAX

/**
 * Computes the state at the end of a tick: loads the newest snapshot at or before it, of the reducer's name and
 * version, and applies the events after it; without a snapshot, applies all events from the first.
 * @param reader the store; one commit of it is read, and with a log's own reader also the uncommitted events
 * @param reducer the reducer
 * @param context the state, passed to the reducer; undefined after an error
 * @param tick the tick, whose events are included; a tick that is not reached yet, and EVENTURE_TICK_NEWEST, give the
 *        newest state
 * @param options NULL is all defaults
 * @return EVENTURE_OK (also when the reducer stopped it), the error of the reducer, EVENTURE_ERROR_ARGUMENT,
 *         EVENTURE_ERROR_TICK (negative), EVENTURE_ERROR_INTERRUPTED, EVENTURE_ERROR_ARCHIVED (there is no snapshot,
 *         and the first events are in an archive), or the error of reading the file; the error text is the reader's
 */
EVENTURE_API eventure_status eventure_replay_at(eventure_reader *reader, const eventure_reducer *reducer, void *context,
                                                int64_t tick, const eventure_state_options *options);

#ifdef __cplusplus
}
#endif

#endif
