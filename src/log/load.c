/*
 * Loads the state of the log and of its writer from the file: on opening, and after a rollback.
 */
#include <string.h>

#include "embedded_sql.h"
#include "log/log_internal.h"
#include "store/proof.h"
#include "store/record.h"
#include "store/timestamp_column.h"

/* The maximum number of events of a store, so that counting cannot overflow. */
#define MOST_EVENTS (INT64_MAX / 2)

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
    if (digests == NULL) /* out of memory: the column is never NULL */
        return eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", log->store->path);
    writer->has_digests = strcmp(digests, "none") != 0;
    log->tick = sqlite3_column_int64(statement, 1);
    writer->persisted_tick = log->tick;
    log->last_seq = sqlite3_column_int64(statement, 2);
    writer->last_seq = log->last_seq;
    log->has_explicit_ids = sqlite3_column_int(statement, 3) != 0;
    writer->has_explicit_ids = log->has_explicit_ids;
    copy_digest(statement, 4, writer->link.run);
    copy_digest(statement, 5, writer->link.full);
    *out_is_in_tick = sqlite3_column_int(statement, 6) != 0;
    /* The file is untrusted input: counters that start from its values must not overflow. */
    if (log->tick < 0 || log->last_seq < 0 || log->last_seq > MOST_EVENTS)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_CORRUPT,
                              "%s is damaged: it is at tick %lld, after event %lld", log->store->path,
                              (long long)log->tick, (long long)log->last_seq);
    if (log->last_seq > sqlite3_column_int64(statement, 7))
        return eventure__fail(&log->store->error, EVENTURE_ERROR_CORRUPT,
                              "%s is damaged: table tick ends with event %lld, and table events with event %lld",
                              log->store->path, (long long)log->last_seq,
                              (long long)sqlite3_column_int64(statement, 7));
    log->durable_tick = log->tick;
    return EVENTURE_OK;
}

/* Loads the row of the store, and the position of its newest tick. */
static eventure_status load_position(eventure_log *log, bool *out_is_in_tick)
{
    sqlite3_stmt *statement = NULL;
    const eventure__sql *sql = &eventure__query_position;
    eventure_status status = eventure__store_prepare(log->store, sql->text, &statement);
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
    eventure__store_release(log->store, statement);
    return status;
}

static const char *text_of(sqlite3_stmt *statement, int column, size_t *out_len)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    *out_len = (size_t)sqlite3_column_bytes(statement, column);
    return text;
}

/* Loads one event of an incomplete tick. Whether its id is the derived one depends on the events before it. */
static eventure_status resume_event(eventure_log *log, sqlite3_stmt *statement)
{
    char derived[EVENTURE__ID_BYTES];
    eventure__entry entry = {
        .seq = sqlite3_column_int64(statement, EVENTURE__RECORD_SEQ),
        .parent_seq = sqlite3_column_int64(statement, EVENTURE__RECORD_PARENT_SEQ),
        .timestamp = eventure__timestamp_column(statement, EVENTURE__RECORD_TIMESTAMP),
    };
    const char *name = text_of(statement, EVENTURE__RECORD_TYPE, &entry.type_len);
    entry.data = text_of(statement, EVENTURE__RECORD_DATA, &entry.data_len);
    entry.id = text_of(statement, EVENTURE__RECORD_ID, &entry.id_len);
    entry.parent_id = text_of(statement, EVENTURE__RECORD_PARENT_ID, &entry.parent_id_len);
    size_t number = name != NULL ? eventure__types_add(&log->types, name, entry.type_len) : 0;
    if (number == 0 || entry.data == NULL || entry.id == NULL)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", log->store->path);
    const eventure__type *type = eventure__types_get(&log->types, number);
    entry.type = type->name;
    eventure__log_count_event(log, type);
    eventure__id_format(derived, log->tick, type->hash, log->ordinals[type->hash_code]);
    entry.has_explicit_id = strcmp(entry.id, derived) != 0;
    eventure__writer_resume_event(&log->writer, &entry);
    return EVENTURE_OK;
}

static eventure_status resume_tick(eventure_log *log)
{
    sqlite3_stmt *statement = NULL;
    const eventure__sql *sql = &eventure__query_events_of_tick;
    eventure_status status = eventure__store_prepare(log->store, sql->text, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 1, log->tick);
    int step = SQLITE_DONE;
    while (status == EVENTURE_OK && (step = sqlite3_step(statement)) == SQLITE_ROW)
        status = resume_event(log, statement);
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__store_fail(log->store, "read the current tick");
    eventure__store_release(log->store, statement);
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
    log->explicit_tick_max = -1;
    log->lacks_indexes = false;
    eventure_status status = eventure__store_keeps_integers(log->store, &log->keeps_integer_timestamps);
    if (status == EVENTURE_OK)
        status = load_position(log, &is_in_tick);
    if (status == EVENTURE_OK)
        status = eventure__proof_number(log->store, "open_tick", EVENTURE__OPEN_TICK_UNKNOWN, &log->writer.open_tick);
    if (status == EVENTURE_OK)
        status = eventure__log_start_tick(log);
    if (status == EVENTURE_OK)
        eventure__writer_start_tick(&log->writer, log->tick);
    if (status == EVENTURE_OK && is_in_tick)
        status = resume_tick(log);
    return status == EVENTURE_OK ? eventure__log_load_data_indexes(log) : status;
}
