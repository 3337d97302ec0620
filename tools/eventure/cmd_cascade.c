/*
 * eventure cascade: causes above their effects, as text; or the ids of one cascade.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <eventure/cascade.h>
#include <eventure/query.h>

#include "commands.h"
#include "filter_options.h"
#include "message.h"
#include "options.h"
#include "output.h"
#include "store_file.h"
#include "terminal.h"

typedef struct cascade_request
{
    const char *id; /* NULL: the whole history */
    eventure_cascade_options view;
    eventure_order order;
    bool ids;
    bool with_ticks;
    colour_when colour;
} cascade_request;

static const char *set_ticks(const char *value, void *target)
{
    cascade_request *request = target;
    request->with_ticks = true;
    return filter_read_ticks(value, &request->view.tick_min, &request->view.tick_end);
}

static const char *set_order(const char *value, void *target)
{
    cascade_request *request = target;
    if (strcmp(value, "breadth") == 0)
        request->order = EVENTURE_ORDER_BREADTH_FIRST;
    else if (strcmp(value, "id") == 0)
        request->order = EVENTURE_ORDER_ID;
    else
        return "is neither breadth nor id";
    return NULL;
}

static int check(const cascade_request *request)
{
    if (request->ids && request->id == NULL)
        return message_usage("cascade", "cascade: --ids needs the ID of an event");
    if (request->order != EVENTURE_ORDER_DEFAULT && !request->ids)
        return message_usage("cascade", "cascade: --order is for --ids");
    if (request->ids && request->view.without_data)
        return message_usage("cascade", "cascade: --ids and --no-data exclude each other");
    if (request->with_ticks && request->id != NULL && !request->ids)
        return message_usage("cascade", "cascade: --tick is for the whole history, or for --ids");
    return EXIT_DONE;
}

static int print_ids(eventure_reader *reader, const cascade_request *request)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    output_options output = OUTPUT_OPTIONS_INIT;
    filter.cascade_of = request->id;
    filter.order = request->order;
    filter.tick_min = request->view.tick_min;
    filter.tick_end = request->view.tick_end;
    output.ids = true;
    int64_t events = 0;
    return output_events(reader, &filter, &output, &events);
}

static int print_view(eventure_reader *reader, cascade_request *request)
{
    request->view.colour = terminal_colour(stdout, request->colour);
    eventure_status status = request->id != NULL
                                 ? eventure_cascade_print_one(reader, request->id, stdout, &request->view)
                                 : eventure_cascade_print(reader, stdout, &request->view);
    if (status == EVENTURE_OK || ferror(stdout))
        return EXIT_DONE; /* what is wrong with the output is said at the end */
    return message_status(status, eventure_reader_message(reader));
}

int cmd_cascade(int argc, char **argv)
{
    cascade_request request = {NULL, EVENTURE_CASCADE_OPTIONS_INIT, EVENTURE_ORDER_DEFAULT, false, false, COLOUR_AUTO};
    const char *operands[2];
    option_spec specs[] = {
        {"tick", OPTION_VALUE, set_ticks, &request, false},
        {"no-data", OPTION_FLAG, option_set_flag, &request.view.without_data, false},
        {"ids", OPTION_FLAG, option_set_flag, &request.ids, false},
        {"order", OPTION_VALUE, set_order, &request, false},
        {"color", OPTION_OPTIONAL, option_set_colour, &request.colour, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", "[ID]", NULL};
    command_line line = {"cascade", specs, names, operands};
    eventure_reader *reader = NULL;
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    request.id = operands[1];
    exit_code = check(&request);
    if (exit_code == EXIT_DONE)
        exit_code = store_open_reader(operands[0], &reader);
    if (exit_code == EXIT_DONE)
        exit_code = request.ids ? print_ids(reader, &request) : print_view(reader, &request);
    eventure_reader_close(reader);
    return exit_code;
}
