/*
 * Answers that are events, in the forms that log, children, ancestors and cascade share: a table for people, JSON
 * Lines, ids; or how many there are, also by type or by tick.
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
    const char *format_option; /* how it was chosen: "--json"; NULL when it was not */
    output_summary summary;
    const char *summary_option;
    const char *clash_first; /* two options that exclude each other; NULL: there are none */
    const char *clash_second;
    export_columns columns; /* none: the usual ones */
    colour_when colour;
} output_options;

#define OUTPUT_OPTIONS_INIT                                                                                            \
    {                                                                                                                  \
        .colour = COLOUR_AUTO                                                                                          \
    }

/* The rows for a command's list of options. */
#define OUTPUT_OPTION_ROWS(options)                                                                                    \
    {"format", OPTION_VALUE, output_option_format, (options), false},                                                  \
        {"json", OPTION_FLAG, output_option_json, (options), false},                                                   \
        {"ids", OPTION_FLAG, output_option_ids, (options), false},                                                     \
        {"columns", OPTION_LIST, export_columns_add, &(options)->columns, false},                                      \
        {"count", OPTION_FLAG, output_option_count, (options), false},                                                 \
        {"group", OPTION_VALUE, output_option_group, (options), false},                                                \
    {                                                                                                                  \
        "color", OPTION_OPTIONAL, option_set_colour, &(options)->colour, false                                         \
    }

/* All for output_options. */
const char *output_option_format(const char *value, void *target);
const char *output_option_json(const char *value, void *target);
const char *output_option_ids(const char *value, void *target);
const char *output_option_count(const char *value, void *target);
const char *output_option_group(const char *value, void *target);

/* Whether the options go together. Returns the exit code; a usage error has been said. */
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

/* Returns the exit code; errors have been said. output_end follows in any case. */
int output_begin(output_printer *printer, const output_options *options);
int output_add(output_printer *printer, const eventure_event *event);

/* Writes what was kept back to measure the columns by: from now on they are as wide as they are. */
void output_settle(output_printer *printer);
void output_end(output_printer *printer);

/* Asks, and prints the answer; out_events receives how many events that was. Returns the exit code; errors have been
 * said. */
int output_events(eventure_reader *reader, const eventure_filter *filter, const output_options *options,
                  int64_t *out_events);

/* Prints one event as its JSON line. Returns the exit code. */
int output_json_line(const eventure_event *event);

/* As message_status, for a question: what is wrong with the question itself is a usage error. */
int output_query_failed(eventure_reader *reader, eventure_status status);

#endif
