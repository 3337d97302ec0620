/*
 * Checks the indexes on data. Each event is looked up at its expected row, which finds missing rows. When an index then
 * has more rows than were found, a scan of it finds the surplus row. So the check only keeps a count.
 */
#include <stdio.h>
#include <string.h>

#include "base/pattern.h"
#include "event/json.h"
#include "integrity/verify_internal.h"

/* State of one index during the pass through the events. */
typedef struct checked_index
{
    const eventure__data_index *index;
    eventure__pattern pattern;
    int64_t rows; /* number of rows that the index must have */
} checked_index;

typedef struct data_walk
{
    eventure__verifier *verifier;
    checked_index indexes[EVENTURE__VERIFY_INDEXES];
    size_t count;
    sqlite3_stmt *lookup;
    eventure__buffer form; /* canonical form of the current value */
    bool is_digest;
} data_walk;

/* The name of an index in messages: "the index on KEY of the types PATTERN". */
typedef struct index_name
{
    char text[256];
} index_name;

static index_name name_of(const eventure__data_index *index)
{
    index_name name;
    snprintf(name.text, sizeof name.text, "the index on %s of the types %s",
             eventure__quote(index->key, strlen(index->key)).text,
             eventure__quote(index->pattern, strlen(index->pattern)).text);
    return name;
}

/* Returns a value in the form for messages; a long value is stored as a digest only. */
static eventure__quoted show(const void *value, size_t len, bool is_digest)
{
    static const char digest[] = "(digest of a long value)";
    return is_digest ? eventure__quote(digest, sizeof digest - 1) : eventure__quote(value, len);
}

/* Whether an event belongs into the index; if so, the form of its value is in walk->form. *out_ok is false when out
 * of memory. */
static bool belongs(data_walk *walk, const checked_index *checked, sqlite3_stmt *row, int type_column, bool *out_ok)
{
    const char *key = checked->index->key;
    eventure__span value = {NULL, 0};
    const char *type = (const char *)sqlite3_column_text(row, type_column);
    const char *data = (const char *)sqlite3_column_text(row, type_column + 1);
    *out_ok = true;
    if (type == NULL || data == NULL)
    {
        *out_ok = eventure__verify_no_memory(walk->verifier); /* the value was there when the events were verified */
        return false;
    }
    if (!eventure__pattern_matches(&checked->pattern, type, (size_t)sqlite3_column_bytes(row, type_column)) ||
        !eventure__json_find(data, (size_t)sqlite3_column_bytes(row, type_column + 1), key, strlen(key), &value))
        return false;
    eventure__buffer_clear(&walk->form);
    eventure__data_value_append(value, &walk->form, &walk->is_digest);
    *out_ok = !walk->form.failed || eventure__verify_no_memory(walk->verifier);
    return *out_ok;
}

/* --- missing rows --- */

/* Reports that the index has no row of the event with its value: the row has another value, or does not exist. */
static bool report_missing(data_walk *walk, const eventure__data_index *index, int64_t seq)
{
    eventure__verifier *verifier = walk->verifier;
    sqlite3_stmt *statement = NULL;
    eventure__quoted expected = show(walk->form.bytes, walk->form.len, walk->is_digest);
    bool ok =
        eventure__verify_take(verifier, "SELECT value FROM data_value WHERE index_id = ?1 AND seq = ?2", &statement);
    if (ok)
    {
        sqlite3_bind_int64(statement, 1, index->id);
        sqlite3_bind_int64(statement, 2, seq);
        bool is_indexed = eventure__verify_step(verifier, statement, "check an index on data", &ok);
        bool is_digest = is_indexed && sqlite3_column_type(statement, 0) == SQLITE_BLOB;
        const char *value = is_indexed ? (const char *)sqlite3_column_text(statement, 0) : NULL;
        if (value != NULL)
            ok = eventure__verify_found(
                verifier, "%s: event %lld is indexed under %s, expected %s", name_of(index).text, (long long)seq,
                show(value, (size_t)sqlite3_column_bytes(statement, 0), is_digest).text, expected.text);
        else if (ok)
            ok = eventure__verify_found(verifier, "%s: event %lld, with the value %s, is missing", name_of(index).text,
                                        (long long)seq, expected.text);
    }
    eventure__store_release(verifier->store, statement);
    return ok;
}

static bool look_up(data_walk *walk, const eventure__data_index *index, int64_t seq)
{
    bool ok = true;
    sqlite3_bind_int64(walk->lookup, 1, index->id);
    int code = walk->is_digest
                   ? sqlite3_bind_blob64(walk->lookup, 2, walk->form.bytes, walk->form.len, SQLITE_STATIC)
                   : sqlite3_bind_text64(walk->lookup, 2, walk->form.bytes, walk->form.len, SQLITE_STATIC, SQLITE_UTF8);
    if (code != SQLITE_OK)
        return eventure__verify_no_memory(walk->verifier);
    sqlite3_bind_int64(walk->lookup, 3, seq);
    bool is_indexed = eventure__verify_step(walk->verifier, walk->lookup, "check an index on data", &ok);
    sqlite3_reset(walk->lookup);
    return ok && (is_indexed || report_missing(walk, index, seq));
}

static bool check_event(data_walk *walk, sqlite3_stmt *row)
{
    int64_t seq = sqlite3_column_int64(row, 0);
    for (size_t i = 0; i < walk->count; i++)
    {
        checked_index *checked = &walk->indexes[i];
        bool ok = true;
        if (seq > checked->index->indexed_seq)
            continue;
        if (belongs(walk, checked, row, 2, &ok))
        {
            checked->rows++;
            ok = look_up(walk, checked->index, seq);
        }
        if (!ok)
            return false;
    }
    return eventure__verify_report_progress(walk->verifier, sqlite3_column_int64(row, 1));
}

static bool walk_events(data_walk *walk)
{
    sqlite3_stmt *events = NULL;
    bool ok = eventure__verify_take(
        walk->verifier, "SELECT 1 FROM data_value WHERE index_id = ?1 AND value = ?2 AND seq = ?3", &walk->lookup);
    ok = ok && eventure__verify_take(walk->verifier, "SELECT seq, tick, type, data FROM events ORDER BY seq", &events);
    while (ok && eventure__verify_step(walk->verifier, events, "read the events", &ok))
        ok = check_event(walk, events);
    eventure__store_release(walk->verifier->store, events);
    eventure__store_release(walk->verifier->store, walk->lookup);
    return ok;
}

/* --- surplus rows --- */

/* Checks one row (0: seq, 1: value, 2: type and 3: data of the event, NULL when it does not exist): it is a surplus
 * row, unless it is correct. */
static bool check_row(data_walk *walk, const checked_index *checked, sqlite3_stmt *row)
{
    bool ok = true;
    int64_t seq = sqlite3_column_int64(row, 0);
    bool is_digest = sqlite3_column_type(row, 1) == SQLITE_BLOB;
    const void *value = is_digest ? sqlite3_column_blob(row, 1) : (const void *)sqlite3_column_text(row, 1);
    size_t len = (size_t)sqlite3_column_bytes(row, 1);
    const char *why = NULL;
    if (value == NULL && len > 0)
        return eventure__verify_no_memory(walk->verifier);
    value = value != NULL ? value : "";
    if (sqlite3_column_type(row, 2) == SQLITE_NULL)
        why = "which does not exist";
    else if (seq > checked->index->indexed_seq)
        why = "which is after the last event that it covers";
    else if (!belongs(walk, checked, row, 2, &ok))
        why = "which does not have that key, or has another type";
    else if (walk->is_digest != is_digest || walk->form.len != len || memcmp(walk->form.bytes, value, len) != 0)
        why = "which has another value";
    if (!ok || why == NULL)
        return ok;
    return eventure__verify_found(walk->verifier, "%s contains the value %s for event %lld, %s",
                                  name_of(checked->index).text, show(value, len, is_digest).text, (long long)seq, why);
}

static bool find_extra(data_walk *walk, const checked_index *checked, int64_t rows)
{
    static const char sql[] = "SELECT data_value.seq, data_value.value, events.type, events.data FROM data_value "
                              "LEFT JOIN events ON events.seq = data_value.seq WHERE data_value.index_id = ?1";
    sqlite3_stmt *statement = NULL;
    bool ok = eventure__verify_take(walk->verifier, sql, &statement);
    if (ok)
        sqlite3_bind_int64(statement, 1, checked->index->id);
    while (ok && eventure__verify_step(walk->verifier, statement, "check an index on data", &ok))
        ok = check_row(walk, checked, statement);
    eventure__store_release(walk->verifier->store, statement);
    return ok && eventure__verify_found(walk->verifier, "%s contains %lld values, expected %lld",
                                        name_of(checked->index).text, (long long)rows, (long long)checked->rows);
}

static bool check_rows(data_walk *walk, const checked_index *checked)
{
    sqlite3_stmt *statement = NULL;
    bool ok = eventure__verify_take(walk->verifier, "SELECT count(*) FROM data_value WHERE index_id = ?1", &statement);
    int64_t rows = checked->rows;
    if (ok)
    {
        sqlite3_bind_int64(statement, 1, checked->index->id);
        if (eventure__verify_step(walk->verifier, statement, "check an index on data", &ok))
            rows = sqlite3_column_int64(statement, 0);
    }
    eventure__store_release(walk->verifier->store, statement);
    return ok && (rows == checked->rows || find_extra(walk, checked, rows));
}

/* --- the indexes --- */

bool eventure__verify_index_rows(eventure__verifier *verifier)
{
    for (size_t i = 0; i < verifier->indexes.count; i++)
    {
        const eventure__data_index *index = &verifier->indexes.list[i];
        eventure__pattern pattern;
        if (eventure__pattern_parse(index->pattern, &pattern, &verifier->store->error) != EVENTURE_OK)
            return eventure__verify_found(verifier, "%s: %s", name_of(index).text, verifier->store->error.text);
        if (index->indexed_seq < 0 || index->indexed_seq > verifier->last_seq)
            return eventure__verify_found(
                verifier, "%s covers all events up to event %lld, but the newest event is %lld", name_of(index).text,
                (long long)index->indexed_seq, (long long)verifier->last_seq);
    }
    return true;
}

bool eventure__verify_data(eventure__verifier *verifier)
{
    bool ok = true;
    for (size_t first = 0; ok && first < verifier->indexes.count; first += EVENTURE__VERIFY_INDEXES)
    {
        data_walk walk = {.verifier = verifier};
        for (; walk.count < EVENTURE__VERIFY_INDEXES && first + walk.count < verifier->indexes.count; walk.count++)
        {
            checked_index *checked = &walk.indexes[walk.count];
            checked->index = &verifier->indexes.list[first + walk.count];
            eventure__pattern_parse(checked->index->pattern, &checked->pattern, NULL); /* is correct: see above */
        }
        ok = walk_events(&walk);
        for (size_t i = 0; ok && i < walk.count; i++)
            ok = check_rows(&walk, &walk.indexes[i]);
        eventure__buffer_free(&walk.form);
    }
    return ok;
}
