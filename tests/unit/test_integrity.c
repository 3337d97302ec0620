/*
 * Digests, verification and the first difference: each kind of damage is found where it is.
 */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"

#define OTHER_PATH "other.db"

/* Three ticks: 0 with a.b and its child c.d; 3 with a.b; 4 with one event after it, in part. */
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
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
}

static void set_up(void)
{
    make_history(SCRATCH_PATH, "{\"n\":4}");
}

static eventure_verify_report verify(bool quick)
{
    eventure_reader *reader = NULL;
    eventure_verify_report report;
    eventure_verify_options options = EVENTURE_VERIFY_OPTIONS_INIT;
    options.quick = quick;
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &reader), EVENTURE_OK);
    ck_assert_msg(eventure_verify(reader, &options, &report) == EVENTURE_OK, "%s", eventure_reader_message(reader));
    eventure_reader_close(reader);
    return report;
}

START_TEST(a_store_as_it_is_written_is_sound)
{
    eventure_verify_report report = verify(false);
    ck_assert_msg(report.is_sound, "%s", report.problem);
    ck_assert_int_eq(report.events, 4);
    ck_assert_int_eq(report.ticks, 3);
    ck_assert_int_eq(report.trusted_tick, 4);
    ck_assert_int_eq(report.trusted_seq, 4);
    ck_assert(verify(true).is_sound);
}
END_TEST

static double next_time(void *context)
{
    return *(*(const double **)context)++;
}

/* Both halves of the digests' promise: what is read back has the bits that were hashed. */
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
    static const size_t count = sizeof times / sizeof *times;
    const double *at = times;
    double told[sizeof times / sizeof *times];
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    eventure_event event;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    eventure_cursor *cursor = NULL;
    options.clock = next_time;
    options.clock_context = &at;
    scratch_remove(SCRATCH_PATH);
    ck_assert_int_eq(eventure_log_open(SCRATCH_PATH, &options, &log), EVENTURE_OK);
    for (size_t i = 0; i < count; i++)
    {
        ck_assert_int_eq(eventure_log_append(log, "a.b", eventure_no_data(), NULL, &event), EVENTURE_OK);
        told[i] = event.timestamp;
        ck_assert(told[i] == times[i]);
    }
    ck_assert_int_eq(eventure_query(eventure_log_reader(log), &filter, &cursor), EVENTURE_OK);
    for (size_t i = 0; i < count; i++)
    {
        ck_assert_int_eq(eventure_cursor_next(cursor, &event), EVENTURE_ROW);
        ck_assert_mem_eq(&event.timestamp, &told[i], sizeof told[i]);
    }
    eventure_cursor_free(cursor);
    ck_assert_int_eq(eventure_log_close(log), EVENTURE_OK);
    eventure_verify_report report = verify(false);
    ck_assert_msg(report.is_sound, "%s", report.problem);
}
END_TEST

/* Damage done by SQL that is not stopped by the triggers, and a part of what is said of it. */
typedef struct damage
{
    const char *sql;
    const char *problem;
} damage;

static const damage damages[] = {
    {"UPDATE event SET data = '{\"n\":9}' WHERE seq = 3", "tick 3 (events 3 to 3): the run digest is not that of its"},
    {"UPDATE event SET timestamp = 1 WHERE seq = 3", "tick 3 (events 3 to 3): the full digest is not that of its"},
    {"UPDATE event SET parent = NULL WHERE seq = 3", "tick 3 (events 3 to 3): the run digest"},
    {"UPDATE event SET parent = 4 WHERE seq = 3", "event 3 has event 4 as its parent, which is not before it"},
    {"UPDATE event SET data = '{\"n\": 3}' WHERE seq = 3", "event 3: data is not a JSON object in compact form"},
    {"UPDATE event SET data = '{\"n\":}' WHERE seq = 3", "event 3: data is not JSON"},
    {"UPDATE event SET data = '[3]' WHERE seq = 3", "event 3: data is not a JSON object"},
    {"UPDATE event SET ordinal = 7 WHERE seq = 3", "event 3 has the ordinal 7, and should have 1"},
    {"UPDATE event SET type = 9 WHERE seq = 3", "event 3 has type 9, of 3 types"},
    {"UPDATE event SET type = 2 WHERE seq = 3", "tick 3 (events 3 to 3): the run digest is not that of its"},
    {"UPDATE event SET type = 3 WHERE seq = 3", "tick 3 (events 3 to 3): the run digest is not that of its"},
    {"UPDATE event SET type = 3 WHERE seq = 2", "table type_block has type 2 in a block that has no events of it"},
    {"UPDATE event SET tick = 2 WHERE seq = 3", "the last event of tick 3 is missing"},
    {"DELETE FROM event WHERE seq = 3", "the last event of tick 3 is missing"},
    {"DELETE FROM event WHERE seq = 1", "event 1 is missing: event 0 is followed by 2"},
    {"DELETE FROM tick WHERE tick = 3", "tick 4 does not begin after the last event of the tick before it"},
    {"UPDATE tick SET run_digest = zeroblob(32) WHERE tick = 3", "tick 3 (events 3 to 3): the run digest"},
    {"UPDATE tick SET run_digest = NULL WHERE tick = 3", "tick 3 has no digests"},
    {"UPDATE tick SET sealed = 0 WHERE tick = 0", "tick 0 is not sealed, though later ones have events"},
    {"UPDATE type SET name = 'x.y' WHERE id = 1", "type x.y has the hash EBFC"},
    {"DELETE FROM type_block WHERE type = 2", "table type_count counts type 2, which has no events"},
    {"DELETE FROM type_block WHERE type = 2; DELETE FROM type_count WHERE type = 2; UPDATE type_count SET count = 3 "
     "WHERE type = 1",
     "event 2 is of type c.d, but type_block does not lead to block 0"},
    {"INSERT INTO type_block VALUES (1, 1)", "table type_block has type 1 in a block that has no events of it"},
    {"INSERT INTO type_block VALUES (9, 0)", "table type_block has type 9 in a block that has no events of it"},
    {"INSERT INTO type_block VALUES (1, -1)", "table type_block has type 1 in a block that has no events of it"},
    {"UPDATE type_count SET count = 5 WHERE type = 1", "the counts of the types add up to 7, and the events do not"},
    {"UPDATE type_count SET count = 3 - count WHERE type < 3", "there are 2 events of type a.b, but type_count says 1"},
    {"UPDATE type_count SET count = 9223372036854775807", "the counts of the types add up to"},
    {"UPDATE type_count SET count = 0 WHERE type = 1", "table type_count counts type 1, which has no events"},
    {"UPDATE type_count SET count = -7 WHERE type = 1", "table type_count counts type 1, which has no events"},
    {"DELETE FROM type_count WHERE type = 1", "the counts of the types add up to 2, and the events do not"},
    {"INSERT INTO type_count VALUES (9, 1)", "table type_count counts type 9, which has no events"},
    {"INSERT INTO foreign_id VALUES (3, '3-EBFC-1')", "event 3 has its natural id 3-EBFC-1 as a foreign one"},
    {"INSERT INTO foreign_id VALUES (3, '0-EBFC-1')", "events 1 and 3 have the same id 0-EBFC-1"},
    {"INSERT INTO foreign_id VALUES (99, 'x')", "table foreign_id has an id for event 99, which does not exist"},
    {"INSERT INTO external_parent VALUES (99, 'x')", "table external_parent has a parent for event 99"},
    {"INSERT INTO external_parent VALUES (3, 'x')", "event 3 has a parent both in the store and outside"},
    {"DELETE FROM store", "is damaged: current_tick has no answer"},
    {"UPDATE store SET digests = 'md5'", "table store names digests that are not known"},
    {"UPDATE store SET current_tick = -1", "table store has not the one row that it must have"},
    {"DROP INDEX event_parent; CREATE INDEX event_parent ON event (parent) WHERE parent > 100; "
     "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX event_parent ON event (parent) "
     "WHERE parent IS NOT NULL' WHERE name = 'event_parent'",
     "the database is damaged"},
};

START_TEST(damage_is_found_where_it_is)
{
    const damage *done = &damages[_i];
    sqlite3 *db = NULL;
    char *message = NULL;
    ck_assert_int_eq(sqlite3_open(SCRATCH_PATH, &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    sqlite3_exec(db, done->sql, NULL, NULL, &message);
    ck_assert_msg(message == NULL, "%s: %s", done->sql, message);
    sqlite3_close(db);
    eventure_verify_report report = verify(false);
    ck_assert_msg(!report.is_sound, "%s was not found", done->sql);
    ck_assert_msg(strstr(report.problem, done->problem) != NULL, "%s: %s", done->sql, report.problem);
}
END_TEST

START_TEST(what_can_be_trusted_is_what_came_before)
{
    eventure_log *log = scratch_open(SCRATCH_PATH);
    eventure_log_close(log);
    char *message = scratch_sql(SCRATCH_PATH, "DROP TRIGGER event_append_only_update; "
                                              "UPDATE event SET data = '{}' WHERE seq = 4");
    ck_assert_ptr_null(message);
    eventure_verify_report report = verify(false);
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
    ck_assert_int_eq(eventure_verify(eventure_log_reader(log), &options, &report), EVENTURE_ERROR_INTERRUPTED);
    ck_assert_int_eq(total, 5004);
    options.progress = NULL;
    ck_assert_int_eq(eventure_verify(eventure_log_reader(log), &options, &report), EVENTURE_OK);
    ck_assert_msg(report.is_sound, "%s", report.problem);
    eventure_log_close(log);
}
END_TEST

START_TEST(digests_are_told_up_to_a_tick)
{
    eventure_reader *reader = NULL;
    eventure_digests all;
    eventure_digests early;
    eventure_digests same;
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, &reader), EVENTURE_OK);
    ck_assert_int_eq(eventure_digest(reader, INT64_MAX, &all), EVENTURE_OK);
    ck_assert_int_eq(all.tick, 4);
    ck_assert_int_eq(all.seq, 4);
    ck_assert_uint_eq(strlen(all.run), 64);
    ck_assert_int_eq(eventure_digest(reader, 0, &early), EVENTURE_OK);
    ck_assert_int_eq(early.seq, 2);
    ck_assert_str_ne(early.run, all.run);
    ck_assert_int_eq(eventure_digest(reader, 2, &same), EVENTURE_OK);
    ck_assert_str_eq(early.full, same.full);
    ck_assert_int_eq(eventure_digest(reader, -1, &same), EVENTURE_ERROR_TICK);
    eventure_reader_close(reader);
}
END_TEST

START_TEST(an_empty_history_has_digests_of_zeros)
{
    eventure_log *log = scratch_new();
    eventure_digests digests;
    ck_assert_int_eq(eventure_digest(eventure_log_reader(log), INT64_MAX, &digests), EVENTURE_OK);
    ck_assert_int_eq(digests.tick, -1);
    ck_assert_uint_eq(strspn(digests.run, "0"), 64);
    eventure_log_close(log);
}
END_TEST

START_TEST(a_store_made_without_digests_says_so_and_can_be_verified)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    eventure_digests digests;
    scratch_remove(SCRATCH_PATH);
    options.without_digests = true;
    ck_assert_int_eq(eventure_log_open(SCRATCH_PATH, &options, &log), EVENTURE_OK);
    scratch_append(log, "a.b", NULL, NULL);
    ck_assert_int_eq(eventure_digest(eventure_log_reader(log), INT64_MAX, &digests), EVENTURE_ERROR_NOT_FOUND);
    eventure_log_close(log);
    log = scratch_open(SCRATCH_PATH); /* a store remembers what it was made with */
    scratch_append(log, "a.b", NULL, NULL);
    eventure_log_close(log);
    eventure_verify_report report = verify(false);
    ck_assert_msg(report.is_sound, "%s", report.problem);
    ck_assert_int_eq(report.events, 2);
}
END_TEST

static eventure_difference compare(eventure_reader **left, eventure_reader **right)
{
    eventure_difference difference;
    ck_assert_int_eq(eventure_reader_open(SCRATCH_PATH, left), EVENTURE_OK);
    ck_assert_int_eq(eventure_reader_open(OTHER_PATH, right), EVENTURE_OK);
    ck_assert_msg(eventure_diff(*left, *right, &difference) == EVENTURE_OK, "%s", eventure_reader_message(*left));
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

START_TEST(a_history_that_goes_on_differs_from_one_that_has_ended)
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

int main(void)
{
    Suite *suite = suite_create("integrity");
    TCase *tests = tcase_create("integrity");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, a_store_as_it_is_written_is_sound);
    tcase_add_test(tests, every_finite_timestamp_is_read_back_as_it_was_hashed);
    tcase_add_loop_test(tests, damage_is_found_where_it_is, 0, (int)(sizeof damages / sizeof *damages));
    tcase_add_test(tests, what_can_be_trusted_is_what_came_before);
    tcase_add_test(tests, verifying_can_be_stopped);
    tcase_add_test(tests, digests_are_told_up_to_a_tick);
    tcase_add_test(tests, an_empty_history_has_digests_of_zeros);
    tcase_add_test(tests, a_store_made_without_digests_says_so_and_can_be_verified);
    tcase_add_test(tests, equal_histories_do_not_differ);
    tcase_add_test(tests, the_first_difference_is_found_with_both_events);
    tcase_add_test(tests, a_history_that_goes_on_differs_from_one_that_has_ended);
    tcase_add_test(tests, every_place_of_a_difference_in_a_long_run_is_found);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
