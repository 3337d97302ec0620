/*
 * Verifying snapshots: their positions always, and their states when the caller passes the reducer, in C or in SQL.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "snapshot_world.h"
#include "testing.h"

TEST_FIXTURE(open_world, close_world);

static const char projection_text[] = "-- @setup\n"
                                      "CREATE TABLE seen (type TEXT PRIMARY KEY, n INTEGER NOT NULL);\n"
                                      "-- @on *\n"
                                      "INSERT INTO seen VALUES (:event_type, 1) ON CONFLICT DO UPDATE SET n = n + 1;\n";

static eventure_projection *open_projection(const char *text)
{
    eventure_projection *projection = NULL;
    expect_ok(projection, eventure_projection_parse("seen.sql", text, strlen(text), NULL, &projection));
    return projection;
}

static eventure_status verify_with(const eventure_reducer_state *reducers, size_t count, eventure_verify_report *out)
{
    eventure_verify_options options = EVENTURE_VERIFY_OPTIONS_INIT;
    options.reducers = reducers;
    options.reducers_count = count;
    return eventure_store_verify(reader(), &options, out);
}

/* Verifies with these reducers: the ledger and a projection, either of which may be NULL. */
static eventure_verify_report verify(const eventure_reducer *given, eventure_projection *projection)
{
    eventure_verify_report report;
    ledger state = {0};
    eventure_reducer_state reducers[2];
    size_t count = 0;
    if (given != NULL)
        reducers[count++] = (eventure_reducer_state){sizeof *reducers, given, &state};
    if (projection != NULL)
        reducers[count++] =
            (eventure_reducer_state){sizeof *reducers, eventure_projection_reducer(projection), projection};
    expect_ok(here.log, verify_with(reducers, count, &report));
    ck_assert_int_eq(report.is_sound, report.problem[0] == '\0');
    return report;
}

static void build_projection(eventure_projection *projection)
{
    eventure_snapshot_build_options options = EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT;
    eventure_snapshot_policy options_policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    options.policy = &options_policy;
    options_policy.every_events = 3;
    expect_ok(here.log,
              eventure_snapshot_build(here.log, eventure_projection_reducer(projection), projection, &options, NULL));
}

START_TEST(snapshots_as_they_are_taken_are_sound)
{
    ledger state = {0};
    eventure_projection *projection = open_projection(projection_text);
    expect_ok(here.log, eventure_snapshot_take(here.log, &ledger_reducer, &state)); /* before the first event */
    write_ticks(10);
    build(2, 0);
    expect_ok(here.log, eventure_log_advance_to(here.log, 50));
    scratch_append(here.log, "account.noted", NULL, NULL);
    expect_ok(here.log, eventure_snapshot_take(here.log, &ledger_reducer, &state)); /* within a tick */
    scratch_append(here.log, "account.noted", NULL, NULL);
    build_projection(projection);
    eventure_verify_report report = verify(&ledger_reducer, projection);
    ck_assert_msg(report.is_sound, "%s", report.problem);
    ck_assert_int_eq(report.events, 12);
    ck_assert_int_eq(report.snapshots, 7 + 3);
    ck_assert_int_eq(report.snapshots_unchecked, 0);
    report = verify(NULL, projection);
    ck_assert_int_eq(report.snapshots, 3);
    ck_assert_int_eq(report.snapshots_unchecked, 7);
    report = verify(NULL, NULL);
    ck_assert_int_eq(report.snapshots, 0);
    ck_assert_int_eq(report.snapshots_unchecked, 10);
    eventure_projection_close(projection);
}
END_TEST

START_TEST(a_snapshot_that_is_not_that_of_the_fold_is_found)
{
    write_ticks(10);
    build(2, 0);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "UPDATE snapshot SET state = CAST(substr(state, 1, 20) || X'FF' || "
                                                 "substr(state, 22) AS BLOB) WHERE seq = 6"));
    eventure_verify_report report = verify(&ledger_reducer, NULL);
    ck_assert(!report.is_sound);
    expect_part(report.problem, "the snapshot of ledger, version 1, at tick 5 (event 6) differs from the fold from the "
                                "start at byte 20; 2 before it are right");
    ck_assert_int_eq(report.trusted_seq, 10); /* the events are right */
    ck_assert(verify(NULL, NULL).is_sound);
}
END_TEST

START_TEST(a_projections_snapshot_that_is_not_that_of_the_fold_is_found)
{
    eventure_projection *projection = open_projection(projection_text);
    write_ticks(10);
    build(2, 0);
    build_projection(projection);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "UPDATE snapshot SET state = (SELECT state FROM snapshot WHERE "
                                                 "name = 'seen' AND seq = 6) WHERE name = 'seen' AND seq = 9"));
    eventure_verify_report report = verify(&ledger_reducer, projection);
    ck_assert(!report.is_sound);
    expect_part(report.problem, "the snapshot of seen, version ");
    expect_part(report.problem, ", at tick 8 (event 9) differs from the fold from the start at byte ");
    ck_assert_int_eq(report.snapshots, 5 + 3);
    eventure_projection_close(projection);
}
END_TEST

START_TEST(a_snapshot_of_another_version_is_reported_as_not_checked)
{
    eventure_reducer other = ledger_reducer;
    eventure_projection *projection = open_projection(projection_text);
    eventure_projection *changed = open_projection("-- @setup\nCREATE TABLE seen (n);\n");
    other.version = 2;
    write_ticks(10);
    build(2, 0);
    build_projection(projection);
    eventure_verify_report report = verify(&other, changed);
    ck_assert_msg(report.is_sound, "%s", report.problem);
    ck_assert_int_eq(report.snapshots, 0);
    ck_assert_int_eq(report.snapshots_unchecked, 8);
    eventure_projection_close(projection);
    eventure_projection_close(changed);
}
END_TEST

/* Ticks 0 to 9 with an event each; snapshots at 1:2, 3:4, and so on. */
static const struct
{
    const char *sql;
    const char *problem;
} places[] = {
    {"UPDATE snapshot SET tick = 11 WHERE seq = 10", "tick 11 (event 10): the store has not reached that tick"},
    {"UPDATE snapshot SET tick = -1 WHERE seq = 2", "tick -1 (event 2): the store has not reached that tick"},
    {"UPDATE snapshot SET seq = 11 WHERE seq = 10", "tick 9 (event 11): there is no such event"},
    {"UPDATE snapshot SET seq = -1 WHERE seq = 2", "tick 1 (event -1): there is no such event"},
    {"UPDATE snapshot SET seq = 5 WHERE seq = 4", "tick 3 (event 5): that event belongs to a later tick"},
    {"UPDATE snapshot SET tick = 2 WHERE seq = 4", "tick 2 (event 4): that event belongs to a later tick"},
    {"UPDATE snapshot SET tick = 7 WHERE seq = 6", "tick 7 (event 6): events up to that tick follow that event"},
    {"UPDATE snapshot SET seq = 0 WHERE seq = 2", "tick 1 (event 0): events up to that tick follow that event"},
};

LOOP_TEST(a_snapshot_at_a_place_that_is_none_is_found_without_the_reducer, COUNT_OF(places))
{
    eventure_verify_report report;
    eventure_verify_options options = EVENTURE_VERIFY_OPTIONS_INIT;
    write_ticks(10);
    build(2, 0);
    ck_assert(verify(NULL, NULL).is_sound);
    char *error = scratch_sql(SCRATCH_PATH, places[_i].sql);
    ck_assert_msg(error == NULL, "%s", error);
    report = verify(NULL, NULL);
    expect_part(report.problem, places[_i].problem);
    options.quick = true;
    expect_ok(reader(), eventure_store_verify(reader(), &options, &report));
    expect_part(report.problem, places[_i].problem);
}
END_TEST

START_TEST(after_archiving_snapshots_have_their_places_and_cannot_be_checked)
{
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    ledger state = {0};
    eventure_reducer_state kept = {sizeof(eventure_reducer_state), &ledger_reducer, &state};
    write_ticks(20);
    build(4, 0);
    scratch_remove("archive.db");
    options.states = &kept;
    options.states_count = 1;
    expect_ok(here.log, eventure_log_archive(here.log, "archive.db", 10, &options, NULL));
    int64_t count = count_snapshots(NULL);
    ck_assert_int_gt(count, 1);
    eventure_verify_report report = verify(&ledger_reducer, NULL);
    ck_assert_msg(report.is_sound, "%s", report.problem);
    ck_assert_int_eq(report.snapshots, 0);
    ck_assert_int_eq(report.snapshots_unchecked, count);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "UPDATE snapshot SET seq = 3 WHERE seq > 10"));
    report = verify(NULL, NULL);
    expect_part(report.problem, "events up to that tick follow that event");
    scratch_remove("archive.db");
}
END_TEST

START_TEST(reducers_that_cannot_be_asked_are_refused)
{
    eventure_verify_report report;
    ledger state = {0};
    eventure_reducer without = ledger_reducer;
    eventure_reducer_state twice[2] = {{sizeof *twice, &ledger_reducer, &state},
                                       {sizeof *twice, &ledger_reducer, &state}};
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, verify_with(twice, 2, &report));
    expect_message("verify: the reducer ledger is given twice");
    without.save = NULL;
    without.load = NULL;
    twice[0].reducer = &without;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, verify_with(twice, 1, &report));
    expect_message("verify of ledger: save and load are NULL");
    twice[0].reducer = NULL;
    expect_status(EVENTURE_ERROR_ARGUMENT, NULL, verify_with(twice, 1, &report));
}
END_TEST

START_TEST(an_error_of_the_reducer_is_not_damage)
{
    eventure_verify_report report;
    ledger state = {.fail_at_seq = 3};
    eventure_reducer_state one = {sizeof(eventure_reducer_state), &ledger_reducer, &state};
    write_ticks(10);
    build(5, 0);
    expect_status(EVENTURE_ERROR_HANDLER, NULL, verify_with(&one, 1, &report));
    expect_message("replay of ledger at tick 2");
    ck_assert(report.is_sound);
}
END_TEST

static int remember(const eventure_progress *progress, void *context)
{
    eventure_progress *last = context;
    ck_assert_int_gt(progress->done, last->done);
    *last = *progress;
    return progress->done > 9000;
}

START_TEST(the_fold_reports_progress_after_the_events_and_can_be_stopped)
{
    eventure_verify_report report;
    eventure_progress last = {0, 0, 0};
    ledger state = {0};
    eventure_reducer_state one = {sizeof(eventure_reducer_state), &ledger_reducer, &state};
    eventure_verify_options options = EVENTURE_VERIFY_OPTIONS_INIT;
    for (int i = 0; i < 5000; i++)
        scratch_append(here.log, "money.deposited", NULL, NULL);
    expect_ok(here.log, eventure_snapshot_take(here.log, &ledger_reducer, &state));
    options.reducers = &one;
    options.reducers_count = 1;
    options.progress = remember;
    options.progress_context = &last;
    expect_status(EVENTURE_ERROR_INTERRUPTED, reader(), eventure_store_verify(reader(), &options, &report));
    ck_assert_int_eq(last.done, 5000 + 4095);
    ck_assert_int_eq(last.total, 10000);
}
END_TEST

START_TEST(options_of_an_older_program_are_taken)
{
    eventure_verify_report report;
    eventure_verify_options options = EVENTURE_VERIFY_OPTIONS_INIT;
    options.size = offsetof(eventure_verify_options, reducers);
    options.reducers_count = 1; /* the member is beyond the struct's size */
    expect_ok(reader(), eventure_store_verify(reader(), &options, &report));
    options.size = SIZE_MAX;
    expect_status(EVENTURE_ERROR_ARGUMENT, reader(), eventure_store_verify(reader(), &options, &report));
}
END_TEST
