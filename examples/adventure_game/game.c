/*
 * A game: a store, a bus, and the state folded from the one as the other returns its events.
 */
#include <string.h>

#include "game.h"

eventure_status game_publish(adventure *game, const char *type, eventure_data data, const eventure_event *parent)
{
    return eventure_bus_publish(game->bus, type, data, parent, NULL);
}

/* SplitMix64 (Steele, Lea and Flood, 2014) of the three numbers. */
int game_roll(const adventure *game, int what, int below)
{
    uint64_t x =
        (uint64_t)game->world.seed * 0x9E3779B97F4A7C15U + (uint64_t)eventure_log_tick(game->log) * 8 + (uint64_t)what;
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return (int)((x ^ (x >> 31)) % (uint64_t)below);
}

/* The bus folds every event into the world, also those that are not in the line: after an undo, redo or load, and when
 * an old game is continued, the world is computed again from the line alone. */
static int compute_world(const eventure_event *event, void *context)
{
    adventure *game = context;
    (void)event;
    return timeline_world(&game->timeline, eventure_log_reader(game->log), &game->world);
}

eventure_status game_subscribe(adventure *game, const game_handler *handlers, size_t count)
{
    eventure_status status = EVENTURE_OK;
    for (size_t i = 0; i < count && status == EVENTURE_OK; i++)
        status = eventure_bus_subscribe(game->bus, handlers[i].type, handlers[i].handler, game, NULL);
    return status;
}

/* Handlers of one type are called in the order in which they were subscribed: compute_world, narrator, rules. The bus
 * has folded the event into the state before. */
static eventure_status subscribe(adventure *game)
{
    static const game_handler handlers[] = {{"command.typed", commands_hear},
                                            {"game.undone", compute_world},
                                            {"game.redone", compute_world},
                                            {"game.loaded", compute_world}};
    eventure_status status = game_subscribe(game, handlers, sizeof handlers / sizeof *handlers);
    if (status == EVENTURE_OK)
        status = narrator_subscribe(game);
    return status == EVENTURE_OK ? rules_subscribe(game) : status;
}

static eventure_status begin(adventure *game, int64_t seed)
{
    eventure_status status = game_publish(
        game, "game.began",
        EVENTURE_DATA(eventure_string("game", GAME_NAME), eventure_int("seed", seed >= 0 ? seed : 1)), NULL);
    return status == EVENTURE_OK ? eventure_log_advance_tick(game->log) : status;
}

static eventure_status resume(adventure *game, bool is_in_tick)
{
    eventure_status status = compute_world(NULL, game);
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

/* Any program's store can be opened; only this game's can be played, and with the seed that it has. */
static eventure_status open_log(adventure *game, const char *path, int64_t seed, eventure_resume_report *report)
{
    const eventure_field first_data[] = {eventure_string("game", GAME_NAME), eventure_int("seed", seed)};
    eventure_resume_options options = EVENTURE_RESUME_OPTIONS_INIT;
    options.first_type = "game.began";
    options.first_data = first_data;
    options.first_data_count = seed >= 0 ? 2 : 1;
    return eventure_log_resume(path, &options, &game->log, report);
}

eventure_status game_open(adventure *game, const char *path, int64_t seed)
{
    eventure_resume_report report;
    memset(game, 0, sizeof *game);
    screen_init(&game->screen);
    eventure_status status = open_log(game, path, seed, &report);
    if (status == EVENTURE_OK)
        status = eventure_bus_new(game->log, NULL, &game->bus);
    if (status == EVENTURE_OK)
        status = eventure_bus_fold(game->bus, &timeline_reducer, &game->timeline);
    if (status == EVENTURE_OK)
        status = eventure_bus_fold(game->bus, &world_reducer, &game->world);
    if (status == EVENTURE_OK)
        status = subscribe(game);
    if (status == EVENTURE_OK)
        status = report.is_new ? begin(game, seed) : resume(game, report.is_in_tick);
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

eventure_status game_close(adventure *game)
{
    eventure_bus_free(game->bus);
    timeline_free(&game->timeline);
    return eventure_log_close(game->log);
}
