/*
 * eventure state: a projection at a tick.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <eventure/projection.h>
#include <eventure/snapshot.h>

#include "command_options.h"
#include "commands.h"
#include "interrupt.h"
#include "message.h"
#include "progress_line.h"
#include "projection_file.h"
#include "sql_answer.h"
#include "store_file.h"
#include "text.h"

typedef struct state_options
{
    const char *projection;
    const char *query;
    const sql_format *format;
    int64_t tick;
    bool check;
    bool without_snapshots;
} state_options;

/* Whether a table has a column of this name (SQLite compares names without regard to the case of ASCII letters). */
static bool has_column(sqlite3_stmt *statement, const char *name)
{
    for (int i = 0; i < sqlite3_column_count(statement); i++)
    {
        const char *column = sqlite3_column_name(statement, i);
        if (column != NULL && sqlite3_stricmp(column, name) == 0)
            return true;
    }
    return false;
}

/* Returns the query for all rows of a table, to be freed with sqlite3_free. JSON Lines contain only rows, so that each
   row contains the name of its table, unless the table has a column `table`. NULL when out of memory. */
static char *query_of_table(sql_guard *guard, const char *name, bool with_name)
{
    char *query = sqlite3_mprintf("SELECT * FROM \"%w\"", name);
    sqlite3_stmt *statement = NULL;
    if (query == NULL || !with_name || sql_guard_prepare(guard, query, &statement) != EXIT_DONE)
        return query;
    bool taken = has_column(statement, "table");
    sqlite3_finalize(statement);
    if (taken)
        return query;
    sqlite3_free(query);
    return sqlite3_mprintf("SELECT %Q AS \"table\", * FROM \"%w\"", name, name);
}

/* Prints every table and view of the state, each under its name. */
static int print_all(sql_guard *guard, const sql_format *format)
{
    static const char names[] = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') "
                                "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    bool is_json = strcmp(format->name, "json") == 0;
    bool is_lines = strcmp(format->name, "jsonl") == 0;
    sqlite3_stmt *statement = NULL;
    int exit_code = sql_guard_prepare(guard, names, &statement);
    int count = 0;
    if (is_json)
        fputs("{\n", stdout);
    for (; exit_code == EXIT_DONE && sqlite3_step(statement) == SQLITE_ROW; count++)
    {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        char *query = query_of_table(guard, name, is_lines);
        if (query == NULL)
            exit_code = message_memory();
        else if (is_json)
        {
            fputs(count > 0 ? "," : "", stdout);
            text_write_json(stdout, name, strlen(name));
            fputs(": ", stdout);
        }
        else if (!is_lines)
        {
            fputs(count > 0 ? "\n" : "", stdout);
            text_write(stdout, name, strlen(name));
            fputc('\n', stdout);
        }
        if (exit_code == EXIT_DONE)
            exit_code = sql_answer(guard, query, format);
        sqlite3_free(query);
    }
    if (is_json && exit_code == EXIT_DONE)
        fputs("}\n", stdout);
    sqlite3_finalize(statement);
    return exit_code;
}

static int print_state(eventure_projection *projection, const state_options *options)
{
    sql_guard guard;
    void *image = NULL;
    size_t len = 0;
    eventure_status status = eventure_projection_image(projection, &image, &len);
    if (status != EVENTURE_OK)
        return projection_failed(status, eventure_projection_message(projection));
    int exit_code = sql_guard_open_image(&guard, image, len);
    if (exit_code == EXIT_DONE)
        exit_code = options->query != NULL ? sql_answer(&guard, options->query, options->format)
                                           : print_all(&guard, options->format);
    sql_guard_close(&guard);
    eventure_free(image);
    return exit_code;
}

static int check(eventure_reader *reader, eventure_projection *projection, const eventure_state_options *folding)
{
    const eventure_reducer *reducer = eventure_projection_reducer(projection);
    eventure_snapshot_check_report found;
    eventure_status status = eventure_snapshot_check(reader, reducer, projection, folding, &found);
    if (status != EVENTURE_OK)
        return interrupt_came() ? EXIT_FILE : projection_failed(status, eventure_reader_message(reader));
    if (!found.differs)
    {
        char count[COUNT_BYTES];
        printf("%s of %s, %s as the fold from the start\n", text_count(count, found.checked, "snapshot"), reducer->name,
               found.checked == 1 ? "the same" : "all");
        return EXIT_DONE;
    }
    message("the snapshot of %s, version %" PRId64 ", at tick %" PRId64 " (event %" PRId64
            ") differs from the fold from the start at byte %" PRId64 "; %" PRId64 " before it are right",
            reducer->name, reducer->version, found.tick, found.seq, found.at_bytes, found.checked - 1);
    return EXIT_DATA;
}

static int run(eventure_reader *reader, eventure_projection *projection, const state_options *options)
{
    eventure_state_options folding = EVENTURE_STATE_OPTIONS_INIT;
    progress_line progress;
    int exit_code = EXIT_DONE;
    progress_begin(&progress, "state");
    folding.without_snapshots = options->without_snapshots;
    folding.progress = progress_show;
    folding.progress_context = &progress;
    if (options->check)
        exit_code = check(reader, projection, &folding);
    else
    {
        eventure_status status =
            eventure_replay_at(reader, eventure_projection_reducer(projection), projection, options->tick, &folding);
        progress_end(&progress);
        if (status != EVENTURE_OK)
            return interrupt_came() ? EXIT_FILE : projection_failed(status, eventure_reader_message(reader));
        exit_code = print_state(projection, options);
    }
    progress_end(&progress);
    return exit_code;
}

int cmd_state(int argc, char **argv)
{
    state_options options = {NULL, NULL, sql_format_find("table"), EVENTURE_TICK_NEWEST, false, false};
    const char *operands[1];
    option_spec specs[] = {
        {"projection", OPTION_VALUE, option_set_text, &options.projection, false},
        {"tick", OPTION_VALUE, option_set_tick, &options.tick, false},
        {"sql", OPTION_VALUE, option_set_text, &options.query, false},
        {"format", OPTION_VALUE, sql_format_set, &options.format, false},
        {"json", OPTION_FLAG, sql_format_set_json, &options.format, false},
        {"check", OPTION_FLAG, option_set_flag, &options.check, false},
        {"without-snapshots", OPTION_FLAG, option_set_flag, &options.without_snapshots, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", NULL};
    command_line line = {"state", specs, names, operands};
    eventure_projection *projection = NULL;
    eventure_reader *reader = NULL;
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    exit_code = projection_file_open("state", options.projection, &projection);
    if (exit_code == EXIT_DONE)
        exit_code = store_open_reader(operands[0], &reader);
    if (exit_code == EXIT_DONE)
    {
        interrupt_catch();
        exit_code = run(reader, projection, &options);
    }
    eventure_projection_close(projection);
    eventure_reader_close(reader);
    interrupt_finish();
    return exit_code;
}
