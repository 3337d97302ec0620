/*
 * eventure repair: copies the intact events of a damaged store into a new one.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/integrity.h>

#include "command_options.h"
#include "commands.h"
#include "interrupt.h"
#include "message.h"
#include "progress_line.h"
#include "store_file.h"
#include "text.h"

typedef struct repair_output
{
    progress_line progress;
    bool any;
    FILE *losses; /* the elements of the JSON array; NULL: losses are reported as text */
} repair_output;

static int report_loss(const eventure_repair_loss *loss, void *context)
{
    repair_output *output = context;
    if (output->losses != NULL)
    {
        fprintf(output->losses,
                "%s{\"tick\": %" PRId64 ", \"first_seq\": %" PRId64 ", \"last_seq\": %" PRId64 ", \"why\": ",
                output->any ? ", " : "", loss->tick, loss->first_seq, loss->last_seq);
        text_write_json(output->losses, loss->why, strlen(loss->why));
        fputc('}', output->losses);
        output->any = true;
        return 0;
    }
    progress_end(&output->progress);
    message("lost tick %" PRId64 " (events %" PRId64 " to %" PRId64 "): %s", loss->tick, loss->first_seq,
            loss->last_seq, loss->why);
    return 0;
}

static void print_json(const eventure_repair_report *report, const char *losses)
{
    printf("{\"events\": %" PRId64 ", \"ticks\": %" PRId64 ", \"lost_events\": %" PRId64 ", \"lost_ticks\": %" PRId64
           ", \"has_gaps\": %s, \"has_lost_end\": %s, \"unproven_ticks\": %" PRId64
           ", \"has_lost_record\": %s, \"losses\": [%s]}\n",
           report->events, report->ticks, report->lost_events, report->lost_ticks, report->has_gaps ? "true" : "false",
           report->has_lost_end ? "true" : "false", report->unproven_ticks, report->has_lost_record ? "true" : "false",
           losses);
}

static void print_text(const eventure_repair_report *report)
{
    printf("saved %" PRId64 " events, %" PRId64 " ticks; lost %s%" PRId64 " events, %s%" PRId64 " ticks\n",
           report->events, report->ticks, report->has_lost_end ? "at least " : "", report->lost_events,
           report->has_gaps ? "at least " : "", report->lost_ticks);
    if (report->unproven_ticks > 0)
        message("of the ticks saved, %" PRId64 " could not be checked: the digests of the tick before are lost",
                report->unproven_ticks);
    if (report->has_lost_record)
        message("the record of the run cannot be read, and is lost");
}

static bool has_loss(const eventure_repair_report *report)
{
    return report->has_lost_record || report->lost_events > 0 || report->lost_ticks > 0 || report->has_gaps;
}

/* Repairs, and prints the report. The exit code is 1 when something was lost. */
static int repair(eventure_reader *reader, const char *path, bool json)
{
    eventure_repair_options options = EVENTURE_REPAIR_OPTIONS_INIT;
    eventure_repair_report report;
    repair_output output = {.losses = NULL};
    char *losses = NULL;
    size_t losses_len = 0;
    if (json && (output.losses = open_memstream(&losses, &losses_len)) == NULL)
        return message_memory();
    progress_begin(&output.progress, "repair");
    options.loss = report_loss;
    options.loss_context = &output;
    options.progress = progress_show;
    options.progress_context = &output.progress;
    eventure_status status = eventure_store_repair(reader, path, &options, &report);
    progress_end(&output.progress);
    bool no_memory = json && fclose(output.losses) != 0;
    if (status == EVENTURE_OK && json && !no_memory)
        print_json(&report, losses);
    else if (status == EVENTURE_OK && !json)
        print_text(&report);
    free(losses);
    if (status != EVENTURE_OK)
        return message_status(status, eventure_reader_message(reader));
    if (no_memory)
        return message_memory();
    return has_loss(&report) ? EXIT_DATA : EXIT_DONE;
}

int cmd_repair(int argc, char **argv)
{
    bool json = false;
    const char *operands[2];
    option_spec specs[] = {{"format", OPTION_VALUE, option_set_text_json, &json, false},
                           {"json", OPTION_FLAG, option_set_flag, &json, false},
                           OPTIONS_END};
    static const char *const names[] = {"DB", "NEW", NULL};
    command_line line = {"repair", specs, names, operands};
    eventure_reader *reader = NULL;
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    exit_code = store_open_damaged(operands[0], &reader);
    if (exit_code != EXIT_DONE)
        return exit_code;
    interrupt_catch();
    exit_code = repair(reader, operands[1], json);
    eventure_reader_close(reader);
    interrupt_finish();
    return exit_code;
}
