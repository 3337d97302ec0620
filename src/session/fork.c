/*
 * Forks: the rows of complete ticks are copied. The events of a last, incomplete tick are appended one by one, because
 * its digests and counts differ from those of the source.
 */
#include <string.h>

#include <eventure/query.h>
#include <eventure/session.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/options.h"
#include "embedded_sql.h"
#include "log/bulk.h"
#include "log/log.h"
#include "log/undo.h"
#include "session/copy_rows.h"
#include "session/copy_source.h"
#include "store/archived.h"
#include "store/atomic_file.h"
#include "store/open_write.h"
#include "store/proof.h"
#include "store/run_record.h"

/* The position where a fork leaves its source. */
typedef struct fork_point
{
    const char *save; /* NULL: fork at a tick */
    int64_t tick;     /* current tick of the fork */
    int64_t seq;      /* newest event of the fork */
    int64_t over_seq; /* newest event of the complete ticks */
    eventure__cut cut;
    bool with_digests;
    eventure__buffer changes; /* of the record of the run: a compact object */
} fork_point;

static eventure_status ask_digests(eventure__store *store, bool *out_with_digests)
{
    static const char sql[] = "SELECT digests <> 'none' FROM store";
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(store, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    if (sqlite3_step(statement) == SQLITE_ROW)
        *out_with_digests = sqlite3_column_int(statement, 0) != 0;
    else
        status = eventure__store_fail(store, "fork");
    eventure__store_release(store, statement);
    return status;
}

static eventure_status point_at_tick(eventure_reader *from, int64_t tick, fork_point *point)
{
    int64_t current = 0;
    if (tick < 0)
        return eventure__fail(&from->error, EVENTURE_ERROR_TICK, "fork: tick %lld is negative", (long long)tick);
    eventure_status status = eventure_reader_tick(from, &current);
    if (status != EVENTURE_OK)
        return status;
    if (tick > current)
        return eventure__fail(&from->error, EVENTURE_ERROR_TICK,
                              "fork: tick %lld is in the future: the current tick of %s is %lld", (long long)tick,
                              from->path, (long long)current);
    if (tick + 1 < point->cut.before_tick)
        return eventure__fail(&from->error, EVENTURE_ERROR_ARCHIVED,
                              "fork: tick %lld is archived: %s begins at tick %lld; fork the archive", (long long)tick,
                              from->path, (long long)point->cut.before_tick);
    point->tick = tick < current ? tick + 1 : current;
    return eventure__store_ask_int_with(from, "fork", eventure__query_fork_seq.text, tick, point->cut.last_seq,
                                        &point->seq);
}

static eventure_status point_at_save(eventure_reader *from, fork_point *point)
{
    eventure_save_point *save = NULL;
    int64_t last_seq = 0;
    eventure_status status = eventure_save_point_find(from, point->save, &save);
    if (status == EVENTURE_OK)
        status = eventure_reader_last_seq(from, &last_seq);
    if (status == EVENTURE_OK && save->tick < point->cut.before_tick)
        status = eventure__fail(&from->error, EVENTURE_ERROR_ARCHIVED,
                                "fork: save point %s is in the archived part: %s begins at tick %lld; fork the archive",
                                eventure__quote(point->save, strlen(point->save)).text, from->path,
                                (long long)point->cut.before_tick);
    if (status == EVENTURE_OK && (save->seq < point->cut.last_seq || save->seq > last_seq || save->tick < 0))
        status = eventure__fail(&from->error, EVENTURE_ERROR_CORRUPT,
                                "%s is damaged: save point %s names event %lld, of %lld to %lld", from->path,
                                eventure__quote(point->save, strlen(point->save)).text, (long long)save->seq,
                                (long long)point->cut.last_seq, (long long)last_seq);
    if (status == EVENTURE_OK)
    {
        point->tick = save->tick;
        point->seq = save->seq;
    }
    eventure_free(save);
    return status;
}

static eventure_status find_point(eventure_reader *from, int64_t tick, fork_point *point)
{
    eventure_status status = eventure__store_cut(from, &point->cut);
    if (status == EVENTURE_OK)
        status = ask_digests(from, &point->with_digests);
    if (status == EVENTURE_OK)
        status = point->save != NULL ? point_at_save(from, point) : point_at_tick(from, tick, point);
    if (status == EVENTURE_OK)
        status = eventure__store_ask_int_with(from, "fork", eventure__query_fork_seq.text, point->tick - 1,
                                              point->cut.last_seq, &point->over_seq);
    return status;
}

static eventure_status copy_saves(eventure_reader *from, eventure__store *to, const fork_point *point)
{
    const eventure__sql *sql = &eventure__query_insert_save_point;
    const eventure__sql *saves = &eventure__query_save_points;
    sqlite3_stmt *select = NULL;
    sqlite3_stmt *insert = NULL;
    int step = SQLITE_DONE;
    eventure_status status = eventure__store_prepare(from, saves->text, &select);
    if (status == EVENTURE_OK && (status = eventure__store_prepare(to, sql->text, &insert)) != EVENTURE_OK)
        from->error = to->error;
    while (status == EVENTURE_OK && (step = sqlite3_step(select)) == SQLITE_ROW)
    {
        if (sqlite3_column_int64(select, 2) > point->seq || sqlite3_column_int64(select, 1) > point->tick)
            continue;
        if (eventure__sqlite_bind_row(insert, select, 5) != SQLITE_OK || sqlite3_step(insert) != SQLITE_DONE)
        {
            status = eventure__store_fail(to, "write a save point");
            from->error = to->error;
        }
        sqlite3_reset(insert);
    }
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__store_fail(from, "read the save points");
    eventure__store_release(to, insert);
    eventure__store_release(from, select);
    return status;
}

/* Copies all complete ticks in one transaction; no other program uses the temporary file yet. */
static eventure_status copy_over(eventure__rows *rows, const fork_point *point)
{
    const eventure__sql *sql = &eventure__query_set_current_tick;
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_run(rows->to, "BEGIN IMMEDIATE", "fork");
    if (status == EVENTURE_OK && point->cut.before_tick > 0)
        status = eventure__rows_copy_archived(rows);
    if (status == EVENTURE_OK)
        status = eventure__rows_copy_history(rows);
    if (status == EVENTURE_OK)
        status = eventure__rows_copy_origin(rows);
    if (status == EVENTURE_OK)
        status = eventure__run_record_copy(rows->from, rows->to, true);
    if (status == EVENTURE_OK)
        status = copy_saves(rows->from, rows->to, point);
    if (status == EVENTURE_OK)
        status = eventure__store_prepare(rows->to, sql->text, &statement);
    if (status == EVENTURE_OK)
    {
        sqlite3_bind_int64(statement, 1, point->tick);
        if (sqlite3_step(statement) != SQLITE_DONE)
            status = eventure__store_fail(rows->to, "write the current tick");
        eventure__store_release(rows->to, statement);
    }
    if (status == EVENTURE_OK)
        status = eventure__store_run(rows->to, "COMMIT", "fork");
    return status;
}

/* Creates the store with everything except the events of the incomplete tick. */
static eventure_status make_store(eventure__rows *rows, const char *path, const fork_point *point)
{
    eventure__write_options options = {0};
    options.sync = EVENTURE__SYNC_OFF; /* the complete file is synced at the end */
    options.without_digests = !point->with_digests;
    eventure_status status = eventure__store_open_write(path, &options, &rows->to);
    if (status == EVENTURE_OK)
    {
        status = copy_over(rows, point);
        if (status != EVENTURE_OK && rows->error->status != status)
            *rows->error = rows->to->error;
    }
    else if (rows->to != NULL)
        *rows->error = rows->to->error;
    else
        eventure__fail(rows->error, status, "fork: out of memory");
    eventure__store_close(rows->to);
    rows->to = NULL;
    return status;
}

/* Appends the events of the incomplete tick. */
static eventure_status append_rest(eventure_log *log, eventure_reader *from, const fork_point *point)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.after_seq = point->over_seq;
    filter.limit = point->seq - point->over_seq;
    eventure_status status = eventure_query(from, &filter, &cursor);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__log_bulk_begin(log);
    while (status == EVENTURE_OK && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
        status = eventure__log_bulk_append(log, &event, true);
    if (status == EVENTURE_OK)
        status = eventure__log_bulk_commit(log);
    if (status != EVENTURE_OK && eventure__log_error(log)->status == status)
        from->error = *eventure__log_error(log);
    eventure_cursor_free(cursor);
    return status;
}

/* Records the origin of the fork in its log, and what differs in the record of the run. */
static eventure_status note_origin(eventure_log *log, eventure_reader *from, const fork_point *point)
{
    static const char sql[] =
        "INSERT INTO origin (generation, uuid, tick, seq, run_digest, full_digest, created) "
        "SELECT (SELECT coalesce(max(generation), 0) + 1 FROM origin), ?1, ?2, ?3, newest.run_digest, "
        "newest.full_digest, ?4 FROM (SELECT 1) LEFT JOIN "
        "(SELECT run_digest, full_digest FROM (SELECT tick, run_digest, full_digest FROM tick "
        "UNION ALL SELECT before_tick - 1, run_digest, full_digest FROM archive) ORDER BY tick DESC LIMIT 1) AS newest";
    eventure__store *to = eventure_log_reader(log);
    eventure_origin origin;
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure_store_origin(from, &origin);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__store_run(to, "BEGIN IMMEDIATE", "fork");
    if (status == EVENTURE_OK)
        status = eventure__store_prepare(to, sql, &statement);
    if (status == EVENTURE_OK)
    {
        sqlite3_bind_text(statement, 1, origin.uuid, -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 2, point->tick);
        sqlite3_bind_int64(statement, 3, point->seq);
        sqlite3_bind_double(statement, 4, eventure__clock_now());
        if (sqlite3_step(statement) != SQLITE_DONE)
            status = eventure__store_fail(to, "note the origin");
        eventure__store_release(to, statement);
    }
    if (status == EVENTURE_OK && point->changes.len > 0)
        status = eventure__run_record_change(to, &point->changes);
    if (status == EVENTURE_OK)
        status = eventure__proof_note_all(to);
    if (status == EVENTURE_OK)
        status = eventure__store_run(to, "COMMIT", "fork");
    if (status != EVENTURE_OK)
        from->error = to->error;
    return status;
}

static eventure_status finish_store(eventure_reader *from, const char *path, const fork_point *point)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    options.mode = EVENTURE_OPEN_EXISTING;
    options.sync = EVENTURE_SYNC_OFF;
    options.max_data_bytes = EVENTURE_DATA_MAX_BYTES;
    eventure_status status = eventure__log_open(path, &options, &log);
    if (status != EVENTURE_OK)
        eventure__fail(&from->error, status, "fork: %s", eventure_log_message(log));
    if (status == EVENTURE_OK && point->seq > point->over_seq)
        status = append_rest(log, from, point);
    if (status == EVENTURE_OK)
        status = note_origin(log, from, point);
    eventure_status closed = eventure__log_close(log, status == EVENTURE_OK ? &from->error : NULL);
    if (status == EVENTURE_OK && closed != EVENTURE_OK)
    {
        status = closed;
        eventure__fail_prefix(&from->error, "fork: cannot close the new file");
    }
    return status;
}

static eventure_status fork_to(eventure_reader *from, const char *path, int64_t tick, fork_point *point,
                               const eventure_copy_options *options)
{
    eventure_status status = find_point(from, tick, point);
    if (status != EVENTURE_OK)
        return status;
    eventure__rows rows = {
        .from = from,
        .part = {point->cut.last_seq, point->over_seq, point->cut.before_tick, point->tick - 1},
        .what = "fork",
        .progress = options->progress,
        .progress_context = options->progress_context,
        .error = &from->error,
    };
    status = make_store(&rows, path, point);
    return status == EVENTURE_OK ? finish_store(from, path, point) : status;
}

static eventure_status fork_store(eventure_reader *reader, const char *path, int64_t tick, const char *save,
                                  const eventure_copy_options *options)
{
    eventure_copy_options with_defaults;
    eventure__copy_source source;
    eventure__atomic_file target;
    fork_point point = {.save = save};
    eventure_status status = EVENTURE__TAKE(options, &with_defaults, eventure_copy_options, "fork", &reader->error);
    if (status == EVENTURE_OK && with_defaults.record != NULL)
        status = eventure__run_record_check("fork", with_defaults.record, &point.changes, &reader->error);
    if (status == EVENTURE_OK)
        status = eventure__atomic_file_open(&target, "fork", path, with_defaults.replace, reader->file, &reader->error);
    if (status == EVENTURE_OK)
    {
        status = eventure__copy_source_open(&source, reader);
        if (status == EVENTURE_OK)
            status = eventure__copy_source_close(
                &source, fork_to(source.reader, target.temporary, tick, &point, &with_defaults));
        status = eventure__atomic_file_close(&target, status);
    }
    eventure__buffer_free(&point.changes);
    return status;
}

eventure_status eventure_store_fork_at_tick(eventure_reader *reader, const char *path, int64_t tick,
                                            const eventure_copy_options *options)
{
    return reader != NULL ? fork_store(reader, path, tick, NULL, options) : eventure__fail_argument(__func__);
}

eventure_status eventure_store_fork_at_save_point(eventure_reader *reader, const char *path, const char *name,
                                                  const eventure_copy_options *options)
{
    if (reader == NULL || name == NULL)
        return eventure__fail_argument(__func__);
    return fork_store(reader, path, 0, name, options);
}
