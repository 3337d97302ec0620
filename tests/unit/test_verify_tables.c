/*
 * Verifying the tables around the events: digests that the table store excludes, save points, where a fork comes from,
 * cuts.
 */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"

#define FORK_PATH "fork.db"
#define FORK_2_PATH "fork2.db"
#define ARCHIVE_PATH "archive.db"

static void append_tick(eventure_log *log, int64_t tick, int events)
{
    ck_assert_int_eq(eventure_log_advance_to(log, tick), EVENTURE_OK);
    for (int i = 0; i < events; i++)
        scratch_append(log, "a.b", "{\"n\":1}", NULL);
}

static eventure_verify_report verify(const char *path)
{
    eventure_reader *reader = NULL;
    eventure_verify_report report;
    ck_assert_int_eq(eventure_reader_open(path, &reader), EVENTURE_OK);
    ck_assert_msg(eventure_store_verify(reader, NULL, &report) == EVENTURE_OK, "%s", eventure_reader_message(reader));
    eventure_reader_close(reader);
    return report;
}

static void expect_sound(const char *path)
{
    eventure_verify_report report = verify(path);
    ck_assert_msg(report.is_sound, "%s: %s", path, report.problem);
}

/* At the save point, or (a tick from 0) behind a tick. */
static void fork_store(const char *from, const char *to, int64_t tick)
{
    eventure_reader *reader = NULL;
    scratch_remove(to);
    ck_assert_int_eq(eventure_reader_open(from, &reader), EVENTURE_OK);
    eventure_status status = tick < 0 ? eventure_store_fork_at_save_point(reader, to, "here", NULL)
                                      : eventure_store_fork_at_tick(reader, to, tick, NULL);
    ck_assert_msg(status == EVENTURE_OK, "%s", eventure_reader_message(reader));
    eventure_reader_close(reader);
}

/* A store with a save point in the middle of tick 3, its fork there, which continues in that tick, and the fork of that
 * one at its tick 2, before the place of the first fork, which continues as well. */
static void set_up(void)
{
    eventure_log *log = scratch_new();
    append_tick(log, 1, 2);
    append_tick(log, 2, 2);
    append_tick(log, 3, 2);
    ck_assert_int_eq(eventure_save_point_create(log, "here", NULL), EVENTURE_OK);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
    fork_store(SCRATCH_PATH, FORK_PATH, -1);
    log = scratch_open(FORK_PATH);
    append_tick(log, 3, 1);
    append_tick(log, 5, 2);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
    fork_store(FORK_PATH, FORK_2_PATH, 2);
    log = scratch_open(FORK_2_PATH);
    append_tick(log, 7, 9);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
}

static void do_damage(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_exec(db, sql, NULL, NULL, &message);
    ck_assert_msg(message == NULL, "%s: %s", sql, message);
    ck_assert_int_gt(sqlite3_total_changes(db), 0);
    sqlite3_close(db);
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

START_TEST(damage_around_the_events_is_found)
{
    expect_sound(FORK_PATH);
    do_damage(FORK_PATH, damages[_i][0]);
    eventure_verify_report report = verify(FORK_PATH);
    ck_assert_msg(!report.is_sound, "%s was not found", damages[_i][0]);
    ck_assert_msg(strstr(report.problem, damages[_i][1]) != NULL, "%s: %s", damages[_i][0], report.problem);
}
END_TEST

/* The digests of a fork are compared as far as this history is the one that they were taken of. */
START_TEST(an_origin_that_cannot_be_compared_is_not_damage)
{
    expect_sound(SCRATCH_PATH);
    expect_sound(FORK_PATH);
    expect_sound(FORK_2_PATH);
    do_damage(FORK_2_PATH, "DELETE FROM proof WHERE name = 'origin'");
    do_damage(FORK_2_PATH, "UPDATE origin SET run_digest = zeroblob(32) WHERE generation = 1");
    expect_sound(FORK_2_PATH); /* nothing here can tell */
    do_damage(FORK_2_PATH, "UPDATE origin SET run_digest = zeroblob(32) WHERE generation = 2");
    ck_assert(!verify(FORK_2_PATH).is_sound);
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

START_TEST(damage_of_a_cut_is_found)
{
    eventure_log *log = scratch_open(FORK_PATH);
    scratch_remove(ARCHIVE_PATH);
    ck_assert_msg(eventure_log_archive(log, ARCHIVE_PATH, 5, NULL, NULL) == EVENTURE_OK, "%s",
                  eventure_log_message(log));
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
    expect_sound(FORK_PATH);
    expect_sound(ARCHIVE_PATH);
    do_damage(FORK_PATH, cuts[_i][0]);
    eventure_verify_report report = verify(FORK_PATH);
    ck_assert_msg(!report.is_sound, "%s was not found", cuts[_i][0]);
    ck_assert_msg(strstr(report.problem, cuts[_i][1]) != NULL, "%s: %s", cuts[_i][0], report.problem);
}
END_TEST

START_TEST(digests_that_the_store_excludes_are_not_returned)
{
    eventure_reader *reader = NULL;
    eventure_digests digests;
    do_damage(FORK_PATH, "UPDATE store SET digests = 'none'");
    ck_assert_int_eq(eventure_reader_open(FORK_PATH, &reader), EVENTURE_OK);
    ck_assert_int_eq(eventure_store_digest(reader, INT64_MAX, &digests), EVENTURE_ERROR_NOT_FOUND);
    ck_assert_str_eq(eventure_reader_message(reader), "fork.db was made without digests");
    eventure_reader_close(reader);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify_tables");
    TCase *tests = tcase_create("verify_tables");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_loop_test(tests, damage_around_the_events_is_found, 0, (int)(sizeof damages / sizeof *damages));
    tcase_add_test(tests, an_origin_that_cannot_be_compared_is_not_damage);
    tcase_add_loop_test(tests, damage_of_a_cut_is_found, 0, (int)(sizeof cuts / sizeof *cuts));
    tcase_add_test(tests, digests_that_the_store_excludes_are_not_returned);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
