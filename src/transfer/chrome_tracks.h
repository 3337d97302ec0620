/*
 * The tracks of a Chrome trace: each is a thread of a process. While the entries are read in the order of time, this
 * keeps the open slices of each track, numbers the slices, and finds the slice of each point of a flow.
 */
#ifndef EVENTURE_TRANSFER_CHROME_TRACKS_H
#define EVENTURE_TRANSFER_CHROME_TRACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "event/types.h"
#include "transfer/chrome_entry.h"
#include "transfer/sorter.h"

/* The phase of a record that is not an entry of the trace but an edge: its text is the id of a cause of the slice
 * `number`. */
#define EVENTURE__CHROME_EDGE 0

/* A record of the sorts; its texts follow it. */
typedef struct eventure__chrome_record
{
    int64_t line;
    int64_t at_ns;
    int64_t dur_ns;  /* -1: none is known */
    int64_t number;  /* of the slice, from 1 */
    size_t track;    /* from 1 */
    int64_t repeat;  /* how many slices of the track began at that time before */
    size_t text_len; /* the entry as compact JSON; of a point of a flow, the id of its slice */
    size_t more_len; /* the arguments of the end event; the name of the flow; of an edge, the id of the cause */
    char phase;      /* of the entry, or EVENTURE__CHROME_EDGE */
    char unused[7];  /* no padding: records are written to a file */
} eventure__chrome_record;

typedef struct eventure__chrome_track eventure__chrome_track;

typedef struct eventure__chrome_tracks
{
    eventure__error *error;
    eventure__sorter *points; /* receive the results; borrowed */
    eventure__sorter *slices;
    eventure__types names;
    eventure__chrome_track *list; /* by their number */
    size_t capacity;
    int64_t last_number;
    bool is_left_out; /* the last entry does not belong to a slice */
    eventure__buffer bytes;
} eventure__chrome_tracks;

void eventure__chrome_tracks_open(eventure__chrome_tracks *tracks, eventure__sorter *points, eventure__sorter *slices,
                                  eventure__error *error);

/* The number of an entry's track, from 1; 0: out of memory. */
size_t eventure__chrome_track_number(eventure__chrome_tracks *tracks, const eventure__chrome_entry *entry);

static inline bool eventure__chrome_is_flow(char phase)
{
    return phase == 's' || phase == 't' || phase == 'f';
}

/* Takes an entry. EVENTURE_ERROR_MEMORY, EVENTURE_ERROR_IO. */
eventure_status eventure__chrome_tracks_take(eventure__chrome_tracks *tracks, const eventure__chrome_record *head,
                                             const char *text);

/* After the last entry: slices without an end. */
eventure_status eventure__chrome_tracks_end(eventure__chrome_tracks *tracks);

/* Appends the id of a slice: the process, the thread, the microsecond, and a number where slices begin together. */
void eventure__chrome_append_id(const eventure__chrome_tracks *tracks, const eventure__chrome_record *head,
                                eventure__buffer *out);

void eventure__chrome_tracks_free(eventure__chrome_tracks *tracks);

#endif
