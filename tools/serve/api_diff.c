/*
 * Answers where two runs differ: finds the first difference by digests, and the next one after a tick by comparing the
 * events.
 */
#include <stdlib.h>
#include <string.h>

#include <eventure/integrity.h>

#include "server.h"

#define DATA_BYTES 4096
#define CAUSES_SHOWN 50
#define SCAN_MS 2000

typedef struct pair
{
    eventure_reader *readers[2];
} pair;

static void answer_side(request *asked, const char *key, eventure_reader *reader, const eventure_event *event)
{
    json *out = &asked->out;
    eventure_cursor *cursor = NULL;
    eventure_event cause;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    if (event == NULL)
    {
        json_null(out, key);
        return;
    }
    json_open(out, key, '{');
    answer_event_members(asked, event, DATA_BYTES);
    json_open(out, "causes", '[');
    filter.ancestors_of = event->id;
    filter.limit = CAUSES_SHOWN;
    eventure_status status = eventure_query(reader, &filter, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &cause)) == EVENTURE_ROW)
        answer_event(asked, NULL, &cause, DATA_BYTES);
    json_close(out, ']');
    json_close(out, '}');
    eventure_cursor_free(cursor);
    if (status < 0)
        request_fail_status(asked, status, eventure_reader_message(reader));
}

static void answer_first(request *asked, pair *both)
{
    json *out = &asked->out;
    eventure_difference difference;
    eventure_status status = eventure_store_diff(both->readers[0], both->readers[1], &difference);
    if (status != EVENTURE_OK)
    {
        request_fail_status(asked, status, eventure_reader_message(both->readers[0]));
        return;
    }
    json_open(out, NULL, '{');
    json_bool(out, "differ", difference.differ);
    json_int(out, "common_seq", difference.common_seq);
    json_int(out, "common_tick", difference.common_tick);
    const eventure_event *first = difference.left != NULL ? difference.left : difference.right;
    if (difference.left != NULL && difference.right != NULL && difference.right->tick < difference.left->tick)
        first = difference.right;
    if (difference.differ && first != NULL)
        json_int(out, "tick", first->tick);
    else
        json_null(out, "tick");
    answer_side(asked, "a", both->readers[0], difference.left);
    answer_side(asked, "b", both->readers[1], difference.right);
    json_close(out, '}');
    eventure_difference_clear(&difference);
}

/* Whether all members of two events are equal, except the timestamp and the seq. */
static bool is_same(const eventure_event *left, const eventure_event *right)
{
    return left->tick == right->tick && left->data_len == right->data_len && strcmp(left->type, right->type) == 0 &&
           strcmp(left->id, right->id) == 0 && memcmp(left->data, right->data, left->data_len) == 0 &&
           (left->parent_id == NULL) == (right->parent_id == NULL) &&
           (left->parent_id == NULL || strcmp(left->parent_id, right->parent_id) == 0);
}

/* Compares the events of both stores after a tick, up to the next event that differs. */
static void answer_next(request *asked, pair *both, int64_t after)
{
    json *out = &asked->out;
    eventure_cursor *cursors[2] = {NULL, NULL};
    eventure_event events[2] = {{0}, {0}};
    eventure_status status[2] = {EVENTURE_ROW, EVENTURE_ROW};
    bool is_partial = false;
    int64_t reached = after;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    filter.tick_min = after + 1;
    for (int i = 0; i < 2; i++)
    {
        status[i] = eventure_query(both->readers[i], &filter, &cursors[i]);
        if (status[i] == EVENTURE_OK)
            status[i] = EVENTURE_ROW;
    }
    while (status[0] == EVENTURE_ROW && status[1] == EVENTURE_ROW && !is_partial)
    {
        for (int i = 0; i < 2; i++)
            status[i] = eventure_cursor_next(cursors[i], &events[i]);
        if (status[0] != EVENTURE_ROW || status[1] != EVENTURE_ROW || !is_same(&events[0], &events[1]))
            break;
        /* The time limit is applied at the end of a tick, so that only whole ticks count as compared. */
        is_partial = events[0].tick > reached && work_elapsed_ms(&asked->work) > SCAN_MS;
        if (!is_partial && events[0].tick > reached + 1)
            reached = events[0].tick - 1;
    }
    for (int i = 0; i < 2; i++)
        if (status[i] < 0)
            request_fail_status(asked, status[i], eventure_reader_message(both->readers[i]));
    bool differ = !is_partial && (status[0] == EVENTURE_ROW || status[1] == EVENTURE_ROW);
    json_open(out, NULL, '{');
    json_bool(out, "differ", differ);
    json_bool(out, "partial", is_partial);
    json_int(out, "reached", reached);
    if (differ && !request_failed(asked))
    {
        const eventure_event *first = status[0] == EVENTURE_ROW ? &events[0] : &events[1];
        if (status[0] == EVENTURE_ROW && status[1] == EVENTURE_ROW && events[1].tick < events[0].tick)
            first = &events[1];
        json_int(out, "tick", first->tick);
        answer_side(asked, "a", both->readers[0], status[0] == EVENTURE_ROW ? &events[0] : NULL);
        answer_side(asked, "b", both->readers[1], status[1] == EVENTURE_ROW ? &events[1] : NULL);
    }
    else
        json_null(out, "tick");
    json_close(out, '}');
    for (int i = 0; i < 2; i++)
        eventure_cursor_free(cursors[i]);
}

void api_diff(request *asked)
{
    pair both = {{NULL, NULL}};
    int64_t after = 0;
    if (asked->owner->options->against == NULL)
    {
        request_fail(asked, 404, "not-found", "there is no second store: start with --against");
        return;
    }
    if (request_int(asked, "after", -1, -1, INT64_MAX - 1, &after) &&
        request_open_store(asked, false, &both.readers[0]) && request_open_store(asked, true, &both.readers[1]))
    {
        if (request_text(asked, "after") == NULL)
            answer_first(asked, &both);
        else
            answer_next(asked, &both, after);
    }
    eventure_reader_close(both.readers[0]);
    eventure_reader_close(both.readers[1]);
}
