/*
 * Each disk call of a log and a reader fails, one after the other, until the work runs without a failure (of the later
 * ones a sample, except while soaking). Then the same with a disk on which all later calls fail too, and with a full
 * disk. Errors must have a documented code and a text, committed events must not be lost, and the log must continue or
 * refuse all calls. All of this also runs with a background writer: the next call returns its errors, and only durable
 * ticks count as committed.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include <eventure/eventure.h>

#include "fault_vfs.h"
#include "harness.h"
#include "history.h"
#include "store/store.h"

#define STORE "io.db"
#define TICKS 14
/* While a fault is injected: a lock that could not be released stays, so that waiting for it cannot help. */
#define BUSY_TIMEOUT_MS 20

typedef struct run
{
    bool background;
    int64_t acknowledged;
    int64_t begun;
    int busy_timeout_ms;  /* 0: the default */
    long errors;          /* the number of errors that the library returned */
    bool swallows_errors; /* a deliberate defect: a tick counts as committed when advancing fails */
} run;

typedef struct counts
{
    long faults;
    long errors;
    long reopened; /* the number of logs that had to be opened again after an error */
} counts;

/* Checks that an error has one of the codes that log.h lists, and a text. */
static void expect_clean(run *self, eventure_status status, const char *message)
{
    if (status >= 0)
        return;
    self->errors++;
    must(status == EVENTURE_ERROR_IO || status == EVENTURE_ERROR_CORRUPT || status == EVENTURE_ERROR_BUSY ||
             status == EVENTURE_ERROR_MEMORY || status == EVENTURE_ERROR_READ_ONLY,
         "unexpected %s: %s", eventure_status_name(status), message);
    must(message != NULL && message[0] != '\0', "%s has no text", eventure_status_name(status));
}

/* Reads everything. What is read without an error must be right. */
static void read_all(run *self)
{
    eventure_reader *reader = NULL;
    eventure_verify_report report;
    char problem[HISTORY_PROBLEM];
    int64_t ticks = 0;
    eventure_status status = eventure_reader_open(STORE, &reader);
    expect_clean(self, status, eventure_reader_message(reader));
    if (status == EVENTURE_OK && !history_check(reader, 0, &ticks, problem))
    {
        self->errors++;
        must(strncmp(problem, "EVENTURE_ERROR_", 15) == 0, "%s", problem);
    }
    if (status == EVENTURE_OK)
    {
        status = eventure_store_verify(reader, NULL, &report);
        expect_clean(self, status, eventure_reader_message(reader));
    }
    eventure_reader_close(reader);
}

/* Checks the durable tick of the log: it must be valid also after an error, and must never become smaller. */
static void look_at_durable(run *self, eventure_log *log)
{
    int64_t durable = eventure_log_durable_tick(log);
    must(durable <= eventure_log_tick(log), "tick %lld is durable, and the log is at tick %lld", (long long)durable,
         (long long)eventure_log_tick(log));
    must(durable >= self->acknowledged, "the log went back to tick %lld", (long long)durable);
    self->acknowledged = durable;
}

/* Appends ticks up to `end`, and tries once more for a tick that failed. Returns false when the log cannot be used. */
static bool append_ticks(run *self, history *past, eventure_log *log, int64_t end)
{
    int failures = 0;
    while (failures < 2)
    {
        bool is_at_end = eventure_log_tick(log) >= end;
        if (is_at_end && eventure_log_durable_tick(log) >= end)
            return true;
        if (!is_at_end && self->begun < eventure_log_tick(log) + 1)
            self->begun = eventure_log_tick(log) + 1;
        eventure_status status = is_at_end ? eventure_log_flush(log) : history_tick(past, log);
        expect_clean(self, status == EVENTURE_ERROR_ARGUMENT && failures > 0 ? EVENTURE_ERROR_IO : status,
                     eventure_log_message(log));
        if (status != EVENTURE_OK)
        {
            failures++;
            history_forget(past);
        }
        if (status != EVENTURE_OK && self->swallows_errors)
            self->acknowledged = self->begun;
        else
            look_at_durable(self, log);
        must(!is_at_end || status != EVENTURE_OK || self->acknowledged >= end,
             "the log was flushed, and tick %lld is durable", (long long)self->acknowledged);
    }
    return false;
}

/* Opens, writes, reads and closes a log up to tick `end`, with occasional checkpoints. */
static bool session(run *self, int64_t end)
{
    history past = {.remembers = self->background};
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    options.background = self->background;
    options.busy_timeout_ms = self->busy_timeout_ms;
    eventure_status status = history_open(&past, STORE, &options, &log);
    expect_clean(self, status, eventure_log_message(log));
    bool useful = status == EVENTURE_OK;
    if (useful)
    {
        sqlite3_exec(eventure_log_reader(log)->db, "PRAGMA wal_autocheckpoint = 9", NULL, NULL, NULL);
        useful = append_ticks(self, &past, log, end);
        read_all(self);
    }
    status = eventure_log_close(log);
    expect_clean(self, status, "close");
    return useful;
}

static void check_after(const run *self, long n, const char *kind)
{
    char problem[HISTORY_PROBLEM] = "";
    int64_t ticks = 0;
    must(history_check_file(STORE, &ticks, problem), "%s %ld: %s", kind, n, problem);
    must(ticks >= self->acknowledged, "%s %ld: %lld ticks of %lld acknowledged ones", kind, n, (long long)ticks,
         (long long)self->acknowledged);
    must(ticks <= self->begun, "%s %ld: %lld ticks of %lld begun ones", kind, n, (long long)ticks,
         (long long)self->begun);
}

static long fail_each(bool background, unsigned kinds, bool on, const char *name)
{
    counts seen = {0};
    bool hit = true;
    const int64_t began = harness_now_ms();
    /* The later calls are similar: all of them fail only while soaking. */
    const long similar = harness_is_short() ? 10 : 50;
    for (long n = 1; hit; n += harness_exhaustive(began) ? 1 : 1 + n / similar)
    {
        run self = {.background = background, .busy_timeout_ms = BUSY_TIMEOUT_MS};
        fault_vfs_reset();
        harness_remove(STORE);
        fault_vfs_fail_at(kinds, n, on);
        if (!session(&self, TICKS / 2) || !session(&self, TICKS))
            seen.reopened++;
        hit = fault_vfs_fail_stop();
        seen.faults += hit;
        long errors = self.errors;
        self.busy_timeout_ms = 0;
        must(hit || errors == 0, "%s %ld: an error without a fault", name, n);
        must(session(&self, TICKS + 1) && self.errors == errors, "%s %ld: does not continue", name, n);
        check_after(&self, n, name);
        seen.errors += errors;
    }
    must(seen.faults > 0, "%s: no fault was seen", name);
    must(seen.errors > 0 || (kinds & (FAULT_TRUNCATE | FAULT_DELETE)) != 0, "%s: no error was returned", name);
    printf("%-24s %5ld faults, %5ld errors returned, %4ld logs to be opened again\n", name, seen.faults, seen.errors,
           seen.reopened);
    return seen.faults;
}

/* Fills the disk after different numbers of bytes, and then makes room again. */
static long fill_disk(bool background)
{
    counts seen = {0};
    bool full = true;
    const int64_t began = harness_now_ms();
    for (int64_t room = 0; full; room += harness_is_short() ? 32 * 1024 : harness_exhaustive(began) ? 2048 : 8 * 1024)
    {
        run self = {.background = background, .busy_timeout_ms = BUSY_TIMEOUT_MS};
        fault_vfs_reset();
        harness_remove(STORE);
        fault_vfs_set_room(room);
        session(&self, TICKS / 2);
        session(&self, TICKS);
        full = fault_vfs_was_full();
        seen.faults += full;
        fault_vfs_set_room(-1);
        long errors = self.errors;
        self.busy_timeout_ms = 0;
        /* A disk that is full only during a checkpoint causes no error: the checkpoint is made later. */
        must(full ? background || errors > 0 : errors == 0, "room %lld: %ld errors", (long long)room, errors);
        must(session(&self, TICKS + 1) && self.errors == errors, "room %lld: does not continue", (long long)room);
        check_after(&self, (long)room, "room");
    }
    return seen.faults;
}

/* The test of the test: a disk that reports one failed write as successful. */
static void write_with_a_lie(void *context)
{
    run self = {0};
    fault_vfs_reset();
    harness_remove(STORE);
    fault_vfs_lie_about_writes(true);
    fault_vfs_fail_at(FAULT_WRITE, *(const long *)context, false);
    must(session(&self, TICKS / 2) && session(&self, TICKS) && self.errors == 0, "errors");
    fault_vfs_fail_stop();
    check_after(&self, *(const long *)context, "lie");
}

/* The test of the test: a program that treats a tick as committed even when advancing it failed. */
static void write_without_looking(void *context)
{
    run self = {.swallows_errors = true};
    fault_vfs_reset();
    harness_remove(STORE);
    fault_vfs_fail_at(FAULT_WRITE, *(const long *)context, true);
    session(&self, TICKS / 2);
    fault_vfs_fail_stop();
    check_after(&self, *(const long *)context, "unseen");
}

static void test_defects(void)
{
    long lies = 0;
    long unseen = 0;
    long tries = 0;
    for (long n = 40; n < 140; n += 5, tries++)
    {
        lies += harness_notices(write_with_a_lie, &n);
        unseen += harness_notices(write_without_looking, &n);
    }
    must(lies > 0 && unseen > 0, "noticed %ld writes that were not made, and %ld errors that were ignored", lies,
         unseen);
    harness_say("test-write",
                "the result of a write ignored by the disk: noticed at %ld of %ld writes; by the writer: "
                "at %ld of %ld",
                lies, tries, unseen, tries);
}

int main(void)
{
    static const struct
    {
        const char *name;
        unsigned kinds;
    } classes[] = {{"read", FAULT_READ},
                   {"write", FAULT_WRITE},
                   {"sync", FAULT_SYNC},
                   {"truncate", FAULT_TRUNCATE},
                   {"lock", FAULT_LOCK},
                   {"open", FAULT_OPEN},
                   {"shared memory", FAULT_SHARED},
                   {"size", FAULT_SIZE},
                   {"access", FAULT_ACCESS},
                   {"delete", FAULT_DELETE},
                   {"any call", FAULT_ALL}};
    long faults[2] = {0, 0};
    long full[2] = {0, 0};
    harness_enter();
    fault_vfs_install();
    for (int background = 0; background < 2; background++)
    {
        for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        {
            char name[64];
            if (background && (classes[i].kinds & FAULT_SYNC) == 0)
                continue; /* "any call" covers the other kinds */
            snprintf(name, sizeof name, "%s%s", classes[i].name, background ? " behind" : "");
            if (classes[i].kinds == FAULT_ALL) /* a single failure of a call is the same in each kind */
                faults[background] += fail_each(background, FAULT_ALL, false, name);
            snprintf(name, sizeof name, "%s%s, for good", classes[i].name, background ? " behind" : "");
            faults[background] += fail_each(background, classes[i].kinds, true, name);
        }
        full[background] = fill_disk(background);
    }
    test_defects();
    fault_vfs_remove();
    harness_say("io",
                "%ld faults of single calls and of disks that stay broken, and %ld with a background writer; losses: 0",
                faults[0], faults[1]);
    harness_say("disk-full", "%ld sizes of a full disk, and %ld with a background writer; losses: 0", full[0], full[1]);
    harness_remove(STORE);
    harness_leave();
    return 0;
}
