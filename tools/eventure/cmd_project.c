/*
 * eventure project: keeps a projection up to date in a database file.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include <eventure/projection.h>

#include "command_options.h"
#include "commands.h"
#include "interrupt.h"
#include "message.h"
#include "progress_line.h"
#include "projection_file.h"
#include "store_file.h"
#include "text.h"

/* The longest delay before a signal is noticed that arrives just before the wait. */
#define LOOK_EVERY_MS 1000

typedef struct project_options
{
    const char *projection;
    const char *into;
    bool follow;
    int64_t batch_events;
} project_options;

static int run(eventure_projector *projector, bool follow, progress_line *progress)
{
    char count[COUNT_BYTES];
    int64_t all = 0;
    int64_t events = 0;
    eventure_status status = eventure_projector_update(projector, &events);
    const char *why = eventure_projector_rebuilt(projector);
    progress_end(progress);
    if (why != NULL)
        message("built from the start: %s", why);
    all = events;
    while (status == EVENTURE_OK && follow && !interrupt_came())
    {
        if (!eventure_projector_wait(projector, LOOK_EVERY_MS))
            continue;
        status = eventure_projector_update(projector, &events);
        all += events;
    }
    progress_end(progress);
    if (status != EVENTURE_OK && !interrupt_came())
        return projection_failed(status, eventure_projector_message(projector));
    fprintf(stderr, "%s, up to event %" PRId64 "\n", text_count(count, all, "event"),
            eventure_projector_seq(projector));
    return EXIT_DONE;
}

static int project(eventure_reader *reader, eventure_projection *projection, const project_options *options)
{
    eventure_projector_options projecting = EVENTURE_PROJECTOR_OPTIONS_INIT;
    eventure_projector *projector = NULL;
    progress_line progress;
    progress_begin(&progress, "project");
    projecting.batch_events = options->batch_events;
    projecting.progress = progress_show;
    projecting.progress_context = &progress;
    eventure_status status = eventure_projector_open(reader, projection, options->into, &projecting, &projector);
    int exit_code = status == EVENTURE_OK ? run(projector, options->follow, &progress)
                                          : message_status(status, eventure_projector_message(projector));
    status = eventure_projector_close(projector);
    return status == EVENTURE_OK || exit_code != EXIT_DONE ? exit_code
                                                           : message_status(status, eventure_last_message());
}

int cmd_project(int argc, char **argv)
{
    project_options options = {NULL, NULL, false, 0};
    const char *operands[1];
    option_spec specs[] = {
        {"projection", OPTION_VALUE, option_set_text, &options.projection, false},
        {"into", OPTION_VALUE, option_set_text, &options.into, false},
        {"follow", OPTION_FLAG, option_set_flag, &options.follow, false},
        {"batch-events", OPTION_VALUE, option_set_count, &options.batch_events, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", NULL};
    command_line line = {"project", specs, names, operands};
    eventure_projection *projection = NULL;
    eventure_reader *reader = NULL;
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    if (options.into == NULL)
        return message_usage("project", "project: --into FILE is missing");
    exit_code = projection_file_open("project", options.projection, &projection);
    if (exit_code == EXIT_DONE)
        exit_code = store_open_reader(operands[0], &reader);
    if (exit_code == EXIT_DONE)
    {
        interrupt_catch();
        exit_code = project(reader, projection, &options);
    }
    eventure_projection_close(projection);
    eventure_reader_close(reader);
    interrupt_finish();
    return exit_code;
}
