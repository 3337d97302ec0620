/*
 * The state of the current tick: ordinals, what is not yet in `tick` and `type_tick`, and the digests.
 */
#include <stdlib.h>
#include <string.h>

#include "embedded_sql.h"
#include "log/private.h"

bool eventure__log_grow_type_states(eventure_log *log)
{
    size_t wanted = log->store->types_count;
    if (wanted > log->type_states_capacity)
    {
        size_t capacity = wanted < 32 ? 32 : wanted * 2;
        eventure__type_state *states = realloc(log->type_states, capacity * sizeof *states);
        if (states == NULL)
            return false;
        log->type_states = states;
        log->type_states_capacity = capacity;
    }
    for (; log->type_states_count < wanted; log->type_states_count++)
    {
        eventure__type_state *state = &log->type_states[log->type_states_count];
        state->pending = 0;
        state->hash_code = eventure__hash_code(log->store->types[log->type_states_count].hash);
    }
    return true;
}

static void clear_tick(eventure_log *log)
{
    eventure__tick_state *state = &log->state;
    for (size_t i = 0; i < state->used_codes_count; i++)
        state->ordinals[state->used_codes[i]] = 0;
    state->used_codes_count = 0;
    for (size_t i = 0; i < state->used_types_count; i++)
        log->type_states[state->used_types[i] - 1].pending = 0;
    state->used_types_count = 0;
    state->first_seq = 0;
    state->is_dirty = false;
    state->has_taken_ids = false;
}

/* Whether imported events have ids that begin like those of the current tick. */
static eventure_status look_for_taken_ids(eventure_log *log)
{
    if (!log->has_foreign_ids)
        return EVENTURE_OK;
    static const char sql[] = "SELECT 1 FROM foreign_id WHERE id >= ?1 || '-' AND id < ?1 || '.' LIMIT 1";
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_take(log->store, sql, sizeof sql - 1, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 1, log->tick);
    int step = sqlite3_step(statement);
    log->state.has_taken_ids = step == SQLITE_ROW;
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        status = eventure__store_fail(log->store, "look for taken ids");
    eventure__store_give(log->store, statement);
    return status;
}

eventure_status eventure__log_start_tick(eventure_log *log)
{
    clear_tick(log);
    if (log->has_digests)
        eventure__chain_begin(&log->state.chain, &log->link, log->tick);
    return look_for_taken_ids(log);
}

bool eventure__log_count_event(eventure_log *log, int64_t type_id, bool is_pending)
{
    eventure__tick_state *state = &log->state;
    eventure__type_state *type = &log->type_states[type_id - 1];
    if (state->ordinals[type->hash_code]++ == 0)
        state->used_codes[state->used_codes_count++] = type->hash_code;
    if (!is_pending)
        return true;
    state->is_dirty = true;
    if (type->pending == 0)
    {
        if (state->used_types_count == state->used_types_capacity)
        {
            size_t capacity = state->used_types_capacity == 0 ? 64 : state->used_types_capacity * 2;
            int64_t *types = realloc(state->used_types, capacity * sizeof *types);
            if (types == NULL)
                return false;
            state->used_types = types;
            state->used_types_capacity = capacity;
        }
        state->used_types[state->used_types_count++] = type_id;
    }
    type->pending++;
    return true;
}

void eventure__log_digest_event(eventure_log *log, const eventure__row_to_write *row, const char *foreign_id)
{
    eventure__chain_add(&log->state.chain, &(eventure__chained){
                                               .parent_seq = row->parent_seq,
                                               .timestamp = row->timestamp,
                                               .type = row->type->name,
                                               .type_len = row->type->name_len,
                                               .foreign_id = foreign_id,
                                               .external_parent_id = row->external_parent_id,
                                               .data = row->data,
                                               .data_len = row->data_len,
                                           });
}

static int compare_ids(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static eventure_status flush_types(eventure_log *log)
{
    eventure__tick_state *state = &log->state;
    sqlite3_stmt *upsert = log->statements[EVENTURE__UPSERT_TYPE_TICK];
    if (state->used_types_count > 1)
        qsort(state->used_types, state->used_types_count, sizeof *state->used_types, compare_ids);
    for (size_t i = 0; i < state->used_types_count; i++)
    {
        eventure__type_state *type = &log->type_states[state->used_types[i] - 1];
        sqlite3_bind_int64(upsert, 1, state->used_types[i]);
        sqlite3_bind_int64(upsert, 2, log->tick);
        sqlite3_bind_int64(upsert, 3, type->pending);
        eventure_status status = eventure__log_step(log, EVENTURE__UPSERT_TYPE_TICK, "count the types of the tick");
        if (status != EVENTURE_OK)
            return status;
        type->pending = 0;
    }
    state->used_types_count = 0;
    return EVENTURE_OK;
}

eventure_status eventure__log_flush_tick(eventure_log *log, bool seal)
{
    eventure__tick_state *state = &log->state;
    if (state->first_seq == 0 || (!state->is_dirty && !seal))
        return EVENTURE_OK;
    eventure_status status = eventure__log_write_rows(log);
    if (status == EVENTURE_OK)
        status = flush_types(log);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_stmt *upsert = log->statements[EVENTURE__UPSERT_TICK];
    eventure__link link;
    sqlite3_bind_int64(upsert, 1, log->tick);
    sqlite3_bind_int64(upsert, 2, state->first_seq);
    sqlite3_bind_int64(upsert, 3, log->last_seq);
    sqlite3_bind_int(upsert, 4, seal);
    if (log->has_digests)
    {
        eventure__chain_peek(&state->chain, &link);
        sqlite3_bind_blob(upsert, 5, link.run, sizeof link.run, SQLITE_STATIC);
        sqlite3_bind_blob(upsert, 6, link.full, sizeof link.full, SQLITE_STATIC);
    }
    status = eventure__log_step(log, EVENTURE__UPSERT_TICK, "write the tick");
    sqlite3_clear_bindings(upsert);
    if (status != EVENTURE_OK)
        return status;
    state->is_dirty = false;
    if (seal)
        log->told_tick = log->tick + 1;
    if (seal && log->has_digests)
        log->link = link;
    return EVENTURE_OK;
}

static void copy_digest(sqlite3_stmt *statement, int column, uint8_t out[EVENTURE__DIGEST_BYTES])
{
    const void *bytes = sqlite3_column_blob(statement, column);
    memset(out, 0, EVENTURE__DIGEST_BYTES);
    if (bytes != NULL && sqlite3_column_bytes(statement, column) == EVENTURE__DIGEST_BYTES)
        memcpy(out, bytes, EVENTURE__DIGEST_BYTES);
}

/* The store's row, and where its newest tick stands. */
static eventure_status load_position(eventure_log *log, bool *out_is_in_tick)
{
    sqlite3_stmt *statement = NULL;
    const eventure__sql *sql = &eventure__query_position;
    eventure_status status = eventure__store_take(log->store, sql->text, sql->len, &statement);
    if (status != EVENTURE_OK)
        return status;
    if (sqlite3_step(statement) != SQLITE_ROW)
        status = sqlite3_errcode(log->store->db) == SQLITE_DONE
                     ? eventure__fail(&log->store->error, EVENTURE_ERROR_CORRUPT,
                                      "%s is damaged: table store has no row", log->store->path)
                     : eventure__store_fail(log->store, "read the position");
    else
    {
        const char *digests = (const char *)sqlite3_column_text(statement, 0);
        log->has_digests = digests != NULL && strcmp(digests, "none") != 0;
        log->tick = sqlite3_column_int64(statement, 1);
        log->told_tick = log->tick;
        log->last_seq = sqlite3_column_int64(statement, 2);
        log->has_foreign_ids = sqlite3_column_int(statement, 3) != 0;
        copy_digest(statement, 4, log->link.run);
        copy_digest(statement, 5, log->link.full);
        *out_is_in_tick = sqlite3_column_int(statement, 6) != 0;
        if (digests == NULL) /* which is never so: no memory for it */
            status =
                eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", log->store->path);
    }
    /* A file from anybody may say anything; what is counted from here on must not overflow. */
    if (status == EVENTURE_OK && (log->tick < 0 || log->last_seq < 0 || log->last_seq == INT64_MAX))
        status = eventure__fail(&log->store->error, EVENTURE_ERROR_CORRUPT,
                                "%s is damaged: it is at tick %lld, after event %lld", log->store->path,
                                (long long)log->tick, (long long)log->last_seq);
    eventure__store_give(log->store, statement);
    return status;
}

/* Counts one event of the tick that was left in the middle. */
static eventure_status recount_event(eventure_log *log, sqlite3_stmt *statement)
{
    const eventure__type *type = eventure__store_type(log->store, sqlite3_column_int64(statement, 1));
    if (type == NULL || !eventure__log_grow_type_states(log))
        return type == NULL ? log->store->error.status : EVENTURE_ERROR_MEMORY;
    eventure__row_to_write row = {
        .type_id = sqlite3_column_int64(statement, 1),
        .type = type,
        .parent_seq = sqlite3_column_int64(statement, 2),
        .timestamp = sqlite3_column_double(statement, 3),
        .data = (const char *)sqlite3_column_text(statement, 4),
        .data_len = (size_t)sqlite3_column_bytes(statement, 4),
        .external_parent_id = (const char *)sqlite3_column_text(statement, 6),
    };
    if (log->state.first_seq == 0)
        log->state.first_seq = sqlite3_column_int64(statement, 0);
    if (row.data != NULL && log->has_digests)
        eventure__log_digest_event(log, &row, (const char *)sqlite3_column_text(statement, 5));
    eventure__log_count_event(log, row.type_id, false);
    return EVENTURE_OK;
}

static eventure_status load_tick(eventure_log *log)
{
    sqlite3_stmt *statement = NULL;
    const eventure__sql *sql = &eventure__query_events_of_tick;
    eventure_status status = eventure__store_take(log->store, sql->text, sql->len, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 1, log->tick);
    int step = SQLITE_DONE;
    while (status == EVENTURE_OK && (step = sqlite3_step(statement)) == SQLITE_ROW)
        status = recount_event(log, statement);
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__store_fail(log->store, "read the current tick");
    eventure__store_give(log->store, statement);
    return status;
}

eventure_status eventure__log_load(eventure_log *log)
{
    bool is_in_tick = false;
    clear_tick(log);
    eventure__log_forget_recent(log);
    eventure__log_forget_rows(log);
    log->ticks_uncommitted = 0;
    log->type_states_count = 0;
    eventure__store_forget_types(log->store, 0);
    eventure_status status = eventure__store_load_types(log->store);
    if (status == EVENTURE_OK && !eventure__log_grow_type_states(log))
        status = eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "out of memory for the types");
    if (status == EVENTURE_OK)
        status = load_position(log, &is_in_tick);
    if (status == EVENTURE_OK)
        status = eventure__log_start_tick(log);
    if (status == EVENTURE_OK && is_in_tick)
        status = load_tick(log);
    return status == EVENTURE_OK ? eventure__log_load_data_indexes(log) : status;
}
