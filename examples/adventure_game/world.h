/*
 * The world: what is always so (rooms, items, enemies, and the ways between them; world.c), and what has become of it
 * (the state, a fold over the events; world_state.c). Nothing else changes the state.
 */
#ifndef ADVENTURE_WORLD_H
#define ADVENTURE_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include <eventure/eventure.h>

enum
{
    NORTH,
    SOUTH,
    EAST,
    WEST,
    DIRECTIONS
};

enum
{
    JETTY,
    BEACH,
    CAVE,
    GARDEN,
    KITCHEN,
    CELLAR,
    STAIR,
    LAMP_ROOM,
    ROOMS
};

enum
{
    LANTERN,
    OAR,
    BREAD,
    BOATHOOK,
    TEA,
    KEY,
    WHISTLE,
    EMBER,
    ITEMS
};

enum
{
    GOOSE,
    DRAUGHT,
    CRAB,
    ENEMIES
};

#define NONE (-1)        /* no such room, item or enemy */
#define WITH_PLAYER (-2) /* places of items that are no rooms */
#define WITH_AN_ENEMY (-3)
#define USED_UP (-4)

#define FULL_HEALTH 20

typedef struct room
{
    const char *name; /* as events call it */
    const char *title;
    const char *text;
    int exits[DIRECTIONS]; /* rooms, or -1 */
    int x, y;              /* on the map */
} room;

typedef struct item
{
    const char *name; /* one word, as the player calls it */
    const char *title;
    const char *text;
    int place;   /* in the beginning */
    int harm;    /* what it adds to a blow */
    int healing; /* of who eats or drinks it */
} item;

typedef struct enemy
{
    const char *name;
    const char *title;
    const char *text;    /* when it is met */
    const char *attacks; /* what it does to the player */
    const char *is_hurt; /* what is seen of a blow */
    const char *is_beaten;
    int room;
    int health;
    int harm; /* at most, at one blow */
    int item; /* what it drops */
} enemy;

/* A way that is not free: an item must be carried, or an enemy be defeated, before it may be gone. */
typedef struct barrier
{
    int room;
    int direction;
    int item;  /* or -1 */
    int enemy; /* or -1 */
    const char *refusal;
} barrier;

#define BARRIERS 3

extern const char *const direction_names[DIRECTIONS];
extern const room rooms[ROOMS];
extern const item items[ITEMS];
extern const enemy enemies[ENEMIES];
extern const barrier barriers[BARRIERS];

/* Return the number of a name; -1 when there is none. */
int room_named(const char *name);
int item_named(const char *name);
int enemy_named(const char *name);

/* The state. */
typedef struct world
{
    int64_t seed; /* of the rolls */
    int room;
    int health;
    bool visited[ROOMS];
    int places[ITEMS]; /* a room, or one of the places above */
    int enemy_health[ENEMIES];
    bool startled[ENEMIES];
    bool is_lit;
} world;

/* Folds events into the state, which is its context. Other events do not change it. */
extern const eventure_reducer world_reducer;

/* Return the item, enemy or room that an event names in a member; -1 when it names none. */
int item_of(const eventure_event *event);
int enemy_of(const eventure_event *event);
int room_of(const eventure_event *event, const char *key);

/* An integer member; 0 when it has none. */
int number_of(const eventure_event *event, const char *key);

/* Returns the enemy that is in the player's room and not defeated, or -1. */
int enemy_here(const world *state);

bool is_carried(const world *state, int item_number);

/* Returns the barrier in a direction, or NULL. */
const barrier *barrier_at(const world *state, int direction);

#endif
