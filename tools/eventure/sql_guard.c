/*
 * Read-only SQL: see sql_guard.h.
 *
 * Two measures: the reader's connection is set to read-only (query_only, defensive, untrusted schema, no extensions, no
 * triggers); and an authorizer allows only reading, and records the refused action for the error message.
 */
#include "sql_guard.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <eventure/extension.h>

#include "connection.h"
#include "interrupt.h"
#include "message.h"
#include "store_file.h"

#define BUSY_TIMEOUT_MS 5000

/* PRAGMAs that only return information. */
static const char *const telling_pragmas[] = {
    "application_id",   "collation_list", "compile_options", "data_version", "database_list", "encoding",
    "foreign_key_list", "freelist_count", "function_list",   "index_info",   "index_list",    "index_xinfo",
    "integrity_check",  "module_list",    "page_count",      "page_size",    "pragma_list",   "quick_check",
    "schema_version",   "table_info",     "table_list",      "table_xinfo",  "user_version",
};

/* The PRAGMAs among them whose argument is the object of the query, and not a value to set. */
static const char *const asking_pragmas[] = {
    "foreign_key_list", "index_info", "index_list", "index_xinfo", "integrity_check",
    "quick_check",      "table_info", "table_list", "table_xinfo",
};

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        if (sqlite3_stricmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static int refuse(sql_guard *guard, const char *what, const char *name)
{
    snprintf(guard->refused, sizeof guard->refused, "%s%s%s", what, name != NULL ? " " : "", name != NULL ? name : "");
    return SQLITE_DENY;
}

static int judge_pragma(sql_guard *guard, const char *name, const char *value)
{
    bool tells = is_among(name, telling_pragmas, sizeof telling_pragmas / sizeof telling_pragmas[0]);
    bool asks = is_among(name, asking_pragmas, sizeof asking_pragmas / sizeof asking_pragmas[0]);
    return tells && (value == NULL || asks) ? SQLITE_OK : refuse(guard, "PRAGMA", name);
}

static int judge(void *context, int action, const char *first, const char *second, const char *database,
                 const char *source)
{
    sql_guard *guard = context;
    (void)database;
    (void)source;
    bool of_schema = first != NULL && (strcmp(first, "sqlite_master") == 0 || strcmp(first, "sqlite_temp_master") == 0);
    /* SQLite requests permission for an UPDATE of the schema when it registers a table-valued function, which changes
       nothing; an actual UPDATE statement is refused by `defensive`. */
    if (of_schema && action == SQLITE_UPDATE)
        return SQLITE_OK;
    if (of_schema && action != SQLITE_READ)
        return refuse(guard, "a change of the schema", NULL);
    switch (action)
    {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return sqlite3_stricmp(second, "load_extension") == 0 ? refuse(guard, second, NULL) : SQLITE_OK;
    case SQLITE_PRAGMA:
        return judge_pragma(guard, first, second);
    case SQLITE_ATTACH:
        return refuse(guard, "ATTACH", first);
    case SQLITE_DETACH:
        return refuse(guard, "DETACH", first);
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
        return refuse(guard, "a transaction", NULL);
    case SQLITE_INSERT:
        return refuse(guard, "INSERT into", first);
    case SQLITE_UPDATE:
        return refuse(guard, "UPDATE of", first);
    case SQLITE_DELETE:
        return refuse(guard, "DELETE from", first);
    default:
        return refuse(guard, "a change of the schema", NULL);
    }
}

/* Restricts a connection to reading, and checks that the database can be read. */
static int restrict_to_reading(sqlite3 *db)
{
    sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    int code = sqlite3_exec(db, "PRAGMA query_only = ON", NULL, NULL, NULL);
    return code == SQLITE_OK ? sqlite3_exec(db, "SELECT 1 FROM sqlite_schema", NULL, NULL, NULL) : code;
}

int sql_guard_restrict(sql_guard *guard)
{
    int code = restrict_to_reading(guard->db);
    if (code == SQLITE_OK)
        sqlite3_set_authorizer(guard->db, judge, guard);
    return code;
}

int sql_guard_restrict_state(sql_guard *guard)
{
    int code = sql_guard_restrict(guard);
    return code == SQLITE_OK ? eventure_extension_refuse_clock(guard->db) : code;
}

int sql_guard_open_image(sql_guard *guard, void *bytes, size_t len)
{
    memset(guard, 0, sizeof *guard);
    int code = sqlite3_open_v2(":memory:", &guard->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK && len > 0)
        code = sqlite3_deserialize(guard->db, "main", bytes, (sqlite3_int64)len, (sqlite3_int64)len,
                                   SQLITE_DESERIALIZE_READONLY);
    if (code == SQLITE_OK)
        code = sql_guard_restrict_state(guard);
    if (code == SQLITE_OK)
        return EXIT_DONE;
    message("open the state: %s", guard->db != NULL ? sqlite3_errmsg(guard->db) : sqlite3_errstr(code));
    return EXIT_FILE;
}

int sql_guard_open(sql_guard *guard, const char *path)
{
    eventure_reader *reader = NULL;
    memset(guard, 0, sizeof *guard);
    int exit_code = store_open_reader(path, &reader);
    return exit_code == EXIT_DONE ? sql_guard_take(guard, reader, connection_newest(), path) : exit_code;
}

int sql_guard_take(sql_guard *guard, eventure_reader *reader, sqlite3 *db, const char *path)
{
    memset(guard, 0, sizeof *guard);
    guard->reader = reader;
    guard->db = db;
    int code = restrict_to_reading(guard->db);
    if (code != SQLITE_OK)
    {
        message("open %s: %s", path, sqlite3_errmsg(guard->db));
        return EXIT_FILE;
    }
    char *text = NULL;
    if (eventure_extension_init(guard->db, &text, NULL) != SQLITE_OK)
    {
        message("sql: cannot add the functions of Eventure: %s", text != NULL ? text : sqlite3_errmsg(guard->db));
        sqlite3_free(text);
        return EXIT_FILE;
    }
    sqlite3_set_authorizer(guard->db, judge, guard);
    return EXIT_DONE;
}

int sql_guard_failed(sql_guard *guard)
{
    int code = sqlite3_errcode(guard->db) & 0xFF;
    if (guard->refused[0] != '\0')
    {
        message("sql: %s is refused: the store is read-only here", guard->refused);
        return EXIT_DATA;
    }
    if (code == SQLITE_INTERRUPT && guard->deadline != NULL && guard->deadline->passed)
    {
        message("sql: stopped after %lld ms, the time given with --timeout-ms", (long long)guard->deadline->timeout_ms);
        return EXIT_DATA;
    }
    if (code == SQLITE_INTERRUPT && interrupt_ends_reading())
        return message_status(EVENTURE_ERROR_INTERRUPTED, sqlite3_errmsg(guard->db));
    if (code == SQLITE_IOERR && sqlite3_uri_boolean(sqlite3_db_filename(guard->db, "main"), "immutable", 0))
        message("sql: the store was written during the query: repeat it (this user cannot lock the store)");
    else
        message("sql: %s", sqlite3_errmsg(guard->db));
    switch (code)
    {
    case SQLITE_NOMEM:
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_BUSY:
    case SQLITE_NOTADB:
    case SQLITE_PROTOCOL:
        return EXIT_FILE;
    default:
        return EXIT_DATA;
    }
}

/* Prepares the first statement, without checks; NULL in *out_statement for white space and comments only. */
static int prepare(sql_guard *guard, const char **text, sqlite3_stmt **out_statement)
{
    int code = SQLITE_OK;
    guard->refused[0] = '\0';
    do
        code = sqlite3_prepare_v2(guard->db, *text, -1, out_statement, text);
    while (code == SQLITE_OK && *out_statement == NULL && **text != '\0');
    return code;
}

static int check_single(sql_guard *guard, const char *text)
{
    sqlite3_stmt *statement = NULL;
    const char *rest = text;
    if (prepare(guard, &rest, &statement) != SQLITE_OK)
        return EXIT_DONE; /* the error is reported when the statement is run */
    sqlite3_finalize(statement);
    const char *more = rest;
    int code = prepare(guard, &rest, &statement);
    bool single = code == SQLITE_OK && statement == NULL;
    sqlite3_finalize(statement);
    if (single)
        return EXIT_DONE;
    message("sql: only one statement is allowed: unexpected '%s'", more + strspn(more, " \t\r\n;"));
    return EXIT_DATA;
}

int sql_guard_prepare_next(sql_guard *guard, const char **text, sqlite3_stmt **out_statement)
{
    *out_statement = NULL;
    if (prepare(guard, text, out_statement) != SQLITE_OK)
        return sql_guard_failed(guard);
    if (*out_statement == NULL || sqlite3_stmt_readonly(*out_statement))
        return EXIT_DONE;
    message("sql: the statement would write: the store is read-only here");
    sqlite3_finalize(*out_statement);
    *out_statement = NULL;
    return EXIT_DATA;
}

int sql_guard_prepare(sql_guard *guard, const char *text, sqlite3_stmt **out_statement)
{
    const char *rest = text;
    *out_statement = NULL;
    int exit_code = check_single(guard, text);
    if (exit_code == EXIT_DONE)
        exit_code = sql_guard_prepare_next(guard, &rest, out_statement);
    if (exit_code == EXIT_DONE && *out_statement == NULL)
    {
        message("sql: there is no statement in '%s'", text);
        exit_code = EXIT_DATA;
    }
    return exit_code;
}

void sql_guard_close(sql_guard *guard)
{
    if (guard->reader != NULL)
        eventure_reader_close(guard->reader);
    else
        sqlite3_close_v2(guard->db);
    guard->reader = NULL;
    guard->db = NULL;
}
