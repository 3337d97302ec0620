/*
 * Both halves of the log, from the file: on opening, and after a rollback.
 */
#include <string.h>

#include "embedded_sql.h"
#include "log/private.h"

static void copy_digest(sqlite3_stmt *statement, int column, uint8_t out[EVENTURE__DIGEST_BYTES])
{
    const void *bytes = sqlite3_column_blob(statement, column);
    memset(out, 0, EVENTURE__DIGEST_BYTES);
    if (bytes != NULL && sqlite3_column_bytes(statement, column) == EVENTURE__DIGEST_BYTES)
        memcpy(out, bytes, EVENTURE__DIGEST_BYTES);
}

static eventure_status read_position(eventure_log *log, sqlite3_stmt *statement, bool *out_is_in_tick)
{
    eventure__writer *writer = &log->writer;
    const char *digests = (const char *)sqlite3_column_text(statement, 0);
    if (digests == NULL) /* which is never so: no memory for it */
        return eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", log->store->path);
    writer->has_digests = strcmp(digests, "none") != 0;
    log->tick = sqlite3_column_int64(statement, 1);
    writer->told_tick = log->tick;
    log->last_seq = sqlite3_column_int64(statement, 2);
    writer->last_seq = log->last_seq;
    log->has_foreign_ids = sqlite3_column_int(statement, 3) != 0;
    copy_digest(statement, 4, writer->link.run);
    copy_digest(statement, 5, writer->link.full);
    *out_is_in_tick = sqlite3_column_int(statement, 6) != 0;
    /* A file from anybody may say anything; what is counted from here on must not overflow. */
    if (log->tick < 0 || log->last_seq < 0 || log->last_seq == INT64_MAX)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_CORRUPT,
                              "%s is damaged: it is at tick %lld, after event %lld", log->store->path,
                              (long long)log->tick, (long long)log->last_seq);
    log->durable_tick = log->tick;
    return EVENTURE_OK;
}

/* The store's row, and where its newest tick stands. */
static eventure_status load_position(eventure_log *log, bool *out_is_in_tick)
{
    sqlite3_stmt *statement = NULL;
    const eventure__sql *sql = &eventure__query_position;
    eventure_status status = eventure__store_take(log->store, sql->text, sql->len, &statement);
    if (status != EVENTURE_OK)
        return status;
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        status = read_position(log, statement, out_is_in_tick);
    else if (step == SQLITE_DONE)
        status = eventure__fail(&log->store->error, EVENTURE_ERROR_CORRUPT, "%s is damaged: table store has no row",
                                log->store->path);
    else
        status = eventure__store_fail(log->store, "read the position");
    eventure__store_give(log->store, statement);
    return status;
}

/* Takes up one event of the tick that was left in the middle. */
static eventure_status resume_event(eventure_log *log, sqlite3_stmt *statement)
{
    const eventure__type *type = eventure__store_type(log->store, sqlite3_column_int64(statement, 1));
    if (type == NULL)
        return log->store->error.status;
    eventure_status status = eventure__log_learn_types(log);
    if (status != EVENTURE_OK)
        return status;
    const eventure__entry entry = {
        .seq = sqlite3_column_int64(statement, 0),
        .type_id = sqlite3_column_int64(statement, 1),
        .parent_seq = sqlite3_column_int64(statement, 2),
        .timestamp = sqlite3_column_double(statement, 3),
        .type = type->name,
        .type_len = type->name_len,
        .data = (const char *)sqlite3_column_text(statement, 4),
        .data_len = (size_t)sqlite3_column_bytes(statement, 4),
        .foreign_id = (const char *)sqlite3_column_text(statement, 5),
        .external_parent_id = (const char *)sqlite3_column_text(statement, 6),
    };
    eventure__writer_resume_event(&log->writer, &entry);
    eventure__log_count_event(log, entry.type_id);
    return EVENTURE_OK;
}

static eventure_status resume_tick(eventure_log *log)
{
    sqlite3_stmt *statement = NULL;
    const eventure__sql *sql = &eventure__query_events_of_tick;
    eventure_status status = eventure__store_take(log->store, sql->text, sql->len, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 1, log->tick);
    int step = SQLITE_DONE;
    while (status == EVENTURE_OK && (step = sqlite3_step(statement)) == SQLITE_ROW)
        status = resume_event(log, statement);
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__store_fail(log->store, "read the current tick");
    eventure__store_give(log->store, statement);
    return status;
}

eventure_status eventure__log_load_data_indexes(eventure_log *log)
{
    eventure__data_indexes_free(&log->writer.data_indexes);
    log->writer.indexed_seq = log->last_seq;
    return eventure__data_indexes_load(log->store, &log->writer.data_indexes);
}

eventure_status eventure__log_load(eventure_log *log)
{
    bool is_in_tick = false;
    eventure__writer_clear(&log->writer);
    eventure__log_forget_recent(log);
    log->hash_codes_count = 0;
    log->lacks_ids_index = false;
    log->lacks_parents_index = false;
    eventure__store_forget_types(log->store, 0);
    eventure__store_forget_types(log->writer.store, 0);
    eventure_status status = eventure__store_load_types(log->store);
    if (status == EVENTURE_OK)
        status = eventure__log_learn_types(log);
    if (status == EVENTURE_OK)
        status = eventure__log_from_writer(log, eventure__writer_grow_types(&log->writer, log->store->types_count));
    if (status == EVENTURE_OK)
        status = load_position(log, &is_in_tick);
    if (status == EVENTURE_OK)
        status = eventure__log_start_tick(log);
    if (status == EVENTURE_OK)
        eventure__writer_start_tick(&log->writer, log->tick);
    if (status == EVENTURE_OK && is_in_tick)
        status = resume_tick(log);
    return status == EVENTURE_OK ? eventure__log_load_data_indexes(log) : status;
}
