/*
 * Printing of events: see output.h.
 */
#include "output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <eventure/event.h>

#include "message.h"
#include "table.h"
#include "text.h"

enum
{
    COLUMN_SEQ = 0,
    COLUMN_TICK,
    COLUMN_ID,
    COLUMN_TYPE,
    COLUMN_PARENT,
    COLUMN_DATA,
    COLUMNS
};

static const table_column event_columns[COLUMNS] = {
    [COLUMN_SEQ] = {"SEQ", "2"},   [COLUMN_TICK] = {"TICK", "33"},     [COLUMN_ID] = {"ID", "36"},
    [COLUMN_TYPE] = {"TYPE", "1"}, [COLUMN_PARENT] = {"PARENT", "36"}, [COLUMN_DATA] = {"DATA", NULL},
};

int output_query_failed(eventure_reader *reader, eventure_status status)
{
    int exit_code = message_status(status, eventure_reader_message(reader));
    return status == EVENTURE_ERROR_JSON ? EXIT_USAGE : exit_code;
}

int output_json_line(const eventure_event *event)
{
    char *line = NULL;
    if (eventure_event_to_json(event, &line) != EVENTURE_OK)
        return message_memory();
    /* A store of others may hold what is no JSON. In JSON, the escapes mean what they stand for. */
    if (terminal_is(stdout))
        text_write(stdout, line, strlen(line));
    else
        fputs(line, stdout);
    fputc('\n', stdout);
    eventure_free(line);
    return EXIT_DONE;
}

static int print_id(const eventure_event *event, bool on_terminal)
{
    if (on_terminal)
        text_write(stdout, event->id, strlen(event->id));
    else
        fputs(event->id, stdout);
    fputc('\n', stdout);
    return EXIT_DONE;
}

static int add_to_table(table *t, const eventure_event *event)
{
    char seq[24];
    char tick[24];
    const char *parent = event->parent_id != NULL ? event->parent_id : "-";
    table_cell cells[COLUMNS] = {0};
    cells[COLUMN_SEQ].len = (size_t)snprintf(seq, sizeof seq, "%" PRId64, event->seq);
    cells[COLUMN_TICK].len = (size_t)snprintf(tick, sizeof tick, "%" PRId64, event->tick);
    cells[COLUMN_SEQ].text = seq;
    cells[COLUMN_SEQ].number = true;
    cells[COLUMN_TICK].text = tick;
    cells[COLUMN_TICK].number = true;
    cells[COLUMN_ID].text = event->id;
    cells[COLUMN_ID].len = strlen(event->id);
    cells[COLUMN_TYPE].text = event->type;
    cells[COLUMN_TYPE].len = strlen(event->type);
    cells[COLUMN_PARENT].text = parent;
    cells[COLUMN_PARENT].len = strlen(parent);
    cells[COLUMN_DATA].text = event->data;
    cells[COLUMN_DATA].len = event->data_len;
    return table_add(t, cells) ? EXIT_DONE : message_memory();
}

int output_begin(output_printer *printer, const output_options *options)
{
    *printer = (output_printer){*options, terminal_is(stdout), NULL};
    if (options->json || options->ids)
        return EXIT_DONE;
    printer->table =
        table_new(stdout, event_columns, COLUMNS, terminal_width(stdout), terminal_colour(stdout, options->colour));
    return printer->table != NULL ? EXIT_DONE : message_memory();
}

int output_add(output_printer *printer, const eventure_event *event)
{
    return printer->options.json  ? output_json_line(event)
           : printer->options.ids ? print_id(event, printer->on_terminal)
                                  : add_to_table(printer->table, event);
}

void output_settle(output_printer *printer)
{
    if (printer->table != NULL)
        table_end(printer->table, false);
}

void output_end(output_printer *printer)
{
    output_settle(printer);
    table_free(printer->table);
    printer->table = NULL;
}

int output_events(eventure_reader *reader, const eventure_filter *filter, const output_options *options,
                  int64_t *out_events)
{
    *out_events = 0;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    output_printer printer;
    eventure_status status = eventure_query(reader, filter, &cursor);
    if (status != EVENTURE_OK)
        return output_query_failed(reader, status);
    int exit_code = output_begin(&printer, options);
    while (exit_code == EXIT_DONE && terminal_alive() &&
           (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
    {
        exit_code = output_add(&printer, &event);
        ++*out_events;
    }
    if (status < 0)
        exit_code = message_status(status, eventure_reader_message(reader));
    output_end(&printer);
    eventure_cursor_free(cursor);
    return exit_code;
}
