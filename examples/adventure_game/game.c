/*
 * A game: a store, a bus, and the state folded from the one as the other hands out its events.
 */
#include <string.h>

#include "game.h"

static const char *const game_events[] = {"game.began",  "game.saved", "game.undone",    "game.redone",
                                          "game.loaded", "game.left",  "command.refused"};

eventure_status game_publish(adventure *game, const char *type, eventure_data data, const eventure_event *parent)
{
    return eventure_bus_publish(game->bus, type, data, parent, NULL);
}

/* SplitMix64 (Steele, Lea and Flood, 2014) of the three numbers. */
int game_roll(const adventure *game, int what, int below)
{
    uint64_t x =
        (uint64_t)game->seed * 0x9E3779B97F4A7C15U + (uint64_t)eventure_log_tick(game->log) * 8 + (uint64_t)what;
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return (int)((x ^ (x >> 31)) % (uint64_t)below);
}

/* The state hears an event: of the moment, or of the past. */
static int apply_to_timeline(const eventure_event *event, void *context)
{
    adventure *game = context;
    if (strcmp(event->type, "game.began") == 0 && eventure_event_int(event, "seed", &game->seed) != EVENTURE_OK)
        return EVENTURE_ERROR_CORRUPT;
    return timeline_apply(&game->timeline, event);
}

static int state_hear(const eventure_event *event, void *context)
{
    adventure *game = context;
    size_t turn = game->timeline.turn;
    int status = apply_to_timeline(event, game);
    if (status != EVENTURE_OK)
        return status;
    /* Back, or forth again: the world is made anew from what leads there. */
    if (game->timeline.turn != turn && strncmp(event->type, "game.", 5) == 0)
        return timeline_world(&game->timeline, eventure_log_reader(game->log), &game->world);
    return world_apply(&game->world, event);
}

/* Handlers of one type are called in the order in which they were subscribed: state, narrator, rules. */
static eventure_status subscribe(adventure *game)
{
    eventure_status status = eventure_bus_subscribe(game->bus, "command.typed", commands_hear, game, NULL);
    for (int i = 0; i < WORLD_EVENTS && status == EVENTURE_OK; i++)
    {
        status = eventure_bus_subscribe(game->bus, world_events[i], state_hear, game, NULL);
        if (status == EVENTURE_OK)
            status = eventure_bus_subscribe(game->bus, world_events[i], narrator_hear, game, NULL);
    }
    for (size_t i = 0; i < sizeof game_events / sizeof *game_events && status == EVENTURE_OK; i++)
    {
        status = eventure_bus_subscribe(game->bus, game_events[i], state_hear, game, NULL);
        if (status == EVENTURE_OK)
            status = eventure_bus_subscribe(game->bus, game_events[i], narrator_hear, game, NULL);
    }
    return status == EVENTURE_OK ? rules_subscribe(game) : status;
}

/* Any program's store can be opened; only this game's can be played. */
static eventure_status check_first_event(adventure *game)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event first = {.type = ""};
    char name[32] = "";
    filter.limit = 1;
    eventure_status status = eventure_query(eventure_log_reader(game->log), &filter, &cursor);
    if (status == EVENTURE_OK)
        status = eventure_cursor_next(cursor, &first);
    if (status == EVENTURE_ROW)
    {
        eventure_event_string(&first, "game", name, sizeof name, NULL);
        bool is_ours = strcmp(first.type, "game.began") == 0 && strcmp(name, GAME_NAME) == 0;
        status = is_ours ? EVENTURE_OK : EVENTURE_ERROR_FORMAT;
        if (!is_ours)
            game->error = "this is the history of another program, and no game of Lantern Rock";
    }
    eventure_cursor_free(cursor);
    return status;
}

static eventure_status begin(adventure *game, int64_t seed)
{
    world_reset(&game->world);
    eventure_status status = game_publish(
        game, "game.began",
        EVENTURE_DATA(eventure_string("game", GAME_NAME), eventure_int("seed", seed >= 0 ? seed : 1)), NULL);
    return status == EVENTURE_OK ? eventure_log_advance_tick(game->log) : status;
}

static eventure_status resume(adventure *game, int64_t seed)
{
    eventure_reader *reader = eventure_log_reader(game->log);
    eventure_reducer reducer = {.size = sizeof reducer, .name = "timeline", .version = 1, .apply = apply_to_timeline};
    int64_t events_now = 0;
    eventure_filter now = EVENTURE_FILTER_INIT;
    eventure_status status = check_first_event(game);
    if (status == EVENTURE_OK)
        status = eventure_replay(reader, &reducer, 0, INT64_MAX, game);
    if (status == EVENTURE_OK && seed >= 0 && seed != game->seed)
    {
        game->error = "this game began with another seed, and a seed does not change";
        return EVENTURE_ERROR_ARGUMENT;
    }
    if (status == EVENTURE_OK)
        status = timeline_world(&game->timeline, reader, &game->world);
    /* A save point commits in the middle of a tick, as the last thing that its command does. When the game was killed
     * right there, or when this is a fork from that save point, the command is complete, and the tick is not. */
    now.tick_min = eventure_log_tick(game->log);
    if (status == EVENTURE_OK)
        status = eventure_count(reader, &now, &events_now);
    if (status == EVENTURE_OK && events_now > 0)
        status = eventure_log_advance_tick(game->log);
    if (status == EVENTURE_OK)
    {
        say(&game->screen, FAINT, "The tale goes on where it stood.");
        view_room(game);
    }
    return status;
}

eventure_status game_open(adventure *game, const char *path, int64_t seed)
{
    int64_t events = 0;
    memset(game, 0, sizeof *game);
    screen_init(&game->screen);
    eventure_status status = eventure_log_open(path, NULL, &game->log);
    if (status == EVENTURE_OK)
        status = eventure_bus_new(game->log, NULL, &game->bus);
    if (status == EVENTURE_OK)
        status = subscribe(game);
    if (status == EVENTURE_OK)
        status = eventure_reader_last_seq(eventure_log_reader(game->log), &events);
    if (status == EVENTURE_OK)
        status = events == 0 ? begin(game, seed) : resume(game, seed);
    return status;
}

eventure_status game_play(adventure *game, const char *line)
{
    eventure_status status = game_publish(game, "command.typed", EVENTURE_DATA(eventure_string("line", line)), NULL);
    if (status == EVENTURE_ERROR_JSON)
    {
        /* Not UTF-8, so it was not appended, and nothing has happened. */
        say(&game->screen, FAINT, "Nobody here can read that.");
        return EVENTURE_OK;
    }
    if (status == EVENTURE_OK)
    {
        status = eventure_log_advance_tick(game->log);
        game->error = status == EVENTURE_OK ? NULL : eventure_log_message(game->log);
    }
    else
        eventure_log_rollback(game->log); /* a command happens whole or not at all */
    return status;
}

const char *game_message(const adventure *game)
{
    if (game->error != NULL)
        return game->error;
    const char *message = game->bus != NULL ? eventure_bus_message(game->bus) : "";
    return *message != '\0' ? message : eventure_log_message(game->log);
}

eventure_status game_close(adventure *game)
{
    eventure_bus_free(game->bus);
    timeline_free(&game->timeline);
    return eventure_log_close(game->log);
}
