/*
 * Digests, verification and the first difference: each kind of damage is found, and its position is reported.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "damage.h"
#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, NULL);

#define OTHER_PATH "other.db"

/* Makes three ticks: 0 with a.b and its child c.d; 3 with a.b; and the incomplete tick 4 with one event. */
static void make_history(const char *path, const char *last_data)
{
    scratch_remove(path);
    eventure_log *log = scratch_open(path);
    char id[32];
    strcpy(id, scratch_append(log, "a.b", "{\"n\":1}", NULL));
    scratch_append(log, "c.d", "{\"n\":2}", id);
    eventure_log_advance_to(log, 3);
    strcpy(id, scratch_append(log, "a.b", "{\"n\":3}", id));
    eventure_log_advance_tick(log);
    scratch_append(log, "e.f", last_data, id);
    expect_ok(NULL, eventure_log_close(log));
}

static void set_up(void)
{
    make_history(SCRATCH_PATH, "{\"n\":4}");
}

START_TEST(a_store_as_it_is_written_is_sound)
{
    eventure_verify_report report = damage_verify(SCRATCH_PATH, false);
    ck_assert_msg(report.is_sound, "%s", report.problem);
    ck_assert_int_eq(report.events, 4);
    ck_assert_int_eq(report.ticks, 3);
    ck_assert_int_eq(report.trusted_tick, 4);
    ck_assert_int_eq(report.trusted_seq, 4);
    ck_assert(damage_verify(SCRATCH_PATH, true).is_sound);
}
END_TEST

static double next_time(void *context)
{
    return *(*(const double **)context)++;
}

/* The digest of an event is computed before it is stored, so the stored timestamp must be read back bit for bit. */
START_TEST(every_finite_timestamp_is_read_back_as_it_was_hashed)
{
    static const double times[] = {-0.0,
                                   0.0,
                                   5e-324,
                                   -5e-324,
                                   2.2250738585072014e-308,
                                   1.7976931348623157e308,
                                   -1.7976931348623157e308,
                                   0.1,
                                   1700000000.1,
                                   0x1p52,
                                   0x1p53,
                                   0x1p63,
                                   -0x1p63,
                                   0x1p64,
                                   140737488355328.0,
                                   -1.5};
    static const size_t count = COUNT_OF(times);
    const double *at = times;
    double told[COUNT_OF(times)];
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    eventure_event event;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    options.clock = next_time;
    options.clock_context = &at;
    scratch_remove(SCRATCH_PATH);
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log));
    for (size_t i = 0; i < count; i++)
    {
        expect_ok(log, eventure_log_append(log, "a.b", eventure_no_data(), NULL, &event));
        told[i] = event.timestamp;
        ck_assert(told[i] == times[i]);
    }
    expect_ok(eventure_log_reader(log), eventure_query(eventure_log_reader(log), &filter, &cursor));
    for (size_t i = 0; i < count; i++)
    {
        expect_status(EVENTURE_ROW, NULL, eventure_cursor_next(cursor, &event));
        ck_assert_mem_eq(&event.timestamp, &told[i], sizeof told[i]);
    }
    eventure_cursor_free(cursor);
    expect_ok(NULL, eventure_log_close(log));
    eventure_verify_report report = damage_verify(SCRATCH_PATH, false);
    ck_assert_msg(report.is_sound, "%s", report.problem);
}
END_TEST

/* Damage by SQL that the triggers do not prevent, and a part of the report on it. */
typedef struct damage
{
    const char *sql;
    const char *problem;
} damage;

static const damage damages[] = {
    {"UPDATE events SET data = '{\"n\":9}' WHERE seq = 3", "tick 3 (events 3 to 3): the run digest is not that of its"},
    {"UPDATE events SET timestamp = 1 WHERE seq = 3", "tick 3 (events 3 to 3): the full digest is not that of its"},
    {"UPDATE events SET data = '{\"n\": 3}' WHERE seq = 3", "event 3: data is not a JSON object in compact form"},
    {"UPDATE events SET data = '{\"n\":}' WHERE seq = 3", "event 3: data is not JSON"},
    {"UPDATE events SET data = '[3]' WHERE seq = 3", "event 3: data is not a JSON object"},
    {"UPDATE events SET data = '' WHERE seq = 3", "event 3 has no id, no data, or no time"},
    {"UPDATE events SET data = '{}' || char(0) WHERE seq = 3", "event 3 has a text that contains a zero byte"},
    {"UPDATE events SET timestamp = 9e999 WHERE seq = 3", "event 3 has no id, no data, or no time"},

    {"UPDATE events SET id = '3-EBFC-7' WHERE seq = 3", "tick 3 (events 3 to 3): the run digest is not that of its"},
    {"UPDATE events SET id = '4-EBFC-1' WHERE seq = 4", "tick 4 (events 4 to 4): the run digest is not that of its"},
    {"UPDATE events SET id = '4-FEDC-2' WHERE seq = 4", "tick 4 (events 4 to 4): the run digest is not that of its"},
    {"UPDATE store SET foreign_ids = 1; UPDATE events SET id = '' WHERE seq = 4",
     "event 4 has no id, no data, or no time"},
    {"UPDATE events SET id = id || char(0) || 'x' WHERE seq = 3", "event 3 has a text that contains a zero byte"},
    {"UPDATE events SET id = CASE seq WHEN 3 THEN '3-EBFC-7' ELSE id END, "
     "parent_id = CASE seq WHEN 4 THEN '3-EBFC-7' ELSE parent_id END WHERE seq > 2",
     "tick 3 (events 3 to 3): the run digest is not that of its"},

    {"UPDATE events SET parent_seq = NULL WHERE seq = 3", "tick 3 (events 3 to 3): the run digest"},
    {"UPDATE events SET parent_seq = NULL, parent_id = NULL WHERE seq = 3", "tick 3 (events 3 to 3): the run digest"},
    {"UPDATE events SET parent_seq = 2, parent_id = (SELECT id FROM events WHERE seq = 2) WHERE seq = 3",
     "tick 3 (events 3 to 3): the run digest"},
    {"UPDATE events SET parent_seq = 2 WHERE seq = 3",
     "event 3 has the parent id 0-EBFC-1, but the id of its parent, event 2, is"},
    {"UPDATE events SET parent_seq = 4 WHERE seq = 3",
     "event 3 has event 4 as its parent, which is not an earlier event"},
    {"UPDATE events SET parent_seq = 3 WHERE seq = 3",
     "event 3 has event 3 as its parent, which is not an earlier event"},
    {"UPDATE events SET parent_seq = 0 WHERE seq = 3",
     "event 3 has event 0 as its parent, which is not an earlier event"},
    {"UPDATE events SET parent_seq = -1 WHERE seq = 3",
     "event 3 has event -1 as its parent, which is not an earlier event"},
    {"UPDATE events SET parent_seq = 1 WHERE seq = 1",
     "event 1 has event 1 as its parent, which is not an earlier event"},
    {"UPDATE events SET parent_id = 'x' WHERE seq = 3",
     "event 3 has the parent id x, but the id of its parent, event 1, is"},
    {"UPDATE events SET parent_id = NULL WHERE seq = 3",
     "event 3 has the parent id nothing, but the id of its parent, event 1, is"},
    {"UPDATE events SET parent_id = parent_id || char(0) WHERE seq = 3",
     "event 3 has a text that contains a zero byte"},
    {"UPDATE events SET parent_id = '' WHERE seq = 1", "event 1 has an empty parent id"},
    {"UPDATE events SET parent_id = 'x' WHERE seq = 1", "tick 0 (events 1 to 2): the run digest is not that of its"},

    {"UPDATE events SET type = 'x.y' WHERE seq = 3", "tick 3 (events 3 to 3): the run digest is not that of its"},
    {"UPDATE events SET type = 'x.y' WHERE seq = 4", "tick 4 (events 4 to 4): the run digest is not that of its"},
    {"UPDATE events SET type = 'a.b' WHERE seq = 2", "tick 0 (events 1 to 2): the run digest is not that of its"},
    {"UPDATE events SET type = '' WHERE seq = 3", "event 3: "},
    {"UPDATE events SET type = CAST(x'FF' AS TEXT) WHERE seq = 3", "event 3: "},
    {"UPDATE events SET type = 'a.b' || char(0) WHERE seq = 3", "event 3"},
    {"UPDATE events SET type = printf('%.256c', 'x') WHERE seq = 3", "event 3: "},

    {"UPDATE events SET tick = 2 WHERE seq = 3", "the last event of tick 3 is missing"},
    {"UPDATE events SET tick = 4 WHERE seq = 3", "the last event of tick 3 is missing"},
    {"UPDATE events SET tick = 1 WHERE seq = 1", "event 1 is at tick 1, but the next row of tick is 0"},
    {"UPDATE events SET tick = -1 WHERE seq = 1", "event 1 is at tick -1, but the next row of tick is 0"},
    {"DELETE FROM events WHERE seq = 3", "the last event of tick 3 is missing"},
    {"DELETE FROM events WHERE seq = 1", "event 1 is missing: event 0 is followed by 2"},
    {"UPDATE events SET seq = 5 WHERE seq = 4", "table tick ends with event 4, but table events does not"},
    {"UPDATE events SET seq = 0 WHERE seq = 1", "event 1 is missing: event 0 is followed by 0"},
    {"INSERT INTO events SELECT 5, 'x', tick, timestamp, type, NULL, NULL, data FROM events WHERE seq = 4",
     "table tick ends with event 4, but table events does not"},
    {"DELETE FROM events", "table tick ends with event 4, but table events does not"},

    {"DELETE FROM tick WHERE tick = 3", "tick 4 does not begin after the last event of the tick before it"},
    {"UPDATE tick SET run_digest = zeroblob(32) WHERE tick = 3", "tick 3 (events 3 to 3): the run digest"},
    {"UPDATE tick SET run_digest = NULL WHERE tick = 3", "tick 3 has no digests"},
    {"UPDATE tick SET sealed = 0 WHERE tick = 0", "tick 0 is not sealed, although later ticks have events"},
    {"DELETE FROM store", "is damaged: the query current_tick returned no row"},
    {"UPDATE store SET digests = 'md5'", "table store names unknown digests"},
    {"UPDATE store SET current_tick = -1", "table store must have exactly one row"},
    {"UPDATE store SET foreign_ids = 2", "table store does not record whether there are explicit ids"},

    {"INSERT INTO archived_events VALUES (1, 'x', 0, 'a.b', NULL, NULL)",
     "archived event 1 does not belong to an archived tick"},
};

static void expect_found(const damage *done, bool quick)
{
    damage_store(SCRATCH_PATH, done->sql);
    eventure_verify_report report = damage_verify(SCRATCH_PATH, quick);
    ck_assert_msg(!report.is_sound, "%s was not found", done->sql);
    ck_assert_msg(strstr(report.problem, done->problem) != NULL, "%s: %s", done->sql, report.problem);
}

LOOP_TEST(damage_is_found_where_it_is, COUNT_OF(damages))
{
    expect_found(&damages[_i], false);
}
END_TEST

/* An index, and a different definition that omits events of this history. */
static const char *const indexes[][2] = {
    {"events_id", "CREATE UNIQUE INDEX events_id ON events (id)"},
    {"events_tick", "CREATE INDEX events_tick ON events (tick)"},
    {"events_type", "CREATE INDEX events_type ON events (type)"},
    {"events_parent_seq", "CREATE INDEX events_parent_seq ON events (parent_seq)"},
    {"events_parent_id", "CREATE INDEX events_parent_id ON events (parent_id)"},
};

LOOP_TEST(an_entry_that_an_index_lacks_is_found, COUNT_OF(indexes))
{
    char sql[512];
    const char *name = indexes[_i][0];
    const char *definition = indexes[_i][1];
    snprintf(sql, sizeof sql,
             "DROP INDEX %s; %s WHERE seq <> 3; PRAGMA writable_schema = ON; "
             "UPDATE sqlite_schema SET sql = '%s' WHERE name = '%s'",
             name, definition, definition, name);
    expect_found(&(damage){sql, "the database is damaged"}, false);
    eventure_verify_report report = damage_verify(SCRATCH_PATH, false);
    expect_part(report.problem, name);
}
END_TEST

/* Makes ticks 0 to 2, and archives the first two. Event 1 caused 2, which caused 3; 4 caused no event. With
 * `is_explicit`, event 2 has an explicit id. */
static void make_archived(bool is_explicit)
{
    static const char line[] = "{\"tick\": 1, \"timestamp\": 1.5, \"type\": \"c.d\", \"data\": {}, "
                               "\"event_id\": \"%s\", \"parent_id\": \"0-EBFC-1\"}\n";
    char text[256];
    eventure_log *log = scratch_new();
    scratch_remove(OTHER_PATH);
    scratch_append(log, "a.b", "{}", NULL);
    snprintf(text, sizeof text, line, is_explicit ? "far" : "1-EECD-1");
    expect_ok(log, scratch_import(log, text, NULL));
    expect_ok(log, eventure_log_advance_to(log, 2));
    scratch_append(log, "e.f", "{}", is_explicit ? "far" : "1-EECD-1");
    scratch_append(log, "e.f", "{}", NULL);
    expect_ok(log, eventure_log_archive(log, OTHER_PATH, 2, NULL, NULL));
    expect_ok(NULL, eventure_log_close(log));
    eventure_verify_report report = damage_verify(SCRATCH_PATH, false);
    ck_assert_msg(report.is_sound, "%s", report.problem);
    ck_assert_int_eq(report.events, 2);
}

static const damage archived[] = {
    {"UPDATE archived_events SET id = 'x' WHERE seq = 2", "archived event 2 has the id x, which does not match its"},
    {"UPDATE archived_events SET id = '1-EECD-2' WHERE seq = 2",
     "event 3 has the parent id 1-EECD-1, but the id of its parent, event 2, is 1-EECD-2"},
    {"UPDATE archived_events SET id = '0-EBFC-2' WHERE seq = 1", "the parent of archived event 2 is missing"},
    {"UPDATE archived_events SET id = (SELECT id FROM events WHERE seq = 4) WHERE seq = 2",
     "archived event 2 has the id of an event in the store"},
    {"UPDATE archived_events SET tick = 0 WHERE seq = 2", "archived event 2 has the id 1-EECD-1, which does not"},
    {"UPDATE archived_events SET tick = 1 WHERE seq = 1", "archived event 1 has the id 0-EBFC-1, which does not match"},
    {"UPDATE archived_events SET tick = 2 WHERE seq = 2", "archived event 2 does not belong to an archived tick"},
    {"UPDATE archived_events SET tick = -1 WHERE seq = 2", "archived event 2 does not belong to an archived tick"},
    {"UPDATE archived_events SET type = 'a.b' WHERE seq = 2", "archived event 2 has the id 1-EECD-1, which does not"},
    {"UPDATE archived_events SET type = '' WHERE seq = 2", "archived event 2: "},
    {"UPDATE archived_events SET parent_seq = 3 WHERE seq = 2", "the parent of archived event 2 is missing"},
    {"UPDATE archived_events SET parent_seq = 2, parent_id = id WHERE seq = 2", "the parent of archived event 2 is"},
    {"UPDATE archived_events SET parent_id = 'x' WHERE seq = 2", "the parent of archived event 2 is missing"},
    {"UPDATE archived_events SET parent_id = NULL WHERE seq = 2", "the parent of archived event 2 is missing"},
    {"UPDATE archived_events SET seq = 3 WHERE seq = 2", "archived event 3 does not belong to an archived tick"},
    {"DELETE FROM archived_events WHERE seq = 1", "the parent of archived event 2 is missing"},
    {"DELETE FROM archived_events WHERE seq = 2",
     "event 3 has the archived event 2 as its parent, of which nothing is left"},
    {"DELETE FROM archived_events", "event 3 has the archived event 2 as its parent, of which nothing is left"},
    {"DELETE FROM archive", "tick 2 does not begin after the last event of the tick before it"},
    {"UPDATE archive SET last_seq = 1", "tick 2 does not begin after the last event of the tick before it"},
    {"UPDATE archive SET before_tick = 1", "archived event 2 does not belong to an archived tick"},
    {"UPDATE archive SET run_digest = zeroblob(32)",
     "tick 2 (events 3 to 4): the run digest is not that of its events"},
};

LOOP_TEST(damage_of_what_is_kept_of_archived_events_is_found, COUNT_OF(archived))
{
    make_archived(false);
    expect_found(&archived[_i], false);
}
END_TEST

/* Explicit ids are not derived from tick and type, so they do not show that these were changed. */
static const damage archived_explicit[] = {
    {"UPDATE store SET foreign_ids = 0", "archived event 2 has the id far, which does not match its tick and type"},
    {"UPDATE archived_events SET id = 'x' WHERE seq = 2",
     "event 3 has the parent id far, but the id of its parent, event 2, is"},
    {"UPDATE archived_events SET tick = 1 WHERE seq = 1; UPDATE archived_events SET tick = 0 WHERE seq = 2",
     "archived event 2 is at an earlier tick than the previous archived event"},
    {"UPDATE archived_events SET type = CAST(x'FF' AS TEXT) WHERE seq = 2", "archived event 2: "},
};

LOOP_TEST(damage_beside_archived_explicit_ids_is_found, COUNT_OF(archived_explicit))
{
    make_archived(true);
    expect_found(&archived_explicit[_i], false);
}
END_TEST

START_TEST(explicit_ids_that_the_store_denies_are_found)
{
    static const char line[] = "{\"tick\": 9, \"timestamp\": 1.5, \"type\": \"c.d\", \"data\": {}, "
                               "\"event_id\": \"far\", \"parent_id\": null}\n";
    eventure_log *log = scratch_open(SCRATCH_PATH);
    expect_ok(log, scratch_import(log, line, NULL));
    expect_ok(NULL, eventure_log_close(log));
    eventure_verify_report report = damage_verify(SCRATCH_PATH, false);
    ck_assert_msg(report.is_sound, "%s", report.problem);
    expect_found(
        &(damage){"UPDATE store SET foreign_ids = 0", "the store has explicit ids, but table store excludes them"},
        false);
}
END_TEST

/* Without digests, verify can only compare the columns with each other. */
static const damage without_digests[] = {
    {"UPDATE events SET id = 'x' WHERE seq = 1",
     "event 2 has the parent id 0-EBFC-1, but the id of its parent, event 1, is"},
    {"UPDATE events SET id = 'x' WHERE seq = 2", "the store has explicit ids, but table store excludes them"},
    {"UPDATE events SET type = 'x.y' WHERE seq = 2", "the store has explicit ids, but table store excludes them"},
    {"UPDATE events SET parent_id = 'x' WHERE seq = 2",
     "event 2 has the parent id x, but the id of its parent, event 1, is"},
    {"UPDATE events SET parent_seq = 2 WHERE seq = 2",
     "event 2 has event 2 as its parent, which is not an earlier event"},
    {"UPDATE events SET parent_seq = NULL WHERE seq = 2",
     "event 2 has the id of event 1 as its parent id, but not its seq"},
    {"DROP INDEX events_id; UPDATE events SET id = '0-EBFC-1'", "the index events_id is missing"},
    {"UPDATE store SET foreign_ids = 1; DROP INDEX events_id; UPDATE events SET id = '0-EBFC-1'; "
     "CREATE INDEX events_id ON events (id); PRAGMA writable_schema = ON; "
     "UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX events_id ON events (id)' WHERE name = 'events_id'",
     "the database is damaged"},
};

LOOP_TEST(damage_of_a_store_without_digests_is_found, COUNT_OF(without_digests))
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    scratch_remove(SCRATCH_PATH);
    options.without_digests = true;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log));
    scratch_append(log, "a.b", NULL, NULL);
    scratch_append(log, "c.d", NULL, "0-EBFC-1");
    expect_ok(NULL, eventure_log_close(log));
    expect_found(&without_digests[_i], false);
}
END_TEST

START_TEST(what_can_be_trusted_is_what_came_before)
{
    eventure_log *log = scratch_open(SCRATCH_PATH);
    eventure_log_close(log);
    char *message = scratch_sql(SCRATCH_PATH, "DROP TRIGGER events_update; "
                                              "UPDATE events SET data = '{}' WHERE seq = 4");
    ck_assert_ptr_null(message);
    eventure_verify_report report = damage_verify(SCRATCH_PATH, false);
    ck_assert(!report.is_sound);
    ck_assert_int_eq(report.trusted_tick, 3);
    ck_assert_int_eq(report.trusted_seq, 3);
}
END_TEST

static int stop_at_once(const eventure_progress *progress, void *context)
{
    *(int64_t *)context = progress->total;
    return 1;
}

START_TEST(verifying_can_be_stopped)
{
    eventure_log *log = scratch_open(SCRATCH_PATH);
    for (int i = 0; i < 5000; i++)
        scratch_append(log, "a.b", NULL, NULL);
    eventure_verify_report report;
    int64_t total = 0;
    eventure_verify_options options = EVENTURE_VERIFY_OPTIONS_INIT;
    options.progress = stop_at_once;
    options.progress_context = &total;
    expect_status(EVENTURE_ERROR_INTERRUPTED, eventure_log_reader(log),
                  eventure_store_verify(eventure_log_reader(log), &options, &report));
    ck_assert_int_eq(total, 5004);
    options.progress = NULL;
    expect_ok(eventure_log_reader(log), eventure_store_verify(eventure_log_reader(log), &options, &report));
    ck_assert_msg(report.is_sound, "%s", report.problem);
    eventure_log_close(log);
}
END_TEST

START_TEST(digests_are_returned_up_to_a_tick)
{
    eventure_reader *reader = NULL;
    eventure_digests all;
    eventure_digests early;
    eventure_digests same;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, &reader));
    expect_ok(reader, eventure_store_digest(reader, EVENTURE_TICK_NEWEST, &all));
    ck_assert_int_eq(all.tick, 4);
    ck_assert_int_eq(all.seq, 4);
    ck_assert_uint_eq(strlen(all.run), 64);
    expect_ok(reader, eventure_store_digest(reader, 0, &early));
    ck_assert_int_eq(early.seq, 2);
    ck_assert_str_ne(early.run, all.run);
    expect_ok(reader, eventure_store_digest(reader, 2, &same));
    ck_assert_str_eq(early.full, same.full);
    expect_status(EVENTURE_ERROR_TICK, reader, eventure_store_digest(reader, -1, &same));
    eventure_reader_close(reader);
}
END_TEST

START_TEST(an_empty_history_has_digests_of_zeros)
{
    eventure_log *log = scratch_new();
    eventure_digests digests;
    expect_ok(eventure_log_reader(log),
              eventure_store_digest(eventure_log_reader(log), EVENTURE_TICK_NEWEST, &digests));
    ck_assert_int_eq(digests.tick, -1);
    ck_assert_uint_eq(strspn(digests.run, "0"), 64);
    eventure_log_close(log);
}
END_TEST

START_TEST(a_store_made_without_digests_reports_it_and_can_be_verified)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    eventure_digests digests;
    scratch_remove(SCRATCH_PATH);
    options.without_digests = true;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &log));
    scratch_append(log, "a.b", NULL, NULL);
    expect_status(EVENTURE_ERROR_NOT_FOUND, eventure_log_reader(log),
                  eventure_store_digest(eventure_log_reader(log), EVENTURE_TICK_NEWEST, &digests));
    eventure_log_close(log);
    log = scratch_open(SCRATCH_PATH); /* a store keeps the setting that it was made with */
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_close(log);
    eventure_verify_report report = damage_verify(SCRATCH_PATH, false);
    ck_assert_msg(report.is_sound, "%s", report.problem);
    ck_assert_int_eq(report.events, 2);
    ck_assert_str_eq(report.unchecked, "events");
}
END_TEST

static eventure_difference compare(eventure_reader **left, eventure_reader **right)
{
    eventure_difference difference;
    expect_ok(NULL, eventure_reader_open(SCRATCH_PATH, left));
    expect_ok(NULL, eventure_reader_open(OTHER_PATH, right));
    expect_ok(*left, eventure_store_diff(*left, *right, &difference));
    eventure_reader_close(*left);
    eventure_reader_close(*right);
    return difference;
}

START_TEST(equal_histories_do_not_differ)
{
    eventure_reader *left = NULL;
    eventure_reader *right = NULL;
    make_history(OTHER_PATH, "{ \"n\" : 4 }");
    eventure_difference difference = compare(&left, &right);
    ck_assert(!difference.differ);
    ck_assert_int_eq(difference.common_seq, 4);
    ck_assert_ptr_null(difference.left);
    ck_assert_ptr_null(difference.right);
}
END_TEST

START_TEST(the_first_difference_is_found_with_both_events)
{
    eventure_reader *left = NULL;
    eventure_reader *right = NULL;
    make_history(OTHER_PATH, "{\"n\":5}");
    eventure_difference difference = compare(&left, &right);
    ck_assert(difference.differ);
    ck_assert_int_eq(difference.common_seq, 3);
    ck_assert_int_eq(difference.common_tick, 3);
    ck_assert_str_eq(difference.left->data, "{\"n\":4}");
    ck_assert_str_eq(difference.right->data, "{\"n\":5}");
    eventure_difference_clear(&difference);
}
END_TEST

START_TEST(a_history_that_continues_differs_from_one_that_has_ended)
{
    eventure_reader *left = NULL;
    eventure_reader *right = NULL;
    make_history(OTHER_PATH, "{\"n\":4}");
    eventure_log *log = scratch_open(OTHER_PATH);
    eventure_log_advance_to(log, 50);
    scratch_append(log, "more.to_come", NULL, NULL);
    eventure_log_close(log);
    eventure_difference difference = compare(&left, &right);
    ck_assert(difference.differ);
    ck_assert_int_eq(difference.common_seq, 4);
    ck_assert_ptr_null(difference.left);
    ck_assert_str_eq(difference.right->type, "more.to_come");
    eventure_difference_clear(&difference);
}
END_TEST

START_TEST(every_place_of_a_difference_in_a_long_run_is_found)
{
    enum
    {
        TICKS = 40
    };
    eventure_reader *left = NULL;
    eventure_reader *right = NULL;
    for (int different = 0; different < TICKS; different += 3)
    {
        const char *const paths[] = {SCRATCH_PATH, OTHER_PATH};
        for (int side = 0; side < 2; side++)
        {
            scratch_remove(paths[side]);
            eventure_log *log = scratch_open(paths[side]);
            for (int tick = 0; tick < TICKS; tick++)
            {
                scratch_append(log, "a.b", NULL, NULL);
                scratch_append(log, side == 1 && tick == different ? "c.d" : "a.b", NULL, NULL);
                eventure_log_advance_to(log, (int64_t)tick * 10 + 10);
            }
            eventure_log_close(log);
        }
        eventure_difference difference = compare(&left, &right);
        ck_assert(difference.differ);
        ck_assert_int_eq(difference.common_seq, different * 2 + 1);
        ck_assert_int_eq(difference.left->tick, different * 10);
        ck_assert_str_eq(difference.right->type, "c.d");
        eventure_difference_clear(&difference);
    }
}
END_TEST
