/**
 * @file
 * The bus decouples components: publishing appends an event to the log and hands it to the subscribers at once, on the
 * same thread, in a defined order.
 *
 * Patterns: `player.move` (exact), `player.*` (everything that begins `player.`), `*.error` (everything that ends
 * `.error`), `*` (everything). Handlers are called in the order exact, prefix, suffix, global; within a class in the
 * order in which they were subscribed. An event published by a handler is appended and dispatched before the outer
 * dispatch goes on.
 */
#ifndef EVENTURE_BUS_H
#define EVENTURE_BUS_H

#include <stddef.h>
#include <stdint.h>

#include <eventure/data.h>
#include <eventure/event.h>
#include <eventure/export.h>
#include <eventure/log.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A bus on a log. For the thread that has the log. */
typedef struct eventure_bus eventure_bus;

/** Names one subscription of a bus; never 0, never used twice. */
typedef uint64_t eventure_subscription;

/**
 * Hears an event.
 * @param event good for this call only
 * @param context as given to eventure_bus_subscribe
 * @return 0 to go on; anything else ends this dispatch and is what publishing returns. The event stays in the log.
 */
typedef int (*eventure_handler_fn)(const eventure_event *event, void *context);

/** How a bus works. Begin with EVENTURE_BUS_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_bus_options
{
    size_t size;   /**< Set by the macro. */
    int max_depth; /**< How deep publishing may nest; default 1000, at most 100000 (each level uses the C stack). */
} eventure_bus_options;

/** The defaults. */
#define EVENTURE_BUS_OPTIONS_INIT                                                                                      \
    {                                                                                                                  \
        sizeof(eventure_bus_options), 0                                                                                \
    }

/** The same, as a function: `size` is sizeof(eventure_bus_options). */
EVENTURE_API void eventure_bus_options_init(eventure_bus_options *options, size_t size);

/**
 * Makes a bus.
 * @param log where publishing appends; borrowed, must outlive the bus; NULL for a bus that only dispatches
 * @param options NULL is all defaults
 * @param out_bus receives the bus; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT, or EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_bus_new(eventure_log *log, const eventure_bus_options *options,
                                              eventure_bus **out_bus);

/** Frees a bus; NULL is allowed. Not from one of its handlers. */
EVENTURE_API void eventure_bus_free(eventure_bus *bus);

/** The text of the bus's last error; good until the next call on it. NULL reads as out of memory. */
EVENTURE_API const char *eventure_bus_message(const eventure_bus *bus);

/**
 * Subscribes. Allowed in a handler: it then first hears the next event.
 * @param bus the bus
 * @param pattern see above; copied
 * @param handler called for each event that matches
 * @param context handed to handler; borrowed until unsubscribed
 * @param out_subscription receives the name for eventure_bus_unsubscribe; may be NULL
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (a `*` in any other place, an empty pattern), or EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_bus_subscribe(eventure_bus *bus, const char *pattern, eventure_handler_fn handler,
                                                    void *context, eventure_subscription *out_subscription);

/**
 * Ends a subscription. Allowed in a handler: it is not called any more, not even by a dispatch under way.
 * @return EVENTURE_OK, or EVENTURE_ERROR_NOT_FOUND
 */
EVENTURE_API eventure_status eventure_bus_unsubscribe(eventure_bus *bus, eventure_subscription subscription);

/**
 * Appends an event and dispatches it.
 * @param bus the bus
 * @param type,data,parent as for eventure_log_append
 * @param out_event receives a copy of the event, to be freed with eventure_event_free; may be NULL; NULL on error of
 *        appending, set when a handler failed
 * @return EVENTURE_OK; EVENTURE_ERROR_ARGUMENT (the bus has no log); what appending failed with (nothing was
 *         dispatched); EVENTURE_ERROR_LIMIT (nested too deep: nothing was appended); EVENTURE_ERROR_MEMORY (nothing was
 *         appended, or all is done but the copy for out_event: the message says which); or what a handler returned (the
 *         event stays in the log)
 */
EVENTURE_API eventure_status eventure_bus_publish(eventure_bus *bus, const char *type, eventure_data data,
                                                  const eventure_event *parent, eventure_event **out_event);

/**
 * Hands a stored event to the subscribers again, without appending: this drives handlers from history. The event is
 * copied, so handlers may publish though it came from the log or from a cursor.
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (NULL), EVENTURE_ERROR_LIMIT (nested too deep), EVENTURE_ERROR_MEMORY,
 *         or what a handler returned
 */
EVENTURE_API eventure_status eventure_bus_dispatch(eventure_bus *bus, const eventure_event *event);

#ifdef __cplusplus
}
#endif

#endif
