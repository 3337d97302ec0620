/*
 * A writer is killed at random moments, again and again, while a second process reads and a third process, stock
 * SQLite, checkpoints; sometimes these are killed too. After each kill the store must contain every tick that the
 * writer had acknowledged, and no incomplete tick; the next writer continues from there. Some writers use a background
 * writer, and acknowledge the durable tick.
 */
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <eventure/eventure.h>

#include "harness.h"
#include "history.h"
#include "ledger.h"
#include "store/store.h"

#define STORE "kill.db"
#define ROUNDS 300
#define ROUNDS_A_STORE 25

/* Ticks that a background writer may have committed without the test's writer acknowledging them. One commit contains
 * about 5,000 events, which are about 1,000 ticks. */
#define MOST_BEHIND 4000

typedef struct world
{
    uint64_t seed;
    int64_t acknowledged;
    int64_t most_before;    /* ticks that the previous writer may have committed without acknowledging them */
    int64_t unacknowledged; /* ticks in the store that the writer had not acknowledged */
    long background_rounds;
    bool too_early;     /* a deliberate defect: acknowledges before it commits */
    bool in_the_middle; /* a deliberate defect: commits in the middle of ticks */
    bool not_durable;   /* a deliberate defect: acknowledges the current tick of a background log */
    pid_t reader;
    pid_t checkpointer;
} world;

/* How a writer works. */
typedef struct manner
{
    eventure_sync level;
    int64_t every; /* ticks per commit */
    bool background;
} manner;

static const char *const sync_names[] = {"FULL", "NORMAL", "OFF"};

static void acknowledge(int out, int64_t tick)
{
    must(write(out, &tick, sizeof tick) == (ssize_t)sizeof tick, "cannot acknowledge");
}

/* Returns the tick that a writer may acknowledge after it advanced; 0: none. */
static int64_t safe_tick(const world *self, eventure_log *log, const manner *how, int64_t advances)
{
    if (how->background)
        return self->not_durable ? eventure_log_tick(log) : eventure_log_durable_tick(log);
    return advances % how->every == 0 ? eventure_log_tick(log) : 0;
}

/* Sometimes waits for the background writer. After the wait all ticks must be durable. */
static eventure_status wait_at_times(eventure_log *log, const manner *how)
{
    int64_t tick = eventure_log_tick(log);
    if (!how->background || tick % 64 != 0)
        return EVENTURE_OK;
    eventure_status status = tick % 128 == 0 ? eventure_log_flush(log) : eventure_log_wait_durable(log, tick, -1);
    must(status != EVENTURE_OK || eventure_log_durable_tick(log) == tick, "tick %lld is not durable after a wait",
         (long long)tick);
    return status;
}

/* Appends ticks until the process is killed. */
static void write_ticks(const world *self, int out, const manner *how)
{
    history past = {.remembers = how->background};
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    options.sync = how->level;
    options.commit_every_ticks = how->every;
    options.background = how->background;
    eventure_status status = history_open(&past, STORE, &options, &log);
    must(status == EVENTURE_OK, "open: %s", eventure_log_message(log));
    sqlite3_exec(eventure_log_reader(log)->db, "PRAGMA wal_autocheckpoint = 50", NULL, NULL, NULL);
    int64_t acknowledged = eventure_log_tick(log);
    acknowledge(out, acknowledged); /* the ticks that the store contains must not get lost */
    for (int64_t advances = 1;; advances++)
    {
        if (self->too_early)
            acknowledge(out, eventure_log_tick(log) + 1);
        status = history_append(&past, log);
        if (status == EVENTURE_OK && self->in_the_middle)
            status = eventure_log_commit(log);
        if (status == EVENTURE_OK)
            status = eventure_log_advance_tick(log);
        if (status == EVENTURE_OK)
            status = wait_at_times(log, how);
        must(status == EVENTURE_OK, "tick %lld: %s", (long long)eventure_log_tick(log), eventure_log_message(log));
        int64_t safe = safe_tick(self, log, how, advances);
        if (safe <= acknowledged || self->too_early)
            continue;
        acknowledge(out, safe);
        acknowledged = safe;
    }
}

/* Whether the test still runs: no child process outlives a test that fails. */
static bool has_parent(pid_t parent)
{
    return getppid() == parent;
}

/* Reads until the process is killed: every reader sees whole ticks only. */
static void read_ticks(pid_t parent)
{
    char problem[HISTORY_PROBLEM];
    int64_t before = 0;
    while (has_parent(parent))
    {
        eventure_reader *reader = NULL;
        eventure_status status = eventure_reader_open(STORE, &reader);
        for (int i = 0; status == EVENTURE_OK && i < 20; i++)
        {
            int64_t ticks = 0;
            must(history_check(reader, 40, &ticks, problem), "a reader: %s", problem);
            must(ticks >= before, "a reader: tick %lld after tick %lld", (long long)ticks, (long long)before);
            before = ticks;
            harness_sleep_us(300);
        }
        must(status == EVENTURE_OK || status == EVENTURE_ERROR_NOT_FOUND || status == EVENTURE_ERROR_FORMAT,
             "a reader: %s", eventure_reader_message(reader));
        eventure_reader_close(reader);
    }
}

/* Checkpoints until the process is killed, as any program may. */
static void checkpoint_ticks(pid_t parent)
{
    static const char *const checkpoints[] = {"PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA wal_checkpoint(FULL)",
                                              "PRAGMA wal_checkpoint(RESTART)", "PRAGMA wal_checkpoint(TRUNCATE)"};
    for (int mode = 0; has_parent(parent); mode = (mode + 1) % 4)
    {
        sqlite3 *db = NULL;
        int code = access(STORE, F_OK) == 0 ? sqlite3_open_v2(STORE, &db, SQLITE_OPEN_READWRITE, NULL) : SQLITE_OK;
        if (db != NULL && code == SQLITE_OK)
        {
            sqlite3_busy_timeout(db, 20);
            code = sqlite3_exec(db, checkpoints[mode], NULL, NULL, NULL);
            must(code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED, "checkpoint: %s",
                 sqlite3_errmsg(db));
        }
        sqlite3_close(db);
        harness_sleep_us(2000);
    }
}

static pid_t start(void (*work)(pid_t parent))
{
    pid_t parent = getpid();
    fflush(NULL);
    pid_t child = fork();
    must(child >= 0, "cannot fork");
    if (child == 0)
    {
        work(parent);
        _exit(0);
    }
    return child;
}

/* Kills a process, which must not have ended by itself. */
static void end(pid_t child, const char *name)
{
    int result = 0;
    kill(child, SIGKILL);
    must(waitpid(child, &result, 0) == child, "cannot wait");
    must(WIFSIGNALED(result) && WTERMSIG(result) == SIGKILL, "the %s ended by itself: %d", name, result);
}

/* Returns the last tick that was acknowledged through the pipe, at least `before`. */
static int64_t last_acknowledged(int in, int64_t before)
{
    int64_t tick = 0;
    while (read(in, &tick, sizeof tick) == (ssize_t)sizeof tick)
        before = tick > before ? tick : before;
    return before;
}

static void check(world *self, long round, const manner *how)
{
    char problem[HISTORY_PROBLEM];
    int64_t ticks = 0;
    if (self->acknowledged == 0)
    {
        eventure_reader *reader = NULL;
        eventure_status status = eventure_reader_open(STORE, &reader);
        eventure_reader_close(reader);
        if (status == EVENTURE_ERROR_NOT_FOUND || status == EVENTURE_ERROR_FORMAT)
            return; /* killed before there was a store */
    }
    must(history_check_file(STORE, &ticks, problem), "round %ld (%s): %s", round, sync_names[how->level], problem);
    must(ticks >= self->acknowledged, "round %ld: %lld ticks of %lld acknowledged ones", round, (long long)ticks,
         (long long)self->acknowledged);
    /* The last commit of the previous writer may have become visible only now: the write-ahead log contained it
     * completely, but the index of the log did not yet. */
    int64_t own = how->background ? MOST_BEHIND : how->every;
    int64_t most = own > self->most_before ? own : self->most_before;
    self->most_before = own;
    must(ticks <= self->acknowledged + most, "round %ld: %lld ticks, and only %lld acknowledged", round,
         (long long)ticks, (long long)self->acknowledged);
    self->unacknowledged += ticks - self->acknowledged;
    self->acknowledged = ticks;
}

/* Waits until the writer has opened its log, and acknowledges its first tick. */
static void wait_until_open(int end)
{
    struct pollfd waited = {.fd = end, .events = POLLIN};
    poll(&waited, 1, 20000);
}

/* Runs a writer for a random time, and kills it. Every second time counts from the moment when the log is open: slow
 * builds need longer than this time to open it. */
static void kill_once(world *self, long round)
{
    int ends[2];
    manner how = {.level = (eventure_sync)harness_random(&self->seed, 3), .every = 1};
    how.background = self->not_durable || (harness_random(&self->seed, 2) == 0 && !self->too_early);
    if (!how.background && harness_random(&self->seed, 3) == 0)
        how.every = 4;
    self->background_rounds += how.background;
    must(pipe(ends) == 0, "no pipe");
    fflush(NULL);
    pid_t writer = fork();
    must(writer >= 0, "cannot fork");
    if (writer == 0)
    {
        close(ends[0]);
        write_ticks(self, ends[1], &how);
    }
    close(ends[1]);
    if (harness_random(&self->seed, 2) == 0)
        wait_until_open(ends[0]);
    harness_sleep_us((int64_t)harness_random(&self->seed, harness_random(&self->seed, 2) == 0 ? 4000 : 40000));
    end(writer, "writer");
    self->acknowledged = last_acknowledged(ends[0], self->acknowledged);
    close(ends[0]);
    check(self, round, &how);
}

static void start_others(world *self)
{
    self->reader = start(read_ticks);
    self->checkpointer = start(checkpoint_ticks);
}

static void end_others(world *self)
{
    end(self->reader, "reader");
    end(self->checkpointer, "checkpointer");
}

static void run(world *self)
{
    long rounds = 0;
    int64_t found = 0;
    for (; harness_more(rounds, ROUNDS); rounds++)
    {
        if (rounds % ROUNDS_A_STORE == 0)
        {
            if (rounds > 0)
                end_others(self);
            found += self->acknowledged;
            harness_remove(STORE);
            self->acknowledged = 0;
            start_others(self);
        }
        kill_once(self, rounds);
        if (harness_random(&self->seed, 10) == 0)
        {
            end_others(self);
            start_others(self);
        }
    }
    end_others(self);
    harness_say("kill",
                "%ld rounds, %ld with a background writer, %lld ticks, of which %lld were not acknowledged, with a "
                "reader and a checkpointer; losses: 0",
                rounds, self->background_rounds, (long long)(found + self->acknowledged),
                (long long)self->unacknowledged);
}

static void run_defect(void *context)
{
    world self = *(const world *)context;
    harness_remove(STORE);
    for (long round = 0; round < 600; round++) /* ends at the first failure */
        kill_once(&self, round);
}

/* The tests of the test. */
static void test_defects(uint64_t seed)
{
    world early = {.seed = seed, .too_early = true};
    world middle = {.seed = seed, .in_the_middle = true};
    world undurable = {.seed = seed, .not_durable = true};
    must(harness_notices(run_defect, &early), "a tick acknowledged before its commit was not noticed");
    must(harness_notices(run_defect, &middle), "a commit in the middle of a tick was not noticed");
    must(harness_notices(run_defect, &undurable), "a tick of a background log that was not durable was not noticed");
    harness_say("test-kill", "a tick acknowledged before its commit: noticed, before its background writer has "
                             "committed it: noticed; commits in the middle of ticks: noticed");
}

int main(void)
{
    uint64_t seed = harness_seed();
    world self = {.seed = seed};
    test_defects(seed);
    run(&self);
    harness_remove(STORE);
    return 0;
}
