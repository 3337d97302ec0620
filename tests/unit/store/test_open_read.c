/*
 * Opening for reading: older formats, names, and readers that may not make files beside the store. Such a reader is
 * simulated in this process by marking the file as read-only.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "alloc_fail.h"
#include "harness.h"
#include "scratch.h"
#include "session_world.h"
#include "store/store.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

static void clean(void)
{
    scratch_run("rm -rf " SCRATCH_PATH "* guest.db* away.db*");
}

static void protect(const char *path)
{
    ck_assert_int_eq(chmod(path, 0444), 0);
}

/* Appends ticks to the store and protects it. */
static void write_ticks(int ticks)
{
    chmod(SCRATCH_PATH, 0644);
    eventure_log *log = scratch_open(SCRATCH_PATH);
    for (int i = 0; i < ticks; i++)
    {
        scratch_append(log, "a.b", NULL, NULL);
        expect_ok(log, eventure_log_advance_tick(log));
    }
    expect_ok(NULL, eventure_log_close(log));
    protect(SCRATCH_PATH);
}

static void set_up(void)
{
    clean();
    write_ticks(3);
}

static void tear_down(void)
{
    clean();
}

static eventure_reader *open_reader(void)
{
    eventure_reader *reader = NULL;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    return reader;
}

static void expect_refused(const char *path, eventure_status status, const char *text)
{
    eventure_reader *reader = NULL;
    expect_status(status, NULL, eventure_reader_open(path, &reader));
    ck_assert_str_eq(eventure_reader_message(reader), text);
    ck_assert_ptr_null(reader);
}

/* --- What can be opened --- */

START_TEST(a_store_of_an_older_format_is_opened_for_its_format_only)
{
    eventure__store *store = NULL;
    chmod(SCRATCH_PATH, 0644);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "PRAGMA user_version = 5"));
    expect_refused(SCRATCH_PATH, EVENTURE_ERROR_FORMAT,
                   "open scratch.db: made by an older version of Eventure: its format is 5, this library reads format "
                   "6; bring it up to date with: eventure upgrade scratch.db");
    expect_ok(store, eventure__store_open_any(SCRATCH_PATH, &store));
    ck_assert_int_eq(store->opened_format, 5);
    ck_assert(store->may_be_older);
    eventure__store *again = NULL;
    expect_ok(again, eventure__store_reopen(store, &again));
    ck_assert(again->may_be_older);
    eventure__store_close(again);
    eventure__store_close(store);
}
END_TEST

START_TEST(what_is_no_store_is_refused_also_without_locks)
{
    scratch_write("guest.db", "");
    protect("guest.db");
    expect_refused("guest.db", EVENTURE_ERROR_FORMAT, "open guest.db: not an Eventure store: it is empty");
    unlink("guest.db");
    expect_refused("guest.db", EVENTURE_ERROR_NOT_FOUND, "open guest.db: there is no such file");
    ck_assert_int_eq(symlink("guest.db", "guest.db"), 0);
    expect_refused("guest.db", EVENTURE_ERROR_IO, "open guest.db: Too many levels of symbolic links");
}
END_TEST

START_TEST(a_name_that_a_uri_would_interpret_is_the_name_of_a_file)
{
    static const char *const names[] = {"guest.db?mode=memory", "guest.db#1", "guest.db%41", "guest.db 100%&\xC3\xA9"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
    {
        eventure_reader *reader = NULL;
        char copy[128];
        snprintf(copy, sizeof copy, "cp -p " SCRATCH_PATH " '%s'", names[i]);
        scratch_run(copy);
        expect_ok(NULL, eventure_reader_open(names[i], &reader));
        ck_assert_ptr_nonnull(reader->read_file);
        ck_assert_int_eq(scratch_last_seq(reader), 3);
        eventure_reader_close(reader);
        ck_assert_int_eq(unlink(names[i]), 0);
    }
}
END_TEST

START_TEST(a_reader_of_the_owner_makes_no_change_either)
{
    chmod(SCRATCH_PATH, 0644);
    eventure_reader *reader = open_reader();
    ck_assert_ptr_null(reader->read_file);
    ck_assert_int_eq(sqlite3_exec(reader->db, "DELETE FROM events", NULL, NULL, NULL), SQLITE_READONLY);
    ck_assert_int_eq(scratch_last_seq(reader), 3);
    expect_ok(reader, eventure__store_check_read(reader, EVENTURE_OK));
    expect_status(EVENTURE_ERROR_CORRUPT, NULL, eventure__store_check_read(reader, EVENTURE_ERROR_CORRUPT));
    eventure_reader_close(reader);
    ck_assert_int_eq(world_files(SCRATCH_PATH), 1);
}
END_TEST

/* --- Without locks --- */

static const char changed_text[] =
    "scratch.db: the store was written while it was read, and this reader has no locks on it: repeat the query, "
    "or reopen it";

START_TEST(a_reader_without_locks_sees_each_commit_and_leaves_no_file)
{
    eventure_reader *reader = open_reader();
    ck_assert_ptr_nonnull(reader->read_file);
    ck_assert_int_eq(scratch_last_seq(reader), 3);
    sqlite3 *connection = reader->db;
    ck_assert_int_eq(scratch_last_seq(reader), 3);
    ck_assert_ptr_eq(reader->db, connection); /* it is opened again only after a change */
    for (int64_t seq = 5; seq < 10; seq += 2)
    {
        write_ticks(2);
        ck_assert_int_eq(world_files(SCRATCH_PATH), 1);
        ck_assert_int_eq(scratch_last_seq(reader), seq);
        ck_assert_ptr_nonnull(reader->read_file);
    }
    eventure_reader_close(reader);
    ck_assert_int_eq(world_files(SCRATCH_PATH), 1);
}
END_TEST

START_TEST(a_reader_without_locks_takes_them_when_a_log_comes)
{
    eventure_reader *reader = open_reader();
    chmod(SCRATCH_PATH, 0644);
    eventure_log *log = scratch_open(SCRATCH_PATH);
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(log, eventure_log_advance_tick(log));
    ck_assert_int_eq(scratch_last_seq(reader), 4);
    ck_assert_ptr_null(reader->read_file); /* the owner's, who may write */
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(log, eventure_log_advance_tick(log));
    ck_assert_int_eq(scratch_last_seq(reader), 5);
    expect_ok(NULL, eventure_log_close(log));
    ck_assert_int_eq(scratch_last_seq(reader), 5);
    eventure_reader_close(reader);
    ck_assert_int_eq(world_files(SCRATCH_PATH), 1);
}
END_TEST

/* The file is protected while a log has it open, so that a reader has locks, and makes no file. */
START_TEST(a_reader_of_a_protected_file_reads_beside_its_log)
{
    chmod(SCRATCH_PATH, 0644);
    eventure_log *log = scratch_open(SCRATCH_PATH);
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(log, eventure_log_advance_tick(log));
    protect(SCRATCH_PATH);
    eventure_reader *reader = open_reader();
    ck_assert_ptr_nonnull(reader->read_file);
    ck_assert_int_eq(scratch_last_seq(reader), 4);
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(log, eventure_log_advance_tick(log));
    ck_assert_int_eq(scratch_last_seq(reader), 5);
    ck_assert_int_ne(sqlite3_exec(reader->db, "DELETE FROM events", NULL, NULL, NULL), SQLITE_OK);
    eventure_reader_close(reader);
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

START_TEST(a_change_during_a_read_transaction_or_a_query_is_an_error)
{
    eventure_reader *reader = open_reader();
    eventure_cursor *cursor = NULL;
    eventure_event event;
    int64_t seq = 0;
    expect_ok(reader, eventure_query(reader, NULL, &cursor));
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
    write_ticks(1);
    expect_status(EVENTURE_ERROR_BUSY, reader, eventure_reader_last_seq(reader, &seq));
    ck_assert_str_eq(eventure_reader_message(reader), changed_text);
    eventure_cursor_free(cursor);
    expect_ok(reader, eventure_reader_last_seq(reader, &seq));
    ck_assert_int_eq(seq, 4);

    expect_ok(reader, eventure_reader_begin(reader));
    write_ticks(1);
    eventure_status status = eventure_query_count(reader, NULL, &seq);
    ck_assert(status == EVENTURE_ERROR_BUSY || (status == EVENTURE_OK && seq == 4)); /* from its cache */
    if (status == EVENTURE_OK)
        expect_ok(reader, eventure__store_check_read(reader, EVENTURE_OK));
    sqlite3_exec(reader->db, "PRAGMA shrink_memory", NULL, NULL, NULL);
    status = eventure_query_count(reader, NULL, &seq);
    expect_status(EVENTURE_ERROR_BUSY, reader, status);
    ck_assert_str_eq(eventure_reader_message(reader), changed_text);
    expect_status(EVENTURE_ERROR_BUSY, reader, eventure__store_check_read(reader, EVENTURE_OK));
    expect_status(EVENTURE_ERROR_BUSY, reader, eventure__store_check_read(reader, EVENTURE_ERROR_CORRUPT));
    eventure_reader_end(reader);
    expect_ok(reader, eventure_reader_last_seq(reader, &seq));
    ck_assert_int_eq(seq, 5);
    eventure_reader_close(reader);
}
END_TEST

START_TEST(a_store_that_is_gone_is_an_error_until_it_is_back)
{
    eventure_reader *reader = open_reader();
    int64_t seq = 0;
    ck_assert_int_eq(rename(SCRATCH_PATH, "away.db"), 0);
    for (int i = 0; i < 2; i++)
    {
        expect_status(EVENTURE_ERROR_NOT_FOUND, reader, eventure_reader_last_seq(reader, &seq));
        ck_assert_str_eq(eventure_reader_message(reader), "open scratch.db: there is no such file");
    }
    ck_assert_int_eq(rename("away.db", SCRATCH_PATH), 0);
    expect_ok(reader, eventure_reader_last_seq(reader, &seq));
    ck_assert_int_eq(seq, 3);
    ck_assert_str_eq(eventure_reader_message(reader), "");
    /* Another store of that name. */
    ck_assert_int_eq(rename(SCRATCH_PATH, "away.db"), 0);
    write_ticks(2);
    expect_ok(reader, eventure_reader_last_seq(reader, &seq));
    ck_assert_int_eq(seq, 2);
    eventure_reader_close(reader);
}
END_TEST

START_TEST(a_store_is_opened_again_by_its_absolute_name)
{
    eventure_reader *reader = open_reader();
    int64_t seq = 0;
    write_ticks(1);
    ck_assert_int_eq(mkdir("guest.db", 0755), 0);
    ck_assert_int_eq(chdir("guest.db"), 0);
    expect_ok(reader, eventure_reader_last_seq(reader, &seq));
    ck_assert_int_eq(seq, 4);
    ck_assert_int_eq(chdir(".."), 0);
    ck_assert_int_eq(rename(SCRATCH_PATH, "away.db"), 0);
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader, eventure_reader_last_seq(reader, &seq));
    ck_assert_str_eq(eventure_reader_message(reader), "open scratch.db: there is no such file");
    eventure_reader_close(reader);
}
END_TEST

/* --- Files beside the store that prevent reading --- */

/* Makes guest.db: a copy of the store, with one more tick, while a log has it open. */
static void copy_beside_log(const char *endings)
{
    char command[256];
    chmod(SCRATCH_PATH, 0644);
    eventure_log *log = scratch_open(SCRATCH_PATH);
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(log, eventure_log_advance_tick(log));
    snprintf(command, sizeof command, "rm -rf guest.db*; for e in '' %s; do cp " SCRATCH_PATH "$e guest.db$e; done",
             endings);
    scratch_run(command);
    expect_ok(NULL, eventure_log_close(log));
    protect("guest.db");
}

static void expect_beside(const char *file, const char *cause)
{
    char text[512];
    double began = harness_now();
    snprintf(text, sizeof text,
             "open guest.db: its newest ticks are in guest.db-wal, and it cannot be read without guest.db-%s: %s; its "
             "owner brings them into the file by opening it, for instance with: eventure log guest.db",
             file, cause);
    expect_refused("guest.db", EVENTURE_ERROR_READ_ONLY, text);
    double passed = harness_now() - began;
    ck_assert_msg(passed >= 0.25 && passed < 60, "%g s", passed); /* the file might still have appeared */
}

START_TEST(a_log_that_cannot_be_read_is_named)
{
    copy_beside_log("-wal");
    expect_beside("shm", "No such file or directory");
    ck_assert_int_eq(symlink("guest.db-shm", "guest.db-shm"), 0);
    /* A link beside the store is refused first. */
    eventure_reader *reader = NULL;
    expect_status(EVENTURE_ERROR_IO, NULL, eventure_reader_open("guest.db", &reader));
    expect_part(eventure_last_message(), "guest.db-shm is a link, or not a regular file");
}
END_TEST

START_TEST(a_log_with_its_index_is_read)
{
    eventure_reader *reader = NULL;
    copy_beside_log("-wal -shm");
    expect_ok(NULL, eventure_reader_open("guest.db", &reader));
    ck_assert_int_eq(scratch_last_seq(reader), 4);
    eventure_reader_close(reader);
}
END_TEST

START_TEST(a_journal_must_be_rolled_back_by_the_owner)
{
    sqlite3 *db = NULL;
    chmod(SCRATCH_PATH, 0644);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "PRAGMA journal_mode = DELETE"));
    ck_assert_int_eq(sqlite3_open(SCRATCH_PATH, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db,
                                  "PRAGMA cache_size = 1; BEGIN; CREATE TABLE big (x); INSERT INTO big "
                                  "SELECT zeroblob(100000); INSERT INTO big SELECT x FROM big",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    scratch_run("cp " SCRATCH_PATH " guest.db && cp " SCRATCH_PATH "-journal guest.db-journal");
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    protect("guest.db");
    expect_refused("guest.db", EVENTURE_ERROR_READ_ONLY,
                   "open guest.db: a program crashed while it wrote the store, and its transaction in guest.db-journal "
                   "must be rolled back; the owner does that by opening the store, for instance with: eventure log "
                   "guest.db");
    chmod("guest.db", 0644);
    eventure_reader *reader = NULL;
    expect_ok(NULL, eventure_reader_open("guest.db", &reader));
    ck_assert_int_eq(scratch_last_seq(reader), 3);
    eventure_reader_close(reader);
}
END_TEST

/* --- Out of memory --- */

LOOP_TEST(each_lack_of_memory_is_an_error_or_is_waited_for, 3)
{
    bool hit = true;
    if (_i == 0)
        chmod(SCRATCH_PATH, 0644);
    if (_i == 2)
        copy_beside_log("-wal -shm");
    for (long n = 1; hit; n++)
    {
        eventure__store *store = NULL;
        alloc_fail_at(n);
        eventure_status status = eventure__store_open_read(_i == 2 ? "guest.db" : SCRATCH_PATH, &store);
        hit = alloc_fail_stop();
        ck_assert(status == EVENTURE_OK || (hit && status == EVENTURE_ERROR_MEMORY));
        if (status != EVENTURE_OK && store != NULL)
            expect_part(store->error.text, "out of memory");
        if (status == EVENTURE_OK)
        {
            ck_assert_int_eq(scratch_last_seq(store), _i == 2 ? 4 : 3);
            eventure__store *again = NULL;
            alloc_fail_at(n);
            status = eventure__store_reopen(store, &again);
            bool hit_again = alloc_fail_stop();
            ck_assert(status == EVENTURE_OK || (hit_again && status == EVENTURE_ERROR_MEMORY));
            eventure__store_close(again);
        }
        eventure__store_close(store);
        ck_assert_int_le(n, 1000);
    }
    for (long n = 1; n <= 3; n++) /* the first allocations make the store itself */
    {
        eventure__store *store = open_reader();
        eventure__store *again = store;
        alloc_fail_at(n);
        expect_status(EVENTURE_ERROR_MEMORY, NULL, eventure__store_reopen(store, &again));
        ck_assert(alloc_fail_stop());
        ck_assert_ptr_null(again);
        eventure__store_close(store);
    }
}
END_TEST

START_TEST(a_reader_that_cannot_be_opened_again_for_lack_of_memory_is_tried_again)
{
    eventure_reader *reader = open_reader();
    int64_t seq = 0;
    write_ticks(1);
    bool hit = true;
    for (long n = 1; hit; n++)
    {
        alloc_fail_at(n);
        eventure_status status = eventure_reader_last_seq(reader, &seq);
        hit = alloc_fail_stop();
        if (status == EVENTURE_OK)
            break;
        expect_status(EVENTURE_ERROR_MEMORY, reader, status);
        expect_part(eventure_reader_message(reader), "out of memory");
    }
    expect_ok(reader, eventure_reader_last_seq(reader, &seq));
    ck_assert_int_eq(seq, 4);
    eventure_reader_close(reader);
}
END_TEST
