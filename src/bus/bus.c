/*
 * The bus: publishing appends an event to the log and hands it to the subscribers at once, on the same thread.
 *
 * Publishing nests: a handler that publishes is one more level, on the C stack as in the list of levels, up to
 * max_depth. Everything that a level needs is allocated before its event is appended, so that running out of memory
 * leaves no event behind that nobody heard.
 */
#include <eventure/bus.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/options.h"
#include "bus/private.h"
#include "log/bulk.h"

#define DEFAULT_MAX_DEPTH 1000
#define LARGEST_MAX_DEPTH 100000

eventure_status eventure_bus_new(eventure_log *log, const eventure_bus_options *options, eventure_bus **out_bus)
{
    if (out_bus == NULL)
        return EVENTURE_ERROR_ARGUMENT;
    *out_bus = NULL;
    eventure_bus_options taken;
    eventure_status status = EVENTURE__TAKE(options, &taken, eventure_bus_options, "make a bus", NULL);
    if (status == EVENTURE_OK && (taken.max_depth < 0 || taken.max_depth > LARGEST_MAX_DEPTH))
        status = eventure__fail(NULL, EVENTURE_ERROR_ARGUMENT, "make a bus: option max_depth is out of range");
    if (status != EVENTURE_OK)
        return status;
    eventure_bus *bus = calloc(1, sizeof(*bus));
    if (bus == NULL)
        return EVENTURE_ERROR_MEMORY;
    bus->log = log;
    bus->max_depth = taken.max_depth == 0 ? DEFAULT_MAX_DEPTH : taken.max_depth;
    *out_bus = bus;
    return EVENTURE_OK;
}

void eventure_bus_free(eventure_bus *bus)
{
    if (bus == NULL)
        return;
    eventure__level_free(bus->levels);
    /* Without an outermost dispatch to come back to, the ended ones are still linked to their topics. */
    eventure__subscriptions_free(&bus->subscriptions);
    free(bus);
}

const char *eventure_bus_message(const eventure_bus *bus)
{
    return bus != NULL ? bus->error.text : "out of memory";
}

eventure_status eventure_bus_subscribe(eventure_bus *bus, const char *pattern, eventure_handler_fn handler,
                                       void *context, eventure_subscription *out_subscription)
{
    if (out_subscription != NULL)
        *out_subscription = 0;
    if (bus == NULL)
        return EVENTURE_ERROR_ARGUMENT;
    eventure__pattern parsed;
    eventure_status status = eventure__pattern_parse(pattern, &parsed, &bus->error);
    if (status != EVENTURE_OK)
    {
        eventure__fail_prefix(&bus->error, "subscribe");
        return status;
    }
    eventure__quoted quoted = eventure__quote(pattern, strlen(pattern));
    if (handler == NULL)
        return eventure__fail(&bus->error, EVENTURE_ERROR_ARGUMENT, "subscribe to %s: the handler is NULL",
                              quoted.text);
    eventure_subscription number = 0;
    status = eventure__subscriptions_add(&bus->subscriptions, &parsed, handler, context, &number);
    if (status != EVENTURE_OK)
        return eventure__fail(&bus->error, status, "subscribe to %s: out of memory", quoted.text);
    if (out_subscription != NULL)
        *out_subscription = number;
    return EVENTURE_OK;
}

eventure_status eventure_bus_unsubscribe(eventure_bus *bus, eventure_subscription subscription)
{
    if (bus == NULL)
        return EVENTURE_ERROR_ARGUMENT;
    if (!eventure__subscriptions_end(&bus->subscriptions, subscription))
        return eventure__fail(&bus->error, EVENTURE_ERROR_NOT_FOUND,
                              "unsubscribe: there is no subscription %llu on this bus",
                              (unsigned long long)subscription);
    if (bus->depth == 0)
        eventure__subscriptions_reclaim(&bus->subscriptions);
    return EVENTURE_OK;
}

static eventure_status fail_depth(eventure_bus *bus, const char *what, const char *type)
{
    eventure__quoted quoted = eventure__quote(type, strlen(type));
    return eventure__fail(&bus->error, EVENTURE_ERROR_LIMIT,
                          "%s %s: nested deeper than max_depth, which is %d: a handler keeps causing events", what,
                          quoted.text, bus->max_depth);
}

static eventure_status fail_memory(eventure_bus *bus, const char *what, const char *type)
{
    eventure__quoted quoted = eventure__quote(type, strlen(type));
    return eventure__fail(&bus->error, EVENTURE_ERROR_MEMORY, "%s %s: out of memory", what, quoted.text);
}

/* Begins a level, with the subscribers of this moment. */
static eventure_status enter(eventure_bus *bus, const char *what, const char *type, eventure__level **out_level)
{
    if (bus->depth >= bus->max_depth)
        return fail_depth(bus, what, type);
    eventure__level *level = eventure__level_enter(&bus->levels, bus->current);
    if (level == NULL ||
        eventure__selection_begin(&level->selection, &bus->subscriptions, type, strlen(type)) != EVENTURE_OK)
        return fail_memory(bus, what, type);
    bus->current = level;
    bus->depth++;
    *out_level = level;
    return EVENTURE_OK;
}

static void leave(eventure_bus *bus, eventure__level *level)
{
    eventure__level_leave(level);
    bus->current = level->outer;
    bus->depth--;
    if (bus->depth == 0)
        eventure__subscriptions_reclaim(&bus->subscriptions);
}

/* The text for what a handler returned. When that is how a call on this bus has failed inside the handler, the text of
 * that call says more, and stays. */
static void explain_handler(eventure_bus *bus, const eventure_event *event, int result)
{
    if (bus->error.status == result)
        return;
    eventure__quoted type = eventure__quote(event->type, strlen(event->type));
    eventure__quoted id =
        eventure__quote(event->id != NULL ? event->id : "", event->id != NULL ? strlen(event->id) : 0);
    eventure__fail(&bus->error, result, "a handler of %s (event %s) returned %d (%s)", type.text, id.text, result,
                   result < 0 ? eventure_status_name(result) : "a value of its own");
}

static eventure_status call_subscribers(eventure_bus *bus, eventure__level *level)
{
    const eventure__subscribed *one;
    while ((one = eventure__selection_next(&level->selection)) != NULL)
    {
        bus->error.status = EVENTURE_OK;
        int result = one->handler(&level->event, one->context);
        if (result != 0)
        {
            explain_handler(bus, &level->event, result);
            return result;
        }
    }
    return EVENTURE_OK;
}

/* Appends, with the copy in the level. */
static eventure_status append(eventure_bus *bus, eventure__level *level, const char *type, eventure_data data,
                              const eventure_event *parent)
{
    if (!eventure__level_reserve(level, type, &data, eventure__log_max_data_bytes(bus->log), parent))
        return fail_memory(bus, "publish", type);
    eventure_event appended;
    eventure_status status = eventure_log_append(bus->log, type, data, parent, &appended);
    if (status != EVENTURE_OK)
        return eventure__fail(&bus->error, status, "publish: %s", eventure_log_message(bus->log));
    if (!eventure__level_copy(level, &appended))
        return fail_memory(bus, "publish", type);
    return EVENTURE_OK;
}

eventure_status eventure_bus_publish(eventure_bus *bus, const char *type, eventure_data data,
                                     const eventure_event *parent, eventure_event **out_event)
{
    if (out_event != NULL)
        *out_event = NULL;
    if (bus == NULL)
        return EVENTURE_ERROR_ARGUMENT;
    if (type == NULL)
        return eventure__fail(&bus->error, EVENTURE_ERROR_TYPE, "publish: the type is NULL");
    if (bus->log == NULL)
        return eventure__fail(&bus->error, EVENTURE_ERROR_ARGUMENT,
                              "publish %s: the bus has no log, it can only dispatch",
                              eventure__quote(type, strlen(type)).text);
    eventure__level *level = NULL;
    eventure_status status = enter(bus, "publish", type, &level);
    if (status != EVENTURE_OK)
        return status;
    status = append(bus, level, type, data, parent);
    if (status == EVENTURE_OK)
    {
        status = call_subscribers(bus, level);
        if (out_event != NULL && eventure_event_copy(&level->event, out_event) != EVENTURE_OK && status == EVENTURE_OK)
            status = fail_memory(bus, "appended and dispatched, but no copy of", type);
    }
    leave(bus, level);
    return status;
}

eventure_status eventure_bus_dispatch(eventure_bus *bus, const eventure_event *event)
{
    if (bus == NULL)
        return EVENTURE_ERROR_ARGUMENT;
    if (event == NULL || event->type == NULL)
        return eventure__fail(&bus->error, EVENTURE_ERROR_ARGUMENT, "dispatch: the event%s is NULL",
                              event == NULL ? "" : "'s type");
    eventure__level *level = NULL;
    eventure_status status = enter(bus, "dispatch", event->type, &level);
    if (status != EVENTURE_OK)
        return status;
    status =
        eventure__level_copy(level, event) ? call_subscribers(bus, level) : fail_memory(bus, "dispatch", event->type);
    leave(bus, level);
    return status;
}

void eventure_bus_options_init(eventure_bus_options *options, size_t size)
{
    eventure__options_init(options, size);
}
