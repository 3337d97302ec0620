/*
 * eventure snapshot: saves states of a projection in a store, so that it can be asked for any tick quickly.
 */
#include <inttypes.h>
#include <stdio.h>

#include <eventure/projection.h>
#include <eventure/snapshot.h>

#include "commands.h"
#include "interrupt.h"
#include "message.h"
#include "options.h"
#include "progress_line.h"
#include "projection_file.h"
#include "sql_answer.h"
#include "store_file.h"

static int list(const char *path)
{
    static const char query[] = "SELECT name, version, tick, seq, length(state) AS bytes, "
                                "strftime('%Y-%m-%dT%H:%M:%SZ', created, 'unixepoch') AS created "
                                "FROM snapshot ORDER BY name, version, tick, seq";
    eventure_reader *reader = NULL;
    sql_guard guard;
    int exit_code = store_open_reader(path, &reader); /* says so when the file is no store */
    eventure_reader_close(reader);
    if (exit_code != EXIT_DONE)
        return exit_code;
    exit_code = sql_guard_open(&guard, path);
    if (exit_code == EXIT_DONE)
        exit_code = sql_answer(&guard, query, sql_format_find("table"));
    sql_guard_close(&guard);
    return exit_code;
}

static int build(const char *path, const char *projection_path, eventure_snapshot_build_options *options)
{
    eventure_projection *projection = NULL;
    eventure_log *log = NULL;
    progress_line progress;
    int64_t taken = 0;
    int exit_code = projection_file_open("snapshot", projection_path, &projection);
    if (exit_code != EXIT_DONE)
        return exit_code;
    exit_code = store_open_existing(path, &log);
    if (exit_code == EXIT_DONE)
    {
        progress_begin(&progress, "snapshot");
        options->progress = progress_show;
        options->progress_context = &progress;
        eventure_status status =
            eventure_snapshots_build(log, eventure_projection_reducer(projection), projection, options, &taken);
        progress_end(&progress);
        if (status != EVENTURE_OK)
            exit_code = interrupt_came() ? EXIT_FILE : projection_failed(status, eventure_log_message(log));
        eventure_log_close(log); /* what was built is committed */
    }
    eventure_projection_close(projection);
    if (exit_code == EXIT_DONE)
        fprintf(stderr, "%" PRId64 " snapshots\n", taken);
    return exit_code;
}

int cmd_snapshot(int argc, char **argv)
{
    eventure_snapshot_build_options options = EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT;
    eventure_snapshot_policy options_policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    options.policy = &options_policy;
    const char *projection = NULL;
    bool is_list = false;
    const char *operands[1];
    option_spec specs[] = {
        {"projection", OPTION_VALUE, option_set_text, &projection, false},
        {"every", OPTION_VALUE, option_set_count, &options_policy.every_events, false},
        {"every-ticks", OPTION_VALUE, option_set_count, &options_policy.every_ticks, false},
        {"keep", OPTION_VALUE, option_set_count, &options_policy.keep_newest, false},
        {"rebuild", OPTION_FLAG, option_set_flag, &options.from_start, false},
        {"list", OPTION_FLAG, option_set_flag, &is_list, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", NULL};
    command_line line = {"snapshot", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    if (is_list)
        return list(operands[0]);
    if (options_policy.every_events == 0 && options_policy.every_ticks == 0)
        return message_usage("snapshot", "snapshot: --every N or --every-ticks N is missing");
    options_policy.drop_other_versions = true;
    interrupt_catch();
    exit_code = build(operands[0], projection, &options);
    interrupt_finish();
    return exit_code;
}
