/*
 * The notes about the other tables: which tables and values they cover, and what counts as changed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "log/log_internal.h"
#include "scratch.h"
#include "store/proof.h"
#include "testing.h"

TEST_FIXTURE(set_up, tear_down);

static eventure_log *log_;
static eventure__store *store;

static void set_up(void)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.mode = EVENTURE_OPEN_MEMORY;
    options.clock = scratch_clock;
    expect_ok(NULL, eventure_log_open("memory", &options, &log_));
    store = eventure_log_reader(log_);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
}

static void tear_down(void)
{
    eventure_log_close(log_);
}

static void run(const char *sql)
{
    ck_assert_msg(sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(store->db));
}

static void expect_check(const char *table, bool noted, bool same)
{
    bool is_noted = !noted;
    bool is_same = !same;
    expect_ok(store, eventure__proof_check_table(store, table, &is_noted, &is_same));
    ck_assert_msg(is_noted == noted, "%s is noted: %d", table, is_noted);
    ck_assert_msg(is_same == same, "%s is the same: %d", table, is_same);
}

static int64_t number(const char *name)
{
    int64_t value = 0;
    expect_ok(store, eventure__proof_number(store, name, -77, &value));
    return value;
}

START_TEST(each_table_of_a_new_store_is_noted)
{
    for (const char *const *table = eventure__proof_tables; *table != NULL; table++)
        expect_check(*table, true, true);
    ck_assert_int_eq(number("events"), 0);
    ck_assert_int_eq(number("ticks"), 0);
    ck_assert_int_eq(number("current_tick"), 0);
    ck_assert_int_eq(number("open_tick"), EVENTURE__NO_OPEN_TICK);
    ck_assert_int_eq(number("none"), -77);
}
END_TEST

typedef struct change
{
    const char *table;
    const char *sql;
} change;

/* Each change of a column that a note covers; the next one begins where the one before was noted. */
static const change changes[] = {
    {"store", "UPDATE store SET uuid = 'x'"},
    {"store", "UPDATE store SET created = created + 1"},
    {"store", "UPDATE store SET digests = 'other'"},
    {"save_point", "INSERT INTO save_point VALUES ('a', 1, 2, NULL, 3)"},
    {"save_point", "UPDATE save_point SET name = 'b'"},
    {"save_point", "UPDATE save_point SET tick = 2"},
    {"save_point", "UPDATE save_point SET seq = 3"},
    {"save_point", "UPDATE save_point SET note = ''"},
    {"save_point", "UPDATE save_point SET note = '5'"},
    {"save_point", "UPDATE save_point SET created = 3.5"},
    {"save_point", "UPDATE save_point SET created = -3.5"},
    {"save_point", "DELETE FROM save_point"},
    {"origin", "INSERT INTO origin VALUES (1, 'x', 1, 2, NULL, NULL, 3)"},
    {"origin", "UPDATE origin SET run_digest = zeroblob(32)"},
    {"origin", "UPDATE origin SET full_digest = run_digest, run_digest = NULL"},
    {"archive", "INSERT INTO archive (before_tick, last_seq, file, created) VALUES (1, 2, 'f', 3)"},
    {"archive", "UPDATE archive SET file = 'g'"},
    {"archived_events", "INSERT INTO archived_events (seq, id, tick, type) VALUES (1, 'i', 0, 't')"},
    {"archived_events", "UPDATE archived_events SET parent_seq = 0"},
    {"archived_events", "UPDATE archived_events SET parent_id = 'p', parent_seq = NULL"},
    {"run_record", "INSERT INTO run_record (key, value, json) VALUES ('k', 1, '1')"},
    {"run_record", "UPDATE run_record SET value = '1'"},
    {"run_record", "UPDATE run_record SET value = x'31'"},
    {"run_record", "UPDATE run_record SET value = x''"},
    {"run_record", "UPDATE run_record SET value = ''"},
    {"run_record", "UPDATE run_record SET json = '2'"},
};

/* Makes the tables accept any change: without triggers and constraints. */
static void free_tables(void)
{
    run("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF");
}

START_TEST(any_change_of_a_table_is_noticed)
{
    free_tables();
    for (size_t i = 0; i < COUNT_OF(changes); i++)
    {
        if (sqlite3_exec(store->db, changes[i].sql, NULL, NULL, NULL) != SQLITE_OK)
            ck_abort_msg("%s: %s", changes[i].sql, sqlite3_errmsg(store->db));
        expect_check(changes[i].table, true, false);
        expect_ok(store, eventure__proof_note_table(store, changes[i].table));
        expect_check(changes[i].table, true, true);
    }
}
END_TEST

START_TEST(what_a_log_changes_all_the_time_is_not_covered)
{
    run("UPDATE store SET current_tick = 5");
    expect_check("store", true, true);
    run("UPDATE store SET foreign_ids = 1");
    expect_check("store", true, true);
}
END_TEST

START_TEST(a_missing_note_or_table_is_told_apart)
{
    run("DROP TRIGGER IF EXISTS proof_delete; DELETE FROM proof WHERE name = 'origin'");
    expect_check("origin", false, false);
    run("DROP VIEW IF EXISTS run; DROP TABLE run_record");
    expect_check("run_record", true, false); /* it was noted, and is gone */
    run("DELETE FROM proof WHERE name = 'run_record'");
    expect_check("run_record", true, true); /* it never was */
    expect_ok(store, eventure__proof_note_table(store, "run_record"));
    expect_check("run_record", true, true);
    run("UPDATE proof SET value = x'00' WHERE name = 'store'");
    expect_check("store", true, false);
    run("UPDATE proof SET value = 'x' WHERE name = 'store'");
    expect_check("store", true, false);
}
END_TEST

START_TEST(without_its_table_nothing_is_noted_and_it_is_made_again)
{
    run("DROP TABLE proof");
    expect_check("store", false, false);
    ck_assert_int_eq(number("events"), -77);
    expect_ok(store, eventure__proof_note_open_tick(store, 9));
    ck_assert_int_eq(number("open_tick"), 9);
    expect_ok(store, eventure__proof_note_current_tick(store, 8));
    ck_assert_int_eq(number("current_tick"), 8);
    expect_ok(store, eventure__proof_note_all(store));
    expect_check("store", true, true);
    ck_assert_int_eq(number("open_tick"), EVENTURE__NO_OPEN_TICK);
    ck_assert_int_eq(number("current_tick"), 0);
}
END_TEST

START_TEST(the_newest_tick_is_noted_with_all_the_rest)
{
    scratch_append(log_, "a.b", NULL, NULL);
    expect_ok(log_, eventure_log_advance_to(log_, 5));
    scratch_append(log_, "a.b", NULL, NULL);
    expect_ok(log_, eventure_log_commit(log_));
    run("DROP TRIGGER IF EXISTS proof_delete; DELETE FROM proof");
    expect_ok(store, eventure__proof_note_all(store));
    ck_assert_int_eq(number("events"), 2);
    ck_assert_int_eq(number("current_tick"), 5);
    ck_assert_int_eq(number("open_tick"), 5);
    expect_check("store", true, true);
}
END_TEST

START_TEST(the_end_is_noted_when_it_has_moved)
{
    for (int i = 0; i < 3; i++)
    {
        scratch_append(log_, "a.b", NULL, NULL);
        scratch_append(log_, "a.b", NULL, NULL);
        expect_ok(log_, eventure_log_advance_tick(log_));
    }
    scratch_append(log_, "a.b", NULL, NULL);
    expect_ok(log_, eventure_log_commit(log_));
    expect_ok(store, eventure__proof_note_end(store));
    ck_assert_int_eq(number("events"), 7);
    ck_assert_int_eq(number("ticks"), 4);
    ck_assert_int_eq(number("open_tick"), 3);
    int before = sqlite3_total_changes(store->db);
    expect_ok(store, eventure__proof_note_end(store));
    ck_assert_int_eq(sqlite3_total_changes(store->db), before); /* nothing is new */
    ck_assert_int_eq(sqlite3_get_autocommit(store->db), 1);

    /* The rows of ticks that were noted are not counted again. */
    scratch_append(log_, "a.b", NULL, NULL);
    expect_ok(log_, eventure_log_advance_tick(log_));
    scratch_append(log_, "a.b", NULL, NULL);
    expect_ok(log_, eventure_log_commit(log_));
    run("DROP TRIGGER IF EXISTS tick_delete; DELETE FROM tick WHERE tick = 0");
    expect_ok(store, eventure__proof_note_end(store));
    ck_assert_int_eq(number("events"), 9);
    ck_assert_int_eq(number("ticks"), 5);

    run("DROP TRIGGER IF EXISTS proof_delete; DELETE FROM proof WHERE name IN ('events', 'open_tick')");
    expect_ok(store, eventure__proof_note_end(store));
    ck_assert_int_eq(number("events"), 9);
    ck_assert_int_eq(number("ticks"), 4); /* all that are there */
    ck_assert_int_eq(number("open_tick"), 4);
}
END_TEST

START_TEST(an_error_ends_a_note_and_its_transaction)
{
    scratch_append(log_, "a.b", NULL, NULL);
    expect_ok(log_, eventure_log_commit(log_));
    run("DROP TRIGGER IF EXISTS proof_delete; DELETE FROM proof WHERE name = 'events'");
    run("CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.proof BEGIN SELECT RAISE(ABORT, 'refused'); END");
    expect_status(EVENTURE_ERROR_CORRUPT, store, eventure__proof_note_end(store));
    ck_assert_str_eq(store->error.text, "memory: note: refused");
    ck_assert_int_eq(sqlite3_get_autocommit(store->db), 1);
    expect_status(EVENTURE_ERROR_CORRUPT, store, eventure__proof_note_table(store, "store"));
    expect_status(EVENTURE_ERROR_CORRUPT, store, eventure__proof_note_open_tick(store, 1));
    expect_status(EVENTURE_ERROR_CORRUPT, store, eventure__proof_note_all(store));
    run("DROP TRIGGER temp.refuse");
    expect_ok(store, eventure__proof_note_end(store));
}
END_TEST
