/*
 * The power fails at a random moment of a run that opens a store, appends ticks, checkpoints and closes; this is
 * repeated many times. Then a state that the disk may have after the failure is opened. Each level of sync must keep
 * the promise of log.h:
 *
 *   FULL    every tick whose advance has returned;
 *   NORMAL  complete ticks from the beginning on, among them those that a checkpoint has moved into the file;
 *   OFF     nothing; but a store that verify accepts has the right content.
 *
 * With a background writer, FULL promises the durable tick. The system schedules its thread, so a seed does not repeat
 * such a run exactly.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <eventure/eventure.h>

#include "fault_vfs.h"
#include "harness.h"
#include "history.h"
#include "ledger.h"
#include "store/store.h"

#define STORE "power.db"
#define CUTS 2000
#define BACKGROUND_CUTS 250
#define LEVELS 3
#define OLD_TICKS 12
#define LONGEST_RUN 400 /* the number of changes of the disk; some runs are shorter */

static const char *const level_names[LEVELS] = {"FULL", "NORMAL", "OFF"};

/* One run up to the power failure. */
typedef struct run
{
    eventure_sync level;
    uint64_t seed;
    bool background;
    int64_t promised; /* the number of ticks that must survive */
    int64_t begun;    /* the number of ticks that were begun */
    bool too_early;   /* a deliberate defect: ticks count as promised before they are committed */
} run;

typedef struct counts
{
    long cuts;
    long torn;     /* failures that lost ticks that were not promised */
    int64_t ticks; /* the number of ticks that survived */
    long unusable; /* stores that were refused or found damaged; only with OFF */
    long late;     /* failures after the end of a run */
    long unborn;   /* failures before the store existed */
} counts;

/* Moves the write-ahead log into the file, as another program would. Returns whether all of it was moved. */
static bool checkpoint(run *self)
{
    static const char *const sync[LEVELS] = {"PRAGMA synchronous=FULL", "PRAGMA synchronous=NORMAL",
                                             "PRAGMA synchronous=OFF"};
    sqlite3 *db = NULL;
    int frames = -1;
    int moved = -2;
    int mode = (int)harness_random(&self->seed, 4); /* SQLITE_CHECKPOINT_PASSIVE to _TRUNCATE */
    int code = sqlite3_open_v2(STORE, &db, SQLITE_OPEN_READWRITE, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, sync[self->level], NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_wal_checkpoint_v2(db, NULL, mode, &frames, &moved);
    sqlite3_close(db);
    return code == SQLITE_OK && frames >= 0 && frames == moved;
}

/* Appends a tick, and updates the number of promised ticks. `last`: the tick is the last one of a commit. */
static eventure_status append_tick(run *self, history *past, eventure_log *log, bool last)
{
    self->begun = eventure_log_tick(log) + 1;
    if (self->level == EVENTURE_SYNC_FULL && self->too_early && !self->background)
        self->promised = self->begun;
    eventure_status status = history_tick(past, log);
    if (self->background && status == EVENTURE_OK && harness_random(&self->seed, 8) == 0)
        status = eventure_log_flush(log);
    if (status != EVENTURE_OK || !last)
        return status;
    int64_t durable = eventure_log_durable_tick(log);
    if (self->level == EVENTURE_SYNC_FULL)
        self->promised = self->background && self->too_early ? eventure_log_tick(log) : durable;
    if (harness_random(&self->seed, 6) == 0 && checkpoint(self) && self->level != EVENTURE_SYNC_OFF && !self->too_early)
        self->promised = durable;
    return status;
}

/* Opens a log, appends some ticks with occasional checkpoints, and closes it. */
static void session(run *self, history *past)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    options.sync = self->level;
    options.commit_every_ticks = self->background ? 1 : 1 + (int64_t)harness_random(&self->seed, 2) * 2;
    options.background = self->background;
    past->remembers = self->background;
    eventure_status status = history_open(past, STORE, &options, &log);
    int ticks = 3 + (int)harness_random(&self->seed, 12);
    if (status == EVENTURE_OK && harness_random(&self->seed, 2) == 0)
        sqlite3_exec(eventure_log_reader(log)->db, "PRAGMA wal_autocheckpoint = 7", NULL, NULL, NULL);
    for (int i = 1; i <= ticks && status == EVENTURE_OK && !fault_vfs_power_lost(); i++)
        status = append_tick(self, past, log, i % options.commit_every_ticks == 0);
    int64_t tick = eventure_log_tick(log);
    if (eventure_log_close(log) == EVENTURE_OK && status == EVENTURE_OK && self->level == EVENTURE_SYNC_FULL)
        self->promised = tick;
}

static void work(run *self)
{
    history past = {0};
    for (int i = 0; i < 3 && !fault_vfs_power_lost(); i++)
        session(self, &past);
}

/* Begins without a store, or with a store of some ticks that is safe on the disk. */
static void prepare(run *self, bool is_new)
{
    history past = {0};
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    static unsigned char *bytes;
    static long len;
    harness_remove(STORE);
    self->promised = self->begun = is_new ? 0 : OLD_TICKS;
    if (is_new)
        return;
    if (bytes != NULL)
    {
        harness_store(STORE, bytes, len);
        return;
    }
    options.sync = EVENTURE_SYNC_OFF;
    must(history_open(&past, STORE, &options, &log) == EVENTURE_OK, "%s", eventure_log_message(log));
    for (int i = 0; i < OLD_TICKS; i++)
        must(history_tick(&past, log) == EVENTURE_OK, "%s", eventure_log_message(log));
    must(eventure_log_close(log) == EVENTURE_OK, "close");
    bytes = harness_load(STORE, &len);
}

/* Adds files that may exist after a power failure: a lock file, and an index of the write-ahead log with any
 * content. */
static void litter(uint64_t *seed)
{
    unsigned char bytes[700];
    remove(STORE "-shm");
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)harness_random(seed, 256);
    if (harness_random(seed, 2) == 0)
        harness_store(STORE "-shm", bytes, sizeof bytes);
    if (harness_random(seed, 2) == 0)
        harness_store(STORE "-writer", bytes, 5);
}

/* Whether the store exists. It need not exist before the first tick was promised. */
static bool is_born(void)
{
    eventure_reader *reader = NULL;
    eventure_status status = access(STORE, F_OK) == 0 ? eventure_reader_open(STORE, &reader) : EVENTURE_ERROR_FORMAT;
    bool born = status != EVENTURE_ERROR_FORMAT;
    eventure_reader_close(reader);
    return born;
}

/* Checks that the next run can continue the store. */
static bool continues(int64_t ticks, char *problem)
{
    history past = {0};
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    options.sync = EVENTURE_SYNC_OFF;
    eventure_status status = history_open(&past, STORE, &options, &log);
    bool right = status == EVENTURE_OK && eventure_log_tick(log) == ticks;
    for (int i = 0; i < 2 && right; i++)
        right = history_tick(&past, log) == EVENTURE_OK;
    if (!right)
        snprintf(problem, HISTORY_PROBLEM, "does not continue: tick %lld of %lld: %s",
                 (long long)eventure_log_tick(log), (long long)ticks, eventure_log_message(log));
    right = eventure_log_close(log) == EVENTURE_OK && right;
    int64_t after = 0;
    return right && history_check_file(STORE, &after, problem) && after == ticks + 2;
}

/* Checks the store after the failure. Returns whether the promise of the level is kept. */
static bool is_kept(const run *self, counts *seen, char *problem)
{
    int64_t ticks = 0;
    problem[0] = '\0';
    if (self->promised == 0 && !is_born())
    {
        seen->unborn++;
        return continues(0, problem);
    }
    bool right = history_check_file(STORE, &ticks, problem);
    if (!right && self->level == EVENTURE_SYNC_OFF)
    {
        seen->unusable++;
        /* The store may be damaged; but when verify accepts it, the content must be right. */
        return strncmp(problem, "event ", 6) != 0;
    }
    seen->ticks += ticks;
    seen->torn += ticks < self->begun;
    if (right && self->level != EVENTURE_SYNC_OFF && ticks < self->promised)
        snprintf(problem, HISTORY_PROBLEM, "holds %lld ticks of %lld promised ones", (long long)ticks,
                 (long long)self->promised);
    else if (right && ticks > self->begun)
        snprintf(problem, HISTORY_PROBLEM, "holds %lld ticks of %lld begun ones", (long long)ticks,
                 (long long)self->begun);
    return problem[0] == '\0' && (self->level == EVENTURE_SYNC_OFF || continues(ticks, problem));
}

/* Tests one failure. When the run ends before it, the power fails after the run. */
static bool cut_once(run *self, bool lie, counts *seen, char *problem)
{
    prepare(self, harness_random(&self->seed, 2) == 0);
    fault_vfs_install();
    fault_vfs_power(1 + (long)harness_random(&self->seed, LONGEST_RUN));
    fault_vfs_lie_about_syncs(lie);
    work(self);
    seen->late += !fault_vfs_power_lost();
    fault_vfs_settle(&self->seed);
    fault_vfs_remove();
    litter(&self->seed);
    seen->cuts++;
    return is_kept(self, seen, problem);
}

static void test_level(eventure_sync level, bool background, uint64_t seed)
{
    counts seen = {0};
    char problem[HISTORY_PROBLEM];
    run self = {.level = level, .background = background, .seed = seed + (uint64_t)level};
    const long cuts = background ? BACKGROUND_CUTS : CUTS;
    const long divisor = background ? 200 : 20;
    /* When no cut lost anything, the test would not have tested anything. With a background writer, the number of
     * losses depends on the timing of the two threads, so that few cuts can be without any: then more are made. */
    for (long round = 0; harness_more(round, cuts) || (round < cuts && seen.torn <= seen.cuts / divisor); round++)
        must(cut_once(&self, false, &seen, problem), "%s%s, cut %ld: %s", level_names[level],
             background ? " in the background" : "", round, problem);
    must(seen.torn > seen.cuts / divisor, "only %ld of %ld cuts took something away", seen.torn, seen.cuts);
    char name[32];
    snprintf(name, sizeof name, "power-%s%s", level_names[level], background ? "-bg" : "");
    harness_say(name,
                "%ld cuts%s, %lld ticks found again, %ld cuts took unsynced ticks, %ld before there was a store, "
                "%ld after the run, %ld stores unusable; losses: 0",
                seen.cuts, background ? " with a background writer" : "", (long long)seen.ticks, seen.torn, seen.unborn,
                seen.late, seen.unusable);
}

/* The tests of the test: a disk that does not sync, and a tick that is promised before it is committed, are noticed. */
static void test_defects(uint64_t seed)
{
    static const struct
    {
        const char *name;
        const char *what;
        run run;
        bool lie;
    } defects[] = {
        {"test-early", "a tick acknowledged before its commit", {.too_early = true}, false},
        {"test-early-bg",
         "a tick of a background log that is not durable",
         {.too_early = true, .background = true},
         false},
        {"test-nosync", "a disk that skips syncs", {.too_early = false}, true},
    };
    for (size_t i = 0; i < sizeof defects / sizeof *defects; i++)
    {
        counts seen = {0};
        char problem[HISTORY_PROBLEM];
        run self = defects[i].run;
        self.level = EVENTURE_SYNC_FULL;
        self.seed = seed;
        bool noticed = false;
        for (long round = 0; round < 200 && !noticed; round++)
            noticed = !cut_once(&self, defects[i].lie, &seen, problem);
        must(noticed, "%s was not noticed in %ld cuts", defects[i].what, seen.cuts);
        harness_say(defects[i].name, "%s: noticed at cut %ld", defects[i].what, seen.cuts);
    }
}

int main(void)
{
    uint64_t seed = harness_seed();
    harness_enter();
    test_defects(seed);
    for (int level = 0; level < LEVELS; level++)
    {
        test_level((eventure_sync)level, false, seed);
        test_level((eventure_sync)level, true, seed);
    }
    harness_remove(STORE);
    harness_leave();
    return 0;
}
