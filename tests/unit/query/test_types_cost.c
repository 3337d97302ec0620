/*
 * The cost of queries by type and tick: they examine only the events that they return, and compute the result while it
 * is read.
 */
#include <sqlite3.h>
#include <stdint.h>

#include "scratch.h"
#include "session_world.h"
#include "store/store.h"
#include "testing.h"

#define CROWD 10000

/* Counts the calls of SQLite's progress handler. */
static int count_steps(void *context)
{
    ++*(int64_t *)context;
    return 0;
}

static int64_t steps_of(eventure_reader *reader, const eventure_filter *filter, int64_t expected)
{
    int64_t steps = 0;
    int64_t rows = 0;
    eventure_cursor *cursor = NULL;
    eventure_event event;
    sqlite3_progress_handler(reader->db, 1, count_steps, &steps); /* counts the look-up of the types, too */
    expect_ok(reader, eventure_query(reader, filter, &cursor));
    while (eventure_cursor_next(cursor, &event) == EVENTURE_ROW)
        rows++;
    sqlite3_progress_handler(reader->db, 0, NULL, NULL);
    eventure_cursor_free(cursor);
    ck_assert_int_eq(rows, expected);
    return steps;
}

START_TEST(a_rare_type_in_a_crowded_tick_is_found_without_looking_at_the_crowd)
{
    eventure_log *log = scratch_new();
    eventure_log_advance_to(log, 12);
    for (int i = 0; i < CROWD; i++)
        scratch_append(log, i == CROWD / 2 ? "rare.one" : i == CROWD / 3 ? "rare.two" : "crowd.member", NULL, NULL);
    eventure_log_advance_tick(log);
    scratch_append(log, "rare.one", NULL, NULL);
    expect_ok(log, eventure_log_commit(log));
    for (int state = 0; state < 3; state++)
    {
        eventure_reader *reader = NULL;
        if (state == 1)
            ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "ANALYZE"));
        expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
        for (int reverse = 0; reverse < 2; reverse++)
        {
            eventure_filter filter = EVENTURE_FILTER_INIT;
            filter.reverse = reverse != 0;
            filter.type = "rare.one";
            ck_assert_int_lt(steps_of(reader, &filter, 2), 1000);
            filter.type = "rare.*";
            ck_assert_int_lt(steps_of(reader, &filter, 3), 1000);
            filter.type = "*.two";
            ck_assert_int_lt(steps_of(reader, &filter, 1), 1000);
            filter.type = "no.such";
            ck_assert_int_lt(steps_of(reader, &filter, 0), 1000);
            filter.type = "no.*";
            ck_assert_int_lt(steps_of(reader, &filter, 0), 1000);
            filter.type = "rare.*";
            filter.tick_min = 12;
            filter.tick_end = 13;
            ck_assert_int_lt(steps_of(reader, &filter, 2), 1000);
            filter.type = "rare.two";
            ck_assert_int_lt(steps_of(reader, &filter, 1), 1000);
            filter.type = "crowd.member";
            filter.limit = 10;
            ck_assert_int_lt(steps_of(reader, &filter, 10), 2000);
        }
        eventure_reader_close(reader);
    }
    expect_ok(NULL, eventure_log_close(log));
    world_verify(SCRATCH_PATH);
}
END_TEST

/* A page of results starts where the previous one ended, and not at the beginning of its first tick; and a range of
 * ticks ends at its last tick, also for a log with a current tick beyond it. */
START_TEST(a_page_of_a_range_of_ticks_looks_at_nothing_else)
{
    static const char *const patterns[] = {"*", "crowd.one", "crowd.*", "no.such"};
    eventure_log *log = scratch_new();
    for (int i = 0; i < CROWD; i++)
    {
        scratch_append(log, i % 2 == 0 ? "crowd.one" : "crowd.two", NULL, NULL);
        if (i % 10 == 9)
            expect_ok(log, eventure_log_advance_tick(log));
    }
    expect_ok(log, eventure_log_commit(log));
    for (size_t i = 0; i < COUNT_OF(patterns); i++)
        for (int state = 0; state < 4; state++)
        {
            eventure_reader *reader = eventure_log_reader(log);
            eventure_filter filter = EVENTURE_FILTER_INIT;
            if (state == 2)
                ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "ANALYZE"));
            if (state % 2 == 1)
                expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
            int64_t some = i == 3 ? 0 : 5;
            filter.type = patterns[i];
            filter.limit = 5;
            filter.tick_min = 2;
            filter.after_seq = CROWD - 100;
            ck_assert_int_lt(steps_of(reader, &filter, some), 1500);
            filter.tick_min = 900;
            filter.after_seq = 100;
            ck_assert_int_lt(steps_of(reader, &filter, some), 1500);
            filter.tick_end = 901;
            filter.limit = 0;
            ck_assert_int_lt(steps_of(reader, &filter, i == 1 ? 5 : 2 * some), 1500);
            filter.tick_min = 0;
            filter.after_seq = 9000;
            ck_assert_int_lt(steps_of(reader, &filter, i == 1 ? 5 : 2 * some), 1500);
            filter.reverse = true;
            filter.limit = 5;
            filter.tick_end = 901;
            filter.after_seq = 100;
            ck_assert_int_lt(steps_of(reader, &filter, some), 1500);
            filter.tick_end = 10;
            filter.after_seq = 9000;
            ck_assert_int_lt(steps_of(reader, &filter, some), 1500);
            filter.tick_min = 9;
            filter.limit = 0;
            ck_assert_int_lt(steps_of(reader, &filter, i == 1 ? 5 : 2 * some), 1500);
            if (state % 2 == 1)
                eventure_reader_close(reader);
        }
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST

/* The result for several types is merged while it is read, and not collected and sorted first. */
START_TEST(the_first_event_of_a_large_answer_comes_quickly_and_memory_stays_flat)
{
    eventure_log *log = scratch_new();
    eventure_reader *reader = NULL;
    eventure_event event;
    sqlite3_int64 used = 0;
    sqlite3_int64 most = 0;
    int64_t steps = 0;
    int64_t rows = 0;
    for (int i = 0; i < 20 * CROWD; i++)
        scratch_append(log, i % 3 == 0 ? "a.one" : i % 3 == 1 ? "a.two" : "b.one", NULL, NULL);
    expect_ok(log, eventure_log_commit(log));
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    ck_assert_int_eq(sqlite3_exec(reader->db, "PRAGMA cache_size = -256", NULL, NULL, NULL), SQLITE_OK);
    for (int reverse = 0; reverse < 2; reverse++)
    {
        eventure_filter filter = EVENTURE_FILTER_INIT;
        eventure_cursor *cursor = NULL;
        filter.type = "a.*";
        filter.reverse = reverse != 0;
        steps = rows = 0;
        sqlite3_progress_handler(reader->db, 1, count_steps, &steps);
        expect_ok(reader, eventure_query(reader, &filter, &cursor));
        expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
        sqlite3_progress_handler(reader->db, 0, NULL, NULL);
        ck_assert_int_lt(steps, 500);
        ck_assert_int_eq(sqlite3_status64(SQLITE_STATUS_MEMORY_USED, &used, &most, 1), SQLITE_OK);
        while (eventure_cursor_next(cursor, &event) == EVENTURE_ROW)
            rows++;
        sqlite3_int64 before = used;
        ck_assert_int_eq(sqlite3_status64(SQLITE_STATUS_MEMORY_USED, &used, &most, 0), SQLITE_OK);
        ck_assert_int_lt(most - before, (sqlite3_int64)1024 * 1024);
        ck_assert_int_eq(rows, (20 * CROWD + 2) / 3 + (20 * CROWD + 1) / 3 - 1);
        eventure_cursor_free(cursor);
    }
    eventure_reader_close(reader);
    expect_ok(NULL, eventure_log_close(log));
}
END_TEST
