/*
 * The state of the bot as a fold over its events. Nothing else changes it.
 */
#include <stdio.h>
#include <string.h>

#include "bot.h"

const char *const bot_symbols[BOT_SYMBOLS] = {"ACORN", "BIRCH", "CEDAR"};

int bot_symbol(const char *name)
{
    for (int i = 0; i < BOT_SYMBOLS; i++)
        if (strcmp(bot_symbols[i], name) == 0)
            return i;
    return -1;
}

/* The number of the symbol that an event is about, or -1. */
static int symbol_of(const eventure_event *event)
{
    char name[16];
    return eventure_event_string(event, "symbol", name, sizeof name, NULL) == EVENTURE_OK ? bot_symbol(name) : -1;
}

static bool is_buy(const eventure_event *event)
{
    char side[8] = "";
    eventure_event_string(event, "side", side, sizeof side, NULL);
    return strcmp(side, "BUY") == 0;
}

static int apply_start(const eventure_event *event, void *context)
{
    bot_state *bot = context;
    bot->seed = eventure_event_int_or(event, "seed", 0);
    bot->cash = eventure_event_int_or(event, "cash", 0);
    return EVENTURE_OK;
}

static int apply_price(const eventure_event *event, void *context)
{
    bot_state *bot = context;
    int symbol = symbol_of(event);
    if (symbol < 0)
        return EVENTURE_OK;
    holding *share = &bot->shares[symbol];
    share->price = eventure_event_int_or(event, "price", 0);
    share->prices[share->prices_count % BOT_SLOW] = share->price;
    share->prices_count++;
    return EVENTURE_OK;
}

static int apply_signal(const eventure_event *event, void *context)
{
    bot_state *bot = context;
    int symbol = symbol_of(event);
    if (symbol >= 0)
        bot->shares[symbol].was_above = is_buy(event);
    return EVENTURE_OK;
}

static int apply_order(const eventure_event *event, void *context)
{
    bot_state *bot = context;
    int symbol = symbol_of(event);
    if (symbol < 0)
        return EVENTURE_OK;
    if (bot->pending_count == BOT_PENDING_MAX || strlen(event->id) >= BOT_ID_BYTES)
        return EVENTURE_ERROR_LIMIT;
    pending_order *order = &bot->pending[bot->pending_count++];
    snprintf(order->id, sizeof order->id, "%s", event->id);
    order->symbol = symbol;
    order->is_buy = is_buy(event);
    order->quantity = eventure_event_int_or(event, "quantity", 0);
    return EVENTURE_OK;
}

/* An order that was filled waits no more. */
static void remove_pending(bot_state *bot, const char *id)
{
    for (int i = 0; i < bot->pending_count; i++)
    {
        if (strcmp(bot->pending[i].id, id) != 0)
            continue;
        bot->pending_count--;
        memmove(&bot->pending[i], &bot->pending[i + 1], (size_t)(bot->pending_count - i) * sizeof *bot->pending);
        return;
    }
}

static int apply_fill(const eventure_event *event, void *context)
{
    bot_state *bot = context;
    int symbol = symbol_of(event);
    if (symbol < 0)
        return EVENTURE_OK;
    int64_t quantity = eventure_event_int_or(event, "quantity", 0);
    int64_t money = quantity * eventure_event_int_or(event, "price", 0);
    bot->shares[symbol].quantity += is_buy(event) ? quantity : -quantity;
    bot->cash += (is_buy(event) ? -money : money) - eventure_event_int_or(event, "fee", 0);
    if (event->parent_id != NULL)
        remove_pending(bot, event->parent_id);
    return EVENTURE_OK;
}

static int reset(void *context)
{
    bot_state *bot = context;
    *bot = (bot_state){.log = bot->log, .bus = bot->bus};
    return EVENTURE_OK;
}

static const eventure_reducer_rule rules[] = {
    {"bot.started", apply_start},  {"market.price", apply_price}, {"strategy.signal", apply_signal},
    {"order.placed", apply_order}, {"order.filled", apply_fill},
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
