/*
 * Assigns the position of an event: its seq, its number among the events of its tick and HASH, and its id. The numbered
 * event is sent to the writer.
 */
#include <string.h>

#include "base/assertion.h"
#include "log/log_internal.h"

/* An id that is not in memory is in the file, except an id that is too long for memory. */
eventure_status eventure__log_find_id(eventure_log *log, eventure__span id, int64_t *out_seq)
{
    eventure_status status = EVENTURE_OK;
    *out_seq = eventure__log_recall(log, id);
    if (*out_seq != 0)
        return EVENTURE_OK;
    if (id.len >= EVENTURE__ID_BYTES)
        status = eventure__log_from_writer(log, eventure__writer_write_rows(&log->writer));
    return status == EVENTURE_OK ? eventure__store_seq_of_id(log->store, id, out_seq) : status;
}

/* Finds the seq of the event with an id. *out_seq is 0 when no event has it. Returns EVENTURE_OK in both cases, or the
   error of reading. */
static eventure_status find_taken(eventure_log *log, eventure__span id, int64_t *out_seq)
{
    eventure_status status = eventure__log_find_id(log, id, out_seq);
    return status == EVENTURE_ERROR_NOT_FOUND ? EVENTURE_OK : status;
}

/* Assigns the id of an event without one: its derived id, or, when an imported event has that id, the next free one,
   which is then an explicit id. */
static eventure_status give_id(eventure_log *log, const eventure__type *type, int64_t ordinal, bool *out_is_explicit)
{
    *out_is_explicit = false;
    log->id_len = eventure__id_format(log->id, log->tick, type->hash, ordinal);
    if (!log->has_taken_ids)
        return EVENTURE_OK;
    eventure_status status = eventure__log_settle(log);
    for (int64_t n = ordinal; status == EVENTURE_OK; n++)
    {
        int64_t taken_by = 0;
        log->id_len = eventure__id_format(log->id, log->tick, type->hash, n);
        status = find_taken(log, (eventure__span){log->id, log->id_len}, &taken_by);
        if (taken_by == 0)
            break;
        *out_is_explicit = true;
    }
    return status;
}

const char *eventure__log_keep_id(eventure_log *log, eventure__span id)
{
    char *kept = log->ids.bytes + log->ids.len;
    assert(log->ids.capacity - log->ids.len > id.len);
    memcpy(kept, id.at, id.len);
    kept[id.len] = '\0';
    log->ids.len += id.len + 1;
    return kept;
}

/* Refuses an id that an event of the store has. */
eventure_status eventure__log_check_is_free(eventure_log *log, eventure__span id)
{
    int64_t seq = 0;
    eventure_status status = find_taken(log, id, &seq);
    if (status != EVENTURE_OK || seq == 0)
        return status;
    return eventure__fail(&log->store->error, EVENTURE_ERROR_EXISTS, "id %s is taken by event %lld",
                          eventure__quote(id.at, id.len).text, (long long)seq);
}

/* Determines the id of the event, and whether it is explicit. An id of the input was checked before (append.c), except
   for imported events (bulk.c). */
static eventure_status settle_id(eventure_log *log, const eventure__row_to_write *row, int64_t ordinal,
                                 eventure__entry *entry)
{
    eventure_status status = EVENTURE_OK;
    if (row->id == NULL)
        status = give_id(log, row->type, ordinal, &entry->has_explicit_id);
    else
    {
        log->id_len = eventure__id_format(log->id, log->tick, row->type->hash, ordinal);
        entry->has_explicit_id = row->id_len != log->id_len || memcmp(row->id, log->id, row->id_len) != 0;
        if (log->bypasses_queue && (entry->has_explicit_id || log->has_taken_ids))
            status = eventure__log_check_is_free(log, (eventure__span){row->id, row->id_len});
    }
    entry->id = row->id != NULL ? row->id : log->id;
    entry->id_len = row->id != NULL ? row->id_len : log->id_len;
    return status;
}

static void note_explicit_id(eventure_log *log, const eventure__entry *entry)
{
    eventure__id parsed;
    log->has_explicit_ids = true;
    if (!eventure__id_parse(entry->id, entry->id_len, &parsed))
        return;
    if (parsed.tick > log->explicit_tick_max)
        log->explicit_tick_max = parsed.tick;
    if (parsed.tick == log->tick)
        log->has_taken_ids = true;
}

eventure_status eventure__log_write(eventure_log *log, const eventure__row_to_write *row, eventure__span *out_id)
{
    eventure__entry entry = {
        .seq = log->last_seq + 1,
        .parent_seq = row->parent_seq,
        .timestamp = row->timestamp,
        .type = row->type->name,
        .type_len = row->type->name_len,
        .parent_id = row->parent_id,
        .parent_id_len = row->parent_id_len,
        .data = row->data,
        .data_len = row->data_len,
    };
    eventure_status status = settle_id(log, row, log->ordinals[row->type->hash_code] + 1, &entry);
    if (status == EVENTURE_OK)
        status = eventure__log_send_event(log, &entry);
    if (status != EVENTURE_OK)
        return status;
    assert(log->background != NULL || log->writer.last_seq == entry.seq); /* both halves number alike */
    *out_id = (eventure__span){entry.id, entry.id_len};
    log->last_seq = entry.seq;
    if (entry.has_explicit_id)
        note_explicit_id(log, &entry);
    eventure__log_remember(log, entry.seq, entry.id, entry.id_len);
    eventure__log_count_event(log, row->type);
    return EVENTURE_OK;
}
