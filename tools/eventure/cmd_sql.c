/*
 * eventure sql: one question in SQL.
 */
#include <stdio.h>

#include "commands.h"
#include "message.h"
#include "options.h"
#include "sql_guard.h"
#include "sql_output.h"
#include "store_file.h"
#include "terminal.h"

static const char *set_format(const char *value, void *target)
{
    const sql_format *format = sql_format_find(value);
    if (format == NULL)
        return "is none of table, csv, json";
    *(const sql_format **)target = format;
    return NULL;
}

static int run_statement(sql_guard *guard, sqlite3_stmt *statement, const sql_format *format)
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
    if (exit_code == EXIT_DONE && step != SQLITE_ROW && step != SQLITE_DONE)
        exit_code = sql_guard_failed(guard);
    format->end(context, exit_code == EXIT_DONE);
    return exit_code;
}

static int answer(const char *path, const char *query, const sql_format *format)
{
    sql_guard guard;
    sqlite3_stmt *statement = NULL;
    int exit_code = sql_guard_open(&guard, path);
    if (exit_code == EXIT_DONE)
        exit_code = sql_guard_prepare(&guard, query, &statement);
    if (exit_code == EXIT_DONE)
        exit_code = run_statement(&guard, statement, format);
    sqlite3_finalize(statement);
    sql_guard_close(&guard);
    return exit_code;
}

int cmd_sql(int argc, char **argv)
{
    const sql_format *format = sql_format_find("table");
    const char *operands[2];
    option_spec specs[] = {{"format", OPTION_VALUE, set_format, &format, false}, OPTIONS_END};
    static const char *const names[] = {"DB", "QUERY", NULL};
    command_line line = {"sql", specs, names, operands};
    eventure_reader *reader = NULL;
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    exit_code = store_open_reader(operands[0], &reader); /* says so when the file is no store */
    eventure_reader_close(reader);
    return exit_code == EXIT_DONE ? answer(operands[0], operands[1], format) : exit_code;
}
