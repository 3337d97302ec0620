/*
 * The path of a new store: valid paths, the lock, the file that appears there, and the files beside it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "scratch.h"
#include "session_world.h"
#include "store/atomic_file.h"
#include "testing.h"

TEST_FIXTURE(clean, clean);

#define PATH "atomic.db"
#define SOURCE "atomic-source.db"

static eventure__atomic_file target;
static eventure__error error;

static void clean(void)
{
    scratch_run("rm -rf atomic*");
}

static eventure_status open_at(const char *path, bool replace, const char *source)
{
    return eventure__atomic_file_open(&target, "make it", path, replace, source, &error);
}

static void expect_refused(const char *path, bool replace, const char *source, eventure_status status, const char *text)
{
    expect_status(status, NULL, open_at(path, replace, source));
    ck_assert_str_eq(error.text, text);
    ck_assert_int_eq(error.status, status);
    ck_assert_int_eq(world_files(PATH "-new"), 0);
    ck_assert_int_eq(world_files(PATH "-writer"), 0);
}

static void expect_open(bool replace, const char *source)
{
    eventure_status status = open_at(PATH, replace, source);
    ck_assert_msg(status == EVENTURE_OK, "%s", error.text);
    ck_assert_int_eq(access(PATH "-new", F_OK), 0);
    ck_assert_int_eq(access(PATH "-writer", F_OK), 0);
}

/* Makes a database with one table at the temporary name. */
static void fill(const char *table)
{
    char sql[100];
    snprintf(sql, sizeof sql, "CREATE TABLE %s (x)", table);
    ck_assert_ptr_null(scratch_sql(target.temporary, sql));
}

static void expect_table(const char *path, const char *table)
{
    char *name = scratch_ask(path, "SELECT group_concat(name) FROM sqlite_schema");
    ck_assert_str_eq(name, table);
    free(name);
}

/* --- The path --- */

START_TEST(a_path_must_be_given)
{
    expect_refused(NULL, false, NULL, EVENTURE_ERROR_ARGUMENT, "make it: no path was given");
    expect_refused("", false, NULL, EVENTURE_ERROR_ARGUMENT, "make it: no path was given");
}
END_TEST

START_TEST(only_a_file_can_be_replaced_and_only_when_asked_for)
{
    scratch_run("mkdir atomic.db");
    expect_refused(PATH, true, NULL, EVENTURE_ERROR_ARGUMENT, "make it: atomic.db is a directory");
    scratch_run("rmdir atomic.db && mkfifo atomic.db");
    expect_refused(PATH, true, NULL, EVENTURE_ERROR_ARGUMENT, "make it: atomic.db is not a regular file");
    scratch_run("rm atomic.db && touch atomic.db");
    expect_refused(PATH, false, NULL, EVENTURE_ERROR_EXISTS, "make it: the file atomic.db exists");
    scratch_run("ln atomic.db " SOURCE);
    expect_refused(PATH, true, SOURCE, EVENTURE_ERROR_ARGUMENT, "make it: atomic.db is the store itself");
    expect_refused(PATH, false, PATH, EVENTURE_ERROR_ARGUMENT, "make it: atomic.db is the store itself");
    scratch_run("rm atomic.db && ln -s nowhere atomic.db");
    expect_refused(PATH, true, NULL, EVENTURE_ERROR_EXISTS,
                   "make it: atomic.db is a link to a file that does not exist");
    scratch_run("ln -sf atomic.db atomic.db");
    expect_refused(PATH, true, NULL, EVENTURE_ERROR_EXISTS,
                   "make it: atomic.db is a link to a file that does not exist");
    scratch_run("rm atomic.db && touch atomic-file");
    expect_refused("atomic-file/a.db", false, NULL, EVENTURE_ERROR_IO, "make it: atomic-file/a.db: Not a directory");
    expect_refused("atomic.none/a.db", false, NULL, EVENTURE_ERROR_IO,
                   "make it: open atomic.none/a.db: cannot make the lock file atomic.none/a.db-writer: No such file or "
                   "directory");
}
END_TEST

START_TEST(the_name_of_a_file_of_a_store_is_refused)
{
    expect_ok(NULL, eventure_log_close(scratch_open(SOURCE)));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, open_at(SOURCE "-wal", false, NULL));
    ck_assert_ptr_nonnull(strstr(error.text, SOURCE "-wal is the name of a file of the store "));
}
END_TEST

START_TEST(a_log_without_its_database_is_left_alone)
{
    static const char *const logs[] = {"-wal", "-journal"};
    for (size_t i = 0; i < COUNT_OF(logs); i++)
    {
        char command[100];
        char text[200];
        snprintf(command, sizeof command, "head -c 100 /dev/zero > atomic.db%s", logs[i]);
        scratch_run(command);
        snprintf(text, sizeof text,
                 "make it: atomic.db does not exist, but atomic.db%s does, which must not become its write-ahead log",
                 logs[i]);
        expect_refused(PATH, false, NULL, EVENTURE_ERROR_EXISTS, text);
        snprintf(command, sizeof command, ": > atomic.db%s", logs[i]);
        scratch_run(command);
        expect_open(false, NULL); /* an empty one */
        expect_status(EVENTURE_ERROR_IO, NULL, eventure__atomic_file_close(&target, EVENTURE_ERROR_IO));
        snprintf(command, sizeof command, "rm -f atomic.db%s && mkdir atomic.db%s", logs[i], logs[i]);
        scratch_run(command);
        snprintf(text, sizeof text, "atomic.db%s is a link, or not a regular file", logs[i]);
        expect_status(EVENTURE_ERROR_IO, NULL, open_at(PATH, false, NULL));
        ck_assert_int_eq(strncmp(error.text, "make it: open atomic.db: ", 25), 0);
        expect_part(error.text, text);
        clean();
    }
}
END_TEST

START_TEST(a_name_that_sqlite_would_interpret_is_that_of_a_file)
{
    expect_ok(NULL, open_at(":memory:", false, NULL));
    ck_assert_str_eq(target.path, "./:memory:");
    ck_assert_str_eq(target.temporary, "./:memory:-new");
    expect_status(EVENTURE_ERROR_LIMIT, NULL, eventure__atomic_file_close(&target, EVENTURE_ERROR_LIMIT));
    ck_assert_int_eq(world_files(":memory:"), 0);
}
END_TEST

/* --- What is locked --- */

START_TEST(one_call_at_a_time_makes_a_file)
{
    eventure__atomic_file second;
    eventure__error second_error = {0};
    char text[200];
    expect_open(false, NULL);
    expect_status(EVENTURE_ERROR_BUSY, NULL,
                  eventure__atomic_file_open(&second, "make it again", PATH, false, NULL, &second_error));
    snprintf(text, sizeof text,
             "make it again: open atomic.db: another program writes to this name (process %ld holds atomic.db-writer)",
             (long)getpid());
    ck_assert_str_eq(second_error.text, text);
    fill("t");
    expect_ok(NULL, eventure__atomic_file_close(&target, EVENTURE_OK));
    expect_table(PATH, "t");
}
END_TEST

START_TEST(a_store_that_a_log_writes_is_not_replaced_and_one_that_is_replaced_not_written)
{
    eventure_log *log = scratch_open(PATH);
    expect_refused(PATH, true, NULL, EVENTURE_ERROR_BUSY,
                   "make it: open atomic.db: another log writes this store; only one log at a time can write it");
    expect_ok(NULL, eventure_log_close(log));
    expect_open(true, NULL);
    log = NULL;
    expect_status(EVENTURE_ERROR_BUSY, NULL, eventure_log_open(PATH, NULL, &log));
    expect_status(EVENTURE_ERROR_TICK, NULL, eventure__atomic_file_close(&target, EVENTURE_ERROR_TICK));
    expect_ok(NULL, eventure_log_open(PATH, NULL, &log));
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

/* --- What appears --- */

START_TEST(a_new_store_appears_alone)
{
    expect_open(false, NULL);
    fill("t");
    ck_assert_int_eq(access(PATH, F_OK), -1);
    expect_ok(NULL, eventure__atomic_file_close(&target, EVENTURE_OK));
    ck_assert_int_eq(world_files(PATH), 1);
    ck_assert_ptr_null(target.path);
    ck_assert_ptr_null(target.temporary);
    expect_table(PATH, "t");
    struct stat info;
    ck_assert_int_eq(stat(PATH, &info), 0);
    ck_assert_uint_eq(info.st_nlink, 1);
}
END_TEST

START_TEST(a_failed_store_leaves_nothing)
{
    expect_open(false, NULL);
    fill("t");
    scratch_run("touch atomic.db-new-wal atomic.db-new-journal atomic.db-new-shm");
    expect_status(EVENTURE_ERROR_CORRUPT, NULL, eventure__atomic_file_close(&target, EVENTURE_ERROR_CORRUPT));
    ck_assert_int_eq(world_files(PATH), 0);
}
END_TEST

START_TEST(the_remains_of_a_killed_process_are_replaced)
{
    scratch_run("echo old > atomic.db-new && chmod 0400 atomic.db-new && echo old > atomic.db-new-wal && echo 1 > "
                "atomic.db-writer");
    expect_open(false, NULL);
    fill("t");
    expect_ok(NULL, eventure__atomic_file_close(&target, EVENTURE_OK));
    ck_assert_int_eq(world_files(PATH), 1);
    expect_table(PATH, "t");
    clean();
    scratch_run("ln -s atomic.far atomic.db-new");
    expect_status(EVENTURE_ERROR_IO, NULL, open_at(PATH, false, NULL));
    ck_assert_str_eq(error.text, "make it: atomic.db-new: it is a link, or not a regular file");
    ck_assert_int_eq(world_files("atomic"), 1);
}
END_TEST

START_TEST(permissions_are_those_of_the_source_or_of_the_replaced_store)
{
    mode_t mask = umask(027);
    scratch_run("touch " SOURCE);
    ck_assert_int_eq(chmod(SOURCE, 0604), 0);
    expect_open(false, SOURCE);
    fill("t");
    expect_ok(NULL, eventure__atomic_file_close(&target, EVENTURE_OK));
    ck_assert_int_eq(scratch_mode(PATH), 0604);

    ck_assert_int_eq(chmod(PATH, 0620), 0);
    expect_open(true, NULL);
    fill("u");
    expect_ok(NULL, eventure__atomic_file_close(&target, EVENTURE_OK));
    ck_assert_int_eq(scratch_mode(PATH), 0620);
    expect_table(PATH, "u");

    expect_open(true, SOURCE);
    fill("v");
    expect_ok(NULL, eventure__atomic_file_close(&target, EVENTURE_OK));
    ck_assert_int_eq(scratch_mode(PATH), 0604);

    ck_assert_int_eq(chmod(SOURCE, 0440), 0); /* its owner may write while it is made */
    expect_open(true, SOURCE);
    ck_assert_int_eq(scratch_mode(PATH "-new"), 0640);
    fill("w");
    expect_ok(NULL, eventure__atomic_file_close(&target, EVENTURE_OK));
    ck_assert_int_eq(scratch_mode(PATH), 0440);

    scratch_run("rm -f atomic.db");
    expect_open(true, NULL); /* nothing to replace */
    fill("x");
    expect_ok(NULL, eventure__atomic_file_close(&target, EVENTURE_OK));
    ck_assert_int_eq(scratch_mode(PATH), 0640);
    umask(mask);
}
END_TEST

/* --- Write-ahead logs --- */

START_TEST(frames_that_are_still_in_the_log_are_moved_into_the_new_file)
{
    sqlite3 *db = NULL;
    expect_open(false, NULL);
    ck_assert_int_eq(sqlite3_open(SOURCE, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "PRAGMA journal_mode = WAL; CREATE TABLE late (x)", NULL, NULL, NULL), SQLITE_OK);
    scratch_run("cp " SOURCE " atomic.db-new && cp " SOURCE "-wal atomic.db-new-wal");
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    expect_ok(NULL, eventure__atomic_file_close(&target, EVENTURE_OK));
    ck_assert_int_eq(world_files(PATH), 1);
    expect_table(PATH, "late");

    clean();
    expect_open(false, NULL);
    fill("t");
    scratch_run("mkdir atomic.db-new-wal && touch atomic.db-new-wal/x");
    expect_status(EVENTURE_ERROR_IO, NULL, eventure__atomic_file_close(&target, EVENTURE_OK));
    ck_assert_str_eq(error.text, "make it: atomic.db-new-wal could not be moved into the new file");
    ck_assert_int_eq(world_files(PATH), 1); /* the directory */

    clean();
    expect_open(false, NULL);
    scratch_run("ln -s atomic.db-new-wal atomic.db-new-wal");
    expect_status(EVENTURE_ERROR_IO, NULL, eventure__atomic_file_close(&target, EVENTURE_OK));
    ck_assert_str_eq(error.text, "make it: atomic.db-new-wal: it is a link, or not a regular file");
    ck_assert_int_eq(world_files(PATH), 0);
}
END_TEST

START_TEST(a_store_that_is_replaced_leaves_no_log)
{
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open(SOURCE, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "PRAGMA journal_mode = WAL; CREATE TABLE old (x)", NULL, NULL, NULL), SQLITE_OK);
    scratch_run("cp " SOURCE " atomic.db && cp " SOURCE "-wal atomic.db-wal");
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    expect_open(true, NULL);
    fill("t");
    expect_ok(NULL, eventure__atomic_file_close(&target, EVENTURE_OK));
    ck_assert_int_eq(world_files(PATH), 1);
    expect_table(PATH, "t");

    scratch_run("yes this is not a database | head -c 5000 > atomic.db");
    expect_open(true, NULL);
    fill("u");
    expect_ok(NULL, eventure__atomic_file_close(&target, EVENTURE_OK));
    expect_table(PATH, "u");
}
END_TEST

START_TEST(a_store_that_another_connection_reads_is_not_replaced)
{
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open(PATH, &db), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_exec(db, "PRAGMA journal_mode = WAL; CREATE TABLE old (x); BEGIN; SELECT * FROM old", NULL, NULL, NULL),
        SQLITE_OK);
    expect_open(true, NULL);
    fill("t");
    expect_status(EVENTURE_ERROR_BUSY, NULL, eventure__atomic_file_close(&target, EVENTURE_OK));
    ck_assert_str_eq(error.text, "make it: cannot replace atomic.db: another connection has it open");
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    expect_table(PATH, "old");
    ck_assert_int_eq(world_files(PATH), 1);
}
END_TEST

START_TEST(a_file_that_appears_meanwhile_is_not_replaced)
{
    expect_open(false, NULL);
    fill("t");
    scratch_run("echo other > atomic.db");
    expect_status(EVENTURE_ERROR_EXISTS, NULL, eventure__atomic_file_close(&target, EVENTURE_OK));
    ck_assert_str_eq(error.text, "make it: atomic.db: File exists");
    ck_assert_int_eq(world_files(PATH), 1);
    scratch_run("grep -q other atomic.db && rm atomic.db");

    expect_open(true, NULL);
    fill("t");
    scratch_run("mkdir atomic.db");
    expect_status(EVENTURE_ERROR_IO, NULL, eventure__atomic_file_close(&target, EVENTURE_OK));
    expect_part(error.text, "make it: cannot replace atomic.db: ");
    ck_assert_int_eq(world_files(PATH), 1);
}
END_TEST
