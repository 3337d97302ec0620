/*
 * The commands: what was typed becomes what the player does, or a refusal. It is the only place that decides whether
 * something can be done; from there on, events only follow from events.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "game.h"

/* The parts of a typed command. */
typedef struct request
{
    const eventure_event *typed; /* the parent of what comes of it */
    const char *verb;            /* in lower case */
    const char *noun;            /* likewise, without an article; "" for none */
    const char *name;            /* the rest of the line as it was typed */
} request;

#define REFUSAL_BYTES 400

static eventure_status refuse(adventure *game, const request *what, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;

static eventure_status refuse(adventure *game, const request *what, const char *format, ...)
{
    char why[REFUSAL_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    return game_publish(game, "command.refused", EVENTURE_DATA(eventure_string("why", why)), what->typed);
}

static eventure_status do_go(adventure *game, const request *what)
{
    const char *word = strcmp(what->verb, "go") == 0 ? what->noun : what->verb;
    int way = 0;
    while (way < DIRECTIONS && strcmp(word, direction_names[way]) != 0 &&
           !(word[0] == direction_names[way][0] && word[1] == '\0'))
        way++;
    if (way == DIRECTIONS)
        return refuse(game, what, "Go where? North, south, east or west.");
    int to = rooms[game->world.room].exits[way];
    if (to == NONE)
        return refuse(game, what, "There is no way %s from here.", direction_names[way]);
    const barrier *blocked = barrier_at(&game->world, way);
    if (blocked != NULL)
        return refuse(game, what, "%s", blocked->refusal);
    return game_publish(
        game, "player.go",
        EVENTURE_DATA(eventure_string("direction", direction_names[way]), eventure_string("to", rooms[to].name)),
        what->typed);
}

static eventure_status publish_item(adventure *game, const request *what, const char *type, int item_index)
{
    return game_publish(game, type, EVENTURE_DATA(eventure_string("item", items[item_index].name)), what->typed);
}

static eventure_status do_take(adventure *game, const request *what)
{
    int item_index = item_named(what->noun);
    int enemy_index = enemy_here(&game->world);
    if (item_index != NONE && is_carried(&game->world, item_index))
        return refuse(game, what, "You have it already.");
    if (item_index == NONE || game->world.places[item_index] != game->world.room)
        return refuse(game, what, *what->noun == '\0' ? "Take what?" : "There is nothing of that name to take.");
    if (enemy_index != NONE)
        return refuse(game, what, "Not while %s is watching.", enemies[enemy_index].title);
    return publish_item(game, what, "player.take", item_index);
}

static eventure_status do_drop(adventure *game, const request *what)
{
    int item_index = item_named(what->noun);
    if (item_index == NONE || !is_carried(&game->world, item_index))
        return refuse(game, what, *what->noun == '\0' ? "Drop what?" : "You carry nothing of that name.");
    return publish_item(game, what, "player.drop", item_index);
}

static eventure_status do_use(adventure *game, const request *what)
{
    int item_index = item_named(what->noun);
    if (item_index == NONE || !is_carried(&game->world, item_index))
        return refuse(game, what, *what->noun == '\0' ? "Use what?" : "You carry nothing of that name.");
    if (items[item_index].harm > 0)
        return refuse(game, what, "It is for arguments: attack somebody, and you will be using it.");
    if (item_index == LANTERN || item_index == KEY)
        return refuse(game, what, "It is enough to carry it.");
    if (item_index == EMBER && game->world.room != LAMP_ROOM)
        return refuse(game, what, "It warms your hands. It would rather be in its lamp.");
    if (item_index == WHISTLE && enemy_here(&game->world) == NONE)
        return refuse(game, what, "There is nobody here who would be impressed.");
    if (items[item_index].healing > 0 && game->world.health == FULL_HEALTH)
        return refuse(game, what, "You feel as well as you can. Keep it for later.");
    return publish_item(game, what, "player.use", item_index);
}

static eventure_status do_attack(adventure *game, const request *what)
{
    int enemy_index = enemy_here(&game->world);
    const char *weapon = "bare hands";
    int harm = 0;
    if (enemy_index == NONE || (*what->noun != '\0' && enemy_named(what->noun) != enemy_index))
        return refuse(game, what,
                      *what->noun == '\0' ? "There is nobody here to attack." : "There is no such enemy here.");
    for (int i = 0; i < ITEMS; i++)
    {
        if (!is_carried(&game->world, i) || items[i].harm <= harm)
            continue;
        weapon = items[i].name;
        harm = items[i].harm;
    }
    int roll = game_roll(game, ROLL_BLOW, 4);
    return game_publish(game, "player.attack",
                        EVENTURE_DATA(eventure_string("enemy", enemies[enemy_index].name),
                                      eventure_string("weapon", weapon),
                                      eventure_int("damage", roll == 0 ? 0 : roll + harm)),
                        what->typed);
}

/* Goes to another turn, and tells which command is thereby undone or redone: the first event of `command_tick`. */
static eventure_status go_to(adventure *game, const request *what, const char *type, int64_t tick, int64_t command_tick)
{
    eventure_cursor *cursor = NULL;
    eventure_event typed;
    char line[LINE_BYTES + 1] = "";
    eventure_status status = eventure_query_at_tick(eventure_log_reader(game->log), command_tick, &cursor);
    if (status == EVENTURE_OK && (status = eventure_cursor_next(cursor, &typed)) == EVENTURE_ROW)
        eventure_event_string(&typed, "line", line, sizeof line, NULL);
    eventure_cursor_free(cursor);
    return status < 0
               ? status
               : game_publish(game, type, EVENTURE_DATA(eventure_int("to", tick), eventure_string("command", line)),
                              what->typed);
}

static eventure_status do_undo(adventure *game, const request *what)
{
    int64_t tick = timeline_undo_tick(&game->timeline);
    return tick < 0 ? refuse(game, what, "There is nothing to undo: this is where it all began.")
                    : go_to(game, what, "game.undone", tick, timeline_tick(&game->timeline));
}

static eventure_status do_redo(adventure *game, const request *what)
{
    int64_t tick = timeline_redo_tick(&game->timeline);
    return tick < 0 ? refuse(game, what, "There is nothing to redo.") : go_to(game, what, "game.redone", tick, tick);
}

/* A save point is a row beside the history. Making it commits, so it comes last: a reader that finds it also finds all
   events of this tick. */
static eventure_status do_save(adventure *game, const request *what)
{
    eventure_save_point *found = NULL;
    char note[64];
    if (*what->name == '\0')
        return refuse(game, what, "Save under which name?");
    eventure_status status = eventure_save_point_find(eventure_log_reader(game->log), what->name, &found);
    eventure_free(found);
    if (status == EVENTURE_OK)
        return refuse(game, what, "There is a save of that name already; the past is not overwritten. Choose another.");
    if (status == EVENTURE_ERROR_NOT_FOUND)
        status = game_publish(game, "game.saved", EVENTURE_DATA(eventure_string("name", what->name)), what->typed);
    snprintf(note, sizeof note, "%s, health %d", rooms[game->world.room].title, game->world.health);
    return status == EVENTURE_OK ? eventure_save_point_create(game->log, what->name, note) : status;
}

/* The position in the tale is that after the newest event that the save point knows. (The tick of the save point itself
   may have been played on after it.) */
static eventure_status do_load(adventure *game, const request *what)
{
    eventure_reader *reader = eventure_log_reader(game->log);
    eventure_save_point *save = NULL;
    eventure_event *newest = NULL;
    if (*what->name == '\0')
        return refuse(game, what, "Load which save? The command saves lists them.");
    eventure_status status = eventure_save_point_find(reader, what->name, &save);
    if (status == EVENTURE_OK)
        status = eventure_query_find_seq(reader, save->seq, &newest);
    if (status == EVENTURE_OK)
        status = game_publish(game, "game.loaded",
                              EVENTURE_DATA(eventure_string("name", save->name),
                                            eventure_int("to", timeline_turn_at(&game->timeline, newest->tick))),
                              what->typed);
    else if (status == EVENTURE_ERROR_NOT_FOUND)
        status = refuse(game, what, "There is no save of that name; the command saves lists them.");
    eventure_event_free(newest);
    eventure_free(save);
    return status;
}

static eventure_status do_quit(adventure *game, const request *what)
{
    game->has_left = true;
    return game_publish(game, "game.left", eventure_no_data(), what->typed);
}

static eventure_status do_look(adventure *game, const request *what)
{
    if (*what->noun == '\0')
        view_room(game);
    else
        view_thing(game, what->noun);
    return EVENTURE_OK;
}

static eventure_status do_inventory(adventure *game, const request *what)
{
    (void)what;
    view_inventory(game);
    return EVENTURE_OK;
}

static eventure_status do_map(adventure *game, const request *what)
{
    (void)what;
    view_map(game);
    return EVENTURE_OK;
}

static eventure_status do_history(adventure *game, const request *what)
{
    (void)what;
    return view_history(game);
}

static eventure_status do_saves(adventure *game, const request *what)
{
    (void)what;
    return view_saves(game);
}

static eventure_status do_help(adventure *game, const request *what);

typedef struct command
{
    const char *words; /* with a blank before and after each */
    eventure_status (*run)(adventure *game, const request *what);
    bool needs_strength; /* not for a player who fell */
    const char *help;    /* NULL: another one's will do */
} command;

static const command commands[] = {
    {" look l examine ", do_look, false, "look [THING]      what is here, or what a thing is like"},
    {" go ", do_go, true, "go DIRECTION      north, south, east or west; n, s, e and w will do"},
    {" north south east west n s e w ", do_go, true, NULL},
    {" take get ", do_take, true, "take THING        pick something up"},
    {" drop ", do_drop, true, "drop THING        put something down"},
    {" inventory i ", do_inventory, false, "inventory         what you carry, and how you are"},
    {" attack hit ", do_attack, true, "attack [WHOM]     with the best thing you carry"},
    {" use eat drink blow light ", do_use, true, "use THING         eat it, drink it, blow it, light it"},
    {" map ", do_map, false, "map               where you have been"},
    {" history ", do_history, false, "history           what you have said so far"},
    {" undo ", do_undo, false, "undo              take the last move back, and the one before it..."},
    {" redo ", do_redo, false, "redo              ...or not"},
    {" save ", do_save, false, "save NAME         give this moment a name"},
    {" saves ", do_saves, false, "saves             the names given so far"},
    {" load ", do_load, false, "load NAME         go back to a named moment"},
    {" help ? ", do_help, false, "help              this"},
    {" quit exit ", do_quit, false, "quit              leave; the tale waits for you"},
};

static eventure_status do_help(adventure *game, const request *what)
{
    (void)what;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (commands[i].help != NULL)
            say(&game->screen, PLAIN, "  %s", commands[i].help);
    return EVENTURE_OK;
}

static const command *find_command(const char *verb)
{
    char word[LINE_BYTES + 3];
    snprintf(word, sizeof word, " %s ", verb);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strstr(commands[i].words, word) != NULL)
            return &commands[i];
    return NULL;
}

/* Letters of ASCII only: names of things have no others. */
static void lower(char *text)
{
    for (; *text != '\0'; text++)
        *text = (char)((*text >= 'A' && *text <= 'Z') ? *text - 'A' + 'a' : *text);
}

/* Cuts the first word off; returns the rest. */
static char *cut_word(char *text)
{
    char *rest = text + strcspn(text, " ");
    if (*rest == '\0')
        return rest;
    *rest = '\0';
    return rest + 1 + strspn(rest + 1, " ");
}

int commands_hear(const eventure_event *typed, void *context)
{
    adventure *game = context;
    char line[LINE_BYTES + 1] = "";
    char noun[LINE_BYTES + 1];
    eventure_event_string(typed, "line", line, sizeof line, NULL);
    request what = {typed, line, noun, cut_word(line)};
    lower(line);
    snprintf(noun, sizeof noun, "%s", what.name);
    lower(noun);
    if (strncmp(noun, "the ", 4) == 0)
        what.noun += 4;
    const command *found = find_command(what.verb);
    if (found == NULL)
        return refuse(game, &what, "You do not know how to do that. Type help for what you can say.");
    if (found->needs_strength && game->world.health == 0)
        return refuse(game, &what, "You are past that. Undo your last move, or load a save.");
    return found->run(game, &what);
}
