/*
 * eventure info: the record of a run.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include <eventure/run.h>

#include "command_options.h"
#include "commands.h"
#include "connection.h"
#include "message.h"
#include "record_option.h"
#include "store_file.h"
#include "terminal.h"
#include "text.h"

/* The widest column of keys. */
#define MOST_COLUMNS 40

static int fail_in_sql(sqlite3 *db)
{
    return sqlite3_errcode(db) == SQLITE_NOMEM ? message_memory()
                                               : message_status(EVENTURE_ERROR_IO, sqlite3_errmsg(db));
}

/* The rows of the record: first the conventional keys, in the order of their convention. */
static int print_rows(sqlite3 *db)
{
    static const char sql[] = "SELECT key, json, min(?1, max(length(key)) OVER ()) FROM run_record "
                              "ORDER BY coalesce(nullif(instr(?2, '|' || key || '|'), 0), 1000), key";
    sqlite3_stmt *row = NULL;
    int code = sqlite3_prepare_v2(db, sql, sizeof sql, &row, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_bind_int(row, 1, MOST_COLUMNS);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text(row, 2, RECORD_CONVENTIONAL_KEYS, -1, SQLITE_STATIC);
    while (code == SQLITE_OK && (code = sqlite3_step(row)) == SQLITE_ROW)
    {
        const char *key = (const char *)sqlite3_column_text(row, 0);
        const char *value = (const char *)sqlite3_column_text(row, 1);
        size_t width = (size_t)sqlite3_column_int(row, 2);
        if (key == NULL || value == NULL)
            break;
        text_write(stdout, key, strlen(key));
        for (size_t used = text_width(key, strlen(key), width); used < width + 2; used++)
            fputc(' ', stdout);
        text_write(stdout, value, strlen(value));
        fputc('\n', stdout);
        code = SQLITE_OK;
    }
    int exit_code = code == SQLITE_DONE ? EXIT_DONE : fail_in_sql(db);
    sqlite3_finalize(row);
    return exit_code;
}

static int print_value(eventure_reader *reader, const char *key)
{
    char *json = NULL;
    eventure_status status = eventure_reader_description(reader, key, &json);
    if (status == EVENTURE_OK && terminal_is(stdout)) /* in JSON, an escape has the same meaning as the character */
    {
        text_write(stdout, json, strlen(json));
        fputc('\n', stdout);
    }
    else if (status == EVENTURE_OK)
        puts(json);
    eventure_free(json);
    return status == EVENTURE_OK ? EXIT_DONE : message_status(status, eventure_reader_message(reader));
}

static int print_record(eventure_reader *reader, sqlite3 *db, bool json)
{
    if (json)
        return print_value(reader, NULL);
    /* Stores from before the record do not have the table. */
    bool exists =
        sqlite3_table_column_metadata(db, "main", "run_record", NULL, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
    return exists ? print_rows(db) : EXIT_DONE;
}

static int show(const char *path, const operand_list *keys, bool json)
{
    eventure_reader *reader = NULL;
    int exit_code = store_open_reader(path, &reader);
    if (exit_code == EXIT_DONE && keys->count == 0)
        exit_code = print_record(reader, connection_newest(), json);
    for (size_t i = 0; i < keys->count && exit_code == EXIT_DONE; i++)
        exit_code = print_value(reader, keys->operands[i]);
    eventure_reader_close(reader);
    return exit_code;
}

static int change(const char *path, const operand_list *keys)
{
    record_changes changes = {0};
    eventure_log *log = NULL;
    int exit_code = EXIT_DONE;
    for (size_t i = 0; i < keys->count && exit_code == EXIT_DONE; i++)
    {
        const char *problem = record_add_change(keys->operands[i], &changes);
        if (problem != NULL)
            exit_code = message_usage("info", "info: '%s' %s", keys->operands[i], problem);
    }
    if (exit_code == EXIT_DONE)
        exit_code = store_open_existing(path, &log);
    if (exit_code == EXIT_DONE)
    {
        eventure_status status = eventure_log_describe(log, record_changes_data(&changes));
        if (status != EVENTURE_OK)
            exit_code = status == EVENTURE_ERROR_JSON || status == EVENTURE_ERROR_ARGUMENT
                            ? message_usage("info", "%s", eventure_log_message(log))
                            : message_status(status, eventure_log_message(log));
        exit_code = store_close_existing(path, log, exit_code);
    }
    record_changes_free(&changes);
    return exit_code;
}

int cmd_info(int argc, char **argv)
{
    bool json = false;
    const char *operands[1];
    operand_list keys;
    option_spec specs[] = {
        {"format", OPTION_VALUE, option_set_text_json, &json, false},
        {"json", OPTION_FLAG, option_set_flag, &json, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", "[KEY[=JSON]]...", NULL};
    command_line line = {"info", specs, names, operands};
    size_t changes = 0;
    int exit_code = EXIT_DONE;
    if (!options_parse_list(&line, &keys, argc, argv, &exit_code))
        return exit_code;
    for (size_t i = 0; i < keys.count; i++)
        changes += strchr(keys.operands[i], '=') != NULL;
    if (changes > 0 && changes < keys.count)
        return message_usage("info", "info: KEY and KEY=JSON exclude each other");
    if (json && keys.count > 0)
        return message_usage("info", "info: --json is for the complete record; a KEY is always printed as JSON");
    return changes > 0 ? change(operands[0], &keys) : show(operands[0], &keys, json);
}
