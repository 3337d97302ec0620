/*
 * Output of events in the formats that log, children, ancestors and cascade share: a table, JSON Lines, ids; or their
 * number, also by type or by tick.
 */
#ifndef EVENTURE_TOOL_OUTPUT_H
#define EVENTURE_TOOL_OUTPUT_H

#include <stdbool.h>

#include <eventure/query.h>

#include "command_options.h"
#include "export_columns.h"
#include "terminal.h"

typedef enum output_format
{
    OUTPUT_TABLE = 0,
    OUTPUT_JSONL,
    OUTPUT_IDS
} output_format;

typedef enum output_summary
{
    OUTPUT_ALL = 0, /* the events themselves */
    OUTPUT_COUNT,
    OUTPUT_BY_TYPE,
    OUTPUT_BY_TICK
} output_summary;

typedef struct output_options
{
    output_format format;
    const char *format_option; /* the option that chose the format: "--json"; NULL for the default */
    output_summary summary;
    const char *summary_option;
    const char *clash_first; /* two options that exclude each other; NULL: there are none */
    const char *clash_second;
    export_columns columns; /* empty: the default columns */
    color_when color;
} output_options;

#define OUTPUT_OPTIONS_INIT                                                                                            \
    {                                                                                                                  \
        .color = COLOR_AUTO                                                                                            \
    }

/* The rows to include in a command's list of options. */
#define OUTPUT_OPTION_ROWS(options)                                                                                    \
    {"format", OPTION_VALUE, output_option_format, (options), false},                                                  \
        {"json", OPTION_FLAG, output_option_json, (options), false},                                                   \
        {"ids", OPTION_FLAG, output_option_ids, (options), false},                                                     \
        {"columns", OPTION_LIST, export_columns_add, &(options)->columns, false},                                      \
        {"count", OPTION_FLAG, output_option_count, (options), false},                                                 \
        {"group", OPTION_VALUE, output_option_group, (options), false},                                                \
    {                                                                                                                  \
        "color", OPTION_OPTIONAL, option_set_color, &(options)->color, false                                           \
    }

/* Functions whose target is an output_options. */
const char *output_option_format(const char *value, void *target);
const char *output_option_json(const char *value, void *target);
const char *output_option_ids(const char *value, void *target);
const char *output_option_count(const char *value, void *target);
const char *output_option_group(const char *value, void *target);

/* Checks that the options are compatible. Returns the exit code; a usage error has been reported. */
int output_check(const char *command, const output_options *options);

void output_options_free(output_options *options);

/* Printing events one by one. */
typedef struct output_printer
{
    output_options options;
    bool on_terminal;
    struct table *table;         /* NULL for JSON Lines and ids */
    struct output_column *shown; /* the columns; NULL for whole events as JSON Lines, and for ids */
    size_t shown_count;
} output_printer;

/* Returns the exit code; errors have been reported. output_end must be called in any case. */
int output_begin(output_printer *printer, const output_options *options);
int output_add(output_printer *printer, const eventure_event *event);

/* Writes the rows that were kept to measure the columns; the widths are fixed afterwards. */
void output_settle(output_printer *printer);
void output_end(output_printer *printer);

/* Runs a query and prints its result; out_events receives the number of events. Returns the exit code; errors have been
   reported. */
int output_events(eventure_reader *reader, const eventure_filter *filter, const output_options *options,
                  int64_t *out_events);

/* Prints one event as its JSON line. Returns the exit code. */
int output_json_line(const eventure_event *event);

/* As message_status, for a query: an invalid query is a usage error. */
int output_query_failed(eventure_reader *reader, eventure_status status);

#endif
