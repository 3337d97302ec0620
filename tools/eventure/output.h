/*
 * Answers that are events, in the forms that log, children and ancestors share: a table for people, --json, --ids.
 */
#ifndef EVENTURE_TOOL_OUTPUT_H
#define EVENTURE_TOOL_OUTPUT_H

#include <stdbool.h>

#include <eventure/query.h>

#include "options.h"
#include "terminal.h"

typedef struct output_options
{
    bool json;
    bool ids;
    colour_when colour;
} output_options;

#define OUTPUT_OPTIONS_INIT                                                                                            \
    {                                                                                                                  \
        false, false, COLOUR_AUTO                                                                                      \
    }

/* The rows for a command's list of options. */
#define OUTPUT_OPTION_ROWS(options)                                                                                    \
    {"json", OPTION_FLAG, option_set_flag, &(options)->json, false},                                                   \
        {"ids", OPTION_FLAG, option_set_flag, &(options)->ids, false},                                                 \
    {                                                                                                                  \
        "color", OPTION_OPTIONAL, option_set_colour, &(options)->colour, false                                         \
    }

/* Printing events one by one. */
typedef struct output_printer
{
    output_options options;
    bool on_terminal;
    struct table *table; /* NULL for --json and --ids */
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
