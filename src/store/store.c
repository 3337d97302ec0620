/*
 * One SQLite connection: opening, closing, its cached statements, and the mapping of its errors.
 *
 * A store may be of unknown origin, so connections do not trust it: its schema may not call functions with side effects
 * (trusted_schema), its triggers do not run, and its internal tables cannot be edited (defensive).
 */
#include "store/store.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fork.h"
#include "store/files.h"
#include "store/guard.h"
#include "store/migrate.h"
#include "store/read_file.h"
#include "store/schema.h"
#include "store/size.h"
#include "store/store_internal.h"
#include "store/wal_writes.h"

#define DEFAULT_BUSY_TIMEOUT_MS 5000
#define BUSY_STEP_MS 2 /* delay between two attempts of an operation for which SQLite does not wait */

/* Settings of a writer: also the number of pages in the write-ahead log after which a commit moves them into the
 * file. */
#define TUNING                                                                                                         \
    EVENTURE__WRITER_CACHE ";"                                                                                         \
                           "PRAGMA wal_autocheckpoint = 4000;"                                                         \
                           "PRAGMA journal_size_limit = 67108864;"

#undef eventure__store_fail
eventure_status eventure__store_fail(eventure_reader *store, const char *what)
{
    int code = sqlite3_extended_errcode(store->db);
    eventure_status status = EVENTURE_ERROR_IO;
    if (eventure__read_file_failed(store->read_file))
        return eventure__store_fail_changed(store);
    if (code == SQLITE_CONSTRAINT_COMMITHOOK && store->identity != NULL)
    {
        eventure__identity_fail(store->identity, &store->error);
        return eventure__fail_prefix(&store->error, "%s", what);
    }
    switch (code & 0xFF)
    {
    case SQLITE_NOMEM:
        status = EVENTURE_ERROR_MEMORY;
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        status = EVENTURE_ERROR_BUSY;
        break;
    case SQLITE_CORRUPT:
    case SQLITE_ERROR: /* the statements are correct, so the schema is not the one of its format */
    case SQLITE_SCHEMA:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
        status = EVENTURE_ERROR_CORRUPT;
        break;
    case SQLITE_NOTADB:
        return eventure__fail(&store->error, EVENTURE_ERROR_FORMAT, "open %s: not an Eventure store: %s", store->path,
                              sqlite3_errmsg(store->db));
    case SQLITE_READONLY:
    case SQLITE_PERM:
        status = EVENTURE_ERROR_READ_ONLY;
        break;
    case SQLITE_INTERRUPT:
        status = EVENTURE_ERROR_INTERRUPTED;
        break;
    case SQLITE_TOOBIG:
        status = EVENTURE_ERROR_LIMIT;
        break;
    default:
        break;
    }
    return eventure__fail(&store->error, status, "%s: %s: %s", store->path, what, sqlite3_errmsg(store->db));
}

void eventure__store_enter(eventure_reader *store)
{
    sqlite3_mutex_enter(sqlite3_db_mutex(store->db)); /* NULL, and no effect, without SQLITE_OPEN_FULLMUTEX */
}

void eventure__store_leave(eventure_reader *store)
{
    sqlite3_mutex_leave(sqlite3_db_mutex(store->db));
}

eventure_status eventure__store_run(eventure_reader *store, const char *sql, const char *what)
{
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(store, sql, strlen(sql), &statement);
    if (status != EVENTURE_OK)
        return status;
    int step = sqlite3_step(statement);
    if (step != SQLITE_DONE && step != SQLITE_ROW)
        status = eventure__store_fail(store, what);
    eventure__store_release(store, statement);
    return status;
}

/* Returns the place for one more statement: an empty one, or the least recently used; NULL when all statements are
 * in use. */
static eventure__statement *place_for_statement(eventure_reader *store)
{
    eventure__statement *oldest = NULL;
    for (size_t i = 0; i < EVENTURE__STATEMENTS; i++)
    {
        eventure__statement *place = &store->statements[i];
        if (place->handle == NULL)
            return place;
        if (!place->taken && (oldest == NULL || place->used < oldest->used))
            oldest = place;
    }
    if (oldest != NULL)
    {
        sqlite3_finalize(oldest->handle);
        free(oldest->sql);
        memset(oldest, 0, sizeof *oldest);
    }
    return oldest;
}

eventure_status eventure__store_prepare(eventure_reader *store, const char *sql, size_t sql_len, sqlite3_stmt **out)
{
    *out = NULL;
    if (eventure__store_is_inherited(store))
        return eventure__store_check_process(store);
    for (size_t i = 0; i < EVENTURE__STATEMENTS; i++)
    {
        eventure__statement *cached = &store->statements[i];
        if (cached->handle != NULL && !cached->taken && cached->sql_len == sql_len &&
            memcmp(cached->sql, sql, sql_len) == 0)
        {
            cached->taken = true;
            *out = cached->handle;
            return EVENTURE_OK;
        }
    }
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(store->db, sql, (int)sql_len, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
        return eventure__store_fail(store, "prepare a statement");
    eventure__statement *place = place_for_statement(store);
    char *copy = place != NULL ? malloc(sql_len + 1) : NULL;
    if (copy != NULL)
    {
        memcpy(copy, sql, sql_len);
        copy[sql_len] = '\0';
        place->sql = copy;
        place->sql_len = sql_len;
        place->handle = statement;
        place->taken = true;
    }
    *out = statement; /* without a place, the statement is finalised when it is given back */
    return EVENTURE_OK;
}

void eventure__store_release(eventure_reader *store, sqlite3_stmt *statement)
{
    if (statement == NULL || eventure__store_is_inherited(store))
        return;
    for (size_t i = 0; i < EVENTURE__STATEMENTS; i++)
    {
        eventure__statement *cached = &store->statements[i];
        if (cached->handle == statement)
        {
            sqlite3_reset(statement);
            sqlite3_clear_bindings(statement);
            cached->taken = false;
            cached->used = ++store->statements_used;
            return;
        }
    }
    sqlite3_finalize(statement);
}

eventure_status eventure__store_check_time(eventure_reader *store, double time)
{
    if (isfinite(time))
        return EVENTURE_OK;
    return eventure__fail(&store->error, EVENTURE_ERROR_ARGUMENT, "the clock gave a time that is not finite");
}

eventure_status eventure__store_before_read(eventure_reader *store)
{
    eventure_status status = eventure__store_check_process(store);
    if (status != EVENTURE_OK)
        return status;
    eventure__clear(&store->error);
    if (store->before_read != NULL)
        return store->before_read(store->before_read_context);
    return store->read_file != NULL && !store->held ? eventure__store_renew(store) : EVENTURE_OK;
}

eventure_reader *eventure__store_make(const char *path)
{
    eventure_reader *store = calloc(1, sizeof *store);
    if (store == NULL)
        return NULL;
    store->path = strdup(path);
    store->file = eventure__files_real(path);
    if (store->path == NULL || store->file == NULL)
    {
        free(store->path);
        free(store->file);
        free(store);
        return NULL;
    }
    store->busy_timeout_ms = DEFAULT_BUSY_TIMEOUT_MS;
    store->generation = eventure__fork_generation();
    return store;
}

eventure_status eventure__store_connect(eventure_reader *store, const char *name, int flags)
{
    /* In a shared cache, which the program may have enabled, a writer blocks the readers of its process. */
    flags |= SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;
    if (sqlite3_open_v2(name, &store->db, flags, NULL) != SQLITE_OK)
    {
        if (store->db == NULL)
            return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", store->path);
        return eventure__store_fail(store, "open");
    }
    if (store->inode != NULL && !eventure__inode_connected(store->inode, store->db))
        return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", store->path);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_busy_timeout(store->db, store->busy_timeout_ms);
    return EVENTURE_OK;
}

eventure_status eventure__store_check_is_file(eventure_reader *store, bool *out_exists)
{
    struct stat info;
    *out_exists = stat(store->file, &info) == 0;
    if (!*out_exists)
    {
        if (errno == ENOENT)
            return eventure__files_check_beside(store->path, &store->error);
        return eventure__fail(&store->error, EVENTURE_ERROR_IO, "open %s: %s", store->path, strerror(errno));
    }
    if (S_ISDIR(info.st_mode))
        return eventure__fail(&store->error, EVENTURE_ERROR_IO, "open %s: it is a directory", store->path);
    if (!S_ISREG(info.st_mode)) /* opening a FIFO would wait for a writer */
        return eventure__fail(&store->error, EVENTURE_ERROR_IO, "open %s: it is not a regular file", store->path);
    return eventure__files_check_beside(store->path, &store->error);
}

/* Checks the mode of opening against the existence of the file. */
static eventure_status check_mode(eventure_reader *store, eventure_open_mode mode, bool exists)
{
    struct stat info;
    if (mode == EVENTURE_OPEN_EXISTING && !exists)
        return eventure__fail(&store->error, EVENTURE_ERROR_NOT_FOUND, "open %s: there is no such file", store->path);
    if (mode == EVENTURE_OPEN_NEW && exists)
        return eventure__fail(&store->error, EVENTURE_ERROR_EXISTS, "open %s: the file exists", store->path);
    /* The check is needed for root, too, because the system lets root write the file. */
    if (exists && stat(store->file, &info) == 0 && (info.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0)
        return eventure__fail(&store->error, EVENTURE_ERROR_READ_ONLY, "open %s: the file is read-only", store->path);
    return EVENTURE_OK;
}

/* Write-ahead logging lets readers read whole ticks while a log writes. */
static eventure_status use_wal(eventure_reader *store)
{
    sqlite3_stmt *statement = NULL;
    static const char sql[] = "PRAGMA journal_mode = WAL";
    eventure_status status = eventure__store_prepare(store, sql, sizeof sql - 1, &statement);
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

static eventure_status configure_for_writing(eventure_reader *store, const eventure_log_options *options)
{
    static const char *const sync[] = {"PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL",
                                       "PRAGMA synchronous = OFF"};
    if (sqlite3_exec(store->db, TUNING, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(store->db, sync[options->sync], NULL, NULL, NULL) != SQLITE_OK)
        return eventure__store_fail(store, "configure");
    return EVENTURE_OK;
}

/* Makes the schema of a new store, or brings a store of an older format up to date. */
static eventure_status bring_up(eventure_reader *store, const eventure_log_options *options,
                                eventure__schema_state state)
{
    if (state == EVENTURE__SCHEMA_EMPTY)
        return eventure__schema_make(store, !options->without_digests);
    if (state == EVENTURE__SCHEMA_CURRENT)
        return EVENTURE_OK;
    eventure_status status = options->without_backup ? EVENTURE_OK : eventure__migrate_keep_copy(store);
    return status == EVENTURE_OK ? eventure__migrate(store) : status;
}

static eventure_status open_for_writing(eventure_reader *store, const eventure_log_options *options)
{
    eventure__schema_state state = EVENTURE__SCHEMA_EMPTY;
    int flags = SQLITE_OPEN_READWRITE | (options->background ? SQLITE_OPEN_FULLMUTEX : SQLITE_OPEN_NOMUTEX);
    eventure_status status = eventure__store_connect(store, store->file, flags);
    if (status == EVENTURE_OK && sqlite3_db_readonly(store->db, "main") == 1)
        status = eventure__fail(&store->error, EVENTURE_ERROR_READ_ONLY, "open %s: the file is read-only", store->path);
    if (status == EVENTURE_OK)
        status = eventure__schema_inspect(store, &state, &store->opened_format);
    if (status == EVENTURE_OK && state == EVENTURE__SCHEMA_EMPTY && options->mode == EVENTURE_OPEN_EXISTING)
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
    if (status == EVENTURE_OK)
        status = eventure__guard_watch(store);
    if (status == EVENTURE_OK)
        eventure__wal_writes_gather(store->db);
    return status;
}

/* An inherited connection is abandoned: closing it could change files of the parent, or wait for a mutex that was
 * locked when the process was forked. */
static void abandon(eventure_reader *store)
{
    for (size_t i = 0; i < EVENTURE__STATEMENTS; i++)
        free(store->statements[i].sql);
}

static void forget_statements(eventure_reader *store)
{
    for (size_t i = 0; i < EVENTURE__STATEMENTS; i++)
    {
        sqlite3_finalize(store->statements[i].handle);
        free(store->statements[i].sql);
        memset(&store->statements[i], 0, sizeof store->statements[i]);
    }
}

static eventure_status disconnect(eventure_reader *store)
{
    eventure_status status = EVENTURE_OK;
    forget_statements(store);
    if (!store->borrows)
        status = eventure__guard_close(store);
    store->db = NULL;
    store->read_file = NULL;
    return status;
}

void eventure__store_drop_connection(eventure_reader *store)
{
    forget_statements(store);
    eventure__inode_disconnected(store->inode, store->db);
    sqlite3_close_v2(store->db);
    store->db = NULL;
    store->read_file = NULL;
    store->has_query_functions = false;
}

eventure_status eventure__store_bring_inside(eventure_reader *store)
{
    /* Does not wait: readers that hold an older commit keep the rest in the log, and the last of them moves it into
     * the file. */
    int code = sqlite3_wal_checkpoint_v2(store->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if ((code & 0xFF) == SQLITE_NOMEM) /* the lack of memory may be temporary */
        code = sqlite3_wal_checkpoint_v2(store->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (code == SQLITE_OK || (code & 0xFF) == SQLITE_BUSY || (code & 0xFF) == SQLITE_LOCKED)
        return EVENTURE_OK;
    eventure_status status = eventure__store_fail(store, "move the write-ahead log into the file");
    return eventure__fail(&store->error, status,
                          "%s: all commits are complete, but some of them stay in %s-wal, because they could not be "
                          "moved into the file: %s",
                          store->path, store->path, sqlite3_errmsg(store->db));
}

eventure_reader *eventure__store_share(eventure_reader *store)
{
    eventure_reader *view = eventure__store_make(store->path);
    if (view == NULL)
        return NULL;
    view->db = store->db;
    view->writable = store->writable;
    view->borrows = true;
    view->generation = store->generation;
    view->identity = store->identity;
    view->busy_timeout_ms = store->busy_timeout_ms;
    view->max_file_bytes = store->max_file_bytes;
    view->max_pages = store->max_pages;
    view->page_bytes = store->page_bytes;
    return view;
}

eventure_status eventure__store_open_write(const char *path, const eventure_log_options *options,
                                           eventure_reader **out_store)
{
    eventure_reader *store = eventure__store_make(path);
    *out_store = store;
    if (store == NULL)
        return EVENTURE_ERROR_MEMORY;
    store->writable = true;
    if (options->busy_timeout_ms > 0)
        store->busy_timeout_ms = options->busy_timeout_ms;
    bool exists = false;
    eventure_status status = eventure__store_check_is_file(store, &exists);
    if (status == EVENTURE_OK)
        status = check_mode(store, options->mode, exists);
    if (status == EVENTURE_OK)
        status = eventure__guard_lock(store, exists);
    if (status != EVENTURE_OK)
        return status;
    status = open_for_writing(store, options);
    if (status != EVENTURE_OK)
    {
        if (!exists) /* while the lock still excludes other logs */
            eventure__files_remove(store->file);
        disconnect(store);
    }
    return status;
}

eventure_status eventure__store_close(eventure_reader *store)
{
    eventure_status status = EVENTURE_OK;
    if (store == NULL)
        return EVENTURE_OK;
    if (eventure__store_is_inherited(store))
        abandon(store);
    else
        status = disconnect(store);
    free(store->kept_copy);
    free(store->path);
    free(store->file);
    free(store);
    return status;
}
