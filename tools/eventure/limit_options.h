/*
 * Options for the limits of the commands that append: `--max-data-bytes N` and its like.
 */
#ifndef EVENTURE_TOOL_LIMIT_OPTIONS_H
#define EVENTURE_TOOL_LIMIT_OPTIONS_H

#include <eventure/log.h>

#include "command_options.h"

/* Rows of a table of option_spec; `limits` is an eventure_log_options. */
#define LIMIT_OPTIONS(limits)                                                                                          \
    {"max-data-bytes", OPTION_VALUE, option_set_count, &(limits).max_data_bytes, false},                               \
        {"max-type-bytes", OPTION_VALUE, limit_set_int, &(limits).max_type_bytes, false},                              \
        {"max-depth", OPTION_VALUE, limit_set_int, &(limits).max_depth, false},                                        \
        {"max-tick-events", OPTION_VALUE, option_set_count, &(limits).max_tick_events, false},                         \
    {                                                                                                                  \
        "max-file-bytes", OPTION_VALUE, option_set_count, &(limits).max_file_bytes, false                              \
    }

/* Reads a number of 1 or more into an int. */
const char *limit_set_int(const char *value, void *target);

/* Reports limits that are out of range. Returns the exit code. */
int limit_options_check(const char *command, const eventure_log_options *limits);

#endif
