/*
 * How the library handles rare results of system calls: file systems without links, a file that appears under the new
 * name at the last moment, locks that are not available, directories that cannot be watched, a store that another
 * process holds.
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bus_world.h"
#include "session_world.h"
#include "store/lock.h"
#include "system_fail.h"
#include "testing.h"

TEST_FIXTURE(open_store, close_store);

#define COPY "copy.db"

static void open_store(void)
{
    open_world();
    scratch_remove(COPY);
    scratch_append(here.log, "a.b", "{\"x\": 1}", NULL);
    expect_ok(here.log, eventure_log_advance_tick(here.log));
}

static void close_store(void)
{
    close_world();
    scratch_remove(COPY);
}

/* Checks the result of a copy whose first call of this kind fails with this error. */
static void expect_copy(unsigned kind, int error, eventure_status expected, const char *part)
{
    system_fail_at(kind, 1, error);
    eventure_status status = eventure_store_copy(reader(), COPY, NULL);
    ck_assert(system_fail_stop());
    ck_assert_msg(status == expected, "%s: %s", eventure_status_name(status), eventure_reader_message(reader()));
    if (expected == EVENTURE_OK)
    {
        world_expect_same(SCRATCH_PATH, COPY, "SELECT * FROM events");
        ck_assert_int_eq(world_files(COPY), 1);
        return;
    }
    expect_part(eventure_reader_message(reader()), part);
    ck_assert_int_eq(world_files(COPY), 0);
}

START_TEST(a_copy_appears_where_there_are_no_links)
{
    expect_copy(SYSTEM_LINK, EPERM, EVENTURE_OK, NULL);
    scratch_remove(COPY);
    expect_copy(SYSTEM_LINK, EOPNOTSUPP, EVENTURE_OK, NULL);
    scratch_remove(COPY);
    expect_copy(SYSTEM_LINK, ENOSYS, EVENTURE_OK, NULL);
    scratch_remove(COPY);
    expect_copy(SYSTEM_LINK, EMLINK, EVENTURE_OK, NULL);
}
END_TEST

START_TEST(a_name_that_was_taken_meanwhile_is_left_alone)
{
    expect_copy(SYSTEM_LINK, EEXIST, EVENTURE_ERROR_EXISTS, "copy.db: File exists");
    expect_copy(SYSTEM_LINK, ENOSPC, EVENTURE_ERROR_IO, "No space left on device");
}
END_TEST

START_TEST(a_directory_that_may_not_be_written_has_its_own_error)
{
    expect_copy(SYSTEM_OPEN, EACCES, EVENTURE_ERROR_READ_ONLY, "cannot make the lock file");
    expect_copy(SYSTEM_OPEN, EROFS, EVENTURE_ERROR_READ_ONLY, "cannot make the lock file");
    expect_copy(SYSTEM_OPEN, EIO, EVENTURE_ERROR_IO, "cannot make the lock file");
    expect_copy(SYSTEM_OPEN, ENOTDIR, EVENTURE_ERROR_IO, "cannot make the lock file");
}
END_TEST

START_TEST(a_directory_that_needs_no_syncing_is_not_an_error)
{
    /* The first sync is of the file, the second of its directory. */
    system_fail_at(SYSTEM_SYNC, 2, EINVAL);
    expect_ok(reader(), eventure_store_copy(reader(), COPY, NULL));
    ck_assert(system_fail_stop());
    scratch_remove(COPY);
    system_fail_at(SYSTEM_SYNC, 2, EIO);
    expect_status(EVENTURE_ERROR_IO, reader(), eventure_store_copy(reader(), COPY, NULL));
    ck_assert(system_fail_stop());
}
END_TEST

START_TEST(a_link_that_leads_nowhere_is_not_followed)
{
    ck_assert_int_eq(symlink("no/such/file", COPY), 0);
    expect_status(EVENTURE_ERROR_EXISTS, reader(), eventure_store_copy(reader(), COPY, NULL));
    ck_assert_str_eq(eventure_reader_message(reader()), "copy: copy.db is a link to a file that does not exist");
    ck_assert_int_eq(unlink(COPY), 0);
}
END_TEST

START_TEST(a_lock_that_is_not_available_is_an_error)
{
    eventure_log *log = NULL;
    system_fail_at(SYSTEM_LOCK, 1, EWOULDBLOCK);
    expect_status(EVENTURE_ERROR_BUSY, NULL, eventure_log_open(COPY, NULL, &log));
    expect_part(eventure_log_message(log), "another log writes this store");
    eventure_log_close(log);
    system_fail_at(SYSTEM_LOCK, 1, ENOLCK);
    expect_status(EVENTURE_ERROR_IO, NULL, eventure_log_open(COPY, NULL, &log));
    expect_part(eventure_log_message(log), "No locks available");
    eventure_log_close(log);
    system_fail_stop();
    scratch_remove(COPY);
}
END_TEST

START_TEST(a_lock_file_that_was_replaced_meanwhile_is_locked_again)
{
    eventure__lock lock = EVENTURE__LOCK_INIT;
    /* When the state of the file cannot be read, the log cannot know that it is still the current file. */
    system_fail_at(SYSTEM_STAT, 2, EIO); /* the first call determines the kind of the file */
    expect_ok(NULL, eventure__lock_take(&lock, COPY, NULL));
    ck_assert(system_fail_stop());
    eventure__lock_release(&lock);
}
END_TEST

/* Makes another lock file under the name. */
static void replace_lock_file(void)
{
    scratch_write(COPY "-other", "");
    ck_assert_int_eq(rename(COPY "-other", COPY "-writer"), 0);
}

START_TEST(the_lock_is_that_of_the_file_which_has_the_name)
{
    eventure__lock lock = EVENTURE__LOCK_INIT;
    struct stat held;
    struct stat named;
    /* The file was opened, and is replaced before it is locked. */
    system_run_before(SYSTEM_LOCK, 1, replace_lock_file);
    expect_ok(NULL, eventure__lock_take(&lock, COPY, NULL));
    ck_assert_int_eq(fstat(lock.descriptor, &held), 0);
    ck_assert_int_eq(stat(COPY "-writer", &named), 0);
    ck_assert(held.st_ino == named.st_ino);
    eventure__lock_release(&lock);
    ck_assert_int_eq(world_files(COPY), 0);
}
END_TEST

START_TEST(a_directory_that_cannot_be_watched_is_looked_at_now_and_then)
{
    eventure_follower *follow = NULL;
    eventure_event event;
    system_fail_at(SYSTEM_WATCH, 1, EMFILE);
    expect_ok(NULL, eventure_follower_open(SCRATCH_PATH, NULL, NULL, &follow));
    ck_assert(system_fail_stop());
    expect_status(EVENTURE_ROW, follow, eventure_follower_next(follow, 0, &event));
    expect_status(EVENTURE_DONE, follow, eventure_follower_next(follow, 20, &event));
    scratch_append(here.log, "late.one", NULL, NULL);
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    expect_status(EVENTURE_ROW, follow, eventure_follower_next(follow, 5000, &event));
    ck_assert_str_eq(event.type, "late.one");
    eventure_follower_close(follow);
}
END_TEST

START_TEST(a_file_that_another_process_holds_is_waited_for_and_then_busy)
{
    sqlite3 *other = NULL;
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.busy_timeout_ms = 60;
    ck_assert_int_eq(sqlite3_open(COPY, &other), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    eventure_status status = eventure_log_open(COPY, &options, &log);
    ck_assert_msg(status == EVENTURE_ERROR_BUSY, "%s: %s", eventure_status_name(status), eventure_log_message(log));
    eventure_log_close(log);
    ck_assert_int_eq(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    expect_ok(NULL, eventure_log_open(COPY, &options, &log));
    expect_ok(NULL, eventure_log_close(log));
    sqlite3_close(other);
}
END_TEST

/* The test: another connection has switched the store to a rollback journal, and reads it. */
START_TEST(a_reader_of_a_rollback_journal_is_waited_for_once)
{
    sqlite3 *other = NULL;
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.busy_timeout_ms = 800; /* a wait in each attempt would exceed the time limit of the test */
    expect_ok(NULL, eventure_log_open(COPY, NULL, &log));
    expect_ok(NULL, eventure_log_close(log));
    ck_assert_int_eq(sqlite3_open(COPY, &other), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(other, "PRAGMA journal_mode = DELETE; BEGIN; SELECT * FROM events", NULL, NULL, NULL),
                     SQLITE_OK);
    eventure_status status = eventure_log_open(COPY, &options, &log);
    ck_assert_msg(status == EVENTURE_ERROR_BUSY, "%s: %s", eventure_status_name(status), eventure_log_message(log));
    eventure_log_close(log);
    ck_assert_int_eq(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    expect_ok(NULL, eventure_log_open(COPY, &options, &log));
    expect_ok(NULL, eventure_log_close(log));
    sqlite3_close(other);
}
END_TEST

/* The host may have switched SQLite's shared cache on, in which the log would block a reader. */
START_TEST(a_shared_cache_of_the_host_is_not_used)
{
    eventure_log *log = NULL;
    eventure_reader *reader = NULL;
    int64_t count = -1;
    ck_assert_int_eq(sqlite3_enable_shared_cache(1), SQLITE_OK);
    expect_ok(NULL, eventure_log_open(COPY, NULL, &log));
    expect_ok(NULL, eventure_reader_open(COPY, &reader));
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(eventure_log_reader(log),
              eventure_query_count(eventure_log_reader(log), NULL, &count)); /* this writes the event */
    ck_assert_int_eq(count, 1);
    expect_ok(reader, eventure_query_count(reader, NULL, &count));
    ck_assert_int_eq(count, 0);
    expect_ok(log, eventure_log_advance_tick(log));
    expect_ok(reader, eventure_query_count(reader, NULL, &count));
    ck_assert_int_eq(count, 1);
    eventure_reader_close(reader);
    expect_ok(NULL, eventure_log_close(log));
    ck_assert_int_eq(sqlite3_enable_shared_cache(0), SQLITE_OK);
}
END_TEST

/* After a failure the previous position is still on the disk. */
START_TEST(a_position_that_cannot_be_written_stays_the_one_before)
{
    static const unsigned kinds[] = {SYSTEM_OPEN, SYSTEM_WRITE, SYSTEM_SYNC, SYSTEM_CLOSE, SYSTEM_RENAME};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
    {
        eventure_follower *follow = NULL;
        eventure_event event;
        expect_ok(NULL, eventure_follower_open(SCRATCH_PATH, "a", NULL, &follow));
        expect_status(EVENTURE_ROW, follow, eventure_follower_next(follow, 0, &event));
        system_fail_at(kinds[i], 1, ENOSPC);
        expect_status(EVENTURE_ERROR_IO, follow, eventure_follower_commit(follow));
        ck_assert(system_fail_stop());
        expect_part(eventure_follower_message(follow), "No space left on device");
        eventure_follower_close(follow);
        ck_assert_int_eq(world_files(SCRATCH_PATH "-follow-a"), 0);
    }
    eventure_follower *follow = NULL;
    system_fail_at(SYSTEM_OPEN, 2, EACCES); /* the first call opens the lock file */
    expect_status(EVENTURE_ERROR_READ_ONLY, NULL, eventure_follower_open(SCRATCH_PATH, "a", NULL, &follow));
    ck_assert(system_fail_stop());
    eventure_follower_close(follow);
}
END_TEST
