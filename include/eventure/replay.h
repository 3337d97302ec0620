/**
 * @file
 * State is never stored as truth: it is folded from the events, up to any tick.
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

/** One line of a reducer's table: what is done with the events of some types. */
typedef struct eventure_reducer_rule
{
    const char *pattern; /**< A type or wildcard pattern, as on the bus. */
    /** As eventure_reducer.apply. */
    int (*apply)(const eventure_event *event, void *context);
} eventure_reducer_rule;

/**
 * A fold over events. The context is the caller's state.
 *
 * With save and load, states can be kept as snapshots (snapshot.h), so that the state at a tick costs the events since
 * the newest snapshot, and not the history.
 */
typedef struct eventure_reducer
{
    size_t size;      /**< sizeof(eventure_reducer), set by EVENTURE_REDUCER_INIT. */
    const char *name; /**< Names the state in messages and snapshots; NULL reads as "reducer". */
    int64_t version;  /**< To be changed whenever apply changes what it makes of an event, or save what it writes: a
                           snapshot of another version is never used. */
    /** Makes the state as it is before the first event; NULL when it is so already. Returns 0, or an error that ends
     *  the replay. */
    int (*reset)(void *context);
    /** Applies one event, valid during this call only. Returns 0 to go on, EVENTURE_REPLAY_STOP to end the replay with
     *  EVENTURE_OK, or an error that ends it and is returned. */
    int (*apply)(const eventure_event *event, void *context);
    /** Writes the state as bytes: equal states as equal bytes. Returns 0, or an error. NULL: there are no snapshots of
     *  it. */
    int (*save)(eventure_write_fn write, void *sink, void *context);
    /** Makes the state what save wrote, whatever it was before. The bytes come from a file, and may be anything.
     * Returns 0, or an error, such as EVENTURE_ERROR_CORRUPT. NULL together with save. */
    int (*load)(const void *bytes, size_t len, void *context);
    /** Says why the callback that was called last returned an error; NULL or "": no more than its status. Good until
     *  the next call of one of these. May be NULL. */
    const char *(*message)(void *context);
    /** What is done with which events, instead of apply or after it: all rules whose pattern matches the event's type
     * are applied, in the order of the table. Borrowed for as long as the reducer is used. NULL: apply sees every
     * event. */
    const eventure_reducer_rule *rules;
    size_t rules_count; /**< How many rules. */
} eventure_reducer;

/** A reducer without any callback: apply or rules must be set. */
#define EVENTURE_REDUCER_INIT                                                                                          \
    {                                                                                                                  \
        sizeof(eventure_reducer), NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0                                       \
    }

/** The same, as a function: `size` is sizeof(eventure_reducer). */
EVENTURE_API void eventure_reducer_init(eventure_reducer *reducer, size_t size);

/** A reducer with the state that it works on. Begin with EVENTURE_REDUCER_STATE_INIT. The elements of an array of them
 *  all have the same size. */
typedef struct eventure_reducer_state
{
    size_t size;                     /**< Set by the macro. */
    const eventure_reducer *reducer; /**< Needs save and load; borrowed for the call. */
    void *context;                   /**< A state to work with; borrowed for the call. */
} eventure_reducer_state;

/** No reducer yet. */
#define EVENTURE_REDUCER_STATE_INIT                                                                                    \
    {                                                                                                                  \
        sizeof(eventure_reducer_state), NULL, NULL                                                                     \
    }

/** The same, as a function: `size` is sizeof(eventure_reducer_state). */
EVENTURE_API void eventure_reducer_state_init(eventure_reducer_state *state, size_t size);

/** What apply returns to end a replay without an error. */
#define EVENTURE_REPLAY_STOP 1

/**
 * Folds the events of a range of ticks into a state, streaming. Resets the state first when tick_min is 0.
 * @param reader the store
 * @param reducer the fold
 * @param tick_min the first tick; 0 is the beginning
 * @param tick_max the last tick, included; INT64_MAX is the end
 * @param context the state, passed to the reducer
 * @return EVENTURE_OK (also when the reducer stopped it), what the reducer returned, EVENTURE_ERROR_TICK (negative, or
 *         the range is turned round), or the error of reading the file; the error text is the reader's
 */
EVENTURE_API eventure_status eventure_replay(eventure_reader *reader, const eventure_reducer *reducer, int64_t tick_min,
                                             int64_t tick_max, void *context);

/** How the state at a tick is found. Begin with EVENTURE_STATE_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_state_options
{
    size_t size;                   /**< Set by the macro. */
    bool without_snapshots;        /**< Fold from the first event, whatever snapshots there are. */
    eventure_progress_fn progress; /**< Told how far the fold is, and may stop it; NULL for none. */
    void *progress_context;        /**< Passed to progress. */
} eventure_state_options;

/** The defaults. */
#define EVENTURE_STATE_OPTIONS_INIT                                                                                    \
    {                                                                                                                  \
        sizeof(eventure_state_options), false, NULL, NULL                                                              \
    }

/** The same, as a function: `size` is sizeof(eventure_state_options). */
EVENTURE_API void eventure_state_options_init(eventure_state_options *options, size_t size);

/** The tick after which nothing comes: the state "now". */
#define EVENTURE_TICK_NEWEST INT64_MAX

/**
 * Makes the state as it was at the end of a tick: the newest snapshot at or before it, of the reducer's name and
 * version, and the events after that; without one, all events from the first.
 * @param reader the store, of which one commit is read; through a log's own reader also what is not committed yet
 * @param reducer the fold
 * @param tick the tick, whose events are included; one that is not reached yet, as EVENTURE_TICK_NEWEST, is the newest
 *        state
 * @param context the state, passed to the reducer; on an error it is undefined
 * @param options NULL is all defaults
 * @return EVENTURE_OK (also when the reducer stopped it), what the reducer returned, EVENTURE_ERROR_ARGUMENT,
 *         EVENTURE_ERROR_TICK (negative), EVENTURE_ERROR_INTERRUPTED, EVENTURE_ERROR_ARCHIVED (there is no snapshot,
 *         and the first events are in an archive), or the error of reading the file; the error text is the reader's
 */
EVENTURE_API eventure_status eventure_state_at(eventure_reader *reader, const eventure_reducer *reducer, int64_t tick,
                                               void *context, const eventure_state_options *options);

#ifdef __cplusplus
}
#endif

#endif
