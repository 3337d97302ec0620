/*
 * Reading a write-ahead log as a file: logs that SQLite has made, whole and damaged.
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "store/wal_file.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

#define PATH "wal.db"

static sqlite3 *db;
static int database = -1;

static void run_sql(const char *sql)
{
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
}

static void set_up(void)
{
    scratch_run("rm -f " PATH "*");
    ck_assert_int_eq(sqlite3_open(PATH, &db), SQLITE_OK);
    run_sql("PRAGMA page_size = 1024; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
            "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, randomblob(5000)); PRAGMA wal_checkpoint(TRUNCATE);");
    database = open(PATH, O_RDONLY | O_CLOEXEC);
}

static void tear_down(void)
{
    sqlite3_close(db);
    close(database);
}

static void expect_contained(bool expected)
{
    bool contained = !expected;
    ck_assert_int_eq(eventure__wal_file_compare(PATH "-wal", database, &contained), 0);
    ck_assert_int_eq(contained, expected);
}

static off_t size_of_log(void)
{
    struct stat info;
    ck_assert_int_eq(stat(PATH "-wal", &info), 0);
    return info.st_size;
}

static void change_byte(const char *path, off_t at)
{
    unsigned char byte;
    int file = open(path, O_RDWR);
    ck_assert_int_eq(pread(file, &byte, 1, at), 1);
    byte ^= 1;
    ck_assert_int_eq(pwrite(file, &byte, 1, at), 1);
    close(file);
}

START_TEST(commits_are_contained_after_a_checkpoint)
{
    expect_contained(true); /* an empty log */
    for (int i = 0; i < 20; i++)
    {
        run_sql("INSERT INTO t VALUES (2, randomblob(3000)); UPDATE t SET a = a + 1;");
        expect_contained(false);
    }
    run_sql("DELETE FROM t WHERE rowid % 3 = 0; VACUUM;"); /* the database gets shorter than some frames say */
    expect_contained(false);
    run_sql("PRAGMA wal_checkpoint;");
    expect_contained(true);
    run_sql("UPDATE t SET a = a + 1;"); /* from the beginning of the file again, which keeps the rest */
    expect_contained(false);
    run_sql("PRAGMA wal_checkpoint;");
    expect_contained(true);
}
END_TEST

START_TEST(the_newest_version_of_each_page_is_compared)
{
    const off_t page_bytes = 1024;
    unsigned char page[4];
    run_sql("UPDATE t SET b = randomblob(5000); UPDATE t SET b = randomblob(5000); PRAGMA wal_checkpoint;");
    const off_t frames = (size_of_log() - 32) / (24 + page_bytes);
    ck_assert_int_ge(frames, 10); /* two versions of five pages */
    int log = open(PATH "-wal", O_RDONLY | O_CLOEXEC);
    for (off_t i = 0; i < frames; i++)
    {
        ck_assert_int_eq(pread(log, page, sizeof page, 32 + i * (24 + page_bytes)), sizeof page);
        const off_t at = ((page[2] << 8 | page[3]) - 1) * page_bytes + 500;
        change_byte(PATH, at);
        expect_contained(false);
        change_byte(PATH, at);
        expect_contained(true);
    }
    close(log);
}
END_TEST

/* A sanitizer sees a read beyond the frames when they fill their memory, which is a power of 2. */
START_TEST(any_number_of_frames_is_compared)
{
    run_sql("CREATE TABLE n (a); INSERT INTO n VALUES (0); PRAGMA wal_checkpoint(TRUNCATE);");
    for (int i = 1; i <= 512; i++)
    {
        run_sql("UPDATE n SET a = a + 1"); /* one page */
        ck_assert_int_eq(size_of_log(), 32 + i * (24 + 1024));
        if (i % 64 == 0 || i == 1)
            expect_contained(false);
    }
    run_sql("PRAGMA wal_checkpoint;");
    expect_contained(true);
}
END_TEST

START_TEST(only_complete_commits_count)
{
    run_sql("PRAGMA cache_size = 1; BEGIN; INSERT INTO t VALUES (2, randomblob(50000));"); /* written, not committed */
    ck_assert_int_gt(size_of_log(), 1024);
    expect_contained(true);
    run_sql("COMMIT");
    expect_contained(false);
    off_t size = size_of_log();
    ck_assert_int_eq(truncate(PATH "-wal", size - 1), 0); /* the commit is at the end of the file */
    expect_contained(true);
}
END_TEST

START_TEST(a_frame_that_is_not_valid_ends_the_log)
{
    run_sql("UPDATE t SET a = 2");
    expect_contained(false);
    for (off_t at = 0; at < 32 + 24 + 1024; at += at < 56 ? 4 : 97)
    {
        change_byte(PATH "-wal", at);
        expect_contained(true);
        change_byte(PATH "-wal", at);
        expect_contained(false);
    }
}
END_TEST

START_TEST(what_cannot_be_read_is_an_error)
{
    bool contained = true;
    run_sql("UPDATE t SET a = 2");
    ck_assert_int_eq(eventure__wal_file_compare("no such file", database, &contained), ENOENT);
    ck_assert_int_eq(eventure__wal_file_compare(PATH "-wal", -1, &contained), 0);
    ck_assert(!contained);
    scratch_run("ln -sf " PATH "-wal link-wal");
    ck_assert_int_eq(eventure__wal_file_compare("link-wal", database, &contained), ELOOP);
}
END_TEST
