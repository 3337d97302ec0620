/*
 * Rows of indexes on data: see data_index.h.
 */
#include "store/data_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/pattern.h"
#include "base/sha512.h"

void eventure__data_indexes_free(eventure__data_indexes *indexes)
{
    for (size_t i = 0; i < indexes->count; i++)
    {
        free(indexes->list[i].key);
        free(indexes->list[i].pattern);
    }
    free(indexes->list);
    *indexes = (eventure__data_indexes){NULL, 0};
}

static char *text_of(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text != NULL ? strdup(text) : NULL;
}

static eventure_status add_row(eventure__store *store, sqlite3_stmt *statement, eventure__data_indexes *out)
{
    eventure__data_index *list = realloc(out->list, (out->count + 1) * sizeof *list);
    if (list == NULL)
        return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "out of memory for the indexes on data");
    out->list = list;
    eventure__data_index *index = &list[out->count++];
    *index = (eventure__data_index){.id = sqlite3_column_int64(statement, 0),
                                    .key = text_of(statement, 1),
                                    .pattern = text_of(statement, 2),
                                    .indexed_seq = sqlite3_column_int64(statement, 3)};
    if (index->key == NULL || index->pattern == NULL)
        return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "out of memory for the indexes on data");
    return EVENTURE_OK;
}

eventure_status eventure__data_indexes_load(eventure__store *store, eventure__data_indexes *out)
{
    static const char sql[] = "SELECT id, key, pattern, upto FROM data_index ORDER BY id";
    sqlite3_stmt *statement = NULL;
    int step = SQLITE_DONE;
    *out = (eventure__data_indexes){NULL, 0};
    eventure_status status = eventure__store_prepare(store, sql, &statement);
    while (status == EVENTURE_OK && (step = sqlite3_step(statement)) == SQLITE_ROW)
        status = add_row(store, statement, out);
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__store_fail(store, "read the indexes on data");
    eventure__store_release(store, statement);
    return status;
}

void eventure__data_value_append(eventure__span value, eventure__buffer *out, bool *out_is_digest)
{
    eventure__digest digest;
    uint8_t bytes[EVENTURE__DIGEST_BYTES];
    size_t begin = out->len;
    eventure__json_canonical(value, out);
    *out_is_digest = !out->failed && out->len - begin > EVENTURE__VALUE_BYTES;
    if (!*out_is_digest)
        return;
    eventure__digest_begin(&digest);
    eventure__digest_add(&digest, out->bytes + begin, out->len - begin);
    eventure__digest_peek(&digest, bytes);
    out->len = begin;
    eventure__buffer_append(out, (const char *)bytes, sizeof bytes);
}

/* Binds a compact value in the form that the table data_value stores. */
static eventure_status bind_value(eventure__store *store, sqlite3_stmt *statement, int parameter, eventure__span value)
{
    eventure__buffer form = {0};
    bool is_digest = false;
    eventure__data_value_append(value, &form, &is_digest);
    int code = form.failed ? SQLITE_NOMEM
               : is_digest
                   ? sqlite3_bind_blob64(statement, parameter, form.bytes, form.len, SQLITE_TRANSIENT)
                   : sqlite3_bind_text64(statement, parameter, form.bytes, form.len, SQLITE_TRANSIENT, SQLITE_UTF8);
    eventure__buffer_free(&form);
    if (code == SQLITE_OK)
        return EVENTURE_OK;
    return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "index on data: out of memory");
}

static eventure_status write_value(eventure__store *store, sqlite3_stmt *insert, const eventure__data_index *index,
                                   int64_t seq, eventure__span value)
{
    sqlite3_bind_int64(insert, 1, index->id);
    sqlite3_bind_int64(insert, 3, seq);
    eventure_status status = bind_value(store, insert, 2, value);
    if (status == EVENTURE_OK && sqlite3_step(insert) != SQLITE_DONE)
        status = eventure__store_fail(store, "write an index on data");
    sqlite3_reset(insert);
    return status;
}

/* Adds the event in the current row to the index, if it has the key. */
static eventure_status take_in(eventure__store *store, sqlite3_stmt *events, sqlite3_stmt *insert,
                               const eventure__data_index *index, const eventure__pattern *pattern)
{
    const char *type = (const char *)sqlite3_column_text(events, 1);
    const char *data = (const char *)sqlite3_column_text(events, 2);
    eventure__span value = {NULL, 0};
    if (type == NULL || data == NULL)
        return eventure__store_fail(store, "index data");
    if (!eventure__pattern_matches(pattern, type, (size_t)sqlite3_column_bytes(events, 1)) ||
        !eventure__json_find(data, (size_t)sqlite3_column_bytes(events, 2), index->key, strlen(index->key), &value))
        return EVENTURE_OK;
    return write_value(store, insert, index, sqlite3_column_int64(events, 0), value);
}

static eventure_status take_all_in(eventure__store *store, const eventure__data_index *index, int64_t last_seq)
{
    static const char select[] = "SELECT seq, type, data FROM events WHERE seq > ?1 AND seq <= ?2 ORDER BY seq";
    static const char insert[] = "INSERT OR IGNORE INTO data_value (index_id, value, seq) VALUES (?1, ?2, ?3)";
    sqlite3_stmt *events = NULL;
    sqlite3_stmt *write = NULL;
    eventure__pattern pattern;
    int step = SQLITE_DONE;
    eventure_status status = eventure__pattern_parse(index->pattern, &pattern, &store->error);
    if (status == EVENTURE_OK)
        status = eventure__store_prepare(store, select, &events);
    if (status == EVENTURE_OK)
        status = eventure__store_prepare(store, insert, &write);
    if (status == EVENTURE_OK)
    {
        sqlite3_bind_int64(events, 1, index->indexed_seq);
        sqlite3_bind_int64(events, 2, last_seq);
    }
    while (status == EVENTURE_OK && (step = sqlite3_step(events)) == SQLITE_ROW)
        status = take_in(store, events, write, index, &pattern);
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__store_fail(store, "index data");
    eventure__store_release(store, write);
    eventure__store_release(store, events);
    return status;
}

eventure_status eventure__data_index_advance(eventure__store *store, eventure__data_index *index, int64_t last_seq)
{
    static const char update[] = "UPDATE data_index SET upto = ?2 WHERE id = ?1";
    sqlite3_stmt *statement = NULL;
    if (last_seq <= index->indexed_seq)
        return EVENTURE_OK;
    eventure_status status = take_all_in(store, index, last_seq);
    if (status == EVENTURE_OK)
        status = eventure__store_prepare(store, update, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 1, index->id);
    sqlite3_bind_int64(statement, 2, last_seq);
    if (sqlite3_step(statement) != SQLITE_DONE)
        status = eventure__store_fail(store, "advance an index on data");
    eventure__store_release(store, statement);
    if (status == EVENTURE_OK)
        index->indexed_seq = last_seq;
    return status;
}
