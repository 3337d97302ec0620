/*
 * Events on their way into the table. They wait until there are enough for the statement that writes many at once, or
 * until somebody is to see them: before a question on the log's own reader, and before the tick is written. The file
 * never knows the difference, as a commit writes the tick first.
 *
 * Measured: docs/decisions/0010-rows-together.md.
 */
#include <string.h>

#include "log/private.h"

/* Binds a row from its seq on; data is where its data lies. */
static void bind_row(sqlite3_stmt *insert, int first, const eventure__waiting_row *row, const char *data)
{
    sqlite3_bind_int64(insert, first, row->seq);
    sqlite3_bind_int64(insert, first + 1, row->type_id);
    sqlite3_bind_int64(insert, first + 2, row->ordinal);
    if (row->parent_seq != 0)
        sqlite3_bind_int64(insert, first + 3, row->parent_seq);
    else
        sqlite3_bind_null(insert, first + 3);
    sqlite3_bind_double(insert, first + 4, row->timestamp);
    sqlite3_bind_text64(insert, first + 5, data, row->data_len, SQLITE_STATIC, SQLITE_UTF8);
}

static eventure_status insert_one(eventure_log *log, const eventure__waiting_row *row, const char *data)
{
    sqlite3_stmt *insert = log->statements[EVENTURE__INSERT_EVENT];
    sqlite3_bind_int64(insert, 1, log->tick);
    bind_row(insert, 2, row, data);
    return eventure__log_step(log, EVENTURE__INSERT_EVENT, "append an event");
}

static eventure_status insert_all(eventure_log *log)
{
    sqlite3_stmt *insert = log->statements[EVENTURE__INSERT_32_EVENTS];
    sqlite3_bind_int64(insert, 1, log->tick);
    for (size_t i = 0; i < EVENTURE__ROWS; i++)
        bind_row(insert, 2 + (int)i * 6, &log->rows[i], log->rows_data.bytes + log->rows[i].data_offset);
    return eventure__log_step(log, EVENTURE__INSERT_32_EVENTS, "append events");
}

eventure_status eventure__log_write_rows(eventure_log *log)
{
    eventure_status status = EVENTURE_OK;
    size_t count = log->rows_count;
    if (count == EVENTURE__ROWS)
        status = insert_all(log);
    else
        for (size_t i = 0; i < count && status == EVENTURE_OK; i++)
            status = insert_one(log, &log->rows[i], log->rows_data.bytes + log->rows[i].data_offset);
    eventure__log_forget_rows(log);
    return status;
}

void eventure__log_forget_rows(eventure_log *log)
{
    log->rows_count = 0;
    eventure__buffer_clear(&log->rows_data);
}

eventure_status eventure__log_add_row(eventure_log *log, const eventure__row_to_write *row, int64_t seq,
                                      int64_t ordinal)
{
    eventure__waiting_row waiting = {.seq = seq,
                                     .type_id = row->type_id,
                                     .ordinal = ordinal,
                                     .parent_seq = row->parent_seq,
                                     .timestamp = row->timestamp,
                                     .data_offset = log->rows_data.len,
                                     .data_len = row->data_len};
    if (row->data_len > EVENTURE__ROW_MAX_BYTES)
    {
        eventure_status status = eventure__log_write_rows(log);
        return status == EVENTURE_OK ? insert_one(log, &waiting, row->data) : status;
    }
    eventure__buffer_append(&log->rows_data, row->data, row->data_len);
    if (log->rows_data.failed)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "out of memory for %zu bytes of data",
                              row->data_len);
    log->rows[log->rows_count++] = waiting;
    return log->rows_count == EVENTURE__ROWS ? eventure__log_write_rows(log) : EVENTURE_OK;
}
