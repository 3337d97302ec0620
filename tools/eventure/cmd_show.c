/*
 * eventure show: one event.
 */
#include <stdbool.h>
#include <stdio.h>

#include <eventure/cascade.h>
#include <eventure/event.h>
#include <eventure/query.h>

#include "commands.h"
#include "message.h"
#include "options.h"
#include "output.h"
#include "store_file.h"
#include "terminal.h"

static int show_json(eventure_reader *reader, const char *id)
{
    eventure_event *event = NULL;
    eventure_status status = eventure_find(reader, id, &event);
    if (status != EVENTURE_OK)
        return message_status(status, eventure_reader_message(reader));
    int exit_code = output_json_line(event);
    eventure_event_free(event);
    return exit_code;
}

static int show_text(eventure_reader *reader, const char *id, colour_when colour)
{
    eventure_cascade_options options = EVENTURE_CASCADE_OPTIONS_INIT;
    options.colour = terminal_colour(stdout, colour);
    eventure_status status = eventure_cascade_print_event(reader, id, stdout, &options);
    if (status == EVENTURE_OK || ferror(stdout))
        return EXIT_DONE; /* what is wrong with the output is said at the end */
    return message_status(status, eventure_reader_message(reader));
}

int cmd_show(int argc, char **argv)
{
    bool json = false;
    colour_when colour = COLOUR_AUTO;
    const char *operands[2];
    option_spec specs[] = {
        {"json", OPTION_FLAG, option_set_flag, &json, false},
        {"color", OPTION_OPTIONAL, option_set_colour, &colour, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", "ID", NULL};
    command_line line = {"show", specs, names, operands};
    eventure_reader *reader = NULL;
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    exit_code = store_open_reader(operands[0], &reader);
    if (exit_code == EXIT_DONE)
        exit_code = json ? show_json(reader, operands[1]) : show_text(reader, operands[1], colour);
    eventure_reader_close(reader);
    return exit_code;
}
