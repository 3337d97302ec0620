/*
 * eventure index: indexes on data.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <eventure/data_index.h>

#include "command_options.h"
#include "commands.h"
#include "interrupt.h"
#include "message.h"
#include "noun.h"
#include "progress_line.h"
#include "store_file.h"
#include "terminal.h"
#include "text.h"

static int add(eventure_log *log, const char *key, const char *pattern)
{
    progress_line progress;
    eventure_data_index_options options = EVENTURE_DATA_INDEX_OPTIONS_INIT;
    options.progress = progress_show;
    options.progress_context = &progress;
    progress_begin(&progress, "index");
    eventure_status status = eventure_data_index_add(log, key, pattern, &options);
    progress_end(&progress);
    if (status == EVENTURE_OK || interrupt_came())
        return status == EVENTURE_OK ? EXIT_DONE : EXIT_FILE;
    return message_status(status, eventure_log_message(log));
}

static int change(const char *path, const char *action, const char *key, const char *pattern)
{
    eventure_log *log = NULL;
    int exit_code = store_open_existing(path, &log);
    if (exit_code != EXIT_DONE)
        return exit_code;
    interrupt_catch();
    if (strcmp(action, "add") == 0)
        exit_code = add(log, key, pattern);
    else
    {
        eventure_status status = eventure_data_index_drop(log, key, pattern);
        exit_code = status == EVENTURE_OK ? EXIT_DONE : message_status(status, eventure_log_message(log));
    }
    exit_code = store_close_existing(path, log, exit_code);
    interrupt_finish();
    return exit_code;
}

static int print_json(const eventure_data_index *index, void *context)
{
    (void)context;
    fputs("{\"key\": ", stdout);
    text_write_json(stdout, index->key, strlen(index->key));
    fputs(", \"pattern\": ", stdout);
    text_write_json(stdout, index->pattern, strlen(index->pattern));
    printf(", \"events\": %" PRId64 ", \"complete\": %s, \"indexed_seq\": %" PRId64 "}\n", index->events,
           index->complete ? "true" : "false", index->indexed_seq);
    return terminal_alive() ? EVENTURE_OK : EVENTURE_ERROR_INTERRUPTED;
}

static int print_text(const eventure_data_index *index, void *context)
{
    char events[COUNT_BYTES];
    (void)context;
    text_write_json(stdout, index->key, strlen(index->key));
    fputs(" of ", stdout);
    text_write(stdout, index->pattern, strlen(index->pattern));
    printf(": %s", text_count(events, index->events, "event"));
    if (!index->complete)
        printf(", not finished: up to event %" PRId64, index->indexed_seq);
    fputc('\n', stdout);
    return terminal_alive() ? EVENTURE_OK : EVENTURE_ERROR_INTERRUPTED;
}

static int list(const char *path, bool json)
{
    eventure_reader *reader = NULL;
    int exit_code = store_open_reader(path, &reader);
    if (exit_code != EXIT_DONE)
        return exit_code;
    eventure_status status = eventure_data_index_list(reader, json ? print_json : print_text, NULL);
    if (status != EVENTURE_OK && status != EVENTURE_ERROR_INTERRUPTED)
        exit_code = message_status(status, eventure_reader_message(reader));
    eventure_reader_close(reader);
    return exit_code;
}

static const char *const verbs[] = {"list", "add", "drop", NULL};

int cmd_index(int argc, char **argv)
{
    const char *pattern = NULL;
    bool json = false;
    const char *operands[3];
    option_spec specs[] = {{"type", OPTION_VALUE, option_set_text, &pattern, false},
                           {"format", OPTION_VALUE, option_set_text_jsonl, &json, false},
                           {"json", OPTION_FLAG, option_set_flag, &json, false},
                           OPTIONS_END};
    static const char *const names[] = {"VERB", "DB", "[KEY]", NULL};
    command_line line = {"index", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    bool was_swapped = noun_find_verb(verbs, operands[0]) < 0 && noun_find_verb(verbs, operands[1]) >= 0;
    const char *action = operands[was_swapped ? 1 : 0]; /* `index DB add KEY`, the older spelling, works too */
    const char *path = operands[was_swapped ? 0 : 1];
    const char *key = operands[2];
    bool lists = strcmp(action, "list") == 0;
    if (noun_find_verb(verbs, action) < 0)
        return noun_refuse_verb("index", verbs, action);
    if (lists && (key != NULL || pattern != NULL))
        return message_usage("index", "index: list takes no KEY, and no --type");
    if (!lists && key == NULL)
        return message_usage("index", "index: KEY is missing");
    if (!lists && json)
        return message_usage("index", "index: --json and --format are for list");
    return lists ? list(path, json) : change(path, action, key, pattern);
}
