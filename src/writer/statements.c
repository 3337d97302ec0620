/*
 * The statements of a writer: each is prepared once and then reused.
 */
#include "embedded_sql.h"
#include "writer/writer.h"

static const eventure__sql *sql_of(eventure__writer_statement which)
{
    switch (which)
    {
    case EVENTURE__UPSERT_TICK:
        return &eventure__query_upsert_tick;
    case EVENTURE__SET_CURRENT_TICK:
        return &eventure__query_set_current_tick;
    case EVENTURE__SET_EXPLICIT_IDS:
        return &eventure__query_set_explicit_ids;
    case EVENTURE__BEGIN:
        return &eventure__query_begin_write;
    case EVENTURE__COMMIT:
        return &eventure__query_commit;
    default: /* the text of an insert is composed */
        break;
    }
    return NULL;
}

static eventure_status prepare(eventure__writer *writer, eventure__writer_statement which, const char *sql,
                               const char *what)
{
    if (sqlite3_prepare_v3(writer->store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &writer->statements[which], NULL) ==
        SQLITE_OK)
        return EVENTURE_OK;
    return eventure__store_fail(writer->store, what);
}

/* The statement inserts events of one tick, ?1. OR ROLLBACK is equivalent to the log's rollback after any error. SQLite
   therefore does not need to undo this statement alone, for which it would copy each page that the statement changes: a
   third of the time of an append (docs/decisions/0022-one-table.md). */
static void append_insert(eventure__buffer *sql, int rows)
{
    int next = 2;
    eventure__buffer_append_text(sql, "INSERT OR ROLLBACK INTO events (tick, seq, id, timestamp, type, parent_seq, "
                                      "parent_id, data) VALUES");
    for (int row = 0; row < rows; row++)
    {
        eventure__buffer_append_text(sql, row == 0 ? " (?1" : ", (?1");
        for (int value = 0; value < EVENTURE__ROW_VALUES; value++)
        {
            eventure__buffer_append_text(sql, ", ?");
            eventure__buffer_append_int(sql, next++);
        }
        eventure__buffer_append_char(sql, ')');
    }
}

eventure_status eventure__writer_prepare_insert(eventure__writer *writer, eventure__writer_statement which)
{
    eventure__buffer sql = {0};
    if (writer->statements[which] != NULL)
        return EVENTURE_OK;
    append_insert(&sql, 1 << (which - EVENTURE__INSERT_1));
    eventure_status status =
        eventure__buffer_text(&sql) != NULL
            ? prepare(writer, which, sql.bytes, "append events")
            : eventure__fail(&writer->store->error, EVENTURE_ERROR_MEMORY, "append events: out of memory");
    eventure__buffer_free(&sql);
    return status;
}

eventure_status eventure__writer_prepare(eventure__writer *writer)
{
    eventure_status status = EVENTURE_OK;
    for (int i = 0; i < EVENTURE__WRITER_STATEMENTS && status == EVENTURE_OK; i++)
    {
        const eventure__sql *sql = sql_of((eventure__writer_statement)i);
        if (sql != NULL)
            status = prepare(writer, (eventure__writer_statement)i, sql->text, sql->name);
    }
    return status;
}

void eventure__writer_finalize(eventure__writer *writer)
{
    for (int i = 0; i < EVENTURE__WRITER_STATEMENTS; i++)
    {
        sqlite3_finalize(writer->statements[i]);
        writer->statements[i] = NULL;
    }
}

bool eventure__writer_was_rolled_back(const eventure__writer *writer)
{
    return writer->in_transaction && sqlite3_get_autocommit(writer->store->db) != 0;
}

/* A statement outside its transaction would commit a part of a tick. (No other thread can use the connection between
   the check and the step, because this thread holds it.) */
eventure_status eventure__writer_step(eventure__writer *writer, eventure__writer_statement which, const char *what)
{
    sqlite3_stmt *statement = writer->statements[which];
    if (eventure__writer_was_rolled_back(writer))
        return eventure__fail(&writer->store->error, EVENTURE_ERROR_IO, "%s: " EVENTURE__ROLLED_BACK, what);
    int step = sqlite3_step(statement);
    eventure_status status =
        step == SQLITE_DONE || step == SQLITE_ROW ? EVENTURE_OK : eventure__store_fail(writer->store, what);
    /* When SQLite (3.40) has no memory to release the savepoint of a statement, it rolls the transaction back, and the
     * step nevertheless returns SQLITE_DONE. */
    if (status == EVENTURE_OK && which != EVENTURE__COMMIT && eventure__writer_was_rolled_back(writer))
        status = eventure__fail(&writer->store->error, EVENTURE_ERROR_MEMORY,
                                "%s: out of memory: the transaction was rolled back", what);
    sqlite3_reset(statement);
    return status;
}
