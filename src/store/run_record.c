/*
 * The record of a run: see run_record.h.
 */
#include "store/run_record.h"

#include <string.h>

#include <eventure/event.h>

#include "base/name.h"
#include "base/number.h"
#include "base/utf8.h"
#include "event/json.h"
#include "store/proof.h"
#include "store/script.h"

/* Unescapes the key of a member. `escaped` is the key without its quotes; it points into the object, so that the bytes
 * before and after it are the quotes. Returns NULL when out of memory. */
static const char *unescape_key(eventure__span escaped, eventure__buffer *out)
{
    eventure__buffer_clear(out);
    eventure__json_unescape((eventure__span){escaped.at - 1, escaped.len + 2}, out);
    return eventure__buffer_text(out);
}

/* --- Checking changes --- */

static eventure_status check_member(const char *key, size_t key_len, size_t value_len, eventure__error *error)
{
    eventure_status status = eventure__name_check("the key", key, key_len, error);
    if (status == EVENTURE_OK && value_len > EVENTURE__RUN_VALUE_MAX_BYTES)
        status = eventure__fail(error, EVENTURE_ERROR_LIMIT, "the value of %s has %zu bytes; the limit is %d",
                                eventure__quote(key, key_len).text, value_len, EVENTURE__RUN_VALUE_MAX_BYTES);
    return status;
}

eventure_status eventure__run_record_check(const char *what, const eventure_data *changes, eventure__buffer *out,
                                           eventure__error *error)
{
    eventure__buffer key = {0};
    eventure__span escaped;
    eventure__span value;
    eventure_status status =
        eventure__data_compact(changes, EVENTURE_DATA_MAX_BYTES, EVENTURE__JSON_MAX_DEPTH, out, error);
    eventure__members members = eventure__members_of(out->bytes, out->len);
    while (status == EVENTURE_OK && eventure__members_next(&members, &escaped, &value))
    {
        const char *text = unescape_key(escaped, &key);
        status = text != NULL ? check_member(text, key.len, value.len, error)
                              : eventure__fail(error, EVENTURE_ERROR_MEMORY, "out of memory");
    }
    eventure__buffer_free(&key);
    return status == EVENTURE_OK ? EVENTURE_OK : eventure__fail_prefix(error, "%s", what);
}

/* --- Changing --- */

/* Binds the value of compact JSON for SQL to ?2. `scratch` keeps a text while the statement is bound. */
static bool bind_value(sqlite3_stmt *statement, eventure__span json, eventure__buffer *scratch)
{
    int64_t integer = 0;
    double number = 0;
    if (*json.at == 't' || *json.at == 'f')
        return sqlite3_bind_int(statement, 2, *json.at == 't') == SQLITE_OK;
    if (eventure__json_is_number(json) && eventure__parse_int(json.at, json.len, &integer))
        return sqlite3_bind_int64(statement, 2, integer) == SQLITE_OK;
    if (eventure__json_is_number(json) && eventure__parse_double(json.at, json.len, &number))
        return sqlite3_bind_double(statement, 2, number) == SQLITE_OK;
    if (*json.at == '"')
    {
        eventure__json_unescape(json, scratch);
        json = (eventure__span){eventure__buffer_text(scratch), scratch->len};
    }
    return json.at != NULL && sqlite3_bind_text(statement, 2, json.at, (int)json.len, SQLITE_STATIC) == SQLITE_OK;
}

static eventure_status change_key(eventure__store *store, const eventure__buffer *key, eventure__span value)
{
    static const char set[] = "INSERT OR REPLACE INTO run_record (key, value, json) VALUES (?1, ?2, ?3)";
    static const char remove[] = "DELETE FROM run_record WHERE key = ?1";
    sqlite3_stmt *statement = NULL;
    eventure__buffer scratch = {0};
    bool is_removed = eventure__span_is(value, "null");
    eventure_status status = is_removed ? eventure__store_prepare(store, remove, &statement)
                                        : eventure__store_prepare(store, set, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_text(statement, 1, key->bytes, (int)key->len, SQLITE_STATIC);
    if (!is_removed && !bind_value(statement, value, &scratch))
        status = eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "%s: out of memory", store->path);
    if (!is_removed)
        sqlite3_bind_text(statement, 3, value.at, (int)value.len, SQLITE_STATIC);
    if (status == EVENTURE_OK && sqlite3_step(statement) != SQLITE_DONE)
        status = eventure__store_fail(store, "write the record of the run");
    eventure__store_release(store, statement);
    eventure__buffer_free(&scratch);
    return status;
}

static eventure_status make_table(eventure__store *store)
{
    bool exists = false;
    eventure_status status = eventure__store_has_table(store, "run_record", &exists);
    if (status != EVENTURE_OK || exists)
        return status;
    status = eventure__script_run(store, "6_run_record");
    return status == EVENTURE_OK ? eventure__script_run(store, "run") : status;
}

eventure_status eventure__run_record_change(eventure__store *store, const eventure__buffer *changes)
{
    eventure__members members = eventure__members_of(changes->bytes, changes->len);
    eventure__buffer key = {0};
    eventure__span escaped;
    eventure__span value;
    eventure_status status = make_table(store);
    while (status == EVENTURE_OK && eventure__members_next(&members, &escaped, &value))
    {
        status = unescape_key(escaped, &key) != NULL
                     ? change_key(store, &key, value)
                     : eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "%s: out of memory", store->path);
    }
    eventure__buffer_free(&key);
    return status == EVENTURE_OK ? eventure__proof_note_table(store, "run_record") : status;
}

/* --- Reading --- */

static eventure_status fail_damaged(eventure__store *store)
{
    if ((sqlite3_errcode(store->db) & 0xFF) == SQLITE_NOMEM)
        return eventure__store_fail(store, "read the record of the run");
    return eventure__fail(&store->error, EVENTURE_ERROR_CORRUPT,
                          "%s is damaged: the record of the run has a value that is not JSON", store->path);
}

/* Appends the value in the row, `"key":value` with with_key. The file may be of unknown origin. */
static eventure_status add_row(eventure__store *store, sqlite3_stmt *row, bool with_key, eventure__buffer *out)
{
    const char *key = (const char *)sqlite3_column_text(row, 0);
    size_t key_len = (size_t)sqlite3_column_bytes(row, 0);
    const char *value = (const char *)sqlite3_column_text(row, 1);
    size_t value_len = (size_t)sqlite3_column_bytes(row, 1);
    if (key == NULL || value == NULL || !eventure__utf8_valid(key, key_len))
        return fail_damaged(store);
    if (with_key)
    {
        eventure__json_append_string(out, key, key_len);
        eventure__buffer_append_char(out, ':');
    }
    eventure_status status = eventure__json_compact(value, value_len, EVENTURE__JSON_MAX_DEPTH, out, &store->error);
    return status == EVENTURE_OK || status == EVENTURE_ERROR_MEMORY ? status : fail_damaged(store);
}

static eventure_status read_rows(eventure__store *store, const char *key, eventure__buffer *out)
{
    static const char all[] = "SELECT key, json FROM run_record ORDER BY key";
    static const char one[] = "SELECT key, json FROM run_record WHERE key = ?1";
    sqlite3_stmt *row = NULL;
    int step = SQLITE_DONE;
    eventure_status status =
        key != NULL ? eventure__store_prepare(store, one, &row) : eventure__store_prepare(store, all, &row);
    if (status == EVENTURE_OK && key != NULL)
        sqlite3_bind_text(row, 1, key, -1, SQLITE_STATIC);
    while (status == EVENTURE_OK && (step = sqlite3_step(row)) == SQLITE_ROW)
    {
        if (key == NULL)
            eventure__buffer_append_char(out, out->len == 0 ? '{' : ',');
        status = add_row(store, row, key == NULL, out);
    }
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__store_fail(store, "read the record of the run");
    eventure__store_release(store, row);
    return status;
}

eventure_status eventure__run_record_read(eventure__store *reader, const char *key, char **out_json)
{
    eventure__buffer json = {0};
    bool exists = false;
    *out_json = NULL;
    eventure_status status = eventure__store_before_read(reader);
    if (status == EVENTURE_OK)
        status = eventure__store_has_table(reader, "run_record", &exists);
    if (status == EVENTURE_OK && exists)
        status = read_rows(reader, key, &json);
    if (status == EVENTURE_OK && key == NULL)
        eventure__buffer_append_text(&json, json.len == 0 ? "{}" : "}");
    if (status == EVENTURE_OK && json.len == 0 && !json.failed)
        status = eventure__fail(&reader->error, EVENTURE_ERROR_NOT_FOUND, "the record of the run has no key %s",
                                eventure__quote(key != NULL ? key : "", key != NULL ? strlen(key) : 0).text);
    if (status == EVENTURE_OK && (*out_json = eventure__buffer_take(&json)) == NULL)
        status = eventure__fail(&reader->error, EVENTURE_ERROR_MEMORY, "%s: out of memory", reader->path);
    eventure__buffer_free(&json);
    return status;
}

/* --- Copying --- */

eventure_status eventure__run_record_copy(eventure__store *from, eventure__store *to, bool is_fork)
{
    static const char select_sql[] =
        "SELECT key, value, json FROM run_record WHERE NOT (?1 AND key IN ('finished', 'outcome')) ORDER BY key";
    static const char insert_sql[] = "INSERT OR REPLACE INTO run_record (key, value, json) VALUES (?1, ?2, ?3)";
    sqlite3_stmt *select = NULL;
    sqlite3_stmt *insert = NULL;
    bool exists = false;
    int step = SQLITE_DONE;
    eventure_status status = eventure__store_has_table(from, "run_record", &exists);
    if (status != EVENTURE_OK || !exists)
        return status;
    status = eventure__store_prepare(from, select_sql, &select);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int(select, 1, is_fork);
    status = make_table(to);
    if (status == EVENTURE_OK)
        status = eventure__store_prepare(to, insert_sql, &insert);
    while (status == EVENTURE_OK && (step = sqlite3_step(select)) == SQLITE_ROW)
    {
        if (eventure__sqlite_bind_row(insert, select, 3) != SQLITE_OK || sqlite3_step(insert) != SQLITE_DONE)
            status = eventure__store_fail(to, "write the record of the run");
        sqlite3_reset(insert);
    }
    if (status == EVENTURE_OK)
        status = eventure__proof_note_table(to, "run_record");
    if (status != EVENTURE_OK)
        from->error = to->error;
    else if (step != SQLITE_DONE)
        status = eventure__store_fail(from, "read the record of the run");
    eventure__store_release(to, insert);
    eventure__store_release(from, select);
    return status;
}
