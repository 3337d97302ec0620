/*
 * eventure join: joins the archives of a history and the rest of it into one store.
 */
#include <stdbool.h>
#include <stdio.h>

#include <eventure/archive.h>

#include "command_options.h"
#include "commands.h"
#include "interrupt.h"
#include "message.h"
#include "progress_line.h"
#include "store_file.h"
#include "text.h"

/* The parts, followed by the new store. */
#define MOST_OPERANDS 64

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
    eventure_status status = eventure_join(parts, count, path, &options, &events);
    progress_end(&progress);
    if (status != EVENTURE_OK)
        return message_status(status, eventure_reader_message(parts[0]));
    fprintf(stderr, "%s, digests checked\n", text_count(text, events, "event"));
    return EXIT_DONE;
}

int cmd_join(int argc, char **argv)
{
    static const char *const names[MOST_OPERANDS + 1] = {
        "PART",  "NEW",   "[NEW]", "[NEW]", "[NEW]", "[NEW]", "[NEW]", "[NEW]", "[NEW]", "[NEW]", "[NEW]",
        "[NEW]", "[NEW]", "[NEW]", "[NEW]", "[NEW]", "[NEW]", "[NEW]", "[NEW]", "[NEW]", "[NEW]", "[NEW]",
        "[NEW]", "[NEW]", "[NEW]", "[NEW]", "[NEW]", "[NEW]", "[NEW]", "[NEW]", "[NEW]", "[NEW]", NULL};
    bool replace = false;
    const char *operands[MOST_OPERANDS];
    option_spec specs[] = {{"replace", OPTION_FLAG, option_set_flag, &replace, false}, OPTIONS_END};
    command_line line = {"join", specs, names, operands};
    eventure_reader *parts[MOST_OPERANDS] = {NULL};
    size_t count = 0;
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    exit_code = EXIT_DONE;
    while (names[count + 1] != NULL && operands[count + 1] != NULL)
        count++;
    for (size_t i = 0; i < count && exit_code == EXIT_DONE; i++)
        exit_code = store_open_reader(operands[i], &parts[i]);
    if (exit_code == EXIT_DONE)
        exit_code = join(parts, count, operands[count], replace);
    for (size_t i = 0; i < count; i++)
        eventure_reader_close(parts[i]);
    interrupt_finish();
    return exit_code;
}
