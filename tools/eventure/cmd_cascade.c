/*
 * eventure cascade: causes above their effects, as text; or the events of one cascade, in the forms that log has.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/cascade.h>
#include <eventure/query.h>

#include "command_options.h"
#include "commands.h"
#include "filter_options.h"
#include "hint.h"
#include "message.h"
#include "output.h"
#include "pager.h"
#include "store_file.h"
#include "terminal.h"

typedef struct cascade_request
{
    const char *path;
    const char *id; /* NULL: the whole history */
    eventure_cascade_options view;
    filter_options filter;
    output_options output;
    eventure_order order;
    int64_t depth;
    bool as_text; /* print the view; otherwise print events as log does */
} cascade_request;

static const char *set_order(const char *value, void *target)
{
    cascade_request *request = target;
    if (strcmp(value, "breadth") == 0)
        request->order = EVENTURE_ORDER_BREADTH_FIRST;
    else if (strcmp(value, "id") == 0)
        request->order = EVENTURE_ORDER_ID;
    else
        return "is not one of breadth, id";
    return NULL;
}

static const char *set_format(const char *value, void *target)
{
    cascade_request *request = target;
    if (strcmp(value, "text") == 0)
        return NULL;
    const char *wrong = output_option_format(value, &request->output);
    return wrong != NULL ? "is not one of text, table, jsonl, ids" : NULL;
}

static int check(const cascade_request *request)
{
    const char *id = request->id;
    if (request->output.format == OUTPUT_IDS && id == NULL)
        return message_usage("cascade", "cascade: %s needs the ID of an event", request->output.format_option);
    if (request->order != EVENTURE_ORDER_DEFAULT && request->output.format != OUTPUT_IDS)
        return message_usage("cascade", "cascade: --order is for --ids");
    if (request->view.without_data && !request->as_text)
        return message_usage("cascade", "cascade: --%s and --no-data exclude each other",
                             request->output.format == OUTPUT_IDS ? "ids" : "format");
    if (request->as_text && request->filter.filter.reverse)
        return message_usage("cascade",
                             "cascade: --reverse is not supported for the text, which is in the order of time");
    bool has_ticks = request->filter.filter.tick_min > 0 || request->filter.filter.tick_end != 0;
    if (request->as_text && id != NULL && has_ticks)
        return message_usage("cascade", "cascade: --tick and ID exclude each other in the text, which shows the tick "
                                        "of the event");
    if (id == NULL && request->depth > 0 && request->output.summary != OUTPUT_ALL)
        return message_usage("cascade", "cascade: --depth with %s needs the ID of an event",
                             request->output.summary_option);
    if (id == NULL && request->depth > 0 && request->filter.filter.reverse)
        return message_usage("cascade", "cascade: --depth with --reverse needs the ID of an event");
    return output_check("cascade", &request->output);
}

/* The level of each event within its tick: the number of its causes in the tick plus 1. */
typedef struct levels
{
    int64_t *of; /* indexed by seq, from the first event of the tick */
    size_t capacity;
    int64_t first_seq;
    int64_t tick;
    size_t count;
} levels;

static bool levels_add(levels *all, const eventure_event *event, int64_t *out)
{
    if (all->count == 0 || event->tick != all->tick)
    {
        all->first_seq = event->seq;
        all->tick = event->tick;
        all->count = 0;
    }
    if (all->count == all->capacity)
    {
        size_t capacity = all->capacity == 0 ? 1024 : all->capacity * 2;
        int64_t *of = realloc(all->of, capacity * sizeof *of);
        if (of == NULL)
            return false;
        all->of = of;
        all->capacity = capacity;
    }
    int64_t place = event->parent_seq - all->first_seq;
    *out = place >= 0 && place < (int64_t)all->count ? all->of[place] + 1 : 1;
    all->of[all->count++] = *out;
    return true;
}

/* Prints the events that the filter chooses, down to a depth. One cursor over all events computes the level of each,
   and a second cursor with the filter selects those to print. */
static int print_to_depth(eventure_reader *reader, const cascade_request *request)
{
    eventure_cursor *all = NULL;
    eventure_cursor *chosen = NULL;
    eventure_event event;
    eventure_event wanted = {0};
    output_printer printer;
    levels depth = {0};
    int64_t level = 0;
    eventure_status status = eventure_reader_begin(reader);
    if (status == EVENTURE_OK)
        status = eventure_query(reader, NULL, &all);
    if (status == EVENTURE_OK)
        status = eventure_query(reader, &request->filter.filter, &chosen);
    int exit_code = status == EVENTURE_OK ? output_begin(&printer, &request->output) : EXIT_DONE;
    if (status == EVENTURE_OK)
        status = eventure_cursor_next(chosen, &wanted);
    bool more = status == EVENTURE_ROW;
    while (more && exit_code == EXIT_DONE && terminal_alive() &&
           (status = eventure_cursor_next(all, &event)) == EVENTURE_ROW)
    {
        if (!levels_add(&depth, &event, &level))
            exit_code = message_memory();
        else if (event.seq == wanted.seq)
        {
            if (level <= request->depth)
                exit_code = output_add(&printer, &wanted);
            status = eventure_cursor_next(chosen, &wanted);
            more = status == EVENTURE_ROW;
        }
    }
    if (status < 0)
        exit_code = output_query_failed(reader, status);
    if (chosen != NULL)
        output_end(&printer);
    eventure_cursor_free(chosen);
    eventure_cursor_free(all);
    eventure_reader_end(reader);
    free(depth.of);
    return exit_code;
}

static int print_events(eventure_reader *reader, cascade_request *request)
{
    eventure_filter *filter = &request->filter.filter;
    int64_t events = 0;
    if (request->id == NULL && request->depth > 0)
        return print_to_depth(reader, request);
    filter->cascade_of = request->id;
    filter->order = request->order;
    filter->levels = request->id != NULL ? request->depth : 0;
    int exit_code = output_events(reader, filter, &request->output, &events);
    pager_end();
    if (exit_code == EXIT_DONE && fflush(stdout) == 0)
        hint_filter(reader, request->path, filter, events);
    return exit_code;
}

static int print_view(eventure_reader *reader, cascade_request *request)
{
    const eventure_filter *filter = &request->filter.filter;
    eventure_filter of_ticks = *filter; /* the view has its own range of ticks */
    of_ticks.tick_min = 0;
    of_ticks.tick_end = 0;
    request->view.color = terminal_color(stdout, request->output.color);
    request->view.tick_min = filter->tick_min;
    request->view.tick_end = filter->tick_end;
    request->view.levels = request->depth;
    request->view.filter = filter_chooses(&of_ticks) ? filter : NULL;
    eventure_status status = request->id != NULL
                                 ? eventure_cascade_print_one(reader, request->id, stdout, &request->view)
                                 : eventure_cascade_print(reader, stdout, &request->view);
    if (ferror(stdout))
        return EXIT_DONE; /* an error of the output is reported at the end */
    return status == EVENTURE_OK ? EXIT_DONE : output_query_failed(reader, status);
}

static int run(cascade_request *request)
{
    eventure_reader *reader = NULL;
    request->as_text = request->output.format_option == NULL && request->output.summary == OUTPUT_ALL &&
                       request->output.columns.count == 0;
    int exit_code = check(request);
    if (exit_code == EXIT_DONE)
        exit_code = store_open_reader(request->path, &reader);
    if (exit_code == EXIT_DONE)
        pager_begin();
    if (exit_code == EXIT_DONE)
        exit_code = request->as_text ? print_view(reader, request) : print_events(reader, request);
    eventure_reader_close(reader);
    return exit_code;
}

int cmd_cascade(int argc, char **argv)
{
    cascade_request request = {
        .view = EVENTURE_CASCADE_OPTIONS_INIT, .filter = FILTER_OPTIONS_INIT, .output = OUTPUT_OPTIONS_INIT};
    const char *operands[2];
    option_spec specs[] = {
        {"depth", OPTION_VALUE, option_set_count, &request.depth, false},
        {"no-data", OPTION_FLAG, option_set_flag, &request.view.without_data, false},
        {"format", OPTION_VALUE, set_format, &request, false},
        {"order", OPTION_VALUE, set_order, &request, false},
        FILTER_OPTION_ROWS(&request.filter),
        OUTPUT_OPTION_ROWS(&request.output),
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", "[ID]", NULL};
    command_line line = {"cascade", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (options_parse(&line, argc, argv, &exit_code))
    {
        request.path = operands[0];
        request.id = operands[1];
        exit_code = run(&request);
    }
    filter_options_free(&request.filter);
    output_options_free(&request.output);
    return exit_code;
}
