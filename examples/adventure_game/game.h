/*
 * A text adventure whose whole state comes from events.
 *
 * One line that the player types is one tick, and one event, `command.typed`; what it does, and what comes of that, are
 * the events below it:
 *
 *   command.typed ──▶ player.attack ──▶ enemy.hurt ──▶ enemy.defeated ──▶ treasure.dropped
 *                                                 └──▶ enemy.attack ──▶ player.hurt ──▶ player.fell
 *                 ──▶ command.refused, game.saved, game.undone, game.redone, game.loaded, game.left
 *
 * Each event is folded into the world first (game.c), by the bus; then two hear it, in this order: the narrator
 * (narrator.c), who tells the player; the rules (rules.c), which publish what follows from it. After an undo, a redo or
 * a load, the world is computed again before the narrator hears the event. When an old game is
 * continued, only the state hears its history: nothing is printed twice, and no event is published twice.
 */
#ifndef ADVENTURE_GAME_H
#define ADVENTURE_GAME_H

#include <stdbool.h>
#include <stdint.h>

#include <eventure/eventure.h>

#include "screen.h"
#include "timeline.h"
#include "world.h"

#define GAME_NAME "lantern-rock"
#define LINE_BYTES 200

typedef struct adventure
{
    eventure_log *log;
    eventure_bus *bus;
    world world;
    timeline timeline;
    screen screen;
    bool has_left; /* the player wants to stop */
} adventure;

/* Begins a game in a new store, or continues that of an old one. A seed below 0 means the seed of the history, or 1 for
 * a new one. */
eventure_status game_open(adventure *game, const char *path, int64_t seed);

/* Plays one line, and ends the tick: it is on the disk when this returns. */
eventure_status game_play(adventure *game, const char *line);

/* Closes the store. What was played is in it, also when this is never called. */
eventure_status game_close(adventure *game);

/* Publishes an event of the current tick. */
eventure_status game_publish(adventure *game, const char *type, eventure_data data, const eventure_event *parent);

/* A handler of the events of a type; its context is the game. */
typedef struct game_handler
{
    const char *type;
    eventure_handler_fn handler;
} game_handler;

eventure_status game_subscribe(adventure *game, const game_handler *handlers, size_t count);

/* A random number from 0 up to, but without, `below`. It depends on the seed, the tick and `what` is rolled for alone,
 * so that a game that was stopped continues in the same way as one that was not. */
int game_roll(const adventure *game, int what, int below);

/* The purposes of a roll of the dice. */
enum
{
    ROLL_BLOW = 1,
    ROLL_ANSWER = 2,
    ROLL_AMBUSH = 3
};

/* --- commands.c: understands what was typed, and publishes what the player does --- */
int commands_hear(const eventure_event *typed, void *context);

/* --- rules.c: publishes what follows --- */
eventure_status rules_subscribe(adventure *game);

/* --- narrator.c: tells what happens --- */
eventure_status narrator_subscribe(adventure *game);

/* --- views.c: shows without changing anything --- */
void view_room(const adventure *game);
void view_thing(const adventure *game, const char *name);
void view_inventory(const adventure *game);
void view_map(const adventure *game);
eventure_status view_history(adventure *game);
eventure_status view_saves(adventure *game);

#endif
