/*
 * The narrator: tells the player what happens, as it happens. It only listens.
 */
#include <string.h>

#include "game.h"

static void tell_beginning(const adventure *game)
{
    say(&game->screen, TITLE, "LANTERN ROCK");
    say(&game->screen, PLAIN,
        "For three nights the lamp on Lantern Rock has been dark. The office has sent you, its youngest, to find out "
        "why, and to light it again before the evening boats come in.\n");
    view_room(game);
    say(&game->screen, FAINT, "\nType help for what you can say. All you do is kept at once: leave when you like.");
}

static void tell_blow(const adventure *game, const eventure_event *event)
{
    const char *name = enemies[enemy_of(event)].title;
    char weapon[32] = "";
    eventure_event_string(event, "weapon", weapon, sizeof weapon, NULL);
    if (number_of(event, "damage") == 0)
        say(&game->screen, PLAIN, "You swing at %s, and hit a good deal of air.", name);
    else
        say(&game->screen, PLAIN, "You go at %s with your %s.", name, weapon);
}

static void tell_enemy(const adventure *game, const eventure_event *event)
{
    const enemy *foe = &enemies[enemy_of(event)];
    if (strcmp(event->type, "enemy.hurt") == 0 && number_of(event, "left") > 0)
        say(&game->screen, GOOD, "%s (%d; %d to go)", foe->is_hurt, number_of(event, "damage"),
            number_of(event, "left"));
    else if (strcmp(event->type, "enemy.defeated") == 0)
        say(&game->screen, GOOD, "%s", foe->is_beaten);
    else if (strcmp(event->type, "enemy.startled") == 0)
        say(&game->screen, GOOD, "The whistle goes through walls. For a moment %s has no idea what to do.", foe->title);
    else if (strcmp(event->type, "enemy.recovered") == 0)
        say(&game->screen, PLAIN, "It takes a moment to recover: nothing comes back.");
    else if (strcmp(event->type, "enemy.attack") == 0)
        say(&game->screen, BAD, "%s%s", foe->attacks, number_of(event, "damage") == 0 ? " It misses." : "");
}

static void tell_player(const adventure *game, const eventure_event *event)
{
    int which = item_of(event);
    const char *type = event->type;
    if (strcmp(type, "player.go") == 0)
        view_room(game);
    else if (strcmp(type, "player.take") == 0)
        say(&game->screen, PLAIN, "Taken: %s.", items[which].title);
    else if (strcmp(type, "player.drop") == 0)
        say(&game->screen, PLAIN, "Put down: %s.", items[which].title);
    else if (strcmp(type, "player.attack") == 0)
        tell_blow(game, event);
    else if (strcmp(type, "player.hurt") == 0)
        say(&game->screen, BAD, "That costs you %d. (health %d of %d)", number_of(event, "damage"),
            number_of(event, "left"), FULL_HEALTH);
    else if (strcmp(type, "player.healed") == 0)
        say(&game->screen, GOOD, "You finish the %s, and feel better for it. (health %d of %d)", items[which].name,
            number_of(event, "left"), FULL_HEALTH);
    else if (strcmp(type, "player.fell") == 0)
        say(&game->screen, BAD,
            "You sit down, only for a minute, and the day goes on without you. Here the tale ends, unless you undo "
            "your last move, or load a save.");
}

static void tell_game(const adventure *game, const eventure_event *event)
{
    char text[EVENTURE_NAME_MAX_BYTES + 1] = "";
    const char *type = event->type;
    if (strcmp(type, "game.began") == 0)
        tell_beginning(game);
    else if (strcmp(type, "game.saved") == 0 && eventure_event_string(event, "name", text, sizeof text, NULL) == 0)
        say(&game->screen, GOOD, "Saved as \"%s\".", text);
    else if (strcmp(type, "game.left") == 0)
        say(&game->screen, PLAIN, "The rock will keep. Come back when you like.");
    else if (strcmp(type, "game.undone") == 0 || strcmp(type, "game.redone") == 0 || strcmp(type, "game.loaded") == 0)
    {
        bool is_loaded = strcmp(type, "game.loaded") == 0;
        eventure_event_string(event, is_loaded ? "name" : "command", text, sizeof text, NULL);
        if (is_loaded)
            say(&game->screen, GOOD, "You are back at \"%s\".", text);
        else if (strcmp(type, "game.undone") == 0)
            say(&game->screen, GOOD, "That never happened: %s.", text);
        else
            say(&game->screen, GOOD, "On second thoughts, it did: %s.", text);
        view_room(game);
    }
}

int narrator_hear(const eventure_event *event, void *context)
{
    const adventure *game = context;
    char why[512] = "";
    if (strcmp(event->type, "command.refused") == 0)
    {
        eventure_event_string(event, "why", why, sizeof why, NULL);
        say(&game->screen, PLAIN, "%s", why);
    }
    else if (strncmp(event->type, "game.", 5) == 0)
        tell_game(game, event);
    else if (strncmp(event->type, "enemy.", 6) == 0)
        tell_enemy(game, event);
    else if (strcmp(event->type, "treasure.dropped") == 0)
        say(&game->screen, GOOD, "On the floor lies %s.", items[item_of(event)].title);
    else if (strcmp(event->type, "lamp.lit") == 0)
        say(&game->screen, GOOD,
            "You set the ember in the bowl. The great lamp clears its throat, turns, and puts a long white finger on "
            "the water. Far out, three horns answer. You cross out the day on the calendar. THE LAMP IS LIT: you have "
            "done what you came for.");
    else
        tell_player(game, event);
    return EVENTURE_OK;
}
