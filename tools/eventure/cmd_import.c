/*
 * eventure import: a history in lines of JSON becomes part of a store, all or nothing.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <eventure/transfer.h>

#include "commands.h"
#include "interrupt.h"
#include "limit_options.h"
#include "message.h"
#include "options.h"
#include "progress_line.h"
#include "store_file.h"
#include "text.h"

static int import_from(FILE *in, const char *path, const eventure_log_options *limits, eventure_import_options *options)
{
    eventure_transfer_counts counts = {0, 0};
    progress_line progress;
    store_writer writer;
    int exit_code = store_open_writer(path, limits, &writer);
    if (exit_code != EXIT_DONE)
        return exit_code;
    progress_begin(&progress, "import");
    options->progress = progress_show;
    options->progress_context = &progress;
    eventure_status status = eventure_import(writer.log, in, options, &counts);
    progress_end(&progress);
    if (status != EVENTURE_OK)
        exit_code = interrupt_came() ? EXIT_FILE : message_status(status, eventure_log_message(writer.log));
    exit_code = store_close_writer(&writer, exit_code);
    if (exit_code == EXIT_DONE)
    {
        char events[COUNT_BYTES];
        char ticks[COUNT_BYTES];
        fprintf(stderr, "%s, %s\n", text_count(events, counts.events, "event"),
                text_count(ticks, counts.ticks, "tick"));
    }
    return exit_code;
}

static const char *set_format(const char *value, void *target)
{
    if (strcmp(value, "jsonl") != 0 && strcmp(value, "cloudevents") != 0)
        return "is none of jsonl, cloudevents";
    return eventure_format_find(value, target) == EVENTURE_OK ? NULL : "is not known";
}

int cmd_import(int argc, char **argv)
{
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    eventure_log_options limits = EVENTURE_LOG_OPTIONS_INIT;
    const char *operands[2];
    option_spec specs[] = {
        {"format", OPTION_VALUE, set_format, &options.format, false},
        {"external-parents", OPTION_FLAG, option_set_flag, &options.external_parents, false},
        LIMIT_OPTIONS(limits),
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", "[FILE]", NULL};
    command_line line = {"import", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    exit_code = limit_options_check("import", &limits);
    if (exit_code != EXIT_DONE)
        return exit_code;
    bool from_file = operands[1] != NULL && strcmp(operands[1], "-") != 0;
    FILE *in = from_file ? fopen(operands[1], "rb") : stdin;
    if (in == NULL)
    {
        message("open %s: %s", operands[1], strerror(errno));
        return EXIT_FILE;
    }
    options.name = from_file ? operands[1] : "stdin";
    interrupt_catch();
    exit_code = import_from(in, operands[0], &limits, &options);
    if (from_file)
        fclose(in);
    interrupt_finish();
    return exit_code;
}
