/*
 * One run of the cascade viewer: what its parts share.
 *
 * tree.c reads which events of one tick belong below which, and walks them depth-first; format.c shows one event;
 * print.c holds the public entry points. Memory is a few words for each event of one tick, never the history.
 */
#ifndef EVENTURE_CASCADE_VIEWER_H
#define EVENTURE_CASCADE_VIEWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include <eventure/cascade.h>

#include "base/buffer.h"
#include "cascade/output.h"
#include "query/row.h"
#include "store/store.h"

/* No node. */
#define EVENTURE__NODE_NONE UINT32_MAX

/* An event of the tick in hand; nodes are counted from its first event. */
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
    int64_t first_seq; /* of node 0 */
    int64_t last_seq;
    uint32_t first_root;
    size_t count;
    size_t capacity;
    eventure__node *nodes;
} eventure__tree;

typedef struct eventure__viewer
{
    eventure_reader *store;
    eventure_cascade_options options;
    eventure__output output;
    eventure__tree tree;
    eventure__buffer text;    /* a key or value, unescaped */
    sqlite3_stmt *ticks;      /* the ticks of a range, with their events */
    sqlite3_stmt *links;      /* the events of a range, with their parents */
    sqlite3_stmt *triggering; /* the events of a range that have children in later ticks */
    sqlite3_stmt *triggered;  /* the children of an event in later ticks */
    sqlite3_stmt *contents;   /* events in append order, with the tick and the type of their parents (the columns from
                                 EVENTURE__EVENT_COLUMN_COUNT on); stands on contents_seq */
    int64_t contents_seq;     /* 0: stands nowhere */
    eventure_cursor *chosen;  /* the events that the filter chooses, in append order; NULL: all are shown */
    int64_t chosen_seq;       /* the one under the cursor; 0: it was not stepped yet, INT64_MAX: there is none */
    int64_t newest_seq;       /* what is appended after it, during the run, is not shown */
    int64_t tick;             /* the one in hand */
    int64_t events_total;     /* what progress says; 0 when it is not known */
    int64_t events_done;
    int64_t told_events; /* how far progress was told last */
    int64_t told_bytes;
} eventure__viewer;

/* Reads the tree of the events first_seq to last_seq: those of one tick from its first one on (its roots are shown), or
 * from any one on (then that one is the only root). */
eventure_status eventure__tree_read(eventure__viewer *viewer, int64_t first_seq, int64_t last_seq, bool only_first);

/* Shows the tree that was read last. */
eventure_status eventure__tree_show(eventure__viewer *viewer);

/* Calls the caller's progress callback, if there is one. */
eventure_status eventure__viewer_tell(eventure__viewer *viewer);

/* Moves `contents` to an event. The next one in append order is a step away, any other one a look-up. */
eventure_status eventure__viewer_seek(eventure__viewer *viewer, int64_t seq, eventure_event *out);

/* Shows one event at a level of the tree (roots: 1). `last_seq` is that of its tick. */
eventure_status eventure__event_show(eventure__viewer *viewer, int64_t seq, size_t level, bool triggers,
                                     int64_t last_seq);

/* Says below an event of this level that `count` effects are left out there. */
void eventure__event_show_left_out(eventure__viewer *viewer, int64_t count, size_t level);

/* Shows the details of one event. */
eventure_status eventure__event_show_details(eventure__viewer *viewer, int64_t seq);

#endif
