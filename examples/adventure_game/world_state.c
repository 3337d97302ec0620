/*
 * The state of the world as a fold over the events. An event comes from a file, and a file may hold anything: one that
 * makes no sense in this world ends the fold with an error.
 */
#include <string.h>

#include "world.h"

static int reset(void *context)
{
    world *state = context;
    memset(state, 0, sizeof *state);
    state->room = JETTY;
    state->visited[JETTY] = true;
    state->health = FULL_HEALTH;
    for (int i = 0; i < ITEMS; i++)
        state->places[i] = items[i].place;
    for (int i = 0; i < ENEMIES; i++)
        state->enemy_health[i] = enemies[i].health;
    return EVENTURE_OK;
}

static int named_in(const eventure_event *event, const char *key, int (*find)(const char *name))
{
    char name[32];
    if (eventure_event_string(event, key, name, sizeof name, NULL) != EVENTURE_OK)
        return NONE;
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
    int64_t value = eventure_event_int_or(event, key, 0);
    return value > 0 && value <= INT16_MAX ? (int)value : 0;
}

static int begin(const eventure_event *event, void *context)
{
    world *state = context;
    return eventure_event_int(event, "seed", &state->seed) == EVENTURE_OK ? EVENTURE_OK : EVENTURE_ERROR_CORRUPT;
}

static int go(const eventure_event *event, void *context)
{
    world *state = context;
    int to = room_of(event, "to");
    if (to == NONE)
        return EVENTURE_ERROR_CORRUPT;
    state->room = to;
    state->visited[to] = true;
    return EVENTURE_OK;
}

static int put_item(world *state, int item_index, int place)
{
    if (item_index == NONE || place == NONE)
        return EVENTURE_ERROR_CORRUPT;
    state->places[item_index] = place;
    return EVENTURE_OK;
}

static int take(const eventure_event *event, void *context)
{
    return put_item(context, item_of(event), WITH_PLAYER);
}

static int drop(const eventure_event *event, void *context)
{
    world *state = context;
    return put_item(state, item_of(event), state->room);
}

static int drop_treasure(const eventure_event *event, void *context)
{
    return put_item(context, item_of(event), room_of(event, "room"));
}

static int hurt_player(const eventure_event *event, void *context)
{
    world *state = context;
    state->health = number_of(event, "left");
    return EVENTURE_OK;
}

static int heal(const eventure_event *event, void *context)
{
    hurt_player(event, context);
    return put_item(context, item_of(event), USED_UP);
}

static int hurt_enemy(const eventure_event *event, void *context)
{
    world *state = context;
    int enemy_index = enemy_of(event);
    if (enemy_index == NONE)
        return EVENTURE_ERROR_CORRUPT;
    state->enemy_health[enemy_index] = number_of(event, "left");
    return EVENTURE_OK;
}

static int set_startled(world *state, int enemy_index, bool is_startled)
{
    if (enemy_index == NONE)
        return EVENTURE_ERROR_CORRUPT;
    state->startled[enemy_index] = is_startled;
    return EVENTURE_OK;
}

static int startle(const eventure_event *event, void *context)
{
    return set_startled(context, enemy_of(event), true);
}

static int recover(const eventure_event *event, void *context)
{
    return set_startled(context, enemy_of(event), false);
}

static int light(const eventure_event *event, void *context)
{
    world *state = context;
    (void)event;
    state->is_lit = true;
    return put_item(state, EMBER, USED_UP);
}

static const eventure_reducer_rule rules[] = {
    {"game.began", begin},        {"player.go", go},
    {"player.take", take},        {"player.drop", drop},
    {"player.hurt", hurt_player}, {"player.healed", heal},
    {"enemy.hurt", hurt_enemy},   {"enemy.startled", startle},
    {"enemy.recovered", recover}, {"treasure.dropped", drop_treasure},
    {"lamp.lit", light},
};

const eventure_reducer world_reducer = {.size = sizeof world_reducer,
                                        .name = "world",
                                        .version = 1,
                                        .reset = reset,
                                        .rules = rules,
                                        .rules_count = sizeof rules / sizeof *rules};

int enemy_here(const world *state)
{
    for (int i = 0; i < ENEMIES; i++)
        if (enemies[i].room == state->room && state->enemy_health[i] > 0)
            return i;
    return NONE;
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
        if ((way->item != NONE && !is_carried(state, way->item)) ||
            (way->enemy != NONE && state->enemy_health[way->enemy] > 0))
            return way;
    }
    return NULL;
}
