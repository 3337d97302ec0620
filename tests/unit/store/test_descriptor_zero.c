/*
 * A process without standard input, as a daemon can be: the next file that it opens has the descriptor 0, which is used
 * and closed like any other.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"
#include "store/files.h"
#include "store/lock.h"
#include "store/watch.h"
#include "testing.h"
#include "transfer/temporary.h"

#define NAME "zero.db"

static int input = -1;
static eventure__error error;

static void clean(void)
{
    scratch_run("rm -rf zero.*");
}

/* Called by each test and not by the fixture: the test framework itself opens a file after the fixture. */
static void close_input(void)
{
    input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    close(STDIN_FILENO);
}

static void restore_input(void)
{
    if (input >= 0)
    {
        dup2(input, STDIN_FILENO);
        close(input);
        input = -1;
    }
    clean();
}

TEST_FIXTURE(clean, restore_input);

static bool is_open(void)
{
    return fcntl(STDIN_FILENO, F_GETFD) != -1;
}

START_TEST(a_lock_is_released)
{
    eventure__lock lock = EVENTURE__LOCK_INIT;
    close_input();
    expect_ok(NULL, eventure__lock_take(&lock, NAME, &error));
    ck_assert_int_eq(lock.descriptor, 0);
    eventure__lock_release(&lock);
    ck_assert(!is_open());
    ck_assert_int_eq(access(NAME "-writer", F_OK), -1);
}
END_TEST

START_TEST(files_and_directories_are_synced_and_closed)
{
    close_input();
    scratch_write(NAME, "text");
    expect_ok(NULL, eventure__files_sync(NAME, &error));
    ck_assert(!is_open());
    expect_ok(NULL, eventure__files_sync_directory(NAME, &error));
    ck_assert(!is_open());
    expect_ok(NULL, eventure__files_check_beside(NAME, &error));
    scratch_write(NAME "-journal", "");
    expect_ok(NULL, eventure__files_check_beside(NAME, &error));
    ck_assert(!is_open());
    scratch_write(NAME "-journal", "my diary");
    expect_status(EVENTURE_ERROR_IO, NULL, eventure__files_check_beside(NAME, &error));
    ck_assert(!is_open());
}
END_TEST

START_TEST(a_watch_is_closed)
{
    eventure__watch *watch = NULL;
    close_input();
    expect_ok(NULL, eventure__watch_open(NAME, &watch));
#if defined(__linux__)
    ck_assert(is_open());
#endif
    eventure__watch_close(watch);
    ck_assert(!is_open());
}
END_TEST

START_TEST(a_temporary_file_is_closed)
{
    char bytes[4];
    eventure__temporary file;
    close_input();
    expect_ok(NULL, eventure__temporary_open(&file, ".", &error));
    ck_assert_int_eq(file.descriptor, 0);
    expect_ok(NULL, eventure__temporary_write(&file, "text", 4, &error));
    expect_ok(NULL, eventure__temporary_read(&file, 0, bytes, 4, &error));
    ck_assert_int_eq(memcmp(bytes, "text", 4), 0);
    eventure__temporary_close(&file);
    ck_assert(!is_open());
}
END_TEST

/* SQLite uses no descriptor below 3: it opens /dev/null in their place, and leaves that open. */
START_TEST(a_log_is_written_and_leaves_one_file)
{
    eventure_log *log = NULL;
    eventure_reader *reader = NULL;
    close_input();
    expect_ok(NULL, eventure_log_open(NAME, NULL, &log));
    scratch_append(log, "a.b", "{}", NULL);
    expect_ok(log, eventure_log_advance_tick(log));
    expect_ok(NULL, eventure_log_close(log));
    ck_assert_int_eq(access(NAME "-wal", F_OK), -1);
    ck_assert_int_eq(access(NAME "-writer", F_OK), -1);
    expect_ok(NULL, eventure_reader_open(NAME, &reader));
    scratch_expect_sound(reader);
    eventure_reader_close(reader);
}
END_TEST
