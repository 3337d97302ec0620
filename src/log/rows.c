/*
 * Events on their way into the table. They wait until there are enough for the statement that writes many at once, or
 * until somebody is to see them: before a question on the log's own reader, and before the tick is written. The file
 * never knows the difference, as a commit writes the tick first.
 *
 * Measured: docs/decisions/0010-rows-together.md.
 */
#include "log/writer.h"
#include "store/size.h"

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

static eventure_status insert_one(eventure__writer *writer, const eventure__waiting_row *row, const char *data)
{
    sqlite3_stmt *insert = writer->statements[EVENTURE__INSERT_EVENT];
    sqlite3_bind_int64(insert, 1, writer->tick);
    bind_row(insert, 2, row, data);
    return eventure__writer_step(writer, EVENTURE__INSERT_EVENT, "append an event");
}

static eventure_status insert_all(eventure__writer *writer)
{
    sqlite3_stmt *insert = writer->statements[EVENTURE__INSERT_32_EVENTS];
    sqlite3_bind_int64(insert, 1, writer->tick);
    for (size_t i = 0; i < EVENTURE__ROWS; i++)
        bind_row(insert, 2 + (int)i * 6, &writer->rows[i], writer->rows_data.bytes + writer->rows[i].data_offset);
    return eventure__writer_step(writer, EVENTURE__INSERT_32_EVENTS, "append events");
}

eventure_status eventure__writer_write_rows(eventure__writer *writer)
{
    eventure_status status = EVENTURE_OK;
    size_t count = writer->rows_count;
    if (count == EVENTURE__ROWS)
        status = insert_all(writer);
    else
        for (size_t i = 0; i < count && status == EVENTURE_OK; i++)
            status = insert_one(writer, &writer->rows[i], writer->rows_data.bytes + writer->rows[i].data_offset);
    eventure__writer_forget_rows(writer);
    return status == EVENTURE_OK ? eventure__store_check_size(writer->store) : status;
}

void eventure__writer_forget_rows(eventure__writer *writer)
{
    writer->rows_count = 0;
    eventure__buffer_clear(&writer->rows_data);
}

eventure_status eventure__writer_add_row(eventure__writer *writer, const eventure__entry *entry)
{
    eventure__waiting_row waiting = {.seq = entry->seq,
                                     .type_id = entry->type_id,
                                     .ordinal = entry->ordinal,
                                     .parent_seq = entry->parent_seq,
                                     .timestamp = entry->timestamp,
                                     .data_offset = writer->rows_data.len,
                                     .data_len = entry->data_len};
    if (entry->data_len > EVENTURE__ROW_MAX_BYTES)
    {
        eventure_status status = eventure__writer_write_rows(writer);
        return status == EVENTURE_OK ? insert_one(writer, &waiting, entry->data) : status;
    }
    eventure__buffer_append(&writer->rows_data, entry->data, entry->data_len);
    if (writer->rows_data.failed)
        return eventure__fail(&writer->store->error, EVENTURE_ERROR_MEMORY, "out of memory for %zu bytes of data",
                              entry->data_len);
    writer->rows[writer->rows_count++] = waiting;
    return writer->rows_count == EVENTURE__ROWS ? eventure__writer_write_rows(writer) : EVENTURE_OK;
}
