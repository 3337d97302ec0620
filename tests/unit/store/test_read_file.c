/*
 * The checks of a reader without locks: the rights, the files beside the store, the times of the file; and the reads
 * and locks of a watched connection.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "scratch.h"
#include "store/read_file.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

#define PATH "read.db"
#define STEP_S 0.020

static void clean(void)
{
    scratch_run("rm -rf " PATH "*");
}

static void set_up(void)
{
    clean();
    scratch_write(PATH, "x");
}

static void tear_down(void)
{
    clean();
}

/* --- Rights --- */

static void expect_rights(mode_t mode, bool may_write)
{
    ck_assert_int_eq(chmod(PATH, mode), 0);
    eventure__read_rights rights = eventure__read_file_rights(PATH);
    ck_assert_int_eq(rights.may_write, may_write);
    ck_assert_int_eq(rights.may_create, may_write);
}

START_TEST(the_owner_may_write_what_is_not_marked_as_read_only)
{
    expect_rights(0644, true);
    expect_rights(0600, true);
    expect_rights(0444, false);
    expect_rights(0400, false);
    if (geteuid() == 0) /* root may write a file that only others may write */
    {
        expect_rights(0464, true);
        expect_rights(0446, true);
        ck_assert_int_eq(chown(PATH, 65534, 65534), 0);
        expect_rights(0644, true);
    }
    unlink(PATH);
    eventure__read_rights rights = eventure__read_file_rights(PATH);
    ck_assert(!rights.may_write && !rights.may_create);
}
END_TEST

/* --- The files beside the store --- */

typedef struct beside
{
    const char *wal; /* content; NULL: there is no file */
    const char *shm;
    bool has_wal;
} beside;

START_TEST(an_empty_log_counts_only_with_an_index_beside_it)
{
    static const beside cases[] = {{NULL, NULL, false}, {NULL, "x", false}, {"", NULL, false}, {"", "", true},
                                   {"", "x", true},     {"x", NULL, true},  {"x", "", true}};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
    {
        unlink(PATH "-wal");
        unlink(PATH "-shm");
        if (cases[i].wal != NULL)
            scratch_write(PATH "-wal", cases[i].wal);
        if (cases[i].shm != NULL)
            scratch_write(PATH "-shm", cases[i].shm);
        ck_assert_int_eq(eventure__read_file_has_wal(PATH), cases[i].has_wal);
        ck_assert(!eventure__read_file_has_journal(PATH));
    }
}
END_TEST

START_TEST(a_journal_counts_when_it_is_not_empty)
{
    scratch_write(PATH "-journal", "");
    ck_assert(!eventure__read_file_has_journal(PATH));
    scratch_write(PATH "-journal", "x");
    ck_assert(eventure__read_file_has_journal(PATH));
    ck_assert(!eventure__read_file_has_wal(PATH));
}
END_TEST

START_TEST(what_cannot_be_examined_counts_as_a_log)
{
    ck_assert(eventure__read_file_has_wal(PATH "/below.db"));
    ck_assert(eventure__read_file_has_journal(PATH "/below.db"));
}
END_TEST

/* --- The times --- */

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double changed_s(const struct stat *info)
{
    return (double)info->st_ctim.tv_sec + (double)info->st_ctim.tv_nsec * 1e-9;
}

static void set_time(time_t shift_s)
{
    struct timespec times[2];
    clock_gettime(CLOCK_REALTIME, &times[0]);
    times[0].tv_sec += shift_s;
    times[1] = times[0];
    ck_assert_int_eq(utimensat(AT_FDCWD, PATH, times, 0), 0);
}

/* The change time of a file cannot be set; the modification time can. */
START_TEST(a_look_waits_until_a_further_change_would_show)
{
    static const time_t shifts[] = {0, -3600, -1, 1, 3600};
    for (size_t i = 0; i < COUNT_OF(shifts); i++)
    {
        struct stat seen;
        set_time(shifts[i]);
        double began = now_s();
        ck_assert(eventure__read_file_look(PATH, &seen));
        double ended = now_s();
        ck_assert_msg(ended - changed_s(&seen) >= STEP_S - 1e-6, "%g s", ended - changed_s(&seen));
        ck_assert_msg(ended - began < 10, "%g s", ended - began);
        ck_assert_int_eq(seen.st_size, 1);
    }
}
END_TEST

START_TEST(a_file_that_is_settled_is_not_waited_for)
{
    struct stat seen;
    ck_assert(eventure__read_file_look(PATH, &seen));
    double fastest = 1;
    for (int i = 0; i < 5; i++)
    {
        double began = now_s();
        ck_assert(eventure__read_file_look(PATH, &seen));
        double passed = now_s() - began;
        fastest = passed < fastest ? passed : fastest;
    }
    ck_assert_msg(fastest < STEP_S / 2, "%g s", fastest);
    errno = 0;
    ck_assert(!eventure__read_file_look("no-such.db", &seen));
    ck_assert_int_eq(errno, ENOENT);
}
END_TEST

/* The library waits with nanosleep, which the linker takes from this file. A change after each wait is at a moment when
 * the library looks at the file again at once. */
static bool changes_after_each_wait;

int nanosleep(const struct timespec *duration, struct timespec *rest)
{
    const int result = clock_nanosleep(CLOCK_REALTIME, 0, duration, rest);
    if (changes_after_each_wait)
        set_time(0);
    errno = result;
    return result == 0 ? 0 : -1;
}

START_TEST(a_file_that_changes_all_the_time_is_busy_after_a_second)
{
    struct stat seen;
    bool is_settled = true;
    int cause = 0;
    double passed = 0;
    changes_after_each_wait = true;
    /* On a busy machine, 20 ms may pass between a change and the look at it. */
    for (int tries = 0; is_settled && tries < 20; tries++)
    {
        set_time(0);
        double began = now_s();
        is_settled = eventure__read_file_look(PATH, &seen);
        cause = errno;
        passed = now_s() - began;
    }
    changes_after_each_wait = false;
    ck_assert_msg(!is_settled, "never busy in 20 looks");
    ck_assert_int_eq(cause, EBUSY);
    ck_assert_msg(passed >= 0.99, "%g s", passed);
}
END_TEST

/* --- A watched connection --- */

static sqlite3 *db;

static void make_database(const char *mode)
{
    char sql[200];
    clean();
    snprintf(sql, sizeof sql, "PRAGMA journal_mode = %s; CREATE TABLE t (x); INSERT INTO t VALUES (1)", mode);
    ck_assert_int_eq(sqlite3_open(PATH, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

static void open_database(const char *name, int flags)
{
    ck_assert_int_eq(sqlite3_open_v2(name, &db, flags | SQLITE_OPEN_URI, NULL), SQLITE_OK);
}

static int read_table(void)
{
    sqlite3_exec(db, "PRAGMA cache_size = 0; PRAGMA shrink_memory", NULL, NULL, NULL);
    return sqlite3_exec(db, "SELECT * FROM t", NULL, NULL, NULL);
}

static eventure__read_file *watch_without_locks(void)
{
    struct stat seen;
    make_database("WAL");
    ck_assert(eventure__read_file_look(PATH, &seen));
    open_database("file:" PATH "?immutable=1", SQLITE_OPEN_READONLY);
    eventure__read_file *file = eventure__read_file_watch(db, PATH, &seen);
    ck_assert_ptr_nonnull(file);
    ck_assert(!eventure__read_file_failed(file));
    ck_assert(eventure__read_file_is_current(file));
    return file;
}

typedef void change(void);

static void change_size(void)
{
    ck_assert_int_eq(truncate(PATH, 1 << 20), 0);
}

static void change_times(void)
{
    set_time(-3600);
}

static void change_permissions(void)
{
    ck_assert_int_eq(chmod(PATH, 0640), 0);
}

static void change_file(void)
{
    scratch_run("cp -p " PATH " " PATH ".new && mv " PATH ".new " PATH);
}

static void change_name(void)
{
    ck_assert_int_eq(rename(PATH, PATH ".away"), 0);
}

LOOP_TEST(a_read_without_locks_fails_after_any_change_of_the_file, 5)
{
    static change *const changes[] = {change_size, change_times, change_permissions, change_file, change_name};
    eventure__read_file *file = watch_without_locks();
    ck_assert_int_eq(read_table(), SQLITE_OK);
    ck_assert(!eventure__read_file_failed(file));
    changes[_i]();
    ck_assert(!eventure__read_file_is_current(file));
    ck_assert(!eventure__read_file_failed(file)); /* nothing was read since */
    ck_assert_int_eq(read_table(), SQLITE_IOERR);
    ck_assert(eventure__read_file_failed(file));
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}
END_TEST

START_TEST(a_writer_that_has_begun_makes_the_read_state_old)
{
    eventure__read_file *file = watch_without_locks();
    scratch_write(PATH "-wal", "");
    ck_assert(eventure__read_file_is_current(file));
    scratch_write(PATH "-shm", "");
    ck_assert(!eventure__read_file_is_current(file));
    ck_assert(!eventure__read_file_failed(file));
    unlink(PATH "-shm");
    scratch_write(PATH "-wal", "x");
    ck_assert(!eventure__read_file_is_current(file));
    unlink(PATH "-wal");
    ck_assert(eventure__read_file_is_current(file));
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}
END_TEST

/* The index must exist, because SQLite opens it when it has its lock. */
START_TEST(a_lock_is_given_back_when_the_log_is_gone)
{
    sqlite3 *writer = NULL;
    make_database("WAL");
    ck_assert_int_eq(sqlite3_open(PATH, &writer), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(writer, "INSERT INTO t VALUES (2)", NULL, NULL, NULL), SQLITE_OK);
    open_database(PATH, SQLITE_OPEN_READWRITE);
    eventure__read_file *file = eventure__read_file_watch(db, PATH, NULL);
    ck_assert_int_eq(read_table(), SQLITE_OK);
    ck_assert(!eventure__read_file_failed(file));
    ck_assert(eventure__read_file_is_current(file));
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(writer), SQLITE_OK); /* this removes the log */

    static const char *const kept[] = {"-wal", "-shm", NULL};
    for (size_t i = 0; i < COUNT_OF(kept); i++)
    {
        char name[64];
        snprintf(name, sizeof name, PATH "%s", kept[i] != NULL ? kept[i] : ".none");
        scratch_write(name, "");
        open_database(PATH, SQLITE_OPEN_READWRITE);
        file = eventure__read_file_watch(db, PATH, NULL);
        ck_assert(eventure__read_file_is_current(file));
        ck_assert_int_eq(read_table(), SQLITE_CANTOPEN);
        ck_assert(eventure__read_file_failed(file));
        ck_assert(eventure__read_file_is_current(file)); /* the file itself has not changed */
        /* No lock is left: another connection may have the file for itself. */
        ck_assert_int_eq(sqlite3_open(PATH, &writer), SQLITE_OK);
        ck_assert_int_eq(
            sqlite3_exec(writer, "PRAGMA locking_mode = EXCLUSIVE; INSERT INTO t VALUES (3)", NULL, NULL, NULL),
            SQLITE_OK);
        ck_assert_int_eq(sqlite3_close(writer), SQLITE_OK);
        ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
        unlink(name);
    }
}
END_TEST

START_TEST(a_database_without_a_log_needs_no_files_beside_it)
{
    make_database("DELETE");
    open_database(PATH, SQLITE_OPEN_READWRITE);
    eventure__read_file *file = eventure__read_file_watch(db, PATH, NULL);
    ck_assert_int_eq(read_table(), SQLITE_OK);
    ck_assert(!eventure__read_file_failed(file));
    ck_assert_int_eq(sqlite3_exec(db, "INSERT INTO t VALUES (2)", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}
END_TEST

START_TEST(no_file_is_current_and_a_connection_without_one_cannot_be_watched)
{
    ck_assert(!eventure__read_file_failed(NULL));
    ck_assert(eventure__read_file_is_current(NULL));
    ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
    ck_assert_ptr_null(eventure__read_file_watch(db, PATH, NULL));
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}
END_TEST
