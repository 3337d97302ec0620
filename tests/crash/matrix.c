/*
 * Every operation under every disturbance: a program (matrix_writer.c) appends ticks and repeats one operation, and at
 * a random moment the test disturbs the program or its files. Afterwards every acknowledged event must be in the store,
 * the files that the program made must be complete, and verify must find no damage (matrix_check.c).
 *
 *     crash_matrix [OPERATION [DISTURBANCE]]    only the combinations of these names
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#endif

#include <eventure/eventure.h>

#include "harness.h"
#include "ledger.h"
#include "matrix_check.h"
#include "matrix_writer.h"

#define MOVED "moved.db"
#define NAMESAKE MATRIX_ELSEWHERE "/" MATRIX_STORE
#define FILLER "filler"
#define DISK "disk" /* the mount point of a small file system */
#define DISK_OPTIONS "size=24m"
#define PLACE "place" /* the directory of the rounds that need no full disk */
#define TEMPLATE_TICKS 100
#define ROUNDS (2 * COMBINATIONS)
#define STATEMENTS 20
#define MOST_US 8000 /* the longest time before and after the disturbance */
#define HANG_MS 120000

typedef struct round
{
    uint64_t seed;
    char where[160]; /* the beginning of the text of each failure */
    matrix_job job;
    pid_t writer;
    int in;               /* the pipe from the writer */
    int64_t disturbed_ns; /* when the disturbance was complete; 0: not yet */
    int64_t undone_ns;    /* when undoing the disturbance began, while the program runs */
    matrix_told told;
} round;

static unsigned char *template_bytes;
static long template_len;
static bool has_disk;

/* --- The reports of the writer --- */

static void take(round *self, const matrix_note *note)
{
    matrix_told *told = &self->told;
    bool after = self->disturbed_ns > 0 && note->began_ns > self->disturbed_ns;
    switch (note->kind)
    {
    case MATRIX_READY:
        told->ready = true;
        break;
    case MATRIX_EVENTS:
        told->events = note->value;
        told->events_after += after;
        told->events_between += after && (self->undone_ns == 0 || note->told_ns < self->undone_ns);
        break;
    case MATRIX_MADE:
        told->made[note->number] = note->value;
        told->made[1 - note->number] = 0; /* the writer removes this file before it makes the next one */
        break;
    case MATRIX_PROJECTED:
        told->projected = note->value;
        break;
    case MATRIX_HANDED:
        told->handed = note->value;
        break;
    case MATRIX_FOLLOWED:
        told->followed = note->value;
        break;
    case MATRIX_LOG_ERROR:
        if (told->log_error[0] == '\0')
            snprintf(told->log_error, sizeof told->log_error, "%s", note->text);
        told->errors++;
        break;
    case MATRIX_ERROR:
        told->errors++;
        break;
    case MATRIX_DONE:
        told->done = true;
        break;
    case MATRIX_CHILD_OK:
        snprintf(told->child_ok, sizeof told->child_ok, "%s", note->text);
        break;
    case MATRIX_CHILD_END:
        told->child_end = (int)note->value;
        break;
    case MATRIX_CLOSED:
        told->closed = true;
        told->close_status = (eventure_status)note->value;
        break;
    default:
        break;
    }
}

/* Reads the reports of the writer until *wanted is true (unless it is NULL), the time is over, or the pipe ends.
 * Returns false at the end of the pipe. */
static bool listen_ms(round *self, const bool *wanted, int64_t us)
{
    int64_t until = matrix_now_ns() + us * 1000;
    while (wanted == NULL || !*wanted)
    {
        matrix_note note;
        int64_t left = until - matrix_now_ns();
        struct pollfd ready = {.fd = self->in, .events = POLLIN};
        if (left <= 0)
            return true;
        if (left < 1000000)
            harness_sleep_us(left / 1000 < 200 ? left / 1000 : 200);
        if (poll(&ready, 1, left < 1000000 ? 0 : (int)(left / 1000000)) <= 0)
            continue;
        if (read(self->in, &note, sizeof note) != (ssize_t)sizeof note)
            return false;
        take(self, &note);
    }
    return true;
}

static void wait_for(round *self, const bool *wanted, const char *what)
{
    bool open = listen_ms(self, wanted, (int64_t)HANG_MS * 1000);
    must(*wanted, "%s: %s: the program %s", self->where, what, open ? "hangs" : "has ended");
}

/* Checks that a store beside the program's store is unchanged. */
static void must_be_template(const round *self, const char *path)
{
    long len = 0;
    unsigned char *bytes = harness_load(path, &len);
    must(len == template_len && memcmp(bytes, template_bytes, (size_t)len) == 0, "%s: %s has changed", self->where,
         path);
    free(bytes);
}

/* --- Disturbances --- */

static void request(round *self)
{
    self->told.done = false;
    kill(self->writer, SIGUSR1);
    wait_for(self, &self->told.done, "the request");
}

static void disturb_kill(round *self)
{
    kill(self->writer, SIGKILL);
}

static void remove_filler(round *self)
{
    (void)self;
    remove(FILLER);
}

static void disturb_disk(round *self)
{
    static const char block[65536];
    int file = has_disk ? open(FILLER, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (!has_disk)
    {
        request(self);
        return;
    }
    must(file >= 0, "cannot make a file to fill the disk with");
    size_t size = sizeof block;
    while (size > 0)
        if (write(file, block, size) <= 0)
            size /= 2;
    close(file);
}

static void undo_disk(round *self)
{
    if (has_disk)
        remove_filler(self);
    else
        request(self);
}

static void disturb_rename(round *self)
{
    must(rename(MATRIX_STORE, MOVED) == 0, "%s: cannot rename", self->where);
}

static void undo_rename(round *self)
{
    must(access(MATRIX_STORE, F_OK) != 0, "%s: another file has been made in the place of the store", self->where);
    must(rename(MOVED, MATRIX_STORE) == 0, "%s: cannot rename", self->where);
}

static void unlink_side_file(const round *self, const char *path)
{
    must(unlink(path) == 0 || errno == ENOENT, "%s: cannot unlink %s", self->where, path);
}

static void disturb_wal(round *self)
{
    unlink_side_file(self, MATRIX_STORE "-wal");
}

static void disturb_shm(round *self)
{
    unlink_side_file(self, MATRIX_STORE "-shm");
}

/* Replaces the store by another store, as when a user restores a backup. */
static void disturb_replace(round *self)
{
    disturb_rename(self);
    harness_store(MATRIX_STORE, template_bytes, template_len);
}

static void undo_replace(round *self)
{
    must_be_template(self, MATRIX_STORE);
    must(rename(MOVED, MATRIX_STORE) == 0, "%s: cannot rename", self->where);
}

/* Runs queries and checkpoints as a user of the program sqlite3 would, in one connection or in several. */
static void run_statements(round *self)
{
    static const char *const statements[] = {"SELECT count(*) FROM events",
                                             "SELECT max(seq), data FROM events",
                                             "SELECT * FROM ticks",
                                             "PRAGMA wal_checkpoint(PASSIVE)",
                                             "PRAGMA wal_checkpoint(FULL)",
                                             "PRAGMA wal_checkpoint(RESTART)",
                                             "PRAGMA wal_checkpoint(TRUNCATE)",
                                             "PRAGMA quick_check",
                                             "BEGIN; SELECT * FROM store; COMMIT"};
    sqlite3 *db = NULL;
    for (int i = 0; i < STATEMENTS; i++)
    {
        if (db == NULL)
            must(sqlite3_open_v2(MATRIX_STORE, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK, "%s: %s", self->where,
                 sqlite3_errmsg(db));
        const char *sql = statements[harness_random(&self->seed, sizeof statements / sizeof *statements)];
        int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
        must(code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED, "%s: %s: %s", self->where, sql,
             sqlite3_errmsg(db));
        if (!sqlite3_get_autocommit(db)) /* the store was busy after BEGIN */
            sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
        if (harness_random(&self->seed, 4) != 0)
            continue;
        sqlite3_close(db);
        db = NULL;
    }
    sqlite3_close(db);
}

static void disturb_sqlite(round *self)
{
    int ended = 0;
    if (self->job.request == MATRIX_READ_OWN_FILE)
        request(self);
    pid_t child = fork();
    must(child >= 0, "cannot fork");
    if (child == 0)
    {
        run_statements(self);
        _exit(0);
    }
    while (waitpid(child, &ended, WNOHANG) == 0)
        listen_ms(self, NULL, 1000);
    must(WIFEXITED(ended) && WEXITSTATUS(ended) == 0, "%s: the other program failed", self->where);
}

static void disturb_stop(round *self)
{
    kill(self->writer, SIGSTOP);
    listen_ms(self, NULL, (int64_t)harness_random(&self->seed, MOST_US));
    kill(self->writer, SIGCONT);
}

typedef struct disturbance
{
    const char *name;
    matrix_request request;
    void (*act)(round *self);
    void (*undo)(round *self); /* reverts the disturbance, while the program runs or after its end */
    bool takes_wal;            /* the content of the write-ahead log may be lost before the program can notice */
    bool names_file;           /* the text of an error that it causes contains the path of the store */
} disturbance;

static const disturbance disturbances[] = {
    {"kill", MATRIX_NOTHING, disturb_kill, NULL, false, false},
    {"full-disk", MATRIX_NO_ROOM, disturb_disk, undo_disk, false, false},
    {"rename", MATRIX_NOTHING, disturb_rename, undo_rename, false, true},
    {"replace", MATRIX_NOTHING, disturb_replace, undo_replace, false, true},
    {"unlink-wal", MATRIX_NOTHING, disturb_wal, NULL, true, true},
    {"unlink-shm", MATRIX_NOTHING, disturb_shm, NULL, false, true},
    {"sqlite3", MATRIX_NOTHING, disturb_sqlite, NULL, false, false},
    {"stdio-sqlite3", MATRIX_READ_OWN_FILE, disturb_sqlite, NULL, true, true},
    {"fork-use", MATRIX_CHILD_USES, request, NULL, false, false},
    {"fork-exit", MATRIX_CHILD_EXITS, request, NULL, false, false},
    {"chdir", MATRIX_CHDIR, request, NULL, false, false},
    {"stop", MATRIX_NOTHING, disturb_stop, NULL, false, false},
};
static const char *const operations[MATRIX_OPERATIONS] = {"append", "background", "archive", "fork",  "copy",
                                                          "repair", "import",     "project", "follow"};

#define DISTURBANCES (sizeof disturbances / sizeof *disturbances)
#define COMBINATIONS ((long)(DISTURBANCES * MATRIX_OPERATIONS))

/* --- A round --- */

static void clear(const char *folder)
{
    char path[512];
    DIR *directory = opendir(folder);
    must(directory != NULL, "cannot read a directory");
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
    {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.' && unlink(path) != 0)
            rmdir(path);
    }
    closedir(directory);
}

static void prepare(void)
{
    if (access(MATRIX_ELSEWHERE, F_OK) == 0)
        clear(MATRIX_ELSEWHERE);
    clear(".");
    must(mkdir(MATRIX_ELSEWHERE, 0777) == 0, "cannot make a directory");
    harness_store(MATRIX_STORE, template_bytes, template_len);
    harness_store(NAMESAKE, template_bytes, template_len);
}

static void start(round *self)
{
    int ends[2];
    must(pipe(ends) == 0, "no pipe");
    fflush(NULL);
    self->writer = fork();
    must(self->writer >= 0, "cannot fork");
    if (self->writer == 0)
    {
        close(ends[0]);
        matrix_write(&self->job, ends[1]);
    }
    close(ends[1]);
    self->in = ends[0];
    wait_for(self, &self->told.ready, "opening");
}

/* Ends the program by a request to close or by killing it, and reads all its reports. */
static void end(round *self, bool by_kill)
{
    static const bool never = false;
    int ended = 0;
    kill(self->writer, by_kill ? SIGKILL : SIGUSR2);
    must(!listen_ms(self, &never, (int64_t)HANG_MS * 1000), "%s: the program hangs%s", self->where,
         self->told.closed ? ", and is closed" : "");
    must(waitpid(self->writer, &ended, 0) == self->writer, "cannot wait");
    close(self->in);
    must(by_kill || (WIFEXITED(ended) && WEXITSTATUS(ended) == 0), "%s: the program ends with %d", self->where, ended);
    must(!by_kill || WIFSIGNALED(ended), "%s: the program ended by itself: %d", self->where, ended);
}

/* Runs one round; `self` contains the reports of the writer afterwards. Returns whether the store may have lost
 * acknowledged events. */
static bool run_round(round *self, const disturbance *what)
{
    bool kills = what->act == disturb_kill;
    bool by_kill = kills || harness_random(&self->seed, 2) == 0;
    bool undo_early =
        what->undo != NULL && (harness_random(&self->seed, 2) == 0 || (what->act == disturb_disk && !has_disk));
    prepare();
    start(self);
    listen_ms(self, NULL, (int64_t)harness_random(&self->seed, MOST_US));
    what->act(self);
    self->disturbed_ns = matrix_now_ns();
    self->told.log_error[0] = '\0';
    if (!kills)
        listen_ms(self, NULL, (int64_t)harness_random(&self->seed, MOST_US));
    if (undo_early)
    {
        self->undone_ns = matrix_now_ns();
        what->undo(self);
        listen_ms(self, NULL, (int64_t)harness_random(&self->seed, MOST_US));
    }
    end(self, by_kill);
    if (what->undo != NULL && !undo_early)
        what->undo(self);

    const matrix_told *told = &self->told;
    bool closed_well = told->closed && told->close_status == EVENTURE_OK;
    bool may_be_lost = what->takes_wal && told->events_after == 0 && !closed_well;
    must(told->child_ok[0] == '\0', "%s: in the child, %s works", self->where, told->child_ok);
    must(told->child_end == 0, "%s: the child ends with %d", self->where, told->child_end);
    must(told->events_between == 0 || (what->act != disturb_rename && what->act != disturb_replace),
         "%s: %lld calls acknowledged ticks while the name led elsewhere", self->where,
         (long long)told->events_between);
    must(!what->names_file || told->log_error[0] == '\0' || strstr(told->log_error, MATRIX_STORE) != NULL,
         "%s: the error does not name the file: %s", self->where, told->log_error);
    must_be_template(self, NAMESAKE);
    must(access(NAMESAKE "-wal", F_OK) != 0, "%s: the namesake has a write-ahead log", self->where);
    matrix_check(self->where, told, may_be_lost);
    return may_be_lost;
}

typedef struct sums
{
    long rounds;
    long with_errors; /* rounds in which a call returned an error */
    long taken;       /* rounds that lost the write-ahead log, after which nothing was acknowledged */
    int64_t events;
    int64_t acknowledged_after;
} sums;

static void run_combination(uint64_t seed, long number, long combination, bool too_early, sums *sum)
{
    const disturbance *what = &disturbances[combination % (long)DISTURBANCES];
    matrix_operation operation = (matrix_operation)(combination / (long)DISTURBANCES);
    round self = {.seed = seed + (uint64_t)number * 7919};
    self.job = (matrix_job){.operation = operation, .request = what->request, .too_early = too_early};
    self.job.background =
        operation == MATRIX_BACKGROUND || (operation != MATRIX_APPEND && harness_random(&self.seed, 3) == 0);
    self.job.goes_on = what->act == disturb_disk;
    snprintf(self.where, sizeof self.where, "seed %llu, round %ld, %s x %s%s", (unsigned long long)seed, number,
             what->name, operations[operation], self.job.background ? " (background)" : "");
    must(chdir(what->act == disturb_disk && has_disk ? DISK : PLACE) == 0, "cannot change the directory");
    bool may_be_lost = run_round(&self, what);
    must(chdir("..") == 0, "cannot change the directory");
    sum->rounds++;
    sum->with_errors += self.told.errors > 0;
    sum->taken += may_be_lost;
    sum->events += self.told.events;
    sum->acknowledged_after += self.told.events_after;
}

/* Mounts a small file system if the system permits it; it disappears with the process. */
static bool mount_disk(void)
{
#ifdef __linux__
    return geteuid() == 0 && unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", DISK, "tmpfs", 0, DISK_OPTIONS) == 0;
#else
    return false;
#endif
}

static void enter(void)
{
    eventure_log *log = NULL;
    harness_enter();
    must(mkdir(PLACE, 0777) == 0 && mkdir(DISK, 0777) == 0, "cannot make a directory");
    has_disk = mount_disk();
    must(eventure_log_open(MATRIX_STORE, NULL, &log) == EVENTURE_OK, "%s", eventure_log_message(log));
    for (int64_t n = 1; n <= (int64_t)TEMPLATE_TICKS * MATRIX_TICK; n++)
    {
        eventure_status status = eventure_log_append(log, "step", EVENTURE_DATA(eventure_int("n", n)), NULL, NULL);
        if (status == EVENTURE_OK && n % MATRIX_TICK == 0)
            status = eventure_log_advance_tick(log);
        must(status == EVENTURE_OK, "%s", eventure_log_message(log));
    }
    must(eventure_log_close(log) == EVENTURE_OK, "close");
    template_bytes = harness_load(MATRIX_STORE, &template_len);
    harness_remove(MATRIX_STORE);
}

static void leave(void)
{
    static const char *const folders[] = {DISK, PLACE};
    for (size_t i = 0; i < 2; i++)
    {
        must(chdir(folders[i]) == 0, "cannot change the directory");
        if (access(MATRIX_ELSEWHERE, F_OK) == 0)
            clear(MATRIX_ELSEWHERE);
        clear(".");
        must(chdir("..") == 0, "cannot change the directory");
#ifdef __linux__
        if (i == 0 && has_disk)
            umount(DISK);
#endif
        rmdir(folders[i]);
    }
    free(template_bytes);
    harness_leave();
}

/* The test of the test: ticks that are acknowledged before they are committed. */
static void run_defect(void *context)
{
    sums sum = {0};
    for (long number = 0; number < 60; number++)
        run_combination(*(uint64_t *)context, number, 0, true, &sum);
}

static bool is_wanted(long combination, int argc, char **argv)
{
    return (argc < 2 || strcmp(argv[1], operations[combination / (long)DISTURBANCES]) == 0) &&
           (argc < 3 || strcmp(argv[2], disturbances[combination % (long)DISTURBANCES].name) == 0);
}

int main(int argc, char **argv)
{
    uint64_t seed = harness_seed();
    sums sum = {0};
    enter();
    must(harness_notices(run_defect, &seed), "ticks acknowledged before their commit were not noticed");
    for (long number = 0; harness_more(number, ROUNDS); number++)
        if (is_wanted(number % COMBINATIONS, argc, argv))
            run_combination(seed, number, number % COMBINATIONS, false, &sum);
    harness_say("matrix",
                "%ld combinations of %d disturbances and %d operations, %ld rounds (%s), %ld with errors, %lld "
                "acknowledgements after the disturbance, %ld that lost the write-ahead log and acknowledged nothing "
                "more; losses: 0; a tick "
                "acknowledged before its commit: noticed",
                COMBINATIONS, (int)DISTURBANCES, (int)MATRIX_OPERATIONS, sum.rounds,
                has_disk ? "on a full disk" : "with files that cannot grow", sum.with_errors,
                (long long)sum.acknowledged_after, sum.taken);
    leave();
    return 0;
}
