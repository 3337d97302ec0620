/*
 * Parents: the caller names one by an event or by an id. It must be in this store.
 */
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"
#include "embedded_sql.h"
#include "event/id.h"
#include "log/log.h"
#include "log/log_internal.h"
#include "log/undo.h"

static eventure_status fail_unknown(eventure_log *log, eventure__span id)
{
    return eventure__fail(&log->store->error, EVENTURE_ERROR_PARENT, "parent %s is not in this store",
                          eventure__quote(id.at, id.len).text);
}

eventure_status eventure__log_parent_by_id(eventure_log *log, eventure__span id, int64_t *out_seq)
{
    *out_seq = eventure__log_recall(log, id);
    if (*out_seq != 0)
        return EVENTURE_OK;
    eventure_status status = eventure__log_settle(log);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__log_find_id(log, id, out_seq);
    if (status == EVENTURE_ERROR_NOT_FOUND)
        return fail_unknown(log, id);
    return status == EVENTURE_OK ? status : eventure__log_undo(log, status);
}

eventure_status eventure__log_keep_text(eventure_log *log, const char *text, size_t len, size_t *out_at)
{
    eventure__buffer *texts = log->data;
    *out_at = texts->len + 1;
    if (!eventure__buffer_reserve(texts, len + 1))
        return eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "out of memory");
    memcpy(texts->bytes + texts->len, text, len);
    texts->len += len;
    texts->bytes[texts->len++] = '\0';
    return EVENTURE_OK;
}

eventure_status eventure__log_check_id(eventure_log *log, const char *whose, const char *id, size_t len)
{
    eventure__error *error = &log->store->error;
    if (len == 0)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s is empty", whose);
    if (len > EVENTURE__ID_MAX_BYTES)
        return eventure__fail(error, EVENTURE_ERROR_LIMIT, "%s is %zu bytes long, more than %d: %s", whose, len,
                              EVENTURE__ID_MAX_BYTES, eventure__quote(id, len).text);
    if (memchr(id, '\0', len) != NULL || !eventure__utf8_valid(id, len))
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "%s is not UTF-8 without NUL: %s", whose,
                              eventure__quote(id, len).text);
    return EVENTURE_OK;
}

static eventure_status fail_unknown_seq(eventure_log *log, int64_t seq)
{
    if (seq > 0 && seq <= log->last_seq)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_PARENT,
                              "the parent, event %lld, is archived, and its id is not kept, or it is lost",
                              (long long)seq);
    return eventure__fail(&log->store->error, EVENTURE_ERROR_PARENT,
                          "the parent, event %lld, is not in this store, whose newest event is %lld", (long long)seq,
                          (long long)log->last_seq);
}

/* Appends the id of the parent to log->data. */
static eventure_status keep_parent_id(eventure_log *log, eventure__span id, eventure__row_to_write *row)
{
    row->parent_id_len = id.len;
    return eventure__log_keep_text(log, id.at, id.len, &row->parent_id_at);
}

/* Reads the id of an event that is not in memory: an event of the store, or an archived event whose id is kept. */
static eventure_status read_id(eventure_log *log, int64_t seq, eventure__row_to_write *row)
{
    const eventure__sql *sql = &eventure__query_id_of_seq;
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__log_settle(log);
    if (status == EVENTURE_OK)
        status = eventure__log_from_writer(log, eventure__writer_write_rows(&log->writer));
    if (status == EVENTURE_OK)
        status = eventure__store_prepare(log->store, sql->text, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 1, seq);
    int step = sqlite3_step(statement);
    const char *id = step == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    if (id != NULL)
        status = keep_parent_id(log, (eventure__span){id, (size_t)sqlite3_column_bytes(statement, 0)}, row);
    else
        status = step == SQLITE_DONE ? fail_unknown_seq(log, seq) : eventure__store_fail(log->store, "read a parent");
    eventure__store_release(log->store, statement);
    return status;
}

static eventure_status find_seq(eventure_log *log, int64_t seq, eventure__row_to_write *row)
{
    if (seq < 1 || seq > log->last_seq)
        return fail_unknown_seq(log, seq);
    row->parent_seq = seq;
    eventure__span id = eventure__log_recent_id(log, seq);
    return id.at != NULL ? keep_parent_id(log, id, row) : read_id(log, seq, row);
}

/* Finds a cause that is given as an event: by its seq and id, or by one of them. */
static eventure_status find_event(eventure_log *log, const eventure_event *parent, eventure__row_to_write *row)
{
    const eventure__span id = eventure__text_span(parent->id, parent->id_len);
    if (id.len == 0 && parent->seq != 0) /* a filter may leave the id out */
        return find_seq(log, parent->seq, row);
    if (id.len == 0)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_PARENT, "the parent given has neither seq nor id");
    eventure_status status = EVENTURE_OK;
    if (eventure__log_is_recent(log, parent->seq, id))
        row->parent_seq = parent->seq;
    else
        status = eventure__log_parent_by_id(log, id, &row->parent_seq);
    if (status == EVENTURE_OK && parent->seq > 0 && parent->seq != row->parent_seq)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_PARENT,
                              "parent %s is event %lld of this store, not %lld: it comes from another one",
                              eventure__quote(id.at, id.len).text, (long long)row->parent_seq, (long long)parent->seq);
    return status == EVENTURE_OK ? keep_parent_id(log, id, row) : status;
}

static eventure_status find_id(eventure_log *log, const eventure_event_input *input, eventure__row_to_write *row)
{
    const eventure__span id = eventure__text_span(input->parent_id, input->parent_id_len);
    eventure_status status = eventure__log_check_id(log, "the parent's id", id.at, id.len);
    if (status == EVENTURE_OK)
        status = keep_parent_id(log, id, row);
    if (status == EVENTURE_OK)
        status = eventure__log_parent_by_id(log, id, &row->parent_seq);
    return status == EVENTURE_ERROR_PARENT && input->external_parent ? EVENTURE_OK : status;
}

eventure_status eventure__log_parent(eventure_log *log, const eventure_event_input *input, eventure__row_to_write *row)
{
    int ways =
        (input->parent != NULL) + (input->parent_seq != 0) + (input->parent_id != NULL) + (input->parent_in_batch != 0);
    if (ways > 1)
        return eventure__fail(
            &log->store->error, EVENTURE_ERROR_ARGUMENT,
            "it has two parents: one of parent, parent_seq, parent_id and parent_in_batch may be set");
    if (input->parent != NULL)
        return find_event(log, input->parent, row);
    if (input->parent_seq != 0)
        return find_seq(log, input->parent_seq, row);
    return input->parent_id != NULL ? find_id(log, input, row) : EVENTURE_OK;
}
