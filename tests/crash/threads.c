/*
 * Threads in one process: a log in one thread, readers in others, each with its own handle; and logs with a background
 * thread. Made for the thread sanitizer; without it, the test still compares the events that are read.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <string.h>

#include <eventure/eventure.h>

#include "harness.h"
#include "history.h"

#define STORE "threads.db"
#define READERS 4
#define OTHERS 3
#define TICKS 150
#define QUEUE_BYTES 65536

static atomic_bool stop;
static atomic_long checks;
static eventure_log *shared; /* for a deliberate defect */
static atomic_long refusals;

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
        must(eventure_store_verify(reader, NULL, &report) == EVENTURE_OK && report.is_sound, "%s", report.problem);
        eventure_reader_close(reader);
    }
    return NULL;
}

/* Writes another log on another store in the same process: the two must not affect each other. */
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

/* --- Deliberate defects --- */

/* A reader runs two queries without a read transaction. */
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

/* Uses a log that another thread writes. */
static void *use_shared(void *context)
{
    (void)context;
    while (!atomic_load(&stop))
        if (eventure_log_tick(shared) < 0)
            break;
    return NULL;
}

/* Writes ticks while a thread has a deliberate defect. */
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
#if defined(EVENTURE_THREAD_SANITIZER)
    must(noticed, "a log used by two threads at once was not noticed");
    harness_say("test-race", "a log used by two threads at once: noticed by the thread sanitizer");
#else
    (void)noticed; /* only the thread sanitizer notices it */
#endif
    harness_remove(STORE);
}

/* Reads the durable tick of a log from another thread. */
static void *watch_durable(void *context)
{
    const eventure_log *log = context;
    int64_t before = 0;
    while (!atomic_load(&stop))
    {
        int64_t durable = eventure_log_durable_tick(log);
        must(durable >= before, "the durable tick went from %lld back to %lld", (long long)before, (long long)durable);
        before = durable;
        harness_sleep_us(100);
    }
    return NULL;
}

/* Appends while a cursor on the log's own reader is open, and steps the cursor in between: it must return each event
 * once. */
static void append_under_a_cursor(history *past, eventure_log *log)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    int64_t last = 0;
    filter.tick_min = eventure_log_tick(log) > 30 ? eventure_log_tick(log) - 30 : 0;
    eventure_status status = eventure_query(eventure_log_reader(log), &filter, &cursor);
    for (int i = 0; i < 15 && status >= 0; i++)
    {
        must(history_tick(past, log) == EVENTURE_OK, "%s", eventure_log_message(log));
        for (int n = 0; n < 20 && status >= 0; n++)
        {
            status = eventure_cursor_next(cursor, &event);
            must(status != EVENTURE_ROW || last == 0 || event.seq == last + 1, "event %lld follows %lld",
                 (long long)event.seq, (long long)last);
            last = status == EVENTURE_ROW ? event.seq : last;
        }
    }
    must(status >= 0, "%s", eventure_log_message(log));
    eventure_cursor_free(cursor);
}

/* Appends events to a tick until the queue is full, and rolls the tick back. Their data is long, so that writing takes
 * several times as long as appending, and the queue is soon full. */
static void append_in_vain(eventure_log *log)
{
    int64_t tick = eventure_log_tick(log);
    eventure_status status = EVENTURE_OK;
    char data[2000];
    snprintf(data, sizeof data, "{\"in\":\"%1900s\"}", "vain");
    for (int i = 0; i < 2000 && status == EVENTURE_OK; i++)
        status = eventure_log_append(log, i % 2 == 0 ? "in.vain" : "never.kept", eventure_json(data), NULL, NULL);
    must(status == EVENTURE_OK || status == EVENTURE_ERROR_BUSY, "%s", eventure_log_message(log));
    atomic_fetch_add(&refusals, status == EVENTURE_ERROR_BUSY);
    must(eventure_log_rollback(log) == EVENTURE_OK, "%s", eventure_log_message(log));
    must(eventure_log_tick(log) == tick && eventure_log_durable_tick(log) == tick, "rolled back to tick %lld of %lld",
         (long long)eventure_log_tick(log), (long long)tick);
}

static eventure_log *open_in_background(history *past, const char *path, eventure_queue_full when_full)
{
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.sync = EVENTURE_SYNC_OFF;
    options.background = true;
    options.queue_bytes = QUEUE_BYTES;
    options.when_full = when_full;
    harness_remove(path);
    must(history_open(past, path, &options, &log) == EVENTURE_OK, "%s", eventure_log_message(log));
    return log;
}

/* Uses a log with a background writer, with all calls that synchronize the two threads. */
static void *write_in_background(void *context)
{
    history past = {.remembers = true};
    history none = {0};
    pthread_t watcher;
    char problem[HISTORY_PROBLEM];
    eventure_log *log = open_in_background(&past, "threads-3.db", EVENTURE_QUEUE_FULL_WAIT);
    eventure_log *refusing = open_in_background(&none, "threads-4.db", EVENTURE_QUEUE_FULL_FAIL);
    (void)context;
    must(pthread_create(&watcher, NULL, watch_durable, log) == 0, "no thread");
    for (int i = 0; i == 0 || !atomic_load(&stop); i++)
    {
        int64_t ticks = 0;
        for (int n = 0; n < 60; n++)
            must(history_tick(&past, log) == EVENTURE_OK, "%s", eventure_log_message(log));
        append_under_a_cursor(&past, log);
        if (i % 2 == 0)
            must(history_check(eventure_log_reader(log), 40, &ticks, problem), "%s", problem);
        must(eventure_log_wait_durable(log, eventure_log_tick(log) - i % 3, -1) == EVENTURE_OK, "%s",
             eventure_log_message(log));
        append_in_vain(log);
        append_in_vain(refusing);
        history_forget(&past);
    }
    must(history_tick(&past, log) == EVENTURE_OK, "%s", eventure_log_message(log));
    must(pthread_join(watcher, NULL) == 0, "no thread");
    must(eventure_log_close(log) == EVENTURE_OK && eventure_log_close(refusing) == EVENTURE_OK, "close");
    return NULL;
}

int main(void)
{
    pthread_t threads[READERS + OTHERS];
    history past = {0};
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    char problem[HISTORY_PROBLEM];
    int64_t ticks = 0;
    options.sync = EVENTURE_SYNC_OFF;
    test_defects(); /* it forks, so it must run before there are threads */
    harness_remove(STORE);
    must(history_open(&past, STORE, &options, &log) == EVENTURE_OK, "%s", eventure_log_message(log));
    for (int i = 0; i < READERS; i++)
        must(pthread_create(&threads[i], NULL, read_ticks, NULL) == 0, "no thread");
    must(pthread_create(&threads[READERS], NULL, write_elsewhere, NULL) == 0, "no thread");
    must(pthread_create(&threads[READERS + 1], NULL, write_in_background, NULL) == 0, "no thread");
    must(pthread_create(&threads[READERS + 2], NULL, watch_durable, log) == 0, "no thread");
    for (long i = 0; harness_more(i, TICKS) || atomic_load(&checks) < 20; i++)
    {
        must(history_tick(&past, log) == EVENTURE_OK, "%s", eventure_log_message(log));
        harness_sleep_us(2000);
    }
    atomic_store(&stop, true);
    for (int i = 0; i < READERS + OTHERS; i++)
        must(pthread_join(threads[i], NULL) == 0, "no thread");
    must(eventure_log_close(log) == EVENTURE_OK, "close");
    must(history_check_file(STORE, &ticks, problem), "%s", problem);
    must(history_check_file("threads-2.db", &ticks, problem), "%s", problem);
    must(history_check_file("threads-3.db", &ticks, problem), "%s", problem);
    must(ticks > 0 && atomic_load(&refusals) > 0, "the background writer had nothing to do");
    harness_say("threads",
                "%d readers and 4 logs in one process, two of them with a background writer, %ld refusals of a full "
                "queue; %ld looks; errors: 0",
                READERS, atomic_load(&refusals), atomic_load(&checks));
    harness_remove(STORE);
    harness_remove("threads-2.db");
    harness_remove("threads-3.db");
    harness_remove("threads-4.db");
    return 0;
}
