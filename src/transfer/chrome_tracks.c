/*
 * Tracks of a Chrome trace: see chrome_tracks.h.
 */
#include "transfer/chrome_tracks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* A slice that is open. */
typedef struct open_slice
{
    eventure__chrome_record head;
    int64_t end_ns; /* INT64_MAX: until its end event */
    char *text;     /* of a begin event: the entry, until its end is read; else NULL */
} open_slice;

/* The end of a flow that belongs to the next slice of the track. */
typedef struct flow_end
{
    eventure__chrome_record head;
    char *name;
} flow_end;

struct eventure__chrome_track
{
    open_slice *slices; /* the inner ones last */
    size_t slices_count;
    size_t slices_capacity;
    flow_end *ends;
    size_t ends_count;
    size_t ends_capacity;
    int64_t newest_ns; /* where the newest slice begins */
    int64_t begun;     /* how many slices began there */
};

void eventure__chrome_tracks_open(eventure__chrome_tracks *tracks, eventure__sorter *points, eventure__sorter *slices,
                                  eventure__error *error)
{
    *tracks = (eventure__chrome_tracks){.error = error, .points = points, .slices = slices};
}

static eventure_status fail_memory(eventure__chrome_tracks *tracks)
{
    return eventure__fail(tracks->error, EVENTURE_ERROR_MEMORY, "out of memory");
}

/* Makes room for one more element of `size` bytes. */
static bool grow(void **list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return true;
    const size_t more = *capacity == 0 ? 8 : *capacity * 2;
    void *larger = realloc(*list, more * size);
    if (larger == NULL)
        return false;
    *list = larger;
    *capacity = more;
    return true;
}

static void append_plain(eventure__buffer *out, eventure__span value)
{
    if (value.at == NULL)
        eventure__buffer_append_char(out, '0');
    else if (*value.at == '"')
        eventure__buffer_append(out, value.at + 1, value.len - 2);
    else
        eventure__buffer_append(out, value.at, value.len);
}

size_t eventure__chrome_track_number(eventure__chrome_tracks *tracks, const eventure__chrome_entry *entry)
{
    eventure__buffer *name = &tracks->bytes;
    eventure__buffer_clear(name);
    append_plain(name, entry->process);
    eventure__buffer_append_char(name, '/');
    append_plain(name, entry->thread);
    if (name->failed)
        return 0;
    /* Ids, which hold the name, are at most 1024 bytes long. */
    const size_t len = name->len < 900 ? name->len : 900;
    const size_t number = eventure__types_add(&tracks->names, name->bytes, len);
    while (number > tracks->capacity)
    {
        const size_t before = tracks->capacity;
        void *list = tracks->list;
        if (!grow(&list, before, &tracks->capacity, sizeof *tracks->list))
            return 0;
        tracks->list = list;
        memset(tracks->list + before, 0, (tracks->capacity - before) * sizeof *tracks->list);
    }
    return number;
}

void eventure__chrome_append_id(const eventure__chrome_tracks *tracks, const eventure__chrome_record *head,
                                eventure__buffer *out)
{
    char text[64];
    const eventure__type *name = eventure__types_get(&tracks->names, head->track);
    eventure__buffer_append(out, name->name, name->name_len);
    const int64_t rest = (head->at_ns % 1000 + 1000) % 1000;
    snprintf(text, sizeof text, rest != 0 ? "/%lld.%03lld" : "/%lld", (long long)((head->at_ns - rest) / 1000),
             (long long)rest);
    eventure__buffer_append_text(out, text);
    if (head->repeat == 0)
        return;
    eventure__buffer_append_char(out, '~');
    eventure__buffer_append_int(out, head->repeat + 1);
}

/* --- What is found --- */

static eventure_status add_slice(eventure__chrome_tracks *tracks, const eventure__chrome_record *head, const char *text,
                                 eventure__span end_arguments)
{
    eventure__buffer *bytes = &tracks->bytes;
    eventure__chrome_record whole = *head;
    whole.more_len = end_arguments.len;
    eventure__buffer_clear(bytes);
    eventure__buffer_append(bytes, (const char *)&whole, sizeof whole);
    eventure__buffer_append(bytes, text, head->text_len);
    eventure__buffer_append(bytes, end_arguments.at, end_arguments.len);
    if (bytes->failed)
        return fail_memory(tracks);
    /* After the edges that lead to it. */
    return eventure__sorter_add(tracks->slices, (eventure__sort_key){head->number, 1}, bytes->bytes, bytes->len);
}

/* A flow is identified by its category, name and id. `name` contains these, unchanged from the entry. */
static eventure_status add_point(eventure__chrome_tracks *tracks, const eventure__chrome_record *point,
                                 const eventure__chrome_record *slice, const char *name)
{
    eventure__buffer *bytes = &tracks->bytes;
    eventure__chrome_record head = *point;
    const size_t name_len = strlen(name);
    head.number = slice->number;
    eventure__buffer_clear(bytes);
    eventure__buffer_append(bytes, (const char *)&head, sizeof head);
    eventure__chrome_append_id(tracks, slice, bytes);
    head.text_len = bytes->len - sizeof head;
    head.more_len = name_len;
    eventure__buffer_append(bytes, name, name_len);
    if (bytes->failed)
        return fail_memory(tracks);
    memcpy(bytes->bytes, &head, sizeof head);
    /* Points at the same time are ordered: starts come first. */
    const double order = head.phase == 's' ? 0 : head.phase == 't' ? 0.25 : 0.5;
    const eventure__sort_key key = {(int64_t)eventure__hash(name, name_len), (double)head.at_ns + order};
    return eventure__sorter_add(tracks->points, key, bytes->bytes, bytes->len);
}

static char *flow_name(const eventure__chrome_entry *entry)
{
    static const eventure__span none = {"", 0};
    const eventure__span parts[] = {entry->category.at != NULL ? entry->category : none,
                                    entry->name.at != NULL ? entry->name : none,
                                    entry->id.at != NULL ? entry->id : none};
    eventure__buffer name = {0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    {
        eventure__buffer_append(&name, parts[i].at, parts[i].len);
        eventure__buffer_append_char(&name, '\n'); /* which does not occur in compact JSON */
    }
    return eventure__buffer_take(&name);
}

/* --- Open slices --- */

/* Forgets the complete slices that have ended. At the time of its end a slice can contain a flow, but not another
   slice. */
static void close_ended(eventure__chrome_track *track, int64_t at_ns, bool is_begin)
{
    while (track->slices_count > 0)
    {
        const open_slice *inner = &track->slices[track->slices_count - 1];
        if (inner->text != NULL || inner->end_ns > at_ns || (inner->end_ns == at_ns && !is_begin))
            return;
        track->slices_count--;
    }
}

static eventure_status settle_ends(eventure__chrome_tracks *tracks, eventure__chrome_track *track,
                                   const eventure__chrome_record *slice)
{
    eventure_status status = EVENTURE_OK;
    for (size_t i = 0; i < track->ends_count; i++)
    {
        if (status == EVENTURE_OK)
            status = add_point(tracks, &track->ends[i].head, slice, track->ends[i].name);
        free(track->ends[i].name);
    }
    track->ends_count = 0;
    return status;
}

static eventure_status begin_slice(eventure__chrome_tracks *tracks, eventure__chrome_track *track,
                                   const eventure__chrome_record *head, const char *text)
{
    void *list = track->slices;
    close_ended(track, head->at_ns, true);
    if (!grow(&list, track->slices_count, &track->slices_capacity, sizeof *track->slices))
        return fail_memory(tracks);
    track->slices = list;
    if (track->newest_ns != head->at_ns)
        track->begun = 0;
    track->newest_ns = head->at_ns;
    open_slice slice = {.head = *head, .end_ns = INT64_MAX};
    slice.head.number = ++tracks->last_number;
    slice.head.repeat = track->begun++;
    if (head->phase != 'B')
        slice.end_ns = head->at_ns + (head->dur_ns > 0 ? head->dur_ns : 0);
    else
    {
        slice.text = malloc(head->text_len);
        if (slice.text == NULL)
            return fail_memory(tracks);
        memcpy(slice.text, text, head->text_len);
    }
    track->slices[track->slices_count++] = slice;
    const eventure_status status = settle_ends(tracks, track, &slice.head);
    if (status != EVENTURE_OK || head->phase == 'B')
        return status;
    return add_slice(tracks, &slice.head, text, (eventure__span){NULL, 0});
}

/* An end event ends the innermost slice that has a begin event. */
static eventure_status end_slice(eventure__chrome_tracks *tracks, eventure__chrome_track *track,
                                 const eventure__chrome_record *head, const char *text)
{
    eventure__chrome_entry entry;
    size_t at = track->slices_count;
    while (at > 0 && track->slices[at - 1].text == NULL)
        at--;
    if (at == 0)
    {
        tracks->is_left_out = true;
        return EVENTURE_OK;
    }
    open_slice slice = track->slices[--at];
    memmove(track->slices + at, track->slices + at + 1, (track->slices_count - at - 1) * sizeof slice);
    track->slices_count--;
    eventure__chrome_entry_read((eventure__span){text, head->text_len}, &entry);
    slice.head.dur_ns = head->at_ns - slice.head.at_ns;
    const eventure_status status = add_slice(tracks, &slice.head, slice.text,
                                             entry.arguments.at != NULL ? entry.arguments : (eventure__span){NULL, 0});
    free(slice.text);
    return status;
}

/* A point of a flow belongs to the enclosing slice; an end without the binding "enclosing" belongs to the next
   slice. */
static eventure_status take_flow(eventure__chrome_tracks *tracks, eventure__chrome_track *track,
                                 const eventure__chrome_record *head, const char *text)
{
    eventure__chrome_entry entry;
    void *list = track->ends;
    close_ended(track, head->at_ns, false);
    const open_slice *around = track->slices_count > 0 ? &track->slices[track->slices_count - 1] : NULL;
    eventure__chrome_entry_read((eventure__span){text, head->text_len}, &entry);
    char *name = flow_name(&entry);
    if (name == NULL)
        return fail_memory(tracks);
    if (head->phase != 'f' || entry.binds_to_enclosing || (around != NULL && around->head.at_ns == head->at_ns))
    {
        tracks->is_left_out = around == NULL;
        const eventure_status status = around != NULL ? add_point(tracks, head, &around->head, name) : EVENTURE_OK;
        free(name);
        return status;
    }
    if (!grow(&list, track->ends_count, &track->ends_capacity, sizeof *track->ends))
    {
        free(name);
        return fail_memory(tracks);
    }
    track->ends = list;
    track->ends[track->ends_count++] = (flow_end){*head, name};
    return EVENTURE_OK;
}

eventure_status eventure__chrome_tracks_take(eventure__chrome_tracks *tracks, const eventure__chrome_record *head,
                                             const char *text)
{
    eventure__chrome_track *track = &tracks->list[head->track - 1];
    tracks->is_left_out = false;
    if (head->phase == 'E')
        return end_slice(tracks, track, head, text);
    if (eventure__chrome_is_flow(head->phase))
        return take_flow(tracks, track, head, text);
    return begin_slice(tracks, track, head, text);
}

eventure_status eventure__chrome_tracks_end(eventure__chrome_tracks *tracks)
{
    eventure_status status = EVENTURE_OK;
    for (size_t i = 0; i < tracks->names.count && status == EVENTURE_OK; i++)
        for (size_t j = 0; j < tracks->list[i].slices_count && status == EVENTURE_OK; j++)
        {
            const open_slice *slice = &tracks->list[i].slices[j];
            if (slice->text != NULL)
                status = add_slice(tracks, &slice->head, slice->text, (eventure__span){NULL, 0});
        }
    return status;
}

void eventure__chrome_tracks_free(eventure__chrome_tracks *tracks)
{
    for (size_t i = 0; i < tracks->names.count && i < tracks->capacity; i++)
    {
        eventure__chrome_track *track = &tracks->list[i];
        for (size_t j = 0; j < track->slices_count; j++)
            free(track->slices[j].text);
        for (size_t j = 0; j < track->ends_count; j++)
            free(track->ends[j].name);
        free(track->slices);
        free(track->ends);
    }
    free(tracks->list);
    eventure__types_free(&tracks->names);
    eventure__buffer_free(&tracks->bytes);
}
