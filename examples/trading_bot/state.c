/*
 * The state of the bot as a fold over its events. Nothing else changes it.
 */
#include <string.h>

#include "bot.h"

const char *const bot_symbols[BOT_SYMBOLS] = {"ACORN", "BIRCH", "CEDAR"};

int bot_symbol(const eventure_event *event)
{
    char name[16] = "";
    eventure_event_string(event, "symbol", name, sizeof name, NULL);
    for (int i = 0; i < BOT_SYMBOLS; i++)
        if (strcmp(bot_symbols[i], name) == 0)
            return i;
    return -1;
}

bool bot_is_buy(const eventure_event *event)
{
    char side[8] = "";
    eventure_event_string(event, "side", side, sizeof side, NULL);
    return strcmp(side, "BUY") == 0;
}

static int start(const eventure_event *event, void *context)
{
    bot_state *bot = context;
    bot->seed = eventure_event_int_or(event, "seed", 0);
    bot->cash = eventure_event_int_or(event, "cash", 0);
    return EVENTURE_OK;
}

static int move_price(const eventure_event *event, void *context)
{
    bot_state *bot = context;
    int symbol = bot_symbol(event);
    if (symbol < 0)
        return EVENTURE_ERROR_CORRUPT;
    holding *share = &bot->shares[symbol];
    share->price = eventure_event_int_or(event, "price", 0);
    share->prices[share->prices_count++ % BOT_SLOW] = share->price;
    return EVENTURE_OK;
}

static int keep_signal(const eventure_event *event, void *context)
{
    bot_state *bot = context;
    int symbol = bot_symbol(event);
    if (symbol < 0)
        return EVENTURE_ERROR_CORRUPT;
    bot->shares[symbol].was_above = bot_is_buy(event);
    return EVENTURE_OK;
}

static int place_order(const eventure_event *event, void *context)
{
    bot_state *bot = context;
    int symbol = bot_symbol(event);
    if (symbol < 0 || bot->pending_count == BOT_PENDING_MAX)
        return EVENTURE_ERROR_CORRUPT;
    int64_t quantity = eventure_event_int_or(event, "quantity", 0);
    bot->pending[bot->pending_count++] = (pending_order){event->seq, symbol, bot_is_buy(event), quantity};
    return EVENTURE_OK;
}

/* The order, which is the parent of the fill, is no longer pending. */
static int fill_order(const eventure_event *event, void *context)
{
    bot_state *bot = context;
    int symbol = bot_symbol(event);
    if (symbol < 0)
        return EVENTURE_ERROR_CORRUPT;
    int64_t bought = eventure_event_int_or(event, "quantity", 0) * (bot_is_buy(event) ? 1 : -1);
    bot->shares[symbol].quantity += bought;
    bot->cash -= bought * eventure_event_int_or(event, "price", 0) + eventure_event_int_or(event, "fee", 0);
    int kept = 0;
    for (int i = 0; i < bot->pending_count; i++)
        if (bot->pending[i].seq != event->parent_seq)
            bot->pending[kept++] = bot->pending[i];
    bot->pending_count = kept;
    return EVENTURE_OK;
}

static int reset(void *context)
{
    bot_state *bot = context;
    *bot = (bot_state){.log = bot->log, .bus = bot->bus};
    return EVENTURE_OK;
}

static const eventure_reducer_rule rules[] = {
    {"bot.started", start},        {"market.price", move_price}, {"strategy.signal", keep_signal},
    {"order.placed", place_order}, {"order.filled", fill_order},
};

const eventure_reducer bot_reducer = {.size = sizeof bot_reducer,
                                      .name = "bot",
                                      .version = 1,
                                      .reset = reset,
                                      .rules = rules,
                                      .rules_count = sizeof rules / sizeof *rules};

int bot_publish(bot_state *bot, const char *type, eventure_data data, const eventure_event *parent)
{
    return eventure_bus_publish(bot->bus, type, data, parent, NULL);
}
