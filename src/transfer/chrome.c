/*
 * Chrome's trace event format, the JSON object form, which Perfetto (ui.perfetto.dev) and chrome://tracing open.
 *
 * The time of a slice is the timestamp of the event, or its place in its tick, where a tick is a millisecond that its
 * events share evenly in their order. A family of types (the part before the first dot) is a track (a thread in that
 * format); a cause and its effect are connected by an arrow (a flow event at either end).
 *
 * By timestamp, the duration of a slice is read from the event: from a path that the caller names, in seconds, or from
 * an imported trace, in microseconds. All other events have no duration. They are drawn one nanosecond long, because
 * the ends of an arrow must be inside a slice.
 *
 * Times are microseconds with three digits of fraction, written as text: whole seconds and their fraction are written
 * separately, or the tick followed by the three digits of the microseconds, so that neither number is too large.
 */
#include "transfer/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "embedded_sql.h"
#include "event/json.h"
#include "event/timestamp.h"
#include "event/types.h"
#include "store/run_record.h"
#include "store/store.h"
#include "transfer/chrome_entry.h"
#include "transfer/seq_set.h"

#define TICK_NS 1000000
#define SECOND_NS 1000000000

/* The drawn duration of an event without one. */
#define MOMENT_NS 1

/* The path in the data of an imported trace that contains the duration of a slice, in microseconds. */
#define KEPT_DURATION EVENTURE__CHROME_KEY ".dur"

/* Times beyond this number of seconds, about 290,000 years, are not exact to the microsecond. */
#define MOST_SECONDS 9e12

/* The position of an event in the trace. */
typedef struct place
{
    size_t track; /* the track of the family of its type */
    int64_t tick;
    int64_t at_ns;    /* from the beginning of the tick */
    int64_t width_ns; /* its share of the tick */
    double timestamp;
} place;

typedef struct chrome_state
{
    eventure__seq_set shown; /* unless everything is */
    eventure__types types;   /* the families; each has a track, by its number */
    size_t named;            /* the number of tracks whose names are written */
} chrome_state;

static bool is_by_tick(const eventure__writing *writing)
{
    return writing->options->trace_clock == EVENTURE_TRACE_BY_TICK;
}

static size_t family_len(const char *type)
{
    return strcspn(type, ".");
}

static eventure_status chrome_begin(eventure__writing *writing)
{
    if ((int)writing->options->trace_clock < 0 || writing->options->trace_clock > EVENTURE_TRACE_BY_TICK)
        return eventure__fail(writing->error, EVENTURE_ERROR_ARGUMENT, "export: there is no clock %d for traces",
                              (int)writing->options->trace_clock);
    writing->state = calloc(1, sizeof(chrome_state));
    if (writing->state == NULL)
        return eventure__writing_out_of_memory(writing);
    eventure__buffer_append_text(writing->out, "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [\n"
                                               "{\"ph\": \"M\", \"pid\": 1, \"name\": \"process_name\", "
                                               "\"args\": {\"name\": \"eventure");
    eventure__buffer_append_text(writing->out, is_by_tick(writing) ? ": 1 tick = 1 ms\"}}" : "\"}}");
    return EVENTURE_OK;
}

/* Finds the place of an event; EVENTURE_ROW when there is one, EVENTURE_OK when the event is not in the store. */
static eventure_status find_place(eventure__writing *writing, int64_t seq, place *out)
{
    chrome_state *state = writing->state;
    const eventure__sql *sql = &eventure__query_place_of_event;
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(writing->reader, sql->text, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 1, seq);
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
    {
        int64_t first = sqlite3_column_int64(statement, 2);
        int64_t last = sqlite3_column_int64(statement, 3);
        int64_t count = (last > seq ? last : seq) - first + 1;
        int64_t at = seq - first;
        const char *type = (const char *)sqlite3_column_text(statement, 0);
        out->track = type != NULL ? eventure__types_add(&state->types, type, family_len(type)) : 0;
        out->tick = sqlite3_column_int64(statement, 1);
        out->timestamp = sqlite3_column_double(statement, 4);
        out->width_ns = count > 0 && count < TICK_NS ? TICK_NS / count : 1;
        out->at_ns = at >= 0 && at < TICK_NS / out->width_ns ? at * out->width_ns : TICK_NS - 1;
        status = out->track != 0 ? EVENTURE_ROW : eventure__writing_out_of_memory(writing);
    }
    else if (step != SQLITE_DONE)
        status = eventure__store_fail(writing->reader, "find the place of an event");
    eventure__store_release(writing->reader, statement);
    return status;
}

/* Microseconds of a number of seconds. */
static void append_seconds(eventure__buffer *out, double seconds)
{
    char number[EVENTURE__DOUBLE_BYTES];
    double size = fabs(seconds);
    double whole = floor(size);
    if (!(size < MOST_SECONDS))
    {
        eventure__buffer_append(out, number, eventure__format_double(number, seconds * 1e6));
        return;
    }
    int64_t ns = (int64_t)llround((size - whole) * SECOND_NS);
    int64_t us = (int64_t)whole * 1000000 + ns / 1000;
    int len = snprintf(number, sizeof number, "%s%" PRId64 ".%03d", seconds < 0 ? "-" : "", us, (int)(ns % 1000));
    eventure__buffer_append(out, number, len > 0 ? (size_t)len : 0);
}

static void append_time(eventure__buffer *out, int64_t tick, int64_t ns)
{
    int64_t us = ns / 1000;
    if (tick > 0)
    {
        eventure__buffer_append_int(out, tick);
        eventure__buffer_append_text(out, us < 10 ? "00" : us < 100 ? "0" : "");
    }
    eventure__buffer_append_int(out, us);
    ns %= 1000;
    eventure__buffer_append_text(out, ns < 10 ? ".00" : ns < 100 ? ".0" : ".");
    eventure__buffer_append_int(out, ns);
}

static void append_string(eventure__buffer *out, const char *text)
{
    eventure__json_append_python_string(out, text, strlen(text));
}

/* Appends the members that every event on a track has, beginning with a comma. */
static void append_place(eventure__writing *writing, const place *at)
{
    eventure__buffer *out = writing->out;
    eventure__buffer_append_text(out, ", \"pid\": 1, \"tid\": ");
    eventure__buffer_append_int(out, (long long)at->track);
    eventure__buffer_append_text(out, ", \"ts\": ");
    if (is_by_tick(writing))
        append_time(out, at->tick, at->at_ns);
    else
        append_seconds(out, at->timestamp);
}

/* Reads a number from 0 at a path in the data. */
static bool find_number(const eventure_event *event, const char *path, eventure__span *out_text, double *out)
{
    return path != NULL &&
           eventure__json_path((eventure__span){event->data, event->data_len}, path, strlen(path), out_text) &&
           *out_text->at >= '0' && *out_text->at <= '9' && eventure__parse_double(out_text->at, out_text->len, out);
}

static void append_duration(eventure__writing *writing, const eventure_event *event, const place *at)
{
    eventure__buffer *out = writing->out;
    eventure__span text = {NULL, 0};
    double duration = 0;
    eventure__buffer_append_text(out, ", \"dur\": ");
    if (is_by_tick(writing))
        append_time(out, 0, at->width_ns);
    else if (find_number(event, writing->options->trace_duration, &text, &duration))
        append_seconds(out, duration);
    else if (find_number(event, KEPT_DURATION, &text, &duration))
        eventure__buffer_append(out, text.at, text.len);
    else
        append_time(out, 0, MOMENT_NS);
}

/* Writes the names and the order of new tracks. */
static void name_tracks(eventure__writing *writing)
{
    chrome_state *state = writing->state;
    eventure__buffer *out = writing->out;
    while (state->named < state->types.count)
    {
        long long track = (long long)++state->named;
        eventure__buffer_append_text(out, ",\n{\"ph\": \"M\", \"pid\": 1, \"tid\": ");
        eventure__buffer_append_int(out, track);
        eventure__buffer_append_text(out, ", \"name\": \"thread_name\", \"args\": {\"name\": ");
        append_string(out, eventure__types_get(&state->types, state->named)->name);
        eventure__buffer_append_text(out, "}},\n{\"ph\": \"M\", \"pid\": 1, \"tid\": ");
        eventure__buffer_append_int(out, track);
        eventure__buffer_append_text(out, ", \"name\": \"thread_sort_index\", \"args\": {\"sort_index\": ");
        eventure__buffer_append_int(out, track);
        eventure__buffer_append_text(out, "}}");
    }
}

static void append_slice(eventure__writing *writing, const eventure_event *event, const place *at)
{
    eventure__buffer *out = writing->out;
    char timestamp[EVENTURE__DOUBLE_BYTES];
    eventure__buffer_append_text(out, ",\n{\"ph\": \"X\", \"name\": ");
    append_string(out, event->type);
    eventure__buffer_append_text(out, ", \"cat\": ");
    eventure__json_append_python_string(out, event->type, family_len(event->type));
    append_place(writing, at);
    append_duration(writing, event, at);
    eventure__buffer_append_text(out, ", \"args\": {\"id\": ");
    append_string(out, event->id);
    eventure__buffer_append_text(out, ", \"tick\": ");
    eventure__buffer_append_int(out, event->tick);
    eventure__buffer_append_text(out, ", \"timestamp\": ");
    eventure__buffer_append(out, timestamp, eventure__timestamp_format(timestamp, event));
    if (event->parent_id != NULL)
    {
        eventure__buffer_append_text(out, ", \"parent_id\": ");
        append_string(out, event->parent_id);
    }
    eventure__buffer_append_text(out, ", \"data\": ");
    eventure__json_append_python((eventure__span){event->data, event->data_len}, out);
    eventure__buffer_append_text(out, "}}");
}

static void append_arrow(eventure__writing *writing, int64_t id, const char *end, const place *at)
{
    eventure__buffer *out = writing->out;
    eventure__buffer_append_text(out, ",\n{\"ph\": \"");
    eventure__buffer_append_text(out, end);
    eventure__buffer_append_text(out, ", \"name\": \"cause\", \"cat\": \"cause\", \"id\": ");
    eventure__buffer_append_int(out, id);
    append_place(writing, at);
    eventure__buffer_append_text(out, "}");
}

/* Writes an arrow from a cause in the trace; other causes have no slice at which it could begin. */
static eventure_status tie(eventure__writing *writing, const eventure_event *event, const place *at)
{
    const chrome_state *state = writing->state;
    place cause = {0};
    if (event->parent_seq == 0 || (!writing->whole && !eventure__seq_set_has(&state->shown, event->parent_seq)))
        return EVENTURE_OK;
    eventure_status status = find_place(writing, event->parent_seq, &cause);
    if (status != EVENTURE_ROW)
        return status;
    append_arrow(writing, event->seq, "s\"", &cause);
    append_arrow(writing, event->seq, "f\", \"bp\": \"e\"", at);
    return EVENTURE_OK;
}

static eventure_status chrome_event(eventure__writing *writing, const eventure_event *event)
{
    chrome_state *state = writing->state;
    place at = {0};
    eventure_status status = find_place(writing, event->seq, &at);
    if (status != EVENTURE_ROW)
        return status;
    name_tracks(writing);
    append_slice(writing, event, &at);
    if (!writing->whole && !eventure__seq_set_add(&state->shown, event->seq))
        return eventure__writing_out_of_memory(writing);
    return tie(writing, event, &at);
}

/* The record of the run is the metadata of the trace. */
static eventure_status append_record(eventure__writing *writing)
{
    char *record = NULL;
    eventure_status status = eventure__run_record_read(writing->reader, NULL, &record);
    if (status == EVENTURE_OK && strcmp(record, "{}") != 0)
    {
        eventure__buffer_append_text(writing->out, ", \"otherData\": ");
        eventure__buffer_append_text(writing->out, record);
    }
    eventure_free(record);
    return status;
}

static eventure_status chrome_end(eventure__writing *writing)
{
    eventure__buffer_append_text(writing->out, "\n]");
    eventure_status status = append_record(writing);
    eventure__buffer_append_text(writing->out, "}\n");
    return status;
}

static void chrome_release(eventure__writing *writing)
{
    chrome_state *state = writing->state;
    if (state == NULL)
        return;
    eventure__seq_set_free(&state->shown);
    eventure__types_free(&state->types);
    free(state);
}

const eventure__format eventure__format_chrome = {"chrome",     true,       chrome_begin,
                                                  chrome_event, chrome_end, chrome_release};
