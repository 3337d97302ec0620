/*
 * The trading bot once more, in C++17 with eventure.hpp: the same market, the same strategy, and the same history as
 * examples/trading_bot, event for event.
 *
 *   trading_bot_cpp STORE TICKS [SEED [ANALYSIS.SQL]]
 *
 * Everything that the bot knows is made of events by the rules of a reducer, live and after a restart alike.
 */
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <eventure/eventure.hpp>

/* report.c of the bot in C: runs the queries of a file over the history, and prints their answers. */
extern "C" int report_run(const char *store_path, const char *sql_path);

using eventure::event_view;
using eventure::on;

namespace {

constexpr std::size_t fast_ticks = 8, slow_ticks = 24; /* the moving averages */
constexpr std::int64_t first_cash = 400000, lot_cents = 250000, fee = 25;
constexpr std::array<const char *, 3> symbols = {"ACORN", "BIRCH", "CEDAR"};

/* One share on the market, and what the bot holds of it. Money is in cents. */
struct holding
{
    std::vector<std::int64_t> prices; /* the newest slow_ticks, oldest first */
    bool was_above = false;           /* whether the fast average was above the slow one */
    std::int64_t quantity = 0;

    std::int64_t price() const
    {
        return prices.empty() ? 0 : prices.back();
    }
    std::int64_t sum_of_newest(std::size_t ticks) const
    {
        std::int64_t sum = 0;
        for (std::size_t i = prices.size() - ticks; i < prices.size(); i++)
            sum += prices[i];
        return sum;
    }
};

struct order
{
    std::int64_t seq; /* that of the event order.placed */
    std::string symbol, side;
    std::int64_t quantity;
};

struct portfolio
{
    std::int64_t seed = 0, cash = 0;
    std::map<std::string, holding> shares;
    std::vector<order> pending; /* orders that wait for the next tick */
};

std::string symbol_of(const event_view &event)
{
    return event.get_or("symbol", "");
}

/* The rules by which events become the state. */
void fold_state(eventure::bus &bus, portfolio &state)
{
    bus.fold(state,
             on("bot.started",
                [](portfolio &bot, const event_view &event) {
                    bot.seed = event.get_or<std::int64_t>("seed", 0);
                    bot.cash = event.get_or<std::int64_t>("cash", 0);
                }),
             on("market.price",
                [](portfolio &bot, const event_view &event) {
                    std::vector<std::int64_t> &prices = bot.shares[symbol_of(event)].prices;
                    if (prices.size() == slow_ticks)
                        prices.erase(prices.begin());
                    prices.push_back(event.get_or<std::int64_t>("price", 0));
                }),
             on("strategy.signal",
                [](portfolio &bot, const event_view &event) {
                    bot.shares[symbol_of(event)].was_above = event.get_or("side", "") == "BUY";
                }),
             on("order.placed",
                [](portfolio &bot, const event_view &event) {
                    bot.pending.push_back({event.seq(), symbol_of(event), event.get_or("side", ""),
                                           event.get_or<std::int64_t>("quantity", 0)});
                }),
             on("order.filled", [](portfolio &bot, const event_view &event) {
                 bool is_buy = event.get_or("side", "") == "BUY";
                 std::int64_t quantity = event.get_or<std::int64_t>("quantity", 0);
                 std::int64_t money = quantity * event.get_or<std::int64_t>("price", 0);
                 bot.shares[symbol_of(event)].quantity += is_buy ? quantity : -quantity;
                 bot.cash += (is_buy ? -money : money) - event.get_or<std::int64_t>("fee", 0);
                 for (std::size_t i = 0; i < bot.pending.size(); i++)
                     if (bot.pending[i].seq == event.parent_seq())
                         bot.pending.erase(bot.pending.begin() + static_cast<std::ptrdiff_t>(i--));
             }));
}

/* The strategy: a price may give a signal, a signal an order, a fill changes the portfolio. */
void subscribe_strategy(eventure::bus &bus, const portfolio &bot)
{
    /* The fast average crosses the slow one: buy above, sell below. */
    bus.subscribe("market.price", [&](const event_view &event) {
        const holding &share = bot.shares.at(symbol_of(event));
        if (share.prices.size() < slow_ticks)
            return;
        std::int64_t fast = share.sum_of_newest(fast_ticks), slow = share.sum_of_newest(slow_ticks);
        bool is_above = fast * std::int64_t(slow_ticks) > slow * std::int64_t(fast_ticks);
        if (is_above != share.was_above)
            bus.publish("strategy.signal",
                        {{"symbol", symbol_of(event)},
                         {"side", is_above ? "BUY" : "SELL"},
                         {"fast", fast / std::int64_t(fast_ticks)},
                         {"slow", slow / std::int64_t(slow_ticks)}},
                        event);
    });
    /* A signal becomes an order where there is the money, or something to sell. */
    bus.subscribe("strategy.signal", [&](const event_view &event) {
        const holding &share = bot.shares.at(symbol_of(event));
        std::string side = event.get_or("side", "");
        bool is_buy = side == "BUY";
        std::int64_t quantity = is_buy ? lot_cents / share.price() : share.quantity;
        const char *why = is_buy && bot.cash < lot_cents ? "no money" : quantity == 0 ? "nothing to sell" : nullptr;
        if (why != nullptr)
            bus.publish("order.refused", {{"symbol", symbol_of(event)}, {"side", side}, {"why", why}}, event);
        else
            bus.publish("order.placed", {{"symbol", symbol_of(event)}, {"side", side}, {"quantity", quantity}}, event);
    });
    bus.subscribe("order.filled", [&](const event_view &event) {
        std::int64_t worth = bot.cash;
        for (const auto &[symbol, share] : bot.shares)
            worth += share.quantity * share.price();
        bus.publish("portfolio.changed", {{"cash", bot.cash}, {"worth", worth}}, event);
    });
}

/* A random number for one share at one tick, as market.c of the bot in C has it (SplitMix64). */
std::uint64_t random_at(std::int64_t seed, std::int64_t tick, std::size_t symbol)
{
    std::uint64_t x = std::uint64_t(seed) * 0x9E3779B97F4A7C15U + std::uint64_t(tick) * symbols.size() + symbol;
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31);
}

std::int64_t next_price(std::int64_t price, std::int64_t seed, std::int64_t tick, std::size_t symbol)
{
    std::int64_t number = static_cast<std::int64_t>(symbol);
    if (price == 0)
        return 10000 + 1000 * number;
    std::int64_t trend = tick / (40 + 10 * number) % 2 == 0 ? 12 : -11;
    std::int64_t noise = static_cast<std::int64_t>(random_at(seed, tick, symbol) % 201) - 100;
    return std::max<std::int64_t>(price + trend + noise, 100);
}

/* One tick of the market: fills what was ordered in the tick before, and moves the prices. */
void play_tick(eventure::log &log, eventure::bus &bus, const portfolio &bot)
{
    while (!bot.pending.empty())
    {
        order filled = bot.pending.front();
        bus.publish("order.filled",
                    {{"symbol", filled.symbol},
                     {"side", filled.side},
                     {"quantity", filled.quantity},
                     {"price", bot.shares.at(filled.symbol).price()},
                     {"fee", fee}},
                    filled.seq);
    }
    for (std::size_t i = 0; i < symbols.size(); i++)
    {
        auto share = bot.shares.find(symbols[i]);
        std::int64_t price = share != bot.shares.end() ? share->second.price() : 0;
        bus.publish("market.price", {{"symbol", symbols[i]}, {"price", next_price(price, bot.seed, log.tick(), i)}});
    }
    log.advance_tick();
}

/* Trades up to a tick. A new history begins with the event that everything follows from. */
void trade(const std::string &path, std::int64_t ticks, std::optional<std::int64_t> seed)
{
    eventure_resume_options options = EVENTURE_RESUME_OPTIONS_INIT;
    eventure_resume_report report;
    eventure_log *opened = nullptr;
    options.first_type = "bot.started";
    eventure_status status = eventure_log_resume(path.c_str(), &options, &opened, &report);
    if (status != EVENTURE_OK)
        throw eventure::error(status, eventure_last_message());
    eventure::log log(opened);
    portfolio bot;
    eventure::bus bus(log);
    fold_state(bus, bot);
    subscribe_strategy(bus, bot);
    if (report.is_new)
        bus.publish("bot.started", {{"seed", seed.value_or(1)}, {"cash", first_cash}});
    if (seed && *seed != bot.seed)
        throw eventure::error(EVENTURE_ERROR_ARGUMENT, "this run began with another seed");
    while (log.tick() < ticks)
        play_tick(log, bus, bot);
    log.close();
}

std::optional<std::int64_t> read_number(const char *text)
{
    char *end = nullptr;
    errno = 0;
    std::int64_t number = std::strtoll(text, &end, 10);
    bool is_number = errno == 0 && end != text && *end == '\0' && number >= 0;
    return is_number ? std::optional<std::int64_t>(number) : std::nullopt;
}

} // namespace

int main(int argc, char **argv)
{
    std::optional<std::int64_t> ticks = argc > 2 ? read_number(argv[2]) : std::nullopt;
    std::optional<std::int64_t> seed = argc > 3 ? read_number(argv[3]) : std::nullopt;
    if (argc > 5 || !ticks || (argc > 3 && !seed))
    {
        std::fprintf(stderr, "usage: trading_bot_cpp STORE TICKS [SEED [ANALYSIS.SQL]]\n");
        return 2;
    }
    try
    {
        trade(argv[1], *ticks, seed);
    } catch (const std::exception &error)
    {
        std::fprintf(stderr, "trading_bot_cpp: %s: %s\n", argv[1], error.what());
        return 1;
    }
    return argc > 4 && report_run(argv[1], argv[4]) != EVENTURE_OK ? 1 : 0;
}
