/*
 * eventure verify: whether everything in a store is as it must be.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include <eventure/integrity.h>

#include "commands.h"
#include "message.h"
#include "options.h"
#include "progress_line.h"
#include "store_file.h"
#include "text.h"

/* Says what was found; the exit code is 1 when something is wrong. */
static int say_report(const eventure_verify_report *report, bool quick)
{
    if (report->is_sound && quick)
        puts("sound, as far as a quick look tells");
    else if (report->is_sound)
        printf("sound: %" PRId64 " events, %" PRId64 " ticks\n", report->events, report->ticks);
    if (report->is_sound)
        return EXIT_DONE;
    message("%s", report->problem);
    if (report->trusted_tick >= 0)
        message("everything up to tick %" PRId64 " (event %" PRId64 ") is right", report->trusted_tick,
                report->trusted_seq);
    return EXIT_DATA;
}

int cmd_verify(int argc, char **argv)
{
    eventure_verify_options options = EVENTURE_VERIFY_OPTIONS_INIT;
    const char *operands[1];
    option_spec specs[] = {{"quick", OPTION_FLAG, option_set_flag, &options.quick, false}, OPTIONS_END};
    static const char *const names[] = {"DB", NULL};
    command_line line = {"verify", specs, names, operands};
    eventure_verify_report report;
    eventure_reader *reader = NULL;
    progress_line progress;
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    exit_code = store_open_reader(operands[0], &reader);
    if (exit_code != EXIT_DONE)
        return exit_code;
    progress_begin(&progress, "verify");
    options.progress = progress_show;
    options.progress_context = &progress;
    eventure_status status = eventure_verify(reader, &options, &report);
    progress_end(&progress);
    exit_code = status == EVENTURE_OK ? say_report(&report, options.quick)
                                      : message_status(status, eventure_reader_message(reader));
    eventure_reader_close(reader);
    return exit_code;
}
