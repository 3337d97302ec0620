/*
 * Playback: every way to move, in both directions, and what it does at the ends.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus_world.h"
#include "ledger.h"
#include "rounds.h"

#define EVENTS 600

static uint64_t seed = 123456789U;
static ledger state;
static ledger states[EVENTS + 1]; /* after each event */
static int64_t ticks[EVENTS + 1]; /* of each event */
static eventure_playback *playback;

static eventure_reader *reader(void)
{
    return eventure_log_reader(here.log);
}

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
    ck_assert_int_eq(eventure_log_close(here.log), EVENTURE_OK);
    options.sync = EVENTURE_SYNC_OFF;
    ck_assert_int_eq(eventure_log_open(SCRATCH_PATH, &options, &here.log), EVENTURE_OK);
    ledger_write(here.log, &seed, EVENTS);
    ck_assert_int_eq(ledger_reducer.reset(&states[0]), 0);
    ticks[0] = -1;
    noting.apply = note;
    ck_assert_int_eq(eventure_replay(reader(), &noting, 0, INT64_MAX, &at), EVENTURE_OK);
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
    options.checkpoint_every_events = every;
    options.max_checkpoint_bytes = max_bytes;
    eventure_status status = eventure_playback_new(reader(), reducer, &state, &options, &playback);
    ck_assert_msg(status == EVENTURE_OK, "%s", eventure_log_message(here.log));
}

static eventure_position position(void)
{
    eventure_position at;
    ck_assert_int_eq(eventure_playback_position(playback, &at), EVENTURE_OK);
    return at;
}

/* The playback is at that position, and the state is the one of that position. */
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
    ck_assert_int_eq(eventure_playback_event(playback, &event), EVENTURE_DONE);
}
END_TEST

START_TEST(seeking_a_tick_gives_the_state_at_its_end)
{
    open_playback(&ledger_reducer, 0, 0);
    for (int64_t tick = 0; tick < current_tick(); tick += 7)
    {
        ck_assert_int_eq(eventure_playback_seek_tick(playback, tick), EVENTURE_OK);
        expect_at(last_event_until(tick), tick);
    }
    ck_assert_int_eq(eventure_playback_seek_tick(playback, 3), EVENTURE_OK);
    expect_at(last_event_until(3), 3);
    ck_assert_int_eq(eventure_playback_seek_tick(playback, -1), EVENTURE_OK);
    expect_at(0, -1);
    ck_assert_int_eq(eventure_playback_seek_tick(playback, EVENTURE_TICK_NEWEST), EVENTURE_OK);
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
        ck_assert_int_eq(eventure_playback_step_events(playback, 1), EVENTURE_ROW);
        expect_at(seq, ticks[seq]);
        ck_assert_int_eq(eventure_playback_event(playback, &event), EVENTURE_ROW);
        ck_assert_int_eq(event.seq, seq);
    }
    ck_assert_int_eq(eventure_playback_step_events(playback, 1), EVENTURE_DONE);
    expect_at(EVENTS, current_tick());
    for (int64_t seq = EVENTS - 1; seq >= 0; seq--)
    {
        ck_assert_int_eq(eventure_playback_step_events(playback, -1), EVENTURE_ROW);
        expect_at(seq, ticks[seq]);
    }
    ck_assert_int_eq(eventure_playback_step_events(playback, -1), EVENTURE_DONE);
    expect_at(0, -1);
}
END_TEST

START_TEST(a_step_beyond_an_end_stays_at_that_end)
{
    open_playback(&ledger_reducer, 0, 0);
    ck_assert_int_eq(eventure_playback_step_events(playback, 10), EVENTURE_ROW);
    ck_assert_int_eq(eventure_playback_step_events(playback, -10), EVENTURE_ROW);
    expect_at(0, -1);
    ck_assert_int_eq(eventure_playback_step_events(playback, 10), EVENTURE_ROW);
    ck_assert_int_eq(eventure_playback_step_events(playback, -11), EVENTURE_DONE);
    expect_at(0, -1);
    ck_assert_int_eq(eventure_playback_step_events(playback, INT64_MAX), EVENTURE_DONE);
    expect_at(EVENTS, current_tick());
    ck_assert_int_eq(eventure_playback_step_events(playback, INT64_MIN), EVENTURE_DONE);
    expect_at(0, -1);
    ck_assert_int_eq(eventure_playback_step_ticks(playback, INT64_MAX), EVENTURE_DONE);
    expect_at(EVENTS, current_tick());
    ck_assert_int_eq(eventure_playback_step_ticks(playback, INT64_MIN), EVENTURE_DONE);
    expect_at(0, -1);
    ck_assert_int_eq(eventure_playback_step_events(playback, 0), EVENTURE_ROW);
    ck_assert_int_eq(eventure_playback_step_ticks(playback, 0), EVENTURE_ROW);
    expect_at(0, -1);
}
END_TEST

START_TEST(stepping_by_ticks_goes_through_all_of_them_empty_ones_too)
{
    open_playback(&ledger_reducer, 0, 0);
    for (int64_t tick = 0; tick <= current_tick(); tick++)
    {
        ck_assert_int_eq(eventure_playback_step_ticks(playback, 1), EVENTURE_ROW);
        expect_at(last_event_until(tick), tick);
    }
    ck_assert_int_eq(eventure_playback_step_ticks(playback, 1), EVENTURE_DONE);
    for (int64_t tick = current_tick() - 1; tick >= -1; tick--)
    {
        ck_assert_int_eq(eventure_playback_step_ticks(playback, -1), EVENTURE_ROW);
        expect_at(last_event_until(tick), tick);
    }
    ck_assert_int_eq(eventure_playback_step_ticks(playback, -1), EVENTURE_DONE);
    ck_assert_int_eq(eventure_playback_step_ticks(playback, 5), EVENTURE_ROW);
    expect_at(last_event_until(4), 4);
    ck_assert_int_eq(eventure_playback_step_ticks(playback, -3), EVENTURE_ROW);
    expect_at(last_event_until(1), 1);
}
END_TEST

START_TEST(from_the_middle_of_a_tick_the_first_step_is_to_its_end_or_before_it)
{
    int64_t seq = 1;
    while (ticks[seq + 1] != ticks[seq])
        seq++;
    open_playback(&ledger_reducer, 0, 0);
    ck_assert_int_eq(eventure_playback_seek_seq(playback, seq), EVENTURE_OK);
    expect_at(seq, ticks[seq]);
    ck_assert_int_eq(eventure_playback_step_ticks(playback, 1), EVENTURE_ROW);
    expect_at(last_event_until(ticks[seq]), ticks[seq]);
    ck_assert_int_eq(eventure_playback_seek_seq(playback, seq), EVENTURE_OK);
    ck_assert_int_eq(eventure_playback_step_ticks(playback, -1), EVENTURE_ROW);
    expect_at(last_event_until(ticks[seq] - 1), ticks[seq] - 1);
}
END_TEST

/* Moves at random for a while. */
static void wander(void)
{
    for (int i = 0; i < rounds(400); i++)
    {
        int64_t seq = (int64_t)ledger_random(&seed, EVENTS + 1);
        int64_t tick = (int64_t)ledger_random(&seed, (uint64_t)current_tick());
        int64_t from = position().seq;
        switch (ledger_random(&seed, 4))
        {
        case 0:
            ck_assert_int_eq(eventure_playback_seek_tick(playback, tick), EVENTURE_OK);
            expect_at(last_event_until(tick), tick);
            break;
        case 1:
            ck_assert_int_eq(eventure_playback_seek_seq(playback, seq), EVENTURE_OK);
            expect_at(seq, ticks[seq]);
            break;
        case 2:
            ck_assert_int_eq(eventure_playback_step_events(playback, seq - from), EVENTURE_ROW);
            ck_assert_int_eq(position().seq, seq);
            ck_assert(ledger_equal(&state, &states[seq]));
            break;
        default:
            for (int64_t back = 1; back <= 5 && from - back >= 0; back++)
            {
                ck_assert_int_eq(eventure_playback_step_events(playback, -1), EVENTURE_ROW);
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
    ck_assert_int_eq(eventure_snapshot_build(here.log, &ledger_reducer, &other, &options, NULL), EVENTURE_OK);
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
    ck_assert_int_eq(eventure_playback_seek_seq(playback, 500), EVENTURE_OK);
    state.applied = 0;
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(eventure_playback_step_events(playback, -1), EVENTURE_ROW);
    ck_assert_int_le(state.applied, 100 * 10);
    state.applied = 0;
    ck_assert_int_eq(eventure_playback_step_events(playback, 1), EVENTURE_ROW);
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
    ck_assert_int_eq(eventure_snapshot_build(here.log, &ledger_reducer, &other, &options, NULL), EVENTURE_OK);
    open_playback(&ledger_reducer, 10, 0);
    state.applied = 0;
    ck_assert_int_eq(eventure_playback_seek_seq(playback, 550), EVENTURE_OK);
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
    ck_assert_int_eq(eventure_query(reader(), &filter, &cursor), EVENTURE_OK);
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
    ck_assert_int_eq(eventure_playback_seek_tick(playback, backwards ? EVENTURE_TICK_NEWEST : -1), EVENTURE_OK);
    int64_t from = backwards ? EVENTS : 0;
    if (backwards)
        ck_assert_int_eq(eventure_playback_step_events(playback, 0), EVENTURE_ROW);
    for (int count = 0;; count++)
    {
        int64_t expected = find_event(from, backwards ? -1 : 1, type, rich);
        eventure_status status = eventure_playback_run(playback, &until);
        ck_assert_int_eq(status, expected > 0 ? EVENTURE_ROW : EVENTURE_DONE);
        if (expected == 0)
        {
            ck_assert_int_gt(count, 1); /* or this would test nothing */
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
    ck_assert_int_eq(eventure_playback_run(playback, &until), EVENTURE_ROW);
    ck_assert_int_eq(eventure_playback_event(playback, &event), EVENTURE_ROW);
    ck_assert_int_eq(eventure_event_int(&event, "account", &account), EVENTURE_OK);
    ck_assert_int_eq(account, 3);
}
END_TEST

START_TEST(without_a_condition_it_runs_to_the_next_event)
{
    eventure_playback_until back = EVENTURE_PLAYBACK_UNTIL_INIT;
    back.backwards = true;
    open_playback(&ledger_reducer, 0, 0);
    ck_assert_int_eq(eventure_playback_run(playback, NULL), EVENTURE_ROW);
    expect_at(1, ticks[1]);
    ck_assert_int_eq(eventure_playback_run(playback, NULL), EVENTURE_ROW);
    expect_at(2, ticks[2]);
    ck_assert_int_eq(eventure_playback_run(playback, &back), EVENTURE_ROW);
    expect_at(1, ticks[1]);
    ck_assert_int_eq(eventure_playback_run(playback, &back), EVENTURE_DONE);
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
    ck_assert_int_eq(eventure_playback_seek_seq(playback, 50), EVENTURE_OK);
    state.fail_at_seq = 70;
    ck_assert_int_eq(eventure_playback_seek_seq(playback, 80), EVENTURE_ERROR_HANDLER);
    ck_assert_int_eq(position().seq, 50);
    state.fail_at_seq = 0;
    ck_assert_int_eq(eventure_playback_seek_seq(playback, 75), EVENTURE_OK); /* beyond where it failed */
    expect_at(75, ticks[75]);
    ck_assert_int_eq(eventure_playback_seek_seq(playback, 50), EVENTURE_OK);
    ck_assert_int_eq(eventure_playback_step_events(playback, 1), EVENTURE_ROW);
    expect_at(51, ticks[51]);
    until.state = fail_at_100;
    ck_assert_int_eq(eventure_playback_run(playback, &until), EVENTURE_ERROR_HANDLER);
    ck_assert_ptr_nonnull(strstr(eventure_log_message(here.log), "at event 100: the condition returned"));
    ck_assert_int_eq(position().seq, 51);
    ck_assert_int_eq(eventure_playback_step_events(playback, -1), EVENTURE_ROW);
    expect_at(50, ticks[50]);
}
END_TEST

START_TEST(a_reducer_that_stops_ends_the_history)
{
    open_playback(&ledger_reducer, 0, 0);
    state.stop_at_seq = 40;
    ck_assert_int_eq(eventure_playback_step_events(playback, 100), EVENTURE_DONE);
    expect_at(40, ticks[40]);
    ck_assert(position().at_end);
    ck_assert_int_eq(eventure_playback_step_events(playback, -1), EVENTURE_ROW);
    expect_at(39, ticks[39]);
    ck_assert(!position().at_end);
    ck_assert_int_eq(eventure_playback_run(playback, NULL), EVENTURE_ROW);
    expect_at(40, ticks[40]);
    ck_assert_int_eq(eventure_playback_run(playback, NULL), EVENTURE_DONE);
}
END_TEST

START_TEST(it_sees_what_the_log_appends)
{
    open_playback(&ledger_reducer, 0, 0);
    ck_assert_int_eq(eventure_playback_seek_tick(playback, EVENTURE_TICK_NEWEST), EVENTURE_OK);
    ck_assert(position().at_end);
    scratch_append(here.log, "account.noted", NULL, NULL);
    ck_assert(!position().at_end);
    ck_assert_int_eq(eventure_playback_step_events(playback, 1), EVENTURE_ROW);
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
    ck_assert_int_eq(eventure_projection_parse("x.sql", text, sizeof text - 1, NULL, &projection), EVENTURE_OK);
    ck_assert_int_eq(eventure_playback_new(reader(), eventure_projection_reducer(projection), projection, NULL, &other),
                     EVENTURE_OK);
    ck_assert_int_eq(eventure_playback_seek_seq(other, 300), EVENTURE_OK);
    ck_assert_int_eq(eventure_projection_image(projection, &image[0], &len[0]), EVENTURE_OK);
    ck_assert_int_eq(eventure_playback_seek_seq(other, 600), EVENTURE_OK);
    ck_assert_int_eq(eventure_playback_seek_seq(other, 300), EVENTURE_OK);
    ck_assert_int_eq(eventure_projection_image(projection, &image[1], &len[1]), EVENTURE_OK);
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
    ck_assert_int_eq(eventure_playback_new(reader(), &without_reset, &state, NULL, &none), EVENTURE_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(eventure_log_message(here.log), "reset is NULL"));
    ck_assert_int_eq(eventure_playback_new(NULL, &ledger_reducer, &state, NULL, &none), EVENTURE_ERROR_ARGUMENT);
    ck_assert_int_eq(eventure_playback_new(reader(), NULL, &state, NULL, &none), EVENTURE_ERROR_ARGUMENT);
    options.checkpoint_every_events = -1;
    ck_assert_int_eq(eventure_playback_new(reader(), &ledger_reducer, &state, &options, &none),
                     EVENTURE_ERROR_ARGUMENT);
    ck_assert_ptr_null(none);
    open_playback(&ledger_reducer, 0, 0);
    ck_assert_int_eq(eventure_playback_seek_tick(playback, -2), EVENTURE_ERROR_TICK);
    ck_assert_int_eq(eventure_playback_seek_seq(playback, -1), EVENTURE_ERROR_NOT_FOUND);
    ck_assert_int_eq(eventure_playback_seek_seq(playback, EVENTS + 1), EVENTURE_ERROR_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(eventure_log_message(here.log), "601"));
    until.size = 0;
    ck_assert_int_eq(eventure_playback_run(playback, &until), EVENTURE_ERROR_ARGUMENT);
    until.size = sizeof until;
    until.event = &filter;
    filter.type = "a*b";
    ck_assert_int_eq(eventure_playback_run(playback, &until), EVENTURE_ERROR_ARGUMENT);
    filter.size = 0;
    ck_assert_int_eq(eventure_playback_run(playback, &until), EVENTURE_ERROR_ARGUMENT);
    ck_assert_int_eq(eventure_playback_position(playback, NULL), EVENTURE_ERROR_ARGUMENT);
    ck_assert_int_eq(eventure_playback_position(NULL, NULL), EVENTURE_ERROR_ARGUMENT);
    ck_assert_int_eq(eventure_playback_step_events(NULL, 1), EVENTURE_ERROR_ARGUMENT);
    expect_at(0, -1);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("playback");
    tcase_add_checked_fixture(tests, open_history, close_history);
    tcase_add_test(tests, it_begins_at_the_start);
    tcase_add_test(tests, seeking_a_tick_gives_the_state_at_its_end);
    tcase_add_test(tests, stepping_by_events_goes_through_all_of_them_forwards_and_back);
    tcase_add_test(tests, a_step_beyond_an_end_stays_at_that_end);
    tcase_add_test(tests, stepping_by_ticks_goes_through_all_of_them_empty_ones_too);
    tcase_add_test(tests, from_the_middle_of_a_tick_the_first_step_is_to_its_end_or_before_it);
    tcase_add_test(tests, any_way_leads_to_the_same_state);
    tcase_add_test(tests, any_way_leads_to_the_same_state_with_snapshots_in_the_store);
    tcase_add_test(tests, any_way_leads_to_the_same_state_with_hardly_any_memory);
    tcase_add_test(tests, any_way_leads_to_the_same_state_without_save_and_load);
    tcase_add_test(tests, a_step_back_costs_few_events);
    tcase_add_test(tests, a_snapshot_of_the_store_shortens_the_way);
    tcase_add_test(tests, it_runs_until_an_event_of_a_type);
    tcase_add_test(tests, it_runs_until_the_condition_is_true);
    tcase_add_test(tests, it_runs_until_an_event_of_a_type_where_the_condition_is_true);
    tcase_add_test(tests, it_runs_until_a_member_of_the_data_is_equal);
    tcase_add_test(tests, without_a_condition_it_runs_to_the_next_event);
    tcase_add_test(tests, after_an_error_it_keeps_its_position_and_continues);
    tcase_add_test(tests, a_reducer_that_stops_ends_the_history);
    tcase_add_test(tests, it_sees_what_the_log_appends);
    tcase_add_test(tests, a_projection_can_be_played_back);
    tcase_add_test(tests, bad_arguments_are_refused);
    return run_tests(tests, "playback");
}
