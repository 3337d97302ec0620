/*
 * A log whose file is renamed, deleted or replaced while it is open; and other names of the same file.
 */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <eventure/follow.h>
#include <eventure/session.h>

#include "guard_world.h"
#include "log/log.h"
#include "log/log_internal.h"
#include "scratch.h"
#include "testing.h"

#define MOVED FOLDER "/moved.db"
#define LINK FOLDER "/link.db"

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

/* The next commit, and each call after it, returns an error that names the cause. */
static void expect_lost(const char *text)
{
    expect_status(EVENTURE_ERROR_IO, NULL, append_tick());
    expect_part(eventure_log_message(opened), text);
    expect_part(eventure_log_message(opened), PATH);
    expect_status(EVENTURE_ERROR_IO, NULL, append_tick());
    expect_status(EVENTURE_ERROR_IO, opened, eventure_log_commit(opened));
    expect_status(EVENTURE_ERROR_IO, opened, eventure_log_flush(opened));
    expect_status(EVENTURE_ERROR_IO, opened, eventure_log_rollback(opened));
    expect_status(EVENTURE_ERROR_IO, opened, eventure_log_advance_to(opened, 1000));
    expect_status(EVENTURE_ERROR_IO, opened, eventure_log_wait_durable(opened, 0, 0));
    ck_assert_int_eq(eventure_save_point_create(opened, "a", NULL) == EVENTURE_OK, 0);
    expect_part(eventure_log_message(opened), text);
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
    {"rm " PATH "-wal && touch " PATH "-wal", "another file has taken the name", PATH},
    {"rm " PATH "-wal " PATH "-shm && touch " PATH "-wal " PATH "-shm", "another file has taken the name", PATH},
    {"rm " PATH "-wal && echo other > " PATH "-wal", "another file has taken the name", NULL},
    {"rm " PATH "-shm", "-shm was renamed or deleted", PATH},
    {"rm " PATH "-shm && touch " PATH "-shm", "another file has taken the name", PATH},
    {"mv " PATH " " MOVED " && ln -s moved.db " PATH, "and a link has its name", PATH},
    {"mkdir " FOLDER "/b && mv " PATH " " FOLDER "/b && ln -s b/game.db " PATH, "and a link has its name", PATH},
    {"mv " PATH "-wal " FOLDER "/log && ln -s log " PATH "-wal", "another file has taken the name", COPY},
    {"mv " PATH "-shm " FOLDER "/index && ln -s index " PATH "-shm", "another file has taken the name", COPY},
    {"mv " FOLDER " " FOLDER ".moved", "was renamed to", FOLDER ".moved/game.db"},
    {"mv " FOLDER " " FOLDER ".moved && mkdir " FOLDER " && ln " FOLDER ".moved/game.db " PATH,
     "another directory has the name of its directory", PATH},
    {"mv " FOLDER " " FOLDER ".moved && mkdir " FOLDER, "was renamed to", FOLDER ".moved/game.db"},
};

#define LOSSES COUNT_OF(losses)

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

/* Returns the inode of a file, 0 if it does not exist. */
static ino_t inode_of(const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0 ? found.st_ino : 0;
}

LOOP_TEST(closing_after_a_loss_is_an_error_and_touches_nothing_of_others, LOSSES)
{
    static const char *const beside[] = {PATH "-wal", PATH "-shm"};
    for (int variant = 0; variant < 4; variant++)
    {
        struct stat before;
        struct stat after;
        ino_t own[2];
        ino_t others[2];
        open_store((variant & 1) != 0);
        if ((variant & 2) != 0)
            expect_ok(opened, eventure_log_append(opened, "a.step", eventure_no_data(), NULL, NULL));
        for (size_t i = 0; i < 2; i++)
            own[i] = inode_of(beside[i]);
        scratch_run(losses[_i].command);
        for (size_t i = 0; i < 2; i++)
            others[i] = inode_of(beside[i]);
        int there = stat(PATH, &before);
        expect_status(EVENTURE_ERROR_IO, NULL, eventure_log_close(opened));
        for (size_t i = 0; i < 2; i++)
            ck_assert_msg(others[i] == own[i] || inode_of(beside[i]) == others[i], "%s was removed", beside[i]);
        ck_assert_int_eq(stat(PATH, &after), there);
        if (there == 0 && losses[_i].found != NULL && strncmp(losses[_i].found, PATH, strlen(PATH)) != 0 &&
            strcmp(losses[_i].found, COPY) != 0)
            ck_assert_int_eq(after.st_size, 0);
        if (losses[_i].found != NULL)
            ck_assert_int_ge(events_of(losses[_i].found), TICKS);
    }
}
END_TEST

/* The link with which the store was opened is changed; the file and its name stay. */
START_TEST(a_link_that_leads_elsewhere_is_a_loss)
{
    static const loss changes[] = {
        {"ln -sfn other.db " LINK, "was changed to lead to another file", PATH},
        {"rm " LINK, "was renamed or deleted", PATH},
        {"mv " LINK " " FOLDER "/x && touch " LINK, "was changed to lead to another file", PATH},
    };
    for (size_t i = 0; i < 4 * COUNT_OF(changes); i++)
    {
        const loss *change = &changes[i / 4];
        clear_folder();
        scratch_run("ln -s game.db " LINK " && touch " FOLDER "/other.db");
        open_at(LINK, (i & 1) != 0);
        scratch_run(change->command);
        if ((i & 2) != 0)
        {
            expect_status(EVENTURE_ERROR_IO, NULL, append_tick());
            expect_part(eventure_log_message(opened), change->text);
            expect_part(eventure_log_message(opened), LINK ", which led to");
        }
        expect_status(EVENTURE_ERROR_IO, NULL, eventure_log_close(opened));
        ck_assert_int_eq(access(PATH "-wal", F_OK), -1); /* the names beside the file are not lost */
        ck_assert_int_ge(events_of(PATH), TICKS);
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
        expect_part(eventure_log_message(opened), "another file has its name");
        scratch_run("cmp " PATH " " FOLDER "/other.db && ! test -e " FOLDER "/copy.db");
        expect_lost("another file has its name");
        expect_status(EVENTURE_ERROR_IO, NULL, eventure_log_close(opened));
        ck_assert_int_ge(events_of(MOVED), 2 * TICKS);
        ck_assert_int_eq(events_of(PATH), TICKS);
        scratch_run("cmp " PATH " " FOLDER "/other.db");
    }
}
END_TEST

/* Directories that the path only leaves again are no part of the name. */
START_TEST(a_path_through_directories_without_links_is_that_of_the_file)
{
    static const char *const paths[] = {FOLDER "/one/../game.db", "./" FOLDER "//./one/two/../../game.db",
                                        FOLDER "/one/../one/two/../../one/../game.db"};
    for (size_t i = 0; i < COUNT_OF(paths); i++)
    {
        clear_folder();
        scratch_run("mkdir -p " FOLDER "/one/two");
        open_at(paths[i], false);
        ck_assert_ptr_null(opened->store->given);
        scratch_run("rm -r " FOLDER "/one");
        expect_ok(NULL, append_tick());
        expect_ok(NULL, eventure_log_close(opened));
    }
    clear_folder();
    scratch_run("mkdir -p " FOLDER "/one/two && ln -s one/two " FOLDER "/way");
    open_at(FOLDER "/way/../game.db", false);
    ck_assert_ptr_nonnull(opened->store->given);
    expect_ok(NULL, append_tick());
    scratch_run("rm " FOLDER "/way");
    expect_status(EVENTURE_ERROR_IO, NULL, append_tick());
    expect_status(EVENTURE_ERROR_IO, NULL, eventure_log_close(opened));
    ck_assert_int_ge(events_of(FOLDER "/one/game.db"), TICKS + 1);
}
END_TEST

/* The checks of names do not detect this. The next append reads the file, and makes the log unusable. */
START_TEST(closing_says_that_the_log_became_unusable)
{
    for (int background = 0; background < 2; background++)
    {
        eventure__error error = {0};
        open_store(background != 0);
        ck_assert_ptr_null(scratch_sql(PATH, "PRAGMA wal_checkpoint(TRUNCATE)"));
        scratch_run(": > " PATH);
        ck_assert_int_lt(append_tick(), EVENTURE_OK);
        ck_assert_int_lt(append_tick(), EVENTURE_OK);
        ck_assert_int_lt(eventure__log_close(opened, &error), EVENTURE_OK);
        ck_assert_msg(strstr(error.text, "close " PATH ": the log became unusable: ") == error.text, "%s", error.text);
        ck_assert_str_eq(eventure_last_message(), error.text);
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
    for (size_t i = 0; i < COUNT_OF(others); i++)
    {
        eventure_log *second = NULL;
        expect_status(EVENTURE_ERROR_BUSY, NULL, eventure_log_open(others[i], NULL, &second));
        expect_part(eventure_log_message(second), "another log writes this store");
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
