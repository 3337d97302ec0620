/*
 * Verifying the schema: what is missing, changed, or not from the library is named; what users add is not damage.
 */
#include <check.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"

static void set_up(void)
{
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", "{\"n\":1}", NULL);
    scratch_append(log, "c.d", "{\"n\":2}", NULL);
    ck_assert_int_eq(eventure_log_advance_to(log, 3), EVENTURE_OK);
    scratch_append(log, "a.b", "{\"n\":3}", NULL);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
}

static eventure_verify_report verify(bool quick)
{
    eventure_reader *reader = NULL;
    eventure_verify_report report;
    eventure_verify_options options = EVENTURE_VERIFY_OPTIONS_INIT;
    options.quick = quick;
    eventure_status status = eventure_reader_open(SCRATCH_PATH, &reader);
    ck_assert_msg(status == EVENTURE_OK, "%s", eventure_reader_message(reader));
    ck_assert_msg(eventure_store_verify(reader, &options, &report) == EVENTURE_OK, "%s",
                  eventure_reader_message(reader));
    eventure_reader_close(reader);
    return report;
}

/* Runs SQL as an attacker would: triggers and SQLite's defensive mode are off. */
static void do_damage(const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    ck_assert_int_eq(sqlite3_open(SCRATCH_PATH, &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    sqlite3_exec(db, sql, NULL, NULL, &message);
    ck_assert_msg(message == NULL, "%s: %s", sql, message);
    sqlite3_close(db);
}

/* Damage, and a part of its report. */
static const char *const changes[][2] = {
    {"DROP INDEX events_tick", "the schema was changed: the index events_tick is missing"},
    {"DROP INDEX events_type; DROP INDEX events_parent_id", "the index events_type is missing"},
    {"DROP INDEX events_id; CREATE INDEX events_id ON events (id)",
     "the index events_id differs from that of Eventure"},
    {"DROP INDEX events_parent_seq; CREATE INDEX events_parent_seq ON events (parent_id)",
     "the index events_parent_seq differs from that of Eventure"},
    {"DROP INDEX events_type; CREATE INDEX events_type ON events (type) WHERE seq > 2",
     "the index events_type differs"},
    {"DROP INDEX events_type; CREATE INDEX events_type ON events (type COLLATE NOCASE)",
     "the index events_type differs"},
    {"DROP INDEX snapshot_place; CREATE INDEX snapshot_place ON snapshot (name)", "the index snapshot_place differs"},
    {"DROP INDEX events_type; CREATE TABLE mine (a); CREATE INDEX events_type ON mine (a)",
     "events_type must have the type index"},
    {"DROP TRIGGER events_update", "the trigger events_update is missing"},
    {"DROP TRIGGER data_value_delete; CREATE TRIGGER data_value_delete BEFORE DELETE ON data_value "
     "BEGIN SELECT 1; END",
     "the trigger data_value_delete differs from that of Eventure"},
    {"DROP TRIGGER events_update; CREATE TRIGGER events_update BEFORE UPDATE ON events WHEN new.seq > 2 "
     "BEGIN SELECT RAISE(ABORT, 'events are append-only: cannot update'); END",
     "the trigger events_update differs from that of Eventure"},
    {"CREATE TRIGGER mine AFTER INSERT ON events BEGIN DELETE FROM events; END", "the trigger mine does not belong to"},
    {"CREATE TRIGGER mine INSTEAD OF INSERT ON ticks BEGIN SELECT 1; END",
     "the trigger mine does not belong to Eventure"},
    {"DROP VIEW ticks; CREATE VIEW ticks AS SELECT 1 AS tick", "the view ticks differs from that of Eventure"},
    {"DROP VIEW roots; CREATE TABLE roots (seq)", "roots must have the type view"},
    {"DROP VIEW type_counts", "the view type_counts is missing"},
    {"ALTER TABLE events ADD COLUMN more TEXT", "the table events differs from that of Eventure"},
    {"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'note    TEXT', "
     "'note    TEXT DEFAULT 7') WHERE name = 'save_point'",
     "the table save_point differs from that of Eventure"},
    {"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'id = 1', 'id  =  10') "
     "WHERE name = 'store'",
     "the table store differs from that of Eventure"},
};

START_TEST(a_change_of_the_schema_is_named)
{
    for (int quick = 0; quick < 2; quick++)
    {
        set_up();
        do_damage(changes[_i][0]);
        eventure_verify_report report = verify(quick != 0);
        ck_assert_msg(!report.is_sound, "%s was not found", changes[_i][0]);
        ck_assert_msg(strstr(report.problem, changes[_i][1]) != NULL, "%s: %s", changes[_i][0], report.problem);
    }
}
END_TEST

/* Who opens the fence changes what is behind it. */
START_TEST(damage_of_the_history_is_named_before_that_of_the_schema)
{
    do_damage("DROP TRIGGER events_update; UPDATE events SET data = '{}' WHERE seq = 3");
    eventure_verify_report report = verify(false);
    ck_assert(!report.is_sound);
    ck_assert_ptr_nonnull(strstr(report.problem, "tick 3 (events 3 to 3): the run digest is not that of its events; "));
    ck_assert_ptr_nonnull(strstr(report.problem, "the trigger events_update is missing"));
    ck_assert_int_eq(report.trusted_tick, 0);
}
END_TEST

/* Objects that users add, and another spelling of a statement, are not damage. */
START_TEST(what_users_add_to_the_schema_is_not_damage)
{
    static const char *const additions[] = {
        "CREATE TABLE mine (a); CREATE INDEX mine_a ON mine (a)",
        "CREATE TABLE mine (a); CREATE TRIGGER my_own AFTER INSERT ON mine BEGIN DELETE FROM mine; END",
        "CREATE VIEW mine AS SELECT * FROM events WHERE type = 'a.b'",
        "CREATE VIEW mine AS SELECT 1; CREATE TRIGGER my_own INSTEAD OF INSERT ON mine BEGIN SELECT 1; END",
        "CREATE INDEX mine ON events (timestamp)",
        "ANALYZE",
        "DROP INDEX events_tick; CREATE  INDEX events_tick /* by hand */\n ON events(tick) -- as it was",
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '-- position', '-- the position')",
    };
    for (size_t i = 0; i < sizeof additions / sizeof *additions; i++)
    {
        set_up();
        do_damage(additions[i]);
        eventure_verify_report report = verify(false);
        ck_assert_msg(report.is_sound, "%s: %s", additions[i], report.problem);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify_schema");
    TCase *tests = tcase_create("verify_schema");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_loop_test(tests, a_change_of_the_schema_is_named, 0, (int)(sizeof changes / sizeof *changes));
    tcase_add_test(tests, damage_of_the_history_is_named_before_that_of_the_schema);
    tcase_add_test(tests, what_users_add_to_the_schema_is_not_damage);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
