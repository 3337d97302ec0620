/*
 * A store with several names (hard links) of which one has a write-ahead log that a killed program left.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <eventure/integrity.h>

#include "guard_world.h"
#include "log/log_internal.h"
#include "scratch.h"
#include "testing.h"

#define OTHER FOLDER "/other.db"
#define INNER FOLDER "/inner/game.db"

/* Bits for the actions of the program before it is killed. */
enum
{
    CHECKPOINTS = 1, /* moves its log into the file, as far as its readers allow */
    READS = 2,       /* has a reader that has seen only its first tick */
    STAYS = 4        /* is not killed, until end_program */
};

static pid_t program;
static int from_program = -1;

/* The change times of files advance in steps of some milliseconds. */
static void wait_for_clock(void)
{
    const struct timespec steps = {.tv_nsec = 30000000};
    nanosleep(&steps, NULL);
}

/* Its pages are not written again by later ticks, so a checkpoint copies them although a reader needs older ones. */
static void append_large_tick(void)
{
    char data[100000];
    memset(data, 'x', sizeof data);
    memcpy(data, "{\"a\":\"", 6);
    memcpy(data + sizeof data - 3, "\"}", 3);
    expect_ok(opened, eventure_log_append(opened, "large", eventure_json(data), NULL, NULL));
    expect_ok(opened, eventure_log_advance_tick(opened));
}

static void write_and_wait(const char *path, int actions, int told)
{
    eventure_reader *reader = NULL;
    open_at(path, false);
    if ((actions & READS) != 0)
    {
        append_large_tick();
        expect_ok(NULL, eventure_reader_open(path, &reader));
        expect_ok(reader, eventure_reader_begin(reader));
        for (int i = 0; i < TICKS; i++)
            expect_ok(NULL, append_tick());
    }
    if ((actions & CHECKPOINTS) != 0)
    {
        wait_for_clock();
        expect_ok(NULL, eventure__store_bring_inside(opened->store));
    }
    ck_assert_int_eq(write(told, "x", 1), 1);
    alarm(60);
    pause();
}

static void end_program(void)
{
    kill(program, SIGKILL);
    waitpid(program, NULL, 0);
    close(from_program);
}

/* Runs a program that appends ticks by that name, and is killed. */
static void run_program(const char *path, int actions)
{
    int ends[2];
    char byte;
    ck_assert_int_eq(pipe(ends), 0);
    program = fork();
    if (program == 0)
        write_and_wait(path, actions, ends[1]);
    close(ends[1]);
    from_program = ends[0];
    ck_assert_int_eq(read(from_program, &byte, 1), 1);
    if ((actions & STAYS) == 0)
        end_program();
    wait_for_clock();
}

/* A store with TICKS events and three names. */
static void make_store(void)
{
    open_store(false);
    expect_ok(NULL, eventure_log_close(opened));
    scratch_run("ln " PATH " " OTHER " && mkdir " FOLDER "/inner && ln " PATH " " INNER);
    wait_for_clock();
}

static void write_by(const char *path)
{
    open_at(path, false);
    expect_ok(NULL, eventure_log_close(opened));
    wait_for_clock();
}

/* Each way of opening the store returns the error, and does not change the files. */
static void expect_refused(const char *path, const char *text)
{
    eventure_reader *reader = NULL;
    scratch_run("rm -rf " FOLDER ".moved && cp -r " FOLDER " " FOLDER ".moved");
    expect_status(EVENTURE_ERROR_IO, NULL, eventure_log_open(path, NULL, &opened));
    expect_part(eventure_last_message(), text);
    expect_status(EVENTURE_ERROR_IO, NULL, eventure_reader_open(path, &reader));
    expect_part(eventure_last_message(), text);
    eventure_reader_close(reader);
    reader = NULL;
    expect_status(EVENTURE_ERROR_IO, NULL, eventure_reader_open_damaged(path, &reader));
    eventure_reader_close(reader);
    scratch_run("diff -r " FOLDER " " FOLDER ".moved");
}

START_TEST(a_store_that_was_closed_is_opened_by_each_of_its_names)
{
    static const char *const names[] = {PATH, OTHER, INNER, PATH};
    make_store();
    for (int i = 0; i < 4; i++)
    {
        write_by(names[i]);
        for (int j = 0; j < 4; j++)
            ck_assert_int_eq(events_of(names[j]), (i + 2) * TICKS);
    }
}
END_TEST

START_TEST(ticks_in_the_log_of_another_name_are_not_passed_over)
{
    make_store();
    run_program(OTHER, 0);
    expect_refused(PATH, "other.db is another name of this file");
    ck_assert_int_eq(events_of(OTHER), 2 * TICKS); /* the only reader closes: the log moves into the file */
    write_by(PATH);
    ck_assert_int_eq(events_of(OTHER), 3 * TICKS);
    ck_assert_int_eq(events_of(INNER), 3 * TICKS);
}
END_TEST

START_TEST(a_program_that_writes_by_another_name_is_not_passed_over)
{
    eventure_reader *reader = NULL;
    make_store();
    run_program(OTHER, STAYS);
    expect_status(EVENTURE_ERROR_IO, NULL, eventure_reader_open(PATH, &reader));
    eventure_reader_close(reader);
    expect_status(EVENTURE_ERROR_BUSY, NULL, eventure_log_open(PATH, NULL, &opened));
    ck_assert_int_eq(events_of(OTHER), 2 * TICKS);
    end_program();
}
END_TEST

/* A name in another directory is not found before writing; the stale log is then not used. */
START_TEST(a_log_that_is_older_than_the_file_is_not_used)
{
    make_store();
    run_program(INNER, 0);
    write_by(PATH);
    expect_refused(INNER, "was written after " INNER "-wal, probably by another name");
    ck_assert_int_eq(events_of(PATH), 2 * TICKS);
    scratch_run("mv " INNER "-wal " FOLDER "/away");
    ck_assert_int_eq(events_of(INNER), 2 * TICKS);
    write_by(INNER);
    ck_assert_int_eq(events_of(PATH), 3 * TICKS);
}
END_TEST

START_TEST(the_user_may_say_that_the_log_is_to_be_used)
{
    make_store();
    run_program(INNER, 0);
    scratch_run("touch " PATH);
    expect_refused(INNER, "touch " INNER "-wal; then open the store again");
    scratch_run("sleep 0.03 && touch " INNER "-wal");
    ck_assert_int_eq(events_of(INNER), 2 * TICKS);
    ck_assert_int_eq(events_of(PATH), 2 * TICKS);
}
END_TEST

START_TEST(two_logs_with_content_are_an_error_under_both_names)
{
    make_store();
    run_program(INNER, 0);
    run_program(PATH, 0);
    scratch_run("rm " INNER " && mv " INNER "-wal " OTHER "-wal");
    expect_refused(PATH, "both names have a write-ahead log");
    expect_refused(OTHER, "both names have a write-ahead log");
}
END_TEST

/* The program was killed after it had moved its log into the file, which is then newer than the log. */
START_TEST(a_log_that_the_file_contains_is_used)
{
    make_store();
    run_program(PATH, CHECKPOINTS);
    ck_assert_int_eq(events_of(PATH), 2 * TICKS);
    run_program(PATH, CHECKPOINTS);
    write_by(PATH);
    ck_assert_int_eq(events_of(OTHER), 4 * TICKS);
}
END_TEST

/* The file is newer than the log and does not contain all of it, because a reader still needs what is there. */
START_TEST(a_log_that_is_in_use_is_used)
{
    make_store();
    run_program(PATH, CHECKPOINTS | READS | STAYS);
    ck_assert_int_eq(events_of(PATH), 3 * TICKS + 1);
    end_program();
    expect_refused(PATH, "was written after " PATH "-wal");
    scratch_run("touch " PATH "-wal");
    ck_assert_int_eq(events_of(PATH), 3 * TICKS + 1);

    /* The same within one process. */
    eventure_reader *reader = NULL;
    open_at(PATH, false);
    append_large_tick();
    expect_ok(NULL, eventure_reader_open(PATH, &reader));
    expect_ok(reader, eventure_reader_begin(reader));
    expect_ok(NULL, append_tick());
    wait_for_clock();
    expect_ok(NULL, eventure__store_bring_inside(opened->store));
    ck_assert_int_eq(events_of(PATH), 4 * TICKS + 3);
    expect_ok(NULL, eventure_log_close(opened));
    open_at(PATH, false);
    eventure_reader_close(reader);
    expect_ok(NULL, eventure_log_close(opened));
    ck_assert_int_eq(events_of(OTHER), 5 * TICKS + 3);
}
END_TEST
