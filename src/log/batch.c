/*
 * Batches: many events at once, all or none. All are checked before the first one is written.
 */
#include <stdlib.h>
#include <string.h>

#include "log/private.h"

/* One event of a batch that was checked. */
typedef struct checked
{
    eventure__row_to_write row;
    size_t data_offset; /* in log->data */
} checked;

static eventure_status fail_event(eventure_log *log, size_t number, const eventure_new_event *given)
{
    const char *type = given->type != NULL ? given->type : "";
    return eventure__fail_prefix(&log->store->error, "append %s at tick %lld (event %zu of a batch)",
                                 eventure__quote(type, strlen(type)).text, (long long)log->tick, number);
}

/* Checks an event; `number` is its own, from 1. */
static eventure_status check(eventure_log *log, const eventure_new_event *given, size_t number, checked *out)
{
    eventure__error *error = &log->store->error;
    if (given->parent_in_batch != 0 && given->parent != NULL)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "it has two parents: %s, and event %zu of the batch",
                              given->parent->id != NULL ? given->parent->id : "one without an id",
                              given->parent_in_batch);
    if (given->parent_in_batch >= number)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT,
                              "its parent is event %zu of the batch, which is not before it", given->parent_in_batch);
    out->data_offset = log->data.len;
    eventure_status status =
        eventure__log_check_event(log, given->type, &given->data, given->parent, number - 1, &out->row);
    if (status != EVENTURE_OK)
        return status;
    if (given->parent_in_batch != 0)
        out->row.parent_seq = log->last_seq + (int64_t)given->parent_in_batch;
    eventure__buffer_append_char(&log->data, '\0');
    return log->data.failed ? eventure__fail(error, EVENTURE_ERROR_MEMORY, "out of memory") : EVENTURE_OK;
}

static eventure_status check_all(eventure_log *log, const eventure_new_event *events, size_t count, checked *out)
{
    eventure__buffer_clear(&log->data);
    for (size_t i = 0; i < count; i++)
        if (check(log, &events[i], i + 1, &out[i]) != EVENTURE_OK)
            return fail_event(log, i + 1, &events[i]);
    for (size_t i = 0; i < count; i++)
        out[i].row.data = log->data.bytes + out[i].data_offset;
    return EVENTURE_OK;
}

/* Writes the i-th event; `ids` is where those of the batch go, or NULL. */
static eventure_status write_one(eventure_log *log, const eventure_new_event *given, checked *event, size_t i,
                                 char *ids)
{
    const char *id = NULL;
    if (given->parent_in_batch != 0)
        event->row.parent_id = ids + (given->parent_in_batch - 1) * EVENTURE__ID_BYTES;
    eventure_status status = eventure__log_write_checked(log, given->type, &event->row, &id);
    if (status == EVENTURE_OK && ids != NULL)
        memcpy(ids + i * EVENTURE__ID_BYTES, id, strlen(id) + 1);
    return status;
}

static eventure_status write_all(eventure_log *log, const eventure_new_event *events, size_t count, checked *rows,
                                 char *ids)
{
    eventure_status status = EVENTURE_OK;
    for (size_t i = 0; i < count && status == EVENTURE_OK; i++)
    {
        status = write_one(log, &events[i], &rows[i], i, ids);
        if (status != EVENTURE_OK)
        {
            fail_event(log, i + 1, &events[i]);
            eventure__log_undo(log, status);
        }
    }
    return status;
}

static void hand_out(const eventure_log *log, size_t count, const checked *rows, const char *ids, eventure_event *out)
{
    int64_t first_seq = log->last_seq - (int64_t)count + 1;
    for (size_t i = 0; i < count; i++)
    {
        const eventure__row_to_write *row = &rows[i].row;
        out[i] = (eventure_event){
            .seq = first_seq + (int64_t)i,
            .tick = log->tick,
            .timestamp = row->timestamp.seconds,
            .type = eventure__types_get(&log->types, row->type_number)->name,
            .data = row->data,
            .data_len = row->data_len,
            .id = ids + i * EVENTURE__ID_BYTES,
            .parent_id = row->parent_id,
            .parent_seq = row->parent_seq,
        };
    }
}

/* Makes place for the ids of the events, when they are wanted: by the caller, or for parents within the batch. */
static eventure_status reserve_ids(eventure_log *log, const eventure_new_event *events, size_t count, bool are_wanted,
                                   char **out)
{
    *out = NULL;
    for (size_t i = 0; i < count && !are_wanted; i++)
        are_wanted = events[i].parent_in_batch != 0;
    eventure__buffer_clear(&log->ids);
    if (!are_wanted)
        return EVENTURE_OK;
    if (!eventure__buffer_reserve(&log->ids, count * EVENTURE__ID_BYTES))
        return eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "append a batch of %zu events: out of memory",
                              count);
    *out = log->ids.bytes;
    return EVENTURE_OK;
}

/* How much text the events have on their way to the writer, at most. */
static size_t text_len(const eventure_log *log, const checked *rows, size_t count)
{
    size_t len = log->data.len + count * 2 * EVENTURE__ID_BYTES;
    for (size_t i = 0; i < count; i++)
        len += rows[i].row.parent_id != NULL ? strlen(rows[i].row.parent_id) : 0;
    return len;
}

eventure_status eventure_log_append_batch(eventure_log *log, const eventure_new_event *events, size_t count,
                                          eventure_event *out_events)
{
    eventure_status status = eventure__log_check_usable(log, "append a batch");
    if (status != EVENTURE_OK || count == 0)
        return status;
    if (events == NULL)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_ARGUMENT, "append a batch: no events were given");
    checked *rows = calloc(count, sizeof *rows);
    char *ids = NULL;
    if (rows == NULL)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "append a batch of %zu events: out of memory",
                              count);
    status = reserve_ids(log, events, count, out_events != NULL, &ids);
    if (status == EVENTURE_OK)
        status = check_all(log, events, count, rows);
    if (status == EVENTURE_OK)
    {
        status = eventure__log_make_room(log, count, text_len(log, rows, count));
        if (status != EVENTURE_OK)
            eventure__fail_prefix(&log->store->error, "append a batch of %zu events at tick %lld", count,
                                  (long long)log->tick);
    }
    if (status == EVENTURE_OK)
        status = write_all(log, events, count, rows, ids);
    if (status == EVENTURE_OK && out_events != NULL)
        hand_out(log, count, rows, ids, out_events);
    free(rows);
    return status;
}
