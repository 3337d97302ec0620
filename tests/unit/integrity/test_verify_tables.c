/*
 * Verifying the other tables: digests that the table store excludes, save points, the origins of a fork, cuts of an
 * archive.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "damage.h"
#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, NULL);

#define FORK_PATH "fork.db"
#define FORK_2_PATH "fork2.db"
#define ARCHIVE_PATH "archive.db"

static void append_tick(eventure_log *log, int64_t tick, int events)
{
    expect_ok(log, eventure_log_advance_to(log, tick));
    for (int i = 0; i < events; i++)
        scratch_append(log, "a.b", "{\"n\":1}", NULL);
}

static void expect_sound(const char *path)
{
    eventure_verify_report report = damage_verify(path, false);
    ck_assert_msg(report.is_sound, "%s: %s", path, report.problem);
}

/* Forks at the save point "here" when tick is negative, otherwise at the end of that tick. */
static void fork_store(const char *from, const char *to, int64_t tick)
{
    eventure_reader *reader = NULL;
    scratch_remove(to);
    expect_ok(NULL, eventure_reader_open(from, &reader));
    eventure_status status = tick < 0 ? eventure_store_fork_at_save_point(reader, to, "here", NULL)
                                      : eventure_store_fork_at_tick(reader, to, tick, NULL);
    expect_ok(reader, status);
    eventure_reader_close(reader);
}

/* Makes a store with a save point in the middle of tick 3; a fork of it at the save point, which continues in that
 * tick; and a fork of this fork at tick 2, before the position of the first fork, which continues as well. */
static void set_up(void)
{
    eventure_log *log = scratch_new();
    append_tick(log, 1, 2);
    append_tick(log, 2, 2);
    append_tick(log, 3, 2);
    expect_ok(log, eventure_save_point_create(log, "here", NULL));
    expect_ok(NULL, eventure_log_close(log));
    fork_store(SCRATCH_PATH, FORK_PATH, -1);
    log = scratch_open(FORK_PATH);
    append_tick(log, 3, 1);
    append_tick(log, 5, 2);
    expect_ok(NULL, eventure_log_close(log));
    fork_store(FORK_PATH, FORK_2_PATH, 2);
    log = scratch_open(FORK_2_PATH);
    append_tick(log, 7, 9);
    expect_ok(NULL, eventure_log_close(log));
}

static void do_damage(const char *path, const char *sql)
{
    ck_assert_int_gt(damage_store(path, sql), 0);
}

/* Damage of the fork, and a part of its report. */
static const char *const damages[][2] = {
    {"UPDATE store SET digests = 'none'", "table store excludes digests, but tick 1 has some"},
    {"UPDATE store SET digests = 'none'; UPDATE tick SET run_digest = NULL, full_digest = NULL",
     "table store excludes digests, but the origin 1 has some"},
    {"UPDATE store SET uuid = uuid || 'x'", "its uuid is invalid"},
    {"UPDATE store SET uuid = upper(uuid) || ''", "its uuid is invalid"},

    {"UPDATE save_point SET tick = 99", "the save point here, at tick 99 (event 6): the store has not reached that"},
    {"UPDATE save_point SET tick = -1", "the save point here, at tick -1 (event 6): the store has not reached that"},
    {"UPDATE save_point SET tick = 2", "the save point here, at tick 2 (event 6): that event belongs to a later tick"},
    {"UPDATE save_point SET tick = 4", "the save point here, at tick 4 (event 6): events of earlier ticks follow"},
    {"UPDATE save_point SET seq = 99", "the save point here, at tick 3 (event 99): there is no such event"},
    {"UPDATE save_point SET seq = 8", "the save point here, at tick 3 (event 8): that event belongs to a later tick"},
    {"UPDATE save_point SET seq = 3", "the save point here, at tick 3 (event 3): events of earlier ticks follow"},

    {"UPDATE origin SET generation = 2", "the origins do not have consecutive generations: one is 2"},
    {"UPDATE origin SET uuid = uuid || 'x'", "the row of the origin 1 is invalid"},
    {"UPDATE origin SET tick = -1", "the row of the origin 1 is invalid"},
    {"UPDATE origin SET tick = tick - 1", "the tick of the origin 1 is not the tick of its event"},
    {"UPDATE origin SET tick = tick + 1", "the tick of the origin 1 is not the tick of its event"},
    {"UPDATE origin SET seq = seq - 1", "the digests of the origin 1 do not match the history up to event 5"},
    {"UPDATE origin SET seq = seq + 1", "the digests of the origin 1 do not match the history up to event 7"},
    {"UPDATE origin SET run_digest = zeroblob(32)", "the digests of the origin 1 do not match the history up to"},
    {"UPDATE origin SET full_digest = zeroblob(32)", "the digests of the origin 1 do not match the history up to"},
    {"UPDATE origin SET run_digest = NULL", "the digests of the origin 1 do not match the history up to event 6"},
};

LOOP_TEST(damage_around_the_events_is_found, COUNT_OF(damages))
{
    expect_sound(FORK_PATH);
    do_damage(FORK_PATH, damages[_i][0]);
    eventure_verify_report report = damage_verify(FORK_PATH, false);
    ck_assert_msg(!report.is_sound, "%s was not found", damages[_i][0]);
    ck_assert_msg(strstr(report.problem, damages[_i][1]) != NULL, "%s: %s", damages[_i][0], report.problem);
}
END_TEST

/* The digests of an origin are compared only when this store contains the history up to its position. */
START_TEST(an_origin_that_cannot_be_compared_is_not_damage)
{
    expect_sound(SCRATCH_PATH);
    expect_sound(FORK_PATH);
    expect_sound(FORK_2_PATH);
    do_damage(FORK_2_PATH, "DELETE FROM proof WHERE name = 'origin'");
    do_damage(FORK_2_PATH, "UPDATE origin SET run_digest = zeroblob(32) WHERE generation = 1");
    expect_sound(FORK_2_PATH); /* this store has nothing to compare it with */
    do_damage(FORK_2_PATH, "UPDATE origin SET run_digest = zeroblob(32) WHERE generation = 2");
    ck_assert(!damage_verify(FORK_2_PATH, false).is_sound);
}
END_TEST

static const char *const cuts[][2] = {
    {"UPDATE archive SET before_tick = 6", "tick 5 is archived, but is still in the store"},
    {"UPDATE archive SET run_digest = NULL", "the row of the archive before tick 5 is invalid"},
    {"UPDATE archive SET full_digest = zeroblob(31)", "the row of the archive before tick 5 is invalid"},
    {"UPDATE store SET digests = 'none'; UPDATE tick SET run_digest = NULL, full_digest = NULL; DELETE FROM origin",
     "table store excludes digests, but the archive before tick 5 has some"},
    {"INSERT INTO archive SELECT 2, 99, NULL, NULL, NULL, created FROM archive", "does not begin after the last event"},
    {"INSERT INTO archive SELECT 2, 3, NULL, NULL, NULL, created FROM archive", "the archive before tick 2 is inv"},
};

LOOP_TEST(damage_of_a_cut_is_found, COUNT_OF(cuts))
{
    eventure_log *log = scratch_open(FORK_PATH);
    scratch_remove(ARCHIVE_PATH);
    expect_ok(log, eventure_log_archive(log, ARCHIVE_PATH, 5, NULL, NULL));
    expect_ok(NULL, eventure_log_close(log));
    expect_sound(FORK_PATH);
    expect_sound(ARCHIVE_PATH);
    do_damage(FORK_PATH, cuts[_i][0]);
    eventure_verify_report report = damage_verify(FORK_PATH, false);
    ck_assert_msg(!report.is_sound, "%s was not found", cuts[_i][0]);
    ck_assert_msg(strstr(report.problem, cuts[_i][1]) != NULL, "%s: %s", cuts[_i][0], report.problem);
}
END_TEST

START_TEST(digests_that_the_store_excludes_are_not_returned)
{
    eventure_reader *reader = NULL;
    eventure_digests digests;
    do_damage(FORK_PATH, "UPDATE store SET digests = 'none'");
    expect_ok(NULL, eventure_reader_open(FORK_PATH, &reader));
    expect_status(EVENTURE_ERROR_NOT_FOUND, reader, eventure_store_digest(reader, EVENTURE_TICK_NEWEST, &digests));
    ck_assert_str_eq(eventure_reader_message(reader), "fork.db was made without digests");
    eventure_reader_close(reader);
}
END_TEST
