/*
 * Opening for writing: the settings of the connection, the modes, and the limit of the file's size.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "harness.h"
#include "scratch.h"
#include "session_world.h"
#include "store/open_write.h"
#include "store/size.h"
#include "testing.h"

TEST_FIXTURE(clean, close_store);

#define PATH "write.db"

static eventure__store *store;
static eventure__write_options options;

static void clean(void)
{
    scratch_run("rm -rf " PATH "*");
    options = (eventure__write_options){.sync = EVENTURE__SYNC_OFF};
}

static void close_store(void)
{
    eventure__store_close(store);
    store = NULL;
    clean();
}

static eventure_status open_it(void)
{
    eventure__store_close(store);
    store = NULL;
    return eventure__store_open_write(PATH, &options, &store);
}

static int64_t ask(const char *sql)
{
    int64_t value = -1;
    expect_ok(store, eventure__store_ask_int_with(store, "ask", sql, 0, -1, &value));
    return value;
}

static void expect_refused(eventure_status status, const char *text)
{
    expect_status(status, store, open_it());
    ck_assert_str_eq(store->error.text, text);
}

START_TEST(the_connection_has_the_settings_of_a_writer)
{
    static const int synchronous[] = {2, 1, 0}; /* FULL, NORMAL, OFF */
    for (int i = 0; i < 3; i++)
    {
        options.sync = (eventure__sync)i;
        expect_ok(store, open_it());
        ck_assert_int_eq(ask("PRAGMA synchronous"), synchronous[i]);
        ck_assert_int_eq(ask("PRAGMA cache_size"), -8192);
        ck_assert_int_eq(ask("PRAGMA wal_autocheckpoint"), 4000);
        ck_assert_int_eq(ask("PRAGMA journal_size_limit"), 67108864);
        ck_assert_int_eq(ask("PRAGMA trusted_schema"), 0);
        ck_assert_int_eq(ask("PRAGMA busy_timeout"), 5000);
        ck_assert(store->writable);
        ck_assert(store->is_locked);
        ck_assert_int_eq(store->opened_format, i == 0 ? 0 : 6);
        ck_assert_ptr_null(sqlite3_db_mutex(store->db));
    }
    options.busy_timeout_ms = 1;
    options.is_shared = true;
    expect_ok(store, open_it());
    ck_assert_int_eq(ask("PRAGMA busy_timeout"), 1);
    ck_assert_ptr_nonnull(sqlite3_db_mutex(store->db));
    options.busy_timeout_ms = -1;
    expect_ok(store, open_it());
    ck_assert_int_eq(ask("PRAGMA busy_timeout"), 5000);
    expect_ok(NULL, eventure__store_close(store));
    store = NULL;
    ck_assert_int_eq(world_files(PATH), 1);
}
END_TEST

START_TEST(the_file_must_be_there_or_not)
{
    options.must_exist = true;
    expect_refused(EVENTURE_ERROR_NOT_FOUND, "open write.db: there is no such file");
    ck_assert_int_eq(access(PATH, F_OK), -1);
    scratch_write(PATH, "");
    expect_refused(EVENTURE_ERROR_FORMAT, "open write.db: not an Eventure store: it is empty");
    options.must_exist = false;
    options.must_be_new = true;
    expect_refused(EVENTURE_ERROR_EXISTS, "open write.db: the file exists");
    scratch_run("rm " PATH);
    expect_ok(store, open_it());
    expect_refused(EVENTURE_ERROR_EXISTS, "open write.db: the file exists");
    options.must_be_new = false;
    options.must_exist = true;
    expect_ok(store, open_it());
}
END_TEST

START_TEST(a_file_that_is_marked_as_read_only_is_refused)
{
    static const struct
    {
        mode_t mode;
        bool is_writable;
    } modes[] = {{0444, false}, {0644, true}, {0400, false}};
    expect_ok(store, open_it());
    for (size_t i = 0; i < COUNT_OF(modes); i++)
    {
        eventure__store_close(store);
        store = NULL;
        ck_assert_int_eq(chmod(PATH, modes[i].mode), 0);
        if (modes[i].is_writable)
            expect_ok(store, open_it());
        else
            expect_refused(EVENTURE_ERROR_READ_ONLY, "open write.db: the file is read-only");
    }
}
END_TEST

/* A new file that another connection has locked, and a store without a write-ahead log that one reads: SQLite itself
 * does not wait for readers when it switches to write-ahead logging. */
static const char *const busy[][2] = {
    {"PRAGMA user_version", "BEGIN EXCLUSIVE"},
    {"PRAGMA journal_mode = DELETE", "BEGIN; SELECT count(*) FROM store"},
};

LOOP_TEST(a_busy_file_is_waited_for_as_long_as_the_option_says, COUNT_OF(busy))
{
    sqlite3 *other = NULL;
    if (_i == 1)
    {
        expect_ok(store, open_it());
        eventure__store_close(store);
        store = NULL;
    }
    ck_assert_int_eq(sqlite3_open(PATH, &other), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(other, busy[_i][0], NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(other, busy[_i][1], NULL, NULL, NULL), SQLITE_OK);
    options.busy_timeout_ms = 150;
    double began = harness_now();
    expect_status(EVENTURE_ERROR_BUSY, store, open_it());
    double passed = harness_now() - began;
    ck_assert_msg(passed >= 0.149 && passed < 30, "%g s", passed);
    ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
    expect_ok(store, open_it());
}
END_TEST

START_TEST(without_digests_the_store_says_so)
{
    options.without_digests = true;
    expect_ok(store, open_it());
    ck_assert_int_eq(ask("SELECT digests = 'none' FROM store"), 1);
    eventure__store_close(store);
    store = NULL;
    clean();
    expect_ok(store, open_it());
    ck_assert_int_eq(ask("SELECT digests = 'sha512' FROM store"), 1);
}
END_TEST

START_TEST(a_store_in_memory_has_no_file)
{
    options.in_memory = true;
    expect_ok(store, open_it());
    ck_assert(eventure__store_in_memory(store));
    ck_assert_int_eq(ask("SELECT count(*) FROM store"), 1);
    ck_assert_ptr_null(store->identity);
    ck_assert_int_eq(access(PATH, F_OK), -1);
    expect_ok(store, eventure__store_check_file(store));
    ck_assert(!eventure__store_is_lost(store));
}
END_TEST

/* --- The limit of the size --- */

START_TEST(a_new_store_must_fit_its_limit)
{
    expect_ok(store, open_it());
    int64_t pages = ask("PRAGMA page_count");
    int64_t page = ask("PRAGMA page_size");
    eventure__store_close(store);
    store = NULL;
    clean();
    options.max_file_bytes = pages * page;
    expect_ok(store, open_it());
    eventure__store_close(store);
    store = NULL;
    clean();
    options.max_file_bytes = pages * page - 1;
    char text[200];
    snprintf(text, sizeof text, "write.db would have %lld bytes; the limit max_file_bytes is %lld",
             (long long)(pages * page), (long long)options.max_file_bytes);
    expect_refused(EVENTURE_ERROR_LIMIT, text);
    ck_assert_int_eq(world_files(PATH), 0);
}
END_TEST

START_TEST(a_file_that_is_larger_keeps_its_size)
{
    int64_t rows = 0;
    expect_ok(store, open_it());
    int64_t pages = ask("PRAGMA page_count");
    int64_t page = ask("PRAGMA page_size");
    expect_ok(store, eventure__store_check_size(store));
    ck_assert_int_eq(store->max_file_bytes, 0);
    expect_ok(store, eventure__store_most_rows(store, &rows));
    ck_assert_int_eq(rows, pages * (page / 8));

    options.max_file_bytes = 1;
    expect_ok(store, open_it());
    ck_assert_int_eq(store->max_pages, pages);
    expect_ok(store, eventure__store_check_size(store));
    expect_ok(store, eventure__store_exec(store, "CREATE TABLE more (x)", "try"));
    expect_status(EVENTURE_ERROR_LIMIT, store, eventure__store_check_size(store));
    options.max_file_bytes = (pages + 3) * page + 5;
    expect_ok(store, open_it());
    ck_assert_int_eq(store->max_pages, pages + 3);
}
END_TEST
