/*
 * The views: what the player can see without anything happening.
 */
#include <stdio.h>
#include <string.h>

#include "game.h"

#define MAP_COLUMNS 3
#define MAP_ROWS 5
#define MAP_CELL 17 /* characters a room */
#define HISTORY_LINES 20

static void view_things(const adventure *game, int place, const char *lead)
{
    char list[256] = "";
    for (int i = 0; i < ITEMS; i++)
    {
        if (game->world.places[i] != place)
            continue;
        size_t len = strlen(list);
        snprintf(list + len, sizeof list - len, "%s%s", len > 0 ? ", " : "", items[i].title);
    }
    if (*list != '\0')
        say(&game->screen, PLAIN, "%s %s.", lead, list);
}

void view_room(const adventure *game)
{
    const room *here = &rooms[game->world.room];
    int enemy_index = enemy_here(&game->world);
    say(&game->screen, TITLE, "%s", here->title);
    say(&game->screen, PLAIN, "%s", here->text);
    if (game->world.room == LAMP_ROOM && game->world.is_lit)
        say(&game->screen, GOOD, "The lamp burns, and turns, and does not mind you.");
    view_things(game, game->world.room, "You see");
    if (enemy_index != NONE)
        say(&game->screen, BAD, "%s", enemies[enemy_index].text);
}

void view_thing(const adventure *game, const char *name)
{
    int item_index = item_named(name);
    int enemy_index = enemy_named(name);
    if (item_index != NONE &&
        (is_carried(&game->world, item_index) || game->world.places[item_index] == game->world.room))
        say(&game->screen, PLAIN, "%s", items[item_index].text);
    else if (enemy_index != NONE && enemy_index == enemy_here(&game->world))
        say(&game->screen, PLAIN, "%s", enemies[enemy_index].text);
    else
        say(&game->screen, PLAIN, "There is nothing of that name to be seen.");
}

void view_inventory(const adventure *game)
{
    bool has_any = false;
    for (int i = 0; i < ITEMS; i++)
        has_any = has_any || is_carried(&game->world, i);
    if (has_any)
        view_things(game, WITH_PLAYER, "You carry");
    else
        say(&game->screen, PLAIN, "You carry nothing but your orders.");
    say(&game->screen, PLAIN, "Health %d of %d.", game->world.health, FULL_HEALTH);
}

static int room_at(int x, int y)
{
    for (int i = 0; i < ROOMS; i++)
        if (rooms[i].x == x && rooms[i].y == y)
            return i;
    return NONE;
}

/* A way is drawn when the player has been at one end of it. */
static bool is_way_known(const adventure *game, int from, int direction)
{
    if (from == NONE || rooms[from].exits[direction] == NONE)
        return false;
    return game->world.visited[from] || game->world.visited[rooms[from].exits[direction]];
}

static bool is_room_known(const adventure *game, int number)
{
    if (number == NONE)
        return false;
    for (int i = 0; i < DIRECTIONS; i++)
        if (is_way_known(game, number, i))
            return true;
    return false;
}

/* One room, in the middle of its cell; the way east of it fills the rest. */
static void map_cell(const adventure *game, char *cell, int number)
{
    char label[MAP_CELL + 1] = "";
    memset(cell, ' ', MAP_CELL);
    if (!is_room_known(game, number))
        return;
    snprintf(label, sizeof label, number == game->world.room ? "[*%s*]" : "[%s]",
             game->world.visited[number] ? rooms[number].title : "?");
    size_t len = strlen(label);
    size_t begin = (MAP_CELL - len) / 2;
    if (is_way_known(game, number, WEST))
        memset(cell, '-', begin);
    if (is_way_known(game, number, EAST))
        memset(cell + begin, '-', MAP_CELL - begin);
    memcpy(cell + begin, label, len);
}

/* Rows of which nothing is known are left out. */
static void map_line(const char *line)
{
    size_t len = strlen(line);
    while (len > 0 && line[len - 1] == ' ')
        len--;
    if (len > 0)
        printf("%.*s\n", (int)len, line);
}

void view_map(const adventure *game)
{
    for (int y = 0; y < MAP_ROWS; y++)
    {
        char line[MAP_COLUMNS * MAP_CELL + 1] = "";
        char below[MAP_COLUMNS * MAP_CELL + 1] = "";
        memset(below, ' ', sizeof below - 1);
        for (int x = 0; x < MAP_COLUMNS; x++)
        {
            map_cell(game, line + x * MAP_CELL, room_at(x, y));
            if (is_way_known(game, room_at(x, y), SOUTH))
                below[x * MAP_CELL + MAP_CELL / 2] = '|';
        }
        map_line(line);
        if (y < MAP_ROWS - 1)
            map_line(below);
    }
}

static eventure_status view_past_command(adventure *game, const eventure_event *event)
{
    char line[LINE_BYTES + 1] = "";
    bool is_undone = timeline_is_undone(&game->timeline, event->tick);
    eventure_event_string(event, "line", line, sizeof line, NULL);
    say(&game->screen, is_undone ? FAINT : PLAIN, "%4lld  %s%s", (long long)event->tick, line,
        is_undone ? "  (undone)" : "");
    return EVENTURE_OK;
}

/* The last commands, from the history itself. */
eventure_status view_history(adventure *game)
{
    eventure_reader *reader = eventure_log_reader(game->log);
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    int64_t first = 0;
    filter.type = "command.typed";
    filter.limit = HISTORY_LINES;
    filter.reverse = true;
    timeline_mark(&game->timeline);
    eventure_status status = eventure_query(reader, &filter, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
        first = event.seq;
    eventure_cursor_free(cursor);
    cursor = NULL;
    filter.reverse = false;
    filter.after_seq = first - 1;
    if (status == EVENTURE_DONE)
        status = eventure_query(reader, &filter, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
        view_past_command(game, &event);
    eventure_cursor_free(cursor);
    return status < 0 ? status : EVENTURE_OK;
}

typedef struct save_list
{
    const adventure *game;
    int count;
} save_list;

static int view_save(const eventure_save_point *save, void *context)
{
    save_list *list = context;
    list->count++;
    say(&list->game->screen, PLAIN, "%4lld  %s%s%s%s", (long long)save->tick, save->name,
        save->note != NULL ? "  (" : "", save->note != NULL ? save->note : "", save->note != NULL ? ")" : "");
    return EVENTURE_OK;
}

eventure_status view_saves(adventure *game)
{
    save_list list = {game, 0};
    eventure_status status = eventure_save_point_list(eventure_log_reader(game->log), view_save, &list);
    if (status == EVENTURE_OK && list.count == 0)
        say(&game->screen, PLAIN,
            "There are no saves yet. Everything is kept anyway; a save is a place to go back to.");
    return status;
}
