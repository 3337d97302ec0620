/*
 * Snapshots of the current state and of an existing history, their use for the state at a tick, and checks of them.
 */
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <eventure/archive.h>

#include "base/buffer.h"
#include "embedded_sql.h"
#include "harness.h"
#include "rounds.h"
#include "snapshot_world.h"
#include "testing.h"

TEST_FIXTURE(open_world, close_world);

static uint64_t seed = 88172645463325252U;

/* Opens the log again with options for writing a long history quickly. */
static void reopen_fast(void)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    expect_ok(NULL, eventure_log_close(here.log));
    options.sync = EVENTURE_SYNC_OFF;
    options.commit_every_ticks = 1000;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &here.log));
}

START_TEST(the_state_at_any_tick_is_that_of_the_fold_from_the_start)
{
    reopen_fast();
    ledger_write(here.log, &seed, 20000);
    ck_assert_int_gt(build(500, 0), 20);
    int64_t last = eventure_log_tick(here.log);
    for (int i = 0; i < rounds(200); i++)
        expect_state((int64_t)harness_random(&seed, (uint64_t)last + 3));
    expect_state(0);
    expect_state(EVENTURE_TICK_NEWEST);
}
END_TEST

START_TEST(the_state_at_a_tick_costs_the_events_since_the_newest_snapshot)
{
    ledger state = {0};
    write_ticks(100);
    build(10, 0);
    expect_ok(reader(), eventure_replay_at(reader(), &ledger_reducer, &state, 57, NULL));
    ck_assert_int_eq(state.events, 58);
    ck_assert_int_eq(state.applied, 8);
}
END_TEST

START_TEST(without_snapshots_all_events_are_folded)
{
    ledger state;
    write_ticks(20);
    build(10, 0);
    state = ledger_at(reader(), 15);
    ck_assert_int_eq(state.applied, 16);
}
END_TEST

START_TEST(a_snapshot_of_another_version_or_name_is_never_used)
{
    eventure_reducer changed = ledger_reducer;
    ledger state = {0};
    write_ticks(20);
    build(10, 0);
    changed.version = 2;
    expect_ok(reader(), eventure_replay_at(reader(), &changed, &state, 15, NULL));
    ck_assert_int_eq(state.applied, 16);
    changed = ledger_reducer;
    changed.name = "ledge";
    state.applied = 0;
    expect_ok(reader(), eventure_replay_at(reader(), &changed, &state, 15, NULL));
    ck_assert_int_eq(state.applied, 16);
}
END_TEST

START_TEST(a_reducer_without_save_and_load_is_folded_from_the_start)
{
    eventure_reducer plain = ledger_reducer;
    ledger state = {0};
    write_ticks(20);
    build(10, 0);
    plain.save = NULL;
    plain.load = NULL;
    expect_ok(reader(), eventure_replay_at(reader(), &plain, &state, 15, NULL));
    ck_assert_int_eq(state.applied, 16);
}
END_TEST

START_TEST(a_reducer_of_the_first_size_still_works)
{
    eventure_reducer old = ledger_reducer;
    ledger state = {0};
    write_ticks(3);
    old.size = offsetof(eventure_reducer, save);
    expect_ok(reader(), eventure_replay_at(reader(), &old, &state, 15, NULL));
    ck_assert_int_eq(state.applied, 3);
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_snapshot_take(here.log, &old, &state));
    expect_message("save");
}
END_TEST

START_TEST(a_snapshot_on_demand_is_of_now_also_in_the_middle_of_a_tick)
{
    ledger state = {0};
    write_ticks(3);
    scratch_append(here.log, "money.deposited", "{\"account\":1,\"amount\":5}", NULL);
    expect_ok(here.log, eventure_snapshot_take(here.log, &ledger_reducer, &state));
    ck_assert_int_eq(state.events, 4);
    expect_places("3:4 ");
    scratch_append(here.log, "money.withdrawn", "{\"account\":1,\"amount\":7}", NULL);
    expect_state(3);
    expect_state(2);
    state.applied = 0;
    expect_ok(reader(), eventure_replay_at(reader(), &ledger_reducer, &state, 3, NULL));
    ck_assert_int_eq(state.applied, 1);
    ck_assert_int_eq(state.balances[1], 13);
}
END_TEST

START_TEST(a_snapshot_on_demand_is_committed_and_rolled_back_with_its_tick)
{
    ledger state = {0};
    write_ticks(3);
    expect_ok(here.log, eventure_snapshot_take(here.log, &ledger_reducer, &state));
    char *count = scratch_ask(SCRATCH_PATH, "SELECT count(*) FROM snapshot");
    ck_assert_str_eq(count, "0");
    free(count);
    expect_ok(here.log, eventure_log_rollback(here.log));
    expect_places("");
    expect_ok(here.log, eventure_snapshot_take(here.log, &ledger_reducer, &state));
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    count = scratch_ask(SCRATCH_PATH, "SELECT count(*) FROM snapshot");
    ck_assert_str_eq(count, "1");
    free(count);
}
END_TEST

START_TEST(a_snapshot_of_an_empty_history_is_the_state_before_the_first_event)
{
    ledger state = {.events = 77};
    expect_ok(here.log, eventure_snapshot_take(here.log, &ledger_reducer, &state));
    ck_assert_int_eq(state.events, 0);
    expect_places("0:0 ");
    write_ticks(2);
    expect_state(1);
}
END_TEST

START_TEST(taking_a_snapshot_again_at_the_same_place_replaces_it)
{
    ledger state = {0};
    write_ticks(2);
    expect_ok(here.log, eventure_snapshot_take(here.log, &ledger_reducer, &state));
    expect_ok(here.log, eventure_snapshot_take(here.log, &ledger_reducer, &state));
    expect_places("2:2 ");
}
END_TEST

START_TEST(an_error_of_save_leaves_no_snapshot_and_what_is_pending_alone)
{
    ledger state = {.fail_save = true};
    write_ticks(2);
    scratch_append(here.log, "account.noted", NULL, NULL);
    expect_status(EVENTURE_ERROR_LIMIT, here.log, eventure_snapshot_take(here.log, &ledger_reducer, &state));
    expect_message("ledger");
    expect_message("save");
    expect_places("");
    ck_assert_int_eq(events_in_log(), 3);
}
END_TEST

START_TEST(an_error_of_load_names_the_snapshot)
{
    ledger state = {0};
    write_ticks(20);
    build(10, 0);
    state.fail_load = true;
    expect_status(EVENTURE_ERROR_CORRUPT, reader(), eventure_replay_at(reader(), &ledger_reducer, &state, 15, NULL));
    expect_message("the snapshot at tick 9");
}
END_TEST

static const char *tell(void *context)
{
    (void)context;
    return "the sky fell";
}

START_TEST(a_reducer_can_say_why_it_failed)
{
    eventure_reducer telling = ledger_reducer;
    ledger state = {.fail_at_seq = 2};
    telling.message = tell;
    write_ticks(3);
    expect_status(EVENTURE_ERROR_HANDLER, reader(), eventure_replay_at(reader(), &telling, &state, 15, NULL));
    expect_message("at tick 1, event 1-");
    expect_message("(money.deposited): the sky fell");
}
END_TEST

START_TEST(a_stopped_reducer_gives_no_snapshot)
{
    ledger state = {.stop_at_seq = 2};
    write_ticks(4);
    expect_ok(reader(), eventure_replay_at(reader(), &ledger_reducer, &state, 3, NULL));
    ck_assert_int_eq(state.events, 2);
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_snapshot_take(here.log, &ledger_reducer, &state));
    expect_message("stopped at event 2");
    expect_places("");
}
END_TEST

START_TEST(building_counts_events_and_saves_between_ticks)
{
    for (int tick = 0; tick < 4; tick++)
    {
        for (int i = 0; i < 3; i++)
            scratch_append(here.log, "account.noted", NULL, NULL);
        expect_ok(here.log, eventure_log_advance_tick(here.log));
    }
    scratch_append(here.log, "account.noted", NULL, NULL);
    ck_assert_int_eq(build(4, 0), 2);
    expect_places("1:6 3:12 ");
}
END_TEST

/* The first tick that can have a snapshot. */
START_TEST(building_begins_with_the_end_of_tick_0)
{
    write_ticks(1);
    ck_assert_int_eq(build(0, 1), 1);
    expect_places("0:1 ");
}
END_TEST

START_TEST(building_counts_ticks)
{
    write_ticks(10);
    ck_assert_int_eq(build(0, 4), 2);
    expect_places("3:4 7:8 ");
}
END_TEST

START_TEST(building_continues_after_the_newest_snapshot)
{
    write_ticks(10);
    ck_assert_int_eq(build(5, 0), 2);
    write_ticks(10);
    ck_assert_int_eq(build(5, 0), 2);
    expect_places("4:5 9:10 14:15 19:20 ");
    ck_assert_int_eq(build(5, 0), 0);
}
END_TEST

START_TEST(building_from_the_start_replaces_what_is_there)
{
    eventure_snapshot_build_options options = EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT;
    eventure_snapshot_policy options_policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    options.policy = &options_policy;
    ledger state = {0};
    write_ticks(10);
    build(5, 0);
    options_policy.every_events = 3;
    options.from_start = true;
    expect_ok(here.log, eventure_snapshot_build(here.log, &ledger_reducer, &state, &options, NULL));
    expect_places("2:3 5:6 8:9 ");
}
END_TEST

static int stop_at_once(const eventure_progress *progress, void *context)
{
    (void)progress;
    (void)context;
    return 1;
}

START_TEST(building_that_is_stopped_or_fails_leaves_no_snapshot)
{
    eventure_snapshot_build_options options = EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT;
    eventure_snapshot_policy options_policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    options.policy = &options_policy;
    ledger state = {0};
    reopen_fast();
    ledger_write(here.log, &seed, 5000);
    options_policy.every_events = 100;
    options.progress = stop_at_once;
    expect_status(EVENTURE_ERROR_INTERRUPTED, here.log,
                  eventure_snapshot_build(here.log, &ledger_reducer, &state, &options, NULL));
    expect_places("");
    options.progress = NULL;
    state.fail_at_seq = 4000;
    expect_status(EVENTURE_ERROR_HANDLER, here.log,
                  eventure_snapshot_build(here.log, &ledger_reducer, &state, &options, NULL));
    expect_places("");
    ck_assert_int_eq(events_in_log(), 5000);
    expect_ok(here.log, eventure_log_advance_tick(here.log));
}
END_TEST

START_TEST(a_policy_that_takes_nothing_or_is_negative_is_refused)
{
    eventure_snapshot_build_options options = EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT;
    eventure_snapshot_policy options_policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    options.policy = &options_policy;
    ledger state = {0};
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log,
                  eventure_snapshot_build(here.log, &ledger_reducer, &state, &options, NULL));
    expect_message("takes none");
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log,
                  eventure_snapshot_build(here.log, &ledger_reducer, &state, NULL, NULL));
    options_policy.every_ticks = -1;
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log,
                  eventure_snapshot_build(here.log, &ledger_reducer, &state, &options, NULL));
    ck_assert_str_eq(message(), "build snapshots: option every_ticks is -1, less than 0");
}
END_TEST

static void prune(int64_t keep_newest, int64_t keep_every_ticks)
{
    eventure_snapshot_policy policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    policy.keep_newest = keep_newest;
    policy.keep_every_ticks = keep_every_ticks;
    expect_ok(here.log, eventure_snapshot_prune(here.log, "ledger", 1, &policy));
}

START_TEST(pruning_keeps_the_newest)
{
    write_ticks(10);
    build(2, 0);
    prune(0, 0);
    expect_places("1:2 3:4 5:6 7:8 9:10 ");
    prune(2, 0);
    expect_places("7:8 9:10 ");
}
END_TEST

START_TEST(pruning_keeps_the_last_of_each_so_many_ticks)
{
    write_ticks(25);
    build(2, 0);
    prune(0, 10);
    expect_places("9:10 19:20 23:24 ");
}
END_TEST

START_TEST(pruning_keeps_the_newest_and_the_last_of_each_so_many_ticks)
{
    write_ticks(25);
    build(2, 0);
    prune(3, 10);
    expect_places("9:10 19:20 21:22 23:24 ");
}
END_TEST

START_TEST(pruning_leaves_other_reducers_alone_and_drops_other_versions_on_request)
{
    eventure_snapshot_policy policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    eventure_reducer other = ledger_reducer;
    ledger state = {0};
    write_ticks(4);
    expect_ok(here.log, eventure_snapshot_take(here.log, &ledger_reducer, &state));
    other.version = 2;
    expect_ok(here.log, eventure_snapshot_take(here.log, &other, &state));
    other.name = "other";
    expect_ok(here.log, eventure_snapshot_take(here.log, &other, &state));
    policy.keep_newest = 1;
    expect_ok(here.log, eventure_snapshot_prune(here.log, "ledger", 2, &policy));
    ck_assert_int_eq(count_snapshots(NULL), 3);
    policy.drop_other_versions = true;
    expect_ok(here.log, eventure_snapshot_prune(here.log, "ledger", 2, &policy));
    ck_assert_int_eq(count_snapshots("ledger"), 1);
    ck_assert_int_eq(count_snapshots("other"), 1);
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_snapshot_prune(here.log, NULL, 2, &policy));
}
END_TEST

START_TEST(an_open_reader_uses_the_snapshots_too)
{
    eventure_reader *other = NULL;
    ledger state = {0};
    ledger now = {0};
    write_ticks(20);
    build(10, 0);
    now = ledger_at(reader(), 15);
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &other));
    expect_ok(other, eventure_replay_at(other, &ledger_reducer, &state, 15, NULL));
    ck_assert_int_eq(state.applied, 6);
    ck_assert(ledger_equal(&state, &now));
    expect_ok(other, eventure_reader_begin(other)); /* it has no read transaction any more */
    eventure_reader_close(other);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
    ledger state = {0};
    eventure_snapshot_check_report check;
    eventure_reducer half = ledger_reducer;
    eventure_state_options options = EVENTURE_STATE_OPTIONS_INIT;
    half.load = NULL;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_replay_at(NULL, &ledger_reducer, &state, 0, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_replay_at(reader(), NULL, &state, 0, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_replay_at(reader(), &half, &state, 0, NULL));
    expect_message("load is NULL");
    expect_status(EVENTURE_ERROR_TICK, reader(), eventure_replay_at(reader(), &ledger_reducer, &state, -1, NULL));
    expect_message("-1");
    options.size = 0;
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(),
                  eventure_replay_at(reader(), &ledger_reducer, &state, 0, &options));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_snapshot_take(NULL, &ledger_reducer, &state));
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(),
                  eventure_snapshot_check(reader(), &ledger_reducer, &state, NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_snapshot_check(NULL, &ledger_reducer, &state, NULL, &check));
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_snapshot_check(reader(), NULL, &state, NULL, &check));
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_snapshot_check(reader(), &half, &state, NULL, &check));
    expect_message("load is NULL");
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(),
                  eventure_snapshot_check(reader(), &ledger_reducer, &state, &options, &check));
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_snapshot_list(reader(), NULL, NULL, NULL));
}
END_TEST

START_TEST(the_newest_snapshot_at_or_before_a_tick_is_found_through_the_index)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    eventure__buffer sql = {0};
    eventure__buffer_append_text(&sql, "EXPLAIN QUERY PLAN ");
    eventure__buffer_append_text(&sql, eventure__query_snapshot_at.text);
    ck_assert_int_eq(sqlite3_open(SCRATCH_PATH, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, eventure__buffer_text(&sql), -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    ck_assert_str_eq((const char *)sqlite3_column_text(statement, 3),
                     "SEARCH snapshot USING INDEX snapshot_place (name=? AND version=? AND (tick,seq)<(?,?))");
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_DONE); /* and nothing is sorted */
    sqlite3_finalize(statement);
    sqlite3_close(db);
    eventure__buffer_free(&sql);
}
END_TEST

static double given_time(void *context)
{
    return *(const double *)context;
}

/* test_log tests appending. */
START_TEST(a_clock_that_gives_no_time_is_refused_by_each_call_that_asks_it)
{
    static const double times[] = {NAN, INFINITY, -INFINITY};
    static const char *const texts[] = {"the clock returned NaN, which is not finite",
                                        "the clock returned Infinity, which is not finite",
                                        "the clock returned -Infinity, which is not finite"};
    ledger state = {0};
    const eventure_reducer_state kept = {.size = sizeof kept, .reducer = &ledger_reducer, .context = &state};
    eventure_archive_options archiving = EVENTURE_ARCHIVE_OPTIONS_INIT;
    eventure_snapshot_build_options building = EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT;
    eventure_snapshot_policy building_policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    building.policy = &building_policy;
    archiving.states = &kept;
    archiving.states_count = 1;
    building_policy.every_ticks = 1;
    scratch_remove("archive.db");
    ledger_write(here.log, &seed, 50);
    for (size_t i = 0; i < COUNT_OF(times); i++)
    {
        eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
        double now = times[i];
        expect_ok(NULL, eventure_log_close(here.log));
        options.clock = given_time;
        options.clock_context = &now;
        expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &here.log));
        eventure_log *log = here.log;
        expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_save_point_create(log, "here", NULL));
        ck_assert_str_eq(eventure_log_message(log), texts[i]);
        expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_snapshot_take(log, &ledger_reducer, &state));
        expect_status(EVENTURE_ERROR_ARGUMENT, log,
                      eventure_snapshot_build(log, &ledger_reducer, &state, &building, NULL));
        expect_status(EVENTURE_ERROR_ARGUMENT, log, eventure_log_archive(log, "archive.db", 1, &archiving, NULL));
        ck_assert_int_eq(access("archive.db", F_OK), -1);
        now = 1; /* and it continues */
        expect_ok(log, eventure_log_append(log, "a.b", eventure_no_data(), NULL, NULL));
        expect_ok(log, eventure_log_advance_tick(log));
    }
    scratch_expect_answer("SELECT (SELECT count(*) FROM snapshot) + (SELECT count(*) FROM save_point)", "0");
}
END_TEST

/* The names of save points and of followers have the same limits. */
START_TEST(a_reducer_whose_snapshots_are_stored_has_a_name)
{
    char longest[257];
    eventure_reducer named = ledger_reducer;
    eventure_snapshotter *snapshotter = NULL;
    eventure_snapshot_build_options options = EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT;
    eventure_snapshot_policy options_policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    ledger state = {0};
    memset(longest, 'n', sizeof longest - 1);
    longest[256] = '\0';
    static const char *const causes[] = {"snapshot: the reducer has no name",
                                         "snapshot: the reducer \\xff: its name is not UTF-8",
                                         "snapshot: the reducer a\\nb: its name holds a control character"};
    const char *const names[] = {"", "\xff", "a\nb", longest};
    options.policy = &options_policy;
    options_policy.every_ticks = 1;
    write_ticks(2);
    for (size_t i = 0; i < COUNT_OF(names); i++)
    {
        named.name = names[i];
        expect_status(EVENTURE_ERROR_ARGUMENT, here.log, eventure_snapshot_take(here.log, &named, &state));
        if (i < COUNT_OF(causes))
            ck_assert_str_eq(message(), causes[i]);
        else
            expect_message(": its name has 256 bytes; the limit is 255");
        expect_status(EVENTURE_ERROR_ARGUMENT, here.log,
                      eventure_snapshot_build(here.log, &named, &state, &options, NULL));
        expect_status(EVENTURE_ERROR_ARGUMENT, here.log,
                      eventure_snapshotter_attach(here.log, &named, &state, NULL, &snapshotter));
        expect_ok(here.log, eventure_replay_at(reader(), &named, &state, 1, NULL)); /* nothing is stored */
    }
    ck_assert_int_eq(count_snapshots(NULL), 0);
    longest[255] = '\0';
    expect_ok(here.log, eventure_snapshot_take(here.log, &named, &state));
    ck_assert_int_eq(count_snapshots(longest), 1);
}
END_TEST

static int end_with(const eventure_snapshot *snapshot, void *context)
{
    (void)snapshot;
    return *(const int *)context;
}

START_TEST(a_list_that_its_callback_ends_says_so)
{
    int result = EVENTURE_ERROR_HANDLER;
    ledger state = {0};
    expect_ok(here.log, eventure_snapshot_take(here.log, &ledger_reducer, &state));
    expect_status(result, NULL, eventure_snapshot_list(reader(), NULL, end_with, &result));
    ck_assert_str_eq(message(), "list snapshots: the callback returned -15 (EVENTURE_ERROR_HANDLER)");
    result = 3; /* not an error */
    ck_assert_int_eq(eventure_snapshot_list(reader(), NULL, end_with, &result), 3);
    ck_assert_str_eq(message(), "");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_snapshot_drop(NULL, "ledger"));
    ck_assert_str_eq(eventure_last_message(), "eventure_snapshot_drop: a required argument is NULL");
}
END_TEST
