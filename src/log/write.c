/*
 * Rows: the one place where an event is written.
 */
#include <stdlib.h>
#include <string.h>

#include "embedded_sql.h"
#include "log/private.h"

static const eventure__sql *sql_of(eventure__log_statement which)
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
    case EVENTURE__UPSERT_TYPE_TICK:
        return &eventure__query_upsert_type_tick;
    case EVENTURE__SET_CURRENT_TICK:
        return &eventure__query_set_current_tick;
    case EVENTURE__BEGIN:
        return &eventure__query_begin_write;
    case EVENTURE__COMMIT:
        return &eventure__query_commit;
    case EVENTURE__LOG_STATEMENTS:
        break;
    }
    return NULL;
}

eventure_status eventure__log_prepare(eventure_log *log)
{
    for (int i = 0; i < EVENTURE__LOG_STATEMENTS; i++)
    {
        const eventure__sql *sql = sql_of((eventure__log_statement)i);
        if (sqlite3_prepare_v3(log->store->db, sql->text, (int)sql->len, SQLITE_PREPARE_PERSISTENT, &log->statements[i],
                               NULL) != SQLITE_OK)
            return eventure__store_fail(log->store, sql->name);
    }
    return EVENTURE_OK;
}

void eventure__log_finalize(eventure_log *log)
{
    for (int i = 0; i < EVENTURE__LOG_STATEMENTS; i++)
    {
        sqlite3_finalize(log->statements[i]);
        log->statements[i] = NULL;
    }
}

eventure_status eventure__log_step(eventure_log *log, eventure__log_statement which, const char *what)
{
    sqlite3_stmt *statement = log->statements[which];
    int step = sqlite3_step(statement);
    eventure_status status =
        step == SQLITE_DONE || step == SQLITE_ROW ? EVENTURE_OK : eventure__store_fail(log->store, what);
    sqlite3_reset(statement);
    return status;
}

eventure_status eventure__log_type(eventure_log *log, const char *name, size_t len, int64_t *out_type_id)
{
    *out_type_id = eventure__store_type_id(log->store, name, len);
    if (*out_type_id != 0)
        return EVENTURE_OK;
    char hash[5];
    eventure__type_hash(name, len, hash);
    sqlite3_stmt *insert = log->statements[EVENTURE__INSERT_TYPE];
    int64_t type_id = (int64_t)log->store->types_count + 1;
    sqlite3_bind_int64(insert, 1, type_id);
    sqlite3_bind_text(insert, 2, name, (int)len, SQLITE_STATIC);
    sqlite3_bind_text(insert, 3, hash, -1, SQLITE_STATIC);
    eventure_status status = eventure__log_step(log, EVENTURE__INSERT_TYPE, "write a type");
    sqlite3_clear_bindings(insert);
    if (status == EVENTURE_OK)
        status = eventure__store_add_type(log->store, name, len, hash);
    if (status == EVENTURE_OK && !eventure__log_grow_type_states(log))
        status = eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "out of memory for the types");
    if (status == EVENTURE_OK)
        *out_type_id = type_id;
    return status;
}

/* Whether an id is in `foreign_id`. Negative: an error. */
static int is_foreign_id(eventure_log *log, const char *id)
{
    static const char sql[] = "SELECT 1 FROM foreign_id WHERE id = ?1";
    sqlite3_stmt *statement = NULL;
    if (eventure__store_take(log->store, sql, sizeof sql - 1, &statement) != EVENTURE_OK)
        return log->store->error.status;
    sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    int step = sqlite3_step(statement);
    int result = step == SQLITE_ROW ? 1 : step == SQLITE_DONE ? 0 : eventure__store_fail(log->store, "look an id up");
    eventure__store_give(log->store, statement);
    return result;
}

/* The id that an event gets which brings none: its natural one, or, when an imported event has taken that, the next
 * free one, which is then foreign to it. */
static eventure_status give_id(eventure_log *log, const eventure__type *type, int64_t ordinal, bool *out_is_foreign)
{
    *out_is_foreign = false;
    eventure__id_format(log->id, log->tick, type->hash, ordinal);
    if (!log->state.has_taken_ids)
        return EVENTURE_OK;
    for (int64_t n = ordinal;; n++)
    {
        eventure__id_format(log->id, log->tick, type->hash, n);
        int taken = is_foreign_id(log, log->id);
        if (taken <= 0)
            return taken;
        *out_is_foreign = true;
    }
}

/* Refuses an id that an event of the store has already: a foreign one, or the natural one of its place. */
static eventure_status check_is_free(eventure_log *log, const char *id)
{
    int64_t seq = 0;
    eventure_status status = eventure__log_write_rows(log);
    if (status == EVENTURE_OK)
        status = eventure__store_seq_of_id(log->store, id, &seq);
    if (status == EVENTURE_ERROR_NOT_FOUND)
        return EVENTURE_OK;
    if (status != EVENTURE_OK)
        return status;
    return eventure__fail(&log->store->error, EVENTURE_ERROR_EXISTS, "id %s is taken by event %lld",
                          eventure__quote(id, strlen(id)).text, (long long)seq);
}

/* Settles which id the event has, and whether that is foreign to its place. */
static eventure_status settle_id(eventure_log *log, const eventure__row_to_write *row, int64_t ordinal,
                                 const char **out_id, bool *out_is_foreign)
{
    *out_id = log->id;
    if (row->id == NULL)
        return give_id(log, row->type, ordinal, out_is_foreign);
    eventure__id_format(log->id, log->tick, row->type->hash, ordinal);
    *out_is_foreign = strcmp(row->id, log->id) != 0;
    if (*out_is_foreign)
        *out_id = row->id;
    if (*out_is_foreign || log->state.has_taken_ids)
        return check_is_free(log, row->id);
    return EVENTURE_OK;
}

static eventure_status write_foreign_id(eventure_log *log, int64_t seq, const char *id)
{
    sqlite3_stmt *insert = log->statements[EVENTURE__INSERT_FOREIGN_ID];
    sqlite3_bind_int64(insert, 1, seq);
    sqlite3_bind_text(insert, 2, id, -1, SQLITE_STATIC);
    eventure_status status = eventure__log_step(log, EVENTURE__INSERT_FOREIGN_ID, "write an id");
    sqlite3_clear_bindings(insert);
    log->has_foreign_ids = true;
    eventure__id parsed;
    if (eventure__id_parse(id, strlen(id), &parsed) && parsed.tick == log->tick)
        log->state.has_taken_ids = true;
    return status;
}

static eventure_status write_external_parent(eventure_log *log, int64_t seq, const char *parent_id)
{
    sqlite3_stmt *insert = log->statements[EVENTURE__INSERT_EXTERNAL_PARENT];
    sqlite3_bind_int64(insert, 1, seq);
    sqlite3_bind_text(insert, 2, parent_id, -1, SQLITE_STATIC);
    eventure_status status = eventure__log_step(log, EVENTURE__INSERT_EXTERNAL_PARENT, "write a parent's id");
    sqlite3_clear_bindings(insert);
    return status;
}

eventure_status eventure__log_write(eventure_log *log, const eventure__row_to_write *row, const char **out_id)
{
    int64_t seq = log->last_seq + 1;
    int64_t ordinal = log->state.ordinals[log->type_states[row->type_id - 1].hash_code] + 1;
    bool is_foreign = false;
    eventure_status status = settle_id(log, row, ordinal, out_id, &is_foreign);
    if (status == EVENTURE_OK)
        status = eventure__log_add_row(log, row, seq, ordinal);
    if (status == EVENTURE_OK && is_foreign)
        status = write_foreign_id(log, seq, *out_id);
    if (status == EVENTURE_OK && row->external_parent_id != NULL)
        status = write_external_parent(log, seq, row->external_parent_id);
    if (status != EVENTURE_OK)
        return status;
    log->last_seq = seq;
    if (log->state.first_seq == 0)
        log->state.first_seq = seq;
    const eventure__recent recent = {log->last_seq, log->tick, row->type_id, ordinal, is_foreign};
    eventure__log_remember(log, &recent);
    if (log->has_digests)
        eventure__log_digest_event(log, row, is_foreign ? *out_id : NULL);
    if (!eventure__log_count_event(log, row->type_id, true))
        return eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "out of memory for the tick");
    return EVENTURE_OK;
}
