/*
 * A reducer that follows a log: its state, when it saves, and the effect of a rollback.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snapshot_world.h"
#include "testing.h"

TEST_FIXTURE(open_world, close_following_world);

static ledger state;
static eventure_snapshotter *follower;
static uint64_t seed = 4101842887655102017U;

static void attach(int64_t every_events, int64_t every_ticks, int64_t keep_newest)
{
    eventure_snapshot_policy policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    policy.every_events = every_events;
    policy.every_ticks = every_ticks;
    policy.keep_newest = keep_newest;
    expect_ok(here.log, eventure_snapshotter_attach(here.log, &ledger_reducer, &state, &policy, &follower));
}

static void close_following_world(void)
{
    eventure_snapshotter_detach(follower);
    follower = NULL;
    memset(&state, 0, sizeof state);
    close_world();
}

static void deposit(void)
{
    scratch_append(here.log, "money.deposited", "{\"account\":1,\"amount\":5}", NULL);
}

/* Checks that the state is that at the end of the last complete tick. */
static void expect_right_state(void)
{
    ledger folded = {0};
    if (eventure_log_tick(here.log) > 0)
        folded = ledger_at(reader(), eventure_log_tick(here.log) - 1);
    else
        ck_assert_int_eq(ledger_reducer.reset(&folded), 0);
    ck_assert_int_eq(eventure_snapshotter_seq(follower), folded.events);
    ck_assert(ledger_equal(&state, &folded));
}

START_TEST(the_state_follows_complete_ticks)
{
    attach(0, 0, 0);
    expect_right_state();
    deposit();
    ck_assert_int_eq(state.events, 0);
    advance_tick();
    ck_assert_int_eq(state.events, 1);
    ledger_write(here.log, &seed, 1000);
    expect_right_state();
    ck_assert_int_eq(state.applied, 1001); /* each event once */
    expect_places("");
}
END_TEST

START_TEST(it_begins_with_the_history_that_is_there)
{
    ledger_write(here.log, &seed, 100);
    deposit();
    attach(0, 0, 0);
    expect_right_state();
    advance_tick();
    expect_right_state();
}
END_TEST

START_TEST(it_saves_when_enough_events_have_come)
{
    attach(3, 0, 0);
    for (int i = 0; i < 10; i++)
    {
        deposit();
        advance_tick();
    }
    expect_places("2:3 5:6 8:9 ");
}
END_TEST

START_TEST(it_saves_when_enough_ticks_have_passed_but_not_when_nothing_happened)
{
    attach(0, 4, 0);
    deposit();
    for (int i = 0; i < 12; i++)
        advance_tick();
    expect_places("3:1 ");
    deposit();
    advance_tick();
    expect_places("3:1 12:2 ");
}
END_TEST

START_TEST(it_keeps_as_many_as_the_policy_says)
{
    attach(1, 0, 2);
    for (int i = 0; i < 10; i++)
    {
        deposit();
        advance_tick();
    }
    expect_places("8:9 9:10 ");
}
END_TEST

START_TEST(a_snapshot_is_in_the_same_transaction_as_its_tick)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_snapshot_policy policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    expect_ok(NULL, eventure_log_close(here.log));
    options.commit_every_ticks = 3;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &here.log));
    policy.every_events = 1;
    expect_ok(here.log, eventure_snapshotter_attach(here.log, &ledger_reducer, &state, &policy, &follower));
    for (int i = 1; i <= 7; i++)
    {
        deposit();
        advance_tick();
        char *seen = scratch_ask(SCRATCH_PATH, "SELECT (SELECT count(*) FROM events) || ' ' || count(*) FROM snapshot");
        char expected[32];
        snprintf(expected, sizeof expected, "%d %d", i / 3 * 3, i / 3 * 3);
        ck_assert_str_eq(seen, expected);
        free(seen);
    }
}
END_TEST

/* A commit in the middle of a tick: a rollback keeps these events of the tick, and the state is that before them. */
START_TEST(a_rollback_in_a_tick_takes_the_state_back_to_the_end_of_the_tick_before)
{
    attach(0, 0, 0);
    deposit();
    advance_tick();
    deposit();
    expect_ok(here.log, eventure_log_commit(here.log));
    deposit();
    expect_ok(here.log, eventure_log_rollback(here.log));
    ck_assert_int_eq(eventure_log_tick_events(here.log), 1);
    expect_right_state();
    advance_tick();
    expect_right_state();
    ck_assert_int_eq(state.events, 2);
}
END_TEST

START_TEST(a_rollback_takes_the_state_back_with_the_log)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_snapshot_policy policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    expect_ok(NULL, eventure_log_close(here.log));
    options.commit_every_ticks = 100;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &here.log));
    policy.every_events = 2;
    expect_ok(here.log, eventure_snapshotter_attach(here.log, &ledger_reducer, &state, &policy, &follower));
    for (int i = 0; i < 5; i++)
    {
        deposit();
        advance_tick();
    }
    expect_ok(here.log, eventure_log_commit(here.log));
    for (int i = 0; i < 5; i++)
    {
        deposit();
        advance_tick();
    }
    ck_assert_int_eq(state.events, 10);
    expect_ok(here.log, eventure_log_rollback(here.log));
    ck_assert_int_eq(state.events, 5);
    expect_right_state();
    expect_places("1:2 3:4 ");
    for (int i = 0; i < 3; i++)
    {
        deposit();
        advance_tick();
    }
    expect_right_state();
    expect_places("1:2 3:4 5:6 7:8 ");
}
END_TEST

START_TEST(an_error_of_the_reducer_fails_the_tick_and_rolls_it_back)
{
    attach(1, 0, 0);
    deposit();
    advance_tick();
    deposit();
    state.fail_at_seq = 2;
    expect_status(EVENTURE_ERROR_HANDLER, here.log, eventure_log_advance_tick(here.log));
    expect_part(eventure_log_message(here.log), "replay of ledger at tick 1, event 1-");
    ck_assert_int_eq(events_in_log(), 1);
    ck_assert_int_eq(eventure_log_tick(here.log), 1);
    expect_right_state();
    state.fail_at_seq = 0;
    deposit();
    advance_tick();
    expect_right_state();
    expect_places("0:1 1:2 ");
}
END_TEST

START_TEST(an_error_of_save_fails_the_tick_and_rolls_it_back)
{
    attach(1, 0, 0);
    state.fail_save = true;
    deposit();
    expect_status(EVENTURE_ERROR_LIMIT, here.log, eventure_log_advance_tick(here.log));
    ck_assert_int_eq(events_in_log(), 0);
    expect_right_state();
    state.fail_save = false;
    deposit();
    advance_tick();
    expect_places("0:1 ");
}
END_TEST

START_TEST(a_state_that_could_not_be_built_is_marked_and_tried_again)
{
    attach(1, 0, 0);
    deposit();
    advance_tick();
    deposit();
    state.fail_load = true;
    expect_ok(here.log, eventure_log_rollback(here.log));
    ck_assert_int_eq(eventure_snapshotter_seq(follower), -1);
    deposit();
    expect_status(EVENTURE_ERROR_CORRUPT, here.log, eventure_log_advance_tick(here.log));
    state.fail_load = false;
    deposit();
    advance_tick();
    expect_right_state();
}
END_TEST

START_TEST(it_follows_an_import_and_saves_in_its_transaction)
{
    attach(2, 0, 0);
    FILE *in = tmpfile();
    ck_assert_ptr_nonnull(in);
    for (int tick = 0; tick < 6; tick++)
        fprintf(in,
                "{\"tick\": %d, \"timestamp\": 1.5, \"type\": \"a.b\", \"data\": {}, \"event_id\": \"x%d\", "
                "\"parent_id\": null}\n",
                tick, tick);
    rewind(in);
    expect_ok(here.log, eventure_log_import(here.log, in, NULL, NULL));
    fclose(in);
    ck_assert_int_eq(state.events, 5); /* the last tick is the current one */
    expect_right_state();
    expect_places("1:2 3:4 ");
}
END_TEST

START_TEST(two_reducers_follow_one_log)
{
    eventure_snapshotter *second = NULL;
    eventure_snapshot_policy policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    eventure_reducer other = ledger_reducer;
    ledger other_state = {0};
    attach(2, 0, 0);
    other.name = "other";
    policy.every_ticks = 3;
    expect_ok(here.log, eventure_snapshotter_attach(here.log, &other, &other_state, &policy, &second));
    for (int i = 0; i < 4; i++)
    {
        deposit();
        advance_tick();
    }
    ck_assert_int_eq(other_state.events, 4);
    expect_places("1:2 3:4 2:3 ");
    eventure_snapshotter_detach(second);
    deposit();
    advance_tick();
    ck_assert_int_eq(other_state.events, 4);
    expect_right_state();
}
END_TEST

START_TEST(a_stopped_reducer_stays_as_it_is_and_saves_no_more)
{
    state.stop_at_seq = 3;
    attach(1, 0, 0);
    for (int i = 0; i < 5; i++)
    {
        deposit();
        advance_tick();
    }
    ck_assert_int_eq(state.events, 3);
    expect_places("0:1 1:2 ");
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
    eventure_reducer bare = ledger_reducer;
    eventure_snapshot_policy policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    bare.save = NULL;
    bare.load = NULL;
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log,
                  eventure_snapshotter_attach(here.log, &bare, &state, NULL, &follower));
    expect_part(eventure_log_message(here.log), "save and load are NULL");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL,
                  eventure_snapshotter_attach(NULL, &ledger_reducer, &state, NULL, &follower));
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log,
                  eventure_snapshotter_attach(here.log, &ledger_reducer, &state, NULL, NULL));
    policy.keep_newest = -1;
    expect_status(EVENTURE_ERROR_ARGUMENT, here.log,
                  eventure_snapshotter_attach(here.log, &ledger_reducer, &state, &policy, &follower));
    expect_part(eventure_log_message(here.log), "keep_newest");
    ck_assert_ptr_null(follower);
}
END_TEST
