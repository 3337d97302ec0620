/*
 * One SQLite connection: opening, closing, its cached statements, and its errors as ours.
 *
 * A store may come from anybody, so connections do not trust it: its schema may not call functions with side effects
 * (trusted_schema), its triggers do not run, and it cannot be edited behind SQLite's back (defensive).
 */
#include "store/store.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "store/files.h"
#include "store/schema.h"
#include "store/size.h"
#include "store/upgrade.h"
#include "store/wal_writes.h"

#define DEFAULT_BUSY_TIMEOUT_MS 5000
#define BUSY_STEP_MS 2 /* between two tries of what SQLite does not wait for */

/* And how many pages the write-ahead log gathers before a commit moves them into the file. */
#define TUNING                                                                                                         \
    EVENTURE__WRITER_CACHE ";"                                                                                         \
                           "PRAGMA wal_autocheckpoint = 4000;"                                                         \
                           "PRAGMA journal_size_limit = 67108864;"

#undef eventure__store_fail
eventure_status eventure__store_fail(eventure_reader *store, const char *what)
{
    int code = sqlite3_extended_errcode(store->db);
    eventure_status status = EVENTURE_ERROR_IO;
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
    case SQLITE_ERROR: /* our statements are right: the schema is not what it says it is */
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
    sqlite3_mutex_enter(sqlite3_db_mutex(store->db)); /* NULL, and nothing, without SQLITE_OPEN_FULLMUTEX */
}

void eventure__store_leave(eventure_reader *store)
{
    sqlite3_mutex_leave(sqlite3_db_mutex(store->db));
}

eventure_status eventure__store_run(eventure_reader *store, const char *sql, const char *what)
{
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_take(store, sql, strlen(sql), &statement);
    if (status != EVENTURE_OK)
        return status;
    int step = sqlite3_step(statement);
    if (step != SQLITE_DONE && step != SQLITE_ROW)
        status = eventure__store_fail(store, what);
    eventure__store_give(store, statement);
    return status;
}

/* The place for one more statement: an empty one, or the one unused for longest; NULL when all are taken. */
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

eventure_status eventure__store_take(eventure_reader *store, const char *sql, size_t sql_len, sqlite3_stmt **out)
{
    *out = NULL;
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
    *out = statement; /* without a place it is finalised when it is given back */
    return EVENTURE_OK;
}

void eventure__store_give(eventure_reader *store, sqlite3_stmt *statement)
{
    if (statement == NULL)
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
    eventure__clear(&store->error);
    return store->before_read != NULL ? store->before_read(store->before_read_context) : EVENTURE_OK;
}

static eventure_reader *make_store(const char *path)
{
    eventure_reader *store = calloc(1, sizeof *store);
    if (store == NULL)
        return NULL;
    store->path = eventure__files_plain_name(path);
    if (store->path == NULL)
    {
        free(store);
        return NULL;
    }
    store->busy_timeout_ms = DEFAULT_BUSY_TIMEOUT_MS;
    return store;
}

/* Opens the connection, distrustfully. */
static eventure_status connect_to(eventure_reader *store, const char *name, int flags)
{
    /* In a shared cache, which the host may have switched on, a writer shuts out the readers of its process. */
    flags |= SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;
    if (sqlite3_open_v2(name, &store->db, flags, NULL) != SQLITE_OK)
    {
        if (store->db == NULL)
            return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", store->path);
        return eventure__store_fail(store, "open");
    }
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_busy_timeout(store->db, store->busy_timeout_ms);
    return EVENTURE_OK;
}

/* A read-only name for a file that nobody writes and in whose directory nobody may write: `file:...?immutable=1`. What
 * stands between two slashes at its beginning would be a host. */
static char *immutable_name(const char *path)
{
    eventure__buffer name = {0};
    eventure__buffer_append_text(&name, path[0] == '/' ? "file://" : "file:");
    for (const char *c = path; *c != '\0'; c++)
    {
        if (strchr("%?#", *c) != NULL)
        {
            char escaped[8];
            snprintf(escaped, sizeof escaped, "%%%02X", (unsigned)(unsigned char)*c);
            eventure__buffer_append_text(&name, escaped);
        }
        else
            eventure__buffer_append_char(&name, *c);
    }
    eventure__buffer_append_text(&name, "?immutable=1");
    return eventure__buffer_take(&name);
}

/* Whether there is no write-ahead log with anything in it. */
static bool is_without_wal(const char *path)
{
    eventure__buffer name = {0};
    struct stat info;
    eventure__buffer_append_text(&name, path);
    eventure__buffer_append_text(&name, "-wal");
    const char *text = eventure__buffer_text(&name);
    bool without = text != NULL && (stat(text, &info) == 0 ? info.st_size == 0 : errno == ENOENT);
    eventure__buffer_free(&name);
    return without;
}

/* A write-ahead log's database can be read without the right to write beside it only when it is taken as immutable. */
static eventure_status reopen_immutable(eventure_reader *store)
{
    char *name = immutable_name(store->path);
    if (name == NULL)
        return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", store->path);
    sqlite3_close_v2(store->db);
    store->db = NULL;
    eventure_status status = connect_to(store, name, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI);
    free(name);
    return status;
}

static eventure_status check_is_file(eventure_reader *store, bool *out_exists)
{
    struct stat info;
    *out_exists = stat(store->path, &info) == 0;
    if (!*out_exists)
    {
        if (errno == ENOENT)
            return eventure__files_check_beside(store->path, &store->error);
        return eventure__fail(&store->error, EVENTURE_ERROR_IO, "open %s: %s", store->path, strerror(errno));
    }
    if (S_ISDIR(info.st_mode))
        return eventure__fail(&store->error, EVENTURE_ERROR_IO, "open %s: it is a directory", store->path);
    if (!S_ISREG(info.st_mode)) /* a FIFO would be waited for */
        return eventure__fail(&store->error, EVENTURE_ERROR_IO, "open %s: it is no regular file", store->path);
    return eventure__files_check_beside(store->path, &store->error);
}

static eventure_status inspect_for_reading(eventure_reader *store, bool may_be_older)
{
    eventure__schema_state state = EVENTURE__SCHEMA_EMPTY;
    eventure_status status = eventure__schema_inspect(store, &state, &store->opened_format);
    int code = sqlite3_errcode(store->db) & 0xFF; /* without its extension */
    if (status != EVENTURE_OK && (code == SQLITE_CANTOPEN || code == SQLITE_READONLY) && is_without_wal(store->path))
    {
        status = reopen_immutable(store);
        if (status == EVENTURE_OK)
            status = eventure__schema_inspect(store, &state, &store->opened_format);
    }
    if (status != EVENTURE_OK)
        return status;
    if (state == EVENTURE__SCHEMA_EMPTY)
        return eventure__fail(&store->error, EVENTURE_ERROR_FORMAT, "open %s: not an Eventure store: it is empty",
                              store->path);
    if (state == EVENTURE__SCHEMA_OLDER && !may_be_older)
        return eventure__fail(&store->error, EVENTURE_ERROR_FORMAT,
                              "open %s: made by an older version of Eventure: its format is %lld, this library reads "
                              "format %d; bring it up to date with: eventure upgrade %s",
                              store->path, (long long)store->opened_format, EVENTURE__FORMAT, store->path);
    return EVENTURE_OK;
}

static eventure_status open_for_reading(const char *path, bool may_be_older, eventure_reader **out_store)
{
    eventure_reader *store = make_store(path);
    *out_store = store;
    if (store == NULL)
        return EVENTURE_ERROR_MEMORY;
    bool exists = false;
    eventure_status status = check_is_file(store, &exists);
    if (status == EVENTURE_OK && !exists)
        status = eventure__fail(&store->error, EVENTURE_ERROR_NOT_FOUND, "open %s: there is no such file", path);
    if (status == EVENTURE_OK)
        status = connect_to(store, store->path, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX);
    if (status == EVENTURE_OK)
        status = inspect_for_reading(store, may_be_older);
    return status;
}

eventure_status eventure__store_open_read(const char *path, eventure_reader **out_store)
{
    return open_for_reading(path, false, out_store);
}

eventure_status eventure__store_open_any(const char *path, eventure_reader **out_store)
{
    return open_for_reading(path, true, out_store);
}

/* What the mode of opening says of a file that is there, or is not. */
static eventure_status check_mode(eventure_reader *store, eventure_open_mode mode, bool exists)
{
    struct stat info;
    if (mode == EVENTURE_OPEN_EXISTING && !exists)
        return eventure__fail(&store->error, EVENTURE_ERROR_NOT_FOUND, "open %s: there is no such file", store->path);
    if (mode == EVENTURE_OPEN_NEW && exists)
        return eventure__fail(&store->error, EVENTURE_ERROR_EXISTS, "open %s: the file exists", store->path);
    /* Also for root, whom the system would let write it. */
    if (exists && stat(store->path, &info) == 0 && (info.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0)
        return eventure__fail(&store->error, EVENTURE_ERROR_READ_ONLY, "open %s: the file is read-only", store->path);
    return EVENTURE_OK;
}

/* The write-ahead log is what lets readers read whole ticks while a log writes. */
static eventure_status use_wal(eventure_reader *store)
{
    sqlite3_stmt *statement = NULL;
    static const char sql[] = "PRAGMA journal_mode = WAL";
    eventure_status status = eventure__store_take(store, sql, sizeof sql - 1, &statement);
    if (status != EVENTURE_OK)
        return status;
    /* SQLite waits for other connections in some states of the file and not in others: so that the time is that of the
     * option in all of them, it is told not to wait. */
    sqlite3_busy_timeout(store->db, 0);
    int step = sqlite3_step(statement);
    for (int waited_ms = 0; (step & 0xFF) == SQLITE_BUSY && waited_ms < store->busy_timeout_ms;
         waited_ms += BUSY_STEP_MS)
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
    eventure__store_give(store, statement);
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

/* Makes the schema of a new store, or brings that of an older one up to date. */
static eventure_status bring_up(eventure_reader *store, const eventure_log_options *options,
                                eventure__schema_state state)
{
    if (state == EVENTURE__SCHEMA_EMPTY)
        return eventure__schema_make(store, !options->without_digests);
    if (state == EVENTURE__SCHEMA_CURRENT)
        return EVENTURE_OK;
    eventure_status status = options->without_backup ? EVENTURE_OK : eventure__upgrade_keep_copy(store);
    return status == EVENTURE_OK ? eventure__upgrade(store) : status;
}

static eventure_status open_for_writing(eventure_reader *store, const eventure_log_options *options, bool exists)
{
    eventure__schema_state state = EVENTURE__SCHEMA_EMPTY;
    int flags = SQLITE_OPEN_READWRITE | (exists ? 0 : SQLITE_OPEN_CREATE) |
                (options->background ? SQLITE_OPEN_FULLMUTEX : SQLITE_OPEN_NOMUTEX);
    eventure_status status = connect_to(store, store->path, flags);
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
        eventure__wal_writes_gather(store->db);
    return status;
}

static void disconnect(eventure_reader *store)
{
    for (size_t i = 0; i < EVENTURE__STATEMENTS; i++)
    {
        sqlite3_finalize(store->statements[i].handle);
        free(store->statements[i].sql);
        memset(&store->statements[i], 0, sizeof store->statements[i]);
    }
    if (!store->borrows)
        sqlite3_close_v2(store->db);
    store->db = NULL;
}

eventure_reader *eventure__store_share(eventure_reader *store)
{
    eventure_reader *view = make_store(store->path);
    if (view == NULL)
        return NULL;
    view->db = store->db;
    view->writable = store->writable;
    view->borrows = true;
    view->busy_timeout_ms = store->busy_timeout_ms;
    view->max_file_bytes = store->max_file_bytes;
    view->max_pages = store->max_pages;
    view->page_bytes = store->page_bytes;
    return view;
}

eventure_status eventure__store_open_write(const char *path, const eventure_log_options *options,
                                           eventure_reader **out_store)
{
    eventure_reader *store = make_store(path);
    *out_store = store;
    if (store == NULL)
        return EVENTURE_ERROR_MEMORY;
    store->writable = true;
    if (options->busy_timeout_ms > 0)
        store->busy_timeout_ms = options->busy_timeout_ms;
    bool exists = false;
    eventure_status status = check_is_file(store, &exists);
    if (status == EVENTURE_OK)
        status = check_mode(store, options->mode, exists);
    if (status != EVENTURE_OK)
        return status;
    status = open_for_writing(store, options, exists);
    if (status != EVENTURE_OK)
    {
        disconnect(store);
        if (!exists)
            eventure__files_remove(store->path);
    }
    return status;
}

void eventure__store_close(eventure_reader *store)
{
    if (store == NULL)
        return;
    disconnect(store);
    free(store->kept_copy);
    free(store->path);
    free(store);
}
