/*
 * eventure verify: checks that a store is complete and correct.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <eventure/integrity.h>

#include "command_options.h"
#include "commands.h"
#include "message.h"
#include "progress_line.h"
#include "projection_file.h"
#include "projection_list.h"
#include "store_file.h"
#include "text.h"

static void print_json(const eventure_verify_report *report, bool quick)
{
    printf("{\"is_sound\": %s, \"quick\": %s, \"events\": %" PRId64 ", \"ticks\": %" PRId64 ", \"snapshots\": %" PRId64
           ", \"snapshots_unchecked\": %" PRId64 ", \"unchecked\": ",
           report->is_sound ? "true" : "false", quick ? "true" : "false", report->events, report->ticks,
           report->snapshots, report->snapshots_unchecked);
    text_write_json_or_null(stdout, report->unchecked);
    fputs(", \"problem\": ", stdout);
    text_write_json_or_null(stdout, report->problem);
    fputs(", \"trusted_tick\": ", stdout);
    if (report->trusted_tick >= 0)
        printf("%" PRId64, report->trusted_tick);
    else
        fputs("null", stdout);
    printf(", \"trusted_seq\": %" PRId64 ", \"is_structure_damaged\": %s}\n", report->trusted_seq,
           report->is_structure_damaged ? "true" : "false");
}

static void print_problem(const eventure_verify_report *report)
{
    message("%s", report->problem);
    if (report->trusted_tick >= 0 && report->is_structure_damaged)
        message("the events up to tick %" PRId64 " (event %" PRId64 ") are correct; indexes may not be",
                report->trusted_tick, report->trusted_seq);
    else if (report->trusted_tick >= 0)
        message("everything up to tick %" PRId64 " (event %" PRId64 ") is correct", report->trusted_tick,
                report->trusted_seq);
}

static void print_sound(const eventure_verify_report *report, bool quick)
{
    char events[COUNT_BYTES];
    char ticks[COUNT_BYTES];
    if (quick)
        puts("sound (quick check)");
    else
        printf("sound: %s, %s\n", text_count(events, report->events, "event"),
               text_count(ticks, report->ticks, "tick"));
    if (!quick && (report->snapshots > 0 || report->snapshots_unchecked > 0))
        printf("snapshots: %" PRId64 " equal to a fold from the start, %" PRId64 " not checked\n", report->snapshots,
               report->snapshots_unchecked);
    if (report->unchecked[0] != '\0')
        printf("no digests of: %s; changes that contradict no other row are not found\n", report->unchecked);
}

/* Prints the report; the exit code is 1 when there is a problem. */
static int print_report(const eventure_verify_report *report, bool quick, bool json)
{
    if (json)
        print_json(report, quick);
    else if (report->is_sound)
        print_sound(report, quick);
    else
        print_problem(report);
    return report->is_sound ? EXIT_DONE : EXIT_DATA;
}

/* Returns the projections as an array for eventure_store_verify; the caller frees it. */
static eventure_reducer_state *reducers_of(const projection_list *list)
{
    eventure_reducer_state *reducers = calloc(list->count + 1, sizeof *reducers);
    for (size_t i = 0; reducers != NULL && i < list->count; i++)
    {
        reducers[i] = (eventure_reducer_state){sizeof(eventure_reducer_state),
                                               eventure_projection_reducer(list->projections[i]), list->projections[i]};
    }
    return reducers;
}

static int verify_store(eventure_reader *reader, eventure_verify_options *options, bool json)
{
    eventure_verify_report report;
    progress_line progress;
    progress_begin(&progress, "verify");
    options->progress = progress_show;
    options->progress_context = &progress;
    eventure_status status = eventure_store_verify(reader, options, &report);
    progress_end(&progress);
    if (status == EVENTURE_OK)
        return print_report(&report, options->quick, json);
    return options->reducers_count > 0 ? projection_failed(status, eventure_reader_message(reader))
                                       : message_status(status, eventure_reader_message(reader));
}

static int verify(const char *path, projection_list *projections, eventure_verify_options *options, bool json)
{
    eventure_reader *reader = NULL;
    int exit_code = projection_list_open(projections);
    eventure_reducer_state *reducers = exit_code == EXIT_DONE ? reducers_of(projections) : NULL;
    if (exit_code == EXIT_DONE && reducers == NULL)
        exit_code = message_memory();
    if (exit_code == EXIT_DONE)
        exit_code = store_open_damaged(path, &reader);
    if (exit_code == EXIT_DONE)
    {
        options->reducers = reducers;
        options->reducers_count = projections->count;
        exit_code = verify_store(reader, options, json);
    }
    eventure_reader_close(reader);
    free(reducers);
    return exit_code;
}

int cmd_verify(int argc, char **argv)
{
    eventure_verify_options options = EVENTURE_VERIFY_OPTIONS_INIT;
    projection_list projections = {NULL, NULL, 0};
    bool json = false;
    const char *operands[1];
    option_spec specs[] = {
        {"quick", OPTION_FLAG, option_set_flag, &options.quick, false},
        {"projection", OPTION_LIST, projection_list_add, &projections, false},
        {"format", OPTION_VALUE, option_set_text_json, &json, false},
        {"json", OPTION_FLAG, option_set_flag, &json, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", NULL};
    command_line line = {"verify", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (options_parse(&line, argc, argv, &exit_code))
        exit_code = options.quick && projections.count > 0
                        ? message_usage("verify", "verify: --quick and --projection exclude each other")
                        : verify(operands[0], &projections, &options, json);
    projection_list_close(&projections);
    return exit_code;
}
