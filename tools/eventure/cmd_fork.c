/*
 * eventure fork: makes a new store that contains another one up to a tick or a save point.
 */
#include <stddef.h>

#include <eventure/query.h>

#include "command_options.h"
#include "commands.h"
#include "message.h"
#include "new_store.h"
#include "record_option.h"

typedef struct fork_options
{
    int64_t tick; /* -1: not given */
    const char *save;
    record_changes record;
} fork_options;

static eventure_status fork_store(eventure_reader *reader, const char *path, const eventure_copy_options *options,
                                  void *context)
{
    const fork_options *at = context;
    const eventure_data record = record_changes_data(&at->record);
    eventure_copy_options with_record = *options;
    with_record.record = &record;
    options = &with_record;
    return at->save != NULL ? eventure_store_fork_at_save_point(reader, path, at->save, options)
                            : eventure_store_fork_at_tick(reader, path, at->tick, options);
}

static eventure_status count(eventure_reader *reader, void *context, int64_t *out_events)
{
    const fork_options *at = context;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_save_point *save = NULL;
    int64_t later = 0;
    if (at->save == NULL)
    {
        filter.tick_end = at->tick == INT64_MAX ? 0 : at->tick + 1;
        return eventure_query_count(reader, &filter, out_events);
    }
    eventure_status status = eventure_save_point_find(reader, at->save, &save);
    if (status == EVENTURE_OK)
        status = eventure_query_count(reader, NULL, out_events);
    if (status == EVENTURE_OK)
    {
        filter.after_seq = save->seq;
        status = save->seq > 0 ? eventure_query_count(reader, &filter, &later) : EVENTURE_OK;
        *out_events = save->seq > 0 ? *out_events - later : 0;
    }
    eventure_free(save);
    return status;
}

int cmd_fork(int argc, char **argv)
{
    bool force = false;
    fork_options at = {.tick = -1};
    const char *operands[2];
    option_spec specs[] = {
        {"tick", OPTION_VALUE, option_set_tick, &at.tick, false},
        {"save-point", OPTION_VALUE, option_set_text, &at.save, false},
        {"set", OPTION_LIST, record_add_change, &at.record, false},
        {"replace", OPTION_FLAG, option_set_flag, &force, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", "NEW", NULL};
    command_line line = {"fork", specs, names, operands};
    int exit_code = EXIT_DONE;
    const new_store work = {"fork", fork_store, count, &at};
    if (options_parse(&line, argc, argv, &exit_code))
        exit_code = (at.tick >= 0) == (at.save != NULL)
                        ? message_usage("fork", "fork: --tick TICK or --save-point NAME is missing")
                        : new_store_make(operands[0], operands[1], force, &work);
    record_changes_free(&at.record);
    return exit_code;
}
