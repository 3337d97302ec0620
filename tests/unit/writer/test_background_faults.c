/*
 * Failures of a background writer: a file that another program has locked, a disk that fails, a queue that is full.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/data_index.h>
#include <eventure/eventure.h>

#include "fault_vfs.h"
#include "harness.h"
#include "refuse.h"
#include "scratch.h"
#include "store/store.h"
#include "testing.h"

TEST_FIXTURE(NULL, tear_down);

#define QUEUE_BYTES 65536
#define AT_ONCE_MS 5000 /* far less than the writer waits for the file */

static eventure_log *log_;
static sqlite3 *blocker;

static void open_log(eventure_queue_full when_full, int busy_timeout_ms)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    scratch_remove(SCRATCH_PATH);
    options.background = true;
    options.queue_bytes = QUEUE_BYTES;
    options.when_full = when_full;
    options.busy_timeout_ms = busy_timeout_ms;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log_));
}

static void tear_down(void)
{
    sqlite3_close(blocker);
    blocker = NULL;
    eventure_log_close(log_);
    log_ = NULL;
}

/* Another program has the write lock, so that the writer waits. */
static void block(void)
{
    ck_assert_int_eq(sqlite3_open(SCRATCH_PATH, &blocker), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(blocker, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
}

static void unblock(void)
{
    sqlite3_close(blocker);
    blocker = NULL;
}

/* Appends an event with this number of bytes of data, and checks that the call does not wait. */
static eventure_status append(const char *type, size_t data_len)
{
    char *data = malloc(data_len + 1);
    ck_assert_ptr_nonnull(data);
    memset(data, 'x', data_len);
    memcpy(data, "{\"k\":\"", 6);
    memcpy(data + data_len - 2, "\"}", 3);
    int64_t began = harness_now_ms();
    eventure_status status = eventure_log_append(log_, type, eventure_json(data), NULL, NULL);
    ck_assert_int_lt(harness_now_ms() - began, AT_ONCE_MS);
    free(data);
    return status;
}

START_TEST(a_full_queue_refuses_at_once_also_a_new_type)
{
    char type[64];
    int types = 0;
    open_log(EVENTURE_QUEUE_FULL_FAIL, 60000);
    for (size_t more = 0; more < 12; more++)
    {
        eventure_status status = EVENTURE_OK;
        block();
        while (status == EVENTURE_OK)
        {
            snprintf(type, sizeof type, "new.%d", types++);
            status = append(type, 40 + 16 * more);
        }
        expect_status(EVENTURE_ERROR_BUSY, NULL, status);
        unblock();
        expect_ok(log_, eventure_log_flush(log_));
        expect_ok(log_, eventure_log_advance_tick(log_));
        expect_ok(log_, eventure_log_flush(log_));
    }
}
END_TEST

START_TEST(a_full_queue_refuses_at_once_also_data_of_a_quarter_of_it)
{
    eventure_status status = EVENTURE_OK;
    open_log(EVENTURE_QUEUE_FULL_FAIL, 60000);
    block();
    while (status == EVENTURE_OK)
        status = append("some", 8000);
    expect_status(EVENTURE_ERROR_BUSY, NULL, append("some", QUEUE_BYTES / 4 - 8));
    unblock();
}
END_TEST

START_TEST(long_data_does_not_gather_beside_the_queue)
{
    int appended = 0;
    open_log(EVENTURE_QUEUE_FULL_FAIL, 60000);
    block();
    while (appended < 10 && append("long", 4 * QUEUE_BYTES) == EVENTURE_OK)
        appended++;
    ck_assert_int_eq(appended, 1);
    expect_ok(NULL, append("short", 100));
    unblock();
    while (append("long", 4 * QUEUE_BYTES) == EVENTURE_ERROR_BUSY)
        harness_sleep_us(1000);
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_ok(log_, eventure_log_flush(log_));
    int64_t count = 0;
    expect_ok(eventure_log_reader(log_), eventure_query_count(eventure_log_reader(log_), NULL, &count));
    ck_assert_int_eq(count, 3);
}
END_TEST

/* A full queue returns BUSY, and loses no events. */
START_TEST(a_file_that_is_locked_is_not_reported_as_a_full_queue)
{
    open_log(EVENTURE_QUEUE_FULL_FAIL, 50);
    block();
    expect_ok(NULL, append("some", 100));
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_status(EVENTURE_ERROR_IO, log_, eventure_log_wait_durable(log_, 1, -1));
    expect_part(eventure_log_message(log_), "database is locked");
    ck_assert_int_eq(eventure_log_tick(log_), 0);
    unblock();
    expect_ok(NULL, append("some", 100));
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_ok(log_, eventure_log_wait_durable(log_, 1, -1));
}
END_TEST

/* After a failed commit the thread must discard the types that it had stored: otherwise it would use the number of an
 * old type for a new one. */
START_TEST(an_index_on_data_knows_the_types_after_a_commit_that_failed)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    int64_t count = 0;
    fault_vfs_install();
    open_log(EVENTURE_QUEUE_FULL_WAIT, 0);
    expect_ok(log_, eventure_data_index_add(log_, "k", "good.*", NULL));
    expect_ok(NULL, append("bad.one", 20));
    fault_vfs_fail_at(FAULT_SYNC, 1, false);
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_status(EVENTURE_ERROR_IO, log_, eventure_log_flush(log_));
    ck_assert(fault_vfs_fail_stop());
    expect_ok(NULL, append("good.one", 20));
    expect_ok(log_, eventure_log_advance_tick(log_));
    const eventure_field member = eventure_string("k", "xxxxxxxxxxxx");
    filter.type = "good.*";
    filter.data = &member;
    filter.data_count = 1;
    expect_ok(eventure_log_reader(log_), eventure_query_count(eventure_log_reader(log_), &filter, &count));
    ck_assert_int_eq(count, 1);
    expect_ok(NULL, eventure_log_close(log_));
    log_ = NULL;
    fault_vfs_remove();
}
END_TEST

/* While a cursor is open, both threads call SQLite, which keeps one error for both. */
START_TEST(an_error_of_the_thread_keeps_its_text_beside_an_open_cursor)
{
    fault_vfs_install();
    open_log(EVENTURE_QUEUE_FULL_WAIT, 0);
    for (int i = 0; i < 5000; i++)
        expect_ok(NULL, append("some", 20));
    expect_ok(log_, eventure_log_advance_tick(log_));
    for (int round = 0; round < 100; round++)
    {
        eventure_cursor *cursor = NULL;
        eventure_event event;
        expect_ok(eventure_log_reader(log_), eventure_query(eventure_log_reader(log_), NULL, &cursor));
        expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
        expect_ok(NULL, append("some", 20));
        fault_vfs_fail_at(FAULT_SYNC, 1, false);
        expect_ok(log_, eventure_log_advance_tick(log_));
        while (eventure_cursor_next(cursor, &event) == EVENTURE_ROW)
            continue;
        eventure_cursor_free(cursor);
        expect_status(EVENTURE_ERROR_IO, log_, eventure_log_flush(log_));
        expect_part(eventure_log_message(log_), "disk I/O error");
        ck_assert(fault_vfs_fail_stop());
    }
    expect_ok(NULL, eventure_log_close(log_));
    log_ = NULL;
    fault_vfs_remove();
}
END_TEST

static int ignore_index(const eventure_data_index *index, void *context)
{
    (void)index;
    (void)context;
    return 0;
}

/* The calls that need the writer: they wait for the thread. */
enum
{
    APPEND_WITH_OUTSIDE_PARENT,
    APPEND_WITH_PARENT_ID,
    APPEND_WITH_PARENT_SEQ,
    APPEND_WITH_ID,
    APPEND,
    COMMIT,
    FLUSH,
    ROLL_BACK,
    ADD_INDEX,
    COUNT,
    IMPORT,
    LIST_INDEXES,
    WAITING_CALLS
};

/* Runs a call. `old_id` is that of an event that is not in memory. */
static eventure_status call_that_waits(int which, const char *old_id)
{
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    int64_t count = 0;
    input.type = "lost";
    switch (which)
    {
    case APPEND_WITH_OUTSIDE_PARENT:
        input.parent_id = "none";
        input.external_parent = true;
        break;
    case APPEND_WITH_PARENT_ID:
        input.parent_id = old_id;
        break;
    case APPEND_WITH_PARENT_SEQ:
        input.parent_seq = 1;
        break;
    case APPEND_WITH_ID:
        input.id = "own";
        break;
    case COMMIT:
        return eventure_log_commit(log_);
    case FLUSH:
        return eventure_log_flush(log_);
    case ROLL_BACK:
        return eventure_log_rollback(log_);
    case ADD_INDEX:
        return eventure_data_index_add(log_, "k", NULL, NULL);
    case COUNT:
        return eventure_query_count(eventure_log_reader(log_), NULL, &count);
    case IMPORT:
        return eventure_log_import(log_, stdin, NULL, NULL);
    case LIST_INDEXES:
        return eventure_data_index_list(eventure_log_reader(log_), ignore_index, NULL);
    default: /* APPEND: a new id is looked up */
        break;
    }
    return eventure_log_append_input(log_, &input, NULL);
}

/* They return the error of the thread instead of working on a log that was rolled back. */
LOOP_TEST(a_call_that_waits_for_the_thread_returns_its_error, WAITING_CALLS)
{
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    int64_t count = 0;
    open_log(EVENTURE_QUEUE_FULL_WAIT, 1);
    char *first = strdup(scratch_append(log_, "kept", NULL, NULL));
    for (int i = 2; i < 1100; i++) /* the first events are not in memory any more */
        expect_ok(log_, eventure_log_append(log_, "kept", eventure_no_data(), NULL, NULL));
    input.type = "kept";
    input.id = "0-ABCD-1"; /* an id of this tick: later ids are looked up before they are assigned */
    expect_ok(log_, eventure_log_append_input(log_, &input, NULL));
    expect_ok(log_, eventure_log_commit(log_));
    block();
    input.type = "lost";
    input.id = "lost";
    expect_ok(log_, eventure_log_append_input(log_, &input, NULL));
    const eventure_status status = call_that_waits(_i, first);
    expect_status(EVENTURE_ERROR_IO, log_, status);
    expect_part(eventure_log_message(log_), "the background writer: everything from tick 0 on was rolled "
                                            "back: scratch.db: begin a transaction: database is locked");
    ck_assert_int_eq(eventure_log_tick_events(log_), 1100);
    unblock();
    expect_ok(log_, eventure_log_append(log_, "again", eventure_no_data(), NULL, NULL));
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_ok(eventure_log_reader(log_), eventure_query_count(eventure_log_reader(log_), NULL, &count));
    ck_assert_int_eq(count, 1101);
    free(first);
}
END_TEST

/* Also when a call failed before, so that closing discards the tick. */
LOOP_TEST(closing_returns_an_error_of_the_thread, 2)
{
    open_log(EVENTURE_QUEUE_FULL_WAIT, 1);
    block();
    expect_ok(log_, eventure_log_append(log_, "lost", eventure_no_data(), NULL, NULL));
    if (_i == 1)
        expect_status(EVENTURE_ERROR_TYPE, log_, eventure_log_append(log_, "", eventure_no_data(), NULL, NULL));
    expect_status(EVENTURE_ERROR_IO, NULL, eventure_log_close(log_));
    log_ = NULL;
    expect_part(eventure_last_message(), "the background writer: ");
}
END_TEST

/* A store with explicit ids checks at the beginning of a tick which ids are in use, also in the table of archived
 * events. */
START_TEST(advancing_that_fails_does_not_commit_the_tick)
{
    static const char line[] =
        "{\"tick\":0,\"timestamp\":1,\"type\":\"a.b\",\"data\":{},\"event_id\":\"an id\",\"parent_id\":null}\n";
    open_log(EVENTURE_QUEUE_FULL_WAIT, 0);
    expect_ok(log_, scratch_import(log_, line, NULL));
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_ok(NULL, append("lost", 20));
    expect_ok(log_, eventure_log_flush(log_));
    refuse_once(eventure_log_reader(log_)->db, SQLITE_READ, "archived_events");
    ck_assert_int_lt(eventure_log_advance_tick(log_), 0);
    ck_assert(refuse_stop(eventure_log_reader(log_)->db));
    ck_assert_int_eq(eventure_log_tick(log_), 1);
    ck_assert_int_eq(eventure_log_durable_tick(log_), 1);
    int64_t count = 0;
    expect_ok(eventure_log_reader(log_), eventure_query_count(eventure_log_reader(log_), NULL, &count));
    ck_assert_int_eq(count, 1);
}
END_TEST

/* The writer stores the row of a tick when the tick ends. The tick is not durable without it. */
START_TEST(a_tick_that_cannot_be_ended_is_not_durable)
{
    open_log(EVENTURE_QUEUE_FULL_WAIT, 0);
    expect_ok(NULL, append("kept", 20));
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_ok(log_, eventure_log_flush(log_));
    expect_ok(NULL, append("lost", 20));
    expect_ok(log_, eventure_log_flush(log_));
    refuse_once(eventure_log_reader(log_)->db, SQLITE_INSERT, "tick");
    expect_ok(log_, eventure_log_advance_tick(log_));
    ck_assert_int_lt(eventure_log_wait_durable(log_, 2, 60000), 0);
    ck_assert(refuse_stop(eventure_log_reader(log_)->db));
    expect_part(eventure_log_message(log_), "everything from tick 1 on was rolled back");
    ck_assert_int_eq(eventure_log_durable_tick(log_), 1);
    ck_assert_int_eq(eventure_log_tick(log_), 1);
    expect_ok(NULL, append("kept", 20));
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_ok(log_, eventure_log_wait_durable(log_, 2, -1));
    expect_ok(NULL, eventure_log_close(log_));
    log_ = NULL;
    char *kept = scratch_ask(SCRATCH_PATH, "SELECT group_concat(tick || type) FROM events");
    ck_assert_str_eq(kept, "0kept,1kept");
    free(kept);
}
END_TEST

/* A log that cannot read its current position is closed, and the call fails. The row of `store` has the position. */
START_TEST(a_rollback_that_fails_is_reported)
{
    open_log(EVENTURE_QUEUE_FULL_WAIT, 0);
    expect_ok(NULL, append("some", 20));
    refuse_once(eventure_log_reader(log_)->db, SQLITE_READ, "store");
    ck_assert_int_lt(eventure_log_rollback(log_), 0);
    ck_assert(refuse_stop(NULL));
    ck_assert_str_ne(eventure_log_message(log_), "");
    ck_assert_ptr_null(eventure_log_reader(log_));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, append("some", 20));
}
END_TEST
