/*
 * The checkpoint of a projection's database: see checkpoint.h.
 */
#include "projection/checkpoint.h"

#include <string.h>

#include "embedded_sql.h"
#include "store/store.h"

eventure_status eventure__projection_checkpoint_query(eventure__engine *engine, const char *sql, int64_t *out)
{
    return eventure__sqlite_ask_int(engine->db, sql, 0, out) == SQLITE_OK ? EVENTURE_OK
                                                                          : eventure__engine_fail(engine, "look at it");
}

void eventure__projection_checkpoint_text(char *out, size_t size, sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    size_t len = text != NULL ? strlen(text) : 0;
    if (len >= size)
        len = size - 1;
    if (len > 0)
        memcpy(out, text, len);
    out[len] = '\0';
}

eventure_status eventure__projection_checkpoint_read(eventure__engine *engine, eventure__projection_checkpoint *out)
{
    int64_t tables = 0;
    sqlite3_stmt *statement = NULL;
    out->is_there = false;
    eventure_status status = eventure__projection_checkpoint_query(
        engine, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'eventure_projection'", &tables);
    if (status != EVENTURE_OK || tables == 0)
        return status;
    const eventure__sql *sql = &eventure__query_projection_checkpoint;
    if (sqlite3_prepare_v2(engine->db, sql->text, -1, &statement, NULL) != SQLITE_OK)
        return eventure__engine_fail(engine, "read the checkpoint");
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
    {
        const char *id = (const char *)sqlite3_column_text(statement, 4);
        out->is_there = true;
        eventure__projection_checkpoint_text(out->source, sizeof out->source, statement, 0);
        eventure__projection_checkpoint_text(out->digest, sizeof out->digest, statement, 1);
        out->seq = sqlite3_column_int64(statement, 2);
        out->tick = sqlite3_column_int64(statement, 3);
        out->timestamp = sqlite3_column_double(statement, 5);
        eventure__buffer_clear(&out->id);
        eventure__buffer_append_text(&out->id, id != NULL ? id : "");
        if (eventure__buffer_text(&out->id) == NULL)
            status = eventure__fail(engine->error, EVENTURE_ERROR_MEMORY, "%s: out of memory", engine->label);
    }
    else if (step != SQLITE_DONE)
        status = eventure__engine_fail(engine, "read the checkpoint");
    sqlite3_finalize(statement);
    return status;
}

eventure_status eventure__projection_checkpoint_write(eventure__engine *engine,
                                                      eventure__projection_checkpoint *checkpoint)
{
    const eventure__sql *sql = &eventure__query_set_projection_checkpoint;
    sqlite3_stmt *statement = NULL;
    eventure_status status = EVENTURE_OK;
    if (sqlite3_prepare_v2(engine->db, sql->text, -1, &statement, NULL) != SQLITE_OK)
        return eventure__engine_fail(engine, "write the checkpoint");
    sqlite3_bind_text(statement, 1, checkpoint->source, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, checkpoint->digest, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 3, checkpoint->seq);
    sqlite3_bind_int64(statement, 4, checkpoint->tick);
    sqlite3_bind_text(statement, 5, eventure__buffer_text(&checkpoint->id), -1, SQLITE_STATIC);
    sqlite3_bind_double(statement, 6, checkpoint->timestamp);
    if (checkpoint->id.failed)
        status = eventure__fail(engine->error, EVENTURE_ERROR_MEMORY, "%s: out of memory", engine->label);
    else if (sqlite3_step(statement) != SQLITE_DONE)
        status = eventure__engine_fail(engine, "write the checkpoint");
    sqlite3_finalize(statement);
    return status;
}
