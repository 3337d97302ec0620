/*
 * Ticks and transactions of a log: when it commits, what a failed call and a failed commit leave behind, and what
 * closing does with the tick after a failed call.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault_vfs.h"
#include "log/hook.h"
#include "log/log_internal.h"
#include "log/transaction.h"
#include "log/undo.h"
#include "refuse.h"
#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

static eventure_log *log_;

static void set_up(void)
{
    log_ = scratch_new();
}

static void tear_down(void)
{
    scratch_close(log_);
}

static void reopen(int64_t commit_every_ticks)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    expect_ok(NULL, eventure_log_close(log_));
    options.commit_every_ticks = commit_every_ticks;
    options.clock = scratch_clock;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log_));
}

static void append(int count)
{
    for (int i = 0; i < count; i++)
        scratch_append(log_, "a.b", NULL, NULL);
}

static void advance(void)
{
    expect_ok(log_, eventure_log_advance_tick(log_));
}

static void fail_a_call(void)
{
    expect_status(EVENTURE_ERROR_TYPE, log_, eventure_log_append(log_, "", eventure_no_data(), NULL, NULL));
}

/* The number of events that another program sees. */
static void expect_committed(const char *count)
{
    scratch_expect_answer("SELECT count(*) FROM events", count);
}

static void expect_sound(void)
{
    scratch_expect_sound(eventure_log_reader(log_));
}

START_TEST(a_log_commits_when_so_many_ticks_have_ended)
{
    for (int64_t every = 1; every <= 3; every++)
    {
        scratch_close(log_);
        log_ = scratch_new();
        reopen(every);
        for (int64_t tick = 1; tick <= 7; tick++)
        {
            char committed[16];
            append(1);
            advance();
            snprintf(committed, sizeof committed, "%lld", (long long)(tick / every * every));
            expect_committed(committed);
            ck_assert_int_eq(eventure_log_durable_tick(log_), tick / every * every);
        }
    }
}
END_TEST

START_TEST(waiting_for_a_tick_commits_only_what_is_needed)
{
    reopen(10);
    append(1);
    advance();
    expect_ok(log_, eventure_log_wait_durable(log_, 0, 0));
    expect_committed("0");
    expect_ok(log_, eventure_log_flush(log_));
    expect_committed("0");
    expect_ok(log_, eventure_log_wait_durable(log_, 1, 0));
    expect_committed("1");
    append(1);
    expect_ok(log_, eventure_log_wait_durable(log_, 1, 0)); /* the tick that continues is not waited for */
    expect_committed("1");
    expect_status(EVENTURE_ERROR_TICK, log_, eventure_log_wait_durable(log_, 2, 0));
    ck_assert_str_eq(eventure_log_message(log_),
                     "wait for tick 2: the current tick is 1, and nothing beyond it can be on the disk");
}
END_TEST

START_TEST(ticks_do_not_end_beyond_their_range)
{
    expect_ok(log_, eventure_log_advance_to(log_, INT64_MAX - 1));
    advance();
    ck_assert_int_eq(eventure_log_tick(log_), INT64_MAX);
    expect_status(EVENTURE_ERROR_TICK, log_, eventure_log_advance_tick(log_));
    ck_assert_str_eq(eventure_log_message(log_), "advance the tick: 9223372036854775807 is the last one");
    expect_ok(log_, eventure_log_advance_to(log_, INT64_MAX));
    expect_status(EVENTURE_ERROR_TICK, log_, eventure_log_advance_to(log_, -1));
    ck_assert_str_eq(eventure_log_message(log_), "advance to tick -1: the current tick is 9223372036854775807, and "
                                                 "ticks do not go back");
}
END_TEST

START_TEST(joining_begins_a_transaction_that_is_committed_or_rolled_back_with_the_log)
{
    ck_assert(!log_->writer.in_transaction);
    expect_ok(log_, eventure__log_join(log_));
    ck_assert(log_->writer.in_transaction);
    expect_ok(log_, eventure__log_join(log_));
    ck_assert_int_eq(sqlite3_exec(log_->store->db, "PRAGMA user_version = 7", NULL, NULL, NULL), SQLITE_OK);
    expect_ok(log_, eventure_log_rollback(log_));
    ck_assert(!log_->writer.in_transaction);
    scratch_expect_answer("SELECT user_version = 7 FROM pragma_user_version", "0");
    expect_ok(log_, eventure__log_join(log_));
    append(1);
    expect_ok(log_, eventure_log_commit(log_));
    ck_assert(!log_->writer.in_transaction);
    expect_committed("1");
}
END_TEST

static int undone;

static void count_undo(eventure_log *log, void *context)
{
    (void)log;
    (void)context;
    undone++;
}

START_TEST(a_commit_that_fails_is_undone_and_returns_its_error)
{
    static eventure__log_hook hook = {.on_undo = count_undo};
    scratch_close(log_);
    fault_vfs_install();
    log_ = scratch_new();
    reopen(1); /* with syncs */
    append(1);
    advance();
    eventure__log_hook_add(log_, &hook);
    for (int way = 0; way < 3; way++)
    {
        append(3);
        undone = 0;
        fault_vfs_fail_at(FAULT_SYNC, 1, false);
        const eventure_status status = way == 0   ? eventure_log_commit(log_)
                                       : way == 1 ? eventure_log_advance_tick(log_)
                                                  : eventure_log_advance_to(log_, 8);
        ck_assert(fault_vfs_fail_stop());
        expect_status(EVENTURE_ERROR_IO, log_, status);
        expect_part(eventure_log_message(log_), "commit: ");
        ck_assert_int_eq(undone, 1);
        ck_assert(!log_->writer.in_transaction && log_->has_failed);
        ck_assert_int_eq(eventure_log_tick(log_), 1);
        ck_assert_int_eq(eventure_log_tick_events(log_), 0);
        ck_assert_int_eq(eventure_log_durable_tick(log_), 1);
        ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 1);
    }
    append(1);
    expect_ok(log_, eventure_log_commit(log_));
    ck_assert(!log_->has_failed);
    expect_sound();
    scratch_close(log_);
    fault_vfs_remove();
    log_ = scratch_new();
}
END_TEST

START_TEST(undoing_keeps_the_cause_and_its_text)
{
    append(2);
    eventure__fail(eventure__log_error(log_), EVENTURE_ERROR_LIMIT, "the cause");
    expect_status(EVENTURE_ERROR_LIMIT, log_, eventure__log_undo(log_, EVENTURE_ERROR_LIMIT));
    ck_assert_str_eq(eventure_log_message(log_), "the cause");
    ck_assert_int_eq(eventure_log_tick_events(log_), 0);
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 0);
    eventure__fail(eventure__log_error(log_), EVENTURE_ERROR_LIMIT, "the cause"); /* nothing is in a transaction */
    expect_status(EVENTURE_ERROR_LIMIT, log_, eventure__log_undo(log_, EVENTURE_ERROR_LIMIT));
    ck_assert_str_eq(eventure_log_message(log_), "the cause");
    append(1);
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 1);
}
END_TEST

/* As SQLite does when a read in the transaction fails because of memory or the disk. */
START_TEST(a_transaction_that_sqlite_rolled_back_is_reported_once_by_the_next_write)
{
    static const char text[] = ": what was not committed is lost: it was rolled back when reading the store failed";
    char expected[256];
    append(1);
    advance();
    for (int way = 0; way < 4; way++)
    {
        static const char *const names[] = {"append an event", "append a batch", "commit", "advance the tick"};
        append(3);
        ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 4);
        ck_assert_int_eq(sqlite3_exec(log_->store->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
        const eventure_event_input input = {.size = sizeof input, .type = "a"};
        const eventure_status status = way == 0   ? eventure_log_append(log_, "a.b", eventure_no_data(), NULL, NULL)
                                       : way == 1 ? eventure_log_append_batch(log_, &input, 1, NULL)
                                       : way == 2 ? eventure_log_commit(log_)
                                                  : eventure_log_advance_tick(log_);
        expect_status(EVENTURE_ERROR_IO, log_, status);
        snprintf(expected, sizeof expected, "%s%s", names[way], text);
        ck_assert_str_eq(eventure_log_message(log_), expected);
        ck_assert_int_eq(eventure_log_tick_events(log_), 0);
        append(1);
        ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 2);
        expect_ok(log_, eventure_log_rollback(log_));
    }
    append(1);
    ck_assert_int_eq(sqlite3_exec(log_->store->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    expect_ok(log_, eventure_log_rollback(log_)); /* what the caller wants has happened */
    append(1);
    expect_ok(log_, eventure_log_commit(log_));
    expect_sound();
}
END_TEST

/* The position of the log is read from the table `store`; a log whose position is unknown must not write any more. */
START_TEST(a_log_that_cannot_be_loaded_after_a_rollback_is_closed)
{
    for (int way = 0; way < 3; way++)
    {
        int64_t seq = 0;
        append(1);
        eventure_reader *reader = eventure_log_reader(log_);
        expect_ok(reader, eventure_reader_last_seq(reader, &seq));
        refuse_once(log_->store->db, SQLITE_READ, "store");
        if (way == 0)
        {
            ck_assert_int_lt(eventure_log_rollback(log_), 0);
            ck_assert_str_ne(eventure_log_message(log_), "");
        }
        else if (way == 1)
        {
            eventure__fail(eventure__log_error(log_), EVENTURE_ERROR_LIMIT, "the cause");
            expect_status(EVENTURE_ERROR_LIMIT, log_, eventure__log_undo(log_, EVENTURE_ERROR_LIMIT));
            ck_assert_str_eq(eventure_log_message(log_), "the cause");
        }
        else
        {
            ck_assert_int_eq(sqlite3_exec(log_->store->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
            ck_assert_int_lt(eventure_reader_last_seq(reader, &seq), 0);
            ck_assert_str_ne(eventure_reader_message(reader), "");
        }
        ck_assert(refuse_stop(log_->store->db));
        ck_assert_ptr_null(eventure_log_reader(log_));
        expect_status(EVENTURE_ERROR_ARGUMENT, log_, eventure_log_commit(log_));
        ck_assert_str_eq(eventure_log_message(log_), "commit: the log is not open");
        eventure_log_close(log_);
        log_ = scratch_open(SCRATCH_PATH);
        expect_committed("0");
    }
}
END_TEST

START_TEST(a_log_that_cannot_be_reloaded_is_closed)
{
    append(1);
    advance();
    expect_ok(log_, eventure__log_reload(log_));
    ck_assert_int_eq(eventure_log_tick(log_), 1);
    refuse_once(log_->store->db, SQLITE_READ, "store");
    ck_assert_int_lt(eventure__log_reload(log_), 0);
    ck_assert(refuse_stop(log_->store->db));
    ck_assert_ptr_null(eventure_log_reader(log_));
    eventure_log_close(log_);
    log_ = scratch_open(SCRATCH_PATH);
    expect_committed("1");
}
END_TEST

/* A store with explicit ids looks at the beginning of a tick for ids in use, also among archived events. */
LOOP_TEST(a_tick_that_cannot_begin_does_not_end_the_one_before, 2)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    expect_ok(NULL, eventure_log_close(log_));
    options.background = _i == 1;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log_));
    input.type = "a.b";
    input.id = "own";
    expect_ok(log_, eventure_log_append_input(log_, &input, NULL));
    expect_ok(log_, eventure_log_commit(log_));
    append(1);
    expect_ok(log_, eventure_log_flush(log_));
    refuse_once(log_->store->db, SQLITE_READ, "archived_events");
    ck_assert_int_lt(eventure_log_advance_tick(log_), 0);
    ck_assert(refuse_stop(log_->store->db));
    ck_assert_int_eq(eventure_log_tick(log_), 0);
    ck_assert_int_eq(eventure_log_tick_events(log_), 1);
    advance();
    expect_ok(log_, eventure_log_flush(log_));
    append(1);
    advance();
    ck_assert_uint_eq(log_->used_codes_count, 0);
    expect_ok(log_, eventure_log_commit(log_));
    expect_committed("2");
    expect_sound();
}
END_TEST

/* A question writes the events that wait: when that fails, they are lost, and the next write reports it. */
START_TEST(events_that_a_question_could_not_write_are_reported_by_the_next_write)
{
    static char data[4001];
    int64_t seq = 0;
    memset(data, 'x', sizeof data - 1);
    memcpy(data, "{\"t\":\"", 6);
    memcpy(data + sizeof data - 3, "\"}", 2);
    append(1);
    advance();
    char *pages = scratch_ask(SCRATCH_PATH, "PRAGMA page_count");
    char *sql = sqlite3_mprintf("PRAGMA max_page_count = %s", pages);
    free(pages);
    ck_assert_int_eq(sqlite3_exec(log_->store->db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_free(sql);
    for (int i = 0; i < 20; i++)
        scratch_append(log_, "a.b", data, NULL);
    expect_status(EVENTURE_ERROR_IO, log_, eventure_reader_last_seq(eventure_log_reader(log_), &seq));
    expect_status(EVENTURE_ERROR_IO, log_, eventure_log_append(log_, "a.b", eventure_no_data(), NULL, NULL));
    ck_assert_str_eq(eventure_log_message(log_), "append an event: what was not committed is lost: it was rolled back "
                                                 "when reading the store failed");
    expect_ok(log_, eventure_log_append(log_, "a.b", eventure_no_data(), NULL, NULL));
    expect_ok(log_, eventure_reader_last_seq(eventure_log_reader(log_), &seq));
    ck_assert_int_eq(seq, 2);
    for (int i = 0; i < 20; i++)
        scratch_append(log_, "a.b", data, NULL);
    expect_status(EVENTURE_ERROR_IO, log_, eventure_reader_last_seq(eventure_log_reader(log_), &seq));
    expect_ok(log_, eventure_log_rollback(log_)); /* which the caller does, and nothing is left to report */
    expect_ok(log_, eventure_log_append(log_, "a.b", eventure_no_data(), NULL, NULL));
}
END_TEST

START_TEST(a_log_whose_file_was_renamed_is_closed)
{
    append(1);
    advance();
    append(1);
    scratch_remove("elsewhere.db");
    ck_assert_int_eq(rename(SCRATCH_PATH, "elsewhere.db"), 0);
    ck_assert_int_lt(eventure_log_commit(log_), 0);
    ck_assert_ptr_null(eventure_log_reader(log_));
    ck_assert_int_lt(eventure_log_append(log_, "a.b", eventure_no_data(), NULL, NULL), 0);
    expect_part(eventure_log_message(log_), "append an event: ");
    eventure_log_close(log_);
    scratch_remove("elsewhere.db");
    log_ = scratch_new();
}
END_TEST

/* --- Closing after a failed call --- */

START_TEST(closing_discards_the_tick_of_a_failed_call_and_keeps_the_ticks_before)
{
    reopen(10);
    append(2);
    advance();
    append(2);
    advance();
    append(40);
    const eventure_event_input input = {.size = sizeof input, .type = ""};
    expect_status(EVENTURE_ERROR_TYPE, log_, eventure_log_append_batch(log_, &input, 1, NULL));
    reopen(10);
    ck_assert_int_eq(eventure_log_tick(log_), 2);
    ck_assert_int_eq(eventure_log_tick_events(log_), 0);
    expect_committed("4");
    expect_sound();
    ck_assert_str_eq(scratch_append(log_, "a.b", NULL, NULL), "2-EBFC-1");
}
END_TEST

/* A question writes the rows of the tick, which closing then deletes, with the snapshots of these events. */
START_TEST(closing_discards_what_was_written_of_the_tick)
{
    static const char snapshot[] = "INSERT INTO snapshot (name, version, tick, seq, created, state) VALUES "
                                   "('s', 1, 0, 2, 0, x''), ('s', 1, 1, 3, 0, x''), ('s', 1, 1, 4, 0, x'')";
    reopen(10);
    append(2);
    advance();
    append(2);
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 4);
    ck_assert_int_eq(sqlite3_exec(log_->store->db, snapshot, NULL, NULL, NULL), SQLITE_OK);
    fail_a_call();
    reopen(10);
    ck_assert_int_eq(eventure_log_tick(log_), 1);
    expect_committed("2");
    scratch_expect_answer("SELECT group_concat(seq) FROM snapshot", "2");
    scratch_expect_answer("SELECT group_concat(tick || ' ' || last_seq || ' ' || sealed) FROM tick", "0 2 1");
    expect_sound();
}
END_TEST

START_TEST(closing_discards_nothing_when_the_tick_is_empty_or_a_later_call_succeeded)
{
    reopen(10);
    append(2);
    advance();
    fail_a_call();
    reopen(10);
    ck_assert_int_eq(eventure_log_tick(log_), 1);
    expect_committed("2");
    append(1);
    advance();
    append(1);
    fail_a_call();
    append(1);
    reopen(10);
    expect_committed("5");
    append(1);
    fail_a_call();
    expect_ok(log_, eventure_log_rollback(log_)); /* the call succeeds: nothing is left to discard */
    append(1);
    fail_a_call();
    expect_ok(log_, eventure_log_commit(log_));
    reopen(10);
    expect_committed("6");
    append(1);
    fail_a_call();
    advance(); /* the program ends the tick */
    reopen(10);
    expect_committed("7");
    expect_sound();
}
END_TEST
