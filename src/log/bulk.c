/*
 * Appending imported events: see bulk.h.
 */
#include "log/bulk.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "event/types.h"
#include "log/hook.h"
#include "log/log.h"
#include "log/log_internal.h"

eventure_status eventure__log_bulk_open(const char *path, bool without_digests, eventure_log **out_log)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.mode = EVENTURE_OPEN_OR_CREATE;
    options.sync = EVENTURE_SYNC_OFF;
    options.max_data_bytes = EVENTURE_DATA_MAX_BYTES;
    options.without_digests = without_digests;
    return eventure__log_open(path, &options, out_log);
}

eventure_status eventure__log_bulk_begin(eventure_log *log)
{
    eventure_status status = eventure_log_commit(log);
    if (status == EVENTURE_OK)
        status = eventure__log_begin(log);
    log->bypasses_queue = status == EVENTURE_OK;
    return status;
}

static eventure_status check_bulk_event(eventure_log *log, const eventure_event *event, size_t type_len)
{
    eventure__error *error = &log->store->error;
    if (event->tick < log->tick)
        return eventure__fail(error, EVENTURE_ERROR_TICK, "tick %lld goes back: the log is at tick %lld",
                              (long long)event->tick, (long long)log->tick);
    if (!isfinite(event->timestamp))
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "the timestamp %s is not finite",
                              eventure__double_name(event->timestamp).text);
    if ((int64_t)event->data_len > log->options.max_data_bytes)
        return eventure__fail(error, EVENTURE_ERROR_LIMIT, "data is %zu bytes long; the limit max_data_bytes is %lld",
                              event->data_len, (long long)log->options.max_data_bytes);
    eventure_status status = eventure__log_check_limits(log, event->type, type_len, event->tick, 0);
    if (status != EVENTURE_OK || eventure__types_find(&log->types, event->type, type_len) != 0)
        return status;
    return eventure__type_check(event->type, type_len, error);
}

/* Resolves the parent: in the store, or, if allowed, outside it. */
static eventure_status settle_parent(eventure_log *log, bool external_parents, eventure__row_to_write *row)
{
    if (row->parent_id == NULL)
        return EVENTURE_OK;
    const eventure__span id = {row->parent_id, row->parent_id_len};
    eventure_status status = eventure__log_parent_by_id(log, id, &row->parent_seq);
    return status == EVENTURE_ERROR_PARENT && external_parents ? EVENTURE_OK : status;
}

static eventure__timestamp timestamp_of(const eventure_log *log, const eventure_event *event)
{
    return log->keeps_integer_timestamps ? eventure__timestamp_of_event(event)
                                         : eventure__timestamp_of_double(event->timestamp);
}

eventure_status eventure__log_bulk_append(eventure_log *log, const eventure_event *event, bool external_parents)
{
    eventure_event placed = *event;
    return eventure__log_bulk_place(log, &placed, external_parents);
}

eventure_status eventure__log_bulk_place(eventure_log *log, eventure_event *event, bool external_parents)
{
    eventure__row_to_write row = {.timestamp = timestamp_of(log, event),
                                  .data = event->data,
                                  .data_len = event->data_len,
                                  .parent_id = event->parent_id,
                                  .parent_id_len = eventure__text_len(event->parent_id, event->parent_id_len),
                                  .id = event->id,
                                  .id_len = eventure__text_len(event->id, event->id_len)};
    const size_t type_len = eventure__text_len(event->type, event->type_len);
    eventure__span id = {NULL, 0};
    eventure_status status = check_bulk_event(log, event, type_len);
    if (status == EVENTURE_OK && log->last_seq == 0)
        status = eventure__log_drop_indexes(log);
    if (status == EVENTURE_OK && event->tick > log->tick)
        status = eventure__log_move_to(log, event->tick);
    if (status == EVENTURE_OK)
        status = settle_parent(log, external_parents, &row);
    if (status == EVENTURE_OK)
        status = eventure__log_write_checked(log, event->type, type_len, &row, &id);
    if (status != EVENTURE_OK)
        return status;
    event->seq = log->last_seq;
    event->id = id.at;
    event->id_len = id.len;
    event->parent_seq = row.parent_seq;
    eventure_event appended = eventure__log_event(log, &row, log->last_seq, id);
    eventure__log_notify_event(log, &appended);
    return EVENTURE_OK;
}

bool eventure__log_bulk_tick_has_events(const eventure_log *log)
{
    return log->tick_events > 0;
}

/* Writes every event that was appended so far to the table, so that statements see it. */
static eventure_status show_appended(eventure_log *log)
{
    eventure_status status = eventure__log_settle(log);
    return status == EVENTURE_OK ? eventure__log_from_writer(log, eventure__writer_write_rows(&log->writer)) : status;
}

eventure_status eventure__log_bulk_data(eventure_log *log, const char *id, eventure__buffer *out)
{
    static const char sql[] = "SELECT data FROM events WHERE id = ?1";
    sqlite3_stmt *statement = NULL;
    eventure_status status = show_appended(log);
    if (status == EVENTURE_OK)
        status = eventure__store_prepare(log->store, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    const int step = sqlite3_step(statement);
    if (step == SQLITE_ROW && sqlite3_column_text(statement, 0) != NULL)
        eventure__buffer_append(out, (const char *)sqlite3_column_text(statement, 0),
                                (size_t)sqlite3_column_bytes(statement, 0));
    else if (step == SQLITE_DONE)
        status = eventure__fail(&log->store->error, EVENTURE_ERROR_NOT_FOUND, "there is no event %s",
                                eventure__quote(id, strlen(id)).text);
    else
        status = eventure__store_fail(log->store, "read an event");
    if (status == EVENTURE_OK && out->failed)
        status = eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "out of memory");
    eventure__store_release(log->store, statement);
    return status;
}

eventure_status eventure__log_bulk_unknown_parents(eventure_log *log, int64_t after_seq, int64_t *out_ids)
{
    static const char sql[] = "SELECT count(DISTINCT parent_id) FROM events WHERE seq > ?1 AND +parent_seq IS NULL AND "
                              "+parent_id IS NOT NULL "
                              "AND NOT EXISTS (SELECT 1 FROM events AS parent WHERE parent.id = events.parent_id)";
    eventure_status status = show_appended(log);
    return status == EVENTURE_OK ? eventure__store_ask_int_with(log->store, "count parents", sql, after_seq, 0, out_ids)
                                 : status;
}

eventure_status eventure__log_bulk_knows(eventure_log *log, const char *id, bool *out_known)
{
    int64_t seq = 0;
    eventure_status status = eventure__log_settle(log);
    if (status == EVENTURE_OK)
        status = eventure__log_find_id(log, eventure__text_span(id, 0), &seq);
    *out_known = status == EVENTURE_OK;
    return status == EVENTURE_ERROR_NOT_FOUND ? EVENTURE_OK : status;
}

eventure_status eventure__log_bulk_commit(eventure_log *log)
{
    log->bypasses_queue = false;
    return eventure_log_commit(log);
}
