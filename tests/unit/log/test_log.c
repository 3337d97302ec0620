/*
 * The log: ids, ticks, transactions, and calls that it refuses.
 */
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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
    eventure_log_close(log_);
    log_ = NULL;
}

static void reopen(void)
{
    expect_ok(NULL, eventure_log_close(log_));
    log_ = scratch_open(SCRATCH_PATH);
}

START_TEST(a_new_store_is_at_tick_0_and_empty)
{
    ck_assert_int_eq(eventure_log_tick(log_), 0);
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 0);
}
END_TEST

START_TEST(append_hands_out_the_whole_event)
{
    eventure_event parent;
    eventure_event event;
    expect_ok(log_, eventure_log_append(log_, "user.create", eventure_no_data(), NULL, &parent));
    ck_assert_int_eq(parent.seq, 1);
    ck_assert_str_eq(parent.data, "{}");
    ck_assert_ptr_null(parent.parent_id);
    eventure_event *kept = NULL;
    expect_ok(NULL, eventure_event_copy(&parent, &kept));
    expect_ok(log_,
              eventure_log_append(log_, "user.name", EVENTURE_DATA(eventure_string("name", "Ann")), kept, &event));
    ck_assert_int_eq(event.seq, 2);
    ck_assert_int_eq(event.tick, 0);
    ck_assert_double_eq(event.timestamp, 1700000000.5);
    ck_assert_str_eq(event.type, "user.name");
    ck_assert_str_eq(event.data, "{\"name\":\"Ann\"}");
    ck_assert_uint_eq(event.data_len, strlen(event.data));
    ck_assert_str_eq(event.parent_id, kept->id);
    ck_assert_int_eq(event.parent_seq, 1);
    eventure_event_free(kept);
}
END_TEST

START_TEST(ids_count_the_events_of_a_tick_and_hash)
{
    /* Computed with Python: hashlib.md5(b"player.attack").hexdigest() has d, b, c, b as its first letters. */
    ck_assert_str_eq(scratch_append(log_, "player.attack", NULL, NULL), "0-DBCB-1");
    ck_assert_str_eq(scratch_append(log_, "room.move", NULL, NULL), "0-ECDA-1");
    ck_assert_str_eq(scratch_append(log_, "player.attack", NULL, NULL), "0-DBCB-2");
    expect_ok(log_, eventure_log_advance_tick(log_));
    ck_assert_str_eq(scratch_append(log_, "player.attack", NULL, NULL), "1-DBCB-1");
}
END_TEST

START_TEST(types_that_share_a_hash_share_its_counter)
{
    char first[16] = "";
    char hash[5];
    char other[5];
    eventure_type_hash("t.0", hash);
    for (int i = 1; first[0] == '\0'; i++)
    {
        char type[16];
        snprintf(type, sizeof type, "t.%d", i);
        eventure_type_hash(type, other);
        if (strcmp(hash, other) == 0)
            strcpy(first, type);
    }
    char expected[32];
    scratch_append(log_, "t.0", NULL, NULL);
    snprintf(expected, sizeof expected, "0-%s-2", hash);
    ck_assert_str_eq(scratch_append(log_, first, NULL, NULL), expected);
    eventure_event *found = NULL;
    expect_ok(eventure_log_reader(log_), eventure_query_find(eventure_log_reader(log_), expected, &found));
    ck_assert_str_eq(found->type, first);
    eventure_event_free(found);
}
END_TEST

START_TEST(the_counter_survives_closing_in_the_middle_of_a_tick)
{
    scratch_append(log_, "player.attack", NULL, NULL);
    scratch_append(log_, "player.attack", NULL, NULL);
    reopen();
    ck_assert_int_eq(eventure_log_tick(log_), 0);
    ck_assert_str_eq(scratch_append(log_, "player.attack", NULL, NULL), "0-DBCB-3");
}
END_TEST

START_TEST(two_logs_do_not_share_a_counter)
{
    scratch_remove("other.db");
    eventure_log *other = scratch_open("other.db");
    scratch_append(log_, "player.attack", NULL, NULL);
    ck_assert_str_eq(scratch_append(other, "player.attack", NULL, NULL), "0-DBCB-1");
    eventure_log_close(other);
}
END_TEST

START_TEST(advancing_moves_the_tick_by_one_or_to_a_tick)
{
    expect_ok(log_, eventure_log_advance_tick(log_));
    ck_assert_int_eq(eventure_log_tick(log_), 1);
    expect_ok(log_, eventure_log_advance_to(log_, 10));
    ck_assert_int_eq(eventure_log_tick(log_), 10);
    expect_ok(log_, eventure_log_advance_to(log_, 10));
    ck_assert_int_eq(eventure_log_tick(log_), 10);
}
END_TEST

START_TEST(going_back_is_refused)
{
    eventure_log_advance_to(log_, 5);
    expect_status(EVENTURE_ERROR_TICK, log_, eventure_log_advance_to(log_, 4));
    ck_assert_str_eq(eventure_log_message(log_), "advance to tick 4: the current tick is 5, and ticks do not go back");
    ck_assert_int_eq(eventure_log_tick(log_), 5);
}
END_TEST

START_TEST(the_current_tick_survives_closing_with_empty_ticks)
{
    scratch_append(log_, "a.b", NULL, NULL);
    eventure_log_advance_tick(log_);
    reopen();
    ck_assert_int_eq(eventure_log_tick(log_), 1);
    eventure_log_advance_tick(log_);
    eventure_log_advance_tick(log_);
    reopen();
    ck_assert_int_eq(eventure_log_tick(log_), 3);
    scratch_append(log_, "a.b", NULL, NULL);
    reopen();
    ck_assert_int_eq(eventure_log_tick(log_), 3);
    eventure_log_advance_to(log_, 100);
    reopen();
    ck_assert_int_eq(eventure_log_tick(log_), 100);
}
END_TEST

START_TEST(the_last_tick_cannot_be_advanced_past)
{
    expect_ok(log_, eventure_log_advance_to(log_, INT64_MAX));
    scratch_append(log_, "a.b", NULL, NULL);
    expect_status(EVENTURE_ERROR_TICK, log_, eventure_log_advance_tick(log_));
    reopen();
    ck_assert_int_eq(eventure_log_tick(log_), INT64_MAX);
}
END_TEST

START_TEST(rollback_goes_back_to_the_last_commit)
{
    scratch_append(log_, "a.b", NULL, NULL);
    eventure_log_advance_tick(log_);
    scratch_append(log_, "new.type", NULL, NULL);
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 2);
    expect_ok(log_, eventure_log_rollback(log_));
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 1);
    ck_assert_int_eq(eventure_log_tick(log_), 1);
    /* The type that was rolled back can be appended again. */
    ck_assert_str_eq(scratch_append(log_, "other.type", NULL, NULL), "1-ABEA-1");
    scratch_append(log_, "new.type", NULL, NULL);
    expect_ok(log_, eventure_log_commit(log_));
    scratch_expect_answer("SELECT group_concat(seq || ' ' || type, ', ') FROM (SELECT * FROM events ORDER BY seq)",
                          "1 a.b, 2 other.type, 3 new.type");
    scratch_expect_answer("SELECT group_concat(type || ' ' || count || ' ' || first_tick, ', ') FROM type_counts",
                          "a.b 1 0, other.type 1 1, new.type 1 1");
}
END_TEST

START_TEST(a_process_that_dies_leaves_whole_ticks)
{
    eventure_log_close(log_);
    pid_t child = fork();
    if (child == 0)
    {
        eventure_log *log = scratch_open(SCRATCH_PATH);
        for (int i = 0; i < 10; i++)
            scratch_append(log, "a.b", NULL, NULL);
        eventure_log_advance_tick(log);
        for (int i = 0; i < 7; i++)
            scratch_append(log, "a.b", NULL, NULL);
        eventure_reader_last_seq(eventure_log_reader(log), &(int64_t){0});
        _exit(0); /* without closing */
    }
    int status = 1;
    waitpid(child, &status, 0);
    ck_assert_int_eq(status, 0);
    log_ = scratch_open(SCRATCH_PATH);
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 10);
    ck_assert_int_eq(eventure_log_tick(log_), 1);
    ck_assert_str_eq(scratch_append(log_, "player.attack", NULL, NULL), "1-DBCB-1");
}
END_TEST

START_TEST(commits_can_be_shared_by_several_ticks)
{
    eventure_log_close(log_);
    scratch_remove(SCRATCH_PATH);
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.commit_every_ticks = 3;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log_));
    eventure_reader *reader = NULL;
    int64_t seen = -1;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    for (int i = 0; i < 2; i++)
    {
        scratch_append(log_, "a.b", NULL, NULL);
        eventure_log_advance_tick(log_);
    }
    eventure_reader_last_seq(reader, &seen);
    ck_assert_int_eq(seen, 0);
    scratch_append(log_, "a.b", NULL, NULL);
    eventure_log_advance_tick(log_);
    eventure_reader_last_seq(reader, &seen);
    ck_assert_int_eq(seen, 3);
    eventure_reader_tick(reader, &seen);
    ck_assert_int_eq(seen, 3);
    eventure_reader_close(reader);
}
END_TEST

START_TEST(the_durable_tick_is_that_of_the_last_commit)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    static const int64_t durable[] = {0, 0, 3, 3};
    eventure_log_close(log_);
    scratch_remove(SCRATCH_PATH);
    options.commit_every_ticks = 3;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log_));
    scratch_append(log_, "a.b", NULL, NULL);
    for (int i = 0; i < 4; i++)
    {
        expect_ok(log_, eventure_log_advance_tick(log_));
        ck_assert_int_eq(eventure_log_durable_tick(log_), durable[i]);
    }
    expect_ok(log_, eventure_log_flush(log_));
    ck_assert_int_eq(eventure_log_durable_tick(log_), 3);
    expect_ok(log_, eventure_log_wait_durable(log_, 4, 0));
    ck_assert_int_eq(eventure_log_durable_tick(log_), 4);
    ck_assert_int_eq(eventure_log_durable_tick(NULL), 0);
}
END_TEST

START_TEST(a_type_that_is_not_acceptable_is_refused)
{
    char longest[257];
    memset(longest, 'x', 256);
    longest[256] = '\0';
    expect_status(EVENTURE_ERROR_TYPE, log_, eventure_log_append(log_, "", eventure_no_data(), NULL, NULL));
    expect_status(EVENTURE_ERROR_TYPE, log_, eventure_log_append(log_, NULL, eventure_no_data(), NULL, NULL));
    expect_status(EVENTURE_ERROR_TYPE, log_, eventure_log_append(log_, longest, eventure_no_data(), NULL, NULL));
    expect_status(EVENTURE_ERROR_TYPE, log_, eventure_log_append(log_, "a\xff", eventure_no_data(), NULL, NULL));
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 0);
    longest[255] = '\0';
    expect_ok(log_, eventure_log_append(log_, longest, eventure_no_data(), NULL, NULL));
}
END_TEST

START_TEST(data_that_is_not_an_object_is_refused_with_what_was_tried)
{
    eventure_log_advance_to(log_, 7);
    expect_status(EVENTURE_ERROR_JSON, log_,
                  eventure_log_append(log_, "market.price", eventure_json("[1]"), NULL, NULL));
    expect_part(eventure_log_message(log_), "append market.price at tick 7: data is not a JSON object");
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 0);
}
END_TEST

START_TEST(data_beyond_a_limit_is_refused_with_the_limit)
{
    eventure_log_close(log_);
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.max_data_bytes = 16;
    options.max_depth = 2;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log_));
    expect_status(EVENTURE_ERROR_LIMIT, log_,
                  eventure_log_append(log_, "a.b", eventure_json("{\"a\":\"0123456789\"}"), NULL, NULL));
    expect_part(eventure_log_message(log_), "16");
    expect_status(EVENTURE_ERROR_LIMIT, log_,
                  eventure_log_append(log_, "a.b", eventure_json("{\"a\":{\"b\":[]}}"), NULL, NULL));
    expect_part(eventure_log_message(log_), "2");
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 0);
}
END_TEST

START_TEST(a_parent_must_be_in_this_store)
{
    eventure_event parent = {.id = "0-ABCD-1"};
    expect_status(EVENTURE_ERROR_PARENT, log_, eventure_log_append(log_, "a.b", eventure_no_data(), &parent, NULL));
    ck_assert_str_eq(eventure_log_message(log_), "append a.b at tick 0: parent 0-ABCD-1 is not in this store");
    scratch_append(log_, "a.b", NULL, NULL);
    char *id = strdup(scratch_append(log_, "a.b", NULL, NULL));
    parent.id = id;
    parent.seq = 1; /* the seq belongs to another event, so this parent is not from this store */
    expect_status(EVENTURE_ERROR_PARENT, log_, eventure_log_append(log_, "a.b", eventure_no_data(), &parent, NULL));
    parent.seq = 2;
    expect_ok(log_, eventure_log_append(log_, "a.b", eventure_no_data(), &parent, NULL));
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 3);
    free(id);
}
END_TEST

START_TEST(a_parent_long_ago_is_found)
{
    char *id = strdup(scratch_append(log_, "root.event", NULL, NULL));
    for (int i = 0; i < 3000; i++)
        scratch_append(log_, "a.b", NULL, NULL);
    eventure_event parent = {.id = id, .seq = 1};
    eventure_event event;
    expect_ok(log_, eventure_log_append(log_, "a.b", eventure_no_data(), &parent, &event));
    ck_assert_int_eq(event.parent_seq, 1);
    free(id);
}
END_TEST

static double broken_clock(void *context)
{
    (void)context;
    return NAN;
}

START_TEST(a_clock_that_is_not_finite_is_refused)
{
    eventure_log_close(log_);
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.clock = broken_clock;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log_));
    expect_status(EVENTURE_ERROR_ARGUMENT, log_, eventure_log_append(log_, "a.b", eventure_no_data(), NULL, NULL));
    ck_assert_int_eq(scratch_last_seq(eventure_log_reader(log_)), 0);
}
END_TEST

START_TEST(a_second_log_is_refused_at_once_with_the_reason)
{
    eventure_log *second = NULL;
    expect_status(EVENTURE_ERROR_BUSY, NULL, eventure_log_open(SCRATCH_PATH, NULL, &second));
    expect_part(eventure_log_message(second), "another log writes this store");
    eventure_log_close(second);
    scratch_append(log_, "a.b", NULL, NULL); /* the first log continues */
    eventure_log_close(log_);
    ck_assert_int_eq(access(SCRATCH_PATH "-writer", F_OK), -1);
    log_ = scratch_open(SCRATCH_PATH);
}
END_TEST

START_TEST(opening_obeys_the_mode)
{
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    scratch_remove("mode.db");
    options.mode = EVENTURE_OPEN_EXISTING;
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_log_open("mode.db", &options, &log));
    ck_assert_str_eq(eventure_log_message(log), "open mode.db: there is no such file");
    eventure_log_close(log);
    ck_assert_int_eq(access("mode.db", F_OK), -1);
    options.mode = EVENTURE_OPEN_NEW;
    expect_ok(NULL, eventure_log_open("mode.db", &options, &log));
    eventure_log_close(log);
    expect_status(EVENTURE_ERROR_EXISTS, NULL, eventure_log_open("mode.db", &options, &log));
    ck_assert_str_eq(eventure_log_message(log), "open mode.db: the file exists");
    eventure_log_close(log);
}
END_TEST

START_TEST(options_out_of_range_are_refused)
{
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.commit_every_ticks = -1;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_open("options.db", &options, &log));
    expect_part(eventure_log_message(log), "commit_every_ticks");
    eventure_log_close(log);
    eventure_log_options blank = {0};
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_open("options.db", &blank, &log));
    eventure_log_close(log);
    ck_assert_int_eq(access("options.db", F_OK), -1);
}
END_TEST

START_TEST(a_closed_or_missing_log_answers_with_an_error)
{
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_append(NULL, "a", eventure_no_data(), NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_log_advance_tick(NULL));
    expect_ok(NULL, eventure_log_close(NULL));
    ck_assert_str_eq(eventure_log_message(NULL), eventure_last_message());
    eventure_log *log = NULL;
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_log_open("/nonexistent/dir/a.db", NULL, &log));
    expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_append(log, "a", eventure_no_data(), NULL, NULL));
    ck_assert_ptr_null(eventure_log_reader(log));
    eventure_log_close(log);
}
END_TEST

START_TEST(sixty_four_bit_integers_and_spelling_of_numbers_survive)
{
    scratch_append(log_, "n.n", "{\"i\": 9007199254740993, \"big\": -9223372036854775808, \"e\": 1e22, \"z\": 1.50}",
                   NULL);
    eventure_cursor *cursor = NULL;
    eventure_event event;
    expect_ok(eventure_log_reader(log_), eventure_query(eventure_log_reader(log_), NULL, &cursor));
    expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
    ck_assert_str_eq(event.data, "{\"i\":9007199254740993,\"big\":-9223372036854775808,\"e\":1e22,\"z\":1.50}");
    eventure_cursor_free(cursor);
}
END_TEST

START_TEST(every_tick_has_chained_digests)
{
    scratch_append(log_, "a.b", "{\"x\":1}", NULL);
    eventure_log_advance_tick(log_);
    scratch_append(log_, "a.b", "{\"x\":1}", NULL);
    eventure_log_commit(log_); /* a digest in the middle of a tick must not disturb the final one */
    scratch_append(log_, "a.c", "{\"x\":2}", NULL);
    reopen();
    scratch_append(log_, "a.d", "{\"x\":3}", NULL);
    eventure_log_advance_tick(log_);
    char *in_parts = scratch_ask(SCRATCH_PATH, "SELECT run_digest || full_digest FROM ticks WHERE tick = 1");

    scratch_remove("whole.db");
    eventure_log *whole = scratch_open("whole.db");
    scratch_append(whole, "a.b", "{\"x\":1}", NULL);
    eventure_log_advance_tick(whole);
    scratch_append(whole, "a.b", "{\"x\":1}", NULL);
    scratch_append(whole, "a.c", "{\"x\":2}", NULL);
    scratch_append(whole, "a.d", "{\"x\":3}", NULL);
    eventure_log_advance_tick(whole);
    eventure_log_close(whole);
    char *at_once = scratch_ask("whole.db", "SELECT run_digest || full_digest FROM ticks WHERE tick = 1");
    char *first = scratch_ask("whole.db", "SELECT run_digest || full_digest FROM ticks WHERE tick = 0");
    ck_assert_uint_eq(strlen(at_once), 128);
    ck_assert_str_eq(in_parts, at_once);
    ck_assert_str_ne(first, at_once);
    free(in_parts);
    free(at_once);
    free(first);
}
END_TEST

static void check_refused(const char *sql, const char *message)
{
    char *got = scratch_sql(SCRATCH_PATH, sql);
    ck_assert_ptr_nonnull(got);
    ck_assert_str_eq(got, message);
    sqlite3_free(got);
}

START_TEST(ad_hoc_sql_cannot_rewrite_history)
{
    scratch_append(log_, "a.b", NULL, NULL);
    eventure_log_advance_tick(log_);
    check_refused("UPDATE events SET data = '{}'", "events are append-only: cannot update");
    check_refused("UPDATE events SET id = 'other'", "events are append-only: cannot update");
    check_refused("UPDATE events SET type = 'c'", "events are append-only: cannot update");
    check_refused("DELETE FROM events", "events are append-only: cannot delete");
    check_refused("INSERT INTO events VALUES (2, '0-EBFC-2', 0, 0, 'a.b', NULL, NULL, '{}')",
                  "events are append-only: append them through eventure");
    check_refused("REPLACE INTO events VALUES (1, '0-EBFC-1', 0, 0, 'a.b', NULL, NULL, '{}')",
                  "events are append-only: append them through eventure");
    check_refused("INSERT INTO events VALUES (1, '0-EBFC-1', 0, 0, 'a.b', NULL, NULL, '{}') "
                  "ON CONFLICT DO UPDATE SET data = '{\"x\":1}'",
                  "events are append-only: append them through eventure");
    check_refused("UPDATE tick SET last_seq = 9", "ticks are append-only: cannot update");
    check_refused("DELETE FROM tick", "ticks are append-only: cannot delete");
    check_refused("INSERT INTO tick VALUES (9, 2, 2, 1, NULL, NULL)",
                  "ticks are append-only: append events through eventure");
    check_refused("INSERT INTO archived_events VALUES (1, 'x', 0, 'a.b', NULL, NULL)",
                  "events are append-only: archive through eventure");
    char *events = scratch_ask(SCRATCH_PATH, "SELECT group_concat(seq || id || type || data) FROM events");
    ck_assert_str_eq(events, "10-EBFC-1a.b{}");
    free(events);
}
END_TEST
