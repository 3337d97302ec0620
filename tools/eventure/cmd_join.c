/*
 * eventure join: joins the archives of a history and the rest of it into one store.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <eventure/integrity.h>

#include "command_options.h"
#include "commands.h"
#include "interrupt.h"
#include "message.h"
#include "progress_line.h"
#include "store_file.h"
#include "text.h"

static int join(eventure_reader *const *parts, size_t count, const char *path, bool replace)
{
    eventure_copy_options options = EVENTURE_COPY_OPTIONS_INIT;
    progress_line progress;
    int64_t events = 0;
    char text[COUNT_BYTES];
    options.replace = replace;
    options.progress = progress_show;
    options.progress_context = &progress;
    interrupt_catch();
    progress_begin(&progress, "join");
    eventure_status status = eventure_store_join(parts, count, path, &options, &events);
    progress_end(&progress);
    if (status != EVENTURE_OK)
        return message_status(status, eventure_reader_message(parts[0]));
    fprintf(stderr, "%s, digests checked\n", text_count(text, events, "event"));
    return EXIT_DONE;
}

static int open_and_join(char **paths, size_t count, const char *path, bool replace)
{
    eventure_reader **parts = calloc(count, sizeof *parts);
    int exit_code = EXIT_DONE;
    if (parts == NULL)
        return message_memory();
    for (size_t i = 0; i < count && exit_code == EXIT_DONE; i++)
        exit_code = store_open_reader(paths[i], &parts[i]);
    if (exit_code == EXIT_DONE)
        exit_code = join(parts, count, path, replace);
    for (size_t i = 0; i < count; i++)
        eventure_reader_close(parts[i]);
    free(parts);
    return exit_code;
}

int cmd_join(int argc, char **argv)
{
    static const char *const names[] = {"PART...", NULL};
    bool replace = false;
    option_spec specs[] = {{"replace", OPTION_FLAG, option_set_flag, &replace, false}, OPTIONS_END};
    command_line line = {"join", specs, names, NULL};
    operand_list paths;
    int exit_code = EXIT_DONE;
    if (!options_parse_list(&line, &paths, argc, argv, &exit_code))
        return exit_code;
    if (paths.count < 2)
        return message_usage("join", "join: NEW is missing");
    exit_code = open_and_join(paths.operands, paths.count - 1, paths.operands[paths.count - 1], replace);
    interrupt_finish();
    return exit_code;
}
