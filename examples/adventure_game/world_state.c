/*
 * The state of the world as a fold over the events. An event comes from a file, and a file may hold anything: one that
 * makes no sense in this world ends the fold with an error.
 */
#include <string.h>

#include "world.h"

const char *const world_events[WORLD_EVENTS] = {
    "player.go",      "player.take",     "player.drop",    "player.use",       "player.attack",
    "player.hurt",    "player.healed",   "player.fell",    "enemy.attack",     "enemy.hurt",
    "enemy.startled", "enemy.recovered", "enemy.defeated", "treasure.dropped", "lamp.lit",
};

bool world_is_event(const char *type)
{
    for (int i = 0; i < WORLD_EVENTS; i++)
        if (strcmp(world_events[i], type) == 0)
            return true;
    return false;
}

void world_reset(world *state)
{
    memset(state, 0, sizeof *state);
    state->room = JETTY;
    state->visited[JETTY] = true;
    state->health = FULL_HEALTH;
    for (int i = 0; i < ITEMS; i++)
        state->places[i] = items[i].place;
    for (int i = 0; i < ENEMIES; i++)
        state->enemy_health[i] = enemies[i].health;
}

static int named_in(const eventure_event *event, const char *key, int (*find)(const char *name))
{
    char name[32];
    if (eventure_event_string(event, key, name, sizeof name, NULL) != EVENTURE_OK)
        return NOBODY;
    return find(name);
}

int item_of(const eventure_event *event)
{
    return named_in(event, "item", item_named);
}

int enemy_of(const eventure_event *event)
{
    return named_in(event, "enemy", enemy_named);
}

int room_of(const eventure_event *event, const char *key)
{
    return named_in(event, key, room_named);
}

int number_of(const eventure_event *event, const char *key)
{
    int64_t value = 0;
    eventure_event_int(event, key, &value);
    return value > 0 && value <= INT16_MAX ? (int)value : 0;
}

static eventure_status go(world *state, const eventure_event *event)
{
    int to = room_of(event, "to");
    if (to == NOBODY)
        return EVENTURE_ERROR_CORRUPT;
    state->room = to;
    state->visited[to] = true;
    return EVENTURE_OK;
}

static eventure_status put_item(world *state, const eventure_event *event, int place)
{
    int which = item_of(event);
    if (which == NOBODY || place == NOBODY)
        return EVENTURE_ERROR_CORRUPT;
    state->places[which] = place;
    return EVENTURE_OK;
}

static eventure_status hurt_enemy(world *state, const eventure_event *event)
{
    int who = enemy_of(event);
    if (who == NOBODY)
        return EVENTURE_ERROR_CORRUPT;
    state->enemy_health[who] = number_of(event, "left");
    return EVENTURE_OK;
}

static eventure_status startle(world *state, const eventure_event *event, bool is_startled)
{
    int who = enemy_of(event);
    if (who == NOBODY)
        return EVENTURE_ERROR_CORRUPT;
    state->startled[who] = is_startled;
    return EVENTURE_OK;
}

eventure_status world_apply(world *state, const eventure_event *event)
{
    const char *type = event->type;
    if (strcmp(type, "player.go") == 0)
        return go(state, event);
    if (strcmp(type, "player.take") == 0)
        return put_item(state, event, WITH_PLAYER);
    if (strcmp(type, "player.drop") == 0)
        return put_item(state, event, state->room);
    if (strcmp(type, "treasure.dropped") == 0)
        return put_item(state, event, room_of(event, "room"));
    if (strcmp(type, "enemy.hurt") == 0)
        return hurt_enemy(state, event);
    if (strcmp(type, "enemy.startled") == 0)
        return startle(state, event, true);
    if (strcmp(type, "enemy.recovered") == 0)
        return startle(state, event, false);
    if (strcmp(type, "player.hurt") == 0)
        state->health = number_of(event, "left");
    if (strcmp(type, "player.healed") == 0)
    {
        state->health = number_of(event, "left");
        return put_item(state, event, USED_UP);
    }
    if (strcmp(type, "lamp.lit") == 0)
    {
        state->is_lit = true;
        state->places[EMBER] = USED_UP;
    }
    return EVENTURE_OK;
}

int enemy_here(const world *state)
{
    for (int i = 0; i < ENEMIES; i++)
        if (enemies[i].room == state->room && state->enemy_health[i] > 0)
            return i;
    return NOBODY;
}

bool is_carried(const world *state, int item_number)
{
    return state->places[item_number] == WITH_PLAYER;
}

const barrier *barrier_at(const world *state, int direction)
{
    for (int i = 0; i < BARRIERS; i++)
    {
        const barrier *way = &barriers[i];
        if (way->room != state->room || way->direction != direction)
            continue;
        if ((way->item != NOBODY && !is_carried(state, way->item)) ||
            (way->enemy != NOBODY && state->enemy_health[way->enemy] > 0))
            return way;
    }
    return NULL;
}
