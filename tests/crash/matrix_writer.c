/*
 * The program that the matrix test disturbs: see matrix_writer.h.
 */
#include "matrix_writer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

#define MOST_ERRORS 20 /* after so many errors it only waits for its end */
#define HANG_SECONDS 60

typedef struct writer
{
    const matrix_job *job;
    int out;
    eventure_log *log;
    eventure_reader *reader;
    eventure_projection *projection;
    eventure_projector *projector;
    eventure_follower *follow;
    int64_t newest; /* the number of the newest event of a complete tick; -1: must be queried */
    int number;     /* the number of the file that was made last */
    long errors;
    bool went;    /* the process has changed to MATRIX_ELSEWHERE */
    bool no_room; /* its files cannot grow */
    pid_t child;
} writer;

static volatile sig_atomic_t asked;
static volatile sig_atomic_t finish;

static void on_signal(int number)
{
    if (number == SIGUSR1)
        asked = 1;
    else
        finish = 1;
}

int64_t matrix_now_ns(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

const char *matrix_made(int number)
{
    return number == 0 ? "made-0.db" : "made-1.db";
}

eventure_projection *matrix_projection(void)
{
    static const char text[] = "-- @setup\nCREATE TABLE seen (n INTEGER PRIMARY KEY);\n"
                               "-- @on *\nINSERT INTO seen VALUES (:n);\n";
    eventure_projection *projection = NULL;
    eventure_status status = eventure_projection_parse("seen.sql", text, sizeof text - 1, NULL, &projection);
    must(status == EVENTURE_OK, "projection: %s", eventure_projection_message(projection));
    return projection;
}

/* Returns the path of a file in the directory in which the program began. */
static const char *path_of(const writer *self, const char *name, char buffer[64])
{
    snprintf(buffer, 64, "%s%s", self->went ? "../" : "", name);
    return buffer;
}

static void tell(const writer *self, matrix_kind kind, int64_t value, int64_t began_ns, const char *text)
{
    matrix_note note = {.kind = (int)kind, .value = value, .began_ns = began_ns, .number = self->number};
    note.told_ns = matrix_now_ns();
    snprintf(note.text, sizeof note.text, "%s", text);
    if (write(self->out, &note, sizeof note) != (ssize_t)sizeof note)
        _exit(3); /* the test has ended */
}

static bool tell_error(writer *self, matrix_kind kind, eventure_status status, const char *text)
{
    tell(self, kind, status, matrix_now_ns(), text);
    self->errors++;
    harness_sleep_us(1000);
    return false;
}

/* Reports an error of the log. Events that were not committed are lost. */
static bool log_failed(writer *self, eventure_status status)
{
    tell_error(self, MATRIX_LOG_ERROR, status, eventure_log_message(self->log));
    eventure_log_rollback(self->log);
    self->newest = -1;
    return false;
}

static bool find_newest(writer *self)
{
    eventure_reader *reader = eventure_log_reader(self->log);
    eventure_status status = self->newest < 0 ? eventure_reader_last_seq(reader, &self->newest) : EVENTURE_OK;
    if (status == EVENTURE_OK)
        return true;
    self->newest = -1;
    return tell_error(self, MATRIX_ERROR, status, eventure_reader_message(reader));
}

/* --- Requests --- */

static void tell_ok(const writer *self, eventure_status status, const char *call)
{
    if (status >= 0)
        tell(self, MATRIX_CHILD_OK, status, matrix_now_ns(), call);
}

_Noreturn static void be_child(writer *self, bool in_call)
{
    alarm(HANG_SECONDS);
    if (self->job->request == MATRIX_CHILD_EXITS)
        exit(0);
    tell_ok(self, eventure_log_append(self->log, "child", eventure_no_data(), NULL, NULL), "append");
    tell_ok(self, eventure_log_advance_tick(self->log), "advance");
    if (!in_call)
    {
        tell_ok(self, eventure_log_commit(self->log), "commit");
        eventure_log_close(self->log);
    }
    _exit(0);
}

static void fork_child(writer *self, bool in_call)
{
    self->child = fork();
    must(self->child >= 0, "cannot fork");
    if (self->child == 0)
        be_child(self, in_call);
}

static void read_own_file(void)
{
    FILE *file = fopen(MATRIX_STORE, "rb");
    must(file != NULL && getc(file) != EOF && fclose(file) == 0, "cannot read " MATRIX_STORE);
}

static void limit_files(writer *self)
{
    struct rlimit limit;
    must(getrlimit(RLIMIT_FSIZE, &limit) == 0, "getrlimit");
    self->no_room = !self->no_room;
    limit.rlim_cur = self->no_room ? 16384 : limit.rlim_max;
    must(setrlimit(RLIMIT_FSIZE, &limit) == 0, "setrlimit");
}

/* Executes a pending request. Called between the calls of the library, and by their progress callbacks. */
static void look(writer *self, bool in_call)
{
    if (!asked)
        return;
    asked = 0;
    switch (self->job->request)
    {
    case MATRIX_READ_OWN_FILE:
        read_own_file();
        break;
    case MATRIX_CHILD_USES:
    case MATRIX_CHILD_EXITS:
        fork_child(self, in_call);
        break;
    case MATRIX_CHDIR:
        must(chdir(MATRIX_ELSEWHERE) == 0, "cannot go to " MATRIX_ELSEWHERE);
        self->went = true;
        break;
    case MATRIX_NO_ROOM:
        limit_files(self);
        break;
    case MATRIX_NOTHING:
        break;
    }
    tell(self, MATRIX_DONE, 0, matrix_now_ns(), "");
}

static int go_on(const eventure_progress *progress, void *context)
{
    writer *self = context;
    (void)progress;
    if (self->job->request != MATRIX_CHDIR) /* not during a call, whose paths are relative */
        look(self, true);
    return 0;
}

/* --- Operations --- */

/* Called when the tick of the event `newest` was advanced past: acknowledges the events up to it once they are
 * durable. */
static bool acknowledge(writer *self, int64_t newest, int64_t began_ns)
{
    eventure_status status = eventure_log_wait_durable(self->log, eventure_log_tick(self->log), HANG_SECONDS * 1000);
    if (status != EVENTURE_OK)
        return log_failed(self, status);
    self->newest = newest;
    tell(self, MATRIX_EVENTS, newest, began_ns, "");
    return true;
}

static bool append_tick(writer *self)
{
    int64_t began_ns = matrix_now_ns();
    eventure_status status = EVENTURE_OK;
    for (int64_t n = self->newest + 1; n <= self->newest + MATRIX_TICK && status == EVENTURE_OK; n++)
        status = eventure_log_append(self->log, "step", EVENTURE_DATA(eventure_int("n", n)), NULL, NULL);
    if (self->job->too_early)
        tell(self, MATRIX_EVENTS, self->newest + MATRIX_TICK, began_ns, "");
    if (status == EVENTURE_OK)
        status = eventure_log_advance_tick(self->log);
    return status == EVENTURE_OK ? acknowledge(self, self->newest + MATRIX_TICK, began_ns) : log_failed(self, status);
}

/* Imports the lines of two ticks. */
static bool import_ticks(writer *self)
{
    char lines[2 * MATRIX_TICK * 128];
    size_t len = 0;
    int64_t tick = eventure_log_tick(self->log);
    eventure_import_options options = EVENTURE_IMPORT_OPTIONS_INIT;
    options.progress = go_on;
    options.progress_context = self;
    for (int64_t i = 0; i < (int64_t)2 * MATRIX_TICK; i++)
        len += (size_t)snprintf(lines + len, sizeof lines - len,
                                "{\"tick\":%lld,\"timestamp\":%lld,\"type\":\"step\",\"data\":{\"n\":%lld},"
                                "\"event_id\":\"line-%lld\",\"parent_id\":null}\n",
                                (long long)(tick + i / MATRIX_TICK), (long long)i, (long long)(self->newest + i + 1),
                                (long long)(self->newest + i + 1));
    FILE *in = fmemopen(lines, len, "r");
    must(in != NULL, "no memory");
    int64_t began_ns = matrix_now_ns();
    eventure_status status = eventure_log_import(self->log, in, &options, NULL);
    fclose(in);
    if (status == EVENTURE_OK)
        status = eventure_log_advance_tick(self->log);
    return status == EVENTURE_OK ? acknowledge(self, self->newest + (int64_t)2 * MATRIX_TICK, began_ns)
                                 : log_failed(self, status);
}

static bool archive_events(writer *self)
{
    char path[64];
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    options.progress = go_on;
    options.progress_context = self;
    int64_t tick = eventure_log_tick(self->log);
    eventure_status status =
        eventure_log_archive(self->log, path_of(self, MATRIX_ARCHIVE, path), tick - 2, &options, NULL);
    return status == EVENTURE_OK || log_failed(self, status);
}

/* Makes a new file of the store: a copy, a fork, or a repaired store. The file that was made before stays. */
static bool make_file(writer *self)
{
    char path[64];
    int64_t newest = self->newest;
    int64_t began_ns = matrix_now_ns();
    eventure_copy_options options = EVENTURE_COPY_OPTIONS_INIT;
    eventure_repair_options repairing = EVENTURE_REPAIR_OPTIONS_INIT;
    eventure_repair_report report;
    eventure_reader *reader = self->reader;
    options.progress = repairing.progress = go_on;
    options.progress_context = repairing.progress_context = self;
    path_of(self, matrix_made(1 - self->number), path);
    harness_remove(path);
    eventure_status status = EVENTURE_OK;
    if (self->job->operation == MATRIX_COPY)
    {
        reader = eventure_log_reader(self->log);
        status = eventure_store_copy(reader, path, &options);
    }
    else if (self->job->operation == MATRIX_FORK)
    {
        status = eventure_store_fork_at_tick(reader, path, eventure_log_tick(self->log) - 1, &options);
    }
    else
    {
        status = eventure_store_repair(reader, path, &repairing, &report);
    }
    if (status != EVENTURE_OK)
        return tell_error(self, MATRIX_ERROR, status, eventure_reader_message(reader));
    self->number = 1 - self->number;
    tell(self, MATRIX_MADE, newest, began_ns, "");
    return true;
}

static bool project(writer *self)
{
    eventure_status status = eventure_projector_update(self->projector, NULL);
    if (status != EVENTURE_OK)
        return tell_error(self, MATRIX_ERROR, status, eventure_projector_message(self->projector));
    tell(self, MATRIX_PROJECTED, eventure_projector_seq(self->projector), matrix_now_ns(), "");
    return true;
}

static bool follow(writer *self)
{
    eventure_event event;
    int64_t seq = 0;
    eventure_status status = EVENTURE_OK;
    for (int i = 0; i < 40 && (status = eventure_follower_next(self->follow, 0, &event)) == EVENTURE_ROW; i++)
    {
        must(event.seq > seq, "a follower gets event %lld after %lld", (long long)event.seq, (long long)seq);
        seq = event.seq;
    }
    if (status >= 0 && seq > 0)
    {
        tell(self, MATRIX_HANDED, seq, matrix_now_ns(), "");
        status = eventure_follower_commit(self->follow);
    }
    if (status < 0)
        return tell_error(self, MATRIX_ERROR, status, eventure_follower_message(self->follow));
    if (seq > 0)
        tell(self, MATRIX_FOLLOWED, seq, matrix_now_ns(), "");
    return true;
}

static bool step(writer *self)
{
    if (!find_newest(self))
        return false;
    switch (self->job->operation)
    {
    case MATRIX_IMPORT:
        return import_ticks(self);
    case MATRIX_ARCHIVE_EVENTS:
        return append_tick(self) && append_tick(self) && archive_events(self);
    case MATRIX_FORK:
    case MATRIX_COPY:
    case MATRIX_REPAIR:
        return append_tick(self) && append_tick(self) && make_file(self);
    case MATRIX_PROJECT:
        return append_tick(self) && project(self);
    case MATRIX_FOLLOW:
        return append_tick(self) && follow(self);
    default:
        return append_tick(self);
    }
}

static void open_all(writer *self)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.mode = EVENTURE_OPEN_EXISTING;
    options.background = self->job->background;
    eventure_status status = eventure_log_open(MATRIX_STORE, &options, &self->log);
    must(status == EVENTURE_OK, "%s", eventure_log_message(self->log));
    status = eventure_reader_open(MATRIX_STORE, &self->reader);
    must(status == EVENTURE_OK, "%s", eventure_reader_message(self->reader));
    status = eventure_reader_last_seq(self->reader, &self->newest);
    must(status == EVENTURE_OK, "%s", eventure_reader_message(self->reader));
    if (self->job->operation == MATRIX_PROJECT)
    {
        self->projection = matrix_projection();
        status = eventure_projector_open(self->reader, self->projection, MATRIX_ROWS, NULL, &self->projector);
        must(status == EVENTURE_OK, "%s", eventure_projector_message(self->projector));
    }
    if (self->job->operation == MATRIX_FOLLOW)
    {
        status = eventure_follower_open(MATRIX_STORE, MATRIX_FOLLOWER, NULL, &self->follow);
        must(status == EVENTURE_OK, "%s", eventure_follower_message(self->follow));
    }
}

static void close_all(writer *self)
{
    int64_t began_ns = matrix_now_ns();
    eventure_follower_close(self->follow);
    eventure_projector_close(self->projector);
    eventure_projection_close(self->projection);
    eventure_reader_close(self->reader);
    tell(self, MATRIX_CLOSED, eventure_log_close(self->log), began_ns, "");
}

_Noreturn void matrix_write(const matrix_job *job, int out)
{
    writer self = {.job = job, .out = out};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    signal(SIGXFSZ, SIG_IGN);
    open_all(&self);
    tell(&self, MATRIX_READY, self.newest, matrix_now_ns(), "");
    while (!finish)
    {
        if (self.errors < MOST_ERRORS || job->goes_on)
            step(&self);
        else
            harness_sleep_us(500);
        look(&self, false);
    }
    close_all(&self);
    int ended = 0;
    if (self.child > 0 && waitpid(self.child, &ended, 0) == self.child)
        tell(&self, MATRIX_CHILD_END, ended, matrix_now_ns(), "");
    exit(0);
}
