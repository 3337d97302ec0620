/*
 * A score: "score.set" sets it to 10, and a handler publishes a bonus of 5. The state while the program runs must be
 * equal to that of a replay.
 */
#include <eventure/eventure.h>
#include <stdio.h>
#include <string.h>

/* Adapt this call to the name and the arguments that you choose. */
#ifdef WITH_FOLD
#define FOLD(bus, reducer, state) eventure_bus_fold((bus), (reducer), (state))
#else
#define FOLD(bus, reducer, state) eventure_bus_subscribe((bus), "*", (reducer)->apply, (state), NULL)
#endif

static int apply(const eventure_event *event, void *context)
{
    int64_t *score = (int64_t *)context;
    int64_t points = 0;
    eventure_event_int(event, "points", &points);
    *score = strcmp(event->type, "score.set") == 0 ? points : *score + points;
    return 0;
}

static int reset(void *context)
{
    *(int64_t *)context = 0;
    return 0;
}

static int add_bonus(const eventure_event *event, void *bus)
{
    return eventure_bus_publish((eventure_bus *)bus, "score.bonus", EVENTURE_DATA(eventure_int("points", 5)), event,
                                NULL);
}

int main(void)
{
    const eventure_reducer score = {
        .size = sizeof score, .name = "score", .version = 1, .reset = reset, .apply = apply};
    eventure_log *log = NULL;
    eventure_bus *bus = NULL;
    int64_t live = 0;
    int64_t replayed = 0;
    if (eventure_log_open("game.db", NULL, &log) != EVENTURE_OK || eventure_bus_new(log, NULL, &bus) != EVENTURE_OK)
        return 2;
    if (FOLD(bus, &score, &live) != EVENTURE_OK ||
        eventure_bus_subscribe(bus, "score.set", add_bonus, bus, NULL) != EVENTURE_OK ||
        eventure_bus_publish(bus, "score.set", EVENTURE_DATA(eventure_int("points", 10)), NULL, NULL) != EVENTURE_OK ||
        eventure_log_advance_tick(log) != EVENTURE_OK ||
        eventure_replay_ticks(eventure_log_reader(log), &score, &replayed, 0, 0) != EVENTURE_OK)
        return fprintf(stderr, "%s\n", eventure_log_message(log)), 2;
    printf("live %lld, replayed %lld\n", (long long)live, (long long)replayed);
    eventure_bus_free(bus);
    eventure_log_close(log);
    return live != replayed;
}
