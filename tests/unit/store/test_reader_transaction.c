/*
 * Calls that read within one transaction: a transaction of the caller stays as it is, and one of their own ends.
 */
#include <stdio.h>
#include <string.h>

#include "ledger.h"
#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

static eventure_log *log_;
static eventure_reader *reader;
static char child[64]; /* the id of an event without children */

/* Makes a fork, so that verify reads an origin, too. */
static void set_up(void)
{
    scratch_remove("source.db");
    scratch_remove(SCRATCH_PATH);
    eventure_log *source = scratch_open("source.db");
    strcpy(child, scratch_append(source, "a.b", "{\"k\":1}", NULL));
    expect_ok(source, eventure_log_advance_tick(source));
    expect_ok(source, eventure_store_fork_at_tick(eventure_log_reader(source), SCRATCH_PATH, 0, NULL));
    expect_ok(NULL, eventure_log_close(source));
    scratch_remove("source.db");
    log_ = scratch_open(SCRATCH_PATH);
    strcpy(child, scratch_append(log_, "a.b", "{\"k\":2}", child));
    expect_ok(log_, eventure_data_index_add(log_, "k", NULL, NULL));
    expect_ok(log_, eventure_log_advance_tick(log_));
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
}

static void tear_down(void)
{
    eventure_reader_close(reader);
    scratch_close(log_);
}

static void verify(void)
{
    scratch_expect_sound(reader);
}

static void diff(void)
{
    eventure_reader *other = NULL;
    eventure_difference difference;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &other));
    expect_ok(reader, eventure_store_diff(reader, other, &difference));
    eventure_difference_clear(&difference);
    expect_ok(other, eventure_store_diff(other, reader, &difference));
    eventure_difference_clear(&difference);
    eventure_reader_close(other);
}

static void repair(void)
{
    eventure_repair_report report;
    scratch_remove("repaired.db");
    expect_ok(reader, eventure_store_repair(reader, "repaired.db", NULL, &report));
    scratch_remove("repaired.db");
}

static void replay(void)
{
    ledger state = {0};
    expect_ok(reader, eventure_replay_at(reader, &ledger_reducer, &state, 1, NULL));
}

static void check_snapshots(void)
{
    ledger state = {0};
    eventure_snapshot_check_report report;
    expect_ok(reader, eventure_snapshot_check(reader, &ledger_reducer, &state, NULL, &report));
}

static void play(void)
{
    ledger state = {0};
    eventure_playback *playback = NULL;
    expect_ok(reader, eventure_playback_new(reader, &ledger_reducer, &state, NULL, &playback));
    expect_ok(reader, eventure_playback_seek_tick(playback, 1));
    expect_ok(reader, eventure_playback_seek_seq(playback, 1));
    expect_status(EVENTURE_ROW, reader, eventure_playback_step_events(playback, 1));
    expect_status(EVENTURE_ROW, reader, eventure_playback_step_ticks(playback, -1));
    expect_status(EVENTURE_ROW, reader, eventure_playback_run(playback, NULL));
    eventure_playback_free(playback);
}

static int ignore_index(const eventure_data_index *index, void *context)
{
    (void)index;
    (void)context;
    return 0;
}

static void list_indexes(void)
{
    expect_ok(reader, eventure_data_index_list(reader, ignore_index, NULL));
}

static void print_cascades(void)
{
    FILE *out = fopen("/dev/null", "w");
    ck_assert_ptr_nonnull(out);
    expect_ok(reader, eventure_cascade_print(reader, out, NULL));
    fclose(out);
}

static void (*const calls[])(void) = {verify,          diff, repair,       replay,
                                      check_snapshots, play, list_indexes, print_cascades};

LOOP_TEST(a_transaction_of_the_call_ends_with_it, COUNT_OF(calls))
{
    calls[_i]();
    scratch_append(log_, "a.b", NULL, NULL);
    expect_ok(log_, eventure_log_advance_tick(log_));
    ck_assert_int_eq(scratch_last_seq(reader), 3);
}
END_TEST

LOOP_TEST(a_transaction_of_the_caller_continues, COUNT_OF(calls))
{
    expect_ok(reader, eventure_reader_begin(reader));
    calls[_i]();
    scratch_append(log_, "a.b", NULL, NULL);
    expect_ok(log_, eventure_log_advance_tick(log_));
    ck_assert_int_eq(scratch_last_seq(reader), 2);
    eventure_reader_end(reader);
    ck_assert_int_eq(scratch_last_seq(reader), 3);
}
END_TEST

/* An id is looked up by another statement than that of the cursor, which reads nothing here. */
START_TEST(a_cursor_at_its_end_reads_no_more)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    int64_t count = -1;
    filter.cascade_of = child;
    filter.type = "none";
    expect_ok(reader, eventure_query(reader, &filter, &cursor));
    expect_ok(reader, eventure_cursor_next(cursor, &event));
    scratch_append(log_, "a.b", NULL, NULL);
    expect_ok(log_, eventure_log_advance_tick(log_));
    ck_assert_int_eq(scratch_last_seq(reader), 3);
    eventure_cursor_free(cursor);

    expect_ok(reader, eventure_query_count(reader, &filter, &count));
    ck_assert_int_eq(count, 0);
    scratch_append(log_, "a.b", NULL, NULL);
    expect_ok(log_, eventure_log_advance_tick(log_));
    ck_assert_int_eq(scratch_last_seq(reader), 4);
}
END_TEST
