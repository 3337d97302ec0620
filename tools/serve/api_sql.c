/*
 * Answers SQL that the user writes. It runs on the connection of a reader, with the guard of `eventure sql` and limits
 * of time, rows and bytes.
 */
#include <stdio.h>
#include <string.h>

#include <eventure/extension.h>

#include "server.h"
#include "tools/eventure/sql_guard.h"

#define ROWS_MAX 10000
#define VALUE_BYTES (16 * 1024 * 1024)
#define PATTERN_BYTES 1000

static bool guard_connection(request *asked, sql_guard *guard)
{
    memset(guard, 0, sizeof *guard);
    guard->db = asked->db;
    if (eventure_extension_init(guard->db, NULL, NULL) != SQLITE_OK || sql_guard_restrict(guard) != SQLITE_OK)
    {
        request_fail_sqlite(asked, guard->db);
        return false;
    }
    sqlite3_limit(guard->db, SQLITE_LIMIT_LENGTH, VALUE_BYTES);
    sqlite3_limit(guard->db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, PATTERN_BYTES);
    return true;
}

static void fail(request *asked, const sql_guard *guard)
{
    if (guard->refused[0] != '\0')
        request_fail(asked, 403, "read-only", "%s is refused: the store is read-only here", guard->refused);
    else
        request_fail_sqlite(asked, guard->db);
}

/* Prepares the text, which must be exactly one statement. NULL: the request has failed. */
static sqlite3_stmt *prepare(request *asked, sql_guard *guard, const char *text)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_stmt *second = NULL;
    const char *rest = text;
    int code = SQLITE_OK;
    while (code == SQLITE_OK && statement == NULL && *rest != '\0')
        code = sqlite3_prepare_v2(guard->db, rest, -1, &statement, &rest);
    if (code != SQLITE_OK)
    {
        fail(asked, guard);
        return NULL;
    }
    while (code == SQLITE_OK && second == NULL && *rest != '\0')
        code = sqlite3_prepare_v2(guard->db, rest, -1, &second, &rest);
    if (statement == NULL)
        request_fail(asked, 400, "sql", "there is no statement");
    else if (code != SQLITE_OK || second != NULL)
        request_fail(asked, 400, "sql", "one statement at a time");
    else if (!sqlite3_stmt_readonly(statement))
        request_fail(asked, 403, "read-only", "the statement would write: the store is read-only here");
    sqlite3_finalize(second);
    if (!request_failed(asked))
        return statement;
    sqlite3_finalize(statement);
    return NULL;
}

static void answer_columns(request *asked, sqlite3_stmt *statement)
{
    json_open(&asked->out, "columns", '[');
    for (int i = 0; i < sqlite3_column_count(statement); i++)
        json_text(&asked->out, NULL, sqlite3_column_name(statement, i));
    json_close(&asked->out, ']');
}

static void answer_rows(request *asked, const sql_guard *guard, sqlite3_stmt *statement, int64_t limit)
{
    json *out = &asked->out;
    int64_t rows = 0;
    int code = SQLITE_ROW;
    json_open(out, "rows", '[');
    while (rows < limit && out->out.len < SERVE_ANSWER_BYTES / 2 && (code = sqlite3_step(statement)) == SQLITE_ROW)
    {
        json_open(out, NULL, '[');
        for (int i = 0; i < sqlite3_column_count(statement); i++)
            answer_cell(asked, NULL, statement, i);
        json_close(out, ']');
        rows++;
    }
    bool has_more = code == SQLITE_ROW && (code = sqlite3_step(statement)) == SQLITE_ROW;
    json_close(out, ']');
    json_bool(out, "more", has_more);
    json_int(out, "elapsed_ms", work_elapsed_ms(&asked->work));
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        fail(asked, guard);
}

/* Writes SQLite's plan of the statement: one line for each step, indented by its depth. */
static void answer_plan(request *asked, sql_guard *guard, const char *text)
{
    char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", text);
    sqlite3_stmt *statement = NULL;
    json_open(&asked->out, "plan", '[');
    if (explain != NULL && sqlite3_prepare_v2(guard->db, explain, -1, &statement, NULL) == SQLITE_OK)
    {
        while (sqlite3_step(statement) == SQLITE_ROW)
        {
            json_open(&asked->out, NULL, '{');
            answer_cell(asked, "id", statement, 0);
            answer_cell(asked, "parent", statement, 1);
            answer_cell(asked, "detail", statement, 3);
            json_close(&asked->out, '}');
        }
    }
    json_close(&asked->out, ']');
    sqlite3_finalize(statement);
    sqlite3_free(explain);
}

void api_sql(request *asked)
{
    sql_guard guard;
    int64_t limit = 0;
    const char *text = asked->text != NULL ? asked->text : request_text(asked, "q");
    if (text == NULL)
    {
        request_fail(asked, 400, "bad-parameter", "q= is missing: the statement");
        return;
    }
    if (!request_int(asked, "limit", SERVE_LIMIT_MAX, 1, ROWS_MAX, &limit) || !request_open(asked) ||
        !guard_connection(asked, &guard))
        return;
    sqlite3_stmt *statement = prepare(asked, &guard, text);
    if (statement != NULL)
    {
        json_open(&asked->out, NULL, '{');
        answer_columns(asked, statement);
        if (request_flag(asked, "plan"))
            answer_plan(asked, &guard, text);
        else
            answer_rows(asked, &guard, statement, limit);
        if (!request_failed(asked))
            json_close(&asked->out, '}');
    }
    sqlite3_finalize(statement);
    sqlite3_set_authorizer(guard.db, NULL, NULL);
}

void api_schema(request *asked)
{
    static const char sql[] =
        "SELECT s.name, s.type, c.name, c.type FROM sqlite_schema AS s, "
        "pragma_table_info(s.name) AS c WHERE s.type IN ('table', 'view') "
        "AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY s.type DESC, s.name, c.cid LIMIT 2000";
    json *out = &asked->out;
    char previous[256] = "";
    if (!request_open(asked))
        return;
    sqlite3_stmt *statement = request_prepare(asked, sql);
    if (statement == NULL)
        return;
    json_open(out, NULL, '{');
    json_open(out, "tables", '[');
    int code = SQLITE_ROW;
    bool any = false;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
    {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        if (!any || strncmp(previous, name, sizeof previous - 1) != 0)
        {
            if (any)
            {
                json_close(out, ']');
                json_close(out, '}');
            }
            any = true;
            snprintf(previous, sizeof previous, "%s", name);
            json_open(out, NULL, '{');
            json_text(out, "name", name);
            answer_cell(asked, "kind", statement, 1);
            json_open(out, "columns", '[');
        }
        answer_cell(asked, NULL, statement, 2);
    }
    if (any)
    {
        json_close(out, ']');
        json_close(out, '}');
    }
    json_close(out, ']');
    json_close(out, '}');
    if (code != SQLITE_DONE)
        request_fail_sqlite(asked, asked->db);
    sqlite3_finalize(statement);
}
