/*
 * The state of a projection as bytes: the same for the same history, independent of the calls that built it.
 */
#include <stdio.h>
#include <string.h>

#include "bus_world.h"
#include "harness.h"
#include "ledger.h"
#include "rounds.h"
#include "testing.h"

TEST_FIXTURE(open_fast_world, close_world);

/* Projections that change their databases in different ways: they grow and shrink, move rows between pages, and free
 * pages. */
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
    expect_ok(reader, eventure_replay_at(reader, eventure_projection_reducer(projection), projection, tick, &options));
    expect_ok(projection, eventure_projection_image(projection, &image.at, &image.len));
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
    expect_ok(NULL, eventure_log_close(here.log));
    options.sync = EVENTURE_SYNC_OFF;
    options.commit_every_ticks = 1000;
    expect_ok(NULL, eventure_log_open(SCRATCH_PATH, &options, &here.log));
}

static void build(eventure_projection *projection, int64_t every_events)
{
    eventure_snapshot_build_options options = EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT;
    eventure_snapshot_policy options_policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    options.policy = &options_policy;
    options_policy.every_events = every_events;
    options.from_start = true;
    expect_ok(here.log,
              eventure_snapshot_build(here.log, eventure_projection_reducer(projection), projection, &options, NULL));
}

LOOP_TEST(the_image_at_a_tick_is_that_of_the_fold_from_the_start_byte_for_byte, COUNT_OF(projections))
{
    eventure_projection *projection = NULL;
    const char *text = projections[_i];
    uint64_t seed = 521288629U + (uint64_t)_i;
    ledger_write(here.log, &seed, 2000);
    expect_ok(NULL, eventure_projection_parse("x.sql", text, strlen(text), NULL, &projection));
    build(projection, 61);
    for (int i = 0; i < rounds(40); i++)
        expect_equal(projection, (int64_t)harness_random(&seed, (uint64_t)eventure_log_tick(here.log)));
    expect_equal(projection, EVENTURE_TICK_NEWEST);
    eventure_projection_close(projection);
}
END_TEST

/* Each snapshot is made from the previous one with a new projection, as by separate processes. */
LOOP_TEST(snapshots_made_one_from_another_are_those_of_the_fold_from_the_start, COUNT_OF(projections))
{
    eventure_projection *projection = NULL;
    eventure_snapshot_check_report check;
    const char *text = projections[_i];
    uint64_t seed = 362436069U + (uint64_t)_i;
    expect_ok(NULL, eventure_projection_parse("x.sql", text, strlen(text), NULL, &projection));
    const eventure_reducer *reducer = eventure_projection_reducer(projection);
    for (int i = 0; i < 30; i++)
    {
        ledger_write(here.log, &seed, 20);
        expect_ok(here.log, eventure_snapshot_take(here.log, reducer, projection));
    }
    expect_ok(here.log, eventure_snapshot_check(eventure_log_reader(here.log), reducer, projection, NULL, &check));
    ck_assert_int_eq(check.checked, 30);
    ck_assert_msg(!check.differs, "tick %lld, byte %lld", (long long)check.tick, (long long)check.at_bytes);
    eventure_projection_close(projection);
}
END_TEST
