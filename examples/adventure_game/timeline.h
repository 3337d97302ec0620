/*
 * The timeline: undo, redo and load, in a history from which nothing is ever taken back.
 *
 * Taking a move back is an event like any other: `game.undone {"to": T}` means that the game continues from its
 * position after tick T; `game.redone` and `game.loaded` mean the same. The moves therefore form a tree, and the
 * position of the game is one of its nodes: a *turn*, which is a tick in which something happened in the world. The
 * turns from that node up to the root are its *line*. The world is the fold over the events of the line; those of other
 * turns are passed over.
 *
 *     tick  0      1      2      3           4      5
 *           began──go─────take   undo to 1   go─────attack       line: 0, 1, 4, 5
 *                  └─────────────────────────┘
 *
 * Why load is an event too, and not a fork: the player continues in the same file, starting the game again continues
 * the loaded game, and save points made later remain within reach. A fork (`eventure fork GAME.db NEW.db --save-point
 * NAME`) is the way to have both tales, each in its own file.
 */
#ifndef ADVENTURE_TIMELINE_H
#define ADVENTURE_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/eventure.h>

#include "world.h"

/* A tick in which a turn was played, or the tale went to another one. */
typedef struct moment
{
    int64_t tick;
    size_t turn;   /* where the tale stood afterwards: the number of a moment that is a turn, perhaps this one */
    size_t before; /* of a turn: the turn before it in its line; the root's is the root */
    bool in_line;  /* set by timeline_mark */
} moment;

typedef struct timeline
{
    moment *moments; /* in the order of ticks; the first one is the root */
    size_t count;
    size_t capacity;
    size_t turn;    /* where the tale stands */
    size_t *undone; /* the turns that redo goes to, the next one last */
    size_t undone_count;
} timeline;

void timeline_free(timeline *line);

/* Folds the events into the timeline, which is its context. */
extern const eventure_reducer timeline_reducer;

/* The turn at which the tale stands, by its tick. */
int64_t timeline_tick(const timeline *line);

/* The turns to go to, by their ticks; -1 when there is none. */
int64_t timeline_undo_tick(const timeline *line);
int64_t timeline_redo_tick(const timeline *line);

/* The turn at which the tale stood at the end of a tick, by the tick of that turn. */
int64_t timeline_turn_at(const timeline *line, int64_t tick);

/* Marks the moments of the line. */
void timeline_mark(timeline *line);

/* Whether what happened at a tick was taken back, after timeline_mark. */
bool timeline_is_undone(const timeline *line, int64_t tick);

/* Makes the world as it is where the tale stands. */
eventure_status timeline_world(timeline *line, eventure_reader *reader, world *out_world);

#endif
