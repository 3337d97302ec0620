/*
 * Repair: complete ticks that are intact are saved with their ids; the report names what was lost.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "damage.h"
#include "refuse.h"
#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, NULL);

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
    expect_ok(NULL, eventure_log_close(log));
}

static int note_loss(const eventure_repair_loss *loss, void *context)
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
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_ok(reader, eventure_store_repair(reader, NEW_PATH, &options, &report));
    eventure_reader_close(reader);
    expect_ok(NULL, eventure_reader_open(NEW_PATH, &reader));
    eventure_verify_report sound;
    expect_ok(reader, eventure_store_verify(reader, NULL, &sound));
    ck_assert_msg(sound.is_sound, "%s", sound.problem);
    ck_assert_int_eq(sound.events, report.events);
    eventure_reader_close(reader);
    return report;
}

/* The reader of a log reads the current tick as well, before it is committed. */
START_TEST(the_reader_of_a_log_saves_the_current_tick_too)
{
    eventure_repair_report report;
    eventure_log *log = scratch_open(SCRATCH_PATH);
    scratch_append(log, "a.b", "{\"n\":4}", root_);
    expect_ok(log, eventure_store_repair(eventure_log_reader(log), NEW_PATH, NULL, &report));
    ck_assert_int_eq(report.events, 9);
    ck_assert_int_eq(report.ticks, 5);
    ck_assert_int_eq(report.lost_ticks, 0);
    expect_ok(NULL, eventure_log_close(log));
    eventure_verify_report sound = damage_verify(NEW_PATH, false);
    ck_assert_msg(sound.is_sound, "%s", sound.problem);
    ck_assert_int_eq(sound.events, 9);
}
END_TEST

/* The rows are read by their tree, and not collected from the pages: the state of the log is not in the file. */
START_TEST(the_own_reader_of_a_log_continues_after_ticks_that_cannot_be_read)
{
    eventure_repair_report report;
    eventure_log *log = scratch_new();
    for (int i = 0; i < 400; i++)
    {
        scratch_append(log, "a.b", "{}", NULL);
        expect_ok(log, eventure_log_advance_tick(log));
    }
    expect_ok(NULL, eventure_log_close(log));
    damage_page_below(SCRATCH_PATH, "tick", 2);
    log = scratch_open(SCRATCH_PATH);
    expect_ok(log, eventure_store_repair(eventure_log_reader(log), NEW_PATH, NULL, &report));
    expect_ok(NULL, eventure_log_close(log));
    /* The events of a tick whose row is lost have the digests that the next row proves. */
    ck_assert_int_eq(report.ticks, 400);
    ck_assert_int_eq(report.lost_ticks, 0);
    ck_assert_int_eq(report.unproven_ticks, 0);
    ck_assert(damage_verify(NEW_PATH, false).is_sound);
}
END_TEST

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
    damage_store(SCRATCH_PATH, "UPDATE events SET data = '{\"n\":99}' WHERE seq = 3");
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
    damage_store(SCRATCH_PATH, "UPDATE events SET timestamp = 7 WHERE seq = 2");
    eventure_repair_report report = repair(losses);
    ck_assert_int_eq(report.lost_ticks, 1);
    char *parent = scratch_ask(NEW_PATH, "SELECT parent_id FROM events WHERE tick = 1 AND type = 'a.b'");
    ck_assert_str_eq(parent, root_);
    free(parent);
    char *outside =
        scratch_ask(NEW_PATH, "SELECT count(*) FROM events WHERE parent_id IS NOT NULL AND parent_seq IS NULL");
    ck_assert_str_eq(outside, "3");
    free(outside);
}
END_TEST

/* Checks that a query of stock SQLite has the same result in both stores. */
static void expect_same(const char *sql)
{
    char *before = scratch_ask(SCRATCH_PATH, sql);
    char *after = scratch_ask(NEW_PATH, sql);
    ck_assert_ptr_nonnull(before);
    ck_assert_ptr_nonnull(after);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}

static void expect_new(const char *sql, const char *expected)
{
    char *answer = scratch_ask(NEW_PATH, sql);
    ck_assert_ptr_nonnull(answer);
    ck_assert_str_eq(answer, expected);
    free(answer);
}

START_TEST(the_damaged_id_of_a_lost_cause_is_not_taken_over)
{
    char losses[512] = "";
    damage_store(SCRATCH_PATH, "UPDATE events SET id = 'junk' WHERE seq = 1");
    ck_assert_int_eq(repair(losses).lost_ticks, 1);
    expect_new("SELECT group_concat(DISTINCT parent_id) FROM events", root_);
}
END_TEST

START_TEST(a_damaged_id_of_a_parent_is_put_right_by_its_seq)
{
    static const char *const ids[] = {"'junk'", "NULL", "''", "(SELECT id FROM events WHERE seq = 4)"};
    for (size_t i = 0; i < COUNT_OF(ids); i++)
    {
        char losses[512] = "";
        char sql[128];
        set_up();
        snprintf(sql, sizeof sql, "UPDATE events SET parent_id = %s WHERE seq IN (2, 5)", ids[i]);
        damage_store(SCRATCH_PATH, sql);
        ck_assert_int_eq(repair(losses).lost_ticks, 0);
        ck_assert_str_eq(losses, "");
        expect_new("SELECT group_concat(seq || parent_seq) FROM events WHERE parent_id = (SELECT id FROM events WHERE "
                   "seq = 1)",
                   "21,31,51,71");
    }
}
END_TEST

#define LINE(tick, id, parent)                                                                                         \
    "{\"tick\": " tick ", \"timestamp\": 2.5, \"type\": \"far.away\", \"data\": {\"a\":1}, \"event_id\": \"" id        \
    "\", \"parent_id\": " parent "}\n"

/* Events with explicit ids, and with parents outside the store. 12-EBFC-1, at tick 10, is the derived id of the event
 * that add_explicit appends at tick 12. */
static const char explicit_lines[] = LINE("9", "far-1", "null") LINE("9", "far-2", "\"far-1\"")
    LINE("10", "far-3", "\"outside\"") LINE("10", "12-EBFC-1", "\"far-2\"") LINE("11", "far-4", "\"far-9\"")
        LINE("11", "11-AAAA-7", "\"12-EBFC-1\"") LINE("12", "far-5", "\"0-AAAA-1\"") LINE("12", "far-9", "null");

static void add_explicit(bool with_digests)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_import_options how = EVENTURE_IMPORT_OPTIONS_INIT;
    eventure_log *log = NULL;
    scratch_remove(NEW_PATH);
    scratch_remove(SCRATCH_PATH);
    options.without_digests = !with_digests;
    how.external_parents = true;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log));
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(log, scratch_import(log, explicit_lines, &how));
    scratch_append(log, "a.b", NULL, NULL); /* another event has its derived id */
    eventure_log_advance_tick(log);
    scratch_append(log, "a.b", NULL, NULL);
    expect_ok(NULL, eventure_log_close(log));
}

START_TEST(ids_and_parents_from_elsewhere_survive)
{
    for (int with_digests = 0; with_digests < 2; with_digests++)
    {
        char losses[512] = "";
        add_explicit(with_digests == 1);
        eventure_repair_report report = repair(losses);
        ck_assert_str_eq(losses, "");
        ck_assert_int_eq(report.events, 11);
        ck_assert_int_eq(report.ticks, 6);
        expect_same("SELECT group_concat(seq || ' ' || id || ' ' || tick || ' ' || type || ' ' || timestamp || ' ' || "
                    "coalesce(parent_seq, '-') || ' ' || coalesce(parent_id, '-') || ' ' || data, ';') FROM events");
        expect_same("SELECT group_concat(coalesce(hex(full_digest), '-')) FROM tick");
        expect_same("SELECT digests || foreign_ids FROM store");
        expect_new("SELECT count(*) FROM events WHERE parent_id IS NOT NULL AND parent_seq IS NULL", "3");
        expect_new("SELECT foreign_ids FROM store", "1");
    }
}
END_TEST

/* Whether there are digests is then seen in the rows of `tick`. */
START_TEST(a_store_that_lost_its_identity_is_saved_whole)
{
    static const char *const losses_of_tables[] = {"DELETE FROM store", "DROP TABLE store", "DROP TABLE archive",
                                                   "UPDATE store SET digests = 'x'",
                                                   "DROP TABLE store; DROP TABLE archive; DROP TABLE archived_events"};
    for (size_t i = 0; i < 2 * COUNT_OF(losses_of_tables); i++)
    {
        char losses[512] = "";
        add_explicit(i % 2 == 1);
        damage_store(SCRATCH_PATH, losses_of_tables[i / 2]);
        eventure_repair_report report = repair(losses);
        ck_assert_msg(report.events == 11 && report.ticks == 6, "%s: %s", losses_of_tables[i / 2], losses);
        expect_same("SELECT group_concat(seq || ' ' || id || ' ' || tick || ' ' || type || ' ' || timestamp || ' ' || "
                    "coalesce(parent_seq, '-') || ' ' || coalesce(parent_id, '-') || ' ' || data, ';') FROM events");
        expect_same("SELECT group_concat(coalesce(hex(full_digest), '-')) FROM tick");
    }
}
END_TEST

START_TEST(parents_in_a_lost_tick_become_external)
{
    char losses[512] = "";
    add_explicit(true);
    damage_store(SCRATCH_PATH, "UPDATE events SET timestamp = 7 WHERE id = 'far-1'");
    eventure_repair_report report = repair(losses);
    ck_assert_int_eq(report.lost_ticks, 1);
    ck_assert_int_eq(report.lost_events, 2);
    expect_new("SELECT group_concat(id) FROM events WHERE parent_id IS NOT NULL AND parent_seq IS NULL",
               "far-3,12-EBFC-1,far-4,far-5");
    expect_new("SELECT (SELECT id FROM events AS p WHERE p.seq = e.parent_seq) FROM events AS e WHERE id = '11-AAAA-7'",
               "12-EBFC-1");
}
END_TEST

/* A change that gives an event the id of another event (which the index on ids would refuse), or a value that is not an
 * id; and the loss that repair reports. */
typedef struct same_id
{
    const char *sql;
    const char *loss;
} same_id;

static const same_id same_ids[] = {
    {"UPDATE events SET id = 'far-1' WHERE id = 'far-4'", "11:6-7:event 6 has the id of an earlier event;"},
    {"UPDATE events SET id = 'far-1' WHERE id = 'far-2'", "9:2-3:two of its events have the same id;"},
    {"UPDATE events SET id = 'far-1' WHERE id = 'far-9'", "12:8-10:event 9 has the id of an earlier event;"},
    {"UPDATE events SET id = '13-EBFC-1' WHERE id = 'far-3'", "13:11-11:event 11 has the id of an earlier event;"},
    {"UPDATE events SET id = '9-EBFC-1' WHERE seq = 11", ""},
    {"UPDATE events SET id = ''  WHERE id = 'far-3'", "10:4-5:event 4 is invalid;"},
    {"UPDATE events SET parent_id = '' WHERE id = 'far-3'", ""},
    {"UPDATE events SET id = 'far-1' || char(0) WHERE id = 'far-3'", "10:4-5:event 4 is invalid;"},
};

LOOP_TEST(an_id_that_is_there_twice_loses_its_tick_only, COUNT_OF(same_ids))
{
    char losses[512] = "";
    char sql[512];
    add_explicit(false);
    snprintf(sql, sizeof sql, "DROP INDEX events_id; %s; CREATE INDEX events_id ON events (id)", same_ids[_i].sql);
    damage_store(SCRATCH_PATH, sql);
    eventure_repair_report report = repair(losses);
    ck_assert_str_eq(losses, same_ids[_i].loss);
    ck_assert_int_eq(report.ticks + report.lost_ticks, 6);
    ck_assert_int_eq(report.events + report.lost_events, 11);
}
END_TEST

/* The connection of the new store, once repair has opened it. */
static sqlite3 *new_db_;

/* An automatic extension, which SQLite calls for each connection that it opens. */
static int note_new_store(sqlite3 *db, char **out_message, const struct sqlite3_api_routines *functions)
{
    (void)out_message, (void)functions;
    const char *name = strrchr(sqlite3_db_filename(db, "main"), '/');
    if (name != NULL && strcmp(name, "/" NEW_PATH "-new") == 0)
        new_db_ = db;
    return SQLITE_OK;
}

static int refuse_the_next_look_up(const eventure_repair_loss *loss, void *context)
{
    (void)loss, (void)context;
    refuse_once(new_db_, SQLITE_READ, "events");
    return 0;
}

START_TEST(a_look_up_of_an_id_in_the_new_store_that_fails_ends_the_repair)
{
    eventure_reader *reader = NULL;
    eventure_repair_report report;
    eventure_repair_options options = EVENTURE_REPAIR_OPTIONS_INIT;
    options.loss = refuse_the_next_look_up;
    add_explicit(false);
    damage_store(SCRATCH_PATH, "UPDATE events SET data = 'x' WHERE id = 'far-4'");
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    ck_assert_int_eq(sqlite3_auto_extension((void (*)(void))note_new_store), SQLITE_OK);
    expect_status(EVENTURE_ERROR_IO, reader, eventure_store_repair(reader, NEW_PATH, &options, &report));
    sqlite3_reset_auto_extension();
    ck_assert(refuse_stop(NULL));
    ck_assert_str_eq(eventure_reader_message(reader),
                     "repair: " NEW_PATH "-new: look up an id: access to events.seq is prohibited");
    ck_assert_int_eq(access(NEW_PATH, F_OK), -1);
    eventure_reader_close(reader);
}
END_TEST

START_TEST(every_event_with_the_same_id_loses_all_ticks_but_the_first)
{
    char losses[512] = "";
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    scratch_remove(SCRATCH_PATH);
    options.without_digests = true;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log));
    for (int tick = 0; tick < 4; tick++)
    {
        scratch_append(log, "a.b", NULL, NULL);
        eventure_log_advance_tick(log);
    }
    expect_ok(NULL, eventure_log_close(log));
    damage_store(SCRATCH_PATH,
                 "DROP INDEX events_id; UPDATE events SET id = 'x'; CREATE INDEX events_id ON events (id)");
    eventure_repair_report report = repair(losses);
    ck_assert_int_eq(report.ticks, 1);
    ck_assert_int_eq(report.lost_ticks, 3);
    expect_new("SELECT group_concat(id) FROM events", "x");
}
END_TEST

/* Only the digests show which of the two events had the id originally. */
START_TEST(digests_show_which_event_took_the_id)
{
    char losses[512] = "";
    add_explicit(true);
    damage_store(SCRATCH_PATH, "DROP INDEX events_id; UPDATE events SET id = 'far-4' WHERE id = 'far-1'; "
                               "CREATE INDEX events_id ON events (id)");
    ck_assert_int_eq(repair(losses).lost_ticks, 1);
    ck_assert_str_eq(losses, "9:2-3:its digests are not those of its events;");
    expect_new("SELECT seq || tick FROM events WHERE id = 'far-4'", "411");
}
END_TEST

/* In a store without digests, too, repair accepts a parent only when the cause precedes the event. */
START_TEST(parents_in_a_circle_are_not_taken_over)
{
    char losses[512] = "";
    add_explicit(false);
    damage_store(SCRATCH_PATH, "UPDATE events SET parent_seq = 12 - seq, parent_id = NULL");
    ck_assert_int_eq(repair(losses).lost_ticks, 0);
    expect_new("SELECT count(*) FROM events WHERE parent_seq >= seq", "0");
    expect_new("SELECT count(*) FROM events", "11");
}
END_TEST

START_TEST(an_event_that_is_missing_takes_its_tick_along)
{
    char losses[512] = "";
    damage_store(SCRATCH_PATH, "DELETE FROM events WHERE seq = 6");
    eventure_repair_report report = repair(losses);
    ck_assert_int_eq(report.lost_ticks, 1);
    ck_assert_str_eq(losses, "2:5-6:event 6 is missing;");
}
END_TEST

static void damage_row(const char *change, int tick)
{
    char sql[128];
    set_up();
    snprintf(sql, sizeof sql, "UPDATE tick SET %s WHERE tick = %d", change, tick);
    damage_store(SCRATCH_PATH, sql);
}

/* The digests of the next tick prove the events of a tick whose row is invalid. */
START_TEST(a_tick_whose_row_is_invalid_is_saved_when_the_next_one_proves_it)
{
    static const char *const changes[] = {"first_seq = 0", "last_seq = 4", "tick = -5",
                                          "first_seq = -7, last_seq = -6"};
    for (size_t i = 0; i < COUNT_OF(changes); i++)
    {
        char losses[512] = "";
        damage_row(changes[i], 2);
        eventure_repair_report report = repair(losses);
        ck_assert_msg(report.events == 8 && report.ticks == 4 && report.lost_ticks == 0 && report.lost_events == 0,
                      "%s: %s", changes[i], losses);
        ck_assert_str_eq(losses, "");
    }
}
END_TEST

START_TEST(a_tick_whose_row_is_invalid_is_lost_without_that_proof)
{
    char losses[512] = "";
    damage_row("first_seq = 0", 3);
    eventure_repair_report report = repair(losses);
    ck_assert_str_eq(losses, "3:0-8:its row is invalid;");
    ck_assert_int_eq(report.events, 6);
    ck_assert_int_eq(report.lost_ticks, 1);
    ck_assert_int_eq(report.lost_events, 2);

    losses[0] = '\0';
    damage_row("last_seq = 2", 1);
    damage_store(SCRATCH_PATH, "UPDATE events SET data = '{\"n\":7}' WHERE seq = 3");
    report = repair(losses);
    ck_assert_str_eq(losses, "1:3-2:its row is invalid;");
    ck_assert_int_eq(report.events, 6);
    ck_assert_int_eq(report.lost_ticks, 1);
    ck_assert_int_eq(report.lost_events, 2);
}
END_TEST

START_TEST(a_row_about_no_tick_loses_nothing)
{
    char losses[512] = "";
    damage_store(SCRATCH_PATH, "INSERT INTO tick (tick, first_seq, last_seq, sealed) VALUES (-4, 0, 0, 0)");
    eventure_repair_report report = repair(losses);
    ck_assert_int_eq(report.events, 8);
    ck_assert_int_eq(report.lost_ticks, 0);
}
END_TEST

START_TEST(the_new_file_must_not_be_there)
{
    eventure_reader *reader = NULL;
    eventure_repair_report report;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_status(EVENTURE_ERROR_ARGUMENT, reader, eventure_store_repair(reader, SCRATCH_PATH, NULL, &report));
    ck_assert_str_eq(eventure_reader_message(reader), "repair: " SCRATCH_PATH " is the store itself");
    ck_assert_int_eq(access(SCRATCH_PATH, F_OK), 0);
    expect_status(EVENTURE_ERROR_IO, reader, eventure_store_repair(reader, "no/such/folder.db", NULL, &report));
    eventure_reader_close(reader);
}
END_TEST

static int stop(const eventure_repair_loss *loss, void *context)
{
    (void)loss;
    (void)context;
    return 1;
}

/* A killed repair leaves the file PATH-new, which the next repair removes. */
START_TEST(what_a_killed_repair_left_is_cleared_away)
{
    eventure_reader *reader = NULL;
    eventure_repair_report report;
    scratch_remove(NEW_PATH);
    ck_assert_ptr_null(scratch_sql(NEW_PATH "-new", "PRAGMA journal_mode = WAL; CREATE TABLE half (a)"));
    scratch_write(NEW_PATH "-new-wal", "");
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_ok(reader, eventure_store_repair(reader, NEW_PATH, NULL, &report));
    ck_assert_int_eq(access(NEW_PATH, F_OK), 0);
    ck_assert_int_eq(access(NEW_PATH "-new", F_OK), -1);
    ck_assert_int_eq(access(NEW_PATH "-new-wal", F_OK), -1);
    ck_assert_int_eq(access(NEW_PATH "-new-writer", F_OK), -1);
    ck_assert_int_eq(access(NEW_PATH "-writer", F_OK), -1);
    expect_status(EVENTURE_ERROR_EXISTS, reader, eventure_store_repair(reader, NEW_PATH, NULL, &report));
    eventure_reader_close(reader);
}
END_TEST

START_TEST(a_repair_that_is_stopped_leaves_nothing)
{
    eventure_reader *reader = NULL;
    eventure_repair_report report;
    eventure_repair_options options = EVENTURE_REPAIR_OPTIONS_INIT;
    options.loss = stop;
    damage_store(SCRATCH_PATH, "UPDATE events SET data = '{}' WHERE seq = 8");
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_status(EVENTURE_ERROR_INTERRUPTED, reader, eventure_store_repair(reader, NEW_PATH, &options, &report));
    ck_assert_int_eq(access(NEW_PATH, F_OK), -1);
    eventure_reader_close(reader);
}
END_TEST
