/*
 * Commands that print events: see filtered_query.h.
 */
#include "filtered_query.h"

#include <stddef.h>
#include <stdio.h>

#include "command_options.h"
#include "filter_options.h"
#include "follow_output.h"
#include "hint.h"
#include "message.h"
#include "output.h"
#include "pager.h"
#include "store_file.h"

static int ask(const char *path, const eventure_filter *filter, const output_options *output)
{
    eventure_reader *reader = NULL;
    int64_t events = 0;
    int exit_code = store_open_reader(path, &reader);
    if (exit_code == EXIT_DONE)
        pager_begin();
    if (exit_code == EXIT_DONE)
        exit_code = output_events(reader, filter, output, &events);
    pager_end();
    if (exit_code == EXIT_DONE && fflush(stdout) == 0)
        hint_filter(reader, path, filter, events);
    eventure_reader_close(reader);
    return exit_code;
}

/* Puts the event of the query into the filter, and checks that the options are compatible. */
static int prepare(const char *command, question about, const char *id, eventure_filter *filter,
                   const output_options *output, const follow_options *follow)
{
    if (!follow->follow && (follow->name != NULL || follow->from_end))
        return message_usage(command, "%s: --name and --from-end are for --follow", command);
    if (follow->follow && filter->reverse)
        return message_usage(command, "%s: --follow and --reverse exclude each other", command);
    if (follow->follow && output->summary != OUTPUT_ALL)
        return message_usage(command, "%s: --follow and %s exclude each other", command, output->summary_option);
    if (about == QUESTION_CHILDREN && filter->children_of != NULL)
        return message_usage(command, "%s: --parent and ID exclude each other", command);
    if (about == QUESTION_CHILDREN)
        filter->children_of = id;
    if (about == QUESTION_ANCESTORS)
        filter->ancestors_of = id;
    return output_check(command, output);
}

int question_run(const char *command, question about, int argc, char **argv)
{
    filter_options filter = FILTER_OPTIONS_INIT;
    output_options output = OUTPUT_OPTIONS_INIT;
    const char *operands[2] = {NULL, NULL};
    follow_options follow = FOLLOW_OPTIONS_INIT;
    option_spec specs[] = {FILTER_OPTION_ROWS(&filter), OUTPUT_OPTION_ROWS(&output), FOLLOW_OPTION_ROWS(&follow),
                           OPTIONS_END};
    /* Only a list of all events can be followed. */
    if (about != QUESTION_ALL)
        specs[sizeof specs / sizeof specs[0] - 4] = (option_spec)OPTIONS_END;
    if (about == QUESTION_CHILDREN)
        options_hide(specs, "parent");
    static const char *const of_store[] = {"DB", NULL};
    static const char *const of_event[] = {"DB", "ID", NULL};
    command_line line = {command, specs, about == QUESTION_ALL ? of_store : of_event, operands};
    int exit_code = EXIT_DONE;
    if (options_parse(&line, argc, argv, &exit_code))
    {
        exit_code = prepare(command, about, operands[1], &filter.filter, &output, &follow);
        if (exit_code == EXIT_DONE)
            exit_code = follow.follow ? follow_events(operands[0], &filter.filter, &follow, &output)
                                      : ask(operands[0], &filter.filter, &output);
    }
    filter_options_free(&filter);
    output_options_free(&output);
    return exit_code;
}
