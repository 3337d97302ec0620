/*
 * Measures how long the caller waits, at sync FULL, for each append and each advance of the tick, when a program
 * appends 100 events every 2 ms. Each call is timed separately; reading the clock (about 30 ns) is included.
 *
 * Three controls do not use the library. One formats a line whenever an append would happen: this takes about as long
 * as an append, with equally cold caches. One wakes a thread that writes and syncs a page, as an advance does. The
 * third writes and syncs pages without pauses.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <eventure/eventure.h>

#include "measures.h"
#include "stopwatch.h"
#include "stores.h"

#define PERIOD_NS 2000000

enum
{
    BACKGROUND = 1,
    ADVANCES = 2 /* times the advances, not the appends */
};

/* Sleeps until the next period begins; returns at once when the period has begun already. */
static void wait_for(struct timespec *next)
{
    next->tv_nsec += PERIOD_NS;
    if (next->tv_nsec >= 1000000000)
    {
        next->tv_sec++;
        next->tv_nsec -= 1000000000;
    }
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL) == EINTR)
        ;
}

static void append(eventure_log *log, const bench_event *given, char ids[BENCH_RING][BENCH_ID_BYTES],
                   bench_watch *watch)
{
    const eventure_event parent = {.seq = given->parent, .id = ids[given->parent % BENCH_RING]};
    eventure_event event;
    if (watch != NULL)
        bench_watch_start_wall(watch);
    if (eventure_log_append(log, bench_type_names[given->type], eventure_json_n(given->data, given->data_len),
                            given->parent != 0 ? &parent : NULL, &event) != EVENTURE_OK)
        bench_die("%s", eventure_log_message(log));
    if (watch != NULL)
        bench_watch_stop_wall(watch);
    memcpy(ids[event.seq % BENCH_RING], event.id, strlen(event.id) + 1);
}

static void advance(eventure_log *log, bench_watch *watch)
{
    if (watch != NULL)
        bench_watch_start_wall(watch);
    if (eventure_log_advance_tick(log) != EVENTURE_OK)
        bench_die("%s", eventure_log_message(log));
    if (watch != NULL)
        bench_watch_stop_wall(watch);
}

static void run(const bench_setting *setting, bench_result *result)
{
    static char ids[BENCH_RING][BENCH_ID_BYTES];
    static bench_watch watch;
    static bench_tick tick;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    struct timespec next;
    char path[BENCH_PATH_BYTES];
    bench_workload workload;
    bool advances = (setting->parameter & ADVANCES) != 0;
    bench_path(setting, "caller", "db", path);
    bench_remove_database(path);
    options.background = (setting->parameter & BACKGROUND) != 0;
    if (eventure_log_open(path, &options, &log) != EVENTURE_OK)
        bench_die("%s", eventure_log_message(log));
    bench_workload_begin(&workload, setting->events, setting->seed);
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (bench_workload_next(&workload, &tick); tick.count > 0; bench_workload_next(&workload, &tick))
    {
        for (size_t i = 0; i < tick.count; i++)
            append(log, &tick.events[i], ids, advances ? NULL : &watch);
        advance(log, advances ? &watch : NULL);
        wait_for(&next);
    }
    if (eventure_log_close(log) != EVENTURE_OK)
        bench_die("closing the log failed");
    bench_watch_report(&watch, watch.steps, result);
    bench_remove_database(path);
}

/* --- The machine --- */

static int open_pages(const bench_setting *setting)
{
    char path[BENCH_PATH_BYTES];
    bench_path(setting, "sync", "tmp", path);
    int descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0 || unlink(path) != 0)
        bench_die("%s: %s", path, strerror(errno));
    return descriptor;
}

static void sync_page(int descriptor, int64_t number)
{
    static const char page[4096];
    if (pwrite(descriptor, page, sizeof page, (off_t)(number % 1024) * (off_t)sizeof page) < 0 ||
        fdatasync(descriptor) != 0)
        bench_die("write a page: %s", strerror(errno));
}

/* Writes and syncs one page for each tick of the other contestants. */
static void sync_pages(const bench_setting *setting, bench_result *result)
{
    static bench_watch watch;
    int descriptor = open_pages(setting);
    for (int64_t i = 0; i < setting->events / BENCH_EVENTS_A_TICK; i++)
    {
        bench_watch_start_wall(&watch);
        sync_page(descriptor, i);
        bench_watch_stop_wall(&watch);
    }
    close(descriptor);
    bench_watch_report(&watch, watch.steps, result);
}

typedef struct sleeper
{
    sem_t wake;
    int descriptor;
    _Atomic bool stops;
} sleeper;

static void *sleep_and_sync(void *context)
{
    sleeper *self = context;
    for (int64_t i = 0;; i++)
    {
        while (sem_wait(&self->wake) != 0)
            ;
        if (atomic_load(&self->stops))
            return NULL;
        sync_page(self->descriptor, i);
    }
}

static void wake_thread(const bench_setting *setting, bench_result *result)
{
    static bench_watch watch;
    sleeper other = {.descriptor = open_pages(setting)};
    pthread_t thread;
    struct timespec next;
    if (sem_init(&other.wake, 0, 0) != 0 || pthread_create(&thread, NULL, sleep_and_sync, &other) != 0)
        bench_die("cannot start a thread");
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (int64_t i = 0; i < setting->events / BENCH_EVENTS_A_TICK; i++)
    {
        bench_watch_start_wall(&watch);
        sem_post(&other.wake);
        bench_watch_stop_wall(&watch);
        wait_for(&next);
    }
    atomic_store(&other.stops, true);
    sem_post(&other.wake);
    pthread_join(thread, NULL);
    sem_destroy(&other.wake);
    close(other.descriptor);
    bench_watch_report(&watch, watch.steps, result);
}

static void format_lines(const bench_setting *setting, bench_result *result)
{
    static bench_watch watch;
    char line[256];
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (int64_t i = 0; i < setting->events; i++)
    {
        bench_watch_start_wall(&watch);
        bench_sink += snprintf(line, sizeof line, "{\"number\": %lld, \"x\": %.3f, \"name\": \"%s\"}", (long long)i,
                               (double)i * 0.37, "line");
        bench_watch_stop_wall(&watch);
        if ((i + 1) % BENCH_EVENTS_A_TICK == 0)
            wait_for(&next);
    }
    bench_watch_report(&watch, watch.steps, result);
}

/* Ten thousand ticks take twenty seconds. */
#define MOST_EVENTS 1000000
#define MOST_SYNCHRONOUS 100000

static const bench_contestant contestants[] = {
    {"append, background", run, BACKGROUND, MOST_EVENTS},
    {"advance, background", run, BACKGROUND | ADVANCES, MOST_EVENTS},
    {"append", run, 0, MOST_SYNCHRONOUS},
    {"advance", run, ADVANCES, MOST_SYNCHRONOUS},
    {"formatting a line", format_lines, 0, MOST_EVENTS},
    {"waking a thread", wake_thread, 0, MOST_EVENTS},
    {"a page and a sync", sync_pages, 0, MOST_EVENTS},
};

const bench_measure bench_caller = {
    .name = "caller",
    .title = "what the caller waits for, 100 events every 2 ms, sync FULL",
    .operation = "call",
    .contestants = contestants,
    .contestants_count = sizeof contestants / sizeof *contestants,
};
