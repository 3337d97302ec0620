/*
 * Repair: whole ticks that verify are saved, with their ids; what was lost is said.
 */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"

#define NEW_PATH "repaired.db"

static char root_[32];

/* Four ticks, 0 to 3, of two events each; each first event is a child of the root. */
static void set_up(void)
{
    eventure_log *log = scratch_new();
    scratch_remove(NEW_PATH);
    strcpy(root_, scratch_append(log, "a.root", "{\"n\":0}", NULL));
    scratch_append(log, "a.b", "{\"n\":1}", root_);
    for (int tick = 1; tick < 4; tick++)
    {
        eventure_log_advance_tick(log);
        scratch_append(log, "a.b", "{\"n\":2}", root_);
        scratch_append(log, "c.d", "{\"n\":3}", NULL);
    }
    eventure_log_advance_to(log, 9);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
}

static void damage(const char *sql)
{
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open(SCRATCH_PATH, &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

static int note_loss(const eventure_loss *loss, void *context)
{
    char *losses = context;
    snprintf(losses + strlen(losses), 512 - strlen(losses), "%d:%d-%d:%s;", (int)loss->tick, (int)loss->first_seq,
             (int)loss->last_seq, loss->why);
    return 0;
}

static eventure_repair_report repair(char *losses)
{
    eventure_reader *reader = NULL;
    eventure_repair_report report;
    eventure_repair_options options = EVENTURE_REPAIR_OPTIONS_INIT;
    options.loss = note_loss;
    options.loss_context = losses;
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &reader), EVENTURE_OK);
    ck_assert_msg(eventure_repair(reader, NEW_PATH, &options, &report) == EVENTURE_OK, "%s",
                  eventure_reader_message(reader));
    eventure_reader_close(reader);
    ck_assert_int_eq(eventure_reader_open(NEW_PATH, &reader), EVENTURE_OK);
    eventure_verify_report sound;
    ck_assert_int_eq(eventure_verify(reader, NULL, &sound), EVENTURE_OK);
    ck_assert_msg(sound.is_sound, "%s", sound.problem);
    ck_assert_int_eq(sound.events, report.events);
    eventure_reader_close(reader);
    return report;
}

START_TEST(a_sound_store_is_saved_whole)
{
    char losses[512] = "";
    eventure_repair_report report = repair(losses);
    ck_assert_int_eq(report.events, 8);
    ck_assert_int_eq(report.ticks, 4);
    ck_assert_int_eq(report.lost_ticks, 0);
    ck_assert_str_eq(losses, "");
    ck_assert_str_eq(report.first_loss, "");
    char *before = scratch_ask(SCRATCH_PATH, "SELECT full_digest FROM ticks WHERE tick = 3");
    char *after = scratch_ask(NEW_PATH, "SELECT full_digest FROM ticks WHERE tick = 3");
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
    eventure_log *log = scratch_open(NEW_PATH);
    ck_assert_int_eq(eventure_log_tick(log), 9);
    eventure_log_close(log);
}
END_TEST

START_TEST(only_the_tick_that_was_hit_is_lost)
{
    char losses[512] = "";
    damage("UPDATE event SET data = '{\"n\":99}' WHERE seq = 3");
    eventure_repair_report report = repair(losses);
    ck_assert_int_eq(report.events, 6);
    ck_assert_int_eq(report.ticks, 3);
    ck_assert_int_eq(report.lost_events, 2);
    ck_assert_int_eq(report.lost_ticks, 1);
    ck_assert_str_eq(losses, "1:3-4:its digests are not those of its events;");
    ck_assert_str_eq(report.first_loss, "tick 1: its digests are not those of its events");
    char *ids = scratch_ask(NEW_PATH, "SELECT group_concat(id, ' ') FROM (SELECT id FROM events WHERE tick = 2)");
    char *expected =
        scratch_ask(SCRATCH_PATH, "SELECT group_concat(id, ' ') FROM (SELECT id FROM events WHERE tick = 2)");
    ck_assert_str_eq(ids, expected);
    free(ids);
    free(expected);
}
END_TEST

START_TEST(a_lost_cause_stays_as_an_external_parent)
{
    char losses[512] = "";
    damage("UPDATE event SET timestamp = 7 WHERE seq = 2");
    eventure_repair_report report = repair(losses);
    ck_assert_int_eq(report.lost_ticks, 1);
    char *parent = scratch_ask(NEW_PATH, "SELECT parent_id FROM events WHERE tick = 1 AND type = 'a.b'");
    ck_assert_str_eq(parent, root_);
    free(parent);
    char *outside = scratch_ask(NEW_PATH, "SELECT count(*) FROM external_parent");
    ck_assert_str_eq(outside, "3");
    free(outside);
}
END_TEST

START_TEST(an_event_that_is_missing_takes_its_tick_along)
{
    char losses[512] = "";
    damage("DELETE FROM event WHERE seq = 6");
    eventure_repair_report report = repair(losses);
    ck_assert_int_eq(report.lost_ticks, 1);
    ck_assert_str_eq(losses, "2:5-6:event 6 is missing;");
}
END_TEST

START_TEST(the_new_file_must_not_be_there)
{
    eventure_reader *reader = NULL;
    eventure_repair_report report;
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &reader), EVENTURE_OK);
    ck_assert_int_eq(eventure_repair(reader, SCRATCH_PATH, NULL, &report), EVENTURE_ERROR_EXISTS);
    ck_assert_str_eq(eventure_reader_message(reader), "open " SCRATCH_PATH ": the file exists");
    ck_assert_int_eq(access(SCRATCH_PATH, F_OK), 0);
    ck_assert_int_eq(eventure_repair(reader, "no/such/folder.db", NULL, &report), EVENTURE_ERROR_NOT_FOUND);
    eventure_reader_close(reader);
}
END_TEST

static int stop(const eventure_loss *loss, void *context)
{
    (void)loss;
    (void)context;
    return 1;
}

START_TEST(a_repair_that_is_stopped_leaves_nothing)
{
    eventure_reader *reader = NULL;
    eventure_repair_report report;
    eventure_repair_options options = EVENTURE_REPAIR_OPTIONS_INIT;
    options.loss = stop;
    damage("UPDATE event SET data = '{}' WHERE seq = 8");
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &reader), EVENTURE_OK);
    ck_assert_int_eq(eventure_repair(reader, NEW_PATH, &options, &report), EVENTURE_ERROR_INTERRUPTED);
    ck_assert_int_eq(access(NEW_PATH, F_OK), -1);
    eventure_reader_close(reader);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("repair");
    TCase *tests = tcase_create("repair");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, a_sound_store_is_saved_whole);
    tcase_add_test(tests, only_the_tick_that_was_hit_is_lost);
    tcase_add_test(tests, a_lost_cause_stays_as_an_external_parent);
    tcase_add_test(tests, an_event_that_is_missing_takes_its_tick_along);
    tcase_add_test(tests, the_new_file_must_not_be_there);
    tcase_add_test(tests, a_repair_that_is_stopped_leaves_nothing);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
