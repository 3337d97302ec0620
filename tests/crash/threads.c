/*
 * Threads: a log in one, readers in others, each with its own handle, in one process. Meant for the thread sanitizer;
 * without it, it still compares what is read.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <eventure/eventure.h>

#include "harness.h"
#include "history.h"

#define STORE "threads.db"
#define READERS 4
#define TICKS 150

static atomic_bool stop;
static atomic_long checks;
static eventure_log *shared; /* for a deliberate defect */

static void *read_ticks(void *context)
{
    eventure_reader *reader = NULL;
    char problem[HISTORY_PROBLEM];
    (void)context;
    while (!atomic_load(&stop))
    {
        int64_t ticks = 0;
        must(eventure_reader_open(STORE, &reader) == EVENTURE_OK, "%s", eventure_reader_message(reader));
        for (int i = 0; i < 5; i++)
        {
            must(history_check(reader, 20, &ticks, problem), "%s", problem);
            atomic_fetch_add(&checks, 1);
        }
        eventure_verify_report report;
        must(eventure_verify(reader, NULL, &report) == EVENTURE_OK && report.is_sound, "%s", report.problem);
        eventure_reader_close(reader);
    }
    return NULL;
}

/* Another log, on another store: nothing is shared by being in one process. */
static void *write_elsewhere(void *context)
{
    history past = {0};
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    (void)context;
    options.sync = EVENTURE_SYNC_OFF;
    harness_remove("threads-2.db");
    must(history_open(&past, "threads-2.db", &options, &log) == EVENTURE_OK, "%s", eventure_log_message(log));
    while (!atomic_load(&stop))
        must(history_tick(&past, log) == EVENTURE_OK, "%s", eventure_log_message(log));
    must(eventure_log_close(log) == EVENTURE_OK, "close");
    return NULL;
}

/* --- deliberate defects --- */

/* A reader asks two questions without holding one commit. */
static void *read_torn(void *context)
{
    eventure_reader *reader = NULL;
    (void)context;
    must(eventure_reader_open(STORE, &reader) == EVENTURE_OK, "%s", eventure_reader_message(reader));
    while (!atomic_load(&stop))
    {
        int64_t before = 0;
        int64_t after = 0;
        must(eventure_reader_tick(reader, &before) == EVENTURE_OK, "%s", eventure_reader_message(reader));
        harness_sleep_us(3000);
        must(eventure_reader_tick(reader, &after) == EVENTURE_OK, "%s", eventure_reader_message(reader));
        must(before == after, "tick %lld, then %lld", (long long)before, (long long)after);
    }
    eventure_reader_close(reader);
    return NULL;
}

/* Asks a log that another thread writes. */
static void *use_shared(void *context)
{
    (void)context;
    while (!atomic_load(&stop))
        if (eventure_log_tick(shared) < 0)
            break;
    return NULL;
}

/* Writes ticks while a thread does the wrong thing. */
static void write_beside(void *context)
{
    void *(*defect)(void *) = *(void *(**)(void *))context;
    pthread_t thread;
    history past = {0};
    harness_remove(STORE);
    must(history_open(&past, STORE, NULL, &shared) == EVENTURE_OK, "%s", eventure_log_message(shared));
    pthread_create(&thread, NULL, defect, NULL);
    for (int i = 0; i < 300; i++)
    {
        if (history_tick(&past, shared) != EVENTURE_OK)
            break;
        harness_sleep_us(1000);
    }
    atomic_store(&stop, true);
    pthread_join(thread, NULL);
    eventure_log_close(shared);
}

static void test_defects(void)
{
    void *(*defect)(void *) = read_torn;
    must(harness_notices(write_beside, &defect), "a thread that reads without a transaction was not noticed");
    harness_say("test-threads", "a thread that reads without a transaction: noticed");
    defect = use_shared;
    bool noticed = harness_notices(write_beside, &defect);
#if defined(__SANITIZE_THREAD__)
    must(noticed, "a log used by two threads at once was not noticed");
    harness_say("test-race", "a log used by two threads at once: noticed by the thread sanitizer");
#else
    (void)noticed; /* only the thread sanitizer sees it */
#endif
    harness_remove(STORE);
}

int main(void)
{
    pthread_t threads[READERS + 1];
    history past = {0};
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    char problem[HISTORY_PROBLEM];
    int64_t ticks = 0;
    options.sync = EVENTURE_SYNC_OFF;
    test_defects(); /* before there are threads, as it forks */
    harness_remove(STORE);
    must(history_open(&past, STORE, &options, &log) == EVENTURE_OK, "%s", eventure_log_message(log));
    for (int i = 0; i < READERS; i++)
        must(pthread_create(&threads[i], NULL, read_ticks, NULL) == 0, "no thread");
    must(pthread_create(&threads[READERS], NULL, write_elsewhere, NULL) == 0, "no thread");
    for (long i = 0; harness_more(i, TICKS) || atomic_load(&checks) < 20; i++)
    {
        must(history_tick(&past, log) == EVENTURE_OK, "%s", eventure_log_message(log));
        harness_sleep_us(2000);
    }
    atomic_store(&stop, true);
    for (int i = 0; i <= READERS; i++)
        must(pthread_join(threads[i], NULL) == 0, "no thread");
    must(eventure_log_close(log) == EVENTURE_OK, "close");
    must(history_check_file(STORE, &ticks, problem), "%s", problem);
    must(history_check_file("threads-2.db", &ticks, problem), "%s", problem);
    harness_say("threads", "%d readers and 2 logs in one process, %ld looks; errors: 0", READERS, atomic_load(&checks));
    harness_remove(STORE);
    harness_remove("threads-2.db");
    return 0;
}
