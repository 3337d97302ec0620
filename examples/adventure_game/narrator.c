/*
 * The narrator: tells the player what happens, as it happens. It only listens.
 */
#include <stdio.h>
#include <string.h>

#include "game.h"

#define TEXT_BYTES 1024

/* The text of the narrator for the events of a type. A word in braces stands for a text of the item or enemy that the
 * event names (see put_word), or for a member of its data. */
typedef struct tale
{
    const char *type;
    tone how;
    const char *text; /* NULL: none */
    void (*then)(const adventure *game);
    const char *number; /* a member of the data; the next text replaces `text` when it is 0 */
    const char *text_of_zero;
} tale;

static void tell_beginning(const adventure *game)
{
    say(&game->screen, PLAIN,
        "For three nights the lamp on Lantern Rock has been dark. The office has sent you, its youngest, to find out "
        "why, and to light it again before the evening boats come in.\n");
    view_room(game);
    say(&game->screen, FAINT, "\nType help for what you can say. All you do is kept at once: leave when you like.");
}

static const tale tales[] = {
    {"game.began", TITLE, .text = "LANTERN ROCK", .then = tell_beginning},
    {"game.saved", GOOD, .text = "Saved as \"{name}\"."},
    {"game.undone", GOOD, .text = "That never happened: {command}.", .then = view_room},
    {"game.redone", GOOD, .text = "On second thoughts, it did: {command}.", .then = view_room},
    {"game.loaded", GOOD, .text = "You are back at \"{name}\".", .then = view_room},
    {"game.left", PLAIN, .text = "The rock will keep. Come back when you like."},
    {"command.refused", PLAIN, .text = "{why}"},
    {"player.go", .then = view_room},
    {"player.take", PLAIN, .text = "Taken: {item title}."},
    {"player.drop", PLAIN, .text = "Put down: {item title}."},
    {"player.attack", PLAIN, .text = "You go at {enemy title} with your {weapon}.", .number = "damage",
     .text_of_zero = "You swing at {enemy title}, and hit a good deal of air."},
    {"player.hurt", BAD, .text = "That costs you {damage}. (health {left} of {full health})"},
    {"player.healed", GOOD, .text = "You finish the {item}, and feel better for it. (health {left} of {full health})"},
    {"player.fell", BAD,
     .text = "You sit down, only for a minute, and the day goes on without you. Here the tale ends, unless you undo "
             "your last move, or load a save."},
    {"enemy.attack", BAD, .text = "{enemy attacks}", .number = "damage", .text_of_zero = "{enemy attacks} It misses."},
    {"enemy.hurt", GOOD, .text = "{enemy is hurt} ({damage}; {left} to go)", .number = "left"},
    {"enemy.defeated", GOOD, .text = "{enemy is beaten}"},
    {"enemy.startled", GOOD,
     .text = "The whistle goes through walls. For a moment {enemy title} has no idea what to do."},
    {"enemy.recovered", PLAIN, .text = "It takes a moment to recover: nothing comes back."},
    {"treasure.dropped", GOOD, .text = "On the floor lies {item title}."},
    {"lamp.lit", GOOD,
     .text = "You set the ember in the bowl. The great lamp clears its throat, turns, and puts a long white finger on "
             "the water. Far out, three horns answer. You cross out the day on the calendar. THE LAMP IS LIT: you have "
             "done what you came for."},
};

/* Copies the text for a name in braces: a text of the event's item or enemy, the full health, or a member of the data.
 */
static void put_word(const eventure_event *event, const char *word, char *out, size_t size)
{
    int item_index = item_of(event);
    int enemy_index = enemy_of(event);
    const char *const texts[][2] = {
        {"item title", item_index != NONE ? items[item_index].title : ""},
        {"enemy title", enemy_index != NONE ? enemies[enemy_index].title : ""},
        {"enemy attacks", enemy_index != NONE ? enemies[enemy_index].attacks : ""},
        {"enemy is hurt", enemy_index != NONE ? enemies[enemy_index].is_hurt : ""},
        {"enemy is beaten", enemy_index != NONE ? enemies[enemy_index].is_beaten : ""},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    {
        if (strcmp(word, texts[i][0]) != 0)
            continue;
        snprintf(out, size, "%s", texts[i][1]);
        return;
    }
    if (eventure_event_string(event, word, out, size, NULL) != EVENTURE_OK)
        snprintf(out, size, "%d", strcmp(word, "full health") == 0 ? FULL_HEALTH : number_of(event, word));
}

static void say_text(const adventure *game, const eventure_event *event, tone how, const char *text)
{
    char out[TEXT_BYTES] = "";
    size_t len = 0;
    while (*text != '\0' && len + 1 < sizeof out)
    {
        char word[32] = "";
        if (sscanf(text, "{%31[^}]}", word) != 1)
        {
            out[len++] = *text++;
            continue;
        }
        put_word(event, word, out + len, sizeof out - len);
        len += strlen(out + len);
        text += strlen(word) + 2;
    }
    say(&game->screen, how, "%s", out);
}

/* Hears the types of the table only. */
static int hear(const eventure_event *event, void *context)
{
    const adventure *game = context;
    const tale *told = tales;
    while (strcmp(told->type, event->type) != 0)
        told++;
    bool is_zero = told->number != NULL && number_of(event, told->number) == 0;
    const char *text = is_zero ? told->text_of_zero : told->text;
    if (text != NULL)
        say_text(game, event, told->how, text);
    if (told->then != NULL)
        told->then(game);
    return EVENTURE_OK;
}

eventure_status narrator_subscribe(adventure *game)
{
    eventure_status status = EVENTURE_OK;
    for (size_t i = 0; i < sizeof tales / sizeof *tales && status == EVENTURE_OK; i++)
        status = eventure_bus_subscribe(game->bus, tales[i].type, hear, game, NULL);
    return status;
}
