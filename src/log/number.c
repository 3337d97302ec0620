/*
 * The place of an event: its seq, its ordinal among the events of its tick and HASH, and its id. What is numbered is
 * sent to the writer.
 */
#include <stdlib.h>
#include <string.h>

#include "log/private.h"

/* --- Counting --- */

eventure_status eventure__log_learn_types(eventure_log *log)
{
    size_t wanted = log->store->types_count;
    if (wanted > log->hash_codes_capacity)
    {
        size_t capacity = wanted < 32 ? 32 : wanted * 2;
        uint32_t *codes = realloc(log->hash_codes, capacity * sizeof *codes);
        if (codes == NULL)
            return eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "out of memory for the types");
        log->hash_codes = codes;
        log->hash_codes_capacity = capacity;
    }
    for (; log->hash_codes_count < wanted; log->hash_codes_count++)
        log->hash_codes[log->hash_codes_count] = eventure__hash_code(log->store->types[log->hash_codes_count].hash);
    return EVENTURE_OK;
}

/* Whether imported events have ids that begin like those of the current tick. */
static eventure_status look_for_taken_ids(eventure_log *log)
{
    if (!log->has_foreign_ids)
        return EVENTURE_OK;
    static const char sql[] = "SELECT 1 FROM foreign_id WHERE id >= ?1 || '-' AND id < ?1 || '.' LIMIT 1";
    sqlite3_stmt *statement = NULL;
    eventure__store_enter(log->store); /* the thread may be writing */
    eventure_status status = eventure__store_take(log->store, sql, sizeof sql - 1, &statement);
    if (status == EVENTURE_OK)
    {
        sqlite3_bind_int64(statement, 1, log->tick);
        int step = sqlite3_step(statement);
        log->has_taken_ids = step == SQLITE_ROW;
        if (step != SQLITE_ROW && step != SQLITE_DONE)
            status = eventure__store_fail(log->store, "look for taken ids");
        eventure__store_give(log->store, statement);
    }
    eventure__store_leave(log->store);
    return status;
}

eventure_status eventure__log_start_tick(eventure_log *log)
{
    for (size_t i = 0; i < log->used_codes_count; i++)
        log->ordinals[log->used_codes[i]] = 0;
    log->used_codes_count = 0;
    log->tick_events = 0;
    log->has_taken_ids = false;
    return look_for_taken_ids(log);
}

void eventure__log_count_event(eventure_log *log, int64_t type_id)
{
    uint32_t code = log->hash_codes[type_id - 1];
    log->tick_events++;
    if (log->ordinals[code]++ == 0)
        log->used_codes[log->used_codes_count++] = code;
}

eventure_status eventure__log_type(eventure_log *log, const char *name, size_t len, int64_t *out_type_id)
{
    *out_type_id = eventure__store_type_id(log->store, name, len);
    if (*out_type_id != 0)
        return EVENTURE_OK;
    char hash[5];
    eventure__type_hash(name, len, hash);
    eventure_status status = eventure__store_add_type(log->store, name, len, hash);
    if (status == EVENTURE_OK)
        status = eventure__log_learn_types(log);
    if (status != EVENTURE_OK)
        return status;
    *out_type_id = (int64_t)log->store->types_count;
    return eventure__log_send_type(log, *out_type_id, &log->store->types[log->store->types_count - 1]);
}

/* --- Ids --- */

/* The id that an event gets which brings none: its natural one, or, when an imported event has taken that, the next
 * free one, which is then foreign to it. */
static eventure_status give_id(eventure_log *log, const eventure__type *type, int64_t ordinal, bool *out_is_foreign)
{
    *out_is_foreign = false;
    eventure__id_format(log->id, log->tick, type->hash, ordinal);
    if (!log->has_taken_ids)
        return EVENTURE_OK;
    eventure_status status = eventure__log_settle(log);
    for (int64_t n = ordinal; status == EVENTURE_OK; n++)
    {
        int64_t taken_by = 0;
        eventure__id_format(log->id, log->tick, type->hash, n);
        status = eventure__store_seq_of_foreign_id(log->store, log->id, &taken_by);
        if (taken_by == 0)
            break;
        *out_is_foreign = true;
    }
    return status;
}

/* Foreign ids are asked for first: they are in the file as soon as they are written. Whatever else has the form of an
 * id may be the natural one of an event that waits, or that no index leads to yet. */
eventure_status eventure__log_find_id(eventure_log *log, const char *id, int64_t *out_seq)
{
    eventure__id parsed;
    *out_seq = 0;
    eventure_status status =
        log->has_foreign_ids ? eventure__store_seq_of_foreign_id(log->store, id, out_seq) : EVENTURE_OK;
    if (status != EVENTURE_OK || *out_seq != 0)
        return status;
    if (!eventure__id_parse(id, strlen(id), &parsed))
        return EVENTURE_ERROR_NOT_FOUND;
    status = eventure__log_from_writer(log, eventure__writer_write_rows(&log->writer));
    if (status == EVENTURE_OK)
        status = eventure__log_need_ids_index(log);
    return status == EVENTURE_OK ? eventure__store_seq_of_id(log->store, id, out_seq) : status;
}

/* Refuses an id that an event of the store has already: a foreign one, or the natural one of its place. */
static eventure_status check_is_free(eventure_log *log, const char *id)
{
    int64_t seq = 0;
    eventure_status status = eventure__log_find_id(log, id, &seq);
    if (status == EVENTURE_ERROR_NOT_FOUND)
        return EVENTURE_OK;
    if (status != EVENTURE_OK)
        return status;
    return eventure__fail(&log->store->error, EVENTURE_ERROR_EXISTS, "id %s is taken by event %lld",
                          eventure__quote(id, strlen(id)).text, (long long)seq);
}

/* Settles which id the event has, and whether that is foreign to its place. Only events that are written directly bring
 * ids of their own. */
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
    if (*out_is_foreign || log->has_taken_ids)
        return check_is_free(log, row->id);
    return EVENTURE_OK;
}

static void note_foreign_id(eventure_log *log, const char *id)
{
    eventure__id parsed;
    log->has_foreign_ids = true;
    if (eventure__id_parse(id, strlen(id), &parsed) && parsed.tick == log->tick)
        log->has_taken_ids = true;
}

eventure_status eventure__log_write(eventure_log *log, const eventure__row_to_write *row, const char **out_id)
{
    int64_t ordinal = log->ordinals[log->hash_codes[row->type_id - 1]] + 1;
    bool is_foreign = false;
    eventure_status status = settle_id(log, row, ordinal, out_id, &is_foreign);
    if (status != EVENTURE_OK)
        return status;
    const eventure__entry entry = {
        .seq = log->last_seq + 1,
        .type_id = row->type_id,
        .ordinal = ordinal,
        .parent_seq = row->parent_seq,
        .timestamp = row->timestamp,
        .type = row->type->name,
        .type_len = row->type->name_len,
        .data = row->data,
        .data_len = row->data_len,
        .foreign_id = is_foreign ? *out_id : NULL,
        .external_parent_id = row->external_parent_id,
    };
    status = eventure__log_send_event(log, &entry);
    if (status != EVENTURE_OK)
        return status;
    log->last_seq = entry.seq;
    if (is_foreign)
        note_foreign_id(log, *out_id);
    const eventure__recent recent = {entry.seq, log->tick, row->type_id, ordinal, 0, is_foreign};
    eventure__log_remember(log, &recent);
    eventure__log_count_event(log, row->type_id);
    return EVENTURE_OK;
}
