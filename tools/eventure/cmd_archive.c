/*
 * eventure archive: old events move into another store.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <eventure/archive.h>

#include "commands.h"
#include "interrupt.h"
#include "message.h"
#include "new_store.h"
#include "options.h"
#include "progress_line.h"
#include "projection_list.h"
#include "store_file.h"
#include "text.h"

/* The projections whose states are kept, as the archive wants them; to be freed. */
static eventure_reducer_state *states_of(const projection_list *kept)
{
    eventure_reducer_state *states = calloc(kept->count + 1, sizeof *states);
    for (size_t i = 0; states != NULL && i < kept->count; i++)
    {
        states[i] = (eventure_reducer_state){sizeof(eventure_reducer_state),
                                             eventure_projection_reducer(kept->projections[i]), kept->projections[i]};
    }
    return states;
}

static int archive_log(eventure_log *log, const char *path, int64_t before_tick, eventure_archive_options *options)
{
    eventure_archive_counts counts = {0, 0};
    progress_line progress;
    interrupt_catch();
    progress_begin(&progress, "archive");
    options->progress = progress_show;
    options->progress_context = &progress;
    eventure_status status = eventure_archive(log, path, before_tick, options, &counts);
    progress_end(&progress);
    if (status != EVENTURE_OK)
        return message_status(status, eventure_log_message(log));
    char events[COUNT_BYTES];
    char ids[COUNT_BYTES];
    fprintf(stderr, "%s moved, %s kept\n", text_count(events, counts.events, "event"),
            text_count(ids, counts.kept_ids, "id"));
    return EXIT_DONE;
}

static int archive(const char *path, const char *target, int64_t before_tick, projection_list *kept,
                   eventure_archive_options *options)
{
    eventure_log *log = NULL;
    int exit_code = projection_list_open(kept);
    if (exit_code != EXIT_DONE)
        return exit_code;
    eventure_reducer_state *states = states_of(kept);
    if (states == NULL)
        return message_memory();
    options->states = states;
    options->states_count = kept->count;
    exit_code = store_open_existing(path, &log);
    if (exit_code == EXIT_DONE)
    {
        exit_code = archive_log(log, target, before_tick, options);
        exit_code = store_close_existing(path, log, exit_code);
        interrupt_finish();
    }
    free(states);
    return exit_code;
}

int cmd_archive(int argc, char **argv)
{
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    projection_list kept = {NULL, NULL, 0};
    int64_t before_tick = -1;
    const char *operands[2];
    option_spec specs[] = {
        {"before", OPTION_VALUE, new_store_set_tick, &before_tick, false},
        {"projection", OPTION_LIST, projection_list_add, &kept, false},
        {"without-snapshots", OPTION_FLAG, option_set_flag, &options.without_snapshots, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", "ARCHIVE", NULL};
    command_line line = {"archive", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (options_parse(&line, argc, argv, &exit_code))
    {
        exit_code = before_tick >= 0 ? archive(operands[0], operands[1], before_tick, &kept, &options)
                                     : message_usage("archive", "archive: --before TICK is missing");
    }
    projection_list_close(&kept);
    return exit_code;
}
