/*
 * Chrome's trace event format as a source: the object form, of which `traceEvents` is read, and the array form.
 *
 * A slice (a complete event, or a begin and an end event) and an instant event become events; a flow makes the slice at
 * its end an effect of the slice at its start. Entries are in any order, so that the work consists of three sorts.
 * Memory does not grow with the file, except for the tracks and the slices that are open at the same time:
 *
 * 1. Entries by their time. Slices are numbered in that order, and the slice of each point of a flow is found.
 * 2. Points of flows by flow and time: the point after a start in the same flow is its effect.
 * 3. Slices by their number, each after its causes.
 */
#include <stdlib.h>
#include <string.h>

#include "transfer/chrome_entry.h"
#include "transfer/chrome_tracks.h"
#include "transfer/sorter.h"
#include "transfer/source.h"
#include "transfer/values.h"

#define SORTS 3

typedef struct chrome_source
{
    eventure__values values;
    eventure__buffer compact;
    eventure__buffer data;
    eventure__buffer texts; /* of the event: type, id and parent's id, each with a NUL */
    eventure__buffer cause; /* the id of the cause of the next slice */
    int64_t cause_of;       /* its number; 0: none */
    eventure__sorter entries;
    eventure__sorter points;
    eventure__sorter slices;
    eventure__chrome_tracks tracks;
    bool is_read;
} chrome_source;

/* --- The first sort: entries by time --- */

static eventure_status fail_time(eventure__event_source *source, const char *name, eventure__span value)
{
    if (value.at == NULL)
        return eventure__fail(source->error, EVENTURE_ERROR_JSON, "%s is missing", name);
    return eventure__fail(source->error, EVENTURE_ERROR_JSON, "%s is %s, not a number of microseconds", name,
                          eventure__quote(value.at, value.len).text);
}

static eventure_status add_entry(eventure__event_source *source, const eventure__chrome_entry *entry)
{
    chrome_source *state = source->state;
    eventure__chrome_record head = {.line = source->line, .dur_ns = -1, .phase = entry->phase};
    double order = 0;
    if (!eventure__chrome_time_ns(entry->time, &head.at_ns))
        return fail_time(source, "ts", entry->time);
    if (entry->phase == 'X' && entry->duration.at != NULL &&
        (!eventure__chrome_time_ns(entry->duration, &head.dur_ns) || head.dur_ns < 0))
        return fail_time(source, "dur", entry->duration);
    if (entry->phase == 'X' && head.dur_ns < 0)
        head.dur_ns = 0;
    head.track = eventure__chrome_track_number(&state->tracks, entry);
    if (head.track == 0)
        return eventure__source_out_of_memory(source);
    /* When slices begin at the same time, the outer ones come first; flows come after the slices of the same time. */
    if (entry->phase == 'X')
        order = -(double)head.dur_ns;
    else if (eventure__chrome_is_flow(entry->phase))
        order = 1;
    head.text_len = entry->json.len;
    eventure__buffer *bytes = &state->data;
    eventure__buffer_clear(bytes);
    eventure__buffer_append(bytes, (const char *)&head, sizeof head);
    eventure__buffer_append(bytes, entry->json.at, entry->json.len);
    if (bytes->failed)
        return eventure__source_out_of_memory(source);
    return eventure__sorter_add(&state->entries, (eventure__sort_key){head.at_ns, order}, bytes->bytes, bytes->len);
}

static eventure_status read_entries(eventure__event_source *source)
{
    chrome_source *state = source->state;
    const char *text = NULL;
    size_t len = 0;
    eventure_status status = EVENTURE_OK;
    while (status == EVENTURE_OK && (status = eventure__values_next(&state->values, &text, &len)) == EVENTURE_ROW)
    {
        eventure__chrome_entry entry;
        source->line = state->values.line;
        eventure__buffer_clear(&state->compact);
        status = eventure__json_compact(text, len, source->max_depth, &state->compact, source->error);
        if (status == EVENTURE_ERROR_JSON)
            return eventure__fail_prefix(source->error, "invalid JSON");
        if (status != EVENTURE_OK)
            return status;
        if (*state->compact.bytes != '{')
            return eventure__fail(source->error, EVENTURE_ERROR_JSON, "not a JSON object: %s",
                                  eventure__quote(state->compact.bytes, state->compact.len).text);
        eventure__chrome_entry_read((eventure__span){state->compact.bytes, state->compact.len}, &entry);
        if (entry.phase == 0)
            return eventure__fail(source->error, EVENTURE_ERROR_JSON, "ph is missing, or not a string of one letter");
        if (strchr("XBEiIRstf", entry.phase) != NULL)
            status = add_entry(source, &entry);
        else
            source->skipped++;
    }
    source->line = state->values.line;
    return status;
}

/* --- The second sort: points of flows --- */

static bool is_flow_of(const char *bytes, const eventure__chrome_record *head, const eventure__buffer *name)
{
    return head->more_len == name->len &&
           (name->len == 0 || memcmp(bytes + sizeof *head + head->text_len, name->bytes, name->len) == 0);
}

/* Adds an edge to a slice to the third sort. */
static eventure_status add_edge(eventure__event_source *source, int64_t effect, const eventure__buffer *cause)
{
    chrome_source *state = source->state;
    const eventure__chrome_record head = {.number = effect, .more_len = cause->len, .phase = EVENTURE__CHROME_EDGE};
    eventure__buffer *bytes = &state->data;
    eventure__buffer_clear(bytes);
    eventure__buffer_append(bytes, (const char *)&head, sizeof head);
    eventure__buffer_append(bytes, cause->bytes, cause->len);
    if (bytes->failed)
        return eventure__source_out_of_memory(source);
    return eventure__sorter_add(&state->slices, (eventure__sort_key){effect, 0}, bytes->bytes, bytes->len);
}

/* A point's text is the id of its slice. */
static eventure_status tie_flows(eventure__event_source *source)
{
    chrome_source *state = source->state;
    eventure__buffer name = {0};
    eventure__buffer cause = {0};
    int64_t cause_number = 0;
    char *bytes = NULL;
    size_t len = 0;
    eventure_status status = EVENTURE_OK;
    while (status == EVENTURE_OK && (status = eventure__sorter_next(&state->points, &bytes, &len)) == EVENTURE_ROW)
    {
        eventure__chrome_record head;
        memcpy(&head, bytes, sizeof head);
        status = EVENTURE_OK;
        if (!is_flow_of(bytes, &head, &name))
        {
            eventure__buffer_clear(&name);
            eventure__buffer_append(&name, bytes + sizeof head + head.text_len, head.more_len);
            cause_number = 0;
        }
        if (head.phase != 's' && cause_number != 0 && cause_number != head.number)
            status = add_edge(source, head.number, &cause);
        if (head.phase != 'f')
        {
            eventure__buffer_clear(&cause);
            eventure__buffer_append(&cause, bytes + sizeof head, head.text_len);
            cause_number = head.number;
        }
        if (status == EVENTURE_OK && (name.failed || cause.failed))
            status = eventure__source_out_of_memory(source);
    }
    eventure__buffer_free(&name);
    eventure__buffer_free(&cause);
    return status;
}

/* --- The third sort: slices --- */

static eventure_status number_entries(eventure__event_source *source)
{
    chrome_source *state = source->state;
    char *bytes = NULL;
    size_t len = 0;
    eventure_status status = EVENTURE_OK;
    while (status == EVENTURE_OK && (status = eventure__sorter_next(&state->entries, &bytes, &len)) == EVENTURE_ROW)
    {
        eventure__chrome_record head;
        memcpy(&head, bytes, sizeof head);
        source->line = head.line;
        status = eventure__chrome_tracks_take(&state->tracks, &head, bytes + sizeof head);
        source->skipped += state->tracks.is_left_out;
    }
    return status == EVENTURE_OK ? eventure__chrome_tracks_end(&state->tracks) : status;
}

static eventure_status prepare(eventure__event_source *source)
{
    chrome_source *state = source->state;
    state->is_read = true;
    eventure_status status = read_entries(source);
    if (status == EVENTURE_OK)
        status = number_entries(source);
    eventure__sorter_free(&state->entries);
    if (status == EVENTURE_OK)
        status = tie_flows(source);
    eventure__sorter_free(&state->points);
    return status;
}

static eventure_status fill(eventure__event_source *source, const char *bytes, const eventure__chrome_record *head,
                            eventure__incoming *out)
{
    chrome_source *state = source->state;
    eventure__chrome_entry entry;
    const char *text = bytes + sizeof *head;
    const eventure__span end_arguments = {text + head->text_len, head->more_len};
    eventure__buffer *texts = &state->texts;
    const bool has_cause = state->cause_of == head->number;
    const bool is_ended = head->phase == 'B';
    eventure__chrome_entry_read((eventure__span){text, head->text_len}, &entry);
    eventure__buffer_clear(&state->data);
    eventure__chrome_append_data(&entry, end_arguments, is_ended ? head->dur_ns : -1, &state->data);
    eventure__buffer_clear(texts);
    eventure__chrome_append_type(&entry, texts);
    eventure__buffer_append_char(texts, '\0');
    const size_t id_offset = texts->len;
    eventure__chrome_append_id(&state->tracks, head, texts);
    eventure__buffer_append_char(texts, '\0');
    const size_t parent_offset = texts->len;
    if (has_cause)
        eventure__buffer_append(texts, state->cause.bytes, state->cause.len);
    eventure__buffer_append_char(texts, '\0');
    const char *data = eventure__buffer_text(&state->data);
    if (data == NULL || texts->failed || state->cause.failed)
        return eventure__source_out_of_memory(source);
    *out = (eventure__incoming){.line = head->line, .has_time = true, .may_lack_parent = true};
    out->event.type = texts->bytes;
    out->event.id = texts->bytes + id_offset;
    out->event.parent_id = has_cause ? texts->bytes + parent_offset : NULL;
    out->event.data = data;
    out->event.data_len = state->data.len;
    source->line = head->line;
    if (!eventure__chrome_time(entry.time, &out->event.timestamp))
        return fail_time(source, "ts", entry.time);
    return EVENTURE_ROW;
}

static eventure_status next(eventure__event_source *source, eventure__incoming *out)
{
    chrome_source *state = source->state;
    char *bytes = NULL;
    size_t len = 0;
    eventure_status status = state->is_read ? EVENTURE_OK : prepare(source);
    while (status == EVENTURE_OK && (status = eventure__sorter_next(&state->slices, &bytes, &len)) == EVENTURE_ROW)
    {
        eventure__chrome_record head;
        memcpy(&head, bytes, sizeof head);
        if (head.phase != EVENTURE__CHROME_EDGE)
            return fill(source, bytes, &head, out);
        /* Edges precede their slice in the sort. The first edge gives the cause; later ones are ignored. */
        if (state->cause_of != head.number)
        {
            eventure__buffer_clear(&state->cause);
            eventure__buffer_append(&state->cause, bytes + sizeof head, head.more_len);
            state->cause_of = head.number;
        }
        status = EVENTURE_OK;
    }
    return status;
}

static void release(eventure__event_source *source)
{
    chrome_source *state = source->state;
    eventure__values_free(&state->values);
    eventure__buffer_free(&state->compact);
    eventure__buffer_free(&state->data);
    eventure__buffer_free(&state->texts);
    eventure__buffer_free(&state->cause);
    eventure__sorter_free(&state->slices); /* prepare() frees the two other sorters */
    eventure__chrome_tracks_free(&state->tracks);
    free(state);
}

eventure_status eventure__source_chrome(eventure__event_source *source)
{
    chrome_source *state = calloc(1, sizeof *state);
    if (state == NULL)
        return eventure__source_out_of_memory(source);
    const size_t memory = (size_t)source->options->sort_memory / SORTS;
    source->state = state;
    source->next = next;
    source->release = release;
    eventure__sorter_open(&state->entries, memory, source->folder, source->error);
    eventure__sorter_open(&state->points, memory, source->folder, source->error);
    eventure__sorter_open(&state->slices, memory, source->folder, source->error);
    eventure__chrome_tracks_open(&state->tracks, &state->points, &state->slices, source->error);
    const eventure_status status =
        eventure__values_open(&state->values, source->options->read, source->options->read_source, source->error);
    state->values.member = "traceEvents";
    state->values.open_array_ends = true;
    return status;
}
