/*
 * The rules: what follows from what. Each publishes an event with the one that it heard as its parent.
 */
#include "game.h"

/* The enemy's answer to what the player did: a blow, or a moment to collect itself. */
static int enemy_turn(adventure *game, int enemy_index, const eventure_event *cause)
{
    const enemy *foe = &enemies[enemy_index];
    if (game->world.startled[enemy_index])
        return game_publish(game, "enemy.recovered", EVENTURE_DATA(eventure_string("enemy", foe->name)), cause);
    return game_publish(game, "enemy.attack",
                        EVENTURE_DATA(eventure_string("enemy", foe->name),
                                      eventure_int("damage", game_roll(game, ROLL_ANSWER, foe->harm + 1))),
                        cause);
}

/* An enemy may greet the player who enters its room. */
static int on_go(const eventure_event *event, void *context)
{
    adventure *game = context;
    int enemy_index = enemy_here(&game->world);
    if (enemy_index == NONE || game_roll(game, ROLL_AMBUSH, 3) != 0)
        return EVENTURE_OK;
    return enemy_turn(game, enemy_index, event);
}

static int on_player_attack(const eventure_event *event, void *context)
{
    adventure *game = context;
    int enemy_index = enemy_of(event);
    int damage = number_of(event, "damage");
    if (damage == 0)
        return enemy_turn(game, enemy_index, event);
    int left = game->world.enemy_health[enemy_index] > damage ? game->world.enemy_health[enemy_index] - damage : 0;
    return game_publish(game, "enemy.hurt",
                        EVENTURE_DATA(eventure_string("enemy", enemies[enemy_index].name),
                                      eventure_int("damage", damage), eventure_int("left", left)),
                        event);
}

static int on_enemy_hurt(const eventure_event *event, void *context)
{
    adventure *game = context;
    int enemy_index = enemy_of(event);
    if (number_of(event, "left") > 0)
        return enemy_turn(game, enemy_index, event);
    return game_publish(game, "enemy.defeated", EVENTURE_DATA(eventure_string("enemy", enemies[enemy_index].name)),
                        event);
}

static int on_enemy_defeated(const eventure_event *event, void *context)
{
    adventure *game = context;
    const enemy *foe = &enemies[enemy_of(event)];
    return game_publish(game, "treasure.dropped",
                        EVENTURE_DATA(eventure_string("item", items[foe->item].name),
                                      eventure_string("room", rooms[game->world.room].name)),
                        event);
}

static int on_enemy_attack(const eventure_event *event, void *context)
{
    adventure *game = context;
    int damage = number_of(event, "damage");
    if (damage == 0)
        return EVENTURE_OK;
    int left = game->world.health > damage ? game->world.health - damage : 0;
    return game_publish(game, "player.hurt", EVENTURE_DATA(eventure_int("damage", damage), eventure_int("left", left)),
                        event);
}

static int on_player_hurt(const eventure_event *event, void *context)
{
    adventure *game = context;
    if (number_of(event, "left") > 0)
        return EVENTURE_OK;
    return game_publish(game, "player.fell", EVENTURE_DATA(eventure_string("room", rooms[game->world.room].name)),
                        event);
}

/* Applies the effect of an item. The command was accepted only because the item can be used here. */
static int on_use(const eventure_event *event, void *context)
{
    adventure *game = context;
    int item_index = item_of(event);
    int enemy_index = enemy_here(&game->world);
    if (item_index == EMBER)
        return game_publish(game, "lamp.lit", eventure_no_data(), event);
    if (item_index == WHISTLE)
        return game_publish(game, "enemy.startled", EVENTURE_DATA(eventure_string("enemy", enemies[enemy_index].name)),
                            event);
    int missing = FULL_HEALTH - game->world.health;
    int healing = items[item_index].healing < missing ? items[item_index].healing : missing;
    return game_publish(game, "player.healed",
                        EVENTURE_DATA(eventure_string("item", items[item_index].name), eventure_int("amount", healing),
                                      eventure_int("left", game->world.health + healing)),
                        event);
}

eventure_status rules_subscribe(adventure *game)
{
    static const game_handler rules[] = {
        {"player.go", on_go},
        {"player.attack", on_player_attack},
        {"player.use", on_use},
        {"player.hurt", on_player_hurt},
        {"enemy.attack", on_enemy_attack},
        {"enemy.hurt", on_enemy_hurt},
        {"enemy.defeated", on_enemy_defeated},
    };
    return game_subscribe(game, rules, sizeof rules / sizeof *rules);
}
