/**
 * @file
 * The bus decouples components: publishing appends an event to the log and calls its subscribers before it returns, on
 * the same thread, in a defined order.
 *
 * Patterns: `player.move` (exact), `player.*` (every type that begins with `player.`), `*.error` (every type that ends
 * with `.error`), `*` (every type). Handlers are called in the order exact, prefix, suffix, global; among handlers of
 * one kind in the order in which they were subscribed. An event published by a handler is appended and dispatched
 * before the outer dispatch continues.
 *
 * A reducer attached with eventure_bus_fold keeps a state while the program runs: it receives every event of the log,
 * in the order of the log, before any handler. A handler of `*` cannot keep such a state: it is called last, and
 * therefore after the events that other handlers published.
 */
#ifndef EVENTURE_BUS_H
#define EVENTURE_BUS_H

#include <stddef.h>
#include <stdint.h>

#include <eventure/batch.h>
#include <eventure/data.h>
#include <eventure/event.h>
#include <eventure/export.h>
#include <eventure/log.h>
#include <eventure/replay.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A bus on a log. Only the thread that uses the log may use it. */
typedef struct eventure_bus eventure_bus;

/** Identifies one subscription of a bus; never 0, never reused. */
typedef uint64_t eventure_subscription;

/**
 * Receives an event.
 * @param event valid during this call only
 * @param context the pointer given to eventure_bus_subscribe
 * @return 0 to continue; any other value ends this dispatch, and publishing returns it. The event stays in the log.
 */
typedef int (*eventure_handler_fn)(const eventure_event *event, void *context);

/** Options of a bus. Begin with EVENTURE_BUS_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_bus_options
{
    size_t size;   /**< Set by the macro. */
    int max_depth; /**< The deepest nesting of publishing; default 1000, at most 100000 (each level uses the C
                        stack). */
} eventure_bus_options;

/** The defaults. */
#define EVENTURE_BUS_OPTIONS_INIT                                                                                      \
    {                                                                                                                  \
        sizeof(eventure_bus_options), 0                                                                                \
    }

/**
 * Sets *options to the defaults, as EVENTURE_BUS_OPTIONS_INIT does. `size` is sizeof(eventure_bus_options) as the
 * caller compiled it.
 */
EVENTURE_API void eventure_bus_options_init(eventure_bus_options *options, size_t size);

/**
 * Makes a bus.
 * @param log the log that publishing appends to; borrowed, must outlive the bus; NULL for a bus that only dispatches
 * @param options NULL is all defaults
 * @param out_bus receives the bus; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT, or EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_bus_new(eventure_log *log, const eventure_bus_options *options,
                                              eventure_bus **out_bus);

/** Frees a bus; NULL is allowed. A handler must not free its own bus. */
EVENTURE_API void eventure_bus_free(eventure_bus *bus);

/** Returns the text of the bus's last error; valid until the next call on it. For NULL: eventure_last_message(). */
EVENTURE_API const char *eventure_bus_message(const eventure_bus *bus);

/**
 * Subscribes a handler to a pattern. A handler may call it: the new subscription receives events from the next one on.
 * @param bus the bus
 * @param pattern a pattern as described above; copied
 * @param handler called for each event that matches
 * @param context passed to handler; borrowed until unsubscribed
 * @param out_subscription receives the value for eventure_bus_unsubscribe; may be NULL
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (a `*` in any other place, an empty pattern), or EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_bus_subscribe(eventure_bus *bus, const char *pattern, eventure_handler_fn handler,
                                                    void *context, eventure_subscription *out_subscription);

/**
 * Ends a subscription. A handler may call it. The subscription's handler is not called again, not even by a dispatch
 * that is running.
 * @return EVENTURE_OK, or EVENTURE_ERROR_NOT_FOUND
 */
EVENTURE_API eventure_status eventure_bus_unsubscribe(eventure_bus *bus, eventure_subscription subscription);

/**
 * Keeps a state up to date: the reducer is applied to every event of the log, independent of how it is appended, in the
 * order of the log, and before the handlers of that event are called. The state equals the one that
 * eventure_replay_ticks computes from the log: this call brings it up to the newest event (from the newest snapshot,
 * when the reducer has save and load), and it is computed again when events are rolled back.
 *
 * An error of the reducer is returned by the publish of the event, which stays in the log. The state is then undefined,
 * and the next event computes it again. While the reducer fails for an event of the log, each publish appends its
 * event, returns this error and calls no handler; appends without the bus succeed. Free the bus to detach the reducer.
 *
 * On a bus without a log, this call resets the state, and the reducer is then applied to each event that is dispatched.
 * On a bus with a log, dispatching does not apply the reducer: those events are already in the state.
 * @param bus the bus; the reducer stays attached until the bus is freed
 * @param reducer copied; must not append, publish, advance or commit: these calls return EVENTURE_ERROR_ARGUMENT
 * @param context the state; borrowed until the bus is freed
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT, EVENTURE_ERROR_MEMORY, or as eventure_replay_at
 */
EVENTURE_API eventure_status eventure_bus_fold(eventure_bus *bus, const eventure_reducer *reducer, void *context);

/**
 * Appends an event and dispatches it.
 *
 * A call that fails leaves the tick incomplete: closing the log discards the tick, unless the program continues it or
 * commits first (see eventure_log_close).
 * @param bus the bus
 * @param type,data,parent as for eventure_log_append
 * @param out_seq receives the event's seq, which identifies it as a parent: in eventure_event_input.parent_seq, or as
 *        `&(eventure_event){.seq = seq}`; 0 when appending failed, set when a handler failed; may be NULL
 * @return EVENTURE_OK; EVENTURE_ERROR_ARGUMENT (the bus has no log); the error of appending (nothing was dispatched);
 *         EVENTURE_ERROR_LIMIT (nested too deep: nothing was appended); EVENTURE_ERROR_MEMORY (nothing was appended);
 *         the error of a reducer of eventure_bus_fold (no handler was called), or the value that a handler returned: in
 *         these two cases the event stays in the log
 */
EVENTURE_API eventure_status eventure_bus_publish(eventure_bus *bus, const char *type, eventure_data data,
                                                  const eventure_event *parent, int64_t *out_seq);

/**
 * As eventure_bus_publish, with every property of an event.
 * @param bus the bus
 * @param input the event; borrowed for this call
 * @param out_event receives the event, valid until the next call on this bus; unchanged when appending failed; may be
 *        NULL
 * @return as eventure_bus_publish, and as eventure_log_append_input
 */
EVENTURE_API eventure_status eventure_bus_publish_input(eventure_bus *bus, const eventure_event_input *input,
                                                        eventure_event *out_event);

/**
 * Appends the events of a batch, all or none, and then dispatches them one after another.
 * @param bus the bus
 * @param batch the events
 * @param out_first_seq receives the seq of the first event, the others follow without gaps; 0 when the batch is empty
 *        or was not appended; may be NULL
 * @return as eventure_bus_publish. When a handler fails, all events stay in the log, and those that come later in the
 *         batch are not dispatched
 */
EVENTURE_API eventure_status eventure_bus_publish_batch(eventure_bus *bus, const eventure_batch *batch,
                                                        int64_t *out_first_seq);

/**
 * Calls the subscribers with a stored event again, without appending it: handlers can thus be run over a history. The
 * event is copied, so that handlers may publish even when it belongs to the log or to a cursor.
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (NULL), EVENTURE_ERROR_LIMIT (nested too deep), EVENTURE_ERROR_MEMORY,
 *         the error of a reducer of a bus without a log, or the value that a handler returned
 */
EVENTURE_API eventure_status eventure_bus_dispatch(eventure_bus *bus, const eventure_event *event);

#ifdef __cplusplus
}
#endif

#endif
