/*
 * Answers lists of events and single events: every filter of the library, and a search in the text of events. The
 * search reads until it has found a page or its time is over, and returns where to continue.
 */
#include <stdlib.h>
#include <string.h>

#include <eventure/query.h>
#include <eventure/time.h>

#include "server.h"
#include "tools/eventure/filter_options.h"

#define LIST_DATA_BYTES 300
#define EVENT_DATA_BYTES 65536
#define SEARCH_MS 1500

/* A request for a list of events. */
typedef struct listing
{
    filter_options options;
    double since;
    double until;
    int64_t limit;
    int64_t data_max;
    const char *text;
} listing;

typedef struct parameter
{
    listing *wanted;
    request *asked;
} parameter;

/* Called for each parameter of the address: adds `type=` and `data=` to the filter. */
static enum MHD_Result take_parameter(void *context, enum MHD_ValueKind kind, const char *key, const char *value)
{
    parameter *one = context;
    const char *wrong = NULL;
    (void)kind;
    if (value == NULL || value[0] == '\0')
        return MHD_YES;
    if (strcmp(key, "type") == 0)
        wrong = filter_option_type(value, &one->wanted->options);
    else if (strcmp(key, "data") == 0)
        wrong = filter_option_data(value, &one->wanted->options);
    if (wrong != NULL)
        request_fail(one->asked, 400, "bad-parameter", "%s=%.200s %s", key, value, wrong);
    return MHD_YES;
}

static bool read_time(request *asked, const char *name, double *out, const double **place)
{
    const char *text = request_text(asked, name);
    char *end = NULL;
    if (text == NULL || text[0] == '\0')
        return true;
    if (eventure_time_from_text(text, strlen(text), out) != EVENTURE_OK)
    {
        *out = strtod(text, &end);
        if (end == text || *end != '\0')
        {
            request_fail(asked, 400, "bad-parameter",
                         "%s=%.100s is not a time: 2021-03-01T10:00:00Z, or seconds since 1970", name, text);
            return false;
        }
    }
    *place = out;
    return true;
}

static bool read_listing(request *asked, listing *wanted)
{
    eventure_filter *filter = &wanted->options.filter;
    parameter each = {.wanted = wanted, .asked = asked};
    eventure_filter_init(filter, sizeof *filter);
    MHD_get_connection_values(asked->connection, MHD_GET_ARGUMENT_KIND, take_parameter, &each);
    wanted->text = request_text(asked, "text");
    if (wanted->text != NULL && wanted->text[0] == '\0')
        wanted->text = NULL;
    filter->roots = request_flag(asked, "roots");
    filter->reverse = request_flag(asked, "reverse");
    return !request_failed(asked) && request_int(asked, "from", 0, 0, INT64_MAX, &filter->tick_min) &&
           request_int(asked, "to", 0, 0, INT64_MAX, &filter->tick_end) &&
           request_int(asked, "after", 0, 0, INT64_MAX, &filter->after_seq) &&
           request_int(asked, "limit", 100, 1, SERVE_LIMIT_MAX, &wanted->limit) &&
           request_int(asked, "data_max", LIST_DATA_BYTES, 0, EVENT_DATA_BYTES, &wanted->data_max) &&
           read_time(asked, "since", &wanted->since, &filter->timestamp_min) &&
           read_time(asked, "until", &wanted->until, &filter->timestamp_max);
}

/* Whether the data, the type or the id of an event contains the text. */
static bool holds_text(const eventure_event *event, const char *text)
{
    return text == NULL || strstr(event->data, text) != NULL || strstr(event->type, text) != NULL ||
           strstr(event->id, text) != NULL;
}

/* Writes one page of events. A text search that takes longer than SEARCH_MS ends early, and returns the events found so
 * far and the seq from which to continue. */
static void answer_page(request *asked, eventure_cursor *cursor, const listing *wanted)
{
    json *out = &asked->out;
    eventure_event event;
    int64_t found = 0;
    int64_t seen = 0;
    bool is_partial = false;
    bool is_full = false;
    eventure_status status = EVENTURE_ROW;
    json_open(out, NULL, '{');
    json_open(out, "events", '[');
    while (found < wanted->limit && !is_partial && !is_full &&
           (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
    {
        seen = event.seq;
        if (holds_text(&event, wanted->text))
        {
            answer_event(asked, NULL, &event, (size_t)wanted->data_max);
            found++;
        }
        is_partial = wanted->text != NULL && work_elapsed_ms(&asked->work) > SEARCH_MS;
        is_full = asked->out.out.len > SERVE_ANSWER_BYTES / 2;
    }
    json_close(out, ']');
    if (status == EVENTURE_ROW)
        json_int(out, "next", seen);
    else
        json_null(out, "next");
    json_bool(out, "partial", is_partial && found < wanted->limit);
    json_close(out, '}');
    if (status < 0)
        request_fail_status(asked, status, eventure_reader_message(asked->reader));
}

void api_events(request *asked)
{
    listing wanted = {0};
    eventure_cursor *cursor = NULL;
    if (!request_open(asked))
        return;
    if (read_listing(asked, &wanted))
    {
        eventure_status status = eventure_query(asked->reader, &wanted.options.filter, &cursor);
        if (status != EVENTURE_OK)
            request_fail_status(asked, status, eventure_reader_message(asked->reader));
        else
            answer_page(asked, cursor, &wanted);
    }
    eventure_cursor_free(cursor);
    filter_options_free(&wanted.options);
}

/* Returns the id of the requested event, which the request names by id or by seq. The caller frees it. NULL: the
 * request has failed. */
static char *read_id(request *asked)
{
    const char *id = request_text(asked, "id");
    int64_t seq = 0;
    char *found = NULL;
    if (id != NULL)
        found = strdup(id);
    else if (request_int(asked, "seq", 0, 1, INT64_MAX, &seq) && seq > 0)
    {
        sqlite3_stmt *statement = request_prepare(asked, "SELECT id FROM events WHERE seq = ?1");
        if (statement == NULL)
            return NULL;
        sqlite3_bind_int64(statement, 1, seq);
        if (sqlite3_step(statement) == SQLITE_ROW)
            found = strdup((const char *)sqlite3_column_text(statement, 0));
        else
            request_fail(asked, 404, "not-found", "there is no event number %lld", (long long)seq);
        sqlite3_finalize(statement);
    }
    else
        request_fail(asked, 400, "bad-parameter", "id= or seq= is missing");
    if (found == NULL)
        request_fail(asked, 503, "memory", "out of memory");
    return request_failed(asked) ? (free(found), NULL) : found;
}

/* Counts the events that name this event as their cause. */
static int64_t count_children(request *asked, sqlite3_stmt *statement, const char *id)
{
    int64_t count = 0;
    sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) == SQLITE_ROW)
        count = sqlite3_column_int64(statement, 0);
    else
        request_fail_sqlite(asked, asked->db);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return count;
}

#define CHILDREN_SQL "SELECT count(*) FROM events WHERE parent_id = ?1"

/* Writes the neighbours of an event in its history, so that the page can step through it. */
static void answer_place(request *asked, const eventure_event *event)
{
    int64_t first = 0;
    int64_t last = 0;
    if (!request_ask_int(asked, "SELECT first_seq FROM tick WHERE tick = ?1", event->tick, 0, &first) ||
        !request_ask_int(asked, "SELECT last_seq FROM tick WHERE tick = ?1", event->tick, 0, &last))
        return;
    json_int(&asked->out, "tick_first_seq", first);
    json_int(&asked->out, "tick_last_seq", last);
}

void api_event(request *asked)
{
    eventure_event *event = NULL;
    if (!request_open(asked))
        return;
    char *id = read_id(asked);
    sqlite3_stmt *counting = id != NULL ? request_prepare(asked, CHILDREN_SQL) : NULL;
    eventure_status status = counting != NULL ? eventure_query_find(asked->reader, id, &event) : EVENTURE_OK;
    if (status != EVENTURE_OK)
        request_fail_status(asked, status, eventure_reader_message(asked->reader));
    else if (event != NULL)
    {
        size_t data_max = request_flag(asked, "full") ? SERVE_ANSWER_BYTES / 4 : EVENT_DATA_BYTES;
        char time[EVENTURE_TIME_BYTES];
        json_open(&asked->out, NULL, '{');
        answer_event_members(asked, event, data_max);
        json_int(&asked->out, "children", count_children(asked, counting, event->id));
        json_text(&asked->out, "time", eventure_time_to_text(event->timestamp, time) == EVENTURE_OK ? time : NULL);
        answer_place(asked, event);
        json_close(&asked->out, '}');
    }
    eventure_event_free(event);
    sqlite3_finalize(counting);
    free(id);
}

/* Answers the events that have a relation to one event: its effects, its causes or its cascade. */
static void answer_relation(request *asked, eventure_filter *filter, bool has_depth)
{
    json *out = &asked->out;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    int64_t limit = filter->limit;
    int64_t count = 0;
    int64_t next = 0;
    sqlite3_stmt *counting = request_prepare(asked, CHILDREN_SQL);
    filter->limit = limit + 1; /* one more than the page: whether a next page exists */
    eventure_status status = eventure_query(asked->reader, filter, &cursor);
    json_open(out, "events", '[');
    while (counting != NULL && status >= 0 && count <= limit &&
           (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
    {
        if (count++ == limit)
            break;
        next = event.seq;
        json_open(out, NULL, '{');
        answer_event_members(asked, &event, LIST_DATA_BYTES);
        json_int(out, "children", count_children(asked, counting, event.id));
        if (has_depth)
            json_int(out, "depth", eventure_cursor_depth(cursor));
        json_close(out, '}');
    }
    json_close(out, ']');
    json_bool(out, "more", count > limit);
    if (count > limit)
        json_int(out, "next", next);
    else
        json_null(out, "next");
    if (status < 0)
        request_fail_status(asked, status, eventure_reader_message(asked->reader));
    eventure_cursor_free(cursor);
    sqlite3_finalize(counting);
}

void api_children(request *asked)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    if (!request_open(asked))
        return;
    char *id = read_id(asked);
    filter.children_of = id;
    if (id != NULL && request_int(asked, "after", 0, 0, INT64_MAX, &filter.after_seq) &&
        request_int(asked, "limit", 100, 1, SERVE_LIMIT_MAX, &filter.limit))
    {
        sqlite3_stmt *counting = request_prepare(asked, CHILDREN_SQL);
        json_open(&asked->out, NULL, '{');
        json_text(&asked->out, "id", id);
        if (counting != NULL)
            json_int(&asked->out, "count", count_children(asked, counting, id));
        answer_relation(asked, &filter, false);
        if (!request_failed(asked))
            json_close(&asked->out, '}');
        sqlite3_finalize(counting);
    }
    free(id);
}

/* Writes the root of the causes of an event, and the number of steps to it. */
static void answer_root(request *asked, const char *id)
{
    static const char sql[] =
        "WITH RECURSIVE up(id, parent_seq, depth) AS (SELECT id, parent_seq, 0 FROM events WHERE id = ?1 UNION ALL "
        "SELECT events.id, events.parent_seq, depth + 1 FROM up JOIN events ON events.seq = up.parent_seq) "
        "SELECT id, depth FROM up WHERE parent_seq IS NULL OR NOT EXISTS "
        "(SELECT 1 FROM events WHERE seq = up.parent_seq) LIMIT 1";
    sqlite3_stmt *statement = request_prepare(asked, sql);
    if (statement == NULL)
        return;
    sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
    {
        answer_cell(asked, "root", statement, 0);
        answer_cell(asked, "depth", statement, 1);
    }
    else if (code != SQLITE_DONE)
        request_fail_sqlite(asked, asked->db);
    sqlite3_finalize(statement);
}

void api_ancestors(request *asked)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    if (!request_open(asked))
        return;
    char *id = read_id(asked);
    filter.ancestors_of = id;
    if (id != NULL && request_int(asked, "limit", 100, 1, SERVE_LIMIT_MAX, &filter.limit))
    {
        json_open(&asked->out, NULL, '{');
        json_text(&asked->out, "id", id);
        answer_root(asked, id);
        if (!request_failed(asked))
            answer_relation(asked, &filter, true);
        if (!request_failed(asked))
            json_close(&asked->out, '}');
    }
    free(id);
}

void api_cascade(request *asked)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    if (!request_open(asked))
        return;
    char *id = read_id(asked);
    filter.cascade_of = id;
    if (id != NULL && request_int(asked, "limit", 100, 1, SERVE_LIMIT_MAX, &filter.limit))
    {
        int64_t count = 0;
        eventure_filter all = EVENTURE_FILTER_INIT;
        all.cascade_of = id;
        json_open(&asked->out, NULL, '{');
        json_text(&asked->out, "id", id);
        if (request_flag(asked, "count"))
        {
            eventure_status status = eventure_query_count(asked->reader, &all, &count);
            if (status != EVENTURE_OK)
                request_fail_status(asked, status, eventure_reader_message(asked->reader));
            json_int(&asked->out, "count", count);
        }
        if (!request_failed(asked))
            answer_relation(asked, &filter, true);
        if (!request_failed(asked))
            json_close(&asked->out, '}');
    }
    free(id);
}
