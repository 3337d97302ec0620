/*
 * Opening a damaged store: how many pages are missing, and what else is refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "scratch.h"
#include "store/store.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

#define MOST (1 << 20) /* the number of pages that are assumed when the header cannot be read */

static eventure__store *store;
static unsigned char *bytes;
static long len;

static void set_up(void)
{
    eventure_log *log = scratch_new();
    for (int i = 0; i < 600; i++)
        scratch_append(log, "a.b", "{\"text\": \"some text that fills the pages\"}", NULL);
    expect_ok(log, eventure_log_advance_tick(log));
    expect_ok(NULL, eventure_log_close(log));
    bytes = harness_load(SCRATCH_PATH, &len);
    ck_assert_int_eq(len % 4096, 0);
}

static void tear_down(void)
{
    eventure__store_close(store);
    store = NULL;
    free(bytes);
    scratch_remove(SCRATCH_PATH);
}

static eventure_status open_bytes(long count)
{
    eventure__store_close(store);
    store = NULL;
    harness_store(SCRATCH_PATH, bytes, count);
    return eventure__store_open_damaged(SCRATCH_PATH, &store);
}

START_TEST(a_whole_store_misses_nothing)
{
    expect_ok(store, open_bytes(len));
    ck_assert_int_eq(store->missing_pages, 0);
    ck_assert(!store->is_unreadable);
    ck_assert_int_eq(store->opening_error.status, EVENTURE_OK);
}
END_TEST

START_TEST(the_pages_that_are_missing_at_the_end_are_counted)
{
    for (long missing = 1; missing <= 3; missing++)
    {
        expect_ok(store, open_bytes(len - missing * 4096));
        ck_assert_int_eq(store->missing_pages, missing);
        ck_assert(!store->is_unreadable);
        ck_assert_int_eq(store->opening_error.status, EVENTURE_ERROR_CORRUPT);
    }
}
END_TEST

/* Bytes 16 and 17 of the header are the size of a page, and 28 to 31 the number of pages. */
START_TEST(a_file_whose_schema_cannot_be_read_may_miss_any_page)
{
    memset(bytes, 'x', 16);
    expect_ok(store, open_bytes(len));
    ck_assert(store->is_unreadable);
    ck_assert_int_eq(store->opening_error.status, EVENTURE_ERROR_FORMAT);
    ck_assert_int_eq(store->missing_pages, MOST);

    expect_ok(store, open_bytes(len - 2 * 4096));
    ck_assert_int_eq(store->missing_pages, MOST + 2);

    memcpy(bytes + 28, "\1\2\3\4", 4);
    expect_ok(store, open_bytes(len));
    ck_assert_int_eq(store->missing_pages, MOST + 0x01020304 - len / 4096);
    memcpy(bytes + 16, "\0\1", 2); /* 64 KiB */
    expect_ok(store, open_bytes(len));
    ck_assert_int_eq(store->missing_pages, MOST + 0x01020304 - len / 65536);
    memcpy(bytes + 16, "\2\0", 2);
    expect_ok(store, open_bytes(len));
    ck_assert_int_eq(store->missing_pages, MOST + 0x01020304 - len / 512);
    memcpy(bytes + 16, "\1\377", 2); /* no size of a page */
    expect_ok(store, open_bytes(len));
    ck_assert_int_eq(store->missing_pages, MOST);
    memcpy(bytes + 16, "\20\0", 2);
    memcpy(bytes + 28, "\0\0\0\1", 4); /* fewer pages than the file has */
    expect_ok(store, open_bytes(len));
    ck_assert_int_eq(store->missing_pages, MOST);
}
END_TEST

START_TEST(a_file_that_is_too_short_is_refused)
{
    memset(bytes, 'x', 16);
    expect_status(EVENTURE_ERROR_FORMAT, store, open_bytes(99));
    ck_assert_str_eq(store->error.text, "open scratch.db: not an Eventure store: it is too short");
    eventure_status status = open_bytes(100);
    ck_assert_msg(status == EVENTURE_OK, "%s", store->error.text);
}
END_TEST

START_TEST(a_readable_database_that_is_no_store_is_refused)
{
    eventure_reader *reader = NULL;
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "PRAGMA application_id = 7"));
    expect_status(EVENTURE_ERROR_FORMAT, NULL, eventure_reader_open_damaged(SCRATCH_PATH, &reader));
    ck_assert_ptr_null(reader);
    expect_part(eventure_last_message(), "another application");
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "PRAGMA application_id = 1165389428; PRAGMA user_version = 5"));
    expect_status(EVENTURE_ERROR_FORMAT, NULL, eventure_reader_open_damaged(SCRATCH_PATH, &reader));
    expect_part(eventure_last_message(), "older version");
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_reader_open_damaged("no-such.db", &reader));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_reader_open_damaged(NULL, &reader));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_reader_open_damaged(SCRATCH_PATH, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_reader_open(NULL, &reader));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_reader_open(SCRATCH_PATH, NULL));
}
END_TEST

START_TEST(a_scratch_store_has_tables_and_no_rows)
{
    int64_t count = -1;
    expect_ok(store, eventure__store_open_scratch("a name", &store));
    expect_ok(store, eventure__store_ask_int_with(store, "ask", "SELECT count(*) FROM events", 0, -1, &count));
    ck_assert_int_eq(count, 0);
    ck_assert_str_eq(store->path, "a name");
    ck_assert_int_eq(access("a name", F_OK), -1);
}
END_TEST
