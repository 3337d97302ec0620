/*
 * Events from elsewhere, as they are: see bulk.h.
 */
#include "log/bulk.h"

#include <math.h>
#include <string.h>

#include "event/line.h"
#include "log/private.h"

eventure__error *eventure__log_error(eventure_log *log)
{
    return log->store != NULL ? &log->store->error : &log->open_error;
}

size_t eventure__log_max_data_bytes(const eventure_log *log)
{
    return (size_t)log->options.max_data_bytes;
}

int eventure__log_max_depth(const eventure_log *log)
{
    return log->options.max_depth;
}

eventure_status eventure__log_bulk_begin(eventure_log *log)
{
    if (!log->is_open)
        return eventure__fail(eventure__log_error(log), EVENTURE_ERROR_ARGUMENT, "the log is not open");
    eventure_status status = eventure_log_commit(log);
    if (status == EVENTURE_OK)
        status = eventure__log_begin(log);
    log->is_direct = status == EVENTURE_OK;
    return status;
}

static eventure_status check_bulk_event(eventure_log *log, const eventure_event *event)
{
    eventure__error *error = &log->store->error;
    if (event->tick < log->tick)
        return eventure__fail(error, EVENTURE_ERROR_TICK, "tick %lld goes back: the log is at tick %lld",
                              (long long)event->tick, (long long)log->tick);
    if (!isfinite(event->timestamp))
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "the timestamp is not finite");
    if ((int64_t)event->data_len > log->options.max_data_bytes)
        return eventure__fail(error, EVENTURE_ERROR_LIMIT, "data is %zu bytes long; the limit max_data_bytes is %lld",
                              event->data_len, (long long)log->options.max_data_bytes);
    eventure_status status = eventure__log_check_limits(log, event->type, strlen(event->type), event->tick, 0);
    if (status != EVENTURE_OK || eventure__types_find(&log->types, event->type, strlen(event->type)) != 0)
        return status;
    return eventure__type_check(event->type, strlen(event->type), error);
}

/* Settles the parent: in the store, or, where that is allowed, outside it. */
static eventure_status settle_parent(eventure_log *log, const eventure_event *event, bool external_parents,
                                     eventure__row_to_write *row)
{
    if (event->parent_id == NULL)
        return EVENTURE_OK;
    eventure_status status = eventure__log_parent_by_id(log, event->parent_id, &row->parent_seq);
    return status == EVENTURE_ERROR_PARENT && external_parents ? EVENTURE_OK : status;
}

eventure_status eventure__log_bulk_append(eventure_log *log, const eventure_event *event, bool external_parents)
{
    eventure__row_to_write row = {.timestamp = eventure__log_timestamp(event->timestamp),
                                  .data = event->data,
                                  .data_len = event->data_len,
                                  .parent_id = event->parent_id,
                                  .id = event->id};
    const char *id = NULL;
    eventure_status status = check_bulk_event(log, event);
    if (status == EVENTURE_OK && log->last_seq == 0)
        status = eventure__log_drop_indexes(log);
    if (status == EVENTURE_OK && event->tick > log->tick)
        status = eventure__log_move_to(log, event->tick);
    if (status == EVENTURE_OK)
        status = settle_parent(log, event, external_parents, &row);
    if (status == EVENTURE_OK)
        status = eventure__log_write_checked(log, event->type, strlen(event->type), &row, &id);
    if (status != EVENTURE_OK)
        return status;
    eventure_event appended = eventure__log_event(log, &row, log->last_seq, id);
    eventure__log_tell_event(log, &appended);
    return EVENTURE_OK;
}

eventure_status eventure__log_bulk_knows(eventure_log *log, const char *id, bool *out_known)
{
    int64_t seq = 0;
    eventure_status status = eventure__log_settle(log);
    if (status == EVENTURE_OK)
        status = eventure__log_find_id(log, id, &seq);
    *out_known = status == EVENTURE_OK;
    return status == EVENTURE_ERROR_NOT_FOUND ? EVENTURE_OK : status;
}

eventure_status eventure__log_bulk_commit(eventure_log *log)
{
    log->is_direct = false;
    return eventure_log_commit(log);
}

void eventure__log_bulk_abandon(eventure_log *log)
{
    eventure__log_undo(log, EVENTURE_OK);
}
