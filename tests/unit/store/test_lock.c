/*
 * Locks on names: the lock file, its content, and the process that has the lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "scratch.h"
#include "session_world.h"
#include "store/lock.h"
#include "testing.h"

TEST_FIXTURE(clean, clean);

#define NAME "lock.db"
#define FILE_NAME NAME "-writer"

static eventure__lock lock = EVENTURE__LOCK_INIT;
static eventure__error error;

static void clean(void)
{
    scratch_run("rm -rf lock.*");
}

/* Asserts the content of the lock file. */
static void expect_content(const char *text, size_t len)
{
    long bytes_len = 0;
    unsigned char *bytes = harness_load(FILE_NAME, &bytes_len);
    ck_assert_int_eq(bytes_len, (long)len);
    ck_assert_int_eq(memcmp(bytes, text, len), 0);
    free(bytes);
}

static void write_content(const char *text, size_t len)
{
    harness_store(FILE_NAME, (const unsigned char *)text, (long)len);
}

static void expect_refused(eventure_status status, const char *text)
{
    eventure__lock other = EVENTURE__LOCK_INIT;
    expect_status(status, NULL, eventure__lock_take(&other, NAME, &error));
    ck_assert_str_eq(error.text, text);
    eventure__lock_release(&other);
    ck_assert_ptr_null(other.path);
}

START_TEST(a_lock_is_a_file_with_the_number_of_the_process_while_it_is_held)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    for (int i = 0; i < 2; i++)
    {
        expect_ok(NULL, eventure__lock_take(&lock, NAME, &error));
        ck_assert_str_eq(lock.path, FILE_NAME);
        ck_assert(lock.is_ours);
        expect_content(text, (size_t)len);
        ck_assert_int_eq(fcntl(lock.descriptor, F_GETFD), FD_CLOEXEC);
        int descriptor = lock.descriptor;
        eventure__lock_release(&lock);
        ck_assert_int_eq(access(FILE_NAME, F_OK), -1);
        ck_assert_int_eq(fcntl(descriptor, F_GETFD), -1);
        ck_assert_int_eq(lock.descriptor, -1);
        eventure__lock_release(&lock); /* nothing is held */
    }
}
END_TEST

/* Such a file is left by a killed process, or by a power failure in the last case. */
START_TEST(a_file_of_digits_is_taken_over)
{
    static const char zeros[31] = {0};
    static const char *const texts[] = {"", "7", "4194304\n", "0\n9\n", "1234567890123456789012345678901"};
    for (size_t i = 0; i <= COUNT_OF(texts); i++)
    {
        if (i < COUNT_OF(texts))
            write_content(texts[i], strlen(texts[i]));
        else
            write_content(zeros, sizeof zeros);
        expect_ok(NULL, eventure__lock_take(&lock, NAME, &error));
        ck_assert(lock.is_ours);
        eventure__lock_release(&lock);
        ck_assert_int_eq(access(FILE_NAME, F_OK), -1);
    }
}
END_TEST

START_TEST(a_file_of_another_program_is_locked_and_kept_as_it_is)
{
    static const char *const texts[] = {"12345678901234567890123456789012", "a", "12 ", "1/", "1:", "12\r\n", "-1"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
    {
        write_content(texts[i], strlen(texts[i]));
        expect_ok(NULL, eventure__lock_take(&lock, NAME, &error));
        ck_assert(!lock.is_ours);
        expect_content(texts[i], strlen(texts[i]));
        int descriptor = open(FILE_NAME, O_RDWR | O_CLOEXEC);
        ck_assert_int_eq(flock(descriptor, LOCK_EX | LOCK_NB), -1);
        eventure__lock_release(&lock);
        ck_assert_int_eq(flock(descriptor, LOCK_EX | LOCK_NB), 0);
        close(descriptor);
        expect_content(texts[i], strlen(texts[i]));
    }
}
END_TEST

START_TEST(a_second_holder_waits_a_second_and_is_told_who_holds_it)
{
    char text[200];
    double began = harness_now();
    expect_ok(NULL, eventure__lock_take(&lock, NAME, &error));
    snprintf(text, sizeof text, "open lock.db: another program writes to this name (process %ld holds lock.db-writer)",
             (long)getpid());
    expect_refused(EVENTURE_ERROR_BUSY, text);
    double passed = harness_now() - began;
    ck_assert_msg(passed >= 0.99 && passed < 60, "%g s", passed);
    int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    expect_content(text, (size_t)len);
    eventure__lock_release(&lock);

    write_content("x", 1);
    int descriptor = open(FILE_NAME, O_RDWR | O_CLOEXEC);
    ck_assert_int_eq(flock(descriptor, LOCK_EX | LOCK_NB), 0);
    expect_refused(EVENTURE_ERROR_BUSY, "open lock.db: another program writes to this name (lock.db-writer is locked)");
    close(descriptor);
}
END_TEST

/* Waits in a child process, which gets the lock when it is free, in a new file. */
START_TEST(a_lock_that_becomes_free_is_taken)
{
    int ended = 0;
    int ready[2];
    char byte = 0;
    ck_assert_int_eq(pipe(ready), 0);
    expect_ok(NULL, eventure__lock_take(&lock, NAME, &error));
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
    {
        alarm(20);
        eventure__lock mine = EVENTURE__LOCK_INIT;
        eventure__lock_release(&lock); /* of the parent: frees memory only */
        if (access(FILE_NAME, F_OK) != 0 || write(ready[1], "x", 1) != 1)
            _exit(2);
        if (eventure__lock_take(&mine, NAME, &error) != EVENTURE_OK)
            _exit(3);
        struct stat held;
        struct stat named;
        if (fstat(mine.descriptor, &held) != 0 || stat(FILE_NAME, &named) != 0 || held.st_ino != named.st_ino)
            _exit(4);
        eventure__lock_release(&mine);
        _exit(access(FILE_NAME, F_OK) == 0 ? 5 : 0);
    }
    close(ready[1]);
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    usleep(50000); /* so that the child finds the lock held, and waits */
    eventure__lock_release(&lock);
    ck_assert_int_eq(waitpid(child, &ended, 0), child);
    ck_assert_int_eq(ended, 0);
    ck_assert_int_eq(world_files(NAME), 0);
}
END_TEST

START_TEST(what_cannot_be_the_lock_file_is_named)
{
    scratch_run("touch lock.other && ln lock.other " FILE_NAME);
    expect_refused(EVENTURE_ERROR_EXISTS, "open lock.db: lock.db-writer is a file with several hard links, and cannot "
                                          "be the lock file; remove it, or give the store another name");
    ck_assert_int_eq(access(FILE_NAME, F_OK), 0);
    scratch_run("rm lock.other");
    expect_ok(NULL, eventure__lock_take(&lock, NAME, &error));
    eventure__lock_release(&lock);

    scratch_run("ln -s lock.other " FILE_NAME);
    expect_refused(EVENTURE_ERROR_IO,
                   "open lock.db: cannot make the lock file lock.db-writer: it is a link, or not a regular file");
    ck_assert_int_eq(access("lock.other", F_OK), -1);
    scratch_run("rm " FILE_NAME " && mkfifo " FILE_NAME);
    expect_refused(EVENTURE_ERROR_IO,
                   "open lock.db: cannot make the lock file lock.db-writer: it is a link, or not a regular file");
    scratch_run("rm " FILE_NAME " && mkdir " FILE_NAME);
    expect_refused(EVENTURE_ERROR_IO, "open lock.db: cannot make the lock file lock.db-writer: Is a directory");

    eventure__lock other = EVENTURE__LOCK_INIT;
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure__lock_take(&other, "lock.none/a.db", &error));
    ck_assert_str_eq(error.text, "open lock.none/a.db: cannot make the lock file lock.none/a.db-writer: No such file "
                                 "or directory");
    eventure__lock_release(&other);
}
END_TEST
