/*
 * Measures the bus: an event for one exact and one prefix handler, among few and among many subscriptions for other
 * events. Only the dispatch is measured, so that the disk does not hide its cost.
 */
#include <stdio.h>

#include <eventure/eventure.h>

#include "measures.h"
#include "stopwatch.h"
#include "stores.h"

#define DISPATCHES 200000

static int hear(const eventure_event *event, void *context)
{
    (void)context;
    bench_sink += event->seq;
    return 0;
}

static void subscribe(eventure_bus *bus, const char *pattern)
{
    if (eventure_bus_subscribe(bus, pattern, hear, NULL, NULL) != EVENTURE_OK)
        bench_die("%s", eventure_bus_message(bus));
}

/* Half of the others are exact, the other half prefixes. */
static void subscribe_others(eventure_bus *bus, int64_t count)
{
    char pattern[64];
    for (int64_t i = 0; i < count; i++)
    {
        snprintf(pattern, sizeof pattern, i % 2 == 0 ? "player.other%lld" : "area%lld.*", (long long)i);
        subscribe(bus, pattern);
    }
}

static void dispatch(const bench_setting *setting, bench_result *result)
{
    static bench_watch watch;
    eventure_bus *bus = NULL;
    eventure_event event = {
        .seq = 1, .timestamp = 1, .type = "player.move", .data = "{}", .data_len = 2, .id = "0-A-1"};
    if (eventure_bus_new(NULL, NULL, &bus) != EVENTURE_OK)
        bench_die("out of memory");
    subscribe(bus, "player.move");
    subscribe(bus, "player.*");
    subscribe_others(bus, setting->parameter - 2);
    bench_watch_start(&watch);
    for (int i = 0; i < DISPATCHES; i++)
        if (eventure_bus_dispatch(bus, &event) != EVENTURE_OK)
            bench_die("%s", eventure_bus_message(bus));
    bench_watch_stop(&watch);
    bench_watch_report(&watch, DISPATCHES, result);
    eventure_bus_free(bus);
}

/* The cost does not depend on n, so only the smallest n is measured. */
#define SMALLEST 10000

static const bench_contestant contestants[] = {
    {"10 subscriptions", dispatch, 10, SMALLEST},
    {"10,000 subscriptions", dispatch, 10000, SMALLEST},
};

const bench_measure bench_bus = {
    .name = "bus",
    .title = "dispatch to one exact and one prefix handler",
    .operation = "event",
    .contestants = contestants,
    .contestants_count = 2,
    .is_short = true,
};
