/*
 * eventure show: one event.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <eventure/cascade.h>
#include <eventure/event.h>
#include <eventure/query.h>

#include "command_options.h"
#include "commands.h"
#include "message.h"
#include "output.h"
#include "output_column.h"
#include "pager.h"
#include "store_file.h"
#include "terminal.h"
#include "text.h"

static int show_json(eventure_reader *reader, const char *id)
{
    eventure_event *event = NULL;
    eventure_status status = eventure_query_find(reader, id, &event);
    if (status != EVENTURE_OK)
        return message_status(status, eventure_reader_message(reader));
    int exit_code = output_json_line(event);
    eventure_event_free(event);
    return exit_code;
}

static void print_cause(eventure_reader *reader, const eventure_event *event)
{
    eventure_event *cause = NULL;
    fputs("  Cause: ", stdout);
    if (event->parent_id == NULL)
    {
        fputs("none\n", stdout);
        return;
    }
    text_write(stdout, event->parent_id, strlen(event->parent_id));
    if (event->parent_seq == 0)
        fputs(" (not in this store when this event was appended)", stdout);
    else if (eventure_query_find(reader, event->parent_id, &cause) == EVENTURE_OK)
    {
        fputs(" (", stdout);
        text_write(stdout, cause->type, strlen(cause->type));
        printf(" @ tick %" PRId64 ")", cause->tick);
    }
    else
        fputs(" (archived)", stdout);
    fputc('\n', stdout);
    eventure_event_free(cause);
}

/* Prints the position of the event and its cause, which the text does not contain. */
static int show_place(eventure_reader *reader, const char *id)
{
    static const char *const columns[] = {"tick", "time", "timestamp", "seq"};
    output_value values[sizeof columns / sizeof columns[0]];
    eventure_event *event = NULL;
    eventure_status status = eventure_query_find(reader, id, &event);
    if (status != EVENTURE_OK)
        return message_status(status, eventure_reader_message(reader));
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
    {
        output_column column = output_column_of(columns[i]);
        output_column_value(&column, event, &values[i]);
    }
    printf("  Tick: %s\n  Time: %s", values[0].text, values[1].text);
    printf(values[1].is_json ? "\n" : " (%s)\n", values[2].text);
    printf("  Seq: %s\n", values[3].text);
    print_cause(reader, event);
    eventure_event_free(event);
    return EXIT_DONE;
}

static int show_text(eventure_reader *reader, const char *id, bool details, color_when color)
{
    eventure_cascade_options options = EVENTURE_CASCADE_OPTIONS_INIT;
    options.color = terminal_color(stdout, color);
    eventure_status status = eventure_cascade_print_event(reader, id, stdout, &options);
    if (ferror(stdout))
        return EXIT_DONE; /* an error of the output is reported at the end */
    if (status != EVENTURE_OK)
        return message_status(status, eventure_reader_message(reader));
    return details ? show_place(reader, id) : EXIT_DONE;
}

int cmd_show(int argc, char **argv)
{
    bool json = false;
    bool details = false;
    color_when color = COLOR_AUTO;
    const char *operands[2];
    option_spec specs[] = {
        {"details", OPTION_FLAG, option_set_flag, &details, false},
        {"format", OPTION_VALUE, option_set_text_json, &json, false},
        {"json", OPTION_FLAG, option_set_flag, &json, false},
        {"color", OPTION_OPTIONAL, option_set_color, &color, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", "ID", NULL};
    command_line line = {"show", specs, names, operands};
    eventure_reader *reader = NULL;
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    if (json && details)
        return message_usage("show", "show: --json and --details exclude each other");
    exit_code = store_open_reader(operands[0], &reader);
    if (exit_code == EXIT_DONE)
        pager_begin();
    if (exit_code == EXIT_DONE)
        exit_code = json ? show_json(reader, operands[1])
                         : show_text(reader, operands[1], details || terminal_is(stdout), color);
    eventure_reader_close(reader);
    return exit_code;
}
