/*
 * eventure repair: copies the intact events of a damaged store into a new one.
 */
#include <inttypes.h>
#include <stdio.h>

#include <eventure/integrity.h>

#include "command_options.h"
#include "commands.h"
#include "interrupt.h"
#include "message.h"
#include "progress_line.h"
#include "store_file.h"

static int say_loss(const eventure_repair_loss *loss, void *context)
{
    progress_end(context);
    message("lost tick %" PRId64 " (events %" PRId64 " to %" PRId64 "): %s", loss->tick, loss->first_seq,
            loss->last_seq, loss->why);
    return 0;
}

/* The exit code is 1 when something was lost. */
static int say_report(const eventure_repair_report *report)
{
    printf("saved %" PRId64 " events, %" PRId64 " ticks; lost %s%" PRId64 " events, %s%" PRId64 " ticks\n",
           report->events, report->ticks, report->has_lost_end ? "at least " : "", report->lost_events,
           report->has_gaps ? "at least " : "", report->lost_ticks);
    if (report->unproven_ticks > 0)
        message("of the ticks saved, %" PRId64 " could not be checked: the digests of the tick before are lost",
                report->unproven_ticks);
    if (report->has_lost_record)
        message("the record of the run cannot be read, and is lost");
    return report->has_lost_record || report->lost_events > 0 || report->lost_ticks > 0 || report->has_gaps ? EXIT_DATA
                                                                                                            : EXIT_DONE;
}

int cmd_repair(int argc, char **argv)
{
    eventure_repair_options options = EVENTURE_REPAIR_OPTIONS_INIT;
    const char *operands[2];
    option_spec specs[] = {OPTIONS_END};
    static const char *const names[] = {"DB", "NEW", NULL};
    command_line line = {"repair", specs, names, operands};
    eventure_repair_report report;
    eventure_reader *reader = NULL;
    progress_line progress;
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    exit_code = store_open_damaged(operands[0], &reader);
    if (exit_code != EXIT_DONE)
        return exit_code;
    interrupt_catch();
    progress_begin(&progress, "repair");
    options.loss = say_loss;
    options.loss_context = &progress;
    options.progress = progress_show;
    options.progress_context = &progress;
    eventure_status status = eventure_store_repair(reader, operands[1], &options, &report);
    progress_end(&progress);
    exit_code = status == EVENTURE_OK ? say_report(&report) : message_status(status, eventure_reader_message(reader));
    eventure_reader_close(reader);
    interrupt_finish();
    return exit_code;
}
