/*
 * eventure archive: old events move into another store.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <eventure/archive.h>
#include <eventure/projection.h>

#include "commands.h"
#include "interrupt.h"
#include "message.h"
#include "new_store.h"
#include "options.h"
#include "progress_line.h"
#include "store_file.h"

/* The projections whose states are kept. */
typedef struct kept_states
{
    const char **paths;
    eventure_projection **projections;
    eventure_archive_state *states;
    size_t count;
} kept_states;

static const char *add_path(const char *value, void *target)
{
    kept_states *kept = target;
    const char **paths = realloc(kept->paths, (kept->count + 1) * sizeof *paths);
    if (paths == NULL)
        return "cannot be kept: out of memory";
    kept->paths = paths;
    kept->paths[kept->count++] = value;
    return NULL;
}

static int open_projections(kept_states *kept)
{
    kept->projections = calloc(kept->count + 1, sizeof *kept->projections);
    kept->states = calloc(kept->count + 1, sizeof *kept->states);
    if (kept->projections == NULL || kept->states == NULL)
        return message_memory();
    for (size_t i = 0; i < kept->count; i++)
    {
        eventure_status status = eventure_projection_open(kept->paths[i], NULL, &kept->projections[i]);
        if (status != EVENTURE_OK)
        {
            message("%s", eventure_projection_message(kept->projections[i]));
            return status == EVENTURE_ERROR_ARGUMENT || status == EVENTURE_ERROR_LIMIT ? EXIT_DATA : EXIT_FILE;
        }
        kept->states[i].reducer = eventure_projection_reducer(kept->projections[i]);
        kept->states[i].context = kept->projections[i];
    }
    return EXIT_DONE;
}

static void close_projections(kept_states *kept)
{
    for (size_t i = 0; kept->projections != NULL && i < kept->count; i++)
        eventure_projection_close(kept->projections[i]);
    free(kept->projections);
    free(kept->states);
    free(kept->paths);
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
    fprintf(stderr, "%" PRId64 " events moved, %" PRId64 " ids kept\n", counts.events, counts.kept_ids);
    return EXIT_DONE;
}

static int archive(const char *path, const char *target, int64_t before_tick, kept_states *kept,
                   eventure_archive_options *options)
{
    eventure_log *log = NULL;
    int exit_code = open_projections(kept);
    if (exit_code != EXIT_DONE)
        return exit_code;
    options->states = kept->states;
    options->states_count = kept->count;
    exit_code = store_open_existing(path, &log);
    if (exit_code != EXIT_DONE)
        return exit_code;
    exit_code = archive_log(log, target, before_tick, options);
    eventure_log_close(log);
    interrupt_finish();
    return exit_code;
}

int cmd_archive(int argc, char **argv)
{
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    kept_states kept = {NULL, NULL, NULL, 0};
    int64_t before_tick = -1;
    const char *operands[2];
    option_spec specs[] = {
        {"before", OPTION_VALUE, new_store_set_tick, &before_tick, false},
        {"projection", OPTION_LIST, add_path, &kept, false},
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
    close_projections(&kept);
    return exit_code;
}
