/*
 * The output of a comparison: see difference_output.h.
 */
#include "difference_output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <eventure/query.h>

#include "commands.h"
#include "message.h"
#include "text.h"

/* Prints `TYPE ID DATA` of an event on one line. */
static void print_event(const eventure_event *event)
{
    printf("tick %" PRId64 "  ", event->tick);
    text_write(stdout, event->id, strlen(event->id));
    fputs("  ", stdout);
    text_write(stdout, event->type, strlen(event->type));
    fputs("  ", stdout);
    text_write(stdout, event->data, event->data_len);
    fputc('\n', stdout);
}

static int print_side(const difference_side *one)
{
    printf("\n%s:\n", one->path);
    if (one->event == NULL)
    {
        puts("  ends here");
        return EXIT_DONE;
    }
    fputs("  ", stdout);
    print_event(one->event);
    eventure_cursor *cursor = NULL;
    eventure_event cause;
    eventure_status status = eventure_query_ancestors(one->reader, one->event->id, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &cause)) == EVENTURE_ROW)
    {
        fputs("    caused by  ", stdout);
        print_event(&cause);
    }
    eventure_cursor_free(cursor);
    return status >= 0 ? EXIT_DONE : message_status(status, eventure_reader_message(one->reader));
}

static int print_text(const eventure_difference *difference, const difference_side *left, const difference_side *right)
{
    char events[COUNT_BYTES];
    if (!difference->differ)
    {
        printf("equal: %s\n", text_count(events, difference->common_seq, "event"));
        return EXIT_DONE;
    }
    const eventure_event *first = left->event != NULL ? left->event : right->event;
    printf("differ at tick %" PRId64 ", event %" PRId64 "; equal up to event %" PRId64 "\n", first->tick, first->seq,
           difference->common_seq);
    int exit_code = print_side(left);
    if (exit_code == EXIT_DONE)
        exit_code = print_side(right);
    return exit_code;
}

static int print_json_event(const char *name, const difference_side *one)
{
    printf(", \"%s\": ", name);
    if (one->event == NULL)
    {
        fputs("null", stdout);
        return EXIT_DONE;
    }
    char *line = NULL;
    if (eventure_event_to_json(one->event, &line) != EVENTURE_OK)
        return message_last();
    fputs(line, stdout);
    eventure_free(line);
    printf(", \"%s_causes\": [", name);
    eventure_cursor *cursor = NULL;
    eventure_event cause;
    bool first = true;
    eventure_status status = eventure_query_ancestors(one->reader, one->event->id, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &cause)) == EVENTURE_ROW)
    {
        if (eventure_event_to_json(&cause, &line) != EVENTURE_OK)
        {
            eventure_cursor_free(cursor);
            return message_last();
        }
        printf("%s%s", first ? "" : ", ", line);
        eventure_free(line);
        first = false;
    }
    eventure_cursor_free(cursor);
    fputs("]", stdout);
    return status >= 0 ? EXIT_DONE : message_status(status, eventure_reader_message(one->reader));
}

static int print_json(const eventure_difference *difference, const difference_side *left, const difference_side *right)
{
    printf("{\"differ\": %s, \"common_seq\": %" PRId64 ", \"common_tick\": ", difference->differ ? "true" : "false",
           difference->common_seq);
    if (difference->common_tick < 0)
        fputs("null", stdout);
    else
        printf("%" PRId64, difference->common_tick);
    int exit_code = print_json_event("left", left);
    if (exit_code == EXIT_DONE)
        exit_code = print_json_event("right", right);
    putchar('}');
    return exit_code;
}

int difference_print(const eventure_difference *difference, const difference_side *left, const difference_side *right,
                     bool json)
{
    return json ? print_json(difference, left, right) : print_text(difference, left, right);
}
