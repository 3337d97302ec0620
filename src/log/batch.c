/*
 * Batches: many events in one call, all or none. All are checked before the first one is written.
 */
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "log/hook.h"
#include "log/log_internal.h"
#include "log/transaction.h"
#include "log/undo.h"

/* One event of a batch that was checked. */
typedef struct checked
{
    eventure__row_to_write row;
    eventure_event_input input;
} checked;

static eventure_status fail_event(eventure_log *log, size_t number, const eventure_event_input *input)
{
    return eventure__fail_prefix(&log->store->error, "append %s at tick %lld (event %zu of a batch)",
                                 eventure__quote(input->type, input->type_len).text, (long long)log->tick, number);
}

eventure_status eventure__log_fail_memory(eventure_log *log, const char *what)
{
    return log->store != NULL ? eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "%s: out of memory", what)
                              : EVENTURE_ERROR_MEMORY;
}

/* Checks an event; `number` is its position in the batch, from 1. */
static eventure_status check(eventure_log *log, size_t number, checked *event)
{
    eventure_event_input *input = &event->input;
    eventure_status status = eventure__log_take_type(log, input);
    if (status == EVENTURE_OK && input->parent_in_batch >= number)
        status = eventure__fail(&log->store->error, EVENTURE_ERROR_ARGUMENT,
                                "its parent is event %zu of the batch, which is not before it", input->parent_in_batch);
    if (status == EVENTURE_OK)
        status = eventure__log_check_event(log, input, number - 1, &event->row);
    if (status == EVENTURE_OK && input->parent_in_batch != 0)
        event->row.parent_seq = log->last_seq + (int64_t)input->parent_in_batch;
    return status;
}

static int compare_ids(const void *left, const void *right)
{
    const checked *const *a = left;
    const checked *const *b = right;
    return strcmp((*a)->row.id, (*b)->row.id);
}

/* Checks the ids of the inputs against each other (each was checked against the store before). A batch in which only
   some events have an id is refused: a given id could be equal to an assigned one. */
static eventure_status check_ids(eventure_log *log, const checked *events, size_t count)
{
    eventure__error *error = &log->store->error;
    size_t with_id = 0;
    for (size_t i = 0; i < count; i++)
        with_id += events[i].row.id != NULL;
    if (with_id == 0)
        return EVENTURE_OK;
    if (with_id != count)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT,
                              "append a batch of %zu events: %zu of them bring an id; all must, or none", count,
                              with_id);
    eventure_status status = EVENTURE_OK;
    const checked **sorted = calloc(count, sizeof *sorted);
    if (sorted == NULL)
        return eventure__log_fail_memory(log, "append a batch");
    for (size_t i = 0; i < count; i++)
        sorted[i] = &events[i];
    qsort(sorted, count, sizeof *sorted, compare_ids);
    for (size_t i = 1; i < count && status == EVENTURE_OK; i++)
        if (strcmp(sorted[i - 1]->row.id, sorted[i]->row.id) == 0)
            status = eventure__fail(error, EVENTURE_ERROR_EXISTS, "append a batch: two of its events have the id %s",
                                    eventure__quote(sorted[i]->row.id, sorted[i]->row.id_len).text);
    free(sorted);
    return status;
}

static eventure_status check_all(eventure_log *log, size_t count, checked *events)
{
    eventure__log_begin_texts(log);
    for (size_t i = 0; i < count; i++)
        if (check(log, i + 1, &events[i]) != EVENTURE_OK)
            return fail_event(log, i + 1, &events[i].input);
    for (size_t i = 0; i < count; i++)
        eventure__log_point_to_texts(log, &events[i].row);
    return check_ids(log, events, count);
}

/* Copies the inputs, whose `size` depends on the version that the program was compiled with. */
static eventure_status take_inputs(eventure_log *log, const eventure_event_input *given, size_t count, checked *out)
{
    eventure_status status = EVENTURE_OK;
    for (size_t i = 0; i < count && status == EVENTURE_OK; i++)
    {
        const eventure_event_input *input = eventure__options_at(given, i);
        if (input->size != given->size)
            return eventure__fail(&log->store->error, EVENTURE_ERROR_ARGUMENT,
                                  "append a batch: event %zu was not initialised: its size is %zu, that of the first "
                                  "one %zu",
                                  i + 1, input->size, given->size);
        status = EVENTURE__TAKE(input, &out[i].input, eventure_event_input, "append a batch", &log->store->error);
    }
    return status;
}

/* Makes room for all ids, so that they do not move. False: out of memory. */
static bool reserve_ids(eventure_log *log, size_t count, const checked *events)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += events[i].row.id != NULL ? events[i].row.id_len + 1 : EVENTURE__ID_BYTES;
    eventure__buffer_clear(&log->ids);
    return eventure__buffer_reserve(&log->ids, bytes);
}

/* Writes the i-th event. */
static eventure_status write_one(eventure_log *log, checked *events, size_t i)
{
    checked *event = &events[i];
    eventure__span id = {NULL, 0};
    size_t parent = event->input.parent_in_batch;
    if (parent != 0)
    {
        event->row.parent_id = events[parent - 1].row.id;
        event->row.parent_id_len = events[parent - 1].row.id_len;
    }
    eventure_status status =
        eventure__log_write_checked(log, event->input.type, event->input.type_len, &event->row, &id);
    if (status == EVENTURE_OK)
    {
        event->row.id = eventure__log_keep_id(log, id);
        event->row.id_len = id.len;
    }
    return status;
}

static eventure_status write_all(eventure_log *log, size_t count, checked *events)
{
    eventure_status status = EVENTURE_OK;
    for (size_t i = 0; i < count && status == EVENTURE_OK; i++)
    {
        status = write_one(log, events, i);
        if (status != EVENTURE_OK)
        {
            fail_event(log, i + 1, &events[i].input);
            eventure__log_undo(log, status);
        }
    }
    return status;
}

static void hand_out(eventure_log *log, size_t count, const checked *events, eventure_event *out)
{
    int64_t first_seq = log->last_seq - (int64_t)count + 1;
    for (size_t i = 0; i < count; i++)
    {
        const eventure__row_to_write *row = &events[i].row;
        eventure_event event =
            eventure__log_event(log, row, first_seq + (int64_t)i, (eventure__span){row->id, row->id_len});
        if (out != NULL)
            out[i] = event;
        eventure__log_notify_event(log, &event);
    }
}

/* Appends events whose inputs were copied. */
static eventure_status append(eventure_log *log, size_t count, checked *events, eventure_event *out_events)
{
    eventure_status status = check_all(log, count, events);
    if (status != EVENTURE_OK)
        return status;
    if (!reserve_ids(log, count, events))
        return eventure__log_fail_memory(log, "append a batch");
    status = eventure__log_make_room(log, count, log->data->len + count * 2 * EVENTURE__ID_BYTES);
    if (status != EVENTURE_OK)
        return eventure__fail_prefix(&log->store->error, "append a batch of %zu events at tick %lld", count,
                                     (long long)log->tick);
    status = write_all(log, count, events);
    if (status == EVENTURE_OK)
        hand_out(log, count, events, out_events);
    return status;
}

eventure_status eventure_log_append_batch(eventure_log *log, const eventure_event_input *events, size_t count,
                                          eventure_event *out_events)
{
    eventure_status status = eventure__log_check_usable(log, "append a batch");
    if (status != EVENTURE_OK || count == 0)
        return status;
    if (events == NULL)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_ARGUMENT, "append a batch: no events were given");
    checked *taken = count <= SIZE_MAX / sizeof *taken ? calloc(count, sizeof *taken) : NULL;
    if (taken == NULL)
        return eventure__log_fail_memory(log, "append a batch");
    status = take_inputs(log, events, count, taken);
    if (status == EVENTURE_OK)
        status = append(log, count, taken, out_events);
    free(taken);
    eventure__log_note(log, status);
    return status;
}
