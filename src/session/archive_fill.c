/*
 * Writes an archive: see archive_internal.h. A new archive appears atomically. An existing archive is extended in one
 * transaction, after a check that it is the beginning of the same history.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "embedded_sql.h"
#include "log/log.h"
#include "session/archive_internal.h"
#include "session/copy_rows.h"
#include "store/atomic_file.h"
#include "store/files.h"
#include "store/open_write.h"
#include "store/proof.h"
#include "store/run_record.h"

/* The end of an existing archive. */
typedef struct archive_end
{
    int64_t last_seq;
    int64_t last_tick; /* tick of that event; -1: none */
} archive_end;

static eventure_status copy_saves(const eventure__archiving *work, eventure__store *archive)
{
    static const char select_sql[] = "SELECT name, tick, seq, note, created FROM save_point WHERE tick < ?1";
    const eventure__sql *copy = &eventure__query_copy_save_point;
    sqlite3_stmt *select = NULL;
    sqlite3_stmt *insert = NULL;
    int step = SQLITE_DONE;
    eventure_status status = eventure__store_prepare(work->store, select_sql, &select);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(select, 1, work->before_tick);
    status = eventure__store_prepare(archive, copy->text, &insert);
    while (status == EVENTURE_OK && (step = sqlite3_step(select)) == SQLITE_ROW)
    {
        if (eventure__sqlite_bind_row(insert, select, 5) != SQLITE_OK || sqlite3_step(insert) != SQLITE_DONE)
            status = eventure__store_fail(archive, "write a save point");
        sqlite3_reset(insert);
    }
    if (status != EVENTURE_OK)
        work->store->error = archive->error;
    else if (step != SQLITE_DONE)
        status = eventure__store_fail(work->store, "read the save points");
    eventure__store_release(archive, insert);
    eventure__store_release(work->store, select);
    return status;
}

/* Copies the identity of the store, because the archive is the same history. */
static eventure_status copy_identity(const eventure__archiving *work, eventure__store *archive)
{
    static const char select_sql[] = "SELECT uuid, created, digests FROM store";
    static const char update_sql[] = "UPDATE store SET uuid = ?1, created = ?2, digests = ?3, current_tick = ?4";
    sqlite3_stmt *select = NULL;
    sqlite3_stmt *update = NULL;
    eventure_status status = eventure__store_prepare(work->store, select_sql, &select);
    if (status == EVENTURE_OK && sqlite3_step(select) != SQLITE_ROW)
        status = eventure__store_fail(work->store, "read which history it is");
    if (status == EVENTURE_OK)
    {
        status = eventure__store_prepare(archive, update_sql, &update);
        if (status == EVENTURE_OK && eventure__sqlite_bind_row(update, select, 3) != SQLITE_OK)
            status = eventure__store_fail(archive, "write which history it is");
        if (status == EVENTURE_OK)
            sqlite3_bind_int64(update, 4, work->before_tick);
        if (status == EVENTURE_OK && sqlite3_step(update) != SQLITE_DONE)
            status = eventure__store_fail(archive, "write which history it is");
        if (status != EVENTURE_OK)
            work->store->error = archive->error;
    }
    eventure__store_release(archive, update);
    eventure__store_release(work->store, select);
    return status;
}

/* Records the digests of the archive's tables (store/proof.h), and commits. */
static eventure_status finish_rows(const eventure__archiving *work, eventure__store *archive)
{
    eventure_status status = eventure__proof_note_all(archive);
    if (status == EVENTURE_OK)
        status = eventure__store_run(archive, "COMMIT", "archive");
    if (status != EVENTURE_OK)
        work->store->error = archive->error;
    return status;
}

/* Copies the missing rows in one transaction. */
static eventure_status copy_rows(const eventure__archiving *work, eventure__store *archive, const archive_end *end,
                                 bool is_new)
{
    eventure__rows rows = {
        .from = work->store,
        .to = archive,
        .part = {end->last_seq, work->last_seq, end->last_tick + 1, work->before_tick - 1},
        .what = "archive",
        .progress = work->options.progress,
        .progress_context = work->options.progress_context,
        .error = &work->store->error,
    };
    eventure_status status = eventure__store_run(archive, "BEGIN IMMEDIATE", "archive");
    if (status != EVENTURE_OK)
        work->store->error = archive->error;
    if (status == EVENTURE_OK && is_new && work->cut.before_tick > 0)
        status = eventure__rows_copy_archived(&rows);
    if (status == EVENTURE_OK && is_new)
        status = eventure__rows_copy_origin(&rows);
    if (status == EVENTURE_OK)
        status = eventure__rows_copy_history(&rows);
    if (status == EVENTURE_OK)
        status = copy_saves(work, archive);
    if (status == EVENTURE_OK)
        status = copy_identity(work, archive);
    if (status == EVENTURE_OK)
        status = eventure__run_record_copy(work->store, archive, false);
    if (status == EVENTURE_OK)
        status = finish_rows(work, archive);
    if (status != EVENTURE_OK)
        sqlite3_exec(archive->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

/* Creates a new archive, which appears atomically. */
static eventure_status make_archive(const eventure__archiving *work)
{
    eventure__write_options options = {0};
    eventure__store *archive = NULL;
    eventure__atomic_file target;
    const archive_end nothing = {work->cut.last_seq, work->cut.before_tick - 1};
    eventure_status status =
        eventure__atomic_file_open(&target, "archive", work->path, false, work->store->file, &work->store->error);
    if (status != EVENTURE_OK)
        return status;
    options.sync = EVENTURE__SYNC_OFF; /* the complete file is synced at the end */
    status = eventure__store_open_write(target.temporary, &options, &archive);
    if (status == EVENTURE_OK)
        status = copy_rows(work, archive, &nothing, true);
    else if (archive != NULL)
        work->store->error = archive->error;
    else
        eventure__fail(&work->store->error, status, "archive: out of memory");
    eventure__store_close(archive);
    return eventure__atomic_file_close(&target, status);
}

static eventure_status fail_other(const eventure__archiving *work, const char *why)
{
    return eventure__fail(&work->store->error, EVENTURE_ERROR_EXISTS, "archive: %s is not an archive of %s: %s",
                          work->path, work->store->path, why);
}

/* Checks whether the current row of `end` (uuid, tick, last_seq, digests) is a position of this store's history. */
static eventure_status match_end(const eventure__archiving *work, sqlite3_stmt *end)
{
    static const char sql[] =
        "SELECT EXISTS (SELECT 1 FROM store WHERE uuid = ?1), "
        "EXISTS (SELECT 1 FROM tick WHERE tick = ?2 AND last_seq = ?3 AND sealed AND run_digest IS ?4 AND "
        "full_digest IS ?5) OR "
        "EXISTS (SELECT 1 FROM archive WHERE last_seq = ?3 AND run_digest IS ?4 AND full_digest IS ?5)";
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(work->store, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    if (eventure__sqlite_bind_row(statement, end, 5) != SQLITE_OK || sqlite3_step(statement) != SQLITE_ROW)
        status = eventure__store_fail(work->store, "archive");
    else if (!sqlite3_column_int(statement, 0))
        status = fail_other(work, "it is another history");
    else if (sqlite3_column_int64(end, 2) < work->cut.last_seq)
        status = fail_other(work, "it ends before this store begins");
    else if (!sqlite3_column_int(statement, 1))
        status = fail_other(work, "it does not end as one of this store's ticks does");
    eventure__store_release(work->store, statement);
    return status;
}

static eventure_status find_end(const eventure__archiving *work, eventure__store *archive, archive_end *out)
{
    static const char sql[] = "SELECT store.uuid, newest.tick, newest.last_seq, newest.run_digest, newest.full_digest "
                              "FROM store LEFT JOIN (SELECT * FROM tick ORDER BY tick DESC LIMIT 1) AS newest";
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(archive, sql, &statement);
    if (status == EVENTURE_OK && sqlite3_step(statement) != SQLITE_ROW)
        status = eventure__store_fail(archive, "read where it ends");
    if (status != EVENTURE_OK)
    {
        eventure__store_release(archive, statement);
        work->store->error = archive->error;
        return status;
    }
    status = match_end(work, statement);
    out->last_tick = sqlite3_column_int64(statement, 1);
    out->last_seq = sqlite3_column_int64(statement, 2);
    eventure__store_release(archive, statement);
    if (status == EVENTURE_OK && out->last_seq > work->last_seq)
        status = eventure__fail(&work->store->error, EVENTURE_ERROR_EXISTS,
                                "archive: %s holds the ticks up to %lld already, as archiving them was interrupted: "
                                "archive before tick %lld at least",
                                work->path, (long long)out->last_tick, (long long)out->last_tick + 1);
    return status;
}

/* Extends an existing archive. Its log is opened for the lock and the checks; the rows are written directly. */
static eventure_status extend_archive(const eventure__archiving *work)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *archive = NULL;
    archive_end end = {0, -1};
    options.mode = EVENTURE_OPEN_EXISTING;
    eventure_status status = eventure__log_open(work->path, &options, &archive);
    if (status != EVENTURE_OK)
        eventure__fail(&work->store->error, status, "archive: %s", eventure_log_message(archive));
    if (status == EVENTURE_OK)
        status = find_end(work, eventure_log_reader(archive), &end);
    if (status == EVENTURE_OK && end.last_seq < work->last_seq)
        status = copy_rows(work, eventure_log_reader(archive), &end, false);
    eventure_status closed = eventure__log_close(archive, status == EVENTURE_OK ? &work->store->error : NULL);
    if (status == EVENTURE_OK && closed != EVENTURE_OK)
    {
        status = closed;
        eventure__fail_prefix(&work->store->error, "archive: cannot close %s", work->path);
    }
    if (status == EVENTURE_OK)
        status = eventure__files_sync(work->path, &work->store->error);
    return status == EVENTURE_OK ? eventure__files_sync_directory(work->path, &work->store->error) : status;
}

eventure_status eventure__archive_fill(const eventure__archiving *work)
{
    struct stat of_archive;
    if (stat(work->path, &of_archive) == 0)
        return extend_archive(work);
    return errno == ENOENT
               ? make_archive(work)
               : eventure__fail(&work->store->error, EVENTURE_ERROR_IO, "archive: %s: %s", work->path, strerror(errno));
}
