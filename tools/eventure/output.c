/*
 * Printing of events: see output.h.
 */
#include "output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/event.h>

#include "message.h"
#include "output_column.h"
#include "table.h"
#include "text.h"

/* The default columns of a table. */
static const char *const usual_columns[] = {"seq", "tick", "id", "type", "parent", "data"};

#define USUAL_COLUMNS (sizeof usual_columns / sizeof usual_columns[0])

/* output_check, which knows the command, reports two options that exclude each other. */
static const char *choose_format(output_options *options, output_format format, const char *option)
{
    if (options->format_option != NULL && options->format != format)
    {
        options->clash_first = options->format_option;
        options->clash_second = option;
    }
    options->format = format;
    options->format_option = option;
    return NULL;
}

const char *output_option_format(const char *value, void *target)
{
    if (strcmp(value, "table") == 0)
        return choose_format(target, OUTPUT_TABLE, "--format");
    if (strcmp(value, "jsonl") == 0 || strcmp(value, "json") == 0)
        return choose_format(target, OUTPUT_JSONL, "--format");
    if (strcmp(value, "ids") == 0)
        return choose_format(target, OUTPUT_IDS, "--format");
    return "is not one of table, jsonl, ids";
}

const char *output_option_json(const char *value, void *target)
{
    (void)value;
    return choose_format(target, OUTPUT_JSONL, "--json");
}

const char *output_option_ids(const char *value, void *target)
{
    (void)value;
    return choose_format(target, OUTPUT_IDS, "--ids");
}

static const char *choose_summary(output_options *options, output_summary summary, const char *option)
{
    if (options->summary != OUTPUT_ALL)
    {
        options->clash_first = options->summary_option;
        options->clash_second = option;
    }
    options->summary = summary;
    options->summary_option = option;
    return NULL;
}

const char *output_option_count(const char *value, void *target)
{
    (void)value;
    return choose_summary(target, OUTPUT_COUNT, "--count");
}

const char *output_option_group(const char *value, void *target)
{
    if (strcmp(value, "type") == 0)
        return choose_summary(target, OUTPUT_BY_TYPE, "--group");
    if (strcmp(value, "tick") == 0)
        return choose_summary(target, OUTPUT_BY_TICK, "--group");
    return "is not one of type, tick";
}

int output_check(const char *command, const output_options *options)
{
    const char *first = options->summary_option != NULL ? options->summary_option : options->format_option;
    if (options->clash_first != NULL)
        return message_usage(command, "%s: %s and %s exclude each other", command, options->clash_first,
                             options->clash_second);
    if (options->summary != OUTPUT_ALL && options->format == OUTPUT_IDS)
        return message_usage(command, "%s: %s and %s exclude each other", command, first, options->format_option);
    if (options->columns.count > 0 && (options->format == OUTPUT_IDS || options->summary != OUTPUT_ALL))
        return message_usage(command, "%s: --columns and %s exclude each other", command, first);
    return EXIT_DONE;
}

void output_options_free(output_options *options)
{
    export_columns_free(&options->columns);
}

int output_query_failed(eventure_reader *reader, eventure_status status)
{
    int exit_code = message_status(status, eventure_reader_message(reader));
    return status == EVENTURE_ERROR_JSON ? EXIT_USAGE : exit_code;
}

int output_json_line(const eventure_event *event)
{
    char *line = NULL;
    if (eventure_event_to_json(event, &line) != EVENTURE_OK)
        return message_last();
    /* A store from another program may contain data that is not JSON. In JSON, an escape has the same meaning as the
       character. */
    if (terminal_is(stdout))
        text_write(stdout, line, strlen(line));
    else
        fputs(line, stdout);
    fputc('\n', stdout);
    eventure_free(line);
    return EXIT_DONE;
}

static int print_id(const eventure_event *event, bool on_terminal)
{
    if (on_terminal)
        text_write(stdout, event->id, strlen(event->id));
    else
        fputs(event->id, stdout);
    fputc('\n', stdout);
    return EXIT_DONE;
}

/* In a table, a string of the data is printed without its quotes when this is unambiguous. */
static void strip_quotes(output_value *value)
{
    if (!value->is_json || value->len < 3 || value->text[0] != '"' || memchr(value->text, '\\', value->len) != NULL)
        return;
    value->text++;
    value->len -= 2;
}

static int add_to_table(const output_printer *printer, const eventure_event *event)
{
    table_cell *cells = calloc(printer->shown_count + 1, sizeof *cells);
    output_value *values = calloc(printer->shown_count + 1, sizeof *values);
    bool added = cells != NULL && values != NULL;
    for (size_t i = 0; added && i < printer->shown_count; i++)
    {
        output_column_value(&printer->shown[i], event, &values[i]);
        strip_quotes(&values[i]);
        cells[i] = (table_cell){values[i].text, values[i].len, values[i].is_number, false};
    }
    added = added && table_add(printer->table, cells);
    free(values);
    free(cells);
    return added ? EXIT_DONE : message_memory();
}

/* Prints the requested columns as one object; a missing value is null. */
static int print_object(const output_printer *printer, const eventure_event *event)
{
    output_value value;
    fputc('{', stdout);
    for (size_t i = 0; i < printer->shown_count; i++)
    {
        output_column_value(&printer->shown[i], event, &value);
        fputs(i > 0 ? ", " : "", stdout);
        text_write_json(stdout, printer->shown[i].name, strlen(printer->shown[i].name));
        fputs(": ", stdout);
        if (value.is_absent)
            fputs("null", stdout);
        else if (!value.is_json)
            text_write_json(stdout, value.text, value.len);
        else if (printer->on_terminal)
            text_write(stdout, value.text, value.len);
        else
            fwrite(value.text, 1, value.len, stdout);
    }
    fputs("}\n", stdout);
    return EXIT_DONE;
}

static bool choose_columns(output_printer *printer)
{
    const export_columns *asked = &printer->options.columns;
    printer->shown_count = asked->count > 0 ? asked->count : USUAL_COLUMNS;
    printer->shown = calloc(printer->shown_count, sizeof *printer->shown);
    for (size_t i = 0; printer->shown != NULL && i < printer->shown_count; i++)
        printer->shown[i] = output_column_of(asked->count > 0 ? asked->keys[i] : usual_columns[i]);
    return printer->shown != NULL;
}

static bool begin_table(output_printer *printer)
{
    table_column *headings = calloc(printer->shown_count, sizeof *headings);
    for (size_t i = 0; headings != NULL && i < printer->shown_count; i++)
        headings[i] = output_column_heading(&printer->shown[i]);
    if (headings != NULL)
        printer->table = table_new(stdout, headings, printer->shown_count, terminal_width(stdout),
                                   terminal_color(stdout, printer->options.color));
    free(headings);
    return printer->table != NULL;
}

int output_begin(output_printer *printer, const output_options *options)
{
    *printer = (output_printer){.options = *options, .on_terminal = terminal_is(stdout)};
    bool needs_columns = options->format == OUTPUT_TABLE || options->columns.count > 0;
    if (needs_columns && !choose_columns(printer))
        return message_memory();
    return options->format != OUTPUT_TABLE || begin_table(printer) ? EXIT_DONE : message_memory();
}

int output_add(output_printer *printer, const eventure_event *event)
{
    if (printer->options.format == OUTPUT_IDS)
        return print_id(event, printer->on_terminal);
    if (printer->options.format == OUTPUT_TABLE)
        return add_to_table(printer, event);
    return printer->shown != NULL ? print_object(printer, event) : output_json_line(event);
}

void output_settle(output_printer *printer)
{
    if (printer->table != NULL)
        table_end(printer->table, false);
}

void output_end(output_printer *printer)
{
    output_settle(printer);
    table_free(printer->table);
    free(printer->shown);
    printer->table = NULL;
    printer->shown = NULL;
}

static int print_count(eventure_reader *reader, const eventure_filter *filter, const output_options *options,
                       int64_t *out_events)
{
    eventure_status status = eventure_query_count(reader, filter, out_events);
    if (status != EVENTURE_OK)
        return output_query_failed(reader, status);
    printf(options->format == OUTPUT_JSONL ? "{\"count\": %" PRId64 "}\n" : "%" PRId64 "\n", *out_events);
    return EXIT_DONE;
}

/* The state of printing groups. */
typedef struct group_printer
{
    table *table; /* NULL: JSON Lines */
    int64_t events;
} group_printer;

static int print_group(const eventure_query_group *group, void *context)
{
    group_printer *printer = context;
    char tick[24];
    char count[24];
    snprintf(tick, sizeof tick, "%" PRId64, group->tick);
    snprintf(count, sizeof count, "%" PRId64, group->count);
    printer->events += group->count;
    if (!terminal_alive())
        return EVENTURE_ERROR_INTERRUPTED;
    if (printer->table != NULL)
    {
        const char *name = group->type != NULL ? group->type : tick;
        table_cell cells[2] = {{count, strlen(count), true, false}, {name, strlen(name), group->type == NULL, false}};
        return table_add(printer->table, cells) ? EVENTURE_OK : EVENTURE_ERROR_MEMORY;
    }
    fputs(group->type != NULL ? "{\"type\": " : "{\"tick\": ", stdout);
    if (group->type != NULL)
        text_write_json(stdout, group->type, strlen(group->type));
    else
        fputs(tick, stdout);
    printf(", \"count\": %s}\n", count);
    return EVENTURE_OK;
}

static int print_groups(eventure_reader *reader, const eventure_filter *filter, const output_options *options,
                        int64_t *out_events)
{
    bool by_type = options->summary == OUTPUT_BY_TYPE;
    const table_column columns[2] = {{"COUNT", NULL},
                                     by_type ? (table_column){"TYPE", "1"} : (table_column){"TICK", "33"}};
    group_printer printer = {NULL, 0};
    if (options->format == OUTPUT_TABLE)
    {
        printer.table = table_new(stdout, columns, 2, terminal_width(stdout), terminal_color(stdout, options->color));
        if (printer.table == NULL)
            return message_memory();
    }
    eventure_status status = eventure_query_count_groups(
        reader, filter, by_type ? EVENTURE_GROUP_TYPE : EVENTURE_GROUP_TICK, print_group, &printer);
    if (printer.table != NULL)
        table_end(printer.table, false);
    table_free(printer.table);
    *out_events = printer.events;
    if (status == EVENTURE_OK || (status == EVENTURE_ERROR_INTERRUPTED && !terminal_alive()))
        return EXIT_DONE;
    return status == EVENTURE_ERROR_MEMORY ? message_memory() : output_query_failed(reader, status);
}

int output_events(eventure_reader *reader, const eventure_filter *filter, const output_options *options,
                  int64_t *out_events)
{
    *out_events = 0;
    if (options->summary == OUTPUT_COUNT)
        return print_count(reader, filter, options, out_events);
    if (options->summary != OUTPUT_ALL)
        return print_groups(reader, filter, options, out_events);
    eventure_cursor *cursor = NULL;
    eventure_event event;
    output_printer printer;
    eventure_status status = eventure_query(reader, filter, &cursor);
    if (status != EVENTURE_OK)
        return output_query_failed(reader, status);
    int exit_code = output_begin(&printer, options);
    while (exit_code == EXIT_DONE && terminal_alive() &&
           (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
    {
        exit_code = output_add(&printer, &event);
        ++*out_events;
    }
    if (status < 0)
        exit_code = message_status(status, eventure_reader_message(reader));
    output_end(&printer);
    eventure_cursor_free(cursor);
    return exit_code;
}
