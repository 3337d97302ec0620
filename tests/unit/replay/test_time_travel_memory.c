/*
 * States, snapshots, projections and playback when memory runs out: each allocation in turn fails, and each call then
 * returns "out of memory", leaves nothing behind, and works when it is called again.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"
#include "bus_world.h"
#include "ledger.h"
#include "testing.h"

TEST_FIXTURE(open_history, close_history);

#define INTO "into.db"

static const char text[] =
    "-- @setup\nCREATE TABLE t (a INTEGER PRIMARY KEY, n);\n-- @on money.* *.noted\nINSERT INTO t "
    "VALUES (:account, 1) ON CONFLICT DO UPDATE SET n = n + 1;\n-- @on *\nSELECT :event_id;\n";

static ledger state;
static eventure_projection *projection;

static void open_history(void)
{
    uint64_t seed = 99194853094755497U;
    open_world();
    ledger_write(here.log, &seed, 60);
    expect_ok(here.log, eventure_snapshot_take(here.log, &ledger_reducer, &state));
    expect_ok(NULL, eventure_projection_parse("x.sql", text, sizeof text - 1, NULL, &projection));
}

static void close_history(void)
{
    eventure_projection_close(projection);
    projection = NULL;
    close_world();
    scratch_remove(INTO);
}

/* Repeats the call with the first, the second, ... allocation failing, until none fails. */
static void fail_each(eventure_status (*call)(void))
{
    bool hit = true;
    for (long n = 1; hit; n++)
    {
        ck_assert_int_lt(n, 100000);
        alloc_fail_at(n);
        eventure_status status = call();
        hit = alloc_fail_stop();
        /* A failure is allowed to have no effect when the memory is only a cache. */
        ck_assert_msg(status == EVENTURE_OK || (hit && status == EVENTURE_ERROR_MEMORY), "allocation %ld: %d: %s", n,
                      status, eventure_log_message(here.log));
    }
}

static eventure_status find_state(void)
{
    eventure_status status = eventure_replay_at(reader(), &ledger_reducer, &state, 5, NULL);
    return status == EVENTURE_OK ? eventure_replay_at(reader(), &ledger_reducer, &state, EVENTURE_TICK_NEWEST, NULL)
                                 : status;
}

START_TEST(the_state_at_a_tick)
{
    fail_each(find_state);
}
END_TEST

static eventure_status build(void)
{
    eventure_snapshot_build_options options = EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT;
    eventure_snapshot_policy options_policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    options.policy = &options_policy;
    options_policy.every_events = 10;
    options_policy.keep_newest = 3;
    options.from_start = true;
    return eventure_snapshot_build(here.log, &ledger_reducer, &state, &options, NULL);
}

START_TEST(building_snapshots)
{
    fail_each(build);
}
END_TEST

static eventure_status check_snapshots(void)
{
    eventure_snapshot_check_report found;
    return eventure_snapshot_check(reader(), &ledger_reducer, &state, NULL, &found);
}

START_TEST(checking_snapshots)
{
    fail_each(check_snapshots);
}
END_TEST

static eventure_status follow(void)
{
    eventure_snapshot_policy policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    eventure_snapshotter *follower = NULL;
    policy.every_events = 1;
    eventure_status status = eventure_snapshotter_attach(here.log, &ledger_reducer, &state, &policy, &follower);
    if (status == EVENTURE_OK)
        status = eventure_log_append(here.log, "account.noted", eventure_no_data(), NULL, NULL);
    if (status == EVENTURE_OK)
        status = eventure_log_advance_tick(here.log);
    eventure_snapshotter_detach(follower);
    return status;
}

START_TEST(following_a_log)
{
    fail_each(follow);
}
END_TEST

static eventure_status parse(void)
{
    eventure_projection *other = NULL;
    eventure_status status = eventure_projection_parse("x.sql", text, sizeof text - 1, NULL, &other);
    eventure_projection_close(other);
    return status;
}

START_TEST(parsing_a_projection)
{
    fail_each(parse);
}
END_TEST

static eventure_status read_file(void)
{
    eventure_projection *other = NULL;
    eventure_status status = eventure_projection_open("x.sql", NULL, &other);
    eventure_projection_close(other);
    return status;
}

START_TEST(reading_a_projection)
{
    scratch_write("x.sql", text);
    fail_each(read_file);
    remove("x.sql");
}
END_TEST

static eventure_status find_projected_state(void)
{
    void *image = NULL;
    size_t len = 0;
    eventure_status status = eventure_replay_at(reader(), eventure_projection_reducer(projection), projection, 5, NULL);
    if (status == EVENTURE_OK)
        status = eventure_snapshot_take(here.log, eventure_projection_reducer(projection), projection);
    if (status == EVENTURE_OK)
        status = eventure_projection_image(projection, &image, &len);
    eventure_free(image);
    return status;
}

START_TEST(the_state_of_a_projection)
{
    fail_each(find_projected_state);
}
END_TEST

static eventure_status project(void)
{
    eventure_reader *other = NULL;
    eventure_projector *projector = NULL;
    eventure_status status = eventure_reader_open(SCRATCH_PATH, &other);
    if (status == EVENTURE_OK)
        status = eventure_projector_open(other, projection, INTO, NULL, &projector);
    if (status == EVENTURE_OK)
        status = eventure_projector_update(projector, NULL);
    eventure_projector_close(projector);
    eventure_reader_close(other);
    return status;
}

START_TEST(keeping_a_projection_up_to_date)
{
    expect_ok(here.log, eventure_log_advance_tick(here.log));
    fail_each(project);
    char *rows = scratch_ask(INTO, "SELECT sum(n) FROM t");
    ck_assert_str_eq(rows, "60");
    free(rows);
}
END_TEST

static eventure_status play(void)
{
    eventure_playback *playback = NULL;
    eventure_playback_options options = EVENTURE_PLAYBACK_OPTIONS_INIT;
    eventure_playback_until until = EVENTURE_PLAYBACK_UNTIL_INIT;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_event event;
    options.cache_every_events = 5;
    filter.type = "account.*";
    until.event = &filter;
    eventure_status status = eventure_playback_new(reader(), &ledger_reducer, &state, &options, &playback);
    if (status == EVENTURE_OK)
        status = eventure_playback_seek_tick(playback, EVENTURE_TICK_NEWEST);
    if (status == EVENTURE_OK)
        status = eventure_playback_step_events(playback, -12);
    if (status >= 0)
        status = eventure_playback_event(playback, &event);
    until.backwards = true;
    if (status >= 0)
        status = eventure_playback_run(playback, &until);
    eventure_playback_free(playback);
    return status < 0 ? status : EVENTURE_OK;
}

START_TEST(playing_back)
{
    fail_each(play);
}
END_TEST
