/*
 * The state of a projection as bytes: the same for the same history, independent of the calls that built it.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus_world.h"
#include "ledger.h"
#include "rounds.h"

/* Each works its database in another way: what grows and shrinks, moves rows between pages, and frees pages. */
static const char *const projections[] = {
    "-- @setup\n"
    "CREATE TABLE balance (account INTEGER PRIMARY KEY, amount INTEGER NOT NULL);\n"
    "-- @on *\n"
    "INSERT INTO balance VALUES (:account, :amount) ON CONFLICT DO UPDATE SET amount = amount + excluded.amount;\n",

    "-- @setup\n"
    "CREATE TABLE entry (id TEXT PRIMARY KEY, account INTEGER, amount INTEGER, note TEXT) WITHOUT ROWID;\n"
    "CREATE INDEX entry_account ON entry (account, amount);\n"
    "-- @on money.deposited\n"
    "INSERT INTO entry VALUES (:event_id, :account, :amount, printf('%.*c', :amount, 'x'));\n"
    "-- @on money.withdrawn\n"
    "DELETE FROM entry WHERE account = :account AND amount < :amount;\n",

    "-- @setup\n"
    "CREATE TABLE big (n INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB);\n"
    "CREATE TABLE small (v UNIQUE, w);\n"
    "CREATE TRIGGER keep AFTER INSERT ON big BEGIN INSERT OR REPLACE INTO small VALUES (new.n % 50, new.n); END;\n"
    "-- @on money.*\n"
    "INSERT INTO big (body) VALUES (zeroblob(:amount * 30));\n"
    "UPDATE big SET body = zeroblob(:amount) WHERE n % 7 = :account;\n"
    "-- @on account.noted\n"
    "DELETE FROM big WHERE n % 3 = :account % 3;\n",

    "-- @setup\n"
    "CREATE TABLE log (line TEXT);\nCREATE TABLE note (line);\nCREATE INDEX i ON note (line);\n"
    "-- @on *\n"
    "INSERT INTO log VALUES (:event_data || :event_id);\n"
    "DELETE FROM log WHERE rowid <= (SELECT max(rowid) FROM log) - 100 - :account * 20;\n"
    "-- @on account.noted\n"
    "DELETE FROM note; INSERT INTO note SELECT * FROM log;\n",
};

typedef struct bytes
{
    void *at;
    size_t len;
} bytes;

static bytes image_at(eventure_projection *projection, int64_t tick, bool without_snapshots)
{
    eventure_state_options options = EVENTURE_STATE_OPTIONS_INIT;
    eventure_reader *reader = eventure_log_reader(here.log);
    bytes image = {NULL, 0};
    options.without_snapshots = without_snapshots;
    eventure_status status =
        eventure_state_at(reader, eventure_projection_reducer(projection), tick, projection, &options);
    ck_assert_msg(status == EVENTURE_OK, "%s", eventure_reader_message(reader));
    ck_assert_int_eq(eventure_projection_image(projection, &image.at, &image.len), EVENTURE_OK);
    return image;
}

static void expect_equal(eventure_projection *projection, int64_t tick)
{
    bytes from_snapshot = image_at(projection, tick, false);
    bytes from_start = image_at(projection, tick, true);
    ck_assert_uint_eq(from_snapshot.len, from_start.len);
    size_t at = 0;
    while (at < from_start.len && ((char *)from_snapshot.at)[at] == ((char *)from_start.at)[at])
        at++;
    ck_assert_msg(at == from_start.len, "tick %lld, byte %zu of %zu", (long long)tick, at, from_start.len);
    eventure_free(from_snapshot.at);
    eventure_free(from_start.at);
}

static void open_fast_world(void)
{
    open_world();
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    ck_assert_int_eq(eventure_log_close(here.log), EVENTURE_OK);
    options.sync = EVENTURE_SYNC_OFF;
    options.commit_every_ticks = 1000;
    ck_assert_int_eq(eventure_log_open(SCRATCH_PATH, &options, &here.log), EVENTURE_OK);
}

static void build(eventure_projection *projection, int64_t every_events)
{
    eventure_snapshot_build_options options = EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT;
    eventure_snapshot_policy options_policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    options.policy = &options_policy;
    options_policy.every_events = every_events;
    options.from_start = true;
    eventure_status status =
        eventure_snapshot_build(here.log, eventure_projection_reducer(projection), projection, &options, NULL);
    ck_assert_msg(status == EVENTURE_OK, "%s", eventure_log_message(here.log));
}

START_TEST(the_image_at_a_tick_is_that_of_the_fold_from_the_start_byte_for_byte)
{
    eventure_projection *projection = NULL;
    const char *text = projections[_i];
    uint64_t seed = 521288629U + (uint64_t)_i;
    ledger_write(here.log, &seed, 2000);
    ck_assert_int_eq(eventure_projection_parse("x.sql", text, strlen(text), NULL, &projection), EVENTURE_OK);
    build(projection, 61);
    for (int i = 0; i < rounds(40); i++)
        expect_equal(projection, (int64_t)ledger_random(&seed, (uint64_t)eventure_log_tick(here.log)));
    expect_equal(projection, EVENTURE_TICK_NEWEST);
    eventure_projection_close(projection);
}
END_TEST

/* Snapshots that were each made from the one before, a process a time, so to speak. */
START_TEST(snapshots_made_one_from_another_are_those_of_the_fold_from_the_start)
{
    eventure_projection *projection = NULL;
    eventure_snapshot_check_report check;
    const char *text = projections[_i];
    uint64_t seed = 362436069U + (uint64_t)_i;
    ck_assert_int_eq(eventure_projection_parse("x.sql", text, strlen(text), NULL, &projection), EVENTURE_OK);
    const eventure_reducer *reducer = eventure_projection_reducer(projection);
    for (int i = 0; i < 30; i++)
    {
        ledger_write(here.log, &seed, 20);
        ck_assert_int_eq(eventure_snapshot_take(here.log, reducer, projection), EVENTURE_OK);
    }
    eventure_status status = eventure_snapshot_check(eventure_log_reader(here.log), reducer, projection, NULL, &check);
    ck_assert_msg(status == EVENTURE_OK, "%s", eventure_log_message(here.log));
    ck_assert_int_eq(check.checked, 30);
    ck_assert_msg(!check.differs, "tick %lld, byte %lld", (long long)check.tick, (long long)check.at_bytes);
    eventure_projection_close(projection);
}
END_TEST

int main(void)
{
    int count = (int)(sizeof projections / sizeof *projections);
    TCase *tests = tcase_create("projection image");
    tcase_add_checked_fixture(tests, open_fast_world, close_world);
    tcase_add_loop_test(tests, the_image_at_a_tick_is_that_of_the_fold_from_the_start_byte_for_byte, 0, count);
    tcase_add_loop_test(tests, snapshots_made_one_from_another_are_those_of_the_fold_from_the_start, 0, count);
    return run_tests(tests, "projection image");
}
