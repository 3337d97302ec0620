/*
 * What a check of snapshots finds, and what is left of states when old events were archived.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snapshot_world.h"

static eventure_snapshot_check_report check_snapshots(void)
{
    eventure_snapshot_check_report check;
    ledger state = {0};
    eventure_status status = eventure_snapshot_check(reader(), &ledger_reducer, &state, NULL, &check);
    ck_assert_msg(status == EVENTURE_OK, "%s", message());
    return check;
}

START_TEST(a_check_finds_nothing_in_good_snapshots)
{
    ledger state = {0};
    write_ticks(10);
    build(2, 0);
    scratch_append(here.log, "account.noted", NULL, NULL);
    ck_assert_int_eq(eventure_snapshot_take(here.log, &ledger_reducer, &state), EVENTURE_OK);
    eventure_snapshot_check_report check = check_snapshots();
    ck_assert_int_eq(check.checked, 6);
    ck_assert(!check.differs);
}
END_TEST

START_TEST(a_check_finds_the_first_snapshot_that_differs_and_where)
{
    write_ticks(10);
    build(2, 0);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "UPDATE snapshot SET state = CAST(substr(state, 1, 20) || X'FF' || "
                                                 "substr(state, 22) AS BLOB) WHERE seq IN (6, 8)"));
    eventure_snapshot_check_report check = check_snapshots();
    ck_assert(check.differs);
    ck_assert_int_eq(check.checked, 3);
    ck_assert_int_eq(check.tick, 5);
    ck_assert_int_eq(check.seq, 6);
    ck_assert_int_eq(check.at_bytes, 20);
}
END_TEST

START_TEST(a_check_finds_a_snapshot_that_is_too_short_or_beyond_the_end)
{
    write_ticks(10);
    build(5, 0);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "UPDATE snapshot SET state = substr(state, 1, 30) WHERE seq = 10"));
    eventure_snapshot_check_report check = check_snapshots();
    ck_assert(check.differs);
    ck_assert_int_eq(check.seq, 10);
    ck_assert_int_eq(check.at_bytes, 30);
    ck_assert_ptr_null(scratch_sql(SCRATCH_PATH, "UPDATE snapshot SET seq = 99 WHERE seq = 10"));
    check = check_snapshots();
    ck_assert(check.differs);
    ck_assert_int_eq(check.seq, 99);
}
END_TEST

START_TEST(after_old_events_were_archived_the_state_comes_from_a_snapshot_or_there_is_none)
{
    eventure_archive_options options = EVENTURE_ARCHIVE_OPTIONS_INIT;
    eventure_reducer other = ledger_reducer;
    eventure_snapshot_check_report check;
    ledger state = {0};
    write_ticks(20);
    build(5, 0);
    ledger whole = ledger_at(reader(), 17);
    scratch_remove("archive.db");
    options.without_snapshots = true;
    eventure_status status = eventure_log_archive(here.log, "archive.db", 10, &options, NULL);
    ck_assert_msg(status == EVENTURE_OK, "%s", message());
    ck_assert_int_eq(eventure_state_at(reader(), &ledger_reducer, 17, &state, NULL), EVENTURE_OK);
    ck_assert(ledger_equal(&state, &whole));
    ck_assert_int_eq(eventure_state_at(reader(), &ledger_reducer, 3, &state, NULL), EVENTURE_ERROR_ARCHIVED);
    other.version = 2;
    ck_assert_int_eq(eventure_state_at(reader(), &other, 17, &state, NULL), EVENTURE_ERROR_ARCHIVED);
    expect_message("ledger");
    ck_assert_int_eq(eventure_snapshot_check(reader(), &ledger_reducer, &state, NULL, &check), EVENTURE_ERROR_ARCHIVED);
    scratch_remove("archive.db");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("snapshot check");
    tcase_add_checked_fixture(tests, open_world, close_world);
    tcase_add_test(tests, a_check_finds_nothing_in_good_snapshots);
    tcase_add_test(tests, a_check_finds_the_first_snapshot_that_differs_and_where);
    tcase_add_test(tests, a_check_finds_a_snapshot_that_is_too_short_or_beyond_the_end);
    tcase_add_test(tests, after_old_events_were_archived_the_state_comes_from_a_snapshot_or_there_is_none);
    return run_tests(tests, "snapshot check");
}
