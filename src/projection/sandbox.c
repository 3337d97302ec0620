/*
 * The sandbox of a projection's SQL: see sandbox.h.
 *
 * SQLite calls the authorizer for each action of a statement when it prepares the statement. The authorizer also
 * refuses whatever would make the state depend on anything but the events, because the state could not be reproduced.
 */
#include "projection/sandbox.h"

#include <stdio.h>
#include <string.h>

#include "projection/dates.h"

/* Number of virtual machine steps between two calls of the progress handler. */
#define STEPS_A_LOOK 1000

/* Maximum length of a value: 512 MiB of data, and a little more for a row. */
#define MAX_VALUE_BYTES (513 * 1024 * 1024)

/* Prefix of the library's own tables, such as the checkpoint. */
#define OWN_PREFIX "eventure_"

/* Functions whose result does not depend on the events alone, or that have effects outside of the database. */
typedef struct refused_function
{
    const char *name;
    int arguments; /* number of arguments; -1: any */
} refused_function;

static const refused_function refused_functions[] = {
    {"changes", 0},         {"current_date", 0},     {"current_time", 0},   {"current_timestamp", 0},
    {"fts3_tokenizer", -1}, {"load_extension", -1},  {"random", 0},         {"randomblob", 1},
    {"sqlite_offset", 1},   {"sqlite_source_id", 0}, {"sqlite_version", 0}, {"total_changes", 0},
};

static int refuse(eventure__sandbox *guard, const char *what, const char *name)
{
    if (guard->refused[0] == '\0') /* keep the first: it is the cause */
        snprintf(guard->refused, sizeof guard->refused, "%s%s%s", what, name != NULL ? " " : "",
                 name != NULL ? name : "");
    return SQLITE_DENY;
}

static int authorize_function(eventure__sandbox *guard, const char *name)
{
    for (size_t i = 0; i < sizeof refused_functions / sizeof *refused_functions; i++)
        if (sqlite3_stricmp(name, refused_functions[i].name) == 0)
            return refuse(guard, "the function", refused_functions[i].name);
    return SQLITE_OK;
}

/* Replaces a refused function. SQLite does not call the authorizer for functions in default values. */
static void fail_function(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *name = sqlite3_user_data(context);
    char text[96];
    (void)count;
    (void)values;
    snprintf(text, sizeof text, "the function %s is refused in a projection", name);
    sqlite3_result_error(context, text, -1);
}

static void replace_functions(sqlite3 *db)
{
    for (size_t i = 0; i < sizeof refused_functions / sizeof *refused_functions; i++)
    {
        const refused_function *function = &refused_functions[i];
        if (function->arguments >= 0)
            sqlite3_create_function(db, function->name, function->arguments, SQLITE_UTF8 | SQLITE_INNOCUOUS,
                                    (void *)function->name, fail_function, NULL, NULL);
    }
}

static int authorize_table(eventure__sandbox *guard, const char *table)
{
    if (table != NULL && sqlite3_strnicmp(table, OWN_PREFIX, sizeof OWN_PREFIX - 1) == 0)
        return refuse(guard, "the table", table);
    return SQLITE_OK;
}

static bool changes_schema(int action)
{
    switch (action)
    {
    case SQLITE_CREATE_TABLE:
    case SQLITE_CREATE_VIEW:
    case SQLITE_CREATE_INDEX:
    case SQLITE_CREATE_TRIGGER:
    case SQLITE_DROP_TABLE:
    case SQLITE_DROP_VIEW:
    case SQLITE_DROP_INDEX:
    case SQLITE_DROP_TRIGGER:
    case SQLITE_ALTER_TABLE:
    case SQLITE_ANALYZE:
    case SQLITE_REINDEX:
        return true;
    default:
        return false;
    }
}

static int authorize(void *context, int action, const char *first, const char *second, const char *database,
                     const char *source)
{
    eventure__sandbox *guard = context;
    (void)source;
    if (!guard->is_on)
        return SQLITE_OK;
    if (database != NULL && sqlite3_stricmp(database, "main") != 0)
        return refuse(guard, "another database than main:", database);
    if (!guard->is_setup && changes_schema(action))
        return refuse(guard, "a change of the schema outside of the setup", NULL);
    switch (action)
    {
    case SQLITE_ATTACH:
        return refuse(guard, "ATTACH", NULL);
    case SQLITE_DETACH:
        return refuse(guard, "DETACH", NULL);
    case SQLITE_PRAGMA:
        return refuse(guard, "PRAGMA", first);
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
        return refuse(guard, "control of transactions:", first);
    case SQLITE_CREATE_VTABLE:
    case SQLITE_DROP_VTABLE:
        return refuse(guard, "a virtual table:", first);
    case SQLITE_CREATE_TEMP_INDEX:
    case SQLITE_CREATE_TEMP_TABLE:
    case SQLITE_CREATE_TEMP_TRIGGER:
    case SQLITE_CREATE_TEMP_VIEW:
    case SQLITE_DROP_TEMP_INDEX:
    case SQLITE_DROP_TEMP_TABLE:
    case SQLITE_DROP_TEMP_TRIGGER:
    case SQLITE_DROP_TEMP_VIEW:
        return refuse(guard, "a temporary", first);
    case SQLITE_FUNCTION:
        return authorize_function(guard, second);
    case SQLITE_ALTER_TABLE:
        return authorize_table(guard, second);
    case SQLITE_READ:
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    case SQLITE_CREATE_TABLE:
    case SQLITE_CREATE_VIEW:
    case SQLITE_DROP_TABLE:
    case SQLITE_DROP_VIEW:
        return authorize_table(guard, first);
    case SQLITE_CREATE_INDEX:
    case SQLITE_CREATE_TRIGGER:
    case SQLITE_DROP_INDEX:
    case SQLITE_DROP_TRIGGER:
        return authorize_table(guard, second);
    default:
        return SQLITE_OK;
    }
}

static int count_steps(void *context)
{
    eventure__sandbox *guard = context;
    if (!guard->is_on)
        return 0;
    guard->steps += STEPS_A_LOOK;
    guard->is_over = guard->steps > guard->max_steps;
    return guard->is_over;
}

int eventure__sandbox_connection(sqlite3 *db, eventure__sandbox *guard)
{
    memset(guard, 0, sizeof *guard);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL); /* as in SQLite's shell */
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);     /* "x" is an identifier, never a string */
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES);
    sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
    replace_functions(db);
    sqlite3_set_authorizer(db, authorize, guard);
    sqlite3_progress_handler(db, STEPS_A_LOOK, count_steps, guard);
    return eventure__dates_replace(db);
}

void eventure__sandbox_begin(eventure__sandbox *guard, int64_t max_steps, bool is_setup)
{
    guard->is_setup = is_setup;
    guard->is_on = true;
    guard->steps = 0;
    guard->max_steps = max_steps;
    guard->is_over = false;
    guard->refused[0] = '\0';
}

void eventure__sandbox_end(eventure__sandbox *guard)
{
    guard->is_on = false;
}
