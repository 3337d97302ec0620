/*
 * Verifies a store in this order: the schema, the structure of the database, the tables other than events, each event
 * in its order, and the data derived from events. The first problem ends the verification, because each check relies on
 * those before.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/options.h"
#include "base/progress.h"
#include "integrity/salvage.h"
#include "integrity/verify_internal.h"

bool eventure__verify_found(eventure__verifier *verifier, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(verifier->report->problem, sizeof verifier->report->problem, format, values);
    va_end(values);
    verifier->report->is_sound = false;
    return false;
}

/* Handles a failure of SQLite: damage is a problem of the store, all else an error. Returns false. */
static bool failed(eventure__verifier *verifier, const char *what)
{
    eventure_status status = eventure__store_fail(verifier->store, what);
    if (status == EVENTURE_ERROR_CORRUPT || status == EVENTURE_ERROR_FORMAT)
        return eventure__verify_found(verifier, "%s", verifier->store->error.text);
    verifier->status = status;
    return false;
}

bool eventure__verify_step(eventure__verifier *verifier, sqlite3_stmt *statement, const char *what, bool *out_ok)
{
    int step = sqlite3_step(statement);
    *out_ok = step == SQLITE_ROW || step == SQLITE_DONE || failed(verifier, what);
    return step == SQLITE_ROW;
}

bool eventure__verify_take(eventure__verifier *verifier, const char *sql, sqlite3_stmt **out)
{
    eventure_status status = eventure__store_prepare(verifier->store, sql, out);
    if (status == EVENTURE_ERROR_CORRUPT)
        return eventure__verify_found(verifier, "%s", verifier->store->error.text);
    verifier->status = status;
    return status == EVENTURE_OK;
}

const char *eventure__verify_position(const eventure__verifier *verifier, sqlite3_stmt *row, int column,
                                      int64_t current_tick, const char *misplaced)
{
    const int64_t tick = sqlite3_column_int64(row, column);
    const int64_t seq = sqlite3_column_int64(row, column + 1);
    const int64_t tick_of_seq = sqlite3_column_int64(row, column + 2);
    const bool has_next = sqlite3_column_type(row, column + 3) != SQLITE_NULL;
    const int64_t cut_seq = verifier->cut.last_seq;
    if (tick < 0 || tick > current_tick)
        return "the store has not reached that tick";
    if (seq < 0 || seq > verifier->last_seq)
        return "there is no such event";
    if (seq > cut_seq && tick_of_seq > tick)
        return "that event belongs to a later tick";
    if (seq < cut_seq ? tick >= verifier->cut.before_tick : has_next && sqlite3_column_int64(row, column + 3) < tick)
        return misplaced;
    return NULL;
}

bool eventure__verify_has_table(eventure__verifier *verifier, const char *table, bool *out_exists)
{
    verifier->status = eventure__store_has_table(verifier->store, table, out_exists);
    return verifier->status == EVENTURE_OK;
}

bool eventure__verify_no_memory(eventure__verifier *verifier)
{
    verifier->status = eventure__fail(&verifier->store->error, EVENTURE_ERROR_MEMORY, "verify: out of memory");
    return false;
}

bool eventure__verify_report_progress(eventure__verifier *verifier, int64_t tick)
{
    const eventure_verify_options *options = &verifier->options;
    eventure_progress progress = {.done = ++verifier->done, .total = verifier->total, .tick = tick};
    if (options->progress == NULL || progress.done % EVENTURE__PROGRESS_EVENTS != 0 ||
        options->progress(&progress, options->progress_context) == 0)
        return true;
    verifier->status = eventure__fail(&verifier->store->error, EVENTURE_ERROR_INTERRUPTED, "verify: interrupted");
    return false;
}

/* Reports a message of SQLite's check. SQLite reports a page that it could not read as damaged, also when it was out
 * of memory or the disk failed; these are errors, not damage. */
static bool report_database(eventure__verifier *verifier, const char *answer)
{
    const char *code = strstr(answer, "error code=");
    const long cause = code != NULL ? strtol(code + strlen("error code="), NULL, 10) & 0xFF : SQLITE_CORRUPT;
    if (cause != SQLITE_NOMEM && cause != SQLITE_IOERR)
        return eventure__verify_found(verifier, "the database is damaged: %s", answer);
    verifier->status =
        eventure__fail(&verifier->store->error, cause == SQLITE_NOMEM ? EVENTURE_ERROR_MEMORY : EVENTURE_ERROR_IO,
                       "%s: check the database: %s", verifier->store->path, answer);
    return false;
}

/* Lets SQLite check its pages, indexes and constraints. */
static bool check_database(eventure__verifier *verifier)
{
    sqlite3_stmt *statement = NULL;
    bool ok = eventure__verify_take(
        verifier, verifier->options.quick ? "PRAGMA quick_check(1)" : "PRAGMA integrity_check(1)", &statement);
    if (ok && eventure__verify_step(verifier, statement, "check the database", &ok))
    {
        const char *answer = (const char *)sqlite3_column_text(statement, 0);
        if (answer == NULL || strcmp(answer, "ok") != 0)
            ok = answer != NULL ? report_database(verifier, answer) : failed(verifier, "check the database");
    }
    eventure__store_release(verifier->store, statement);
    return ok;
}

static bool load_indexes(eventure__verifier *verifier)
{
    eventure_status status = eventure__data_indexes_load(verifier->store, &verifier->indexes);
    if (status == EVENTURE_ERROR_CORRUPT)
        return eventure__verify_found(verifier, "%s", verifier->store->error.text);
    verifier->status = status;
    return status == EVENTURE_OK;
}

/* For a damaged database, still reports up to which position the events can be read and are correct. The reported
 * problem remains the first one. */
static bool report_trusted(eventure__verifier *verifier)
{
    char problem[sizeof verifier->report->problem];
    eventure__store *store = verifier->store;
    eventure__store *salvaged = NULL;
    bool needed = false;
    verifier->report->is_structure_damaged = true;
    if (verifier->status != EVENTURE_OK || verifier->options.quick || store->writable)
        return false;
    memcpy(problem, verifier->report->problem, sizeof problem);
    verifier->status = eventure__salvage_needed(store, &needed);
    if (verifier->status == EVENTURE_OK && needed)
        verifier->status = eventure__salvage(store, &salvaged);
    if (salvaged != NULL)
        verifier->store = salvaged;
    if (verifier->status == EVENTURE_OK)
        eventure__verify_events(verifier);
    if (salvaged != NULL)
    {
        if (verifier->status != EVENTURE_OK)
            store->error = salvaged->error;
        verifier->store = store;
        eventure__store_close(salvaged);
    }
    memcpy(verifier->report->problem, problem, sizeof problem);
    verifier->report->is_sound = false;
    return false;
}

/* Checks that the file has all pages that its header says. */
static bool check_length(eventure__verifier *verifier)
{
    return verifier->store->missing_pages == 0 ||
           eventure__verify_found(verifier,
                                  "the database is damaged: the file has %lld pages fewer than its header says",
                                  (long long)verifier->store->missing_pages);
}

static bool check_all(eventure__verifier *verifier)
{
    if (!check_length(verifier) || !check_database(verifier))
        return report_trusted(verifier);
    if (!load_indexes(verifier) || !eventure__verify_tables(verifier) || !eventure__verify_saves(verifier) ||
        !eventure__verify_index_rows(verifier) || !eventure__verify_snapshot_rows(verifier))
        return false;
    if (verifier->options.quick)
        return eventure__verify_notes(verifier);
    int64_t walks = 1 + (int64_t)((verifier->indexes.count + EVENTURE__VERIFY_INDEXES - 1) / EVENTURE__VERIFY_INDEXES);
    walks += (int64_t)verifier->options.reducers_count;
    verifier->total = (verifier->last_seq - verifier->cut.last_seq) * walks;
    return eventure__verify_events(verifier) && eventure__verify_data(verifier) &&
           eventure__verify_snapshots(verifier) && eventure__verify_notes(verifier);
}

/* Checks the schema, and then the rest. After a change of the schema the other checks still run, so that damage of
 * the history is found too; both are reported, the damage of the history first. */
static void check_with_schema(eventure__verifier *verifier)
{
    char problem[sizeof verifier->report->problem];
    if (eventure__verify_schema(verifier))
    {
        check_all(verifier);
        return;
    }
    if (verifier->status != EVENTURE_OK)
        return;
    memcpy(problem, verifier->report->problem, sizeof problem);
    if (check_all(verifier))
        memcpy(verifier->report->problem, problem, sizeof problem);
    else if (verifier->status == EVENTURE_OK)
    {
        size_t len = strlen(verifier->report->problem);
        snprintf(verifier->report->problem + len, sizeof problem - len, "; %s", problem);
    }
}

static eventure_status verify_held(eventure__verifier *verifier)
{
    bool begun = false;
    eventure_status status = eventure__store_read_begin(verifier->store, &begun);
    if (verifier->store->is_unreadable)
    {
        eventure__verify_found(verifier, "%s", verifier->store->opening_error.text);
        report_trusted(verifier);
        eventure__store_read_end(verifier->store, begun);
        return verifier->status;
    }
    if (status == EVENTURE_OK)
        status = eventure__store_cut(verifier->store, &verifier->cut);
    if (status == EVENTURE_OK)
        status = eventure_reader_last_seq(verifier->store, &verifier->last_seq);
    if (status == EVENTURE_ERROR_CORRUPT)
    {
        if (check_length(verifier))
            eventure__verify_found(verifier, "%s", verifier->store->error.text);
        eventure__store_cut(verifier->store, &verifier->cut);
        report_trusted(verifier);
        status = verifier->status;
    }
    else if (status == EVENTURE_OK)
    {
        check_with_schema(verifier);
        /* SQLite reads such a schema only when it is writable, so that no other connection can read the store. */
        if (verifier->status == EVENTURE_OK && verifier->report->is_sound &&
            verifier->store->opening_error.status != EVENTURE_OK)
            eventure__verify_found(verifier, "%s", verifier->store->opening_error.text);
        status = verifier->status;
    }
    eventure__data_indexes_free(&verifier->indexes);
    eventure__store_read_end(verifier->store, begun);
    return status;
}

eventure_status eventure_store_verify(eventure_reader *reader, const eventure_verify_options *options,
                                      eventure_verify_report *out_report)
{
    if (reader == NULL || out_report == NULL)
        return eventure__fail_argument(__func__);
    *out_report = (eventure_verify_report){.is_sound = true, .trusted_tick = -1};
    eventure__verifier verifier = {.store = reader, .report = out_report};
    eventure_status status =
        EVENTURE__TAKE(options, &verifier.options, eventure_verify_options, "verify", &reader->error);
    if (status == EVENTURE_OK)
        status = eventure__verify_check_reducers(&verifier);
    if (status == EVENTURE_OK)
        status = eventure__store_check_read(reader, verify_held(&verifier));
    return status;
}

void eventure_verify_options_init(eventure_verify_options *options, size_t size)
{
    eventure__options_init(options, size);
}
