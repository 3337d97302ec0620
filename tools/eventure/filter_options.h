/*
 * The options that choose events, shared by all commands that take them: --type --tick --since --until --data --parent
 * --roots --after --limit --reverse.
 */
#ifndef EVENTURE_TOOL_FILTER_OPTIONS_H
#define EVENTURE_TOOL_FILTER_OPTIONS_H

#include <stdbool.h>

#include <eventure/query.h>

#include "command_options.h"

typedef struct filter_options
{
    eventure_filter filter;         /* borrows from those below */
    const char **types;             /* owned; the texts belong to the command line */
    eventure_field *data;           /* owned, including the keys */
    eventure_condition *conditions; /* owned, including the keys */
    double since;
    double until;
} filter_options;

#define FILTER_OPTIONS_INIT                                                                                            \
    {                                                                                                                  \
        EVENTURE_FILTER_INIT, NULL, NULL, NULL, 0, 0                                                                   \
    }

/* The rows to include in a command's list of options. */
#define FILTER_OPTION_ROWS(options)                                                                                    \
    {"type", OPTION_LIST, filter_option_type, (options), false},                                                       \
        {"tick", OPTION_VALUE, filter_option_ticks, &(options)->filter, false},                                        \
        {"since", OPTION_VALUE, filter_option_since, (options), false},                                                \
        {"until", OPTION_VALUE, filter_option_until, (options), false},                                                \
        {"data", OPTION_LIST, filter_option_data, (options), false},                                                   \
        {"parent", OPTION_VALUE, option_set_text, &(options)->filter.children_of, false},                              \
        {"roots", OPTION_FLAG, option_set_flag, &(options)->filter.roots, false},                                      \
        {"after", OPTION_VALUE, option_set_count, &(options)->filter.after_seq, false},                                \
        {"limit", OPTION_VALUE, option_set_count, &(options)->filter.limit, false},                                    \
    {                                                                                                                  \
        "reverse", OPTION_FLAG, option_set_flag, &(options)->filter.reverse, false                                     \
    }

const char *filter_option_type(const char *value, void *target);  /* filter_options */
const char *filter_option_ticks(const char *value, void *target); /* eventure_filter */
const char *filter_option_since(const char *value, void *target); /* filter_options */
const char *filter_option_until(const char *value, void *target); /* filter_options */
const char *filter_option_data(const char *value, void *target);  /* filter_options */

/* Whether a filter excludes any events. */
bool filter_chooses(const eventure_filter *filter);

/* Reads `N`, `A..B`, `A..` or `..B`. Returns NULL, or a text that describes the error. */
const char *filter_read_ticks(const char *value, int64_t *out_min, int64_t *out_end);

/* Whether a value on the command line is JSON; otherwise it is a string, taken literally. */
bool filter_is_json(const char *text);

void filter_options_free(filter_options *options);

#endif
