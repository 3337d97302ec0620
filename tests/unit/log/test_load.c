/*
 * Loading the state of a log from its file: it continues as if it had not been closed, and a damaged position is
 * reported with its numbers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/log_internal.h"
#include "scratch.h"
#include "store/proof.h"
#include "testing.h"

TEST_FIXTURE(set_up, NULL);

#define WHOLE "whole.db"
#define UNLOCK                                                                                                         \
    "DROP TRIGGER tick_append_only_update; DROP TRIGGER tick_append_only_insert; DROP TRIGGER events_update; "         \
    "DROP TRIGGER events_insert; "

static void set_up(void)
{
    scratch_remove(SCRATCH_PATH);
    scratch_remove(WHOLE);
}

/* --- Continuing --- */

/* Appends the i-th event of a tick in which every kind of event occurs. */
static void append(eventure_log *log, int i)
{
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    input.type = i % 3 == 0 ? "a.b" : "c.d";
    input.data = EVENTURE_DATA(eventure_int("i", i));
    if (i % 4 == 1)
        input.id = i == 1 ? "an explicit id" : i == 5 ? "1-EBFC-9" : "another explicit id";
    if (i % 5 == 2)
    {
        input.parent_id = "outside";
        input.external_parent = true;
    }
    else if (i > 0)
        input.parent_seq = i;
    input.has_timestamp = true;
    input.timestamp = 100.5 + i;
    expect_ok(log, eventure_log_append_input(log, &input, NULL));
}

static char *history(const char *path)
{
    return scratch_ask(path, "SELECT group_concat(seq || ' ' || id || ' ' || timestamp || ' ' || "
                             "coalesce(parent_seq, '-') || coalesce(parent_id, '-') || data, ',') || "
                             "(SELECT group_concat(tick || ' ' || first_seq || ' ' || last_seq || ' ' || sealed || "
                             "hex(run_digest) || hex(full_digest)) FROM tick) FROM events");
}

START_TEST(a_history_is_the_same_when_the_log_is_closed_after_each_event)
{
    eventure_log *whole = scratch_open(WHOLE);
    eventure_log *parts = scratch_open(SCRATCH_PATH);
    for (int i = 0; i < 12; i++)
    {
        append(whole, i);
        append(parts, i);
        expect_ok(NULL, eventure_log_close(parts));
        parts = scratch_open(SCRATCH_PATH);
        ck_assert_int_eq(eventure_log_tick_events(parts), eventure_log_tick_events(whole));
        if (i == 5 || i == 8)
        {
            expect_ok(whole, eventure_log_advance_tick(whole));
            expect_ok(parts, eventure_log_advance_tick(parts));
        }
    }
    expect_ok(whole, eventure_log_advance_tick(whole));
    expect_ok(parts, eventure_log_advance_tick(parts));
    expect_ok(NULL, eventure_log_close(whole));
    expect_ok(NULL, eventure_log_close(parts));
    char *expected = history(WHOLE);
    char *got = history(SCRATCH_PATH);
    ck_assert_str_eq(got, expected);
    free(expected);
    free(got);
    scratch_remove(WHOLE);
}
END_TEST

START_TEST(the_position_is_that_of_the_file)
{
    eventure_log *log = scratch_open(SCRATCH_PATH);
    ck_assert_int_eq(log->explicit_tick_max, -1);
    ck_assert(!log->has_explicit_ids);
    ck_assert_int_eq(log->writer.open_tick, EVENTURE__NO_OPEN_TICK);
    ck_assert(log->writer.has_digests);
    expect_ok(log, eventure_log_advance_to(log, 3));
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(NULL, eventure_log_close(log));
    log = scratch_open(SCRATCH_PATH);
    ck_assert_int_eq(log->tick, 3);
    ck_assert_int_eq(log->last_seq, 1);
    ck_assert_int_eq(log->tick_events, 1);
    ck_assert_int_eq(log->durable_tick, 3);
    ck_assert_int_eq(log->writer.tick, 3);
    ck_assert_int_eq(log->writer.last_seq, 1);
    ck_assert_int_eq(log->writer.first_seq, 1);
    ck_assert_int_eq(log->writer.persisted_tick, 3);
    ck_assert_int_eq(log->writer.indexed_seq, 1);
    ck_assert_int_eq(log->writer.open_tick, 3);
    ck_assert(!log->has_explicit_ids && !log->writer.has_explicit_ids && !log->lacks_indexes);
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    input.type = "a.b";
    input.id = "7-EBFC-1";
    expect_ok(log, eventure_log_append_input(log, &input, NULL));
    ck_assert_int_eq(log->explicit_tick_max, 7);
    expect_ok(NULL, eventure_log_close(log));
    log = scratch_open(SCRATCH_PATH);
    ck_assert_int_eq(log->explicit_tick_max, -1);
    ck_assert(log->has_explicit_ids && log->writer.has_explicit_ids);
    expect_ok(log, eventure_log_advance_to(log, 7));
    ck_assert(log->has_taken_ids);
    ck_assert_str_eq(scratch_append(log, "a.b", NULL, NULL), "7-EBFC-2");
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

START_TEST(a_store_without_digests_stays_without)
{
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.without_digests = true;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log));
    ck_assert(!log->writer.has_digests);
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(NULL, eventure_log_close(log));
    log = scratch_open(SCRATCH_PATH);
    ck_assert(!log->writer.has_digests);
    expect_ok(log, eventure_log_advance_tick(log));
    expect_ok(NULL, eventure_log_close(log));
    scratch_expect_answer("SELECT count(*) || count(run_digest) || count(full_digest) FROM tick", "100");
}
END_TEST

/* --- Damage --- */

static void expect_damaged(const char *sql, const char *text)
{
    char expected[256];
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", NULL, NULL);
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(NULL, eventure_log_close(log));
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, sql));
    snprintf(expected, sizeof expected, "%s is damaged: %s", SCRATCH_PATH, text);
    for (int background = 0; background < 2; background++)
    {
        eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
        options.background = background != 0;
        expect_status(EVENTURE_ERROR_CORRUPT, NULL, eventure_log_open(SCRATCH_PATH, &options, &log));
        ck_assert_str_eq(eventure_last_message(), expected);
    }
}

START_TEST(a_position_that_cannot_be_is_damage)
{
    expect_damaged(UNLOCK "UPDATE store SET current_tick = -9; UPDATE tick SET tick = -4",
                   "it is at tick -4, after event 2");
    expect_damaged(UNLOCK "UPDATE tick SET last_seq = -1", "it is at tick 0, after event -1");
    expect_damaged(UNLOCK "UPDATE tick SET last_seq = 4611686018427387904",
                   "it is at tick 0, after event 4611686018427387904");
    expect_damaged(UNLOCK "UPDATE tick SET last_seq = 4611686018427387903",
                   "table tick ends with event 4611686018427387903, and table events with event 2");
    expect_damaged(UNLOCK "UPDATE tick SET last_seq = 3",
                   "table tick ends with event 3, and table events with event 2");
    expect_damaged("DELETE FROM store", "table store has no row");
}
END_TEST

/* A digest of another length than 64 bytes is treated as one of zeros: verify reports it. */
START_TEST(a_digest_of_another_length_is_not_read_beyond_its_end)
{
    static const uint8_t zeros[EVENTURE__DIGEST_BYTES];
    static const char *const sqls[] = {"UPDATE tick SET run_digest = x'01', full_digest = x'01'",
                                       "UPDATE tick SET run_digest = NULL, full_digest = NULL",
                                       "UPDATE tick SET run_digest = zeroblob(9) || run_digest"};
    for (size_t i = 0; i < COUNT_OF(sqls); i++)
    {
        char sql[512];
        eventure_log *log = scratch_new();
        scratch_append(log, "a.b", NULL, NULL);
        expect_ok(log, eventure_log_advance_tick(log));
        ck_assert_mem_ne(log->writer.link.run, zeros, sizeof zeros);
        expect_ok(NULL, eventure_log_close(log));
        snprintf(sql, sizeof sql, UNLOCK "%s", sqls[i]);
        sqlite3_free(scratch_sql(SCRATCH_PATH, sql));
        log = scratch_open(SCRATCH_PATH);
        ck_assert_int_eq(memcmp(log->writer.link.run, zeros, sizeof zeros) == 0, i < 2);
        ck_assert_int_eq(memcmp(log->writer.link.full, zeros, sizeof zeros) == 0, i < 2);
        expect_ok(NULL, eventure_log_close(log));
    }
}
END_TEST
