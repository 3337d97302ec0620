/*
 * trading_bot: trades on a simulated market for so many ticks, and then looks at what it did.
 *
 * trading_bot STORE TICKS [SEED [ANALYSIS.SQL]]
 *
 * Stopped at any moment, even killed, and started again with the same arguments, it continues to the same end.
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

/* A new history begins with the event that everything follows from; an old one is folded by the bus. A seed below 0
 * means the seed of the history, or 1 for a new one. */
static int begin(bot_state *bot, bool is_new, int64_t seed)
{
    int status = eventure_bus_new(bot->log, NULL, &bot->bus);
    if (status == EVENTURE_OK)
        status = eventure_bus_fold(bot->bus, &bot_reducer, bot);
    if (status == EVENTURE_OK)
        status = trader_subscribe(bot);
    if (status == EVENTURE_OK && is_new)
        status = bot_publish(
            bot, "bot.started",
            EVENTURE_DATA(eventure_int("seed", seed >= 0 ? seed : 1), eventure_int("cash", FIRST_CASH)), NULL);
    return status;
}

/* Continues the history of a path, or begins one, and trades up to that tick. */
static int run(const char *path, int64_t ticks, int64_t seed)
{
    bot_state bot = {0};
    eventure_resume_options options = EVENTURE_RESUME_OPTIONS_INIT;
    eventure_resume_report report;
    eventure_field first = eventure_int("seed", seed);
    options.first_type = "bot.started";
    options.first_data = &first;
    options.first_data_count = seed >= 0 ? 1 : 0;
    int status = eventure_log_resume(path, &options, &bot.log, &report);
    if (status == EVENTURE_OK)
        status = begin(&bot, report.is_new, seed);
    while (status == EVENTURE_OK && eventure_log_tick(bot.log) < ticks)
    {
        status = market_tick(&bot);
        if (status == EVENTURE_OK)
            status = eventure_log_advance_tick(bot.log);
    }
    eventure_bus_free(bot.bus);
    int closed = eventure_log_close(bot.log);
    if (status == EVENTURE_OK)
        status = closed;
    if (status != EVENTURE_OK)
        fprintf(stderr, "trading_bot: %s\n", eventure_last_message());
    return status;
}

int main(int argc, char **argv)
{
    int64_t ticks = 0;
    int64_t seed = -1;
    if (argc < 3 || argc > 5 || !read_number(argv[2], &ticks) || (argc > 3 && !read_number(argv[3], &seed)))
    {
        fprintf(stderr, "usage: trading_bot STORE TICKS [SEED [ANALYSIS.SQL]]\n");
        return 2;
    }
    int status = run(argv[1], ticks, seed);
    if (status == EVENTURE_OK && argc > 4)
        status = report_run(argv[1], argv[4]);
    return status == EVENTURE_OK ? 0 : 1;
}
