/*
 * Opening a store for writing: see open_write.h.
 */
#include "store/open_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/path.h"
#include "store/files.h"
#include "store/guard.h"
#include "store/migrate.h"
#include "store/schema.h"
#include "store/size.h"
#include "store/sqlite_fork.h"
#include "store/store_internal.h"
#include "store/wal_writes.h"

#define BUSY_STEP_MS 2 /* delay between two attempts of an operation for which SQLite does not wait */

/* Settings of a writer: also the number of pages in the write-ahead log after which a commit moves them into the
 * file. */
#define TUNING                                                                                                         \
    EVENTURE__WRITER_CACHE ";"                                                                                         \
                           "PRAGMA wal_autocheckpoint = 4000;"                                                         \
                           "PRAGMA journal_size_limit = 67108864;"

/* Checks the mode of opening against the existence of the file. */
static eventure_status check_mode(eventure__store *store, const eventure__write_options *options, bool exists)
{
    struct stat info;
    if (options->must_exist && !exists)
        return eventure__fail(&store->error, EVENTURE_ERROR_NOT_FOUND, "open %s: there is no such file", store->path);
    if (options->must_be_new && exists)
        return eventure__fail(&store->error, EVENTURE_ERROR_EXISTS, "open %s: the file exists", store->path);
    /* The check is needed for root, too, because the system lets root write the file. */
    if (exists && stat(store->file, &info) == 0 && (info.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0)
        return eventure__fail(&store->error, EVENTURE_ERROR_READ_ONLY, "open %s: the file is read-only", store->path);
    return EVENTURE_OK;
}

/* Write-ahead logging lets readers read whole ticks while a log writes. */
static eventure_status use_wal(eventure__store *store)
{
    sqlite3_stmt *statement = NULL;
    static const char sql[] = "PRAGMA journal_mode = WAL";
    eventure_status status = eventure__store_prepare(store, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    /* SQLite waits for other connections in some states of the file and not in others. Its waiting is disabled, so
     * that this loop waits for the time of the option in all states. */
    int64_t end = eventure__clock_ms() + store->busy_timeout_ms;
    sqlite3_busy_timeout(store->db, 0);
    int step = sqlite3_step(statement);
    while ((step & 0xFF) == SQLITE_BUSY && eventure__clock_ms() < end)
    {
        sqlite3_reset(statement);
        sqlite3_sleep(BUSY_STEP_MS);
        step = sqlite3_step(statement);
    }
    sqlite3_busy_timeout(store->db, store->busy_timeout_ms);
    const char *mode = step == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    if (mode == NULL)
        status = eventure__store_fail(store, "switch to write-ahead logging");
    else if (strcmp(mode, "wal") != 0 && strcmp(mode, "memory") != 0)
        status = eventure__fail(&store->error, EVENTURE_ERROR_IO,
                                "open %s: the file system does not allow write-ahead logging (journal mode is %s)",
                                store->path, mode);
    eventure__store_release(store, statement);
    return status;
}

static eventure_status configure_for_writing(eventure__store *store, const eventure__write_options *options)
{
    static const char *const sync[] = {"PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL",
                                       "PRAGMA synchronous = OFF"};
    if (sqlite3_exec(store->db, TUNING, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(store->db, sync[options->sync], NULL, NULL, NULL) != SQLITE_OK)
        return eventure__store_fail(store, "configure");
    return EVENTURE_OK;
}

/* Makes the schema of a new store, or brings a store of an older format up to date. */
static eventure_status bring_up(eventure__store *store, const eventure__write_options *options,
                                eventure__schema_state state)
{
    if (state == EVENTURE__SCHEMA_EMPTY)
        return eventure__schema_make(store, !options->without_digests);
    if (state == EVENTURE__SCHEMA_CURRENT)
        return EVENTURE_OK;
    eventure_status status = options->without_backup ? EVENTURE_OK : eventure__migrate_keep_copy(store);
    return status == EVENTURE_OK ? eventure__migrate(store) : status;
}

static eventure_status open_for_writing(eventure__store *store, const eventure__write_options *options)
{
    eventure__schema_state state = EVENTURE__SCHEMA_EMPTY;
    int flags = SQLITE_OPEN_READWRITE | (options->is_shared ? SQLITE_OPEN_FULLMUTEX : SQLITE_OPEN_NOMUTEX);
    const char *name = eventure__store_in_memory(store) ? ":memory:" : store->file;
    eventure_status status = eventure__store_connect(store, name, flags);
    if (status == EVENTURE_OK && sqlite3_db_readonly(store->db, "main") == 1)
        status = eventure__fail(&store->error, EVENTURE_ERROR_READ_ONLY, "open %s: the file is read-only", store->path);
    if (status == EVENTURE_OK)
        status = eventure__schema_inspect(store, &state, &store->opened_format);
    if (status == EVENTURE_OK && state == EVENTURE__SCHEMA_EMPTY && options->must_exist)
        status = eventure__fail(&store->error, EVENTURE_ERROR_FORMAT, "open %s: not an Eventure store: it is empty",
                                store->path);
    if (status == EVENTURE_OK)
        status = use_wal(store);
    if (status == EVENTURE_OK)
        status = configure_for_writing(store, options);
    if (status == EVENTURE_OK)
        status = eventure__store_limit_size(store, options->max_file_bytes, state == EVENTURE__SCHEMA_EMPTY);
    if (status == EVENTURE_OK)
        status = bring_up(store, options, state);
    if (status == EVENTURE_OK && !eventure__store_in_memory(store))
        status = eventure__guard_watch(store);
#ifndef EVENTURE_OMIT_GATHERED_WRITES
    if (status == EVENTURE_OK)
        eventure__wal_writes_gather(store->db);
#endif
    return status;
}

/* Keeps the path as the caller spelled it, when it leads to the file through links. */
static eventure_status keep_given(eventure__store *store)
{
    errno = 0;
    char *plain = eventure__path_unresolved(store->path, true);
    const bool has_links = plain != NULL && strcmp(plain, store->file) != 0;
    free(plain);
    if (has_links)
        store->given = eventure__path_unresolved(store->path, false);
    if ((plain != NULL && !has_links) || store->given != NULL || errno != ENOMEM)
        return EVENTURE_OK;
    return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", store->path);
}

static eventure_status open_file(eventure__store *store, const eventure__write_options *options)
{
    bool exists = false;
    eventure_status status = keep_given(store);
    if (status == EVENTURE_OK)
        status = eventure__store_check_is_file(store, &exists);
    if (status == EVENTURE_OK)
        status = check_mode(store, options, exists);
    if (status == EVENTURE_OK && !exists)
        status = eventure__files_check_output("open", store->path, &store->error);
    if (status == EVENTURE_OK)
        status = eventure__guard_lock(store, exists);
    if (status != EVENTURE_OK)
        return status;
    status = open_for_writing(store, options);
    if (status != EVENTURE_OK)
    {
        if (!exists) /* while the lock still excludes other logs */
            eventure__files_remove(store->file);
        eventure__store_disconnect(store);
    }
    return status;
}

static eventure_status open_in_memory(eventure__store *store, const eventure__write_options *options)
{
    store->file[0] = '\0';
    int cause = eventure__sqlite_fork_watch();
    if (cause != 0)
        return eventure__fail(&store->error, eventure__errno_status(cause), "open %s: %s", store->path,
                              strerror(cause));
    eventure_status status = open_for_writing(store, options);
    if (status != EVENTURE_OK)
        eventure__store_disconnect(store);
    return status;
}

eventure_status eventure__store_open_write(const char *path, const eventure__write_options *options,
                                           eventure__store **out_store)
{
    eventure__store *store = eventure__store_make(path);
    *out_store = store;
    if (store == NULL)
        return EVENTURE_ERROR_MEMORY;
    store->writable = true;
    if (options->busy_timeout_ms > 0)
        store->busy_timeout_ms = options->busy_timeout_ms;
    return options->in_memory ? open_in_memory(store, options) : open_file(store, options);
}
