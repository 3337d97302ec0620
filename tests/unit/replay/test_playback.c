/*
 * Playback: every kind of move, in both directions, and moves beyond the ends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus_world.h"
#include "harness.h"
#include "ledger.h"
#include "refuse.h"
#include "rounds.h"
#include "store/store.h"
#include "testing.h"

TEST_FIXTURE(open_history, close_history);

#define EVENTS 600

static uint64_t seed = 123456789U;
static ledger state;
static ledger states[EVENTS + 1]; /* the state after each event */
static int64_t ticks[EVENTS + 1]; /* the tick of each event */
static eventure_playback *playback;

static int note(const eventure_event *event, void *context)
{
    ledger *at = context;
    int result = ledger_reducer.apply(event, at);
    states[event->seq] = *at;
    ticks[event->seq] = event->tick;
    return result;
}

static void open_history(void)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_reducer noting = ledger_reducer;
    ledger at = {0};
    open_world();
    expect_ok(NULL, eventure_log_close(here.log));
    options.sync = EVENTURE_SYNC_OFF;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &here.log));
    ledger_write(here.log, &seed, EVENTS);
    ck_assert_int_eq(ledger_reducer.reset(&states[0]), 0);
    ticks[0] = -1;
    noting.apply = note;
    expect_ok(reader(), eventure_replay_ticks(reader(), &noting, &at, 0, 0));
}

static void close_history(void)
{
    eventure_playback_free(playback);
    playback = NULL;
    memset(&state, 0, sizeof state);
    close_world();
}

static void open_playback(const eventure_reducer *reducer, int64_t every, int64_t max_bytes)
{
    eventure_playback_options options = EVENTURE_PLAYBACK_OPTIONS_INIT;
    options.cache_every_events = every;
    options.max_cache_bytes = max_bytes;
    expect_ok(here.log, eventure_playback_new(reader(), reducer, &state, &options, &playback));
}

static eventure_position position(void)
{
    eventure_position at;
    expect_ok(NULL, eventure_playback_position(playback, &at));
    return at;
}

/* Checks the position of the playback, and that its state is the state at this position. */
static void expect_at(int64_t seq, int64_t tick)
{
    eventure_position at = position();
    ck_assert_int_eq(at.seq, seq);
    ck_assert_int_eq(at.tick, tick);
    ck_assert_msg(ledger_equal(&state, &states[seq]), "at event %lld", (long long)seq);
}

static int64_t last_event_until(int64_t tick)
{
    int64_t seq = EVENTS;
    while (seq > 0 && ticks[seq] > tick)
        seq--;
    return seq;
}

static int64_t current_tick(void)
{
    return eventure_log_tick(here.log);
}

START_TEST(it_begins_at_the_start)
{
    eventure_event event;
    open_playback(&ledger_reducer, 0, 0);
    expect_at(0, -1);
    ck_assert(!position().at_end);
    expect_status(EVENTURE_DONE, NULL, eventure_playback_event(playback, &event));
}
END_TEST

START_TEST(seeking_a_tick_gives_the_state_at_its_end)
{
    open_playback(&ledger_reducer, 0, 0);
    for (int64_t tick = 0; tick < current_tick(); tick += 7)
    {
        expect_ok(NULL, eventure_playback_seek_tick(playback, tick));
        expect_at(last_event_until(tick), tick);
    }
    expect_ok(NULL, eventure_playback_seek_tick(playback, 3));
    expect_at(last_event_until(3), 3);
    expect_ok(NULL, eventure_playback_seek_tick(playback, -1));
    expect_at(0, -1);
    expect_ok(NULL, eventure_playback_seek_tick(playback, EVENTURE_TICK_NEWEST));
    expect_at(EVENTS, current_tick());
    ck_assert(position().at_end);
}
END_TEST

START_TEST(stepping_by_events_goes_through_all_of_them_forwards_and_back)
{
    eventure_event event;
    open_playback(&ledger_reducer, 16, 0);
    for (int64_t seq = 1; seq <= EVENTS; seq++)
    {
        expect_status(EVENTURE_ROW, NULL, eventure_playback_step_events(playback, 1));
        expect_at(seq, ticks[seq]);
        expect_status(EVENTURE_ROW, NULL, eventure_playback_event(playback, &event));
        ck_assert_int_eq(event.seq, seq);
    }
    expect_status(EVENTURE_DONE, NULL, eventure_playback_step_events(playback, 1));
    expect_at(EVENTS, current_tick());
    for (int64_t seq = EVENTS - 1; seq >= 0; seq--)
    {
        expect_status(EVENTURE_ROW, NULL, eventure_playback_step_events(playback, -1));
        expect_at(seq, ticks[seq]);
    }
    expect_status(EVENTURE_DONE, NULL, eventure_playback_step_events(playback, -1));
    expect_at(0, -1);
}
END_TEST

START_TEST(a_step_beyond_an_end_stays_at_that_end)
{
    open_playback(&ledger_reducer, 0, 0);
    expect_status(EVENTURE_ROW, NULL, eventure_playback_step_events(playback, 10));
    expect_status(EVENTURE_ROW, NULL, eventure_playback_step_events(playback, -10));
    expect_at(0, -1);
    expect_status(EVENTURE_ROW, NULL, eventure_playback_step_events(playback, 10));
    expect_status(EVENTURE_DONE, NULL, eventure_playback_step_events(playback, -11));
    expect_at(0, -1);
    expect_status(EVENTURE_DONE, NULL, eventure_playback_step_events(playback, INT64_MAX));
    expect_at(EVENTS, current_tick());
    expect_status(EVENTURE_DONE, NULL, eventure_playback_step_events(playback, INT64_MIN));
    expect_at(0, -1);
    expect_status(EVENTURE_DONE, NULL, eventure_playback_step_ticks(playback, INT64_MAX));
    expect_at(EVENTS, current_tick());
    expect_status(EVENTURE_DONE, NULL, eventure_playback_step_ticks(playback, INT64_MIN));
    expect_at(0, -1);
    expect_status(EVENTURE_ROW, NULL, eventure_playback_step_events(playback, 0));
    expect_status(EVENTURE_ROW, NULL, eventure_playback_step_ticks(playback, 0));
    expect_at(0, -1);
}
END_TEST

START_TEST(stepping_by_ticks_goes_through_all_of_them_empty_ones_too)
{
    open_playback(&ledger_reducer, 0, 0);
    for (int64_t tick = 0; tick <= current_tick(); tick++)
    {
        expect_status(EVENTURE_ROW, NULL, eventure_playback_step_ticks(playback, 1));
        expect_at(last_event_until(tick), tick);
    }
    expect_status(EVENTURE_DONE, NULL, eventure_playback_step_ticks(playback, 1));
    for (int64_t tick = current_tick() - 1; tick >= -1; tick--)
    {
        expect_status(EVENTURE_ROW, NULL, eventure_playback_step_ticks(playback, -1));
        expect_at(last_event_until(tick), tick);
    }
    expect_status(EVENTURE_DONE, NULL, eventure_playback_step_ticks(playback, -1));
    expect_status(EVENTURE_ROW, NULL, eventure_playback_step_ticks(playback, 5));
    expect_at(last_event_until(4), 4);
    expect_status(EVENTURE_ROW, NULL, eventure_playback_step_ticks(playback, -3));
    expect_at(last_event_until(1), 1);
}
END_TEST

START_TEST(from_the_middle_of_a_tick_the_first_step_is_to_its_end_or_before_it)
{
    int64_t seq = 1;
    while (ticks[seq + 1] != ticks[seq])
        seq++;
    open_playback(&ledger_reducer, 0, 0);
    expect_ok(NULL, eventure_playback_seek_seq(playback, seq));
    expect_at(seq, ticks[seq]);
    expect_status(EVENTURE_ROW, NULL, eventure_playback_step_ticks(playback, 1));
    expect_at(last_event_until(ticks[seq]), ticks[seq]);
    expect_ok(NULL, eventure_playback_seek_seq(playback, seq));
    expect_status(EVENTURE_ROW, NULL, eventure_playback_step_ticks(playback, -1));
    expect_at(last_event_until(ticks[seq] - 1), ticks[seq] - 1);
}
END_TEST

/* Moves at random for a while. */
static void wander(void)
{
    for (int i = 0; i < rounds(400); i++)
    {
        int64_t seq = (int64_t)harness_random(&seed, EVENTS + 1);
        int64_t tick = (int64_t)harness_random(&seed, (uint64_t)current_tick());
        int64_t from = position().seq;
        switch (harness_random(&seed, 4))
        {
        case 0:
            expect_ok(NULL, eventure_playback_seek_tick(playback, tick));
            expect_at(last_event_until(tick), tick);
            break;
        case 1:
            expect_ok(NULL, eventure_playback_seek_seq(playback, seq));
            expect_at(seq, ticks[seq]);
            break;
        case 2:
            expect_status(EVENTURE_ROW, NULL, eventure_playback_step_events(playback, seq - from));
            ck_assert_int_eq(position().seq, seq);
            ck_assert(ledger_equal(&state, &states[seq]));
            break;
        default:
            for (int64_t back = 1; back <= 5 && from - back >= 0; back++)
            {
                expect_status(EVENTURE_ROW, NULL, eventure_playback_step_events(playback, -1));
                expect_at(from - back, ticks[from - back]);
            }
        }
    }
}

START_TEST(any_way_leads_to_the_same_state)
{
    open_playback(&ledger_reducer, 20, 0);
    wander();
}
END_TEST

START_TEST(any_way_leads_to_the_same_state_with_snapshots_in_the_store)
{
    eventure_snapshot_build_options options = EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT;
    eventure_snapshot_policy options_policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    options.policy = &options_policy;
    ledger other = {0};
    options_policy.every_events = 50;
    expect_ok(here.log, eventure_snapshot_build(here.log, &ledger_reducer, &other, &options, NULL));
    open_playback(&ledger_reducer, 20, 400);
    wander();
}
END_TEST

START_TEST(any_way_leads_to_the_same_state_with_hardly_any_memory)
{
    open_playback(&ledger_reducer, 5, 1);
    wander();
}
END_TEST

START_TEST(any_way_leads_to_the_same_state_without_save_and_load)
{
    eventure_reducer bare = ledger_reducer;
    bare.save = NULL;
    bare.load = NULL;
    open_playback(&bare, 0, 0);
    wander();
}
END_TEST

START_TEST(a_step_back_costs_few_events)
{
    open_playback(&ledger_reducer, 10, 0);
    expect_ok(NULL, eventure_playback_seek_seq(playback, 500));
    state.applied = 0;
    for (int i = 0; i < 100; i++)
        expect_status(EVENTURE_ROW, NULL, eventure_playback_step_events(playback, -1));
    ck_assert_int_le(state.applied, 100 * 10);
    state.applied = 0;
    expect_status(EVENTURE_ROW, NULL, eventure_playback_step_events(playback, 1));
    ck_assert_int_eq(state.applied, 1);
}
END_TEST

START_TEST(a_snapshot_of_the_store_shortens_the_way)
{
    eventure_snapshot_build_options options = EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT;
    eventure_snapshot_policy options_policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    options.policy = &options_policy;
    ledger other = {0};
    options_policy.every_events = 100;
    expect_ok(here.log, eventure_snapshot_build(here.log, &ledger_reducer, &other, &options, NULL));
    open_playback(&ledger_reducer, 10, 0);
    state.applied = 0;
    expect_ok(NULL, eventure_playback_seek_seq(playback, 550));
    ck_assert_int_lt(state.applied, 120);
}
END_TEST

/* --- Running --- */

static int is_rich(const eventure_event *event, void *context)
{
    const ledger *at = context;
    (void)event;
    return at->balances[0] > 1500;
}

static int64_t find_event(int64_t from, int64_t direction, const char *type, bool rich)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    bool wanted[EVENTS + 1] = {false};
    eventure_cursor *cursor = NULL;
    eventure_event event;
    filter.type = type;
    expect_ok(reader(), eventure_query(reader(), &filter, &cursor));
    while (eventure_cursor_next(cursor, &event) == EVENTURE_ROW)
        wanted[event.seq] = true;
    eventure_cursor_free(cursor);
    for (int64_t seq = from + direction; seq >= 1 && seq <= EVENTS; seq += direction)
        if (wanted[seq] && (!rich || is_rich(NULL, &states[seq])))
            return seq;
    return 0;
}

static void expect_runs(const char *type, bool rich, bool backwards)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_playback_until until = EVENTURE_PLAYBACK_UNTIL_INIT;
    filter.type = type;
    until.event = type != NULL ? &filter : NULL;
    until.state = rich ? is_rich : NULL;
    until.backwards = backwards;
    expect_ok(NULL, eventure_playback_seek_tick(playback, backwards ? EVENTURE_TICK_NEWEST : -1));
    int64_t from = backwards ? EVENTS : 0;
    if (backwards)
        expect_status(EVENTURE_ROW, NULL, eventure_playback_step_events(playback, 0));
    for (int count = 0;; count++)
    {
        int64_t expected = find_event(from, backwards ? -1 : 1, type, rich);
        eventure_status status = eventure_playback_run(playback, &until);
        ck_assert_int_eq(status, expected > 0 ? EVENTURE_ROW : EVENTURE_DONE);
        if (expected == 0)
        {
            ck_assert_int_gt(count, 1); /* otherwise this would test nothing */
            break;
        }
        expect_at(expected, ticks[expected]);
        from = expected;
    }
    expect_at(backwards ? 0 : EVENTS, backwards ? -1 : current_tick());
}

START_TEST(it_runs_until_an_event_of_a_type)
{
    open_playback(&ledger_reducer, 20, 0);
    expect_runs("account.noted", false, false);
    expect_runs("account.*", false, true);
}
END_TEST

START_TEST(it_runs_until_the_condition_is_true)
{
    open_playback(&ledger_reducer, 20, 0);
    expect_runs(NULL, true, false);
    expect_runs(NULL, true, true);
}
END_TEST

START_TEST(it_runs_until_an_event_of_a_type_where_the_condition_is_true)
{
    open_playback(&ledger_reducer, 20, 0);
    expect_runs("money.withdrawn", true, false);
    expect_runs("money.withdrawn", true, true);
}
END_TEST

START_TEST(it_runs_until_a_member_of_the_data_is_equal)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_field member = eventure_int("account", 3);
    eventure_playback_until until = EVENTURE_PLAYBACK_UNTIL_INIT;
    eventure_event event;
    int64_t account = 0;
    filter.data = &member;
    filter.data_count = 1;
    until.event = &filter;
    open_playback(&ledger_reducer, 0, 0);
    expect_status(EVENTURE_ROW, NULL, eventure_playback_run(playback, &until));
    expect_status(EVENTURE_ROW, NULL, eventure_playback_event(playback, &event));
    expect_ok(NULL, eventure_event_int(&event, "account", &account));
    ck_assert_int_eq(account, 3);
}
END_TEST

START_TEST(without_a_condition_it_runs_to_the_next_event)
{
    eventure_playback_until back = EVENTURE_PLAYBACK_UNTIL_INIT;
    back.backwards = true;
    open_playback(&ledger_reducer, 0, 0);
    expect_status(EVENTURE_ROW, NULL, eventure_playback_run(playback, NULL));
    expect_at(1, ticks[1]);
    expect_status(EVENTURE_ROW, NULL, eventure_playback_run(playback, NULL));
    expect_at(2, ticks[2]);
    expect_status(EVENTURE_ROW, NULL, eventure_playback_run(playback, &back));
    expect_at(1, ticks[1]);
    expect_status(EVENTURE_DONE, NULL, eventure_playback_run(playback, &back));
    expect_at(0, -1);
}
END_TEST

static int fail_at_100(const eventure_event *event, void *context)
{
    (void)context;
    return event->seq == 100 ? EVENTURE_ERROR_HANDLER : 0;
}

START_TEST(after_an_error_it_keeps_its_position_and_continues)
{
    eventure_playback_until until = EVENTURE_PLAYBACK_UNTIL_INIT;
    open_playback(&ledger_reducer, 0, 0);
    expect_ok(NULL, eventure_playback_seek_seq(playback, 50));
    state.fail_at_seq = 70;
    expect_status(EVENTURE_ERROR_HANDLER, NULL, eventure_playback_seek_seq(playback, 80));
    ck_assert_int_eq(position().seq, 50);
    state.fail_at_seq = 0;
    expect_ok(NULL, eventure_playback_seek_seq(playback, 75)); /* beyond the event at which it failed */
    expect_at(75, ticks[75]);
    expect_ok(NULL, eventure_playback_seek_seq(playback, 50));
    expect_status(EVENTURE_ROW, NULL, eventure_playback_step_events(playback, 1));
    expect_at(51, ticks[51]);
    until.state = fail_at_100;
    expect_status(EVENTURE_ERROR_HANDLER, NULL, eventure_playback_run(playback, &until));
    expect_part(eventure_log_message(here.log), "at event 100: the condition returned");
    ck_assert_int_eq(position().seq, 51);
    expect_status(EVENTURE_ROW, NULL, eventure_playback_step_events(playback, -1));
    expect_at(50, ticks[50]);
}
END_TEST

static bool is_broken;

/* Changes the state, and then fails. */
static int break_at_60(const eventure_event *event, void *context)
{
    ledger *at = context;
    if (!is_broken || event->seq != 60)
        return ledger_reducer.apply(event, context);
    at->balances[0] += 1000;
    return EVENTURE_ERROR_HANDLER;
}

static int is_never(const eventure_event *event, void *context)
{
    (void)event;
    (void)context;
    return 0;
}

/* A state with a part of a change is not continued. */
LOOP_TEST(after_a_move_that_fails_the_state_is_built_again, 4)
{
    eventure_playback_until until = EVENTURE_PLAYBACK_UNTIL_INIT;
    eventure_reducer breaking = ledger_reducer;
    breaking.apply = break_at_60;
    until.state = is_never;
    until.backwards = _i == 1;
    open_playback(&breaking, 0, 0);
    expect_ok(NULL, eventure_playback_seek_seq(playback, _i == 1 ? 80 : 50));
    is_broken = true;
    eventure_status status = _i < 2    ? eventure_playback_run(playback, &until)
                             : _i == 2 ? eventure_playback_seek_seq(playback, 70)
                                       : eventure_playback_seek_tick(playback, ticks[70]);
    is_broken = false;
    expect_status(EVENTURE_ERROR_HANDLER, NULL, status);
    expect_ok(NULL, eventure_playback_seek_seq(playback, 59));
    expect_at(59, ticks[59]);
    expect_ok(NULL, eventure_playback_seek_seq(playback, 90));
    expect_at(90, ticks[90]);
}
END_TEST

LOOP_TEST(a_move_that_cannot_read_the_store_is_an_error, 5)
{
    open_playback(&ledger_reducer, 0, 0);
    expect_ok(NULL, eventure_playback_seek_seq(playback, 50));
    refuse_once(reader()->db, SQLITE_READ, "events");
    eventure_status status = _i == 0   ? eventure_playback_step_events(playback, 1)
                             : _i == 1 ? eventure_playback_step_events(playback, -1)
                             : _i == 2 ? eventure_playback_step_ticks(playback, 1)
                             : _i == 3 ? eventure_playback_seek_tick(playback, ticks[EVENTS])
                                       : eventure_playback_seek_seq(playback, 70);
    ck_assert(refuse_stop(reader()->db));
    ck_assert_int_lt(status, 0);
    ck_assert_int_ne(status, EVENTURE_ERROR_NOT_FOUND);
    ck_assert_int_eq(position().seq, 50);
}
END_TEST

START_TEST(a_reducer_that_stops_ends_the_history)
{
    open_playback(&ledger_reducer, 0, 0);
    state.stop_at_seq = 40;
    expect_status(EVENTURE_DONE, NULL, eventure_playback_step_events(playback, 100));
    expect_at(40, ticks[40]);
    ck_assert(position().at_end);
    expect_status(EVENTURE_ROW, NULL, eventure_playback_step_events(playback, -1));
    expect_at(39, ticks[39]);
    ck_assert(!position().at_end);
    expect_status(EVENTURE_ROW, NULL, eventure_playback_run(playback, NULL));
    expect_at(40, ticks[40]);
    expect_status(EVENTURE_DONE, NULL, eventure_playback_run(playback, NULL));
}
END_TEST

START_TEST(it_sees_what_the_log_appends)
{
    open_playback(&ledger_reducer, 0, 0);
    expect_ok(NULL, eventure_playback_seek_tick(playback, EVENTURE_TICK_NEWEST));
    ck_assert(position().at_end);
    scratch_append(here.log, "account.noted", NULL, NULL);
    ck_assert(!position().at_end);
    expect_status(EVENTURE_ROW, NULL, eventure_playback_step_events(playback, 1));
    ck_assert_int_eq(state.events, EVENTS + 1);
    ck_assert(position().at_end);
}
END_TEST

START_TEST(a_projection_can_be_played_back)
{
    static const char text[] = "-- @setup\nCREATE TABLE t (n);\nINSERT INTO t VALUES (0);\n-- @on *\nUPDATE t SET n = "
                               "n + 1;\n";
    eventure_projection *projection = NULL;
    eventure_playback *other = NULL;
    void *image[2];
    size_t len[2];
    expect_ok(NULL, eventure_projection_parse("x.sql", text, sizeof text - 1, NULL, &projection));
    expect_ok(reader(),
              eventure_playback_new(reader(), eventure_projection_reducer(projection), projection, NULL, &other));
    expect_ok(NULL, eventure_playback_seek_seq(other, 300));
    expect_ok(projection, eventure_projection_image(projection, &image[0], &len[0]));
    expect_ok(NULL, eventure_playback_seek_seq(other, 600));
    expect_ok(NULL, eventure_playback_seek_seq(other, 300));
    expect_ok(projection, eventure_projection_image(projection, &image[1], &len[1]));
    ck_assert_uint_eq(len[0], len[1]);
    ck_assert_int_eq(memcmp(image[0], image[1], len[0]), 0);
    eventure_free(image[0]);
    eventure_free(image[1]);
    eventure_playback_free(other);
    eventure_projection_close(projection);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
    eventure_reducer without_reset = ledger_reducer;
    eventure_playback_options options = EVENTURE_PLAYBACK_OPTIONS_INIT;
    eventure_playback_until until = EVENTURE_PLAYBACK_UNTIL_INIT;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_playback *none = NULL;
    without_reset.reset = NULL;
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(),
                  eventure_playback_new(reader(), &without_reset, &state, NULL, &none));
    expect_part(eventure_log_message(here.log), "reset is NULL");
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_playback_new(NULL, &ledger_reducer, &state, NULL, &none));
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_playback_new(reader(), NULL, &state, NULL, &none));
    options.cache_every_events = -1;
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(),
                  eventure_playback_new(reader(), &ledger_reducer, &state, &options, &none));
    ck_assert_ptr_null(none);
    open_playback(&ledger_reducer, 0, 0);
    expect_status(EVENTURE_ERROR_TICK, NULL, eventure_playback_seek_tick(playback, -2));
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_playback_seek_seq(playback, -1));
    expect_status(EVENTURE_ERROR_NOT_FOUND, NULL, eventure_playback_seek_seq(playback, EVENTS + 1));
    expect_part(eventure_log_message(here.log), "601");
    until.size = 0;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_playback_run(playback, &until));
    until.size = sizeof until;
    until.event = &filter;
    filter.type = "a*b";
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_playback_run(playback, &until));
    filter.size = 0;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_playback_run(playback, &until));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_playback_position(playback, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_playback_position(NULL, NULL));
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, eventure_playback_step_events(NULL, 1));
    expect_at(0, -1);
}
END_TEST
