/*
 * The market, simulated. A price is a function of the seed, the tick and the price before, so that a run that was
 * stopped continues in the same way as one that was not.
 */
#include "bot.h"

#define FIRST_PRICE 10000
#define LOWEST_PRICE 100
#define FEE 25

/* A random number for one share at one tick (SplitMix64; Steele, Lea and Flood, 2014). */
static uint64_t random_at(int64_t seed, int64_t tick, int symbol)
{
    uint64_t x = (uint64_t)seed * 0x9E3779B97F4A7C15U + (uint64_t)tick * BOT_SYMBOLS + (uint64_t)symbol;
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31);
}

static int64_t next_price(const bot_state *bot, int64_t tick, int symbol)
{
    int64_t price = bot->shares[symbol].price;
    if (price == 0)
        return FIRST_PRICE + 1000 * symbol;
    int64_t trend = (tick / (40 + 10 * symbol)) % 2 == 0 ? 12 : -11;
    int64_t noise = (int64_t)(random_at(bot->seed, tick, symbol) % 201) - 100;
    price += trend + noise;
    return price < LOWEST_PRICE ? LOWEST_PRICE : price;
}

/* Fills the orders of the previous tick at the present price. */
static int fill_orders(bot_state *bot)
{
    int status = EVENTURE_OK;
    while (status == EVENTURE_OK && bot->pending_count > 0)
    {
        pending_order order = bot->pending[0];
        eventure_event parent = {.seq = order.seq};
        status =
            bot_publish(bot, "order.filled",
                        EVENTURE_DATA(eventure_string("symbol", bot_symbols[order.symbol]),
                                      eventure_string("side", order.is_buy ? "BUY" : "SELL"),
                                      eventure_int("quantity", order.quantity),
                                      eventure_int("price", bot->shares[order.symbol].price), eventure_int("fee", FEE)),
                        &parent);
    }
    return status;
}

int market_tick(bot_state *bot)
{
    int64_t tick = eventure_log_tick(bot->log);
    int status = fill_orders(bot);
    for (int i = 0; i < BOT_SYMBOLS && status == EVENTURE_OK; i++)
        status = bot_publish(
            bot, "market.price",
            EVENTURE_DATA(eventure_string("symbol", bot_symbols[i]), eventure_int("price", next_price(bot, tick, i))),
            NULL);
    return status;
}
