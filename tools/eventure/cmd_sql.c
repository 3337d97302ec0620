/*
 * eventure sql: queries in SQL.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "command_options.h"
#include "commands.h"
#include "hint.h"
#include "message.h"
#include "pager.h"
#include "sql_answer.h"
#include "sql_deadline.h"
#include "store_file.h"

/* The request of the command line. */
typedef struct request
{
    const sql_format *format;
    const char *file;
    int64_t timeout_ms; /* 0: none */
    sql_parameters parameters;
} request;

/* Reads all of a stream as text; NULL on an error, which has been reported. */
static char *read_text(FILE *in, const char *name)
{
    char *text = NULL;
    size_t size = 0;
    errno = 0;
    ssize_t len = getdelim(&text, &size, '\0', in);
    if (len >= 0 && strlen(text) == (size_t)len)
        return text;
    if (len < 0 && feof(in))
    {
        free(text);
        text = calloc(1, 1);
        if (text == NULL)
            message_memory();
        return text;
    }
    message("read %s: %s", name,
            len >= 0 ? "it contains a NUL byte and is not SQL" : strerror(errno != 0 ? errno : EIO));
    free(text);
    return NULL;
}

static char *read_file(const char *path)
{
    bool from_stdin = strcmp(path, "-") == 0;
    FILE *in = from_stdin ? stdin : fopen(path, "rb");
    if (in == NULL)
    {
        message("open %s: %s", path, strerror(errno));
        return NULL;
    }
    char *text = read_text(in, from_stdin ? "stdin" : path);
    if (!from_stdin)
        fclose(in);
    return text;
}

/* A parameter that no statement uses is an error. For a single statement it is detected before the statement is run. */
static int answer_one(sql_guard *guard, const char *query, request *wanted)
{
    sqlite3_stmt *statement = NULL;
    int exit_code = sql_guard_prepare(guard, query, &statement);
    if (exit_code == EXIT_DONE)
        exit_code = sql_parameters_bind(&wanted->parameters, statement);
    if (exit_code == EXIT_DONE)
        exit_code = sql_parameters_check_used(&wanted->parameters);
    if (exit_code == EXIT_DONE)
        exit_code = sql_answer_statement(guard, statement, wanted->format);
    sqlite3_finalize(statement);
    return exit_code;
}

static int answer(const char *path, const char *text, request *wanted)
{
    sql_guard guard;
    sql_deadline deadline;
    int exit_code = sql_guard_open(&guard, path);
    if (exit_code == EXIT_DONE && wanted->timeout_ms > 0)
    {
        sql_deadline_begin(&deadline, guard.db, wanted->timeout_ms);
        guard.deadline = &deadline;
    }
    if (exit_code == EXIT_DONE && wanted->file == NULL)
    {
        pager_begin();
        exit_code = answer_one(&guard, text, wanted);
        pager_end();
        if (exit_code == EXIT_DONE && fflush(stdout) == 0)
            hint_sql(&guard, path, text);
    }
    else if (exit_code == EXIT_DONE)
    {
        pager_begin();
        exit_code = sql_answer_all(&guard, text, wanted->format, &wanted->parameters);
        if (exit_code == EXIT_DONE)
            exit_code = sql_parameters_check_used(&wanted->parameters);
    }
    sql_guard_close(&guard);
    return exit_code;
}

static int ask(const char *path, const char *query, request *wanted)
{
    char *text = NULL;
    if (query != NULL && wanted->file != NULL)
        return message_usage("sql", "sql: QUERY and --file exclude each other");
    if (query == NULL && wanted->file == NULL)
        return message_usage("sql", "sql: QUERY is missing");
    if (wanted->file != NULL && (text = read_file(wanted->file)) == NULL)
        return EXIT_FILE;
    int exit_code = answer(path, text != NULL ? text : query, wanted);
    free(text);
    return exit_code;
}

int cmd_sql(int argc, char **argv)
{
    request wanted = {.format = sql_format_find("table")};
    const char *operands[2];
    option_spec specs[] = {{"format", OPTION_VALUE, sql_format_set, &wanted.format, false},
                           {"json", OPTION_FLAG, sql_format_set_json, &wanted.format, false},
                           {"param", OPTION_LIST, sql_parameters_add, &wanted.parameters, false},
                           {"file", OPTION_VALUE, option_set_text, &wanted.file, false},
                           {"timeout-ms", OPTION_VALUE, option_set_count, &wanted.timeout_ms, false},
                           OPTIONS_END};
    static const char *const names[] = {"DB", "[QUERY]", NULL};
    command_line line = {"sql", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (options_parse(&line, argc, argv, &exit_code))
        exit_code = ask(operands[0], operands[1], &wanted);
    sql_parameters_free(&wanted.parameters);
    return exit_code;
}
