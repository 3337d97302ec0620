/*
 * A log whose file is renamed, deleted or replaced while it is open; other names of the same file; and what a child
 * process may do with an inherited log.
 */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <eventure/bus.h>
#include <eventure/follow.h>
#include <eventure/session.h>

#include "log/log_internal.h"
#include "scratch.h"
#include "testing.h"

#define FOLDER "guard.dir"
#define PATH FOLDER "/game.db"
#define MOVED FOLDER "/moved.db"
#define TICKS 20

static eventure_log *opened;
static pid_t outsider;
static int to_outsider = -1;

/* --- The outsider: a separate process without open files, which runs a statement in a store on request --- */

static void run_outside(const char *path)
{
    sqlite3 *db = NULL;
    sqlite3_open(path, &db);
    sqlite3_exec(db, "SELECT count(*) FROM events", NULL, NULL, NULL);
    sqlite3_close(db);
}

static void start_outsider(void)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    outsider = fork();
    ck_assert_int_ge(outsider, 0);
    to_outsider = ends[1];
    if (outsider != 0)
    {
        close(ends[0]);
        return;
    }
    char byte;
    close(ends[1]);
    if (read(ends[0], &byte, 1) == 1)
        run_outside(PATH);
    _exit(0);
}

static void let_outsider_look(void)
{
    ck_assert_int_eq(write(to_outsider, "x", 1), 1);
    waitpid(outsider, NULL, 0);
}

/* --- The store --- */

static void clear_folder(void)
{
    ck_assert_int_eq(system("rm -rf " FOLDER " " FOLDER ".moved"), 0);
    ck_assert_int_eq(mkdir(FOLDER, 0755), 0);
}

static eventure_status append_tick(void)
{
    eventure_status status = eventure_log_append(opened, "a.step", eventure_no_data(), NULL, NULL);
    if (status == EVENTURE_OK)
        status = eventure_log_advance_tick(opened);
    return status == EVENTURE_OK ? eventure_log_wait_durable(opened, eventure_log_tick(opened), -1) : status;
}

static void open_at(const char *path, bool background)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.background = background;
    options.sync = EVENTURE_SYNC_OFF;
    expect_ok(opened, eventure_log_open(path, &options, &opened));
    for (int i = 0; i < TICKS; i++)
        expect_ok(NULL, append_tick());
}

static void open_store(bool background)
{
    clear_folder();
    open_at(PATH, background);
}

static int64_t events_of(const char *path)
{
    eventure_reader *reader = NULL;
    int64_t seq = -1;
    expect_ok(reader, eventure_reader_open(path, &reader));
    expect_ok(reader, eventure_reader_last_seq(reader, &seq));
    eventure_reader_close(reader);
    return seq;
}

/* The next commit, and each call after it, returns an error that names the cause. */
static void expect_lost(const char *text)
{
    expect_status(EVENTURE_ERROR_IO, NULL, append_tick());
    ck_assert_msg(strstr(eventure_log_message(opened), text) != NULL, "%s", eventure_log_message(opened));
    ck_assert_msg(strstr(eventure_log_message(opened), PATH) != NULL, "%s", eventure_log_message(opened));
    expect_status(EVENTURE_ERROR_IO, NULL, append_tick());
    expect_status(EVENTURE_ERROR_IO, opened, eventure_log_commit(opened));
    expect_status(EVENTURE_ERROR_IO, opened, eventure_log_flush(opened));
    expect_status(EVENTURE_ERROR_IO, opened, eventure_log_rollback(opened));
    expect_status(EVENTURE_ERROR_IO, opened, eventure_log_advance_to(opened, 1000));
    expect_status(EVENTURE_ERROR_IO, opened, eventure_log_wait_durable(opened, 0, 0));
    ck_assert_int_eq(eventure_save_point_create(opened, "a", NULL) == EVENTURE_OK, 0);
    ck_assert_msg(strstr(eventure_log_message(opened), text) != NULL, "%s", eventure_log_message(opened));
}

typedef struct loss
{
    const char *command;
    const char *text;
    const char *found; /* the file that contains the acknowledged events afterwards; NULL: none */
} loss;

static const loss losses[] = {
    {"mv " PATH " " MOVED, "was renamed to", MOVED},
    {"mv " PATH " " MOVED " && touch " PATH, "another file has its name", MOVED},
    {"mv " PATH " " MOVED " && mv " PATH "-wal " MOVED "-wal", "was renamed to", MOVED},
    {"rm " PATH, "was deleted", NULL},
    {"rm " PATH " && touch " PATH, "was deleted, and another file has its name", NULL},
    {"rm " PATH " " PATH "-wal " PATH "-shm", "was deleted", NULL},
    {"rm " PATH "-wal", "-wal was renamed or deleted", PATH},
    {"rm " PATH "-wal " PATH "-shm", "-wal was renamed or deleted", PATH},
    {"rm " PATH "-wal && touch " PATH "-wal", "another file has taken the name", NULL},
    {"rm " PATH "-shm", "-shm was renamed or deleted", PATH},
    {"rm " PATH "-shm && touch " PATH "-shm", "another file has taken the name", PATH},
    {"mv " FOLDER " " FOLDER ".moved", "was renamed to", FOLDER ".moved/game.db"},
    {"mv " FOLDER " " FOLDER ".moved && mkdir " FOLDER, "was renamed to", FOLDER ".moved/game.db"},
};

#define LOSSES (sizeof losses / sizeof *losses)

LOOP_TEST(the_commit_after_a_loss_is_an_error_that_names_it, LOSSES)
{
    for (int background = 0; background < 2; background++)
    {
        open_store(background != 0);
        scratch_run(losses[_i].command);
        expect_lost(losses[_i].text);
        /* The acknowledged events are in this file already, even if the process were killed now. */
        if (losses[_i].found != NULL)
            ck_assert_int_ge(events_of(losses[_i].found), TICKS);
        expect_status(EVENTURE_ERROR_IO, NULL, eventure_log_close(opened));
        if (losses[_i].found != NULL)
            ck_assert_int_ge(events_of(losses[_i].found), TICKS);
    }
}
END_TEST

LOOP_TEST(closing_after_a_loss_is_an_error_and_touches_nothing_of_others, LOSSES)
{
    for (int variant = 0; variant < 4; variant++)
    {
        struct stat before;
        struct stat after;
        open_store((variant & 1) != 0);
        if ((variant & 2) != 0)
            expect_ok(opened, eventure_log_append(opened, "a.step", eventure_no_data(), NULL, NULL));
        scratch_run(losses[_i].command);
        int there = stat(PATH, &before);
        expect_status(EVENTURE_ERROR_IO, NULL, eventure_log_close(opened));
        ck_assert_int_eq(stat(PATH, &after), there);
        if (there == 0 && losses[_i].found != NULL && strcmp(losses[_i].found, PATH) != 0)
            ck_assert_int_eq(after.st_size, 0);
        if (losses[_i].found != NULL)
            ck_assert_int_ge(events_of(losses[_i].found), TICKS);
    }
}
END_TEST

START_TEST(a_store_that_was_moved_away_and_back_has_everything)
{
    for (int background = 0; background < 2; background++)
    {
        open_store(background != 0);
        scratch_run("mv " PATH " " MOVED);
        expect_lost("was renamed to");
        scratch_run("mv " MOVED " " PATH);
        expect_status(EVENTURE_ERROR_IO, NULL, append_tick()); /* later calls return the error, too */
        expect_status(EVENTURE_ERROR_IO, NULL, eventure_log_close(opened));
        ck_assert_int_ge(events_of(PATH), TICKS);
        open_at(PATH, background != 0);
        expect_ok(NULL, eventure_log_close(opened));
    }
}
END_TEST

START_TEST(another_store_at_the_name_stays_what_it_is)
{
    clear_folder();
    open_at(FOLDER "/other.db", false);
    expect_ok(NULL, eventure_log_close(opened));
    for (int background = 0; background < 2; background++)
    {
        scratch_run("rm -f " PATH "* " MOVED);
        open_at(PATH, background != 0);
        for (int i = 0; i < TICKS; i++)
            expect_ok(NULL, append_tick());
        scratch_run("mv " PATH " " MOVED " && cp " FOLDER "/other.db " PATH);
        expect_status(EVENTURE_ERROR_IO, eventure_log_reader(opened),
                      eventure_store_copy(eventure_log_reader(opened), FOLDER "/copy.db", NULL));
        ck_assert_ptr_nonnull(strstr(eventure_log_message(opened), "another file has its name"));
        scratch_run("cmp " PATH " " FOLDER "/other.db && ! test -e " FOLDER "/copy.db");
        expect_lost("another file has its name");
        expect_status(EVENTURE_ERROR_IO, NULL, eventure_log_close(opened));
        ck_assert_int_ge(events_of(MOVED), 2 * TICKS);
        ck_assert_int_eq(events_of(PATH), TICKS);
        scratch_run("cmp " PATH " " FOLDER "/other.db");
    }
}
END_TEST

START_TEST(changes_beside_the_store_are_no_loss)
{
    open_store(false);
    for (int i = 0; i < 10; i++)
    {
        char command[128];
        snprintf(command, sizeof command, "touch " FOLDER "/file-%d && ln " PATH " " FOLDER "/name-%d", i, i);
        scratch_run(command);
        expect_ok(NULL, append_tick());
    }
    expect_ok(NULL, eventure_log_close(opened));
    ck_assert_int_eq(events_of(PATH), TICKS + 10);
}
END_TEST

/* --- The lock --- */

static void read_as_the_host(const char *path)
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ne(getc(file), EOF);
    fclose(file);
}

START_TEST(the_write_ahead_log_stays_when_the_host_has_dropped_the_locks_of_sqlite)
{
    for (int background = 0; background < 2; background++)
    {
        clear_folder();
        start_outsider();
        open_at(PATH, background != 0);
        read_as_the_host(PATH);
        read_as_the_host(PATH "-wal");
        read_as_the_host(PATH "-shm");
        let_outsider_look();
        ck_assert_int_eq(access(PATH "-wal", F_OK), 0);
        expect_ok(NULL, append_tick());
        expect_ok(NULL, eventure_log_close(opened));
        ck_assert_int_eq(access(PATH "-wal", F_OK), -1);
        ck_assert_int_eq(events_of(PATH), TICKS + 1);
        close(to_outsider);
    }
}
END_TEST

START_TEST(one_log_writes_a_file_by_whatever_name)
{
    static const char *const others[] = {PATH, FOLDER "/hard.db", FOLDER "/soft.db", "./" FOLDER "//game.db"};
    open_store(false);
    scratch_run("ln " PATH " " FOLDER "/hard.db && ln -s game.db " FOLDER "/soft.db");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    {
        eventure_log *second = NULL;
        expect_status(EVENTURE_ERROR_BUSY, NULL, eventure_log_open(others[i], NULL, &second));
        ck_assert_ptr_nonnull(strstr(eventure_log_message(second), "another log writes this store"));
        eventure_log_close(second);
        expect_ok(NULL, append_tick());
    }
    expect_ok(NULL, eventure_log_close(opened));
    open_at(FOLDER "/soft.db", false);
    expect_ok(NULL, eventure_log_close(opened));
    ck_assert_int_eq(access(FOLDER "/soft.db-wal", F_OK), -1);
}
END_TEST

START_TEST(readers_of_the_process_keep_their_locks_when_the_log_closes)
{
    eventure_reader *reader = NULL;
    clear_folder();
    start_outsider();
    open_at(PATH, false);
    expect_ok(NULL, eventure_reader_open(PATH, &reader));
    expect_ok(NULL, eventure_log_close(opened));
    let_outsider_look(); /* the outsider is not the last reader: our reader still has its lock */
    ck_assert_int_eq(access(PATH "-wal", F_OK), 0);
    open_at(PATH, false);
    expect_ok(NULL, eventure_log_close(opened));
    eventure_reader_close(reader);
    close(to_outsider);
}
END_TEST

/* --- Another directory --- */

START_TEST(a_relative_path_stays_right_when_the_process_changes_its_directory)
{
    eventure_reader *reader = NULL;
    eventure_follower *follow = NULL;
    clear_folder();
    ck_assert_int_eq(chdir(FOLDER), 0);
    ck_assert_int_eq(mkdir("elsewhere", 0755), 0);
    open_at("game.db", false);
    expect_ok(NULL, eventure_reader_open("game.db", &reader));
    expect_ok(NULL, eventure_follower_open("game.db", "name", NULL, &follow));
    ck_assert_int_eq(chdir("elsewhere"), 0);
    expect_ok(NULL, append_tick());
    expect_ok(eventure_log_reader(opened), eventure_store_copy(eventure_log_reader(opened), "copy.db", NULL));
    expect_ok(reader, eventure_store_copy(reader, "copy-2.db", NULL));
    expect_ok(follow, eventure_follower_commit(follow));
    eventure_follower_close(follow);
    eventure_reader_close(reader);
    expect_ok(NULL, eventure_log_close(opened));
    ck_assert_int_eq(events_of("copy.db"), TICKS + 1);
    ck_assert_int_eq(events_of("copy-2.db"), TICKS + 1);
    ck_assert_int_eq(access("game.db", F_OK), -1);
    ck_assert_int_eq(chdir(".."), 0);
    ck_assert_int_eq(access("game.db-wal", F_OK), -1);
    ck_assert_int_eq(access("game.db-follow-name", F_OK), 0);
    ck_assert_int_eq(chdir(".."), 0);
}
END_TEST

START_TEST(a_link_to_a_file_that_is_not_there_yet_is_opened_where_it_leads)
{
    clear_folder();
    scratch_run("ln -s far.db " FOLDER "/far && ln -s far " FOLDER "/near.db");
    open_at(FOLDER "/near.db", false);
    ck_assert_int_eq(access(FOLDER "/far.db-wal", F_OK), 0);
    expect_ok(NULL, eventure_log_close(opened));
    ck_assert_int_eq(events_of(FOLDER "/far.db"), TICKS);
    scratch_run("ln -sf loop " FOLDER "/loop");
    eventure_log *log = NULL;
    expect_status(EVENTURE_ERROR_IO, NULL, eventure_log_open(FOLDER "/loop", NULL, &log));
    eventure_log_close(log);
}
END_TEST

/* --- fork --- */

/* Ends a child when a condition does not hold; the exit status is the number of the condition. */
#define CHILD_EXPECTS(condition)                                                                                       \
    do                                                                                                                 \
    {                                                                                                                  \
        if (!(condition))                                                                                              \
            _exit(__LINE__ % 250 + 1);                                                                                 \
    }                                                                                                                  \
    while (0)

typedef struct inherited
{
    eventure_reader *reader;
    eventure_cursor *cursor;
    eventure_follower *follow;
    eventure_bus *bus;
} inherited;

static void use_inherited(const inherited *given)
{
    eventure_event event;
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    int64_t published = 0;
    eventure_reader *logs = eventure_log_reader(opened);
    int64_t tick = 0;
    input.type = "child";
    alarm(20);
    CHILD_EXPECTS(eventure_log_append(opened, "child", eventure_no_data(), NULL, NULL) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(strstr(eventure_log_message(opened), "fork") != NULL);
    CHILD_EXPECTS(eventure_log_append_batch(opened, &input, 1, NULL) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_log_advance_tick(opened) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_log_advance_to(opened, 1000) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_log_commit(opened) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_log_rollback(opened) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_log_flush(opened) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_log_wait_durable(opened, 0, -1) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_save_point_create(opened, "child", NULL) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_bus_publish(given->bus, "child", eventure_no_data(), NULL, &published) ==
                  EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_store_copy(logs, FOLDER "/child.db", NULL) != EVENTURE_OK);
    CHILD_EXPECTS(eventure_reader_tick(logs, &tick) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_reader_tick(given->reader, &tick) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_reader_begin(given->reader) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_cursor_next(given->cursor, &event) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_follower_next(given->follow, -1, &event) == EVENTURE_ERROR_ARGUMENT);
    CHILD_EXPECTS(eventure_follower_commit(given->follow) == EVENTURE_ERROR_ARGUMENT);
    eventure_cursor_free(given->cursor);
    eventure_follower_close(given->follow);
    eventure_reader_close(given->reader);
    CHILD_EXPECTS(eventure_log_close(opened) == EVENTURE_ERROR_ARGUMENT);
    /* A cursor was open, so SQLite cannot open the file again. */
    eventure_reader *anew = NULL;
    CHILD_EXPECTS(eventure_reader_open(PATH, &anew) == EVENTURE_ERROR_ARGUMENT);
    eventure_reader_close(anew);
    _exit(0);
}

static void expect_child_ends_well(pid_t child)
{
    int ended = 0;
    ck_assert_int_eq(waitpid(child, &ended, 0), child);
    ck_assert_msg(ended == 0, "status %d, expectation at line %d modulo 250", ended, WEXITSTATUS(ended) - 1);
}

START_TEST(a_child_gets_errors_and_touches_nothing)
{
    for (int background = 0; background < 2; background++)
    {
        inherited given;
        eventure_event event;
        open_store(background != 0);
        expect_ok(NULL, eventure_reader_open(PATH, &given.reader));
        expect_ok(given.reader, eventure_query(given.reader, NULL, &given.cursor));
        expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(given.cursor, &event));
        expect_ok(NULL, eventure_follower_open(PATH, "name", NULL, &given.follow));
        expect_ok(opened, eventure_bus_new(opened, NULL, &given.bus));
        expect_ok(opened, eventure_log_append(opened, "a.half", eventure_no_data(), NULL, NULL));
        pid_t child = fork();
        if (child == 0)
            use_inherited(&given);
        expect_child_ends_well(child);
        ck_assert_int_eq(access(FOLDER "/child.db", F_OK), -1);
        expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(given.cursor, &event));
        eventure_cursor_free(given.cursor);
        eventure_follower *second = NULL; /* the parent's follower still has its lock */
        expect_status(EVENTURE_ERROR_BUSY, NULL, eventure_follower_open(PATH, "name", NULL, &second));
        eventure_follower_close(second);
        eventure_follower_close(given.follow);
        eventure_reader_close(given.reader);
        eventure_bus_free(given.bus);
        expect_ok(NULL, append_tick());
        expect_ok(NULL, eventure_log_close(opened));
        ck_assert_int_eq(events_of(PATH), TICKS + 2);
    }
}
END_TEST

START_TEST(a_child_opens_the_store_again_when_the_parent_was_idle)
{
    eventure_reader *reader = NULL;
    open_store(false);
    expect_ok(NULL, eventure_reader_open(PATH, &reader));
    pid_t child = fork();
    if (child == 0)
    {
        eventure_log *second = NULL;
        eventure_reader *anew = NULL;
        int64_t seq = 0;
        alarm(20);
        CHILD_EXPECTS(eventure_log_open(PATH, NULL, &second) == EVENTURE_ERROR_BUSY);
        eventure_log_close(second);
        CHILD_EXPECTS(eventure_reader_open(PATH, &anew) == EVENTURE_OK);
        CHILD_EXPECTS(eventure_reader_last_seq(anew, &seq) == EVENTURE_OK && seq == TICKS);
        CHILD_EXPECTS(eventure_reader_last_seq(reader, &seq) == EVENTURE_ERROR_ARGUMENT);
        eventure_reader_close(anew);
        eventure_reader_close(reader);
        eventure_log_close(opened);
        _exit(0);
    }
    expect_child_ends_well(child);
    expect_ok(NULL, append_tick());
    eventure_reader_close(reader);
    expect_ok(NULL, eventure_log_close(opened));
    ck_assert_int_eq(events_of(PATH), TICKS + 1);
}
END_TEST

START_TEST(a_child_cannot_use_a_store_in_memory)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.mode = EVENTURE_OPEN_MEMORY;
    options.background = true;
    expect_ok(NULL, eventure_log_open("memory", &options, &opened));
    expect_ok(opened, eventure_log_append(opened, "parent", eventure_no_data(), NULL, NULL));
    pid_t child = fork();
    if (child == 0)
    {
        alarm(20);
        CHILD_EXPECTS(eventure_log_append(opened, "child", eventure_no_data(), NULL, NULL) == EVENTURE_ERROR_ARGUMENT);
        CHILD_EXPECTS(eventure_log_close(opened) == EVENTURE_ERROR_ARGUMENT);
        _exit(0);
    }
    expect_child_ends_well(child);
    expect_ok(opened, eventure_log_advance_tick(opened));
    expect_ok(NULL, eventure_log_close(opened));
    opened = NULL;
}
END_TEST

START_TEST(a_child_that_lives_on_keeps_no_lock)
{
    for (int background = 0; background < 2; background++)
    {
        int ends[2];
        pid_t helper = 0;
        clear_folder();
        ck_assert_int_eq(pipe(ends), 0);
        pid_t server = fork();
        if (server == 0)
        {
            eventure_follower *follow = NULL;
            open_at(PATH, background != 0);
            expect_ok(NULL, eventure_follower_open(PATH, "name", NULL, &follow));
            if (fork() == 0)
            {
                helper = getpid(); /* the child reports its id after the handlers of fork have run */
                alarm(60);
                if (write(ends[1], &helper, sizeof helper) == sizeof helper)
                    pause();
                _exit(0);
            }
            _exit(0); /* without closing */
        }
        ck_assert_int_eq(read(ends[0], &helper, sizeof helper), sizeof helper);
        waitpid(server, NULL, 0);
        open_at(PATH, false);
        expect_ok(NULL, eventure_log_close(opened));
        eventure_follower *follow = NULL;
        expect_ok(NULL, eventure_follower_open(PATH, "name", NULL, &follow));
        eventure_follower_close(follow);
        ck_assert_int_eq(events_of(PATH), 2 * TICKS);
        ck_assert_int_eq(kill(helper, SIGKILL), 0); /* it was still running */
        close(ends[0]);
        close(ends[1]);
    }
}
END_TEST
