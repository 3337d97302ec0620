/*
 * The core of a store: its errors as ours, its cached statements, and whether this process may use it.
 */
#include "store/store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/assertion.h"
#include "base/fork_generation.h"
#include "base/number.h"
#include "store/read_file.h"
#include "store/wal_writes.h"

eventure_status eventure__store_fail_changed(eventure__store *store)
{
    return eventure__fail(
        &store->error, EVENTURE_ERROR_BUSY,
        "%s: the store was written while it was read, and this reader has no locks on it: repeat the query, "
        "or reopen it",
        store->path);
}

eventure_status eventure__sqlite_status(int code)
{
    switch (code & 0xFF)
    {
    case SQLITE_NOMEM:
        return EVENTURE_ERROR_MEMORY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return EVENTURE_ERROR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_ERROR: /* the statements are correct, so the schema is not the one of its format */
    case SQLITE_SCHEMA:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
        return EVENTURE_ERROR_CORRUPT;
    case SQLITE_NOTADB:
        return EVENTURE_ERROR_FORMAT;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return EVENTURE_ERROR_READ_ONLY;
    case SQLITE_INTERRUPT:
        return EVENTURE_ERROR_INTERRUPTED;
    case SQLITE_TOOBIG:
        return EVENTURE_ERROR_LIMIT;
    default:
        return EVENTURE_ERROR_IO;
    }
}

#undef eventure__store_fail
eventure_status eventure__store_fail(eventure__store *store, const char *what)
{
    int code = sqlite3_extended_errcode(store->db);
    if (eventure__read_file_failed(store->read_file))
        return eventure__store_fail_changed(store);
    if (code == SQLITE_CONSTRAINT_COMMITHOOK && store->identity != NULL)
    {
        eventure__identity_fail(store->identity, &store->error);
        return eventure__fail_prefix(&store->error, "%s", what);
    }
    if (code == EVENTURE__IOERR_TRUNCATED_LOG)
        return eventure__fail(&store->error, EVENTURE_ERROR_IO,
                              "%s: %s: another program truncated %s-wal while the log had it open; the ticks that were "
                              "only there are lost",
                              store->path, what, store->path);
    if ((code & 0xFF) == SQLITE_NOTADB)
        return eventure__fail(&store->error, EVENTURE_ERROR_FORMAT, "open %s: not an Eventure store: %s", store->path,
                              sqlite3_errmsg(store->db));
    /* The message of SQLite names no cause of an I/O error, such as a full disk. */
    int cause = (code & 0xFF) == SQLITE_IOERR ? sqlite3_system_errno(store->db) : 0;
    return eventure__fail(&store->error, eventure__sqlite_status(code), "%s: %s: %s%s%s", store->path, what,
                          sqlite3_errmsg(store->db), cause != 0 ? ": " : "", cause != 0 ? strerror(cause) : "");
}

eventure_status eventure__store_called(eventure__store *store, const char *what, int result)
{
    if (result >= 0)
        return result;
    if (store->error.status == result)
        return eventure__fail_prefix(&store->error, "%s", what);
    return eventure__fail(&store->error, result, "%s: the callback returned %d (%s)", what, result,
                          eventure_status_name(result));
}

bool eventure__store_is_inherited(const eventure__store *store)
{
    return store->generation != eventure__fork_generation();
}

bool eventure__store_in_memory(const eventure__store *store)
{
    return *store->file == '\0';
}

eventure_status eventure__store_check_process(eventure__store *store)
{
    if (!eventure__store_is_inherited(store))
        return EVENTURE_OK;
    return eventure__fail(&store->error, EVENTURE_ERROR_ARGUMENT,
                          "%s was opened before this process was forked, and belongs to the parent: a child cannot use "
                          "it, and can only close it",
                          store->path);
}

void eventure__store_enter(eventure__store *store)
{
    sqlite3_mutex_enter(sqlite3_db_mutex(store->db)); /* NULL, and no effect, without SQLITE_OPEN_FULLMUTEX */
}

void eventure__store_leave(eventure__store *store)
{
    sqlite3_mutex_leave(sqlite3_db_mutex(store->db));
}

/* Returns the slot for one more statement: an empty one, or the least recently used; NULL when all statements are
 * in use. */
static eventure__statement *slot_for_statement(eventure__store *store)
{
    eventure__statement *oldest = NULL;
    for (size_t i = 0; i < EVENTURE__STATEMENTS; i++)
    {
        eventure__statement *slot = &store->statements[i];
        if (slot->handle == NULL)
            return slot;
        if (!slot->taken && (oldest == NULL || slot->used < oldest->used))
            oldest = slot;
    }
    if (oldest != NULL)
    {
        sqlite3_finalize(oldest->handle);
        free(oldest->sql);
        memset(oldest, 0, sizeof *oldest);
    }
    return oldest;
}

/* `what` begins the text of an error. */
static eventure_status prepare(eventure__store *store, const char *sql, const char *what, sqlite3_stmt **out)
{
    *out = NULL;
    if (eventure__store_is_inherited(store))
        return eventure__store_check_process(store);
    for (size_t i = 0; i < EVENTURE__STATEMENTS; i++)
    {
        eventure__statement *cached = &store->statements[i];
        if (cached->handle != NULL && !cached->taken && strcmp(cached->sql, sql) == 0)
        {
            cached->taken = true;
            *out = cached->handle;
            return EVENTURE_OK;
        }
    }
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
        return eventure__store_fail(store, what);
    eventure__statement *slot = slot_for_statement(store);
    char *copy = slot != NULL ? strdup(sql) : NULL;
    if (copy != NULL)
    {
        slot->sql = copy;
        slot->handle = statement;
        slot->taken = true;
    }
    *out = statement; /* without a slot, the statement is finalised when it is given back */
    return EVENTURE_OK;
}

eventure_status eventure__store_prepare(eventure__store *store, const char *sql, sqlite3_stmt **out)
{
    return prepare(store, sql, "prepare a statement", out);
}

void eventure__store_release(eventure__store *store, sqlite3_stmt *statement)
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

void eventure__store_forget_statements(eventure__store *store)
{
    for (size_t i = 0; i < EVENTURE__STATEMENTS; i++)
    {
        assert(!store->statements[i].taken); /* each statement was released, and each cursor freed */
        sqlite3_finalize(store->statements[i].handle);
        free(store->statements[i].sql);
        memset(&store->statements[i], 0, sizeof store->statements[i]);
    }
}

eventure_status eventure__store_run(eventure__store *store, const char *sql, const char *what)
{
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(store, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    int step = sqlite3_step(statement);
    if (step != SQLITE_DONE && step != SQLITE_ROW)
        status = eventure__store_fail(store, what);
    eventure__store_release(store, statement);
    return status;
}

eventure_status eventure__store_exec(eventure__store *store, const char *sql, const char *what)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? EVENTURE_OK
                                                                       : eventure__store_fail(store, what);
}

eventure_status eventure__store_has_table(eventure__store *store, const char *table, bool *out_exists)
{
    int code = sqlite3_table_column_metadata(store->db, "main", table, NULL, NULL, NULL, NULL, NULL, NULL);
    *out_exists = code == SQLITE_OK;
    if (code == SQLITE_OK || (code & 0xFF) == SQLITE_ERROR)
        return EVENTURE_OK;
    return eventure__store_fail(store, "look for a table");
}

eventure_status eventure__store_keeps_integers(eventure__store *store, bool *out_keeps)
{
    const char *type = NULL;
    int code = sqlite3_table_column_metadata(store->db, "main", "events", "timestamp", &type, NULL, NULL, NULL, NULL);
    *out_keeps = code == SQLITE_OK && type != NULL && strcmp(type, "REAL") != 0;
    return code == SQLITE_OK ? EVENTURE_OK : eventure__store_fail(store, "read the type of the timestamps");
}

eventure_status eventure__store_ask_int(eventure__store *store, const char *what, const char *sql, int64_t *out)
{
    return eventure__store_ask_int_with(store, what, sql, 0, 0, out);
}

eventure_status eventure__store_ask_int_with(eventure__store *store, const char *what, const char *sql,
                                             int64_t parameter, int64_t missing, int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    eventure_status status = prepare(store, sql, what, &statement);
    *out = missing;
    if (status != EVENTURE_OK)
        return status;
    if (sqlite3_bind_parameter_count(statement) > 0)
        sqlite3_bind_int64(statement, 1, parameter);
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        *out = sqlite3_column_int64(statement, 0);
    else if (step != SQLITE_DONE)
        status = eventure__store_fail(store, what);
    eventure__store_release(store, statement);
    return status;
}

int eventure__sqlite_ask_int(sqlite3 *db, const char *sql, int64_t missing, int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    *out = missing;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW && sqlite3_column_type(statement, 0) == SQLITE_INTEGER)
        *out = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int eventure__sqlite_bind_row(sqlite3_stmt *statement, sqlite3_stmt *row, int count)
{
    int code = SQLITE_OK;
    for (int i = 0; i < count && code == SQLITE_OK; i++)
        code = sqlite3_bind_value(statement, i + 1, sqlite3_column_value(row, i));
    return code;
}

eventure_status eventure__store_check_time(eventure__store *store, double time)
{
    if (isfinite(time))
        return EVENTURE_OK;
    return eventure__fail(&store->error, EVENTURE_ERROR_ARGUMENT, "the clock returned %s, which is not finite",
                          eventure__double_name(time).text);
}

eventure_status eventure__store_bring_inside(eventure__store *store)
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
