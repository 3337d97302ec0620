/*
 * Verifying the indexes on data: each kind of error in an index is found and named, and no correct index is reported.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/archive.h>
#include <eventure/data_index.h>

#include "damage.h"
#include "scratch.h"
#include "testing.h"

TEST_FIXTURE(set_up, NULL);

#define LONG                                                                                                           \
    "long long long long long long long long long long long long long long long long long long long long "             \
    "long long long long long long long long long long long long"

/* Eight events; "k" is indexed for all types, "m" for those of a.*. */
static void set_up(void)
{
    eventure_log *log = scratch_new();
    scratch_append(log, "a.b", "{\"k\":1,\"m\":\"x\"}", NULL);
    scratch_append(log, "a.b", "{\"k\":1.0}", NULL);
    scratch_append(log, "c.d", "{\"k\":\"one\",\"m\":\"x\"}", NULL);
    eventure_log_advance_to(log, 3);
    scratch_append(log, "a.c", "{\"other\":1}", NULL);
    expect_ok(log, eventure_data_index_add(log, "k", NULL, NULL));
    expect_ok(log, eventure_data_index_add(log, "m", "a.*", NULL));
    scratch_append(log, "a.c", "{\"k\":\"" LONG "\"}", NULL);
    scratch_append(log, "a.c", "{\"k\":null,\"k\":[1,2.0]}", NULL);
    eventure_log_advance_tick(log);
    scratch_append(log, "a.b", "{\"m\":\"y\"}", NULL);
    scratch_append(log, "e", NULL, NULL);
    expect_ok(NULL, eventure_log_close(log));
}

static void expect_sound(int64_t events)
{
    eventure_verify_report report = damage_verify(SCRATCH_PATH, false);
    ck_assert_msg(report.is_sound, "%s", report.problem);
    ck_assert_int_eq(report.events, events);
    ck_assert(damage_verify(SCRATCH_PATH, true).is_sound);
}

START_TEST(indexes_as_they_are_written_are_sound)
{
    char *rows = scratch_ask(SCRATCH_PATH, "SELECT count(*) FROM data_value");
    ck_assert_str_eq(rows, "7");
    free(rows);
    expect_sound(8);
}
END_TEST

typedef struct damage
{
    const char *sql;
    const char *problem;
    bool quick; /* the quick check finds it */
} damage;

static const damage damages[] = {
    {"DELETE FROM data_value WHERE index_id = 1 AND seq = 2",
     "the index on k of the types *: event 2, with the value 1e0, is missing", false},
    {"DELETE FROM data_value WHERE index_id = 1 AND seq = 5",
     "the index on k of the types *: event 5, with the value (digest of a long value), is missing", false},
    {"DELETE FROM data_value WHERE index_id = 2",
     "the index on m of the types a.*: event 1, with the value \"x\", is missing", false},
    {"UPDATE data_value SET value = '2e0' WHERE index_id = 1 AND seq = 2",
     "the index on k of the types *: event 2 is indexed under 2e0, expected 1e0", false},
    {"UPDATE data_value SET value = CAST(value AS BLOB) WHERE index_id = 1 AND seq = 2",
     "the index on k of the types *: event 2 is indexed under (digest", false},
    {"UPDATE data_value SET value = zeroblob(32) WHERE index_id = 1 AND seq = 5",
     "the index on k of the types *: event 5 is indexed under (digest", false},
    {"UPDATE data_value SET seq = 4 WHERE index_id = 1 AND seq = 2", "event 2, with the value 1e0, is missing", false},
    {"INSERT INTO data_value VALUES (1, '1e0', 4)",
     "the index on k of the types * contains the value 1e0 for event 4, which does not have that key", false},
    {"INSERT INTO data_value VALUES (2, '\"x\"', 3)",
     "the index on m of the types a.* contains the value \"x\" for event 3, which does not have that key, or has "
     "another type",
     false},
    {"INSERT INTO data_value VALUES (1, '7e0', 2)",
     "the index on k of the types * contains the value 7e0 for event 2, which has another value", false},
    {"INSERT INTO data_value VALUES (1, x'', 2)", "for event 2, which has another value", false},
    {"INSERT INTO data_value VALUES (1, '7e0', 99)", "the value 7e0 for event 99, which does not exist", false},
    {"INSERT INTO data_value VALUES (9, '7e0', 1)", "values of the index 9, which does not exist", true},
    {"INSERT INTO data_value VALUES (-9, '7e0', 1)", "values of the index -9, which does not exist", true},
    /* An index that is marked as complete but is not. */
    {"INSERT INTO data_index (key, pattern, upto) VALUES ('other', '*', 8)",
     "the index on other of the types *: event 4, with the value 1e0, is missing", false},
    {"UPDATE data_index SET upto = 9 WHERE id = 1",
     "the index on k of the types * covers all events up to event 9, but the newest event is 8", true},
    {"UPDATE data_index SET upto = -1 WHERE id = 1", "covers all events up to event -1", true},
    {"UPDATE data_index SET upto = 4 WHERE id = 1", "for event 6, which is after the last event that it covers", false},
    {"UPDATE data_index SET key = 'm' WHERE id = 1", "the index on m of the types *: event 1 is indexed under 1e0",
     false},
    {"UPDATE data_index SET pattern = '*' WHERE id = 2",
     "the index on m of the types *: event 3, with the value \"x\", is missing", false},
    {"UPDATE data_index SET pattern = 'a*b' WHERE id = 2", "the index on m of the types a*b: pattern", true},
};

LOOP_TEST(damage_of_an_index_is_found_and_named, COUNT_OF(damages))
{
    const damage *done = &damages[_i];
    damage_store(SCRATCH_PATH, done->sql);
    eventure_verify_report report = damage_verify(SCRATCH_PATH, false);
    ck_assert_msg(!report.is_sound, "%s was not found", done->sql);
    ck_assert_msg(strstr(report.problem, done->problem) != NULL, "%s: %s", done->sql, report.problem);
    ck_assert_int_eq(report.trusted_seq, done->quick ? 0 : 8); /* the events themselves are intact */
    ck_assert_int_eq(damage_verify(SCRATCH_PATH, true).is_sound, !done->quick);
}
END_TEST

START_TEST(an_index_that_is_not_finished_is_sound_as_far_as_it_goes)
{
    damage_store(SCRATCH_PATH,
                 "DELETE FROM data_value WHERE index_id = 1 AND seq > 4; UPDATE data_index SET upto = 4 WHERE id = 1");
    expect_sound(8);
    eventure_log *log = scratch_open(SCRATCH_PATH);
    scratch_append(log, "a.b", "{\"k\":5,\"m\":2}", NULL);
    eventure_log_close(log);
    expect_sound(9);
    damage_store(SCRATCH_PATH,
                 "DELETE FROM data_value WHERE index_id = 2 AND seq = 9"); /* the other index contains the event */
    ck_assert(!damage_verify(SCRATCH_PATH, false).is_sound);
}
END_TEST

START_TEST(indexes_of_an_archived_store_are_sound)
{
    eventure_log *log = scratch_open(SCRATCH_PATH);
    scratch_remove("cut.db");
    expect_ok(log, eventure_log_archive(log, "cut.db", 3, NULL, NULL));
    eventure_log_close(log);
    expect_sound(5);
    damage_store(SCRATCH_PATH, "INSERT INTO data_value VALUES (1, '7e0', 1)");
    eventure_verify_report report = damage_verify(SCRATCH_PATH, false);
    expect_part(report.problem, "for event 1, which does not exist");
}
END_TEST

START_TEST(more_indexes_than_one_walk_takes_are_all_checked)
{
    eventure_log *log = scratch_open(SCRATCH_PATH);
    for (int i = 0; i < 40; i++)
    {
        char pattern[32];
        snprintf(pattern, sizeof pattern, "a.%d.*", i);
        expect_ok(log, eventure_data_index_add(log, "k", pattern, NULL));
    }
    scratch_append(log, "a.35.x", "{\"k\":1}", NULL);
    eventure_log_close(log);
    expect_sound(9);
    damage_store(SCRATCH_PATH, "DELETE FROM data_value WHERE seq = 9 AND index_id > 2");
    eventure_verify_report report = damage_verify(SCRATCH_PATH, false);
    expect_part(report.problem, "of the types a.35.*: event 9, with the value 1e0, is missing");
}
END_TEST

static int remember(const eventure_progress *progress, void *context)
{
    eventure_progress *last = context;
    ck_assert_int_gt(progress->done, last->done);
    *last = *progress;
    return progress->done > 6000;
}

START_TEST(the_walk_for_the_indexes_reports_progress_and_can_be_stopped)
{
    eventure_log *log = scratch_open(SCRATCH_PATH);
    for (int i = 0; i < 5000; i++)
        scratch_append(log, "a.b", "{\"k\":1}", NULL);
    expect_ok(log, eventure_log_commit(log));
    eventure_verify_report report;
    eventure_progress last = {0, 0, 0};
    eventure_verify_options options = EVENTURE_VERIFY_OPTIONS_INIT;
    options.progress = remember;
    options.progress_context = &last;
    expect_status(EVENTURE_ERROR_INTERRUPTED, eventure_log_reader(log),
                  eventure_store_verify(eventure_log_reader(log), &options, &report));
    ck_assert_int_eq(last.done, 8192);
    ck_assert_int_eq(last.total, 2 * 5008);
    ck_assert_int_eq(report.events, 5008);
    eventure_log_close(log);
}
END_TEST

START_TEST(what_a_log_has_not_committed_is_verified_too)
{
    eventure_log *log = scratch_open(SCRATCH_PATH);
    eventure_verify_report report;
    scratch_append(log, "a.b", "{\"k\":1,\"m\":3}", NULL);
    expect_ok(eventure_log_reader(log), eventure_store_verify(eventure_log_reader(log), NULL, &report));
    ck_assert_msg(report.is_sound, "%s", report.problem);
    ck_assert_int_eq(report.events, 9);
    eventure_log_close(log);
}
END_TEST
