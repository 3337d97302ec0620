/*
 * The implementation of the table-valued functions: see table_function.h.
 *
 * A cursor prepares the statement of its function on the host's connection and returns its rows one by one, without
 * collecting them. The column `path` is computed only when it is read, because a path is as long as the cascade is
 * deep.
 *
 * The functions are restricted to top-level SQL (SQLITE_VTAB_DIRECTONLY). Their statements read the table `events`; an
 * untrusted file could define a view of that name that uses one of the functions, which would recurse without end.
 */
#include "extension/table_function.h"

#include <limits.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "event/json.h"

typedef struct table
{
    sqlite3_vtab base;
    sqlite3 *db;
    const eventure__table_function *function;
} table;

typedef struct cursor
{
    sqlite3_vtab_cursor base;
    eventure__host host;
    const eventure__table_function *function;
    const eventure__variant *variant; /* that `rows` answers */
    sqlite3_stmt *rows;
    sqlite3_stmt *path;
    sqlite3_value *arguments[EVENTURE__ARGUMENTS_MAX]; /* as given; NULL where left out */
    char *schema;                                      /* NULL: main */
    int64_t subject;                                   /* what is bound: a seq, a tick, a number of ticks */
    int64_t position;
    bool is_done;
} cursor;

static int table_connect(sqlite3 *db, void *context, int argc, const char *const *argv, sqlite3_vtab **out,
                         char **out_message)
{
    const eventure__table_function *function = context;
    (void)argc;
    (void)argv;
    int code = sqlite3_declare_vtab(db, function->declaration);
    if (code == SQLITE_OK)
        code = sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
    if (code != SQLITE_OK)
    {
        *out_message = sqlite3_mprintf("%s: %s", function->name, sqlite3_errmsg(db));
        return code;
    }
    table *made = sqlite3_malloc(sizeof *made);
    if (made == NULL)
        return SQLITE_NOMEM;
    *made = (table){.db = db, .function = function};
    *out = &made->base;
    return SQLITE_OK;
}

static int table_disconnect(sqlite3_vtab *base)
{
    sqlite3_free(base);
    return SQLITE_OK;
}

/* The index of the first hidden column. It follows the columns of the statement and the column `path`, if any. */
static int first_argument(const eventure__table_function *function)
{
    return function->columns + (function->path_column != 0);
}

/* Returns a bit for each argument that has a usable constraint. `out_unusable` receives those whose constraint is not
 * usable yet. */
static unsigned find_arguments(const eventure__table_function *function, const sqlite3_index_info *info,
                               int out_constraints[EVENTURE__ARGUMENTS_MAX], unsigned *out_unusable)
{
    unsigned given = 0;
    for (int i = 0; i < info->nConstraint; i++)
    {
        const int argument = info->aConstraint[i].iColumn - first_argument(function);
        if (argument < 0 || argument >= function->arguments || info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
            continue;
        if (!info->aConstraint[i].usable)
            *out_unusable |= 1U << argument;
        else if ((given & 1U << argument) == 0)
        {
            given |= 1U << argument;
            out_constraints[argument] = i;
        }
    }
    return given;
}

static int table_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
    const eventure__table_function *function = ((table *)base)->function;
    int constraints[EVENTURE__ARGUMENTS_MAX];
    unsigned unusable = 0;
    const unsigned given = find_arguments(function, info, constraints, &unusable);
    if ((unusable & ~given) != 0)
        return SQLITE_CONSTRAINT;
    const bool has_subject = (given & 1U) != 0 && function->subject != EVENTURE__SUBJECT_NONE;
    if (function->subject != EVENTURE__SUBJECT_NONE && !has_subject && !function->may_be_left_out)
    {
        sqlite3_free(base->zErrMsg);
        base->zErrMsg = sqlite3_mprintf("%s: its argument is missing: %s", function->name, function->usage);
        return SQLITE_ERROR;
    }
    int next = 1;
    for (int i = 0; i < function->arguments; i++)
    {
        if ((given & 1U << i) == 0)
            continue;
        info->aConstraintUsage[constraints[i]].argvIndex = next++;
        info->aConstraintUsage[constraints[i]].omit = 1;
    }
    const double rows = has_subject && function->may_be_left_out ? 100 : function->rows;
    info->idxNum = (int)given;
    info->estimatedRows = (sqlite3_int64)rows;
    info->estimatedCost = 50 + rows * 5;
    /* The order of a cascade depends on the value of an argument, which is not known here. */
    if (info->nOrderBy == 1 && info->aOrderBy[0].iColumn == 0 && !info->aOrderBy[0].desc &&
        function->variants[0].by_seq)
        info->orderByConsumed = 1;
    return SQLITE_OK;
}

static int cursor_open(sqlite3_vtab *base, sqlite3_vtab_cursor **out)
{
    const table *of = (table *)base;
    cursor *made = sqlite3_malloc(sizeof *made);
    if (made == NULL)
        return SQLITE_NOMEM;
    *made = (cursor){.function = of->function,
                     .host = {.db = of->db, .schema = "main", .function = of->function->name},
                     .is_done = true};
    *out = &made->base;
    return SQLITE_OK;
}

static void forget_statements(cursor *of)
{
    sqlite3_finalize(of->rows);
    sqlite3_finalize(of->path);
    of->rows = NULL;
    of->path = NULL;
    of->variant = NULL;
}

static void forget_arguments(cursor *of)
{
    for (int i = 0; i < EVENTURE__ARGUMENTS_MAX; i++)
    {
        sqlite3_value_free(of->arguments[i]);
        of->arguments[i] = NULL;
    }
}

static int cursor_close(sqlite3_vtab_cursor *base)
{
    cursor *of = (cursor *)base;
    forget_statements(of);
    forget_arguments(of);
    sqlite3_free(of->schema);
    sqlite3_free(of->host.message);
    sqlite3_free(of);
    return SQLITE_OK;
}

/* Passes the message to SQLite. */
static int report(cursor *of, int code)
{
    if (code != SQLITE_OK && of->host.message != NULL)
    {
        sqlite3_free(of->base.pVtab->zErrMsg);
        of->base.pVtab->zErrMsg = of->host.message;
        of->host.message = NULL;
    }
    return code;
}

static int keep_arguments(cursor *of, unsigned given, sqlite3_value **values)
{
    forget_arguments(of);
    for (int i = 0; i < of->function->arguments; i++)
    {
        if ((given & 1U << i) == 0)
            continue;
        of->arguments[i] = sqlite3_value_dup(*values++);
        if (of->arguments[i] == NULL)
            return SQLITE_NOMEM;
    }
    return SQLITE_OK;
}

static bool is_given(sqlite3_value *value)
{
    return value != NULL && sqlite3_value_type(value) != SQLITE_NULL;
}

/* A statement is prepared for one schema: another schema needs another statement. */
static int choose_schema(cursor *of)
{
    sqlite3_value *value = of->arguments[of->function->arguments - 1];
    const char *name = is_given(value) ? (const char *)sqlite3_value_text(value) : "main";
    if (name == NULL)
        return SQLITE_NOMEM;
    if (strcmp(name, of->host.schema) == 0)
        return SQLITE_OK;
    char *copy = sqlite3_mprintf("%s", name);
    if (copy == NULL)
        return SQLITE_NOMEM;
    forget_statements(of);
    sqlite3_free(of->schema);
    of->schema = copy;
    of->host.schema = copy;
    return SQLITE_OK;
}

static int choose_variant(cursor *of, const eventure__variant **out)
{
    const eventure__table_function *function = of->function;
    *out = &function->variants[0];
    if (function->may_be_left_out && !is_given(of->arguments[0]))
        *out = &function->variants[1];
    if (function->variants[0].order == NULL || !is_given(of->arguments[1]))
        return SQLITE_OK;
    const char *order = (const char *)sqlite3_value_text(of->arguments[1]);
    if (order == NULL)
        return SQLITE_NOMEM;
    for (int i = 0; i < function->variants_count; i++)
    {
        *out = &function->variants[i];
        if (strcmp(order, function->variants[i].order) == 0)
            return SQLITE_OK;
    }
    return eventure__host_fail(&of->host, SQLITE_ERROR,
                               "there is no order %s: it is one of breadth-first, depth-first, append, id",
                               eventure__quote(order, strlen(order)).text);
}

/* Reads a tick or a number of ticks. */
static int read_integer(cursor *of, sqlite3_value *value)
{
    const bool is_tick = of->function->subject == EVENTURE__SUBJECT_TICK;
    const int type = sqlite3_value_numeric_type(value);
    of->subject = sqlite3_value_int64(value);
    if (type == SQLITE_INTEGER && of->subject >= (is_tick ? 0 : 1))
        return SQLITE_OK;
    const char *text = (const char *)sqlite3_value_text(value);
    if (text == NULL)
        return SQLITE_NOMEM;
    return eventure__host_fail(&of->host, SQLITE_ERROR, "the %s is %s, not an integer from %d on",
                               is_tick ? "tick" : "bucket", eventure__quote(text, strlen(text)).text, is_tick ? 0 : 1);
}

static int read_subject(cursor *of)
{
    sqlite3_value *value = of->arguments[0];
    if (of->function->subject != EVENTURE__SUBJECT_ID)
        return read_integer(of, value);
    const char *id = (const char *)sqlite3_value_text(value);
    if (id == NULL)
        return SQLITE_NOMEM;
    return eventure__host_seq_of_id(&of->host, id, (size_t)sqlite3_value_bytes(value), &of->subject);
}

/* Steps to the next row. At the end the statement is reset, which ends its read transaction. */
static int step(cursor *of)
{
    const int code = sqlite3_step(of->rows);
    of->position++;
    if (code == SQLITE_ROW)
        return SQLITE_OK;
    of->is_done = true;
    if (code != SQLITE_DONE)
        eventure__host_fail_as_sqlite(&of->host, code);
    sqlite3_reset(of->rows);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int prepare(cursor *of)
{
    const eventure__variant *variant = NULL;
    int code = choose_variant(of, &variant);
    if (code != SQLITE_OK || variant == of->variant)
        return code;
    forget_statements(of);
    code = eventure__host_check(&of->host);
    if (code == SQLITE_OK)
        code = eventure__host_prepare(&of->host, variant->sql, &of->rows);
    if (code == SQLITE_OK)
        of->variant = variant;
    return code;
}

static int cursor_filter(sqlite3_vtab_cursor *base, int given, const char *text, int argc, sqlite3_value **argv)
{
    cursor *of = (cursor *)base;
    (void)text;
    (void)argc;
    of->is_done = true;
    of->position = 0;
    sqlite3_reset(of->rows);
    int code = keep_arguments(of, (unsigned)given, argv);
    if (code == SQLITE_OK)
        code = choose_schema(of);
    if (code == SQLITE_OK)
        code = prepare(of);
    if (code != SQLITE_OK)
        return report(of, code);
    if (is_given(of->arguments[0]) && of->function->subject != EVENTURE__SUBJECT_NONE)
    {
        code = read_subject(of);
        if (code == SQLITE_OK)
            code = sqlite3_bind_int64(of->rows, 1, of->subject);
    }
    else if (of->function->subject != EVENTURE__SUBJECT_NONE && !of->function->may_be_left_out)
        return SQLITE_OK; /* a NULL argument selects no rows, as in SQL */
    if (code == SQLITE_OK)
    {
        of->is_done = false;
        code = step(of);
    }
    return report(of, code);
}

static int cursor_next(sqlite3_vtab_cursor *base)
{
    cursor *of = (cursor *)base;
    return report(of, step(of));
}

static int cursor_eof(sqlite3_vtab_cursor *base)
{
    return ((cursor *)base)->is_done;
}

static int cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
    *out = ((cursor *)base)->position;
    return SQLITE_OK;
}

/* Appends the ids that the statement returns as a JSON array. */
static int gather_path(cursor *of, eventure__buffer *out)
{
    int code = SQLITE_ROW;
    const int64_t longest = sqlite3_limit(of->host.db, SQLITE_LIMIT_LENGTH, -1);
    while ((code = sqlite3_step(of->path)) == SQLITE_ROW)
    {
        const char *id = (const char *)sqlite3_column_text(of->path, 0);
        eventure__buffer_append_char(out, out->len == 0 ? '[' : ',');
        if (id != NULL)
            eventure__json_append_string(out, id, (size_t)sqlite3_column_bytes(of->path, 0));
        if (out->failed || id == NULL)
            return SQLITE_NOMEM;
        if ((int64_t)out->len >= longest)
            return eventure__host_fail(&of->host, SQLITE_TOOBIG, "a path is longer than a value may be");
    }
    return code == SQLITE_DONE ? SQLITE_OK : eventure__host_fail_as_sqlite(&of->host, code);
}

/* Returns the ids of the path between the requested event and this row, in append order. */
static int show_path(cursor *of, sqlite3_context *context)
{
    eventure__buffer path = {0};
    int code = SQLITE_OK;
    const int64_t row = sqlite3_column_int64(of->rows, 0);
    if (of->path == NULL)
        code = eventure__host_prepare(&of->host, &eventure__function_event_path, &of->path);
    if (code == SQLITE_OK)
    {
        sqlite3_bind_int64(of->path, 1, of->function->path_upwards ? of->subject : row);
        sqlite3_bind_int64(of->path, 2, of->function->path_upwards ? row : of->subject);
        code = gather_path(of, &path);
        sqlite3_reset(of->path);
    }
    if (code == SQLITE_OK)
    {
        eventure__buffer_append_char(&path, ']');
        if (path.failed)
            code = SQLITE_NOMEM;
        else
            sqlite3_result_text64(context, path.bytes, path.len, SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    eventure__buffer_free(&path);
    return code;
}

static int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    cursor *of = (cursor *)base;
    const int argument = column - first_argument(of->function);
    if (argument >= 0)
    {
        if (of->arguments[argument] != NULL)
            sqlite3_result_value(context, of->arguments[argument]);
        return SQLITE_OK;
    }
    if (column == of->function->columns)
        return report(of, show_path(of, context));
    sqlite3_result_value(context, sqlite3_column_value(of->rows, column));
    return SQLITE_OK;
}

int eventure__table_register(sqlite3 *db, const eventure__table_function *function)
{
    /* Without xCreate the table is eponymous-only: CREATE VIRTUAL TABLE cannot use the module. */
    static const sqlite3_module module = {
        .iVersion = 2,
        .xConnect = table_connect,
        .xBestIndex = table_best_index,
        .xDisconnect = table_disconnect,
        .xOpen = cursor_open,
        .xClose = cursor_close,
        .xFilter = cursor_filter,
        .xNext = cursor_next,
        .xEof = cursor_eof,
        .xColumn = cursor_column,
        .xRowid = cursor_rowid,
    };
    /* SQLite returns the pointer unchanged, and no code writes through it. */
    return sqlite3_create_module_v2(db, function->name, &module, (void *)function, NULL);
}
