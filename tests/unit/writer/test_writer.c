/*
 * The writer under a log: which statements it prepares, what is in the tables after each step, and what it reports when
 * its transaction is gone or memory runs out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/data_index.h>

#include "alloc_fail.h"
#include "log/log_internal.h"
#include "scratch.h"
#include "store/proof.h"
#include "testing.h"
#include "writer/writer.h"

TEST_FIXTURE(set_up, tear_down);

#define GONE "what was not committed is lost: it was rolled back when reading the store failed"

static eventure_log *log_;
static eventure__writer *writer;

static void set_up(void)
{
    log_ = scratch_new();
    writer = &log_->writer;
}

static void tear_down(void)
{
    scratch_close(log_);
}

static void append(int count)
{
    for (int i = 0; i < count; i++)
        scratch_append(log_, i % 2 == 0 ? "a.b" : "c.d", "{\"n\":1}", NULL);
}

/* The answer that the log's own connection gives now. */
static void expect_now(const char *sql, const char *expected)
{
    sqlite3_stmt *statement = NULL;
    ck_assert_int_eq(sqlite3_prepare_v2(log_->store->db, sql, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    const char *got = (const char *)sqlite3_column_text(statement, 0);
    ck_assert_msg(strcmp(got != NULL ? got : "NULL", expected) == 0, "%s: %s", sql, got);
    sqlite3_finalize(statement);
}

#define TICKS "SELECT group_concat(tick || ' ' || first_seq || ' ' || last_seq || ' ' || sealed, ', ') FROM tick"

/* --- Events that wait --- */

START_TEST(up_to_31_events_wait_and_the_32nd_writes_them)
{
    for (int i = 1; i <= 31; i++)
    {
        append(1);
        ck_assert_uint_eq(writer->rows_count, (size_t)i);
    }
    expect_now("SELECT count(*) FROM events", "0");
    append(1);
    ck_assert_uint_eq(writer->rows_count, 0);
    ck_assert_uint_eq(writer->rows_texts.len, 0);
    expect_now("SELECT count(*) || ' ' || max(seq) FROM events", "32 32");
    for (int which = EVENTURE__INSERT_1; which <= EVENTURE__INSERT_32; which++)
        ck_assert_int_eq(writer->statements[which] != NULL, which == EVENTURE__INSERT_32);
}
END_TEST

LOOP_TEST(any_number_of_waiting_events_is_written_with_one_statement_for_each_1_bit, 32)
{
    char expected[64];
    append(_i);
    expect_ok(log_, eventure__writer_write_rows(writer));
    ck_assert_uint_eq(writer->rows_count, 0);
    snprintf(expected, sizeof expected, "%d %d %d", _i, _i * (_i + 1) / 2, _i);
    expect_now("SELECT count(*) || ' ' || coalesce(sum(seq), 0) || ' ' || count(DISTINCT id) FROM events", expected);
    for (int bit = 0; bit < 5; bit++)
    {
        sqlite3_stmt *insert = writer->statements[EVENTURE__INSERT_1 + bit];
        ck_assert_int_eq(insert != NULL, _i >> bit & 1);
        if (insert != NULL)
            ck_assert_int_eq(sqlite3_bind_parameter_count(insert), 1 + 7 * (1 << bit));
    }
    ck_assert_ptr_null(writer->statements[EVENTURE__INSERT_32]);
}
END_TEST

START_TEST(each_column_of_a_waiting_event_is_its_own)
{
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    input.type = "a.b";
    input.data = eventure_json("{\"first\":true}");
    input.has_timestamp = true;
    input.timestamp = 1.25;
    expect_ok(log_, eventure_log_append_input(log_, &input, NULL));
    input.type = "c.d";
    input.id = "own id";
    input.parent_id = "outside";
    input.external_parent = true;
    input.timestamp = 2.5;
    expect_ok(log_, eventure_log_append_input(log_, &input, NULL));
    input.id = NULL;
    input.parent_id = NULL;
    input.parent_seq = 2;
    input.data = eventure_no_data();
    expect_ok(log_, eventure_log_append_input(log_, &input, NULL));
    expect_ok(log_, eventure__writer_write_rows(writer));
    expect_now("SELECT group_concat(seq || '|' || id || '|' || tick || '|' || timestamp || '|' || type || '|' || "
               "coalesce(parent_seq, '-') || '|' || coalesce(parent_id, '-') || '|' || data, ' ') FROM events",
               "1|0-EBFC-1|0|1.25|a.b|-|-|{\"first\":true} 2|own id|0|2.5|c.d|-|outside|{\"first\":true} "
               "3|0-EECD-2|0|2.5|c.d|2|own id|{}");
}
END_TEST

START_TEST(data_of_65536_bytes_waits_and_longer_data_is_written_at_once)
{
    static char data[65538];
    memset(data, 'x', sizeof data - 1);
    memcpy(data, "{\"t\":\"", 6);
    memcpy(data + sizeof data - 4, "\"} ", 3); /* the blank does not count */
    append(1);
    scratch_append(log_, "a.b", data, NULL);
    ck_assert_uint_eq(writer->rows_count, 2);
    memcpy(data + sizeof data - 4, "x\"}", 3);
    scratch_append(log_, "a.b", data, NULL);
    ck_assert_uint_eq(writer->rows_count, 0);
    expect_now("SELECT group_concat(seq || ' ' || length(data)) FROM events", "1 7,2 65536,3 65537");
}
END_TEST

/* --- Ticks --- */

START_TEST(the_row_of_a_tick_grows_until_the_tick_is_sealed)
{
    expect_ok(log_, eventure__writer_flush(writer)); /* there is no transaction */
    ck_assert(!writer->in_transaction);
    append(2);
    ck_assert(writer->in_transaction && writer->is_dirty);
    expect_now(TICKS, "NULL");
    expect_ok(log_, eventure__writer_flush(writer));
    ck_assert(!writer->is_dirty);
    expect_now(TICKS, "0 1 2 0");
    expect_now("SELECT count(*) FROM events", "2");
    append(1);
    expect_ok(log_, eventure__writer_flush(writer));
    expect_now(TICKS, "0 1 3 0");
    ck_assert_int_eq(writer->first_seq, 1);
    expect_ok(log_, eventure__writer_next_tick(writer, 4));
    expect_now(TICKS, "0 1 3 1");
    ck_assert_int_eq(writer->first_seq, 0);
    ck_assert_int_eq(writer->tick, 4);
    ck_assert_int_eq(writer->persisted_tick, 1);
    ck_assert_int_eq(writer->ticks_uncommitted, 1);
    expect_ok(log_, eventure__writer_next_tick(writer, 5)); /* an empty tick has no row */
    expect_now(TICKS, "0 1 3 1");
    ck_assert_int_eq(writer->persisted_tick, 1);
    ck_assert_int_eq(writer->ticks_uncommitted, 2);
    expect_ok(log_, eventure__writer_flush(writer)); /* the current tick cannot be derived from the rows */
    expect_now("SELECT current_tick FROM store", "5");
    ck_assert_int_eq(writer->persisted_tick, 5);
    expect_ok(log_, eventure_log_rollback(log_));
    ck_assert_int_eq(writer->ticks_uncommitted, 0);
}
END_TEST

/* The usual commit does not write the row of `store`. */
START_TEST(the_current_tick_is_written_only_when_it_does_not_follow_from_the_newest_tick)
{
    append(1);
    expect_ok(log_, eventure_log_advance_tick(log_));
    scratch_expect_answer("SELECT current_tick FROM store", "0");
    append(1);
    expect_ok(log_, eventure_log_commit(log_));
    scratch_expect_answer("SELECT current_tick FROM store", "0");
    expect_ok(log_, eventure_log_advance_tick(log_));
    scratch_expect_answer("SELECT current_tick FROM store", "0");
    expect_ok(log_, eventure_log_advance_tick(log_));
    scratch_expect_answer("SELECT current_tick FROM store", "3");
    append(1);
    expect_ok(log_, eventure_log_advance_to(log_, 9));
    scratch_expect_answer("SELECT current_tick FROM store", "9");
    scratch_expect_answer(TICKS, "0 1 1 1, 1 2 2 1, 3 3 3 1");
}
END_TEST

START_TEST(the_open_tick_is_noted_by_a_commit_within_it_and_by_the_commit_after_it)
{
    static const char note[] = "SELECT group_concat(value) FROM proof WHERE name = 'open_tick'";
    ck_assert_int_eq(writer->open_tick, EVENTURE__NO_OPEN_TICK);
    append(1);
    expect_ok(log_, eventure_log_advance_tick(log_));
    ck_assert_int_eq(writer->open_tick, EVENTURE__NO_OPEN_TICK);
    append(1);
    expect_ok(log_, eventure_log_commit(log_));
    ck_assert_int_eq(writer->open_tick, 1);
    scratch_expect_answer(note, "1");
    append(1);
    expect_ok(log_, eventure_log_advance_tick(log_));
    ck_assert_int_eq(writer->open_tick, EVENTURE__NO_OPEN_TICK);
    scratch_expect_answer(note, "-1");
}
END_TEST

START_TEST(a_store_without_digests_has_none_in_any_tick)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    scratch_close(log_);
    options.without_digests = true;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log_));
    writer = &log_->writer;
    append(2);
    expect_ok(log_, eventure_log_commit(log_));
    append(1);
    expect_ok(log_, eventure_log_advance_tick(log_));
    scratch_expect_answer("SELECT count(*) || count(run_digest) || count(full_digest) FROM tick", "100");
}
END_TEST

/* --- Explicit ids and parents outside the store --- */

START_TEST(the_first_explicit_id_or_external_parent_is_noted)
{
    static const char noted[] = "SELECT foreign_ids FROM store";
    eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
    input.type = "a.b";
    for (int way = 0; way < 2; way++)
    {
        append(1);
        input.parent_seq = 1;
        input.id = NULL;
        input.parent_id = NULL;
        input.external_parent = false;
        expect_ok(log_, eventure_log_append_input(log_, &input, NULL));
        ck_assert(!writer->has_explicit_ids);
        expect_now(noted, "0");
        input.parent_seq = 0;
        input.id = way == 0 ? "own" : NULL;
        input.parent_id = way == 1 ? "outside" : NULL;
        input.external_parent = way == 1;
        expect_ok(log_, eventure_log_append_input(log_, &input, NULL));
        ck_assert(writer->has_explicit_ids);
        expect_now(noted, "1");
        expect_ok(log_, eventure_log_rollback(log_));
        ck_assert(!writer->has_explicit_ids);
        expect_now(noted, "0");
    }
}
END_TEST

/* verify computes the digests from the tables, by docs/format.md. */
START_TEST(the_digests_cover_explicit_ids_and_external_parents_only)
{
    for (int i = 0; i < 12; i++)
    {
        eventure_event_input input = EVENTURE_EVENT_INPUT_INIT;
        input.type = i % 2 == 0 ? "a.b" : "c.d";
        input.id = i % 3 == 1 ? (i == 1 ? "own" : i == 4 ? "own 4" : i == 7 ? "own 7" : "own 10") : NULL;
        input.parent_seq = i % 4 == 1 ? 1 : i % 4 == 2 ? i : 0;
        input.parent_id = i % 4 == 3 ? "outside" : NULL;
        input.external_parent = true;
        expect_ok(log_, eventure_log_append_input(log_, &input, NULL));
        if (i % 5 == 4)
            expect_ok(log_, eventure_log_advance_tick(log_));
    }
    expect_ok(log_, eventure_log_commit(log_));
    scratch_expect_sound(eventure_log_reader(log_));
}
END_TEST

/* --- A transaction that SQLite rolled back --- */

static void lose_transaction(void)
{
    ck_assert(!eventure__writer_was_rolled_back(writer));
    ck_assert(writer->in_transaction);
    ck_assert_int_eq(sqlite3_exec(log_->store->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    ck_assert(eventure__writer_was_rolled_back(writer));
}

static void expect_gone(eventure_status status, const char *what)
{
    char expected[160];
    snprintf(expected, sizeof expected, "%s: " GONE, what);
    expect_status(EVENTURE_ERROR_IO, log_, status);
    ck_assert_str_eq(eventure_log_message(log_), expected);
    expect_ok(log_, eventure_log_rollback(log_));
    ck_assert(!writer->in_transaction && !eventure__writer_was_rolled_back(writer));
}

START_TEST(no_step_writes_outside_its_transaction)
{
    append(3);
    lose_transaction();
    expect_gone(eventure__writer_write_rows(writer), "append events");
    append(3);
    lose_transaction();
    expect_gone(eventure__writer_flush(writer), "append events");
    append(3);
    expect_ok(log_, eventure__writer_flush(writer));
    lose_transaction();
    expect_gone(eventure__writer_next_tick(writer, 1), "write the tick");
    append(3);
    expect_ok(log_, eventure__writer_flush(writer));
    lose_transaction();
    expect_gone(eventure__writer_commit(writer), "note the open tick");
    expect_ok(log_, eventure__writer_begin(writer));
    expect_ok(log_, eventure__writer_next_tick(writer, 7));
    lose_transaction();
    expect_gone(eventure__writer_flush(writer), "write the current tick");
    expect_ok(log_, eventure__writer_begin(writer));
    lose_transaction();
    expect_gone(eventure__writer_commit(writer), "commit");
    expect_ok(log_, eventure_data_index_add(log_, "n", NULL, NULL));
    expect_ok(log_, eventure__writer_begin(writer));
    lose_transaction();
    expect_gone(eventure__writer_commit(writer), "index data");
    scratch_expect_answer("SELECT count(*) FROM events", "0");
    append(3);
    expect_ok(log_, eventure_log_commit(log_));
    scratch_expect_answer("SELECT count(*) FROM events", "3");
}
END_TEST

/* --- Indexes on data --- */

START_TEST(a_commit_brings_complete_indexes_up_to_date_and_leaves_others)
{
    static const char upto[] = "SELECT group_concat(key || ' ' || upto, ', ') FROM data_index";
    expect_ok(log_, eventure_data_index_add(log_, "n", NULL, NULL));
    expect_ok(log_, eventure_data_index_add(log_, "m", NULL, NULL));
    append(2);
    expect_ok(log_, eventure_log_commit(log_));
    scratch_expect_answer(upto, "n 2, m 2");
    scratch_expect_answer("SELECT count(*) FROM data_value", "2");
    ck_assert_int_eq(writer->indexed_seq, 2);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "PRAGMA writable_schema = ON; "
                                                 "DELETE FROM sqlite_schema WHERE type = 'trigger'"));
    ck_assert_ptr_null(
        scratch_sql(SCRATCH_PATH, "INSERT INTO data_index (key, pattern, upto) VALUES ('other', '*', 1)"));
    expect_ok(log_, eventure__log_load_data_indexes(log_));
    append(1);
    expect_ok(log_, eventure_log_commit(log_));
    scratch_expect_answer(upto, "n 3, m 3, other 1");
    ck_assert_int_eq(writer->indexed_seq, 3);
}
END_TEST

/* --- Out of memory --- */

static eventure_status write_by_hand(size_t data_len)
{
    static char data[EVENTURE__ROW_MAX_BYTES + 1];
    memset(data, ' ', sizeof data);
    memcpy(data, "{}", 2);
    return eventure__writer_event(writer, &(eventure__entry){.seq = writer->last_seq + 1,
                                                             .type = "a.b",
                                                             .type_len = 3,
                                                             .id = "0-EBFC-1",
                                                             .id_len = 8,
                                                             .data = data,
                                                             .data_len = data_len});
}

START_TEST(an_event_for_which_there_is_no_memory_is_not_among_those_that_wait)
{
    expect_ok(log_, eventure__writer_begin(writer));
    alloc_fail_at(1);
    eventure_status status = write_by_hand(20000); /* more than the buffer has at first */
    ck_assert(alloc_fail_stop());
    expect_status(EVENTURE_ERROR_MEMORY, log_, status);
    ck_assert_str_eq(eventure_log_message(log_), "out of memory for 20000 bytes of data");
    ck_assert_uint_eq(writer->rows_count, 0);
    ck_assert_int_eq(writer->last_seq, 0);
    expect_ok(log_, eventure_log_rollback(log_));
    expect_ok(log_, eventure__writer_begin(writer));
    alloc_fail_at(1);
    status = write_by_hand(8000);
    ck_assert(!alloc_fail_stop()); /* the first buffer has room: nothing is allocated */
    expect_ok(log_, status);
    alloc_fail_at(1);
    status = eventure__writer_write_rows(writer);
    ck_assert(alloc_fail_stop());
    expect_status(EVENTURE_ERROR_MEMORY, log_, status);
    ck_assert_str_eq(eventure_log_message(log_), "append events: out of memory");
    expect_ok(log_, eventure_log_rollback(log_));
    expect_ok(log_, eventure__writer_begin(writer));
    alloc_fail_at(1);
    status = write_by_hand(EVENTURE__ROW_MAX_BYTES + 1); /* which is written at once */
    ck_assert(alloc_fail_stop());
    expect_status(EVENTURE_ERROR_MEMORY, log_, status);
    ck_assert_str_eq(eventure_log_message(log_), "append events: out of memory");
    expect_ok(log_, eventure_log_rollback(log_));
}
END_TEST

START_TEST(a_writer_without_memory_is_not_opened_and_can_be_closed)
{
    static eventure__writer other;
    alloc_fail_at(1);
    const eventure_status status = eventure__writer_open(&other, log_->store);
    ck_assert(alloc_fail_stop());
    expect_status(EVENTURE_ERROR_MEMORY, log_, status);
    ck_assert_str_eq(eventure_log_message(log_), "open scratch.db: out of memory");
    eventure__writer_close(&other);
    expect_ok(log_, eventure__writer_open(&other, log_->store));
    for (int which = EVENTURE__UPSERT_TICK; which < EVENTURE__WRITER_STATEMENTS; which++)
        ck_assert_ptr_nonnull(other.statements[which]);
    eventure__writer_close(&other);
    for (int which = 0; which < EVENTURE__WRITER_STATEMENTS; which++)
        ck_assert_ptr_null(other.statements[which]);
    ck_assert_ptr_null(other.rows_texts.bytes);
}
END_TEST
