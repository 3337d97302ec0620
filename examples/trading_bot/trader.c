/*
 * The handlers: a price may give a signal, a signal an order, a fill changes the portfolio. Each publishes its event
 * with the one that it heard as the parent. The fold (state.c) refuses an event without a known symbol, and the bus
 * then calls no handler, so that bot_symbol finds one here.
 */
#include "bot.h"

#define LOT_CENTS 250000 /* what is spent on one buy */

static int64_t average_times_count(const holding *share, int64_t ticks)
{
    int64_t sum = 0;
    for (int64_t i = share->prices_count - ticks; i < share->prices_count; i++)
        sum += share->prices[i % BOT_SLOW];
    return sum;
}

/* The fast average crosses the slow one: buy above, sell below. */
static int on_price(const eventure_event *price, void *context)
{
    bot_state *bot = context;
    int symbol = bot_symbol(price);
    const holding *share = &bot->shares[symbol];
    if (share->prices_count < BOT_SLOW)
        return EVENTURE_OK;
    int64_t fast = average_times_count(share, BOT_FAST);
    int64_t slow = average_times_count(share, BOT_SLOW);
    bool is_above = fast * BOT_SLOW > slow * BOT_FAST;
    if (is_above == share->was_above)
        return EVENTURE_OK;
    return bot_publish(bot, "strategy.signal",
                       EVENTURE_DATA(eventure_string("symbol", bot_symbols[symbol]),
                                     eventure_string("side", is_above ? "BUY" : "SELL"),
                                     eventure_int("fast", fast / BOT_FAST), eventure_int("slow", slow / BOT_SLOW)),
                       price);
}

/* A signal becomes an order where there is the money, or something to sell. */
static int on_signal(const eventure_event *signal, void *context)
{
    bot_state *bot = context;
    int symbol = bot_symbol(signal);
    const holding *share = &bot->shares[symbol];
    bool is_buy = bot_is_buy(signal);
    int64_t quantity = is_buy ? LOT_CENTS / share->price : share->quantity;
    const char *why = is_buy && bot->cash < LOT_CENTS ? "no money" : quantity == 0 ? "nothing to sell" : NULL;
    eventure_field last = why != NULL ? eventure_string("why", why) : eventure_int("quantity", quantity);
    return bot_publish(bot, why != NULL ? "order.refused" : "order.placed",
                       EVENTURE_DATA(eventure_string("symbol", bot_symbols[symbol]),
                                     eventure_string("side", is_buy ? "BUY" : "SELL"), last),
                       signal);
}

static int on_fill(const eventure_event *fill, void *context)
{
    bot_state *bot = context;
    int64_t worth = bot->cash;
    for (int i = 0; i < BOT_SYMBOLS; i++)
        worth += bot->shares[i].quantity * bot->shares[i].price;
    return bot_publish(bot, "portfolio.changed",
                       EVENTURE_DATA(eventure_int("cash", bot->cash), eventure_int("worth", worth)), fill);
}

int trader_subscribe(bot_state *bot)
{
    static const struct
    {
        const char *pattern;
        eventure_handler_fn handler;
    } handlers[] = {
        {"market.price", on_price},
        {"strategy.signal", on_signal},
        {"order.filled", on_fill},
    };
    int status = EVENTURE_OK;
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers && status == EVENTURE_OK; i++)
        status = eventure_bus_subscribe(bot->bus, handlers[i].pattern, handlers[i].handler, bot, NULL);
    return status;
}
