/*
 * Indexes on data: making, building, dropping and listing them. A writer updates the complete ones.
 */
#include <string.h>

#include <eventure/data_index.h>

#include "base/error.h"
#include "base/options.h"
#include "base/pattern.h"
#include "base/utf8.h"
#include "log/log_internal.h"
#include "log/undo.h"

/* The number of events that one transaction of building examines. */
#define BATCH_EVENTS 10000

/* --- Making and dropping them --- */

static eventure_status check_key(eventure__error *error, const char *key)
{
    if (key == NULL)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "index on data: no key was given");
    size_t len = strlen(key);
    if (!eventure__utf8_valid(key, len))
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT,
                              "index on data: the key %s is not valid UTF-8, and no data has it",
                              eventure__quote(key, len).text);
    if (len > EVENTURE_DATA_INDEX_KEY_MAX_BYTES)
        return eventure__fail(error, EVENTURE_ERROR_LIMIT,
                              "index on data: the key is %zu bytes long, and at most %d are allowed", len,
                              EVENTURE_DATA_INDEX_KEY_MAX_BYTES);
    return EVENTURE_OK;
}

static eventure_status check_names(eventure_log *log, const char *key, const char *pattern)
{
    eventure__pattern parsed;
    eventure__error *error = eventure__log_error(log);
    eventure_status status = eventure__log_check_open(log, "index on data");
    if (status == EVENTURE_OK)
        status = check_key(error, key);
    return status == EVENTURE_OK ? eventure__pattern_parse(pattern, &parsed, error) : status;
}

static eventure__data_index *find(eventure_log *log, const char *key, const char *pattern)
{
    for (size_t i = 0; i < log->writer.data_indexes.count; i++)
    {
        eventure__data_index *index = &log->writer.data_indexes.list[i];
        if (strcmp(index->key, key) == 0 && strcmp(index->pattern, pattern) == 0)
            return index;
    }
    return NULL;
}

/* Runs a statement whose parameters are an index's key and pattern, or its id. */
static eventure_status run(eventure_log *log, const char *sql, const char *key, const char *pattern, int64_t id)
{
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(log->store, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    if (key != NULL)
    {
        sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 2, pattern, -1, SQLITE_STATIC);
    }
    else
        sqlite3_bind_int64(statement, 1, id);
    if (sqlite3_step(statement) != SQLITE_DONE)
        status = eventure__store_fail(log->store, "index on data");
    eventure__store_release(log->store, statement);
    return status;
}

static eventure_status make(eventure_log *log, const char *key, const char *pattern)
{
    eventure_status status = eventure__log_begin(log);
    if (status == EVENTURE_OK)
        status = run(log, "INSERT INTO data_index (key, pattern, upto) VALUES (?1, ?2, 0)", key, pattern, 0);
    if (status != EVENTURE_OK)
        return eventure__log_undo(log, status);
    status = eventure_log_commit(log);
    return status == EVENTURE_OK ? eventure__log_load_data_indexes(log) : status;
}

/* Finds the end of the next batch, which is an existing event, because a corrupt store may have gaps of any size. */
static eventure_status find_batch(eventure_log *log, const eventure__data_index *index, int64_t *out_next)
{
    static const char sql[] = "SELECT seq FROM events WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT 1 OFFSET ?3";
    sqlite3_stmt *statement = NULL;
    *out_next = log->last_seq;
    eventure_status status = eventure__store_prepare(log->store, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 1, index->indexed_seq);
    sqlite3_bind_int64(statement, 2, log->last_seq);
    sqlite3_bind_int64(statement, 3, BATCH_EVENTS - 1);
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        *out_next = sqlite3_column_int64(statement, 0);
    else if (step != SQLITE_DONE)
        status = eventure__store_fail(log->store, "index data");
    eventure__store_release(log->store, statement);
    return status;
}

static eventure_status build(eventure_log *log, eventure__data_index *index, const eventure_data_index_options *options)
{
    eventure_status status = EVENTURE_OK;
    while (status == EVENTURE_OK && index->indexed_seq < log->last_seq)
    {
        int64_t next = 0;
        status = find_batch(log, index, &next);
        if (status != EVENTURE_OK)
            return status;
        status = eventure__log_begin(log);
        if (status == EVENTURE_OK)
            status = eventure__data_index_advance(log->store, index, next);
        if (status != EVENTURE_OK)
            return eventure__log_undo(log, status);
        status = eventure_log_commit(log);
        const eventure_progress done = {next, log->last_seq, log->tick};
        if (status == EVENTURE_OK && options->progress != NULL &&
            options->progress(&done, options->progress_context) != 0)
            status = eventure__fail(&log->store->error, EVENTURE_ERROR_INTERRUPTED,
                                    "index on data: stopped by the progress callback after %lld events; the finished "
                                    "part stays, and adding the index again continues from there",
                                    (long long)next);
    }
    return status;
}

eventure_status eventure_data_index_add(eventure_log *log, const char *key, const char *pattern,
                                        const eventure_data_index_options *options)
{
    eventure_data_index_options with_defaults;
    if (log == NULL)
        return eventure__fail_argument(__func__);
    pattern = pattern != NULL ? pattern : "*";
    eventure_status status =
        EVENTURE__TAKE(options, &with_defaults, eventure_data_index_options, "index", eventure__log_error(log));
    if (status == EVENTURE_OK)
        status = check_names(log, key, pattern);
    if (status == EVENTURE_OK)
        status = eventure_log_commit(log);
    if (status != EVENTURE_OK)
        return status;
    eventure__data_index *index = find(log, key, pattern);
    if (index != NULL && index->indexed_seq >= log->last_seq && log->last_seq > 0)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_EXISTS,
                              "there is an index on %s of the types %s already", eventure__quote(key, strlen(key)).text,
                              eventure__quote(pattern, strlen(pattern)).text);
    if (index == NULL)
        status = make(log, key, pattern);
    index = status == EVENTURE_OK ? find(log, key, pattern) : NULL;
    return index != NULL ? build(log, index, &with_defaults) : status;
}

void eventure_data_index_options_init(eventure_data_index_options *options, size_t size)
{
    eventure__options_init(options, size);
}

eventure_status eventure_data_index_drop(eventure_log *log, const char *key, const char *pattern)
{
    if (log == NULL)
        return eventure__fail_argument(__func__);
    pattern = pattern != NULL ? pattern : "*";
    eventure_status status = check_names(log, key, pattern);
    if (status == EVENTURE_OK)
        status = eventure_log_commit(log);
    if (status != EVENTURE_OK)
        return status;
    const eventure__data_index *index = find(log, key, pattern);
    if (index == NULL)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_NOT_FOUND, "there is no index on %s of the types %s",
                              eventure__quote(key, strlen(key)).text, eventure__quote(pattern, strlen(pattern)).text);
    status = eventure__log_begin(log);
    if (status == EVENTURE_OK)
        status = run(log, "DELETE FROM data_value WHERE index_id = ?1", NULL, NULL, index->id);
    if (status == EVENTURE_OK)
        status = run(log, "DELETE FROM data_index WHERE id = ?1", NULL, NULL, index->id);
    if (status != EVENTURE_OK)
        return eventure__log_undo(log, status);
    eventure__data_indexes_free(&log->writer.data_indexes);
    status = eventure_log_commit(log);
    return status == EVENTURE_OK ? eventure__log_load_data_indexes(log) : status;
}

/* --- Listing them --- */

static eventure_status count_events(eventure_reader *reader, int64_t id, int64_t *out)
{
    return eventure__store_ask_int_with(reader, "count an index on data",
                                        "SELECT count(*) FROM data_value WHERE index_id = ?1", id, 0, out);
}

eventure_status eventure_data_index_list(eventure_reader *reader, eventure_data_index_fn callback, void *context)
{
    eventure__data_indexes indexes = {NULL, 0};
    int64_t last_seq = 0;
    bool begun = false;
    if (reader == NULL || callback == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = eventure__store_read_begin(reader, &begun);
    if (status == EVENTURE_OK)
        status = eventure__data_indexes_load(reader, &indexes);
    if (status == EVENTURE_OK)
        status = eventure_reader_last_seq(reader, &last_seq);
    for (size_t i = 0; i < indexes.count && status == EVENTURE_OK; i++)
    {
        const eventure__data_index *index = &indexes.list[i];
        eventure_data_index info = {index->key, index->pattern, 0, index->indexed_seq, index->indexed_seq >= last_seq};
        status = count_events(reader, index->id, &info.events);
        if (status == EVENTURE_OK)
            status = eventure__store_called(reader, "list the indexes on data", callback(&info, context));
    }
    eventure__data_indexes_free(&indexes);
    eventure__store_read_end(reader, begun);
    return status;
}
