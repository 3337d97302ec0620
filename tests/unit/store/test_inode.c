/*
 * The records of files: one for each file under all its names, its locks as tested by another process, and what a child
 * process may do with inherited connections.
 */
#define _GNU_SOURCE /* for F_OFD_SETLK */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "scratch.h"
#include "store/inode.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

#define PATH "inode.db"
#define OTHER "inode-other.db"

/* The documented bytes: that of the log, and those that SQLite locks. */
#define LOG_BYTE ((off_t)1 << 62)
#define SHARED_FIRST ((off_t)0x40000002)
#define SHARED_LAST ((off_t)(0x40000002 + 509))

static eventure__inode *inode;

static void clean(void)
{
    unlink(PATH);
    unlink(PATH "-wal");
    unlink(PATH "-shm");
    unlink(OTHER);
    unlink("hard.db");
    unlink("soft.db");
}

static void set_up(void)
{
    clean();
    ck_assert_int_eq(eventure__inode_use(PATH, true, &inode), 0);
}

static void tear_down(void)
{
    eventure__inode_leave(inode);
    clean();
}

/* The lowest free descriptor: it is higher while more files are open. */
static int free_descriptor(void)
{
    int lowest = dup(0);
    ck_assert_int_ge(lowest, 0);
    close(lowest);
    return lowest;
}

/* Takes a lock as another process does: on a description of its own. */
static int try_lock(int descriptor, short type, off_t at)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};
    return fcntl(descriptor, F_OFD_SETLK, &lock) == 0 ? 0 : errno;
}

/* Asserts whether another process may write and read a byte. */
static void expect_free(off_t at, bool may_write, bool may_read)
{
    int descriptor = open(PATH, O_RDWR | O_CLOEXEC);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(try_lock(descriptor, F_RDLCK, at), may_read ? 0 : EAGAIN);
    ck_assert_int_eq(try_lock(descriptor, F_WRLCK, at), may_write ? 0 : EAGAIN);
    close(descriptor);
}

/* --- Shares --- */

START_TEST(a_file_has_one_record_by_whatever_name)
{
    static const char *const names[] = {PATH, "./inode.db", "hard.db", "soft.db"};
    eventure__inode *other = NULL;
    ck_assert_int_eq(link(PATH, "hard.db"), 0);
    ck_assert_int_eq(symlink(PATH, "soft.db"), 0);
    for (size_t i = 0; i < COUNT_OF(names); i++)
    {
        ck_assert_int_eq(eventure__inode_use(names[i], false, &other), 0);
        ck_assert_ptr_eq(other, inode);
        eventure__inode_leave(other);
    }
    ck_assert_int_eq(eventure__inode_use(OTHER, true, &other), 0);
    ck_assert_ptr_ne(other, inode);
    eventure__inode *again = NULL;
    ck_assert_int_eq(eventure__inode_use(PATH, false, &again), 0);
    ck_assert_ptr_eq(again, inode);
    eventure__inode_leave(again);
    eventure__inode_leave(other);
}
END_TEST

START_TEST(making_a_file_needs_a_free_name)
{
    struct stat info;
    eventure__inode *other = inode;
    ck_assert_int_eq(eventure__inode_use(PATH, true, &other), EEXIST);
    ck_assert_ptr_null(other);
    other = inode;
    ck_assert_int_eq(eventure__inode_use(OTHER, false, &other), ENOENT);
    ck_assert_ptr_null(other);
    ck_assert_int_eq(eventure__inode_use(OTHER, true, &other), 0);
    ck_assert_int_eq(stat(OTHER, &info), 0);
    ck_assert_int_eq(info.st_size, 0);
    mode_t usual = umask(022);
    umask(usual);
    ck_assert_int_eq(info.st_mode & 0777, 0644 & ~usual);
    eventure__inode_leave(other);
}
END_TEST

START_TEST(the_descriptor_is_closed_with_the_last_share)
{
    eventure__inode *second = NULL;
    eventure__inode *third = NULL;
    int opened = eventure__inode_descriptor(inode);
    ck_assert_int_ge(opened, 0);
    ck_assert_int_eq(eventure__inode_use(PATH, false, &second), 0);
    ck_assert_int_eq(eventure__inode_use(PATH, false, &third), 0);
    eventure__inode_leave(inode);
    eventure__inode_leave(third);
    ck_assert_int_ne(fcntl(opened, F_GETFD), -1);
    ck_assert_int_eq(fcntl(opened, F_GETFD), FD_CLOEXEC);
    eventure__inode_leave(second);
    ck_assert_int_eq(fcntl(opened, F_GETFD), -1);
    ck_assert_int_eq(eventure__inode_use(PATH, false, &inode), 0);
    ck_assert_int_eq(eventure__inode_descriptor(inode), -1); /* no log has opened it since */
}
END_TEST

START_TEST(nothing_is_left_and_unlocked)
{
    eventure__inode_leave(NULL);
    eventure__inode_unlock(NULL);
    eventure__inode_disconnected(NULL, NULL);
}
END_TEST

/* --- Locks --- */

START_TEST(the_lock_of_a_log_is_one_byte)
{
    eventure__inode *again = NULL;
    ck_assert_int_eq(eventure__inode_lock(inode, PATH), 0);
    expect_free(LOG_BYTE, false, false);
    expect_free(LOG_BYTE - 1, true, true);
    expect_free(LOG_BYTE + 1, true, true);
    expect_free(SHARED_FIRST, true, true);
    ck_assert_int_eq(eventure__inode_use(PATH, false, &again), 0);
    ck_assert_int_eq(eventure__inode_lock(again, PATH), EWOULDBLOCK);
    expect_free(LOG_BYTE, false, false);
    eventure__inode_unlock(inode);
    expect_free(LOG_BYTE, true, true);
    ck_assert_int_eq(eventure__inode_lock(again, PATH), 0);
    expect_free(LOG_BYTE, false, false);
    eventure__inode_unlock(again);
    eventure__inode_leave(again);
}
END_TEST

START_TEST(an_open_log_lets_no_other_process_write_the_bytes_of_sqlite)
{
    ck_assert_int_eq(eventure__inode_lock(inode, PATH), 0);
    ck_assert_int_eq(eventure__inode_lock_shared(inode), 0);
    expect_free(SHARED_FIRST - 1, true, true);
    expect_free(SHARED_FIRST, false, true);
    expect_free(SHARED_LAST, false, true);
    expect_free(SHARED_LAST + 1, true, true);
    expect_free(LOG_BYTE, false, false);
    eventure__inode_unlock_shared(inode);
    expect_free(SHARED_FIRST, true, true);
    expect_free(SHARED_LAST, true, true);
    expect_free(LOG_BYTE, false, false);
    eventure__inode_unlock(inode);
}
END_TEST

START_TEST(a_lock_of_another_process_is_reported)
{
    int descriptor = open(PATH, O_RDWR | O_CLOEXEC);
    ck_assert_int_eq(try_lock(descriptor, F_RDLCK, LOG_BYTE), 0);
    ck_assert_int_eq(eventure__inode_lock(inode, PATH), EWOULDBLOCK);
    ck_assert_int_eq(try_lock(descriptor, F_UNLCK, LOG_BYTE), 0);
    ck_assert_int_eq(eventure__inode_lock(inode, PATH), 0);
    ck_assert_int_eq(try_lock(descriptor, F_WRLCK, SHARED_LAST), 0);
    ck_assert_int_eq(eventure__inode_lock_shared(inode), EWOULDBLOCK);
    ck_assert_int_eq(try_lock(descriptor, F_RDLCK, SHARED_LAST), 0);
    ck_assert_int_eq(eventure__inode_lock_shared(inode), 0);
    close(descriptor);
    eventure__inode_unlock(inode);
}
END_TEST

/* The record of a reader has no descriptor: the log opens one. */
START_TEST(a_log_locks_the_file_of_the_record_only)
{
    eventure__inode *read = NULL;
    int free_before = free_descriptor();
    scratch_write(OTHER, "");
    ck_assert_int_eq(eventure__inode_use(OTHER, false, &read), 0);
    ck_assert_int_eq(eventure__inode_descriptor(read), -1);
    ck_assert_int_eq(eventure__inode_lock(read, "no-such.db"), ENOENT);

    /* The name leads to a file without a record, and then to one with a record, which SQLite may have locked. */
    ck_assert_int_eq(rename(OTHER, "hard.db"), 0);
    scratch_write(OTHER, "");
    ck_assert_int_eq(eventure__inode_lock(read, OTHER), ESTALE);
    ck_assert_int_eq(eventure__inode_descriptor(read), -1);
    ck_assert_int_eq(free_descriptor(), free_before);
    ck_assert_int_eq(eventure__inode_lock(read, PATH), ESTALE);
    ck_assert_int_ne(free_descriptor(), free_before); /* it stays open: closing it would end locks */

    ck_assert_int_eq(eventure__inode_lock(read, "hard.db"), 0);
    ck_assert_int_ge(eventure__inode_descriptor(read), 0);
    eventure__inode_unlock(read);
    ck_assert_int_eq(eventure__inode_lock(read, "no-such.db"), 0); /* it has its descriptor */
    eventure__inode_unlock(read);
    eventure__inode_leave(read);
}
END_TEST

/* --- fork --- */

static sqlite3 *connect_to(const char *path, int flags)
{
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | flags, NULL), SQLITE_OK);
    ck_assert(eventure__inode_connected(inode, db));
    return db;
}

static void run(sqlite3 *db, const char *sql)
{
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* Returns what a child process gets when it uses the file: 0, 1 for EVENTURE__INODE_INHERITED, 2 for another error.
 * With `lock`, it locks the file too. */
static int use_in_child(bool lock)
{
    int ended = 0;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
    {
        eventure__inode *mine = NULL;
        alarm(20);
        eventure__inode_unlock(inode); /* of the parent: this does nothing */
        eventure__inode_leave(inode);
        int cause = eventure__inode_use(PATH, false, &mine);
        if ((cause == 0) != (mine != NULL))
            _exit(3);
        if (cause == 0 && eventure__inode_descriptor(mine) != -1)
            _exit(4);
        if (cause == 0 && lock)
            cause = eventure__inode_lock(mine, PATH);
        if (cause == 0)
            eventure__inode_leave(mine);
        /* With no share left the record is gone: the next one is as new. */
        if (cause == 0 && (eventure__inode_use(PATH, false, &mine) != 0 || eventure__inode_descriptor(mine) != -1))
            _exit(5);
        _exit(cause == 0 ? 0 : cause == EVENTURE__INODE_INHERITED ? 1 : 2);
    }
    ck_assert_int_eq(waitpid(child, &ended, 0), child);
    ck_assert(WIFEXITED(ended));
    return WEXITSTATUS(ended);
}

START_TEST(a_child_opens_what_was_idle_and_refuses_what_was_in_use)
{
    sqlite3_stmt *statement = NULL;
    ck_assert_int_eq(use_in_child(false), 0);
    sqlite3 *idle = connect_to(PATH, SQLITE_OPEN_NOMUTEX);
    sqlite3 *db = connect_to(PATH, SQLITE_OPEN_NOMUTEX);
    sqlite3 *last = connect_to(PATH, SQLITE_OPEN_NOMUTEX);
    run(db, "PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)");
    ck_assert_int_eq(use_in_child(true), 0);

    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT x FROM t", -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(use_in_child(false), 0);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    ck_assert_int_eq(use_in_child(false), 1);
    sqlite3_reset(statement);
    ck_assert_int_eq(use_in_child(false), 0);

    run(db, "BEGIN");
    ck_assert_int_eq(use_in_child(false), 1);
    run(db, "COMMIT");
    ck_assert_int_eq(use_in_child(false), 0);

    sqlite3 *guarded = connect_to(PATH, SQLITE_OPEN_FULLMUTEX);
    ck_assert_int_eq(use_in_child(false), 1);
    eventure__inode_disconnected(inode, guarded);
    eventure__inode_disconnected(inode, guarded);
    ck_assert_int_eq(use_in_child(false), 0);
    sqlite3_close(guarded);

    /* The parent has lost nothing: what its child closed is still open here. */
    run(db, "INSERT INTO t VALUES (3)");
    run(idle, "SELECT * FROM t");
    sqlite3_finalize(statement);
    sqlite3 *const all[] = {last, db, idle};
    for (size_t i = 0; i < COUNT_OF(all); i++)
    {
        eventure__inode_disconnected(inode, all[i]);
        ck_assert_int_eq(sqlite3_close(all[i]), SQLITE_OK);
    }
}
END_TEST

START_TEST(a_child_does_not_end_the_lock_of_its_parent)
{
    ck_assert_int_eq(eventure__inode_lock(inode, PATH), 0);
    ck_assert_int_eq(eventure__inode_lock_shared(inode), 0);
    ck_assert_int_eq(use_in_child(false), 0);
    ck_assert_int_eq(use_in_child(true), 2);
    expect_free(LOG_BYTE, false, false);
    expect_free(SHARED_FIRST, false, true);
    eventure__inode_unlock_shared(inode);
    eventure__inode_unlock(inode);
    ck_assert_int_eq(use_in_child(true), 0);
}
END_TEST
