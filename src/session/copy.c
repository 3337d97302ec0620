/*
 * "Save as": SQLite's backup of one commit of the store into a file that appears atomically. All pages are copied, so
 * the copy is the same history in every respect.
 */
#include <string.h>

#include <eventure/session.h>

#include "base/error.h"
#include "base/options.h"
#include "session/copy_source.h"
#include "store/atomic_file.h"

/* Pages per step, between two progress reports: 4 MiB. */
#define PAGES 1024

static eventure_status fail_copy(eventure__error *error, const char *path, sqlite3 *target, int code)
{
    return eventure__fail(error, eventure__sqlite_status(code), "copy: cannot write %s: %s", path,
                          target != NULL ? sqlite3_errmsg(target) : sqlite3_errstr(code));
}

/* Reports progress in events, in proportion to the copied pages. */
static eventure_status report_progress(const eventure_copy_options *options, eventure__error *error, int64_t events,
                                       sqlite3_backup *backup)
{
    if (options->progress == NULL)
        return EVENTURE_OK;
    int64_t pages = sqlite3_backup_pagecount(backup);
    int64_t done = pages - sqlite3_backup_remaining(backup);
    const eventure_progress progress = {pages > 0 ? (int64_t)((double)events * (double)done / (double)pages) : 0,
                                        events, 0};
    if (options->progress(&progress, options->progress_context) == 0)
        return EVENTURE_OK;
    return eventure__fail(error, EVENTURE_ERROR_INTERRUPTED, "copy: stopped by the progress callback");
}

static eventure_status copy_pages(eventure_reader *from, const char *path, sqlite3 *target,
                                  const eventure_copy_options *options, eventure__error *error)
{
    int64_t events = 0;
    int code = SQLITE_OK;
    eventure_status status = eventure_reader_last_seq(from, &events);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_backup *backup = sqlite3_backup_init(target, "main", from->db, "main");
    if (backup == NULL)
        return fail_copy(error, path, target, sqlite3_errcode(target) & 0xFF);
    while (status == EVENTURE_OK && (code = sqlite3_backup_step(backup, PAGES)) == SQLITE_OK)
        status = report_progress(options, error, events, backup);
    sqlite3_backup_finish(backup);
    if (status == EVENTURE_OK && code != SQLITE_DONE)
    {
        status = fail_copy(error, path, NULL, code & 0xFF);
        if (eventure__store_check_read(from, EVENTURE_OK) != EVENTURE_OK)
        {
            *error = from->error;
            status = error->status;
        }
    }
    return status;
}

/* The complete file is synced at the end; until then no other program uses it. */
static eventure_status copy_to(eventure_reader *from, const char *path, const eventure_copy_options *options,
                               eventure__error *error)
{
    sqlite3 *target = NULL;
    int code = sqlite3_open_v2(
        path, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
        NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(target, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
    eventure_status status =
        code == SQLITE_OK ? copy_pages(from, path, target, options, error) : fail_copy(error, path, target, code);
    code = sqlite3_close(target);
    if (status == EVENTURE_OK && code != SQLITE_OK)
        status = fail_copy(error, path, NULL, code);
    return status;
}

eventure_status eventure_store_copy(eventure_reader *reader, const char *path, const eventure_copy_options *options)
{
    eventure_copy_options with_defaults;
    eventure__copy_source source;
    eventure__atomic_file target;
    if (reader == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = EVENTURE__TAKE(options, &with_defaults, eventure_copy_options, "copy", &reader->error);
    if (status == EVENTURE_OK)
        status = eventure__atomic_file_open(&target, "copy", path, with_defaults.replace, reader->file, &reader->error);
    if (status != EVENTURE_OK)
        return status;
    status = eventure__copy_source_open(&source, reader);
    if (status == EVENTURE_OK)
        status = eventure__copy_source_close(
            &source, copy_to(source.reader, target.temporary, &with_defaults, &source.reader->error));
    return eventure__atomic_file_close(&target, status);
}

void eventure_copy_options_init(eventure_copy_options *options, size_t size)
{
    eventure__options_init(options, size);
}
