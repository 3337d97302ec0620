/*
 * eventure snapshot: saves states of a projection in a store, so that its state at any tick is computed quickly.
 */
#include <inttypes.h>
#include <stdio.h>

#include <eventure/projection.h>
#include <eventure/snapshot.h>

#include "command_options.h"
#include "commands.h"
#include "interrupt.h"
#include "message.h"
#include "noun.h"
#include "progress_line.h"
#include "projection_file.h"
#include "sql_answer.h"
#include "store_file.h"
#include "text.h"

static int list(const char *path, bool json)
{
    static const char query[] = "SELECT name, version, tick, seq, length(state) AS bytes, "
                                "strftime('%Y-%m-%dT%H:%M:%SZ', created, 'unixepoch') AS created "
                                "FROM snapshot ORDER BY name, version, tick, seq";
    eventure_reader *reader = NULL;
    sql_guard guard;
    int exit_code = store_open_reader(path, &reader); /* reports a file that is not a store */
    eventure_reader_close(reader);
    if (exit_code != EXIT_DONE)
        return exit_code;
    exit_code = sql_guard_open(&guard, path);
    if (exit_code == EXIT_DONE)
        exit_code = sql_answer(&guard, query, sql_format_find(json ? "jsonl" : "table"));
    sql_guard_close(&guard);
    return exit_code;
}

static int build(const char *path, const char *projection_path, eventure_snapshot_build_options *options)
{
    eventure_projection *projection = NULL;
    eventure_log *log = NULL;
    progress_line progress;
    int64_t taken = 0;
    char count[COUNT_BYTES];
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
            eventure_snapshot_build(log, eventure_projection_reducer(projection), projection, options, &taken);
        progress_end(&progress);
        if (status != EVENTURE_OK)
            exit_code = interrupt_came() ? EXIT_FILE : projection_failed(status, eventure_log_message(log));
        exit_code = store_close_existing(path, log, exit_code); /* the snapshots are committed already */
    }
    eventure_projection_close(projection);
    if (exit_code == EXIT_DONE)
        fprintf(stderr, "%s\n", text_count(count, taken, "snapshot"));
    return exit_code;
}

static int drop(const char *path, const char *name)
{
    eventure_log *log = NULL;
    int exit_code = store_open_existing(path, &log);
    if (exit_code != EXIT_DONE)
        return exit_code;
    eventure_status status = eventure_snapshot_drop(log, name);
    if (status == EVENTURE_OK)
        status = eventure_log_commit(log);
    if (status != EVENTURE_OK)
        exit_code = message_status(status, eventure_log_message(log));
    return store_close_existing(path, log, exit_code);
}

enum
{
    VERB_LIST = 0,
    VERB_ADD,
    VERB_DROP
};

static const char *const verbs[] = {"list", "add", "drop", NULL};

typedef struct snapshot_request
{
    eventure_snapshot_build_options options;
    eventure_snapshot_policy policy;
    const char *projection;
    bool json;
    bool is_list; /* `snapshot --list DB`, the older spelling */
    int verb;
    const char *path;
    const char *name;
} snapshot_request;

/* Reads `VERB DB [NAME]`, or only `DB`, the older spelling. */
static int read_operands(const char *const *operands, snapshot_request *out)
{
    out->verb = noun_find_verb(verbs, operands[0]);
    out->path = operands[1];
    out->name = operands[2];
    if (out->verb < 0 && operands[1] != NULL)
        return noun_refuse_verb("snapshot", verbs, operands[0]);
    if (out->verb < 0)
    {
        out->verb = out->is_list ? VERB_LIST : VERB_ADD;
        out->path = operands[0];
    }
    if (out->path == NULL)
        return message_usage("snapshot", "snapshot: DB is missing");
    if (out->verb == VERB_DROP && out->name == NULL)
        return message_usage("snapshot", "snapshot: NAME is missing");
    if (out->verb != VERB_DROP && out->name != NULL)
        return message_usage("snapshot", "snapshot: unexpected argument '%s'", out->name);
    return EXIT_DONE;
}

static int run(snapshot_request *request)
{
    if (request->verb == VERB_LIST)
        return list(request->path, request->json);
    if (request->json)
        return message_usage("snapshot", "snapshot: --json and --format are for list");
    if (request->verb == VERB_DROP)
        return drop(request->path, request->name);
    if (request->policy.every_events == 0 && request->policy.every_ticks == 0)
        return message_usage("snapshot", "snapshot: --every-events N or --every-ticks N is missing");
    request->policy.drop_other_versions = true;
    request->options.policy = &request->policy;
    interrupt_catch();
    int exit_code = build(request->path, request->projection, &request->options);
    interrupt_finish();
    return exit_code;
}

int cmd_snapshot(int argc, char **argv)
{
    snapshot_request request = {.options = EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT,
                                .policy = EVENTURE_SNAPSHOT_POLICY_INIT};
    const char *operands[3];
    option_spec specs[] = {
        {"projection", OPTION_VALUE, option_set_text, &request.projection, false},
        {"every-events", OPTION_VALUE, option_set_count, &request.policy.every_events, false},
        {"every-ticks", OPTION_VALUE, option_set_count, &request.policy.every_ticks, false},
        {"keep-newest", OPTION_VALUE, option_set_count, &request.policy.keep_newest, false},
        {"keep-every-ticks", OPTION_VALUE, option_set_count, &request.policy.keep_every_ticks, false},
        {"from-start", OPTION_FLAG, option_set_flag, &request.options.from_start, false},
        {"format", OPTION_VALUE, option_set_table_jsonl, &request.json, false},
        {"json", OPTION_FLAG, option_set_flag, &request.json, false},
        {"list", OPTION_HIDDEN_FLAG, option_set_flag, &request.is_list, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"VERB", "[DB]", "[NAME]", NULL};
    command_line line = {"snapshot", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    exit_code = read_operands(operands, &request);
    return exit_code == EXIT_DONE ? run(&request) : exit_code;
}
