/*
 * The sandbox of a projection's SQL: see sandbox.h.
 *
 * SQLite calls the authorizer for each action of a statement when it prepares the statement. The authorizer also
 * refuses everything that would make the state depend on more than the events, because the state could not be
 * reproduced.
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

/* Prefix of SQLite's tables that return the answers of PRAGMA statements. */
#define PRAGMA_PREFIX "pragma_"

/* The functions that a projection may call: their results depend on their arguments only. Any other function is
 * refused, also one that a later SQLite adds. last_insert_rowid() refers to the statements of the same event. */
static const char allowed_functions[] =
    " -> ->> abs acos acosh asin asinh atan atan2 atanh avg ceil ceiling char coalesce concat concat_ws"
    " cos cosh count cume_dist date datetime degrees dense_rank exp first_value floor format glob"
    " group_concat hex if ifnull iif instr json json_array json_array_insert json_array_length"
    " json_error_position json_extract json_group_array json_group_object json_insert json_object"
    " json_patch json_pretty json_quote json_remove json_replace json_set json_type json_valid jsonb"
    " jsonb_array jsonb_array_insert jsonb_extract jsonb_group_array jsonb_group_object jsonb_insert"
    " jsonb_object jsonb_patch jsonb_remove jsonb_replace jsonb_set julianday lag last_insert_rowid"
    " last_value lead length like likelihood likely ln log log10 log2 lower ltrim max median min mod"
    " nth_value ntile nullif octet_length percent_rank percentile percentile_cont percentile_disc pi pow"
    " power printf quote radians rank replace round row_number rtrim sign sin sinh soundex sqrt strftime"
    " string_agg substr substring sum tan tanh time timediff total trim trunc typeof unhex unicode unistr"
    " unistr_quote unixepoch unlikely upper zeroblob ";

/* The table-valued functions that a projection may call. */
static const char *allowed_modules[] = {"json_each", "json_tree", "generate_series", NULL};

static int refuse(eventure__sandbox *sandbox, const char *what, const char *name)
{
    if (sandbox->refused[0] == '\0') /* keep the first: it is the cause */
        snprintf(sandbox->refused, sizeof sandbox->refused, "%s%s%s", what, name != NULL ? " " : "",
                 name != NULL ? name : "");
    return SQLITE_DENY;
}

bool eventure__sandbox_is_schema_table(const char *name, size_t len)
{
    static const char *const names[] = {"sqlite_master", "sqlite_schema", "sqlite_temp_master", "sqlite_temp_schema",
                                        "sqlite_stat1",  "sqlite_stat2",  "sqlite_stat3",       "sqlite_stat4"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == len && sqlite3_strnicmp(name, names[i], (int)len) == 0)
            return true;
    return false;
}

/* SQLite passes the name with which a function was registered: the built-in ones have small letters. */
static bool is_allowed_function(const char *name)
{
    char word[32];
    const int len = snprintf(word, sizeof word, " %s ", name);
    return len > 0 && (size_t)len < sizeof word && strchr(name, ' ') == NULL && strstr(allowed_functions, word) != NULL;
}

static int authorize_function(eventure__sandbox *sandbox, const char *name)
{
    /* A view is read by other connections too, which have other rowids. */
    if (!is_allowed_function(name) || (sandbox->is_view && strcmp(name, "last_insert_rowid") == 0))
        return refuse(sandbox, "the function", name);
    return SQLITE_OK;
}

/* SQLite itself uses its tables for each change of the schema, so their use is only noted: the engine refuses a
 * statement that also names one of them. */
static int authorize_table(eventure__sandbox *sandbox, const char *table)
{
    if (table != NULL && eventure__sandbox_is_schema_table(table, strlen(table)))
        sandbox->uses_schema_table = true;
    if (table != NULL && (sqlite3_strnicmp(table, OWN_PREFIX, sizeof OWN_PREFIX - 1) == 0 ||
                          sqlite3_strnicmp(table, PRAGMA_PREFIX, sizeof PRAGMA_PREFIX - 1) == 0))
        return refuse(sandbox, "the table", table);
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
    eventure__sandbox *sandbox = context;
    (void)source;
    if (!sandbox->is_on)
        return SQLITE_OK;
    if (database != NULL && sqlite3_stricmp(database, "main") != 0)
        return refuse(sandbox, "another database than main:", database);
    if (!sandbox->is_setup && changes_schema(action))
        return refuse(sandbox, "a change of the schema outside of the setup", NULL);
    switch (action)
    {
    case SQLITE_ATTACH:
        return refuse(sandbox, "ATTACH", NULL);
    case SQLITE_DETACH:
        return refuse(sandbox, "DETACH", NULL);
    case SQLITE_PRAGMA:
        return refuse(sandbox, "PRAGMA", first);
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
        return refuse(sandbox, "control of transactions:", first);
    case SQLITE_CREATE_VTABLE:
    case SQLITE_DROP_VTABLE:
        return refuse(sandbox, "a virtual table:", first);
    case SQLITE_CREATE_TEMP_INDEX:
    case SQLITE_CREATE_TEMP_TABLE:
    case SQLITE_CREATE_TEMP_TRIGGER:
    case SQLITE_CREATE_TEMP_VIEW:
    case SQLITE_DROP_TEMP_INDEX:
    case SQLITE_DROP_TEMP_TABLE:
    case SQLITE_DROP_TEMP_TRIGGER:
    case SQLITE_DROP_TEMP_VIEW:
        return refuse(sandbox, "a temporary", first);
    case SQLITE_FUNCTION:
        return authorize_function(sandbox, second);
    case SQLITE_ALTER_TABLE:
        sandbox->makes_columns = true;
        return authorize_table(sandbox, second);
    case SQLITE_READ:
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    case SQLITE_DROP_TABLE:
    case SQLITE_DROP_VIEW:
        return authorize_table(sandbox, first);
    case SQLITE_CREATE_TABLE:
        sandbox->makes_columns = true;
        return authorize_table(sandbox, first);
    case SQLITE_CREATE_VIEW:
        sandbox->makes_view = true;
        return authorize_table(sandbox, first);
    case SQLITE_CREATE_INDEX:
    case SQLITE_CREATE_TRIGGER:
    case SQLITE_DROP_INDEX:
    case SQLITE_DROP_TRIGGER:
        return authorize_table(sandbox, second);
    default:
        return SQLITE_OK;
    }
}

/* A table whose largest rowid is the largest integer gets random rowids from then on. */
static void look_at_rowid(void *context, int action, const char *database, const char *table, sqlite3_int64 rowid)
{
    eventure__sandbox *sandbox = context;
    (void)database;
    if (!sandbox->is_on || action == SQLITE_DELETE || rowid != INT64_MAX || sandbox->refused[0] != '\0')
        return;
    snprintf(sandbox->refused, sizeof sandbox->refused,
             "the rowid 9223372036854775807 of the table %s, after which SQLite chooses rowids at random,", table);
}

static int count_steps(void *context)
{
    eventure__sandbox *sandbox = context;
    if (!sandbox->is_on)
        return 0;
    sandbox->steps += STEPS_A_LOOK;
    sandbox->is_over = sandbox->steps > sandbox->max_steps;
    return sandbox->is_over;
}

int eventure__sandbox_connection(sqlite3 *db, eventure__sandbox *sandbox)
{
    memset(sandbox, 0, sizeof *sandbox);
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
    int code = sqlite3_drop_modules(db, allowed_modules);
    sqlite3_set_authorizer(db, authorize, sandbox);
    sqlite3_update_hook(db, look_at_rowid, sandbox);
    sqlite3_progress_handler(db, STEPS_A_LOOK, count_steps, sandbox);
    return code == SQLITE_OK ? eventure__dates_replace(db) : code;
}

void eventure__sandbox_begin(eventure__sandbox *sandbox, int64_t max_steps, bool is_setup)
{
    sandbox->is_setup = is_setup;
    sandbox->is_on = true;
    sandbox->steps = 0;
    sandbox->max_steps = max_steps;
    sandbox->is_over = false;
    sandbox->refused[0] = '\0';
}

void eventure__sandbox_end(eventure__sandbox *sandbox)
{
    sandbox->is_on = false;
}
