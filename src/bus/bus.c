/*
 * The bus: publishing appends an event to the log and calls the subscribers immediately, in the same thread.
 *
 * Publishing nests: a handler that publishes adds a frame, on the C stack and in the list of frames, up to max_depth.
 * The memory of a frame is allocated before its event is appended, so that a failed allocation never leaves an event
 * that was not dispatched.
 */
#include <eventure/bus.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/options.h"
#include "base/text.h"
#include "bus/bus_internal.h"
#include "log/log.h"
#include "log/transaction.h"

#define DEFAULT_MAX_DEPTH 1000
#define LARGEST_MAX_DEPTH 100000

eventure_status eventure_bus_new(eventure_log *log, const eventure_bus_options *options, eventure_bus **out_bus)
{
    if (out_bus == NULL)
        return eventure__fail_argument(__func__);
    *out_bus = NULL;
    eventure_bus_options taken;
    eventure_status status = EVENTURE__TAKE(options, &taken, eventure_bus_options, "make a bus", NULL);
    if (status == EVENTURE_OK && taken.max_depth == 0)
        taken.max_depth = DEFAULT_MAX_DEPTH;
    const eventure__option_range depth = {"max_depth", taken.max_depth, 1, LARGEST_MAX_DEPTH};
    if (status == EVENTURE_OK)
        status = eventure__options_check(&depth, 1, "make a bus", NULL);
    if (status != EVENTURE_OK)
        return status;
    eventure_bus *bus = calloc(1, sizeof(*bus));
    if (bus == NULL)
        return EVENTURE_ERROR_MEMORY;
    bus->log = log;
    bus->max_depth = taken.max_depth;
    *out_bus = bus;
    return EVENTURE_OK;
}

void eventure_bus_free(eventure_bus *bus)
{
    if (bus == NULL)
        return;
    eventure__bus_folds_free(bus->folds);
    eventure__dispatch_frame_free(bus->frames);
    /* No dispatch is active that would reclaim the ended subscriptions, so they are still linked to their topics. */
    eventure__subscriptions_free(&bus->subscriptions);
    free(bus);
}

const char *eventure_bus_message(const eventure_bus *bus)
{
    return bus != NULL ? bus->error.text : eventure_last_message();
}

eventure_status eventure_bus_subscribe(eventure_bus *bus, const char *pattern, eventure_handler_fn handler,
                                       void *context, eventure_subscription *out_subscription)
{
    if (out_subscription != NULL)
        *out_subscription = 0;
    if (bus == NULL)
        return eventure__fail_argument(__func__);
    eventure__clear(&bus->error);
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
        return eventure__fail_argument(__func__);
    eventure__clear(&bus->error);
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

/* Begins a frame with the current subscribers. */
static eventure_status enter(eventure_bus *bus, const char *what, const char *type,
                             eventure__dispatch_frame **out_frame)
{
    if (bus->depth >= bus->max_depth)
        return fail_depth(bus, what, type);
    eventure__dispatch_frame *frame = eventure__dispatch_frame_enter(&bus->frames, bus->current);
    if (frame == NULL ||
        eventure__selection_begin(&frame->selection, &bus->subscriptions, type, strlen(type)) != EVENTURE_OK)
        return fail_memory(bus, what, type);
    bus->current = frame;
    bus->depth++;
    *out_frame = frame;
    return EVENTURE_OK;
}

static void leave(eventure_bus *bus, eventure__dispatch_frame *frame)
{
    bus->current = frame->outer;
    bus->depth--;
    if (bus->depth == 0)
        eventure__subscriptions_reclaim(&bus->subscriptions);
}

/* Sets the error text for the result of a handler. When a call on this bus failed inside the handler with the same
 * status, the more specific text of that call is kept. */
static void explain_handler(eventure_bus *bus, const eventure_event *event, int result)
{
    if (bus->error.status == result)
        return;
    eventure__quoted type = eventure__quote(event->type, strlen(event->type));
    eventure__quoted id = eventure__quote(event->id, eventure__text_len(event->id, event->id_len));
    eventure__fail(&bus->error, result, "a handler of %s (event %s) returned %d (%s)", type.text, id.text, result,
                   result < 0 ? eventure_status_name(result) : "a value of its own");
}

static eventure_status call_subscribers(eventure_bus *bus, eventure__dispatch_frame *frame)
{
    const eventure__subscribed *one;
    while ((one = eventure__selection_next(&frame->selection)) != NULL)
    {
        bus->error.status = EVENTURE_OK;
        int result = one->handler(&frame->event, one->context);
        if (result != 0)
        {
            explain_handler(bus, &frame->event, result);
            return result;
        }
    }
    return EVENTURE_OK;
}

/* Appends the event and copies it into the frame. */
static eventure_status append(eventure_bus *bus, eventure__dispatch_frame *frame, const eventure_event_input *input)
{
    if (!eventure__dispatch_frame_reserve(frame, input, eventure__log_max_data_bytes(bus->log)))
        return fail_memory(bus, "publish", input->type);
    eventure_event appended;
    eventure_status status = eventure_log_append_input(bus->log, input, &appended);
    if (status != EVENTURE_OK)
        return eventure__fail(&bus->error, status, "publish: %s", eventure_log_message(bus->log));
    if (!eventure__dispatch_frame_copy(frame, &appended))
        return fail_memory(bus, "publish", input->type);
    return EVENTURE_OK;
}

static eventure_status check_has_log(eventure_bus *bus, const char *type)
{
    if (type == NULL)
        return eventure__fail(&bus->error, EVENTURE_ERROR_TYPE, "publish: the type is NULL");
    if (bus->log == NULL)
        return eventure__fail(&bus->error, EVENTURE_ERROR_ARGUMENT,
                              "publish %s: the bus has no log, it can only dispatch",
                              eventure__quote(type, strlen(type)).text);
    return EVENTURE_OK;
}

/* Calls the handlers that match an appended event. The log has already passed the event to the reducers; an error of a
 * reducer is returned, and no handler is called. */
static eventure_status deliver(eventure_bus *bus, eventure__dispatch_frame *frame)
{
    eventure_status status = eventure__bus_folds_check(bus->folds, &bus->error);
    return status == EVENTURE_OK ? call_subscribers(bus, frame) : status;
}

static eventure_status publish(eventure_bus *bus, const eventure_event_input *input, eventure_event *out_event)
{
    eventure__dispatch_frame *frame = NULL;
    eventure_status status = enter(bus, "publish", input->type, &frame);
    if (status != EVENTURE_OK)
        return status;
    status = append(bus, frame, input);
    if (status == EVENTURE_OK)
    {
        status = deliver(bus, frame);
        if (out_event != NULL)
            *out_event = frame->event;
    }
    leave(bus, frame);
    return status;
}

eventure_status eventure_bus_publish(eventure_bus *bus, const char *type, eventure_data data,
                                     const eventure_event *parent, int64_t *out_seq)
{
    if (out_seq != NULL)
        *out_seq = 0;
    if (bus == NULL)
        return eventure__fail_argument(__func__);
    eventure__clear(&bus->error);
    eventure_event event = {0};
    eventure_event_input input = {.size = sizeof input, .type = type, .data = data, .parent = parent};
    eventure_status status = check_has_log(bus, type);
    if (status == EVENTURE_OK)
        status = publish(bus, &input, &event);
    if (out_seq != NULL)
        *out_seq = event.seq;
    eventure__log_note(bus->log, status);
    return status;
}

eventure_status eventure_bus_publish_input(eventure_bus *bus, const eventure_event_input *input,
                                           eventure_event *out_event)
{
    eventure_event_input taken;
    char type[EVENTURE_TYPE_MAX_BYTES + 1];
    if (bus == NULL || input == NULL)
        return eventure__fail_argument(__func__);
    eventure__clear(&bus->error);
    eventure_status status = EVENTURE__TAKE(input, &taken, eventure_event_input, "publish", &bus->error);
    if (status != EVENTURE_OK)
        return status;
    /* The bus needs types that end with NUL. One that is too long, or has a NUL inside, is the log's to refuse. */
    if (taken.type != NULL && taken.type_len > 0 && taken.type_len < sizeof type)
    {
        memcpy(type, taken.type, taken.type_len);
        type[taken.type_len] = '\0';
        taken.type = type;
    }
    else if (taken.type != NULL && taken.type_len > 0)
        return eventure__fail(&bus->error, EVENTURE_ERROR_TYPE, "publish: the type is %zu bytes long, more than %d",
                              taken.type_len, EVENTURE_TYPE_MAX_BYTES);
    status = check_has_log(bus, taken.type);
    if (status == EVENTURE_OK)
        status = publish(bus, &taken, out_event);
    eventure__log_note(bus->log, status);
    return status;
}

/* Dispatches an event of a batch that was appended. */
static eventure_status deliver_appended(eventure_bus *bus, const eventure_event *event)
{
    eventure__dispatch_frame *frame = NULL;
    eventure_status status = enter(bus, "publish", event->type, &frame);
    if (status != EVENTURE_OK)
        return status;
    status =
        eventure__dispatch_frame_copy(frame, event) ? deliver(bus, frame) : fail_memory(bus, "dispatch", event->type);
    leave(bus, frame);
    return status;
}

/* Appends the batch. The events are copied, since a handler may call the log. */
static eventure_status append_batch(eventure_bus *bus, const eventure_batch *batch, eventure_event *events,
                                    eventure_event **copies, size_t count)
{
    eventure_status status = eventure_batch_append(batch, bus->log, events);
    if (status != EVENTURE_OK)
        return eventure__fail(&bus->error, status, "publish: %s", eventure_log_message(bus->log));
    for (size_t i = 0; i < count; i++)
        if (eventure_event_copy(&events[i], &copies[i]) != EVENTURE_OK)
            return fail_memory(bus, "appended, but not dispatched:", events[i].type);
    return EVENTURE_OK;
}

eventure_status eventure_bus_publish_batch(eventure_bus *bus, const eventure_batch *batch, int64_t *out_first_seq)
{
    if (out_first_seq != NULL)
        *out_first_seq = 0;
    if (bus == NULL || batch == NULL)
        return eventure__fail_argument(__func__);
    eventure__clear(&bus->error);
    eventure_status status = check_has_log(bus, "a batch");
    size_t count = eventure_batch_count(batch);
    if (status != EVENTURE_OK || count == 0)
        return status;
    eventure_event *events = calloc(count, sizeof *events);
    eventure_event **copies = calloc(count, sizeof *copies);
    status = events != NULL && copies != NULL ? append_batch(bus, batch, events, copies, count)
                                              : fail_memory(bus, "publish", "a batch");
    if (status == EVENTURE_OK && out_first_seq != NULL)
        *out_first_seq = events[0].seq;
    for (size_t i = 0; i < count && status == EVENTURE_OK; i++)
        status = deliver_appended(bus, copies[i]);
    for (size_t i = 0; copies != NULL && i < count; i++)
        eventure_event_free(copies[i]);
    free(copies);
    free(events);
    eventure__log_note(bus->log, status);
    return status;
}

eventure_status eventure_bus_fold(eventure_bus *bus, const eventure_reducer *reducer, void *context)
{
    return bus != NULL ? eventure__bus_fold_add(&bus->folds, bus->log, reducer, context, &bus->error)
                       : eventure__fail_argument(__func__);
}

eventure_status eventure_bus_dispatch(eventure_bus *bus, const eventure_event *event)
{
    if (bus == NULL)
        return eventure__fail_argument(__func__);
    eventure__clear(&bus->error);
    if (event == NULL || event->type == NULL)
        return eventure__fail(&bus->error, EVENTURE_ERROR_ARGUMENT, "dispatch: the event%s is NULL",
                              event == NULL ? "" : "'s type");
    eventure__dispatch_frame *frame = NULL;
    eventure_status status = enter(bus, "dispatch", event->type, &frame);
    if (status != EVENTURE_OK)
        return status;
    if (!eventure__dispatch_frame_copy(frame, event))
        status = fail_memory(bus, "dispatch", event->type);
    if (status == EVENTURE_OK)
        status = eventure__bus_folds_apply(bus->folds, &frame->event, &bus->error);
    if (status == EVENTURE_OK)
        status = call_subscribers(bus, frame);
    leave(bus, frame);
    return status;
}

void eventure_bus_options_init(eventure_bus_options *options, size_t size)
{
    eventure__options_init(options, size);
}
