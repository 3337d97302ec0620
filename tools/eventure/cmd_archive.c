/*
 * eventure archive: old events move into another store.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/archive.h>
#include <eventure/query.h>

#include "base/clock.h"
#include "command_options.h"
#include "commands.h"
#include "interrupt.h"
#include "message.h"
#include "new_store.h"
#include "progress_line.h"
#include "projection_list.h"
#include "store_file.h"
#include "text.h"
#include "time_option.h"

/* Returns the projections whose states are kept, as an array for eventure_log_archive; the caller frees it. */
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

typedef struct archive_request
{
    const char *before; /* a tick, or a time; NULL: not given */
    const char *keep;   /* a length of time; NULL: not given */
    int64_t before_tick;
    bool by_time;
    double before_time;
    eventure_archive_options options;
} archive_request;

/* A whole number is a tick; any other text must be a time. */
static const char *set_before(const char *value, void *target)
{
    archive_request *request = target;
    request->before = value;
    if (option_set_tick(value, &request->before_tick) == NULL)
        return NULL;
    request->by_time = true;
    return time_option_read(value, &request->before_time) == NULL
               ? NULL
               : "is neither a tick, a whole number from 0 on, nor a time such as 2021-03-01T10:00:00Z (RFC 3339), "
                 "2021-03-01 (a date, UTC), or -30d (thirty days ago; s, m, h, d, w)";
}

static const char *set_keep(const char *value, void *target)
{
    archive_request *request = target;
    double seconds = 0;
    const char *wrong = time_option_read_length(value, &seconds);
    if (wrong != NULL)
        return wrong;
    request->keep = value;
    request->by_time = true;
    request->before_time = eventure__clock_now() - seconds;
    return NULL;
}

/* Finds the first tick that stays: the tick of the first event at or after the time. When all events are older, only
   the current tick stays. */
static eventure_status find_tick(eventure_log *log, archive_request *request)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event event = {0};
    filter.timestamp_min = &request->before_time;
    filter.limit = 1;
    eventure_status status = eventure_query(eventure_log_reader(log), &filter, &cursor);
    if (status == EVENTURE_OK)
        status = eventure_cursor_next(cursor, &event);
    request->before_tick = status == EVENTURE_ROW ? event.tick : eventure_log_tick(log);
    eventure_cursor_free(cursor);
    return status < 0 ? status : EVENTURE_OK;
}

static int archive_failed(eventure_log *log, eventure_status status, const archive_request *request)
{
    int exit_code = message_status(status, eventure_log_message(log));
    if (status == EVENTURE_ERROR_ARGUMENT && !request->options.without_snapshots &&
        strstr(eventure_log_message(log), "lose its state"))
        message("keep its state with --projection FILE, or give it up with --without-snapshots");
    return exit_code;
}

static int archive_log(eventure_log *log, const char *path, archive_request *request)
{
    eventure_archive_counts counts = {0, 0};
    progress_line progress;
    char events[COUNT_BYTES];
    char ids[COUNT_BYTES];
    eventure_status status = request->by_time ? find_tick(log, request) : EVENTURE_OK;
    interrupt_catch();
    progress_begin(&progress, "archive");
    request->options.progress = progress_show;
    request->options.progress_context = &progress;
    /* With a time, it is not an error that no event is old enough. */
    bool has_nothing = status == EVENTURE_OK && request->by_time && request->before_tick == 0;
    if (status == EVENTURE_OK && !has_nothing)
        status = eventure_log_archive(log, path, request->before_tick, &request->options, &counts);
    progress_end(&progress);
    request->options.progress_context = NULL;
    if (status != EVENTURE_OK)
        return archive_failed(log, status, request);
    fprintf(stderr, "%s moved, %s kept\n", text_count(events, counts.events, "event"),
            text_count(ids, counts.kept_ids, "id"));
    return EXIT_DONE;
}

static int archive(const char *path, const char *target, projection_list *kept, archive_request *request)
{
    eventure_log *log = NULL;
    int exit_code = projection_list_open(kept);
    if (exit_code != EXIT_DONE)
        return exit_code;
    eventure_reducer_state *states = states_of(kept);
    if (states == NULL)
        return message_memory();
    request->options.states = states;
    request->options.states_count = kept->count;
    exit_code = store_open_existing(path, &log);
    if (exit_code == EXIT_DONE)
    {
        exit_code = archive_log(log, target, request);
        exit_code = store_close_existing(path, log, exit_code);
        interrupt_finish();
    }
    free(states);
    return exit_code;
}

int cmd_archive(int argc, char **argv)
{
    archive_request request = {.options = EVENTURE_ARCHIVE_OPTIONS_INIT};
    projection_list kept = {NULL, NULL, 0};
    const char *operands[2];
    option_spec specs[] = {
        {"before", OPTION_VALUE, set_before, &request, false},
        {"keep", OPTION_VALUE, set_keep, &request, false},
        {"projection", OPTION_LIST, projection_list_add, &kept, false},
        {"without-snapshots", OPTION_FLAG, option_set_flag, &request.options.without_snapshots, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", "ARCHIVE", NULL};
    command_line line = {"archive", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (options_parse(&line, argc, argv, &exit_code))
    {
        if ((request.before != NULL) == (request.keep != NULL))
            exit_code = message_usage("archive", request.before == NULL
                                                     ? "archive: --before TICK, --before TIME or --keep TIME is missing"
                                                     : "archive: --before and --keep exclude each other");
        else
            exit_code = archive(operands[0], operands[1], &kept, &request);
    }
    projection_list_close(&kept);
    return exit_code;
}
