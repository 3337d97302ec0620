/*
 * Playback in a store whose beginning is archived, compared with playback in a copy that has all events.
 */
#include "harness.h"
#include "scratch.h"
#include "session_world.h"
#include "testing.h"
#include "totals.h"

TEST_FIXTURE(set_up, tear_down);

#define TICKS 30
#define CUT 12

/* The states of the store, and of the copy with all events. */
static totals here;
static totals whole;
static eventure_log *log_;
static eventure_reader *whole_reader;
static eventure_playback *playback;
static eventure_playback *whole_playback;

static void archive(bool with_snapshot)
{
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    const eventure_reducer_state state = {sizeof(eventure_reducer_state), &totals_reducer, &here};
    options.states = &state;
    options.states_count = with_snapshot ? 1 : 0;
    expect_ok(log_, eventure_log_archive(log_, WORLD_ARCHIVE, CUT, &options, NULL));
    expect_ok(log_, eventure_playback_new(eventure_log_reader(log_), &totals_reducer, &here, NULL, &playback));
}

static void set_up(void)
{
    log_ = world_whole(TICKS);
    expect_ok(NULL, eventure_reader_open(WORLD_WHOLE, &whole_reader));
    expect_ok(whole_reader, eventure_playback_new(whole_reader, &totals_reducer, &whole, NULL, &whole_playback));
}

static void tear_down(void)
{
    eventure_playback_free(playback);
    eventure_playback_free(whole_playback);
    eventure_reader_close(whole_reader);
    eventure_log_close(log_);
    playback = whole_playback = NULL;
}

static eventure_position position_of(eventure_playback *at)
{
    eventure_position position;
    expect_ok(NULL, eventure_playback_position(at, &position));
    return position;
}

/* Both are at the same position, with the same state. */
static void expect_same(void)
{
    const eventure_position at = position_of(playback);
    const eventure_position expected = position_of(whole_playback);
    ck_assert_int_eq(at.seq, expected.seq);
    ck_assert_int_eq(at.tick, expected.tick);
    ck_assert_int_eq(at.at_end, expected.at_end);
    ck_assert_int_eq(here.events, whole.events);
    ck_assert_int_eq(here.seqs, whole.seqs);
}

static void seek_both(int64_t tick)
{
    expect_ok(log_, eventure_playback_seek_tick(playback, tick));
    expect_ok(whole_reader, eventure_playback_seek_tick(whole_playback, tick));
    expect_same();
}

static int64_t last_seq(void)
{
    int64_t seq = 0;
    expect_ok(log_, eventure_reader_last_seq(eventure_log_reader(log_), &seq));
    return seq;
}

START_TEST(positions_from_the_end_of_the_newest_archived_tick_on_are_right)
{
    uint64_t seed = 2463534242U;
    eventure_event event;
    archive(true);
    for (int64_t tick = TICKS; tick >= CUT - 1; tick--)
        seek_both(tick);
    const int64_t first = position_of(playback).seq;
    const int64_t last = last_seq();
    for (int i = 0; i < 300; i++)
    {
        const int64_t seq = first + (int64_t)harness_random(&seed, (uint64_t)(last - first + 1));
        const int64_t step = (int64_t)harness_random(&seed, 7) - 3;
        expect_ok(log_, eventure_playback_seek_seq(playback, seq));
        expect_ok(whole_reader, eventure_playback_seek_seq(whole_playback, seq));
        expect_same();
        expect_status(seq == first ? EVENTURE_ERROR_ARCHIVED : EVENTURE_ROW, log_,
                      eventure_playback_event(playback, &event));
        if (seq + step < first || seq + step > last)
            continue;
        expect_status(EVENTURE_ROW, log_, eventure_playback_step_events(playback, step));
        expect_status(EVENTURE_ROW, whole_reader, eventure_playback_step_events(whole_playback, step));
        expect_same();
    }
}
END_TEST

static int is_early(const eventure_event *event, void *context)
{
    (void)context;
    return event->tick <= CUT + 1;
}

static int is_never(const eventure_event *event, void *context)
{
    (void)event;
    (void)context;
    return 0;
}

START_TEST(a_run_backwards_ends_at_the_archived_events)
{
    eventure_playback_until until = EVENTURE_PLAYBACK_UNTIL_INIT;
    archive(true);
    until.state = is_early;
    until.backwards = true;
    seek_both(TICKS);
    expect_status(EVENTURE_ROW, log_, eventure_playback_run(playback, &until));
    expect_status(EVENTURE_ROW, whole_reader, eventure_playback_run(whole_playback, &until));
    expect_same();
    until.state = is_never;
    expect_status(EVENTURE_DONE, log_, eventure_playback_run(playback, &until));
    ck_assert_int_eq(position_of(playback).seq, 0);
    ck_assert_int_eq(here.events, 0);
}
END_TEST

/* Each move is from the start, and from the newest tick. */
START_TEST(a_position_between_archived_events_is_an_error)
{
    archive(true);
    seek_both(CUT - 1);
    const int64_t first = position_of(playback).seq;
    for (int64_t from = -1; from <= TICKS; from += TICKS + 1)
    {
        expect_ok(log_, eventure_playback_seek_tick(playback, from));
        const int64_t seq = position_of(playback).seq;
        for (int64_t tick = 0; tick < CUT - 1; tick++)
            expect_status(EVENTURE_ERROR_ARCHIVED, log_, eventure_playback_seek_tick(playback, tick));
        expect_part(eventure_log_message(log_), "playback of totals: the ticks before 12, with the events up to ");
        expect_status(EVENTURE_ERROR_ARCHIVED, log_, eventure_playback_seek_seq(playback, 1));
        expect_status(EVENTURE_ERROR_ARCHIVED, log_, eventure_playback_seek_seq(playback, first - 1));
        if (from < 0)
        {
            expect_status(EVENTURE_ERROR_ARCHIVED, log_, eventure_playback_step_events(playback, 1));
            expect_status(EVENTURE_ERROR_ARCHIVED, log_, eventure_playback_step_ticks(playback, 1));
            expect_status(EVENTURE_ERROR_ARCHIVED, log_, eventure_playback_run(playback, NULL));
        }
        ck_assert_int_eq(position_of(playback).seq, seq);
    }
    seek_both(TICKS);
    expect_ok(log_, eventure_playback_seek_seq(playback, 0));
    ck_assert_int_eq(here.events, 0);
    expect_status(EVENTURE_ERROR_NOT_FOUND, log_, eventure_playback_seek_seq(playback, last_seq() + 1));
}
END_TEST

START_TEST(without_a_snapshot_there_is_only_the_start)
{
    archive(false);
    static const int64_t ticks[] = {0, CUT - 1, CUT, TICKS, EVENTURE_TICK_NEWEST};
    for (size_t i = 0; i < COUNT_OF(ticks); i++)
    {
        expect_status(EVENTURE_ERROR_ARCHIVED, log_, eventure_playback_seek_tick(playback, ticks[i]));
        ck_assert_int_eq(position_of(playback).seq, 0);
    }
    expect_status(EVENTURE_ERROR_ARCHIVED, log_, eventure_playback_seek_seq(playback, last_seq()));
    expect_ok(log_, eventure_playback_seek_tick(playback, -1));
    ck_assert_int_eq(here.events, 0);
}
END_TEST

/* A state that the playback has cached in memory before another program archives its events is not continued. */
START_TEST(cached_states_before_the_cut_are_not_continued)
{
    expect_ok(log_, eventure_playback_new(eventure_log_reader(log_), &totals_reducer, &here, NULL, &playback));
    for (int64_t tick = 0; tick < CUT - 1; tick++)
        seek_both(tick);
    eventure_playback *at = playback;
    archive(false);
    eventure_playback_free(playback);
    playback = at;
    expect_status(EVENTURE_ERROR_ARCHIVED, log_, eventure_playback_seek_tick(playback, CUT));
    expect_status(EVENTURE_ERROR_ARCHIVED, log_, eventure_playback_seek_tick(playback, TICKS));
}
END_TEST
