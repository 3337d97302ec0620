/*
 * Checks of snapshots, and the states that can still be computed after old events were archived.
 */
#include <stdio.h>
#include <string.h>

#include "snapshot_world.h"
#include "testing.h"

TEST_FIXTURE(open_world, close_world);

static eventure_snapshot_check_report check_snapshots(void)
{
    eventure_snapshot_check_report check;
    ledger state = {0};
    expect_ok(here.log, eventure_snapshot_check(reader(), &ledger_reducer, &state, NULL, &check));
    return check;
}

START_TEST(a_check_finds_nothing_in_good_snapshots)
{
    ledger state = {0};
    write_ticks(10);
    build(2, 0);
    scratch_append(here.log, "account.noted", NULL, NULL);
    expect_ok(here.log, eventure_snapshot_take(here.log, &ledger_reducer, &state));
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
    expect_ok(here.log, eventure_log_archive(here.log, "archive.db", 10, &options, NULL));
    expect_ok(reader(), eventure_replay_at(reader(), &ledger_reducer, &state, 17, NULL));
    ck_assert(ledger_equal(&state, &whole));
    expect_status(EVENTURE_ERROR_ARCHIVED, reader(), eventure_replay_at(reader(), &ledger_reducer, &state, 3, NULL));
    other.version = 2;
    expect_status(EVENTURE_ERROR_ARCHIVED, reader(), eventure_replay_at(reader(), &other, &state, 17, NULL));
    expect_message("ledger");
    expect_status(EVENTURE_ERROR_ARCHIVED, reader(),
                  eventure_snapshot_check(reader(), &ledger_reducer, &state, NULL, &check));
    scratch_remove("archive.db");
}
END_TEST
