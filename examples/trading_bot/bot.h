/*
 * A trading bot whose whole state comes from events: every price, signal, order and fill is one, with its cause as its
 * parent. What it knows at any moment is folded from the history by bot_reducer, live and after a restart alike.
 *
 *   market.price ──▶ strategy.signal ──▶ order.placed ──▶ order.filled ──▶ portfolio.changed
 *                                        order.refused
 */
#ifndef TRADING_BOT_H
#define TRADING_BOT_H

#include <stdbool.h>
#include <stdint.h>

#include <eventure/eventure.h>

#define BOT_SYMBOLS 3
#define BOT_FAST 8 /* the moving averages, in ticks */
#define BOT_SLOW 24
#define BOT_PENDING_MAX BOT_SYMBOLS

/* One share on the market, and what the bot holds of it. Money is in cents. */
typedef struct holding
{
    int64_t prices[BOT_SLOW]; /* the newest ones, at tick modulo BOT_SLOW */
    int64_t prices_count;
    int64_t price;  /* the newest */
    bool was_above; /* whether the fast average was above the slow one */
    int64_t quantity;
} holding;

/* An order that waits for the next tick. */
typedef struct pending_order
{
    int64_t seq; /* of its event */
    int symbol;
    bool is_buy;
    int64_t quantity;
} pending_order;

typedef struct bot_state
{
    eventure_log *log;
    eventure_bus *bus;
    int64_t seed;
    int64_t cash;
    holding shares[BOT_SYMBOLS];
    pending_order pending[BOT_PENDING_MAX];
    int pending_count;
} bot_state;

extern const char *const bot_symbols[BOT_SYMBOLS];

/* Returns the number of the symbol of an event, or -1. */
int bot_symbol(const eventure_event *event);

/* Whether the side of an event is BUY, not SELL. */
bool bot_is_buy(const eventure_event *event);

/* Folds the events into the state; its context is the bot. */
extern const eventure_reducer bot_reducer;

/* Publishes an event; the bus passes it to the subscribers. Returns an eventure_status. */
int bot_publish(bot_state *bot, const char *type, eventure_data data, const eventure_event *parent);

/* --- market.c --- */

/* Plays one tick of the market: fills what was ordered before, and moves the prices. */
int market_tick(bot_state *bot);

/* --- trader.c --- */

/* Subscribes the handlers that turn prices into signals, signals into orders, and fills into the portfolio. The bus has
 * folded each event into the state before they hear of it. */
int trader_subscribe(bot_state *bot);

/* --- report.c --- */

/* Runs the queries of a file over the history, and prints their answers. */
int report_run(const char *store_path, const char *sql_path);

#endif
