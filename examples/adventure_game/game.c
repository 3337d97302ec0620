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

static int apply_to_timeline(const eventure_event *event, void *context)
{
    adventure *game = context;
    if (strcmp(event->type, "game.began") == 0 && eventure_event_int(event, "seed", &game->seed) != EVENTURE_OK)
        return EVENTURE_ERROR_CORRUPT;
    return timeline_apply(&game->timeline, event);
}

/* Folds one event into the state: of the moment, or of the past. */
static int game_apply(const eventure_event *event, void *context)
{
    adventure *game = context;
    size_t turn = game->timeline.turn;
    int status = apply_to_timeline(event, game);
    if (status != EVENTURE_OK)
        return status;
    /* After an undo, redo or load, the world is computed again from its line. While the past is replayed, this is done
       once, at its end. */
    if (!game->is_begun)
        return EVENTURE_OK;
    if (game->timeline.turn != turn && strncmp(event->type, "game.", 5) == 0)
        return timeline_world(&game->timeline, eventure_log_reader(game->log), &game->world);
    return world_apply(&game->world, event);
}

/* Handlers of one type are called in the order in which they were subscribed: narrator, rules. The bus has
 * folded the event into the state before. */
static eventure_status subscribe(adventure *game)
{
    eventure_status status = eventure_bus_subscribe(game->bus, "command.typed", commands_hear, game, NULL);
    for (int i = 0; i < WORLD_EVENTS && status == EVENTURE_OK; i++)
        status = eventure_bus_subscribe(game->bus, world_events[i], narrator_hear, game, NULL);
    for (size_t i = 0; i < sizeof game_events / sizeof *game_events && status == EVENTURE_OK; i++)
        status = eventure_bus_subscribe(game->bus, game_events[i], narrator_hear, game, NULL);
    return status == EVENTURE_OK ? rules_subscribe(game) : status;
}

static eventure_status begin(adventure *game, int64_t seed)
{
    world_reset(&game->world);
    game->is_begun = true;
    eventure_status status = game_publish(
        game, "game.began",
        EVENTURE_DATA(eventure_string("game", GAME_NAME), eventure_int("seed", seed >= 0 ? seed : 1)), NULL);
    return status == EVENTURE_OK ? eventure_log_advance_tick(game->log) : status;
}

static eventure_status resume(adventure *game, int64_t seed, bool is_in_tick)
{
    if (seed >= 0 && seed != game->seed)
    {
        game->error = "this game began with another seed, and a seed does not change";
        return EVENTURE_ERROR_ARGUMENT;
    }
    game->is_begun = true;
    eventure_status status = timeline_world(&game->timeline, eventure_log_reader(game->log), &game->world);
    /* A save point commits in the middle of a tick, as the last thing that its command does. When the game was killed
     * right there, or when this is a fork from that save point, the command is complete, and the tick is not. */
    if (status == EVENTURE_OK && is_in_tick)
        status = eventure_log_advance_tick(game->log);
    if (status == EVENTURE_OK)
    {
        say(&game->screen, FAINT, "The tale goes on where it stood.");
        view_room(game);
    }
    return status;
}

/* Any program's store can be opened; only this game's can be played. */
static eventure_status open_log(adventure *game, const char *path, eventure_resume_report *report)
{
    const eventure_field name = eventure_string("game", GAME_NAME);
    eventure_resume_options options = EVENTURE_RESUME_OPTIONS_INIT;
    options.first_type = "game.began";
    options.first_data = &name;
    options.first_data_count = 1;
    return eventure_log_resume(path, &options, &game->log, report);
}

eventure_status game_open(adventure *game, const char *path, int64_t seed)
{
    const eventure_reducer reducer = {.size = sizeof reducer, .name = "game", .version = 1, .apply = game_apply};
    eventure_resume_report report;
    memset(game, 0, sizeof *game);
    screen_init(&game->screen);
    eventure_status status = open_log(game, path, &report);
    if (status == EVENTURE_OK)
        status = eventure_bus_new(game->log, NULL, &game->bus);
    if (status == EVENTURE_OK)
        status = eventure_bus_fold(game->bus, &reducer, game);
    if (status == EVENTURE_OK)
        status = subscribe(game);
    if (status == EVENTURE_OK)
        status = report.is_new ? begin(game, seed) : resume(game, seed, report.is_in_tick);
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
    /* A command happens whole or not at all: after an error, closing the log throws away what there is of it. */
    return status == EVENTURE_OK ? eventure_log_advance_tick(game->log) : status;
}

const char *game_message(const adventure *game)
{
    return game->error != NULL ? game->error : eventure_last_message();
}

eventure_status game_close(adventure *game)
{
    eventure_bus_free(game->bus);
    timeline_free(&game->timeline);
    return eventure_log_close(game->log);
}
