/*
 * Commands that answer with events: see question.h.
 */
#include "question.h"

#include <stddef.h>

#include "filter_options.h"
#include "message.h"
#include "options.h"
#include "output.h"
#include "store_file.h"

static int ask(const char *path, const eventure_filter *filter, const output_options *output)
{
    eventure_reader *reader = NULL;
    int exit_code = store_open_reader(path, &reader);
    if (exit_code == EXIT_DONE)
        exit_code = output_events(reader, filter, output);
    eventure_reader_close(reader);
    return exit_code;
}

/* Puts the event asked about into the filter, and checks what does not go together. */
static int prepare(const char *command, question about, const char *id, eventure_filter *filter,
                   const output_options *output)
{
    if (output->json && output->ids)
        return message_usage(command, "%s: --json and --ids exclude each other", command);
    if (about == QUESTION_CHILDREN && filter->children_of != NULL)
        return message_usage(command, "%s: --parent and ID exclude each other", command);
    if (about == QUESTION_CHILDREN)
        filter->children_of = id;
    if (about == QUESTION_ANCESTORS)
        filter->ancestors_of = id;
    return EXIT_DONE;
}

int question_run(const char *command, question about, int argc, char **argv)
{
    filter_options filter = FILTER_OPTIONS_INIT;
    output_options output = OUTPUT_OPTIONS_INIT;
    const char *operands[2] = {NULL, NULL};
    option_spec specs[] = {FILTER_OPTION_ROWS(&filter), OUTPUT_OPTION_ROWS(&output), OPTIONS_END};
    static const char *const of_store[] = {"DB", NULL};
    static const char *const of_event[] = {"DB", "ID", NULL};
    command_line line = {command, specs, about == QUESTION_ALL ? of_store : of_event, operands};
    int exit_code = EXIT_DONE;
    if (options_parse(&line, argc, argv, &exit_code))
    {
        exit_code = prepare(command, about, operands[1], &filter.filter, &output);
        if (exit_code == EXIT_DONE)
            exit_code = ask(operands[0], &filter.filter, &output);
    }
    filter_options_free(&filter);
    return exit_code;
}
