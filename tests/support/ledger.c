/*
 * A reducer for tests: see ledger.h.
 */
#include "ledger.h"

#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "testing.h"

static int reset(void *context)
{
    ledger *self = context;
    self->events = 0;
    self->mixed = 0xCBF29CE484222325U;
    memset(self->balances, 0, sizeof self->balances);
    return 0;
}

static void mix(ledger *self, const char *text)
{
    for (; *text != '\0'; text++)
        self->mixed = (self->mixed ^ (unsigned char)*text) * 0x100000001B3U;
}

static int apply(const eventure_event *event, void *context)
{
    ledger *self = context;
    int64_t account = 0, amount = 0;
    if (event->seq == self->fail_at_seq)
    {
        self->events += 1000; /* after an error the state is undefined */
        return EVENTURE_ERROR_HANDLER;
    }
    self->applied++;
    self->events++;
    mix(self, event->id);
    mix(self, event->type);
    mix(self, event->data);
    if (eventure_event_int(event, "account", &account) == EVENTURE_OK &&
        eventure_event_int(event, "amount", &amount) == EVENTURE_OK)
        self->balances[account % LEDGER_ACCOUNTS] += strcmp(event->type, "money.withdrawn") == 0 ? -amount : amount;
    return event->seq == self->stop_at_seq ? EVENTURE_REPLAY_STOP : 0;
}

static int save(eventure_write_fn write, void *sink, void *context)
{
    ledger *self = context;
    if (self->fail_save)
        return EVENTURE_ERROR_LIMIT;
    int result = write(&self->events, sizeof self->events, sink);
    if (result == 0)
        result = write(&self->mixed, sizeof self->mixed, sink);
    return result == 0 ? write(self->balances, sizeof self->balances, sink) : result;
}

static int load(const void *bytes, size_t len, void *context)
{
    ledger *self = context;
    const char *at = bytes;
    if (self->fail_load || len != sizeof self->events + sizeof self->mixed + sizeof self->balances)
        return EVENTURE_ERROR_CORRUPT;
    memcpy(&self->events, at, sizeof self->events);
    memcpy(&self->mixed, at + sizeof self->events, sizeof self->mixed);
    memcpy(self->balances, at + sizeof self->events + sizeof self->mixed, sizeof self->balances);
    return 0;
}

const eventure_reducer ledger_reducer = {.size = sizeof(eventure_reducer),
                                         .name = "ledger",
                                         .version = 1,
                                         .reset = reset,
                                         .apply = apply,
                                         .save = save,
                                         .load = load};

bool ledger_equal(const ledger *a, const ledger *b)
{
    return a->events == b->events && a->mixed == b->mixed && memcmp(a->balances, b->balances, sizeof a->balances) == 0;
}

uint64_t ledger_fork(uint64_t *seed)
{
    /* Steele, Lea and Flood's SplitMix64; 0 would be a sequence of zeros. */
    uint64_t x = harness_random(seed, UINT64_MAX) + 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    x ^= x >> 31;
    return x != 0 ? x : 1;
}

void ledger_write(eventure_log *log, uint64_t *seed, int64_t events)
{
    static const char *const types[] = {"money.deposited", "money.withdrawn", "account.noted"};
    for (int64_t i = 0; i < events; i++)
    {
        uint64_t kind = harness_random(seed, 8);
        const char *type = types[kind < 4 ? 0 : kind < 7 ? 1 : 2];
        int64_t account = (int64_t)harness_random(seed, LEDGER_ACCOUNTS);
        int64_t amount = (int64_t)harness_random(seed, 1000);
        eventure_status status = eventure_log_append(
            log, type, EVENTURE_DATA(eventure_int("account", account), eventure_int("amount", amount)), NULL, NULL);
        expect_ok(log, status);
        if (harness_random(seed, 5) == 0 || i + 1 == events)
        {
            int64_t step = harness_random(seed, 20) == 0 ? 1 + (int64_t)harness_random(seed, 30) : 1;
            status = eventure_log_advance_to(log, eventure_log_tick(log) + step);
            expect_ok(log, status);
        }
    }
}

ledger ledger_at(eventure_reader *reader, int64_t tick)
{
    eventure_state_options options = EVENTURE_STATE_OPTIONS_INIT;
    ledger state = {0};
    options.without_snapshots = true;
    expect_ok(reader, eventure_replay_at(reader, &ledger_reducer, &state, tick, &options));
    return state;
}
