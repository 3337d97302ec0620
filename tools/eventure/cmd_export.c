/*
 * eventure export: writes a history, or the part of it that a filter chooses, in a format for other tools, or as a
 * separate store.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <eventure/session.h>
#include <eventure/transfer.h>

#include "base/path.h"
#include "command_options.h"
#include "commands.h"
#include "export_columns.h"
#include "filter_options.h"
#include "hint.h"
#include "interrupt.h"
#include "message.h"
#include "output.h"
#include "output_file.h"
#include "progress_line.h"
#include "store_file.h"
#include "terminal.h"
#include "text.h"

#define STORE_FORMAT "sqlite"

/* The request of the command line. */
typedef struct request
{
    filter_options filter;
    eventure_export_options options;
    export_columns columns;
    eventure_transfer_counts counts;
    bool to_store; /* --format sqlite */
    bool force;
} request;

static const char *set_format(const char *value, void *target)
{
    request *wanted = target;
    wanted->to_store = strcmp(value, STORE_FORMAT) == 0;
    if (wanted->to_store || eventure_format_find(value, &wanted->options.format) == EVENTURE_OK)
        return NULL;
    return "is not one of jsonl, csv, cloudevents, chrome, dot, mermaid, sqlite";
}

static const char *set_clock(const char *value, void *target)
{
    eventure_trace_clock *clock = target;
    if (strcmp(value, "timestamp") == 0)
        *clock = EVENTURE_TRACE_BY_TIMESTAMP;
    else if (strcmp(value, "tick") == 0)
        *clock = EVENTURE_TRACE_BY_TICK;
    else
        return "is not one of timestamp, tick";
    return NULL;
}

static const char *set_jsonl(const char *value, void *target)
{
    (void)value;
    return set_format("jsonl", target);
}

/* Reports the result of an export, and returns its exit code. */
static int finish(eventure_reader *reader, eventure_status status, progress_line *progress)
{
    progress_end(progress);
    if (interrupt_came())
        return EXIT_FILE;
    return status == EVENTURE_OK ? EXIT_DONE : output_query_failed(reader, status);
}

static int export_to(eventure_reader *reader, FILE *out, eventure_export_options *options,
                     eventure_transfer_counts *out_counts)
{
    progress_line progress;
    progress_begin(&progress, "export");
    options->progress = progress_show;
    options->progress_context = &progress;
    eventure_status status = eventure_store_export(reader, out, options, out_counts);
    /* The reason why a stream cannot be written is reported when it is closed. */
    if (status == EVENTURE_ERROR_IO && ferror(out))
        status = EVENTURE_OK;
    return finish(reader, status, &progress);
}

static void say_counts(const eventure_transfer_counts *counts)
{
    char events[COUNT_BYTES];
    char ticks[COUNT_BYTES];
    fprintf(stderr, "%s, %s\n", text_count(events, counts->events, "event"), text_count(ticks, counts->ticks, "tick"));
}

static int export_to_file(eventure_reader *reader, const char *source, const char *path, request *wanted)
{
    output_file file;
    int exit_code = output_file_open(path, source, &file);
    if (exit_code != EXIT_DONE)
        return exit_code;
    exit_code = export_to(reader, file.stream, &wanted->options, &wanted->counts);
    exit_code = output_file_close(&file, exit_code);
    if (exit_code == EXIT_DONE)
        say_counts(&wanted->counts);
    return exit_code;
}

static int export_to_store(eventure_reader *reader, const char *path, bool force, const eventure_filter *filter)
{
    eventure_transfer_counts counts = {0};
    progress_line progress;
    eventure_extract_options options = EVENTURE_EXTRACT_OPTIONS_INIT;
    options.filter = filter;
    options.replace = force;
    options.progress = progress_show;
    options.progress_context = &progress;
    progress_begin(&progress, "export");
    eventure_status status = eventure_store_extract(reader, path, &options, &counts);
    int exit_code = finish(reader, status, &progress);
    if (exit_code == EXIT_DONE)
        say_counts(&counts);
    return exit_code;
}

/* A stored event must not control a terminal: CSV contains values unescaped, and the data of another program may not be
   JSON. They are escaped on a terminal; in JSON, an escape has the same meaning as the character. */
static int export_to_terminal(eventure_reader *reader, request *wanted)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len = 0;
    FILE *between = tmpfile();
    if (between == NULL)
    {
        message("export: cannot make a temporary file: %s", strerror(errno));
        return EXIT_FILE;
    }
    int exit_code = export_to(reader, between, &wanted->options, &wanted->counts);
    rewind(between);
    while (exit_code == EXIT_DONE && terminal_alive() && (len = getline(&line, &size, between)) > 0)
    {
        while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
            len--;
        text_write(stdout, line, (size_t)len);
        fputc('\n', stdout);
    }
    free(line);
    fclose(between);
    return exit_code;
}

static int export_as(eventure_reader *reader, const char *source, const char *target, request *wanted)
{
    bool to_file = target != NULL && strcmp(target, "-") != 0;
    if (wanted->to_store)
        return export_to_store(reader, target, wanted->force, wanted->options.filter);
    if (to_file)
        return export_to_file(reader, source, target, wanted);
    /* The formats of graphs escape their texts. */
    eventure_format format = wanted->options.format;
    if (format != EVENTURE_FORMAT_DOT && format != EVENTURE_FORMAT_MERMAID && terminal_is(stdout))
        return export_to_terminal(reader, wanted);
    return export_to(reader, stdout, &wanted->options, &wanted->counts);
}

/* Checks that the options are compatible. */
static int check_request(const char *path, const char *target, const request *wanted)
{
    bool to_file = target != NULL && strcmp(target, "-") != 0;
    eventure_format format = wanted->options.format;
    bool graph = !wanted->to_store && (format == EVENTURE_FORMAT_DOT || format == EVENTURE_FORMAT_MERMAID);
    bool in_order = graph || wanted->to_store || format == EVENTURE_FORMAT_CHROME;
    if (to_file && eventure__path_is_same_file(path, target))
        return message_usage("export", "export: %s is the store itself", target);
    if (wanted->to_store && !to_file)
        return message_usage("export", "export: --format " STORE_FORMAT " needs a FILE");
    if (wanted->force && !wanted->to_store)
        return message_usage("export", "export: --replace is for --format " STORE_FORMAT);
    if (wanted->columns.count > 0 && (wanted->to_store || format != EVENTURE_FORMAT_CSV))
        return message_usage("export", "export: --columns is for --format csv");
    if ((wanted->options.csv_safe || wanted->options.csv_utf8_mark || wanted->options.csv_iso_times) &&
        (wanted->to_store || format != EVENTURE_FORMAT_CSV))
        return message_usage("export", "export: --%s is for --format csv",
                             wanted->options.csv_safe        ? "safe"
                             : wanted->options.csv_utf8_mark ? "utf8-mark"
                                                             : "iso-times");
    if ((wanted->options.trace_clock != EVENTURE_TRACE_BY_TIMESTAMP || wanted->options.trace_duration != NULL) &&
        (wanted->to_store || format != EVENTURE_FORMAT_CHROME))
        return message_usage("export", "export: --%s is for --format chrome",
                             wanted->options.trace_duration != NULL ? "duration" : "clock");
    if (wanted->options.trace_clock == EVENTURE_TRACE_BY_TICK && wanted->options.trace_duration != NULL)
        return message_usage("export", "export: --duration is for --clock timestamp");
    if (wanted->options.max_nodes > 0 && !graph)
        return message_usage("export", "export: --max-nodes is for --format dot and mermaid");
    if (wanted->filter.filter.reverse && in_order)
        return message_usage("export",
                             "export: --reverse is not supported for this format, which is in the order of time");
    return EXIT_DONE;
}

/* Reports columns that no event has: a misspelt column is otherwise only an empty column. */
static void warn_of_columns(const eventure_export_options *options)
{
    for (size_t i = 0; i < options->columns_count; i++)
        if (!options->columns_found[i])
            message("warning: no event that was exported has the key '%s'", options->columns[i]);
}

static int export_store(const char *path, const char *target, request *wanted)
{
    eventure_reader *reader = NULL;
    int exit_code = check_request(path, target, wanted);
    if (exit_code == EXIT_DONE)
        exit_code = store_open_reader(path, &reader);
    if (exit_code != EXIT_DONE)
        return exit_code;
    if (wanted->filter.filter.cascade_of != NULL)
        wanted->filter.filter.order = EVENTURE_ORDER_APPEND; /* causes first, as import requires */
    /* Without a filter, the progress contains the total. */
    wanted->options.filter = filter_chooses(&wanted->filter.filter) ? &wanted->filter.filter : NULL;
    wanted->options.columns = wanted->columns.keys;
    wanted->options.columns_count = wanted->columns.count;
    wanted->options.columns_found = calloc(wanted->columns.count + 1, sizeof *wanted->options.columns_found);
    if (wanted->options.columns_found == NULL)
    {
        eventure_reader_close(reader);
        return message_memory();
    }
    interrupt_catch();
    exit_code = export_as(reader, path, target, wanted);
    if (exit_code == EXIT_DONE && wanted->counts.events > 0)
        warn_of_columns(&wanted->options);
    if (exit_code == EXIT_DONE && wanted->options.filter != NULL && !wanted->to_store && fflush(stdout) == 0)
        hint_filter(reader, path, wanted->options.filter, wanted->counts.events);
    free(wanted->options.columns_found);
    eventure_reader_close(reader);
    interrupt_finish();
    return exit_code;
}

int cmd_export(int argc, char **argv)
{
    request wanted = {.filter = FILTER_OPTIONS_INIT, .options = EVENTURE_EXPORT_OPTIONS_INIT};
    const char *operands[2];
    option_spec specs[] = {{"format", OPTION_VALUE, set_format, &wanted, false},
                           {"safe", OPTION_FLAG, option_set_flag, &wanted.options.csv_safe, false},
                           {"utf8-mark", OPTION_FLAG, option_set_flag, &wanted.options.csv_utf8_mark, false},
                           {"iso-times", OPTION_FLAG, option_set_flag, &wanted.options.csv_iso_times, false},
                           {"clock", OPTION_VALUE, set_clock, &wanted.options.trace_clock, false},
                           {"duration", OPTION_VALUE, option_set_text, &wanted.options.trace_duration, false},
                           {"json", OPTION_FLAG, set_jsonl, &wanted, false},
                           {"columns", OPTION_LIST, export_columns_add, &wanted.columns, false},
                           {"max-nodes", OPTION_VALUE, option_set_count, &wanted.options.max_nodes, false},
                           {"replace", OPTION_FLAG, option_set_flag, &wanted.force, false},
                           {"cascade", OPTION_VALUE, option_set_text, &wanted.filter.filter.cascade_of, false},
                           FILTER_OPTION_ROWS(&wanted.filter),
                           OPTIONS_END};
    static const char *const names[] = {"DB", "[FILE]", NULL};
    command_line line = {"export", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (options_parse(&line, argc, argv, &exit_code))
        exit_code = export_store(operands[0], operands[1], &wanted);
    filter_options_free(&wanted.filter);
    export_columns_free(&wanted.columns);
    return exit_code;
}
