/*
 * Appending: what the caller gave is checked first, and nothing is written until all of it is right.
 */
#include <math.h>
#include <string.h>

#include "event/json.h"
#include "event/line.h"
#include "log/private.h"

/* Reads the clock. */
static eventure_status take_time(eventure_log *log, eventure__timestamp *out)
{
    *out = eventure__timestamp_of_double(log->options.clock(log->options.clock_context));
    if (isfinite(out->seconds))
        return EVENTURE_OK;
    return eventure__fail(&log->store->error, EVENTURE_ERROR_ARGUMENT, "the clock gave a time that is not finite");
}

eventure_status eventure__log_check_event(eventure_log *log, const char *type, const eventure_data *data,
                                          const eventure_event *parent, size_t ahead, eventure__row_to_write *row)
{
    eventure__error *error = &log->store->error;
    if (type == NULL)
        return eventure__fail(error, EVENTURE_ERROR_TYPE, "no type was given");
    size_t len = strlen(type);
    eventure_status status = eventure__log_check_limits(log, type, log->tick, ahead);
    row->type_number = eventure__types_find(&log->types, type, len);
    if (status == EVENTURE_OK && row->type_number == 0)
        status = eventure__type_check(type, len, error);
    size_t before = log->data.len;
    if (status == EVENTURE_OK)
        status = eventure__data_compact(data, (size_t)log->options.max_data_bytes, log->options.max_depth, &log->data,
                                        error);
    if (status == EVENTURE_OK)
        status = eventure__log_parent(log, parent, &row->parent_seq);
    if (status == EVENTURE_OK)
        status = take_time(log, &row->timestamp);
    row->data_len = log->data.len - before;
    row->parent_id = parent != NULL ? parent->id : NULL;
    return status;
}

/* Makes a place of its own for the parent's id, which the caller may free. */
static eventure_status keep_parent_id(eventure_log *log, const eventure_event *parent, eventure__row_to_write *row)
{
    eventure__buffer_clear(&log->parent_id);
    if (parent == NULL)
        return EVENTURE_OK;
    eventure__buffer_append_text(&log->parent_id, parent->id);
    row->parent_id = eventure__buffer_text(&log->parent_id);
    return row->parent_id != NULL ? EVENTURE_OK
                                  : eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "out of memory");
}

eventure_status eventure__log_write_checked(eventure_log *log, const char *type, eventure__row_to_write *row,
                                            const char **out_id)
{
    if (row->type_number == 0)
        row->type_number = eventure__types_add(&log->types, type, strlen(type));
    if (row->type_number == 0)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "out of memory for the types");
    row->type = eventure__types_get(&log->types, row->type_number);
    return eventure__log_write(log, row, out_id);
}

eventure_status eventure_log_append(eventure_log *log, const char *type, eventure_data data,
                                    const eventure_event *parent, eventure_event *out_event)
{
    eventure_status status = eventure__log_check_usable(log, "append an event");
    if (status != EVENTURE_OK)
        return status;
    eventure__row_to_write row = {0};
    const char *id = NULL;
    eventure__buffer_clear(&log->data);
    status = eventure__log_check_event(log, type, &data, parent, 0, &row);
    row.data = status == EVENTURE_OK ? eventure__buffer_text(&log->data) : NULL;
    if (status == EVENTURE_OK && row.data == NULL)
        status = eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "out of memory");
    if (status == EVENTURE_OK)
        status = keep_parent_id(log, parent, &row);
    if (status == EVENTURE_OK)
        status = eventure__log_make_room(log, 1, EVENTURE__ID_BYTES + log->parent_id.len + 1 + row.data_len);
    if (status == EVENTURE_OK)
    {
        status = eventure__log_write_checked(log, type, &row, &id);
        if (status != EVENTURE_OK)
            eventure__log_undo(log, status);
    }
    if (status != EVENTURE_OK)
        return eventure__fail_prefix(&log->store->error, "append %s at tick %lld",
                                     eventure__quote(type, type != NULL ? strlen(type) : 0).text, (long long)log->tick);
    if (out_event != NULL)
        *out_event = (eventure_event){
            .seq = log->last_seq,
            .tick = log->tick,
            .timestamp = row.timestamp.seconds,
            .type = row.type->name,
            .data = row.data,
            .data_len = row.data_len,
            .id = id,
            .parent_id = row.parent_id,
            .parent_seq = row.parent_seq,
        };
    return EVENTURE_OK;
}
