/*
 * A scratch log, the ledger (see ledger.h), and the short forms that the tests of snapshots need.
 */
#ifndef EVENTURE_TESTS_SNAPSHOT_WORLD_H
#define EVENTURE_TESTS_SNAPSHOT_WORLD_H

#include "bus_world.h"
#include "ledger.h"

static inline const char *message(void)
{
    return eventure_log_message(here.log);
}

static inline void expect_message(const char *part)
{
    expect_part(message(), part);
}

static inline int count_one(const eventure_snapshot *snapshot, void *context)
{
    (void)snapshot;
    ++*(int64_t *)context;
    return 0;
}

static inline int64_t count_snapshots(const char *name)
{
    int64_t count = 0;
    expect_ok(reader(), eventure_snapshot_list(reader(), name, count_one, &count));
    return count;
}

/* Their places as text: "tick:seq ". */
static inline int note_place(const eventure_snapshot *snapshot, void *context)
{
    char *text = context;
    sprintf(text + strlen(text), "%lld:%lld ", (long long)snapshot->tick, (long long)snapshot->seq);
    return 0;
}

static inline void expect_places(const char *places)
{
    char text[4096] = "";
    expect_ok(reader(), eventure_snapshot_list(reader(), NULL, note_place, text));
    ck_assert_str_eq(text, places);
}

static inline int64_t build(int64_t every_events, int64_t every_ticks)
{
    eventure_snapshot_build_options options = EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT;
    eventure_snapshot_policy options_policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    options.policy = &options_policy;
    ledger state = {0};
    int64_t taken = -1;
    options_policy.every_events = every_events;
    options_policy.every_ticks = every_ticks;
    expect_ok(here.log, eventure_snapshot_build(here.log, &ledger_reducer, &state, &options, &taken));
    ledger now = ledger_at(reader(), EVENTURE_TICK_NEWEST);
    ck_assert(ledger_equal(&state, &now));
    return taken;
}

static inline void expect_state(int64_t tick)
{
    ledger state = {0};
    ledger folded = ledger_at(reader(), tick);
    expect_ok(here.log, eventure_replay_at(reader(), &ledger_reducer, &state, tick, NULL));
    ck_assert_msg(ledger_equal(&state, &folded), "at tick %lld", (long long)tick);
}

/* Appends one event in each of `ticks` ticks, and advances after each. */
static inline void write_ticks(int ticks)
{
    for (int i = 0; i < ticks; i++)
    {
        scratch_append(here.log, "money.deposited", "{\"account\":1,\"amount\":5}", NULL);
        expect_ok(here.log, eventure_log_advance_tick(here.log));
    }
}

#endif
