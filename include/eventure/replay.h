/**
 * @file
 * State is never stored as truth: it is folded from the events, up to any tick.
 */
#ifndef EVENTURE_REPLAY_H
#define EVENTURE_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include <eventure/event.h>
#include <eventure/export.h>
#include <eventure/reader.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A fold over events. The context is the caller's state. */
typedef struct eventure_reducer
{
    size_t size;      /**< sizeof(eventure_reducer). */
    const char *name; /**< Names the state in messages and snapshots; NULL reads as "reducer". */
    int64_t version;  /**< To be changed whenever apply changes what it makes of an event. */
    /** Makes the state as it is before the first event; NULL when it is so already. Returns 0, or an error that ends
     *  the replay. */
    int (*reset)(void *context);
    /** Applies one event, good for this call only. Returns 0 to go on, EVENTURE_REPLAY_STOP to end the replay with
     *  EVENTURE_OK, or an error that ends it and is returned. */
    int (*apply)(const eventure_event *event, void *context);
} eventure_reducer;

/** What apply returns to end a replay without an error. */
#define EVENTURE_REPLAY_STOP 1

/**
 * Folds the events of a range of ticks into a state, streaming. Resets the state first when tick_min is 0.
 * @param reader the store
 * @param reducer the fold
 * @param tick_min the first tick; 0 is the beginning
 * @param tick_max the last tick, included; INT64_MAX is the end
 * @param context the state, handed to the reducer
 * @return EVENTURE_OK (also when the reducer stopped it), what the reducer returned, EVENTURE_ERROR_TICK (negative, or
 *         the range is turned round), or what reading the file failed with; the text is the reader's
 */
EVENTURE_API eventure_status eventure_replay(eventure_reader *reader, const eventure_reducer *reducer, int64_t tick_min,
                                             int64_t tick_max, void *context);

#ifdef __cplusplus
}
#endif

#endif
