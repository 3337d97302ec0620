/*
 * The state of one run of the cascade viewer.
 *
 * tree.c reads the tree of one tick and walks it depth-first; format.c prints one event; print.c contains the public
 * entry points. A run uses a few words of memory per event of one tick, independent of the length of the history.
 */
#ifndef EVENTURE_CASCADE_CASCADE_INTERNAL_H
#define EVENTURE_CASCADE_CASCADE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include <eventure/cascade.h>

#include "base/buffer.h"
#include "cascade/viewer_output.h"
#include "query/row.h"
#include "store/store.h"

/* No node. */
#define EVENTURE__NODE_NONE UINT32_MAX

/* An event of the current tick. Nodes are numbered from the first event of the tick. */
typedef struct eventure__node
{
    uint32_t parent;
    uint32_t first_child;
    uint32_t next_sibling;
    bool triggers; /* has children in later ticks */
    bool shown;    /* the filter chooses it */
} eventure__node;

typedef struct eventure__tree
{
    int64_t first_seq; /* seq of node 0 */
    int64_t last_seq;
    uint32_t first_root;
    size_t count;
    size_t capacity;
    eventure__node *nodes;
} eventure__tree;

typedef struct eventure__viewer
{
    eventure__store *store;
    eventure_cascade_options options;
    eventure__output output;
    eventure__tree tree;
    eventure__buffer text;    /* a key or value, unescaped */
    sqlite3_stmt *ticks;      /* the ticks of a range, with their events */
    sqlite3_stmt *links;      /* the events of a range, with their parents */
    sqlite3_stmt *triggering; /* the events of a range that have children in later ticks */
    sqlite3_stmt *triggered;  /* the children of an event in later ticks */
    sqlite3_stmt *contents;   /* events in append order, with the tick and the type of their parents (the columns from
                                 EVENTURE__EVENT_COLUMN_COUNT on); current row: contents_seq */
    int64_t contents_seq;     /* 0: no current row */
    eventure_cursor *chosen;  /* the events that match the filter, in append order; NULL: all are printed */
    int64_t chosen_seq;       /* seq of the cursor's current row; 0: not stepped yet, INT64_MAX: at the end */
    int64_t newest_seq;       /* events appended later, during the run, are not printed */
    int64_t tick;             /* the current tick */
    int64_t events_total;     /* total for the progress callback; 0: unknown */
    int64_t events_done;
    int64_t reported_events; /* position of the last progress report */
    int64_t reported_bytes;
} eventure__viewer;

/* Reads the tree of the events first_seq to last_seq: all events of one tick, whose roots are
 * printed, or those from any event of it on, which then is the only root. */
eventure_status eventure__tree_read(eventure__viewer *viewer, int64_t first_seq, int64_t last_seq, bool only_first);

/* Prints the tree that was read last. */
eventure_status eventure__tree_show(eventure__viewer *viewer);

/* Calls the progress callback, if any. */
eventure_status eventure__viewer_report_progress(eventure__viewer *viewer);

/* Moves `contents` to an event. The next event in append order costs one step, any other event a look-up. */
eventure_status eventure__viewer_seek(eventure__viewer *viewer, int64_t seq, eventure_event *out);

/* Prints one event at a level of the tree (roots: 1). `last_seq` is that of its tick. */
eventure_status eventure__event_show(eventure__viewer *viewer, int64_t seq, size_t level, bool triggers,
                                     int64_t last_seq);

/* Prints below an event of this level that `count` effects are omitted. */
void eventure__event_show_left_out(eventure__viewer *viewer, int64_t count, size_t level);

/* Prints the details of one event. */
eventure_status eventure__event_show_details(eventure__viewer *viewer, int64_t seq);

#endif
