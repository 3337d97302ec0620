/*
 * Prints events when they are committed: the option --follow of log.
 */
#ifndef EVENTURE_TOOL_FOLLOW_OUTPUT_H
#define EVENTURE_TOOL_FOLLOW_OUTPUT_H

#include <stdbool.h>

#include <eventure/query.h>

#include "command_options.h"
#include "output.h"

typedef struct follow_options
{
    bool follow;
    const char *name; /* NULL: none */
    bool from_end;
} follow_options;

#define FOLLOW_OPTIONS_INIT                                                                                            \
    {                                                                                                                  \
        false, NULL, false                                                                                             \
    }

/* The rows to include in a command's list of options. */
#define FOLLOW_OPTION_ROWS(options)                                                                                    \
    {"follow", OPTION_FLAG, option_set_flag, &(options)->follow, false},                                               \
        {"name", OPTION_VALUE, option_set_text, &(options)->name, false},                                              \
    {                                                                                                                  \
        "from-end", OPTION_FLAG, option_set_flag, &(options)->from_end, false                                          \
    }

/* Prints the events that the filter chooses until it is stopped, or the limit of the filter is reached. Returns the
   exit code. */
int follow_events(const char *path, const eventure_filter *filter, const follow_options *options,
                  const output_options *output);

#endif
