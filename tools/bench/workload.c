/*
 * The generator of W(n): see workload.h.
 */
#include "workload.h"

#include <stdio.h>

const char *const bench_type_names[BENCH_TYPES] = {
    "market.price",  "market.volume",   "market.open",    "market.close",   "order.placed",
    "order.filled",  "order.cancelled", "order.rejected", "account.credit", "account.debit",
    "player.move",   "player.attack",   "player.heal",    "enemy.spawn",    "enemy.defeated",
    "treasure.drop", "quest.started",   "quest.finished", "system.warning", "system.error",
};

/* SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t bench_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void bench_workload_begin(bench_workload *workload, int64_t events, uint64_t seed)
{
    *workload = (bench_workload){.random = seed, .events = events, .parent_percent = 70};
}

static void make_event(bench_workload *workload, bench_event *event)
{
    static const char *const sides[] = {"BUY", "SELL", "HOLD"};
    uint64_t random = bench_random(&workload->random);
    uint64_t more = bench_random(&workload->random);
    event->seq = ++workload->made;
    event->type = (size_t)(random % BENCH_TYPES);
    event->parent = 0;
    if (event->seq > 1 && (int)(random >> 8 & 0xFFFF) % 100 < workload->parent_percent)
    {
        int64_t window = event->seq - 1 < BENCH_PARENT_WINDOW ? event->seq - 1 : BENCH_PARENT_WINDOW;
        event->parent = event->seq - 1 - (int64_t)((random >> 32) % (uint64_t)window);
    }
    int len =
        snprintf(event->data, sizeof event->data,
                 "{\"symbol\":\"SYM%03u\",\"side\":\"%s\",\"price\":%u.%02u,\"amount\":%u,\"round\":%u}",
                 (unsigned)(more % 1000), sides[(more >> 10) % 3], (unsigned)(more >> 20 & 0x3FF),
                 (unsigned)((more >> 32) % 100), (unsigned)(more >> 40 & 0xFFF), (unsigned)((more >> 44) % 1000000));
    event->data_len = len > 0 ? (size_t)len : 0;
}

void bench_workload_next(bench_workload *workload, bench_tick *out)
{
    out->tick = workload->ticks++;
    out->count = 0;
    while (out->count < BENCH_EVENTS_A_TICK && workload->made < workload->events)
        make_event(workload, &out->events[out->count++]);
}
