/*
 * The statements of a writer: prepared once, stepped for ever.
 */
#include "embedded_sql.h"
#include "log/writer.h"

static const eventure__sql *sql_of(eventure__writer_statement which)
{
    switch (which)
    {
    case EVENTURE__INSERT_EVENT:
        return &eventure__query_insert_event;
    case EVENTURE__INSERT_32_EVENTS:
        return &eventure__query_insert_32_events;
    case EVENTURE__INSERT_TYPE:
        return &eventure__query_insert_type;
    case EVENTURE__INSERT_FOREIGN_ID:
        return &eventure__query_insert_foreign_id;
    case EVENTURE__INSERT_EXTERNAL_PARENT:
        return &eventure__query_insert_external_parent;
    case EVENTURE__UPSERT_TICK:
        return &eventure__query_upsert_tick;
    case EVENTURE__INSERT_TYPE_BLOCK:
        return &eventure__query_insert_type_block;
    case EVENTURE__ADD_TO_TYPE_COUNT:
        return &eventure__query_add_to_type_count;
    case EVENTURE__SET_CURRENT_TICK:
        return &eventure__query_set_current_tick;
    case EVENTURE__BEGIN:
        return &eventure__query_begin_write;
    case EVENTURE__COMMIT:
        return &eventure__query_commit;
    case EVENTURE__WRITER_STATEMENTS:
        break;
    }
    return NULL;
}

eventure_status eventure__writer_prepare(eventure__writer *writer)
{
    for (int i = 0; i < EVENTURE__WRITER_STATEMENTS; i++)
    {
        const eventure__sql *sql = sql_of((eventure__writer_statement)i);
        if (sqlite3_prepare_v3(writer->store->db, sql->text, (int)sql->len, SQLITE_PREPARE_PERSISTENT,
                               &writer->statements[i], NULL) != SQLITE_OK)
            return eventure__store_fail(writer->store, sql->name);
    }
    return EVENTURE_OK;
}

void eventure__writer_finalize(eventure__writer *writer)
{
    for (int i = 0; i < EVENTURE__WRITER_STATEMENTS; i++)
    {
        sqlite3_finalize(writer->statements[i]);
        writer->statements[i] = NULL;
    }
}

bool eventure__writer_is_lost(const eventure__writer *writer)
{
    return writer->in_transaction && sqlite3_get_autocommit(writer->store->db) != 0;
}

/* A statement outside of its transaction would commit a part of a tick. (Nobody comes between looking and stepping: a
 * thread holds the connection meanwhile.) */
eventure_status eventure__writer_step(eventure__writer *writer, eventure__writer_statement which, const char *what)
{
    sqlite3_stmt *statement = writer->statements[which];
    if (eventure__writer_is_lost(writer))
        return eventure__fail(&writer->store->error, EVENTURE_ERROR_IO, "%s: " EVENTURE__LOST, what);
    int step = sqlite3_step(statement);
    eventure_status status =
        step == SQLITE_DONE || step == SQLITE_ROW ? EVENTURE_OK : eventure__store_fail(writer->store, what);
    sqlite3_reset(statement);
    return status;
}
