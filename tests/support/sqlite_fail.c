/*
 * The linker's --wrap turns calls of sqlite3_step into calls of __wrap_sqlite3_step, and __real_sqlite3_step is the one
 * of SQLite.
 */
#include "sqlite_fail.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "call_places.h"

static call_places places;
static bool failed;
static bool was_harmless;
static char failed_sql[64];
static sqlite3 *failed_db; /* its last call failed */
static sqlite3_stmt *failed_statement;

void sqlite_fail_at(long n, int time)
{
    call_places_begin(&places, n, time);
    failed = false;
    failed_db = NULL;
    failed_statement = NULL;
}

bool sqlite_fail_stop(void)
{
    call_places_end(&places);
    failed_db = NULL;
    failed_statement = NULL;
    return failed;
}

bool sqlite_fail_was_harmless(void)
{
    return failed && was_harmless;
}

const char *sqlite_fail_sql(void)
{
    return failed_sql;
}

void sqlite_fail_print(void)
{
    call_places_print(&places);
}

static bool ends_read_transaction(sqlite3 *db, const char *sql)
{
    return sql != NULL && (strcmp(sql, "COMMIT") == 0 || strcmp(sql, "ROLLBACK") == 0) &&
           sqlite3_txn_state(db, NULL) != SQLITE_TXN_WRITE;
}

/* Whether the call that is being made fails; `sql` is the text that it runs, or NULL. */
static bool fails_now(sqlite3 *db, sqlite3_stmt *statement, const char *sql)
{
    if (db == failed_db)
        failed_db = NULL;
    if (statement == failed_statement)
        failed_statement = NULL;
    if (!call_places_found(&places))
        return false;
    failed = true;
    failed_db = db;
    failed_statement = statement;
    was_harmless = ends_read_transaction(db, sql);
    snprintf(failed_sql, sizeof failed_sql, "%s", sql != NULL ? sql : "");
    return true;
}

int __real_sqlite3_step(sqlite3_stmt *statement);
int __wrap_sqlite3_step(sqlite3_stmt *statement);
int __wrap_sqlite3_step(sqlite3_stmt *statement)
{
    return fails_now(sqlite3_db_handle(statement), statement, sqlite3_sql(statement)) ? SQLITE_IOERR
                                                                                      : __real_sqlite3_step(statement);
}

/* The failed statement returns its error again when it is reset or ends. */
#define WRAP_END(name)                                                                                                 \
    int __real_##name(sqlite3_stmt *statement);                                                                        \
    int __wrap_##name(sqlite3_stmt *statement);                                                                        \
    int __wrap_##name(sqlite3_stmt *statement)                                                                         \
    {                                                                                                                  \
        bool has_failed = statement != NULL && statement == failed_statement;                                          \
        if (has_failed)                                                                                                \
            failed_statement = NULL;                                                                                   \
        int code = __real_##name(statement);                                                                           \
        return has_failed ? SQLITE_IOERR : code;                                                                       \
    }

WRAP_END(sqlite3_reset)
WRAP_END(sqlite3_finalize)

int __real_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int len, sqlite3_stmt **out, const char **out_tail);
int __wrap_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int len, sqlite3_stmt **out, const char **out_tail);
int __wrap_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int len, sqlite3_stmt **out, const char **out_tail)
{
    if (!fails_now(db, NULL, sql))
        return __real_sqlite3_prepare_v2(db, sql, len, out, out_tail);
    *out = NULL;
    return SQLITE_IOERR;
}

int __real_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int len, unsigned flags, sqlite3_stmt **out,
                              const char **out_tail);
int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int len, unsigned flags, sqlite3_stmt **out,
                              const char **out_tail);
int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int len, unsigned flags, sqlite3_stmt **out,
                              const char **out_tail)
{
    if (!fails_now(db, NULL, sql))
        return __real_sqlite3_prepare_v3(db, sql, len, flags, out, out_tail);
    *out = NULL;
    return SQLITE_IOERR;
}

typedef int exec_row(void *context, int count, char **values, char **names);

int __real_sqlite3_exec(sqlite3 *db, const char *sql, exec_row *row, void *context, char **out_message);
int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, exec_row *row, void *context, char **out_message);
int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, exec_row *row, void *context, char **out_message)
{
    if (!fails_now(db, NULL, sql))
        return __real_sqlite3_exec(db, sql, row, context, out_message);
    if (out_message != NULL)
        *out_message = sqlite3_mprintf("%s", sqlite3_errstr(SQLITE_IOERR));
    return SQLITE_IOERR;
}

int __real_sqlite3_open_v2(const char *path, sqlite3 **out, int flags, const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **out, int flags, const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **out, int flags, const char *vfs)
{
    int code = __real_sqlite3_open_v2(path, out, flags, vfs);
    return fails_now(*out, NULL, NULL) ? SQLITE_IOERR : code;
}

int __real_sqlite3_wal_checkpoint_v2(sqlite3 *db, const char *name, int mode, int *out_log, int *out_done);
int __wrap_sqlite3_wal_checkpoint_v2(sqlite3 *db, const char *name, int mode, int *out_log, int *out_done);
int __wrap_sqlite3_wal_checkpoint_v2(sqlite3 *db, const char *name, int mode, int *out_log, int *out_done)
{
    if (!fails_now(db, NULL, NULL))
        return __real_sqlite3_wal_checkpoint_v2(db, name, mode, out_log, out_done);
    was_harmless = true;
    return SQLITE_IOERR;
}

sqlite3_backup *__real_sqlite3_backup_init(sqlite3 *to, const char *to_name, sqlite3 *from, const char *from_name);
sqlite3_backup *__wrap_sqlite3_backup_init(sqlite3 *to, const char *to_name, sqlite3 *from, const char *from_name);
sqlite3_backup *__wrap_sqlite3_backup_init(sqlite3 *to, const char *to_name, sqlite3 *from, const char *from_name)
{
    return fails_now(to, NULL, NULL) ? NULL : __real_sqlite3_backup_init(to, to_name, from, from_name);
}

int __real_sqlite3_backup_step(sqlite3_backup *backup, int pages);
int __wrap_sqlite3_backup_step(sqlite3_backup *backup, int pages);
int __wrap_sqlite3_backup_step(sqlite3_backup *backup, int pages)
{
    return fails_now(NULL, NULL, NULL) ? SQLITE_IOERR : __real_sqlite3_backup_step(backup, pages);
}

typedef void sql_function(sqlite3_context *context, int count, sqlite3_value **values);
typedef void sql_end(sqlite3_context *context);
typedef void free_data(void *data);

int __real_sqlite3_create_function_v2(sqlite3 *db, const char *name, int count, int flags, void *data,
                                      sql_function *function, sql_function *step, sql_end *end, free_data *drop);
int __wrap_sqlite3_create_function_v2(sqlite3 *db, const char *name, int count, int flags, void *data,
                                      sql_function *function, sql_function *step, sql_end *end, free_data *drop);
int __wrap_sqlite3_create_function_v2(sqlite3 *db, const char *name, int count, int flags, void *data,
                                      sql_function *function, sql_function *step, sql_end *end, free_data *drop)
{
    if (!fails_now(db, NULL, NULL))
        return __real_sqlite3_create_function_v2(db, name, count, flags, data, function, step, end, drop);
    if (drop != NULL)
        drop(data);
    return SQLITE_IOERR;
}

int __real_sqlite3_create_module_v2(sqlite3 *db, const char *name, const sqlite3_module *module, void *data,
                                    free_data *drop);
int __wrap_sqlite3_create_module_v2(sqlite3 *db, const char *name, const sqlite3_module *module, void *data,
                                    free_data *drop);
int __wrap_sqlite3_create_module_v2(sqlite3 *db, const char *name, const sqlite3_module *module, void *data,
                                    free_data *drop)
{
    if (!fails_now(db, NULL, NULL))
        return __real_sqlite3_create_module_v2(db, name, module, data, drop);
    if (drop != NULL)
        drop(data);
    return SQLITE_IOERR;
}

int __real_sqlite3_table_column_metadata(sqlite3 *db, const char *name, const char *table, const char *column,
                                         const char **out_type, const char **out_collation, int *out_not_null,
                                         int *out_is_key, int *out_is_autoincrement);
int __wrap_sqlite3_table_column_metadata(sqlite3 *db, const char *name, const char *table, const char *column,
                                         const char **out_type, const char **out_collation, int *out_not_null,
                                         int *out_is_key, int *out_is_autoincrement);
int __wrap_sqlite3_table_column_metadata(sqlite3 *db, const char *name, const char *table, const char *column,
                                         const char **out_type, const char **out_collation, int *out_not_null,
                                         int *out_is_key, int *out_is_autoincrement)
{
    return fails_now(db, NULL, NULL)
               ? SQLITE_IOERR
               : __real_sqlite3_table_column_metadata(db, name, table, column, out_type, out_collation, out_not_null,
                                                      out_is_key, out_is_autoincrement);
}

int __real_sqlite3_errcode(sqlite3 *db);
int __wrap_sqlite3_errcode(sqlite3 *db);
int __wrap_sqlite3_errcode(sqlite3 *db)
{
    return db != NULL && db == failed_db ? SQLITE_IOERR : __real_sqlite3_errcode(db);
}

int __real_sqlite3_extended_errcode(sqlite3 *db);
int __wrap_sqlite3_extended_errcode(sqlite3 *db);
int __wrap_sqlite3_extended_errcode(sqlite3 *db)
{
    return db != NULL && db == failed_db ? SQLITE_IOERR : __real_sqlite3_extended_errcode(db);
}

const char *__real_sqlite3_errmsg(sqlite3 *db);
const char *__wrap_sqlite3_errmsg(sqlite3 *db);
const char *__wrap_sqlite3_errmsg(sqlite3 *db)
{
    return db != NULL && db == failed_db ? sqlite3_errstr(SQLITE_IOERR) : __real_sqlite3_errmsg(db);
}
