/*
 * Queries on a guarded connection: see sql_answer.h.
 */
#include "sql_answer.h"

#include <stdio.h>

#include "message.h"
#include "terminal.h"

const char *sql_format_set(const char *value, void *target)
{
    const sql_format *format = sql_format_find(value);
    if (format == NULL)
        return "is not one of table, csv, json, jsonl, markdown";
    *(const sql_format **)target = format;
    return NULL;
}

const char *sql_format_set_json(const char *value, void *target)
{
    (void)value;
    return sql_format_set("json", target);
}

int sql_answer_statement(sql_guard *guard, sqlite3_stmt *statement, const sql_format *format)
{
    int exit_code = EXIT_DONE;
    int step = sqlite3_step(statement);
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        return sql_guard_failed(guard); /* before anything is printed */
    if (sqlite3_column_count(statement) == 0)
        return EXIT_DONE;
    void *context = format->begin(statement);
    if (context == NULL)
        return message_memory();
    while (step == SQLITE_ROW && exit_code == EXIT_DONE && terminal_alive())
    {
        if (!format->row(statement, context))
            exit_code = message_memory();
        else
            step = sqlite3_step(statement);
    }
    bool whole = exit_code == EXIT_DONE && (step == SQLITE_ROW || step == SQLITE_DONE);
    format->end(context, whole); /* the rows that a table has kept are printed before the error */
    return whole || exit_code != EXIT_DONE ? exit_code : sql_guard_failed(guard);
}

int sql_answer_all(sql_guard *guard, const char *text, const sql_format *format, sql_parameters *parameters)
{
    const char *rest = text;
    int exit_code = EXIT_DONE;
    bool any = false;
    while (exit_code == EXIT_DONE)
    {
        sqlite3_stmt *statement = NULL;
        exit_code = sql_guard_prepare_next(guard, &rest, &statement);
        if (exit_code != EXIT_DONE || statement == NULL)
            break;
        if (any && format->blank_line)
            fputc('\n', stdout);
        any = true;
        exit_code = sql_parameters_bind(parameters, statement);
        if (exit_code == EXIT_DONE)
            exit_code = sql_answer_statement(guard, statement, format);
        sqlite3_finalize(statement);
    }
    if (exit_code != EXIT_DONE || any)
        return exit_code;
    message("sql: there is no statement in '%s'", text);
    return EXIT_DATA;
}

int sql_answer(sql_guard *guard, const char *query, const sql_format *format)
{
    sqlite3_stmt *statement = NULL;
    sql_parameters none = {NULL, 0};
    int exit_code = sql_guard_prepare(guard, query, &statement);
    if (exit_code == EXIT_DONE)
        exit_code = sql_parameters_bind(&none, statement);
    if (exit_code == EXIT_DONE)
        exit_code = sql_answer_statement(guard, statement, format);
    sqlite3_finalize(statement);
    return exit_code;
}
