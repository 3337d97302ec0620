/*
 * Many processes use one store: a writer at full speed; eight that run random queries; one that follows the newest
 * events; one that copies the store; one that checkpoints. The writer uses a background writer half of the time. No
 * process may fail, starve or see an incomplete tick, and the write-ahead log must stay small.
 */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <eventure/eventure.h>

#include "harness.h"
#include "history.h"
#include "ledger.h"

#define STORE "load.db"
#define READERS 8
#define PROCESSES (READERS + 4)
#define SECONDS 20
#define TURN_MS 700 /* how long a writer writes with or without a background writer */
/* SQLite can restart the write-ahead log only while no reader uses an old commit. On a busy machine readers end their
 * read transactions slowly, so that the log grows from about 150 MiB to 600. All writes together are several times as
 * large as this bound. */
#define WAL_BOUND_BYTES (1024L * 1024 * 1024)

typedef struct counts
{
    volatile long ticks[2]; /* without and with a background writer */
    volatile long questions[READERS];
    volatile long followed;
    volatile long copies;
    volatile long checkpoints;
    volatile bool stop;
} counts;

static counts *seen;
static bool torn_reads; /* a deliberate defect: readers query without a read transaction */

static void write_for_a_turn(bool background)
{
    history past = {.remembers = background};
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    int64_t end = harness_now_ms() + TURN_MS;
    options.sync = EVENTURE_SYNC_NORMAL;
    options.background = background;
    eventure_status status = history_open(&past, STORE, &options, &log);
    while (status == EVENTURE_OK && !seen->stop && harness_now_ms() < end)
    {
        status = history_tick(&past, log);
        seen->ticks[background]++;
    }
    must(status == EVENTURE_OK, "the writer: %s", eventure_log_message(log));
    must(eventure_log_close(log) == EVENTURE_OK, "the writer: close");
}

static void write_ticks(int n)
{
    (void)n;
    for (int turn = 0; !seen->stop; turn++)
        write_for_a_turn(turn % 2 != 0);
}

/* Counts the events of a tick and compares them with the expected ones, in two queries. */
static void check_tick(eventure_reader *reader, int64_t tick)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    int64_t events = 0;
    filter.tick_min = tick;
    filter.tick_end = tick + 1;
    eventure_status status = eventure_query(reader, &filter, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
    {
        int64_t n = -1;
        must(eventure_event_int(&event, "n", &n) == EVENTURE_OK && n == events, "tick %lld: event %lld is %lld",
             (long long)tick, (long long)events, (long long)n);
        events++;
    }
    eventure_cursor_free(cursor);
    must(status >= 0, "a reader: %s", eventure_reader_message(reader));
    must(events == history_events(tick), "tick %lld has %lld of %d events", (long long)tick, (long long)events,
         history_events(tick));
    int64_t count = 0;
    must(eventure_query_count(reader, &filter, &count) == EVENTURE_OK && count == events, "a count: %s",
         eventure_reader_message(reader));
}

/* Checks that the results of several queries in one read transaction are consistent. */
static void check_moment(eventure_reader *reader)
{
    int64_t tick = 0;
    int64_t last_seq = 0;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    int64_t count = 0;
    must(torn_reads || eventure_reader_begin(reader) == EVENTURE_OK, "%s", eventure_reader_message(reader));
    must(eventure_reader_tick(reader, &tick) == EVENTURE_OK, "%s", eventure_reader_message(reader));
    if (torn_reads)
        harness_sleep_us(2000);
    must(eventure_reader_last_seq(reader, &last_seq) == EVENTURE_OK, "%s", eventure_reader_message(reader));
    filter.tick_min = tick > 50 ? tick - 50 : 0;
    must(eventure_query_count(reader, &filter, &count) == EVENTURE_OK, "%s", eventure_reader_message(reader));
    int64_t expected = 0;
    for (int64_t t = filter.tick_min; t < tick; t++)
        expected += history_events(t);
    must(count == expected, "at tick %lld the last ticks have %lld events, of %lld", (long long)tick, (long long)count,
         (long long)expected);
    if (!torn_reads)
        eventure_reader_end(reader);
}

static void read_ticks(int n)
{
    uint64_t seed = 77U + (uint64_t)n;
    eventure_reader *reader = NULL;
    char problem[HISTORY_PROBLEM];
    must(eventure_reader_open(STORE, &reader) == EVENTURE_OK, "%s", eventure_reader_message(reader));
    while (!seen->stop)
    {
        int64_t tick = 0;
        must(eventure_reader_tick(reader, &tick) == EVENTURE_OK, "%s", eventure_reader_message(reader));
        if (tick > 0)
            check_tick(reader, (int64_t)harness_random(&seed, (uint64_t)tick));
        check_moment(reader);
        if (!torn_reads && harness_random(&seed, 8) == 0)
            must(history_check(reader, 1 + (int64_t)harness_random(&seed, 60), &tick, problem), "%s", problem);
        seen->questions[n]++;
    }
    eventure_reader_close(reader);
}

/* Follows the store: every event must arrive once, in order. */
static void follow(int n)
{
    eventure_reader *reader = NULL;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    (void)n;
    must(eventure_reader_open(STORE, &reader) == EVENTURE_OK, "%s", eventure_reader_message(reader));
    while (!seen->stop)
    {
        eventure_cursor *cursor = NULL;
        eventure_event event;
        eventure_status status = eventure_query(reader, &filter, &cursor);
        while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
        {
            must(event.seq == filter.after_seq + 1, "event %lld follows %lld", (long long)event.seq,
                 (long long)filter.after_seq);
            filter.after_seq = event.seq;
        }
        must(status >= 0, "the follower: %s", eventure_reader_message(reader));
        eventure_cursor_free(cursor);
        seen->followed = (long)filter.after_seq;
        harness_sleep_us(3000);
    }
    eventure_reader_close(reader);
}

static void back_up(int n)
{
    eventure_reader *reader = NULL;
    char problem[HISTORY_PROBLEM];
    (void)n;
    must(eventure_reader_open(STORE, &reader) == EVENTURE_OK, "%s", eventure_reader_message(reader));
    while (!seen->stop)
    {
        int64_t ticks = 0;
        harness_remove("load-copy.db");
        must(eventure_store_copy(reader, "load-copy.db", NULL) == EVENTURE_OK, "a copy: %s",
             eventure_reader_message(reader));
        must(history_check_file("load-copy.db", &ticks, problem), "a copy: %s", problem);
        seen->copies++;
        harness_sleep_us(100000);
    }
    harness_remove("load-copy.db");
    eventure_reader_close(reader);
}

static void checkpoint(int n)
{
    static const char *const checkpoints[] = {"PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA wal_checkpoint(FULL)",
                                              "PRAGMA wal_checkpoint(RESTART)", "PRAGMA wal_checkpoint(TRUNCATE)"};
    sqlite3 *db = NULL;
    (void)n;
    must(sqlite3_open_v2(STORE, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK, "open");
    sqlite3_busy_timeout(db, 1000);
    for (int mode = 0; !seen->stop; mode = (mode + 1) % 4)
    {
        int code = sqlite3_exec(db, checkpoints[mode], NULL, NULL, NULL);
        must(code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED, "checkpoint: %s", sqlite3_errmsg(db));
        seen->checkpoints += code == SQLITE_OK;
        harness_sleep_us(20000);
    }
    sqlite3_close(db);
}

static pid_t start(void (*work)(int n), int n)
{
    fflush(NULL);
    pid_t child = fork();
    must(child >= 0, "cannot fork");
    if (child == 0)
    {
        alarm((unsigned)harness_seconds(SECONDS) + 300); /* no process outlives the test */
        work(n);
        exit(0);
    }
    return child;
}

/* Runs all processes for some seconds. Returns the largest size of the write-ahead log. */
static long run(int seconds)
{
    pid_t children[PROCESSES];
    long largest = 0;
    history past = {0};
    eventure_log *log = NULL;
    int failures = 0;
    memset(seen, 0, sizeof *seen);
    harness_remove(STORE);
    must(history_open(&past, STORE, NULL, &log) == EVENTURE_OK && eventure_log_close(log) == EVENTURE_OK, "no store");
    children[0] = start(write_ticks, 0);
    children[1] = start(follow, 0);
    children[2] = start(back_up, 0);
    children[3] = start(checkpoint, 0);
    for (int i = 0; i < READERS; i++)
        children[4 + i] = start(read_ticks, i);
    int64_t end = harness_now_ms() + (int64_t)seconds * 1000;
    while (harness_now_ms() < end)
    {
        struct stat info;
        if (stat(STORE "-wal", &info) == 0 && (long)info.st_size > largest)
            largest = (long)info.st_size;
        harness_sleep_us(20000);
    }
    seen->stop = true;
    for (int i = 0; i < PROCESSES; i++)
    {
        int result = 0;
        must(waitpid(children[i], &result, 0) == children[i], "cannot wait");
        failures += result != 0;
    }
    must(failures == 0, "%d of %d processes failed", failures, PROCESSES);
    return largest;
}

static void run_torn(void *context)
{
    (void)context;
    torn_reads = true;
    run(2);
}

int main(void)
{
    char problem[HISTORY_PROBLEM];
    int64_t ticks = 0;
    long questions = 0;
    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(seen != MAP_FAILED, "no shared memory");
    must(harness_notices(run_torn, NULL), "readers that do not hold one commit were not noticed");
    harness_say("test-load", "readers without a transaction: noticed");
    int seconds = harness_seconds(SECONDS);
    long largest = run(seconds);
    for (int i = 0; i < READERS; i++)
    {
        must(seen->questions[i] > seconds, "reader %d was starved: %ld questions", i, seen->questions[i]);
        questions += seen->questions[i];
    }
    must(seen->ticks[0] > 0 && seen->ticks[1] > 0, "the writer was starved");
    must(seen->followed > 0 && seen->copies > 0 && seen->checkpoints > 0, "a process was starved");
    must(largest < WAL_BOUND_BYTES, "the write-ahead log grew to %ld bytes", largest);
    must(history_check_file(STORE, &ticks, problem), "%s", problem);
    harness_say("load",
                "%d s: %ld ticks written, and %ld in the background, %ld rounds of %d readers, %ld events followed, "
                "%ld copies, %ld checkpoints, "
                "write-ahead log up to %.1f MiB; errors: 0, half ticks: 0",
                seconds, seen->ticks[0], seen->ticks[1], questions, READERS, seen->followed, seen->copies,
                seen->checkpoints, (double)largest / 1048576);
    harness_remove(STORE);
    return 0;
}
