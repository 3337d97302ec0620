/*
 * trading_bot: trades on a simulated market for so many ticks, and then looks at what it did.
 *
 *   trading_bot STORE TICKS [SEED [ANALYSIS.SQL]]
 *
 * Stopped at any moment, even killed, and started again with the same arguments, it goes on to the same end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "bot.h"

#define FIRST_CASH 400000

static bool read_number(const char *text, int64_t *out)
{
    char *end = NULL;
    errno = 0;
    *out = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *out >= 0;
}

/* A new history begins with the event that everything follows from; an old one is folded up to its end. A seed below 0
 * is whatever the history has, else 1. */
static int begin(bot_state *bot, int64_t seed, const char **out_error)
{
    eventure_reader *reader = eventure_log_reader(bot->log);
    eventure_reducer reducer = {.size = sizeof reducer, .name = "bot", .version = 1, .apply = bot_apply};
    int64_t events = 0;
    int status = eventure_reader_last_seq(reader, &events);
    if (status == EVENTURE_OK && events == 0)
        return bot_publish(bot, "bot.started",
                           EVENTURE_DATA(eventure_int("seed", seed >= 0 ? seed : 1), eventure_int("cash", FIRST_CASH)),
                           NULL);
    if (status == EVENTURE_OK)
        status = eventure_replay(reader, &reducer, 0, INT64_MAX, bot);
    if (status != EVENTURE_OK)
        *out_error = eventure_reader_message(reader);
    else if (!bot->has_started)
        *out_error = "this is the history of another program";
    else if (seed >= 0 && seed != bot->seed)
        *out_error = "this run began with another seed";
    return status == EVENTURE_OK && *out_error != NULL ? EVENTURE_ERROR_ARGUMENT : status;
}

static int trade(bot_state *bot, const char *path, int64_t ticks, int64_t seed)
{
    const char *error = NULL;
    int status = eventure_bus_new(bot->log, NULL, &bot->bus);
    if (status == EVENTURE_OK)
        status = trader_subscribe(bot);
    if (status == EVENTURE_OK)
        status = begin(bot, seed, &error);
    while (status == EVENTURE_OK && eventure_log_tick(bot->log) < ticks)
    {
        status = market_tick(bot);
        if (status == EVENTURE_OK)
        {
            status = eventure_log_advance_tick(bot->log);
            error = status == EVENTURE_OK ? NULL : eventure_log_message(bot->log);
        }
    }
    if (status != EVENTURE_OK)
    {
        fprintf(stderr, "trading_bot: %s: %s\n", path, error != NULL ? error : eventure_bus_message(bot->bus));
        eventure_log_rollback(bot->log); /* closing commits, and half a tick must not be kept */
    }
    eventure_bus_free(bot->bus);
    return status;
}

int main(int argc, char **argv)
{
    bot_state bot = {0};
    int64_t ticks = 0;
    int64_t seed = -1;
    if (argc < 3 || argc > 5 || !read_number(argv[2], &ticks) || (argc > 3 && !read_number(argv[3], &seed)))
    {
        fprintf(stderr, "usage: trading_bot STORE TICKS [SEED [ANALYSIS.SQL]]\n");
        return 2;
    }
    int status = eventure_log_open(argv[1], NULL, &bot.log);
    if (status != EVENTURE_OK)
        fprintf(stderr, "trading_bot: %s\n", eventure_log_message(bot.log));
    else
        status = trade(&bot, argv[1], ticks, seed);
    int closing = eventure_log_close(bot.log);
    if (status == EVENTURE_OK && closing != EVENTURE_OK)
    {
        fprintf(stderr, "trading_bot: %s: the last tick could not be committed\n", argv[1]);
        status = closing;
    }
    if (status == EVENTURE_OK && argc > 4)
        status = report_run(argv[1], argv[4]);
    return status == EVENTURE_OK ? 0 : 1;
}
