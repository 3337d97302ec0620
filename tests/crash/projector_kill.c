/*
 * A process that updates a projection is killed at random moments, while a log writes. In the end its rows must be
 * equal to those of a projection that was made without an interruption.
 *
 *     crash_projector_kill [KILLS [SEED]]
 *
 * Three kinds of processes: a writer, which appends and advances all the time; projectors, one after the other, each
 * killed with SIGKILL; and this one, which kills and compares. The projection counts events, so an event that is
 * applied twice or not at all changes its rows.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include <eventure/eventure.h>

#include "harness.h"

#define STORE "store.db"
#define KILLED "killed.db"
#define AT_ONCE "at_once.db"
#define DEFAULT_KILLS 200
#define BATCH_EVENTS 5

static const char projection_text[] =
    "-- @setup\n"
    "CREATE TABLE total (kind INTEGER PRIMARY KEY, n INTEGER NOT NULL, amount INTEGER NOT NULL);\n"
    "CREATE TABLE entry (line TEXT);\n"
    "-- @on work.*\n"
    "INSERT INTO total VALUES (:kind, 1, :amount)\n"
    "ON CONFLICT DO UPDATE SET n = n + 1, amount = amount * 3 % 1000003 + excluded.amount;\n"
    "INSERT INTO entry VALUES (:event_id || ' ' || :event_data);\n"
    "-- @on work.undone\n"
    "DELETE FROM entry WHERE rowid IN (SELECT max(rowid) - :amount % 10 FROM entry);\n";

/* The exit code of a writer or projector after an error that a kill cannot explain. */
#define EXIT_BROKEN 3

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "projector_kill: %s: %s\n", what, why);
    exit(EXIT_BROKEN);
}

static void append_tick(eventure_log *log, uint64_t *seed)
{
    uint64_t events = harness_random(seed, 6);
    for (uint64_t i = 0; i < events; i++)
    {
        int64_t kind = (int64_t)harness_random(seed, 7);
        int64_t amount = (int64_t)harness_random(seed, 1000);
        eventure_status status =
            eventure_log_append(log, harness_random(seed, 4) == 0 ? "work.undone" : "work.done",
                                EVENTURE_DATA(eventure_int("kind", kind), eventure_int("amount", amount)), NULL, NULL);
        if (status != EVENTURE_OK)
            fail("append", eventure_log_message(log));
    }
    if (eventure_log_advance_tick(log) != EVENTURE_OK)
        fail("advance", eventure_log_message(log));
}

/* Writes until SIGTERM, which is blocked, arrives. Reports through the pipe when the store has its first ticks. */
static int write_on(int pipe_end, uint64_t seed)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    options.sync = EVENTURE_SYNC_OFF;
    if (eventure_log_open(STORE, &options, &log) != EVENTURE_OK)
        fail("open", eventure_log_message(log));
    for (int i = 0; i < 200; i++)
        append_tick(log, &seed);
    if (write(pipe_end, "", 1) != 1)
        return EXIT_BROKEN;
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    struct timespec none = {0, 0};
    while (sigtimedwait(&mask, NULL, &none) != SIGTERM)
    {
        append_tick(log, &seed);
        harness_sleep_us((int64_t)harness_random(&seed, 1500));
    }
    return eventure_log_close(log) == EVENTURE_OK ? 0 : EXIT_BROKEN;
}

/* Updates the projection. With `follow`, does so until the process is killed. */
static int project(const char *into, bool follow)
{
    eventure_projector_options options = EVENTURE_PROJECTOR_OPTIONS_INIT;
    eventure_projection *projection = NULL;
    eventure_projector *projector = NULL;
    eventure_reader *reader = NULL;
    if (eventure_reader_open(STORE, &reader) != EVENTURE_OK)
        fail("read", eventure_reader_message(reader));
    if (eventure_projection_parse("kill.sql", projection_text, sizeof projection_text - 1, NULL, &projection) !=
        EVENTURE_OK)
        fail("parse", eventure_projection_message(projection));
    options.batch_events = follow ? BATCH_EVENTS : 0;
    if (eventure_projector_open(reader, projection, into, &options, &projector) != EVENTURE_OK)
        fail("open", eventure_projector_message(projector));
    do
    {
        if (eventure_projector_update(projector, NULL) != EVENTURE_OK)
            fail("update", eventure_projector_message(projector));
    }
    while (follow && eventure_projector_wait(projector, -1));
    eventure_projector_close(projector);
    eventure_projection_close(projection);
    eventure_reader_close(reader);
    return 0;
}

/* Returns the integer that a query of a file returns; 0 when the table does not exist yet. */
static int64_t ask(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    int64_t answer = 0;
    if (sqlite3_open(path, &db) != SQLITE_OK)
        fail(path, sqlite3_errmsg(db));
    sqlite3_busy_timeout(db, 5000);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return answer;
}

/* Counts the rows that differ between the two files, compared in their order. */
static int64_t count_differences(void)
{
    sqlite3 *db = NULL;
    int64_t count = -1;
    sqlite3_stmt *statement = NULL;
    static const char sql[] =
        "SELECT (SELECT count(*) FROM (SELECT rowid, * FROM entry EXCEPT SELECT rowid, * FROM other.entry)) + "
        "(SELECT count(*) FROM (SELECT rowid, * FROM other.entry EXCEPT SELECT rowid, * FROM entry)) + "
        "(SELECT count(*) FROM (SELECT * FROM total EXCEPT SELECT * FROM other.total)) + "
        "(SELECT count(*) FROM (SELECT * FROM other.total EXCEPT SELECT * FROM total)) + "
        "(SELECT count(*) FROM (SELECT * FROM eventure_projection EXCEPT SELECT * FROM other.eventure_projection))";
    if (sqlite3_open(KILLED, &db) != SQLITE_OK ||
        sqlite3_exec(db, "ATTACH '" AT_ONCE "' AS other", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK || sqlite3_step(statement) != SQLITE_ROW)
        fail("compare", sqlite3_errmsg(db));
    count = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

static void remove_all(void)
{
    static const char *const names[] = {STORE, KILLED, AT_ONCE};
    static const char *const endings[] = {"", "-wal", "-shm", "-writer"};
    char name[64];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t j = 0; j < sizeof endings / sizeof *endings; j++)
        {
            snprintf(name, sizeof name, "%s%s", names[i], endings[j]);
            remove(name);
        }
}

static pid_t start_writer(uint64_t seed)
{
    int ends[2];
    char byte;
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigprocmask(SIG_BLOCK, &mask, NULL); /* so that the signal is not lost before the writer waits for it */
    if (pipe(ends) != 0)
        fail("pipe", "failed");
    pid_t writer = fork();
    if (writer == 0)
        exit(write_on(ends[1], seed));
    sigprocmask(SIG_UNBLOCK, &mask, NULL);
    close(ends[1]);
    if (writer < 0 || read(ends[0], &byte, 1) != 1)
        fail("writer", "it did not start");
    close(ends[0]);
    return writer;
}

/* Starts a projector and kills it after a while. Returns whether it was still running then. */
static bool kill_one(uint64_t *seed)
{
    int status = 0;
    pid_t projector = fork();
    if (projector == 0)
        _exit(project(KILLED, true));
    harness_sleep_us((int64_t)harness_random(seed, 60000));
    kill(projector, SIGKILL);
    waitpid(projector, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

int main(int argc, char **argv)
{
    static const char position[] = "SELECT seq FROM eventure_projection";
    int kills = argc > 1 ? atoi(argv[1]) : DEFAULT_KILLS;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
    int status = 0;
    int moved = 0;
    printf("seed %llu\n", (unsigned long long)seed);
    fflush(stdout); /* otherwise the writer would print the buffered text again */
    seed = seed * 2654435761U + 88172645463325252U;
    remove_all();
    pid_t writer = start_writer(seed);
    int64_t before = 0;
    int done = 0;
    /* On a busy machine, fewer kills come after some events. Then more are made. */
    for (; done < kills || (moved * 4 < kills && done < 10 * kills); done++)
    {
        if (!kill_one(&seed))
            fail("projector", "it ended before it was killed");
        int64_t now = ask(KILLED, position);
        if (now < before)
            fail("projector", "its position went back");
        moved += now > before;
        before = now;
    }
    kill(writer, SIGTERM);
    waitpid(writer, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail("writer", "it failed");
    int64_t behind = ask(STORE, "SELECT max(seq) FROM events") - before;
    if (project(KILLED, false) != 0 || project(AT_ONCE, false) != 0)
        return EXIT_BROKEN;
    int64_t events = ask(AT_ONCE, position);
    int64_t differences = count_differences();
    printf("%d kills, of which %d came after some events; %lld events, %lld behind after the last; %lld rows differ\n",
           done, moved, (long long)events, (long long)behind, (long long)differences);
    if (differences != 0 || events == 0 || moved * 4 < kills)
        return 1;
    remove_all();
    return 0;
}
