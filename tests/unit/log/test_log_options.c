/*
 * Options of a log: the range of each, its default, and the text that refuses a value; and the results of all calls
 * without a log, or with a log that is not open.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "event/json.h"
#include "log/log.h"
#include "log/log_internal.h"
#include "log/transaction.h"
#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, NULL);

static void set_up(void)
{
    scratch_remove(SCRATCH_PATH);
}

static void expect_accepted(const eventure_log_options *options)
{
    eventure_log *log = NULL;
    scratch_remove(SCRATCH_PATH);
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, options, &log));
    expect_ok(NULL, eventure_log_close(log));
}

/* `range` is the end of the text. */
static void expect_refused(const eventure_log_options *options, const char *name, long long value, const char *range)
{
    char text[128];
    eventure_log *log = (eventure_log *)text;
    scratch_remove(SCRATCH_PATH);
    snprintf(text, sizeof text, "open " SCRATCH_PATH ": option %s is %lld, %s", name, value, range);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_open(SCRATCH_PATH, options, &log));
    ck_assert_ptr_null(log);
    ck_assert_str_eq(eventure_last_message(), text);
    ck_assert_int_ne(access(SCRATCH_PATH, F_OK), 0);
}

/* Checks the last value on both sides of each end of a range. */
#define EXPECT_RANGE(member, kind, lowest, highest)                                                                    \
    do                                                                                                                 \
    {                                                                                                                  \
        eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;                                                      \
        char range[64];                                                                                                \
        snprintf(range, sizeof range, "not between %lld and %lld", (long long)(lowest), (long long)(highest));         \
        options.member = (kind)(lowest);                                                                               \
        expect_accepted(&options);                                                                                     \
        options.member = (kind)(highest);                                                                              \
        expect_accepted(&options);                                                                                     \
        options.member = (kind)((lowest)-1);                                                                           \
        expect_refused(&options, #member, (long long)(lowest)-1, range);                                               \
        options.member = (kind)((highest) + 1);                                                                        \
        expect_refused(&options, #member, (long long)(highest) + 1, range);                                            \
    }                                                                                                                  \
    while (0)

START_TEST(each_option_is_accepted_within_its_range_only)
{
    EXPECT_RANGE(mode, eventure_open_mode, EVENTURE_OPEN_OR_CREATE, EVENTURE_OPEN_MEMORY);
    EXPECT_RANGE(sync, eventure_sync, EVENTURE_SYNC_FULL, EVENTURE_SYNC_OFF);
    EXPECT_RANGE(when_full, eventure_queue_full, EVENTURE_QUEUE_FULL_WAIT, EVENTURE_QUEUE_FULL_FAIL);
    EXPECT_RANGE(queue_bytes, size_t, 64 * 1024, 1024 * 1024 * 1024);
    EXPECT_RANGE(max_data_bytes, int64_t, 2, EVENTURE_DATA_MAX_BYTES);
}
END_TEST

#undef EXPECT_RANGE

/* Options whose lowest value comes after 0, which is the default, and options without a highest value. */
START_TEST(other_options_are_not_negative)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.busy_timeout_ms = -1;
    expect_refused(&options, "busy_timeout_ms", (long long)options.busy_timeout_ms, "less than 0");
    options.busy_timeout_ms = 1;
    options.commit_every_ticks = -1;
    expect_refused(&options, "commit_every_ticks", (long long)options.commit_every_ticks, "less than 1");
    options.commit_every_ticks = 1;
    options.background = true;
    expect_accepted(&options);
    options.commit_every_ticks = 2;
    expect_refused(&options, "commit_every_ticks", (long long)options.commit_every_ticks, "not between 1 and 1");
    options.background = false;
    options.max_tick_events = -1;
    expect_refused(&options, "max_tick_events", (long long)options.max_tick_events, "less than 0");
    options.max_tick_events = 1;
    options.max_file_bytes = -1;
    expect_refused(&options, "max_file_bytes", (long long)options.max_file_bytes, "less than 0");
    options.max_file_bytes = 1 << 20;
    options.max_type_bytes = 1;
    expect_accepted(&options);
    options.max_type_bytes = EVENTURE_TYPE_MAX_BYTES;
    options.max_depth = 1;
    expect_accepted(&options);
    options.max_depth = 1000;
    expect_accepted(&options);
    options.max_depth = 1001;
    expect_refused(&options, "max_depth", (long long)options.max_depth, "not between 1 and 1000");
    options.max_depth = -1;
    expect_refused(&options, "max_depth", (long long)options.max_depth, "not between 1 and 1000");
}
END_TEST

START_TEST(zero_is_the_default_of_every_option)
{
    eventure_log *log = NULL;
    eventure_log_options options;
    eventure_log_options_init(&options, sizeof options);
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log));
    ck_assert_int_eq(log->options.commit_every_ticks, 1);
    ck_assert_uint_eq(log->options.queue_bytes, 4194304);
    ck_assert_int_eq(log->options.max_data_bytes, 16777216);
    ck_assert_int_eq(log->options.max_depth, 1000);
    ck_assert_int_eq(log->options.max_type_bytes, 255);
    ck_assert_uint_eq(eventure__log_max_data_bytes(log), 16777216);
    ck_assert_int_eq(eventure__log_max_depth(log), 1000);
    ck_assert(log->options.clock != NULL);
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

START_TEST(the_default_clock_is_that_of_the_system)
{
    eventure_log *log = NULL;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, NULL, &log));
    ck_assert_double_gt(eventure__log_now(log), 1700000000.0);
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

START_TEST(the_sync_of_a_log_is_that_of_its_connection)
{
    static const struct
    {
        eventure_sync sync;
        int synchronous; /* SQLite's number */
    } levels[] = {{EVENTURE_SYNC_FULL, 2}, {EVENTURE_SYNC_NORMAL, 1}, {EVENTURE_SYNC_OFF, 0}};
    for (size_t i = 0; i < COUNT_OF(levels); i++)
    {
        eventure_log *log = NULL;
        sqlite3_stmt *statement = NULL;
        eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
        options.sync = levels[i].sync;
        expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log));
        ck_assert_int_eq(sqlite3_prepare_v2(log->store->db, "PRAGMA synchronous", -1, &statement, NULL), SQLITE_OK);
        ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
        ck_assert_int_eq(sqlite3_column_int(statement, 0), levels[i].synchronous);
        sqlite3_finalize(statement);
        expect_ok(NULL, eventure_log_close(log));
    }
}
END_TEST

START_TEST(a_path_is_needed)
{
    eventure_log *log = (eventure_log *)&log;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_open(NULL, NULL, &log));
    ck_assert_str_eq(eventure_last_message(), "open a log: no path was given");
    ck_assert_ptr_null(log);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_open("", NULL, &log));
    ck_assert_str_eq(eventure_last_message(), "open a log: no path was given");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_open(SCRATCH_PATH, NULL, NULL));
    ck_assert_int_ne(access(SCRATCH_PATH, F_OK), 0);
    eventure_log_options blank = {0};
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_open(SCRATCH_PATH, &blank, &log));
    ck_assert_str_eq(eventure_last_message(),
                     SCRATCH_PATH ": open: the eventure_log_options was not initialised: its size is 0; begin with its "
                                  "_INIT macro or with eventure_log_options_init");
}
END_TEST

/* --- No log, and a log that is not open --- */

START_TEST(without_a_log_there_is_an_error_and_no_value)
{
    ck_assert_ptr_null(eventure_log_reader(NULL));
    ck_assert_int_eq(eventure_log_tick(NULL), 0);
    ck_assert_int_eq(eventure_log_tick_events(NULL), 0);
    ck_assert_int_eq(eventure_log_durable_tick(NULL), 0);
    eventure__log_note(NULL, EVENTURE_ERROR_IO);
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_append_input(NULL, NULL, NULL));
    ck_assert_str_eq(eventure_last_message(), "append an event: the log is NULL");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_advance_to(NULL, 1));
    ck_assert_str_eq(eventure_last_message(), "advance the tick: the log is NULL");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_commit(NULL));
    ck_assert_str_eq(eventure_last_message(), "commit: the log is NULL");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_rollback(NULL));
    ck_assert_str_eq(eventure_last_message(), "roll back: the log is NULL");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_flush(NULL));
    ck_assert_str_eq(eventure_last_message(), "flush: the log is NULL");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_wait_durable(NULL, 0, 0));
    ck_assert_str_eq(eventure_last_message(), "wait for a tick: the log is NULL");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure__log_join(NULL));
    ck_assert_str_eq(eventure_last_message(), "write with the log: the log is NULL");
}
END_TEST

static void expect_not_open(eventure_log *log)
{
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_append(log, "a", eventure_no_data(), NULL, NULL));
    ck_assert_str_eq(eventure_log_message(log), "append an event: the log is not open");
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_append_batch(log, NULL, 0, NULL));
    ck_assert_str_eq(eventure_log_message(log), "append a batch: the log is not open");
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_commit(log));
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_flush(log));
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_rollback(log));
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_wait_durable(log, 0, 0));
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_advance_tick(log));
    ck_assert_str_eq(eventure_log_message(log), "advance the tick: the log is not open");
    ck_assert_ptr_null(eventure_log_reader(log));
}

/* eventure__log_open returns the log also on error. */
START_TEST(a_log_that_was_not_opened_refuses_every_call)
{
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure__log_open("no/such/folder/a.db", NULL, &log));
    ck_assert_ptr_nonnull(log);
    expect_not_open(log);
    expect_ok(NULL, eventure_log_close(log));
    options.mode = (eventure_open_mode)9;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure__log_open(SCRATCH_PATH, &options, &log));
    ck_assert_str_eq(eventure_log_message(log), "open " SCRATCH_PATH ": option mode is 9, not between 0 and 3");
    expect_not_open(log);
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

START_TEST(a_successful_call_clears_the_text)
{
    eventure_log *log = scratch_new();
    eventure_event_input input;
    eventure_event_input_init(&input, sizeof input);
    expect_status(EVENTURE_ERROR_TYPE, log, eventure_log_append_input(log, &input, NULL));
    ck_assert_str_eq(eventure_log_message(log), "append \"\" at tick 0: no type was given");
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_append_input(log, NULL, NULL));
    ck_assert_str_eq(eventure_log_message(log), "append an event: the input is NULL");
    expect_ok(log, eventure_log_flush(log));
    ck_assert_str_eq(eventure_log_message(log), "");
    input.type = "a";
    input.parent_in_batch = 1;
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_append_input(log, &input, NULL));
    ck_assert_str_eq(eventure_log_message(log), "append an event: parent_in_batch is for events of a batch");
    input.parent_in_batch = 0;
    input.size = 0;
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_append_input(log, &input, NULL));
    ck_assert_int_eq(eventure__log_last_seq(log), 0);
    scratch_append(log, "a", NULL, NULL);
    ck_assert_int_eq(eventure__log_last_seq(log), 1);
    ck_assert_int_eq(eventure_log_tick_events(log), 1);
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST
