/*
 * Verifying the schema: objects that are missing, changed, or not from the library are named; objects that users add
 * are not damage.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "damage.h"
#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, NULL);

static void set_up(void)
{
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", "{\"n\":1}", NULL);
    scratch_append(log, "c.d", "{\"n\":2}", NULL);
    expect_ok(log, eventure_log_advance_to(log, 3));
    scratch_append(log, "a.b", "{\"n\":3}", NULL);
    expect_ok(NULL, eventure_log_close(log));
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
    {"DROP TRIGGER proof_insert", "the trigger proof_insert is missing"},
    {"DROP TRIGGER proof_update", "the trigger proof_update is missing"},
    {"DROP TRIGGER proof_delete", "the trigger proof_delete is missing"},
    /* SQLite refuses to read these, unless the schema is writable. */
    {"PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('view', 'zz', 'zz', 0, 'CREATE VIEW ticks AS "
     "SELECT 1 AS tick')",
     "malformed database schema (zz)"},
    {"PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('table', 'zz', 'zz', 99999, 'CREATE TABLE zz "
     "(a)')",
     "invalid page number 99999"},
};

LOOP_TEST(a_change_of_the_schema_is_named, COUNT_OF(changes))
{
    for (int quick = 0; quick < 2; quick++)
    {
        set_up();
        damage_store(SCRATCH_PATH, changes[_i][0]);
        eventure_verify_report report = damage_verify(SCRATCH_PATH, quick != 0);
        ck_assert_msg(!report.is_sound, "%s was not found", changes[_i][0]);
        ck_assert_msg(strstr(report.problem, changes[_i][1]) != NULL, "%s: %s", changes[_i][0], report.problem);
    }
}
END_TEST

/* Early stores of this format declare the column of the timestamps REAL. Nothing else may differ. */
START_TEST(a_timestamp_may_be_declared_real)
{
    static const char early[] = "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, "
                                "' ANY ', ' REAL ') WHERE name = 'events'";
    damage_store(SCRATCH_PATH, early);
    char *declared = scratch_ask(SCRATCH_PATH, "SELECT type FROM pragma_table_info('events') WHERE name = 'timestamp'");
    ck_assert_str_eq(declared, "REAL");
    free(declared);
    eventure_verify_report report = damage_verify(SCRATCH_PATH, false);
    ck_assert_msg(report.is_sound, "%s", report.problem);
    damage_store(SCRATCH_PATH, "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, "
                               "' REAL ', ' TEXT ') WHERE name = 'events'");
    ck_assert(!damage_verify(SCRATCH_PATH, false).is_sound);
}
END_TEST

/* When triggers and history were changed, the damage of the history is reported first. */
START_TEST(damage_of_the_history_is_named_before_that_of_the_schema)
{
    damage_store(SCRATCH_PATH, "DROP TRIGGER events_update; UPDATE events SET data = '{}' WHERE seq = 3");
    eventure_verify_report report = damage_verify(SCRATCH_PATH, false);
    ck_assert(!report.is_sound);
    expect_part(report.problem, "tick 3 (events 3 to 3): the run digest is not that of its events; ");
    expect_part(report.problem, "the trigger events_update is missing");
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
    for (size_t i = 0; i < COUNT_OF(additions); i++)
    {
        set_up();
        damage_store(SCRATCH_PATH, additions[i]);
        eventure_verify_report report = damage_verify(SCRATCH_PATH, false);
        ck_assert_msg(report.is_sound, "%s: %s", additions[i], report.problem);
    }
}
END_TEST
