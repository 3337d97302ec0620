/*
 * Events that are not yet in the table. They are collected until there are enough for the statement that inserts many,
 * or until they must be visible: before a query on the log's own reader, and before the tick is written. The content of
 * the file does not depend on when they are inserted, because a commit writes the pending events first.
 *
 * Measured: docs/decisions/0010-rows-together.md.
 */
#include "store/size.h"
#include "store/timestamp_column.h"
#include "writer/writer.h"

/* Binds an event, from its seq on. */
static void bind_event(sqlite3_stmt *insert, int first, const eventure__entry *entry)
{
    sqlite3_bind_int64(insert, first, entry->seq);
    sqlite3_bind_text64(insert, first + 1, entry->id, entry->id_len, SQLITE_STATIC, SQLITE_UTF8);
    eventure__timestamp_bind(insert, first + 2, entry->timestamp);
    sqlite3_bind_text64(insert, first + 3, entry->type, entry->type_len, SQLITE_STATIC, SQLITE_UTF8);
    if (entry->parent_seq != 0)
        sqlite3_bind_int64(insert, first + 4, entry->parent_seq);
    else
        sqlite3_bind_null(insert, first + 4);
    if (entry->parent_id != NULL)
        sqlite3_bind_text64(insert, first + 5, entry->parent_id, entry->parent_id_len, SQLITE_STATIC, SQLITE_UTF8);
    else
        sqlite3_bind_null(insert, first + 5);
    sqlite3_bind_text64(insert, first + 6, entry->data, entry->data_len, SQLITE_STATIC, SQLITE_UTF8);
}

/* Returns a pending event with pointers to its texts. The pointers are invalid after the buffer grows. */
static eventure__entry pending_event(const eventure__writer *writer, size_t i)
{
    eventure__entry entry = writer->rows[i].entry;
    entry.id = writer->rows_texts.bytes + writer->rows[i].offset;
    if (entry.parent_id != NULL)
        entry.parent_id = entry.id + entry.id_len;
    entry.data = entry.id + entry.id_len + entry.parent_id_len;
    return entry;
}

static eventure_status insert_one(eventure__writer *writer, const eventure__entry *entry)
{
    eventure_status status = eventure__writer_prepare_insert(writer, EVENTURE__INSERT_1);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_stmt *insert = writer->statements[EVENTURE__INSERT_1];
    sqlite3_bind_int64(insert, 1, writer->tick);
    bind_event(insert, 2, entry);
    return eventure__writer_step(writer, EVENTURE__INSERT_1, "append an event");
}

/* Inserts a number of pending events with one statement. */
static eventure_status insert_some(eventure__writer *writer, eventure__writer_statement which, size_t first,
                                   size_t count)
{
    eventure_status status = eventure__writer_prepare_insert(writer, which);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(writer->statements[which], 1, writer->tick);
    for (size_t i = 0; i < count; i++)
    {
        const eventure__entry entry = pending_event(writer, first + i);
        bind_event(writer->statements[which], 2 + (int)i * EVENTURE__ROW_VALUES, &entry);
    }
    return eventure__writer_step(writer, which, "append events");
}

/* Uses one statement for each 1 in the binary number of events. */
eventure_status eventure__writer_write_rows(eventure__writer *writer)
{
    eventure_status status = EVENTURE_OK;
    eventure__writer_statement which = EVENTURE__INSERT_32;
    size_t first = 0;
    for (size_t count = EVENTURE__ROWS; count > 0 && status == EVENTURE_OK; count /= 2, which--)
    {
        if (writer->rows_count - first < count)
            continue;
        status = insert_some(writer, which, first, count);
        first += count;
    }
    eventure__writer_forget_rows(writer);
    return status == EVENTURE_OK ? eventure__store_check_size(writer->store) : status;
}

void eventure__writer_forget_rows(eventure__writer *writer)
{
    writer->rows_count = 0;
    eventure__buffer_clear(&writer->rows_texts);
}

eventure_status eventure__writer_add_row(eventure__writer *writer, const eventure__entry *entry)
{
    if (entry->data_len > EVENTURE__ROW_MAX_BYTES)
    {
        eventure_status status = eventure__writer_write_rows(writer);
        return status == EVENTURE_OK ? insert_one(writer, entry) : status;
    }
    eventure__pending_row *row = &writer->rows[writer->rows_count];
    *row = (eventure__pending_row){*entry, writer->rows_texts.len};
    eventure__buffer_append(&writer->rows_texts, entry->id, entry->id_len);
    if (entry->parent_id != NULL)
        eventure__buffer_append(&writer->rows_texts, entry->parent_id, entry->parent_id_len);
    eventure__buffer_append(&writer->rows_texts, entry->data, entry->data_len);
    if (writer->rows_texts.failed)
        return eventure__fail(&writer->store->error, EVENTURE_ERROR_MEMORY, "out of memory for %zu bytes of data",
                              entry->data_len);
    writer->rows_count++;
    return writer->rows_count == EVENTURE__ROWS ? eventure__writer_write_rows(writer) : EVENTURE_OK;
}
