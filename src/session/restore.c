/*
 * Restores a store from its events: they are appended to a new file, which computes the digests again; then the file
 * gets the identity of the old store.
 */
#include <eventure/restore.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/run.h>

#include "base/error.h"
#include "base/number.h"
#include "base/options.h"
#include "base/progress.h"
#include "base/sha512.h"
#include "base/text.h"
#include "event/json.h"
#include "log/bulk.h"
#include "log/log.h"
#include "log/undo.h"
#include "store/atomic_file.h"
#include "store/proof.h"
#include "store/store.h"

typedef struct restoring
{
    eventure_restore_options options;
    eventure_log *log; /* the new store */
    eventure__buffer data;
    int64_t events;
    int64_t tick; /* of the newest event; -1: none */
    eventure__error *error;
} restoring;

static eventure_status fail_in_log(restoring *work, eventure_status status)
{
    const eventure__error *error = eventure__log_error(work->log);
    if (error != work->error && error->status == status)
        *work->error = *error;
    return eventure__fail_prefix(work->error, "restore");
}

static bool is_uuid(const char *text)
{
    if (text == NULL || strlen(text) != 36)
        return false;
    for (int i = 0; i < 36; i++)
    {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? text[i] != '-' : strchr("0123456789abcdef", text[i]) == NULL)
            return false;
    }
    return true;
}

static bool is_digest(const char *text)
{
    return text == NULL || (strlen(text) == (size_t)2 * EVENTURE__DIGEST_BYTES &&
                            strspn(text, "0123456789abcdefABCDEF") == (size_t)2 * EVENTURE__DIGEST_BYTES);
}

static eventure_status check_times(const restoring *work)
{
    const eventure_restore_options *options = &work->options;
    if (!isfinite(options->created))
        return eventure__fail(work->error, EVENTURE_ERROR_ARGUMENT, "restore: created is %s, not a finite number",
                              eventure__double_name(options->created).text);
    for (size_t i = 0; i < options->origins_count; i++)
        if (!isfinite(options->origins[i].created))
            return eventure__fail(work->error, EVENTURE_ERROR_ARGUMENT,
                                  "restore: created of origin %zu is %s, not a finite number", i + 1,
                                  eventure__double_name(options->origins[i].created).text);
    return EVENTURE_OK;
}

static eventure_status check_options(const restoring *work)
{
    const eventure_restore_options *options = &work->options;
    if (!is_uuid(options->uuid))
        return eventure__fail(work->error, EVENTURE_ERROR_ARGUMENT, "restore: '%s' is not a uuid in lower case",
                              options->uuid != NULL ? eventure__quote(options->uuid, strlen(options->uuid)).text : "");
    if (options->next == NULL || (options->origins == NULL && options->origins_count > 0))
        return eventure__fail(work->error, EVENTURE_ERROR_ARGUMENT, "restore: %s is NULL",
                              options->next == NULL ? "next" : "origins");
    for (size_t i = 0; i < options->origins_count; i++)
        if (!is_uuid(options->origins[i].uuid) || !is_digest(options->origins[i].run_digest) ||
            !is_digest(options->origins[i].full_digest))
            return eventure__fail(work->error, EVENTURE_ERROR_ARGUMENT,
                                  "restore: the uuid or a digest of origin %zu is not valid", i + 1);
    return check_times(work);
}

static eventure_status report_progress(restoring *work)
{
    const eventure_progress progress = {work->events, 0, work->tick < 0 ? 0 : work->tick};
    if (work->options.progress == NULL || work->options.progress(&progress, work->options.progress_context) == 0)
        return EVENTURE_OK;
    return eventure__fail(work->error, EVENTURE_ERROR_INTERRUPTED, "restore: stopped by the progress callback");
}

/* Checks the ids of an event as an append does. The ids of an import are checked where its file is read. */
static eventure_status check_ids(restoring *work, const eventure_event *event)
{
    eventure_status status =
        eventure__log_check_id(work->log, "the id", event->id, eventure__text_len(event->id, event->id_len));
    if (status == EVENTURE_OK && event->parent_id != NULL)
        status = eventure__log_check_id(work->log, "the parent's id", event->parent_id,
                                        eventure__text_len(event->parent_id, event->parent_id_len));
    if (status == EVENTURE_OK)
        return status;
    *work->error = *eventure__log_error(work->log);
    return eventure__fail_prefix(work->error, "restore: event %lld", (long long)work->events + 1);
}

static eventure_status append_one(restoring *work, eventure_event *event)
{
    if (event->type == NULL || event->id == NULL || event->data == NULL)
        return eventure__fail(work->error, EVENTURE_ERROR_ARGUMENT, "restore: event %lld has no type, no id or no data",
                              (long long)work->events + 1);
    eventure_status status = check_ids(work, event);
    if (status != EVENTURE_OK)
        return status;
    const eventure_data given = {.json = event->data, .json_len = eventure__text_len(event->data, event->data_len)};
    eventure__buffer_clear(&work->data);
    status = eventure__data_compact(&given, (size_t)EVENTURE_DATA_MAX_BYTES, EVENTURE__JSON_MAX_DEPTH, &work->data,
                                    work->error);
    if (status != EVENTURE_OK)
        return eventure__fail_prefix(work->error, "restore: event %lld", (long long)work->events + 1);
    event->data = eventure__buffer_text(&work->data);
    event->data_len = work->data.len;
    if (event->data == NULL)
        return eventure__fail(work->error, EVENTURE_ERROR_MEMORY, "restore: out of memory");
    status = eventure__log_bulk_append(work->log, event, true);
    if (status != EVENTURE_OK)
        return fail_in_log(work, status);
    work->tick = event->tick;
    work->events++;
    return work->events % EVENTURE__PROGRESS_EVENTS == 0 ? report_progress(work) : EVENTURE_OK;
}

static eventure_status append_all(restoring *work)
{
    int given = EVENTURE_ROW;
    eventure_status status = eventure__log_bulk_begin(work->log);
    if (status != EVENTURE_OK)
        return fail_in_log(work, status);
    while (status == EVENTURE_OK && given == EVENTURE_ROW)
    {
        eventure_event event = {0};
        given = work->options.next(&event, work->options.next_context);
        if (given == EVENTURE_ROW)
            status = append_one(work, &event);
        else if (given < 0)
            status = eventure__fail(work->error, (eventure_status)given,
                                    "restore: the source of the events failed after %lld events: it returned %d (%s)",
                                    (long long)work->events, given, eventure_status_name((eventure_status)given));
        else if (given != EVENTURE_DONE)
            status = eventure__fail(work->error, EVENTURE_ERROR_ARGUMENT,
                                    "restore: the source of the events returned %d, not EVENTURE_ROW or EVENTURE_DONE",
                                    given);
    }
    if (status != EVENTURE_OK)
    {
        eventure__log_undo(work->log, EVENTURE_OK);
        return status;
    }
    status = eventure__log_bulk_commit(work->log);
    return status == EVENTURE_OK ? report_progress(work) : fail_in_log(work, status);
}

static eventure_status advance(restoring *work)
{
    int64_t tick = work->options.current_tick;
    if (tick < work->tick || tick < 0)
        return eventure__fail(work->error, EVENTURE_ERROR_ARGUMENT,
                              "restore: the current tick %lld is before tick %lld of the last event", (long long)tick,
                              (long long)work->tick);
    if (tick <= eventure_log_tick(work->log))
        return EVENTURE_OK;
    eventure_status status = eventure_log_advance_to(work->log, tick);
    return status == EVENTURE_OK ? status : fail_in_log(work, status);
}

/* Checks that the newest full digest, which the log computed from the events, equals options.full_digest. Does nothing
 * without a digest or without events. */
static eventure_status compare_digests(restoring *work)
{
    static const char sql[] = "SELECT lower(hex(full_digest)) = lower(?1) FROM tick ORDER BY tick DESC LIMIT 1";
    eventure__store *store = eventure_log_reader(work->log);
    sqlite3_stmt *row = NULL;
    bool is_same = false;
    if (work->options.full_digest == NULL || work->events == 0)
        return EVENTURE_OK;
    eventure_status status = eventure__store_prepare(store, sql, &row);
    if (status == EVENTURE_OK)
    {
        sqlite3_bind_text(row, 1, work->options.full_digest, -1, SQLITE_STATIC);
        int step = sqlite3_step(row);
        is_same = step == SQLITE_ROW && sqlite3_column_int(row, 0) != 0;
        if (step != SQLITE_ROW)
            status = eventure__store_fail(store, "compare the digests");
        eventure__store_release(store, row);
    }
    if (status != EVENTURE_OK)
        return fail_in_log(work, status);
    if (is_same)
        return EVENTURE_OK;
    return eventure__fail(work->error, EVENTURE_ERROR_CORRUPT,
                          "restore: the %lld events up to tick %lld are not those of the digest %s: some were changed",
                          (long long)work->events, (long long)work->tick, work->options.full_digest);
}

/* The text was checked before. */
static void read_digest(const char *text, uint8_t out[EVENTURE__DIGEST_BYTES])
{
    for (size_t i = 0; i < EVENTURE__DIGEST_BYTES; i++)
    {
        const char byte[3] = {text[2 * i], text[2 * i + 1], '\0'};
        out[i] = (uint8_t)strtoul(byte, NULL, 16);
    }
}

static eventure_status add_origin(eventure__store *store, const eventure_restore_origin *origin, int64_t generation)
{
    static const char sql[] = "INSERT INTO origin (generation, uuid, tick, seq, run_digest, full_digest, created) "
                              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    uint8_t run_digest[EVENTURE__DIGEST_BYTES];
    uint8_t full_digest[EVENTURE__DIGEST_BYTES];
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(store, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 1, generation);
    sqlite3_bind_text(statement, 2, origin->uuid, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 3, origin->tick);
    sqlite3_bind_int64(statement, 4, origin->seq);
    if (origin->run_digest != NULL)
    {
        read_digest(origin->run_digest, run_digest);
        sqlite3_bind_blob(statement, 5, run_digest, sizeof run_digest, SQLITE_STATIC);
    }
    if (origin->full_digest != NULL)
    {
        read_digest(origin->full_digest, full_digest);
        sqlite3_bind_blob(statement, 6, full_digest, sizeof full_digest, SQLITE_STATIC);
    }
    sqlite3_bind_double(statement, 7, origin->created);
    if (sqlite3_step(statement) != SQLITE_DONE)
        status = eventure__store_fail(store, "restore");
    eventure__store_release(store, statement);
    return status;
}

static eventure_status set_identity(const restoring *work, eventure__store *store)
{
    static const char sql[] = "UPDATE store SET uuid = ?1, created = ?2";
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(store, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_text(statement, 1, work->options.uuid, -1, SQLITE_STATIC);
    sqlite3_bind_double(statement, 2, work->options.created);
    if (sqlite3_step(statement) != SQLITE_DONE)
        status = eventure__store_fail(store, "restore");
    eventure__store_release(store, statement);
    for (size_t i = 0; i < work->options.origins_count && status == EVENTURE_OK; i++)
        status = add_origin(store, &work->options.origins[i], (int64_t)i + 1);
    return status;
}

static eventure_status finish(restoring *work)
{
    eventure__store *store = eventure_log_reader(work->log);
    eventure_status status = advance(work);
    if (status == EVENTURE_OK)
        status = compare_digests(work);
    if (status == EVENTURE_OK && work->options.record != NULL &&
        eventure_log_describe(work->log, eventure_json(work->options.record)) != EVENTURE_OK)
        status = fail_in_log(work, eventure__log_error(work->log)->status);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__store_run(store, "BEGIN IMMEDIATE", "restore");
    if (status == EVENTURE_OK)
        status = set_identity(work, store);
    if (status == EVENTURE_OK)
        status = eventure__proof_note_all(store);
    if (status == EVENTURE_OK)
        status = eventure__store_run(store, "COMMIT", "restore");
    if (status != EVENTURE_OK)
        *work->error = store->error;
    return status;
}

static eventure_status make(restoring *work, const char *path)
{
    eventure_status status = eventure__log_bulk_open(path, false, &work->log);
    if (status != EVENTURE_OK && work->log == NULL)
        return eventure__fail(work->error, status, "restore: out of memory");
    if (status != EVENTURE_OK)
        fail_in_log(work, status);
    else
        status = append_all(work);
    if (status == EVENTURE_OK)
        status = finish(work);
    eventure_status closed = eventure__log_close(work->log, status == EVENTURE_OK ? work->error : NULL);
    if (status == EVENTURE_OK && closed != EVENTURE_OK)
    {
        status = closed;
        eventure__fail_prefix(work->error, "restore: cannot close the new store");
    }
    return status;
}

eventure_status eventure_store_restore(const char *path, const eventure_restore_options *options, int64_t *out_events)
{
    eventure__error error = {0};
    eventure__atomic_file target;
    restoring work = {.tick = -1, .error = &error};
    if (out_events != NULL)
        *out_events = 0;
    if (path == NULL || options == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = EVENTURE__TAKE(options, &work.options, eventure_restore_options, "restore", &error);
    if (status == EVENTURE_OK)
        status = check_options(&work);
    if (status == EVENTURE_OK)
        status = eventure__atomic_file_open(&target, "restore", path, work.options.replace, NULL, &error);
    if (status == EVENTURE_OK)
        status = eventure__atomic_file_close(&target, make(&work, target.temporary));
    eventure__buffer_free(&work.data);
    if (status != EVENTURE_OK)
        eventure__set_last_error(&error);
    else if (out_events != NULL)
        *out_events = work.events;
    return status;
}

void eventure_restore_options_init(eventure_restore_options *options, size_t size)
{
    eventure__options_init(options, size);
}
