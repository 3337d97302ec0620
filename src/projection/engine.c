/*
 * The engine of a projection: see engine.h.
 */
#include "projection/engine.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fork_generation.h"
#include "base/path.h"
#include "base/text.h"
#include "store/files.h"
#include "store/sqlite_fork.h"
#include "store/store.h"

#define BUSY_TIMEOUT_MS 5000

/* Settings of a database in memory. secure_delete overwrites deleted content, so that the image of the database depends
 * only on its rows and not on earlier contents of its pages. */
#define MEMORY_SETTINGS                                                                                                \
    "PRAGMA page_size = 4096; PRAGMA auto_vacuum = NONE; PRAGMA secure_delete = ON; PRAGMA journal_mode = MEMORY; "    \
    "PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;"

#define FILE_SETTINGS "PRAGMA temp_store = MEMORY;"

/* The page size of MEMORY_SETTINGS. */
#define PAGE_BYTES 4096

#define TOO_LARGE "the database in memory exceeds max_bytes (%lld)"

/* Returns the status of a result code. An error of the statements is one of the projection, not of the store. */
static eventure_status status_of(int code)
{
    switch (code & 0xFF)
    {
    case SQLITE_ERROR:
    case SQLITE_INTERNAL:
    case SQLITE_ABORT:
    case SQLITE_INTERRUPT:
    case SQLITE_SCHEMA:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_MISUSE:
    case SQLITE_AUTH:
    case SQLITE_RANGE:
        return EVENTURE_ERROR_HANDLER;
    default:
        return eventure__sqlite_status(code);
    }
}

/* Whether an error means that the database in memory would exceed max_bytes. */
static bool is_too_large(const eventure__engine *engine, int code)
{
    return engine->is_in_memory && (code & 0xFF) == SQLITE_FULL;
}

eventure_status eventure__engine_fail(eventure__engine *engine, const char *what)
{
    int code = engine->db != NULL ? sqlite3_errcode(engine->db) : SQLITE_NOMEM;
    if (is_too_large(engine, code))
        return eventure__fail(engine->error, EVENTURE_ERROR_LIMIT, "%s: %s: " TOO_LARGE, engine->label, what,
                              (long long)engine->options.max_bytes);
    return eventure__fail(engine->error, status_of(code), "%s: %s: %s", engine->label, what,
                          engine->db != NULL ? sqlite3_errmsg(engine->db) : "out of memory");
}

eventure_status eventure__engine_run(eventure__engine *engine, const char *sql, const char *what)
{
    if (sqlite3_exec(engine->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return EVENTURE_OK;
    return eventure__engine_fail(engine, what);
}

/* Reports an error of a statement of the file at position `at`. `wrong` is the status of an error in the statement
 * itself. */
static eventure_status fail_at(eventure__engine *engine, const char *at, eventure_status wrong)
{
    const eventure__sandbox *sandbox = &engine->sandbox;
    const char *name = engine->file->name;
    long long line = (long long)eventure__file_line(engine->file, at);
    int code = sqlite3_errcode(engine->db) & 0xFF;
    if (code == SQLITE_INTERRUPT && sandbox->is_over)
        return eventure__fail(engine->error, EVENTURE_ERROR_LIMIT,
                              "%s:%lld: this takes more than %lld steps, and was stopped", name, line,
                              (long long)sandbox->max_steps);
    if (code == SQLITE_AUTH || sandbox->refused[0] != '\0')
        return eventure__fail(engine->error, wrong, "%s:%lld: %s is refused in a projection", name, line,
                              sandbox->refused[0] != '\0' ? sandbox->refused : "this");
    if (is_too_large(engine, code))
        return eventure__fail(engine->error, EVENTURE_ERROR_LIMIT, "%s:%lld: " TOO_LARGE, name, line,
                              (long long)engine->options.max_bytes);
    eventure_status status = status_of(code);
    if (status == EVENTURE_ERROR_HANDLER)
        status = wrong;
    return eventure__fail(engine->error, status, "%s:%lld: %s", name, line, sqlite3_errmsg(engine->db));
}

/* Makes an empty file, which SQLite opens as an empty database, unless it exists. SQLite gives the files beside a
 * database the permission bits of the database. */
static eventure_status make_file(eventure__engine *engine, const char *path, const char *like)
{
    int descriptor = -1;
    mode_t mode =
        *like != '\0' ? eventure__files_mode(like) : EVENTURE__FILES_USUAL; /* a store in memory has no file */
    char *real = eventure__path_real(path);
    if (real == NULL)
        return eventure__fail(engine->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", path);
    int cause = eventure__files_make_new(real, mode, &descriptor);
    if (descriptor >= 0)
        close(descriptor); /* the file is new, so this ends no lock */
    free(real);
    if (cause == 0 || cause == EEXIST)
        return EVENTURE_OK;
    return eventure__fail(engine->error, eventure__errno_status(cause), "%s: open: %s", engine->label,
                          eventure__files_why(cause));
}

/* Checks the name of a file and the names beside it, and makes the file. */
static eventure_status prepare_file(eventure__engine *engine, const char *path, const char *like)
{
    eventure_status status = eventure__files_check_output("project", path, engine->error);
    if (status == EVENTURE_OK)
        status = eventure__files_check_beside(path, engine->error);
    return status == EVENTURE_OK ? make_file(engine, path, like) : status;
}

static eventure_status watch_forks(eventure__engine *engine)
{
    int cause = eventure__sqlite_fork_watch();
    return cause == 0 ? EVENTURE_OK
                      : eventure__fail(engine->error, eventure__errno_status(cause), "%s: open: %s", engine->label,
                                       strerror(cause));
}

static eventure_status open_connection(eventure__engine *engine, const char *path)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                SQLITE_OPEN_PRIVATECACHE;
    char *plain = path != NULL ? eventure__files_plain_name(path) : NULL;
    if (path != NULL && plain == NULL)
        return eventure__fail(engine->error, EVENTURE_ERROR_MEMORY, "open %s: out of memory", path);
    int code = path != NULL ? sqlite3_open_v2(plain, &engine->db, flags, NULL)
                            : sqlite3_open_v2("projection", &engine->db, flags, "memdb");
    free(plain);
    if (code != SQLITE_OK)
        return eventure__engine_fail(engine, "open");
    code = eventure__sandbox_connection(engine->db, &engine->sandbox);
    if (code != SQLITE_OK)
        return eventure__fail(engine->error, status_of(code), "%s: open: %s", engine->label, sqlite3_errstr(code));
    return EVENTURE_OK;
}

eventure_status eventure__engine_open(eventure__engine *engine, const char *path, const char *like)
{
    engine->generation = eventure__fork_generation();
    engine->is_in_memory = path == NULL;
    eventure_status status = watch_forks(engine);
    if (status == EVENTURE_OK && path != NULL)
        status = prepare_file(engine, path, like);
    if (status == EVENTURE_OK)
        status = open_connection(engine, path);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_busy_timeout(engine->db, BUSY_TIMEOUT_MS);
    status = eventure__engine_run(engine, path != NULL ? FILE_SETTINGS : MEMORY_SETTINGS, "configure");
    return status == EVENTURE_OK && path == NULL ? eventure__engine_limit(engine) : status;
}

/* The pages that a transaction changes are in SQLite's page cache until it commits. So a limit on the bytes of the file
 * alone would be reached at the commit, and not by the statement that needs the page. */
eventure_status eventure__engine_limit(eventure__engine *engine)
{
    char sql[64];
    sqlite3_int64 bytes = engine->options.max_bytes;
    int64_t pages = bytes / PAGE_BYTES;
    pages = pages < 1 ? 1 : pages > INT32_MAX ? INT32_MAX : pages; /* 0 would change nothing */
    snprintf(sql, sizeof sql, "PRAGMA max_page_count = %lld", (long long)pages);
    sqlite3_file_control(engine->db, "main", SQLITE_FCNTL_SIZE_LIMIT, &bytes);
    return eventure__engine_run(engine, sql, "configure");
}

/* Prepares the next statement of a part, if any, and moves `*at` behind it. *out_from receives its beginning. */
static eventure_status prepare_next(eventure__engine *engine, const eventure__projection_part *part, const char **at,
                                    const char **out_from, sqlite3_stmt **out)
{
    const char *end = part->sql + part->sql_len;
    const char *tail = NULL;
    const char *from = eventure__sql_skip_blank(*at, end);
    *out = NULL;
    *out_from = from;
    *at = end;
    engine->sandbox.uses_schema_table = false;
    engine->sandbox.makes_view = false;
    engine->sandbox.makes_columns = false;
    if (from == end)
        return EVENTURE_OK;
    if (sqlite3_prepare_v3(engine->db, from, (int)(end - from), SQLITE_PREPARE_PERSISTENT, out, &tail) != SQLITE_OK)
    {
        /* The offset can be one in a statement that SQLite makes, as for ALTER TABLE, which may be longer. */
        int offset = sqlite3_error_offset(engine->db);
        return fail_at(engine, offset > 0 && offset < end - from ? from + offset : from, EVENTURE_ERROR_ARGUMENT);
    }
    *at = tail;
    if (eventure__sql_says_now(from, tail))
        return eventure__fail(engine->error, EVENTURE_ERROR_ARGUMENT,
                              "%s:%lld: the time 'now' is refused in a projection: use :event_timestamp",
                              engine->file->name, (long long)eventure__file_line(engine->file, from));
    if (engine->sandbox.uses_schema_table && eventure__sql_names(from, tail, eventure__sandbox_is_schema_table))
        return eventure__fail(engine->error, EVENTURE_ERROR_ARGUMENT,
                              "%s:%lld: a table that describes the schema is refused in a projection",
                              engine->file->name, (long long)eventure__file_line(engine->file, from));
    return EVENTURE_OK;
}

/* --- Setup --- */

/* Prepares a query in the sandbox, in place of a statement at `at` that does not run now. A query that cannot be
 * prepared for other reasons is accepted: its tables may be made later, and it then fails when it is run. */
static eventure_status check_query(eventure__engine *engine, const char *sql, const char *at, bool is_view)
{
    eventure__sandbox *sandbox = &engine->sandbox;
    eventure_status status = EVENTURE_OK;
    sqlite3_stmt *statement = NULL;
    sandbox->is_view = is_view;
    int code = sqlite3_prepare_v2(engine->db, sql, -1, &statement, NULL) & 0xFF;
    sandbox->is_view = false;
    bool is_unsafe = code == SQLITE_ERROR && strncmp(sqlite3_errmsg(engine->db), "unsafe use", 10) == 0;
    if ((code != SQLITE_OK && code != SQLITE_ERROR) || is_unsafe || sandbox->refused[0] != '\0')
        status = fail_at(engine, at, EVENTURE_ERROR_ARGUMENT);
    sqlite3_finalize(statement);
    return status;
}

/* Checks each query that `list`, a statement of the library, returns. */
static eventure_status check_queries(eventure__engine *engine, const char *list, const char *at, bool are_views)
{
    sqlite3_stmt *statement = NULL;
    eventure_status status = EVENTURE_OK;
    engine->sandbox.is_on = false; /* the library itself may read the schema */
    int step = sqlite3_prepare_v2(engine->db, list, -1, &statement, NULL) == SQLITE_OK ? SQLITE_ROW : SQLITE_ERROR;
    while (status == EVENTURE_OK && step == SQLITE_ROW && (step = sqlite3_step(statement)) == SQLITE_ROW)
    {
        const char *sql = (const char *)sqlite3_column_text(statement, 0);
        engine->sandbox.is_on = true;
        status =
            sql != NULL ? check_query(engine, sql, at, are_views) : eventure__engine_fail(engine, "check the setup");
        engine->sandbox.is_on = false;
    }
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__engine_fail(engine, "check the setup");
    sqlite3_finalize(statement);
    engine->sandbox.is_on = true;
    return status;
}

/* SQLite resolves the names in a view only when the view is read. So all views are checked, also one that no statement
 * uses: their rows are part of the state. */
static eventure_status check_views(eventure__engine *engine, const char *at)
{
    static const char views[] = "SELECT format('SELECT * FROM \"%w\"', name) FROM sqlite_schema WHERE type = 'view'";
    return check_queries(engine, views, at, true);
}

/* SQLite does not call the authorizer for the functions in default values. */
static eventure_status check_defaults(eventure__engine *engine, const char *at)
{
    static const char defaults[] =
        "SELECT format('SELECT (%s)', c.dflt_value) FROM sqlite_schema AS t, "
        "pragma_table_xinfo(t.name) AS c WHERE t.type = 'table' AND c.dflt_value IS NOT NULL";
    return check_queries(engine, defaults, at, false);
}

static bool is_default(const char *name, size_t len)
{
    return len == 7 && sqlite3_strnicmp(name, "default", 7) == 0;
}

/* Checks what a statement of the setup has made. */
static eventure_status check_made(eventure__engine *engine, const char *from, const char *end)
{
    eventure_status status = EVENTURE_OK;
    if (engine->sandbox.makes_view)
        status = check_views(engine, from);
    if (status == EVENTURE_OK && engine->sandbox.makes_columns && eventure__sql_names(from, end, is_default))
        status = check_defaults(engine, from);
    return status;
}

static eventure_status run_setup_part(eventure__engine *engine, const eventure__projection_part *part)
{
    const char *at = part->sql;
    const char *from = NULL;
    eventure_status status = EVENTURE_OK;
    while (status == EVENTURE_OK && at < part->sql + part->sql_len)
    {
        sqlite3_stmt *statement = NULL;
        status = prepare_next(engine, part, &at, &from, &statement);
        if (status == EVENTURE_OK && sqlite3_bind_parameter_count(statement) > 0)
            status = eventure__fail(
                engine->error, EVENTURE_ERROR_ARGUMENT, "%s:%lld: a setup runs without an event, so %s has no value",
                engine->file->name, (long long)eventure__file_line(engine->file, from),
                sqlite3_bind_parameter_name(statement, 1) != NULL ? sqlite3_bind_parameter_name(statement, 1) : "`?`");
        int step = SQLITE_ROW;
        while (status == EVENTURE_OK && statement != NULL && step == SQLITE_ROW)
        {
            step = sqlite3_step(statement);
            if (step != SQLITE_ROW && step != SQLITE_DONE)
                status = fail_at(engine, from, EVENTURE_ERROR_ARGUMENT);
        }
        sqlite3_finalize(statement);
        if (status == EVENTURE_OK && engine->sandbox.refused[0] != '\0')
            status = fail_at(engine, from, EVENTURE_ERROR_ARGUMENT);
        if (status == EVENTURE_OK)
            status = check_made(engine, from, at);
    }
    return status;
}

eventure_status eventure__engine_setup(eventure__engine *engine)
{
    eventure_status status = EVENTURE_OK;
    sqlite3_set_last_insert_rowid(engine->db, 0); /* as in a new database */
    eventure__sandbox_begin(&engine->sandbox, engine->options.max_setup_steps, true);
    for (size_t i = 0; i < engine->file->parts_count && status == EVENTURE_OK; i++)
        if (engine->file->parts[i].patterns_count == 0)
            status = run_setup_part(engine, &engine->file->parts[i]);
    if (status == EVENTURE_OK)
        status = check_views(engine, engine->file->text); /* with all tables */
    eventure__sandbox_end(&engine->sandbox);
    return status;
}

/* --- The statements of events --- */

/* Takes ownership of a prepared statement, also on error. */
static eventure_status add_compiled(eventure__engine *engine, const eventure__projection_part *part, const char *from,
                                    sqlite3_stmt *statement)
{
    int count = sqlite3_bind_parameter_count(statement);
    eventure__compiled *grown = realloc(engine->compiled, (engine->compiled_count + 1) * sizeof *grown);
    if (grown != NULL)
        engine->compiled = grown;
    eventure__parameter *parameters = calloc((size_t)count + 1, sizeof *parameters);
    if (grown == NULL || parameters == NULL)
    {
        sqlite3_finalize(statement);
        free(parameters);
        return eventure__fail(engine->error, EVENTURE_ERROR_MEMORY, "%s: out of memory", engine->file->name);
    }
    engine->compiled[engine->compiled_count++] = (eventure__compiled){part, from, statement, parameters, count};
    for (int i = 0; i < count; i++)
    {
        const char *name = sqlite3_bind_parameter_name(statement, i + 1);
        if (!eventure__parameter_read(name, &parameters[i]))
            return eventure__fail(engine->error, EVENTURE_ERROR_ARGUMENT,
                                  "%s:%lld: a parameter is a member of the event's data, and written `:key`, not `%s`",
                                  engine->file->name, (long long)eventure__file_line(engine->file, from),
                                  name != NULL ? name : "?");
    }
    return EVENTURE_OK;
}

static eventure_status prepare_part(eventure__engine *engine, const eventure__projection_part *part)
{
    const char *at = part->sql;
    const char *from = NULL;
    eventure_status status = EVENTURE_OK;
    while (status == EVENTURE_OK && at < part->sql + part->sql_len)
    {
        sqlite3_stmt *statement = NULL;
        status = prepare_next(engine, part, &at, &from, &statement);
        if (status == EVENTURE_OK && statement != NULL)
            status = add_compiled(engine, part, from, statement);
        else
            sqlite3_finalize(statement);
    }
    return status;
}

eventure_status eventure__engine_prepare(eventure__engine *engine)
{
    eventure_status status = EVENTURE_OK;
    eventure__sandbox_begin(&engine->sandbox, engine->options.max_event_steps, false);
    for (size_t i = 0; i < engine->file->parts_count && status == EVENTURE_OK; i++)
        if (engine->file->parts[i].patterns_count > 0)
            status = prepare_part(engine, &engine->file->parts[i]);
    eventure__sandbox_end(&engine->sandbox);
    return status;
}

static bool matches(const eventure__projection_part *part, const char *type, size_t type_len)
{
    for (size_t i = 0; i < part->patterns_count; i++)
        if (eventure__pattern_matches(&part->patterns[i], type, type_len))
            return true;
    return false;
}

static eventure_status run_compiled(eventure__engine *engine, const eventure__compiled *compiled,
                                    const eventure_event *event)
{
    sqlite3_stmt *statement = compiled->handle;
    eventure_status status = EVENTURE_OK;
    eventure__sandbox_begin(&engine->sandbox, engine->options.max_event_steps, false);
    for (int i = 0; i < compiled->parameters_count && status == EVENTURE_OK; i++)
        if (eventure__parameter_bind(statement, i + 1, &compiled->parameters[i], event, &engine->scratch) != SQLITE_OK)
            status = fail_at(engine, compiled->at, EVENTURE_ERROR_HANDLER);
    int step = SQLITE_ROW;
    while (status == EVENTURE_OK && step == SQLITE_ROW)
        step = sqlite3_step(statement);
    if (status == EVENTURE_OK && (step != SQLITE_DONE || engine->sandbox.refused[0] != '\0'))
        status = fail_at(engine, compiled->at, EVENTURE_ERROR_HANDLER);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    eventure__sandbox_end(&engine->sandbox);
    return status;
}

eventure_status eventure__engine_apply(eventure__engine *engine, const eventure_event *event)
{
    size_t type_len = eventure__text_len(event->type, event->type_len);
    const eventure__projection_part *part = NULL;
    bool is_for_it = false;
    eventure_status status = EVENTURE_OK;
    sqlite3_set_last_insert_rowid(engine->db, 0); /* last_insert_rowid() must not return a value of an earlier event */
    for (size_t i = 0; i < engine->compiled_count && status == EVENTURE_OK; i++)
    {
        const eventure__compiled *compiled = &engine->compiled[i];
        if (compiled->part != part)
            is_for_it = matches(compiled->part, event->type, type_len);
        part = compiled->part;
        if (is_for_it)
            status = run_compiled(engine, compiled, event);
    }
    return status;
}

/* A child does not touch a file that its parent has open. */
static bool is_inherited(const eventure__engine *engine)
{
    return !engine->is_in_memory && engine->generation != eventure__fork_generation();
}

void eventure__engine_unprepare(eventure__engine *engine)
{
    for (size_t i = 0; i < engine->compiled_count; i++)
    {
        if (!is_inherited(engine))
            sqlite3_finalize(engine->compiled[i].handle);
        free(engine->compiled[i].parameters);
    }
    free(engine->compiled);
    engine->compiled = NULL;
    engine->compiled_count = 0;
}

eventure_status eventure__engine_bring_inside(eventure__engine *engine)
{
    if (engine->db == NULL || engine->is_in_memory)
        return EVENTURE_OK;
    assert(!is_inherited(engine)); /* the caller has checked the process of its reader, which is as old as the engine */
    int code = sqlite3_wal_checkpoint_v2(engine->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL) & 0xFF;
    if (code == SQLITE_NOMEM) /* the lack of memory may be temporary */
        code = sqlite3_wal_checkpoint_v2(engine->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL) & 0xFF;
    if (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED)
        return EVENTURE_OK;
    return eventure__fail(
        engine->error, eventure__sqlite_status(code),
        "%s: all rows are committed, but some of them stay in %s-wal, because they could not be moved "
        "into the file: %s",
        engine->label, engine->label, sqlite3_errmsg(engine->db));
}

void eventure__engine_close(eventure__engine *engine)
{
    eventure__engine_unprepare(engine);
    if (!is_inherited(engine))
        sqlite3_close_v2(engine->db);
    engine->db = NULL;
    eventure__buffer_free(&engine->scratch);
}
