/*
 * A reducer for tests, whose state depends on every event and on their order, and histories for it: the same seed, the
 * same history.
 */
#ifndef EVENTURE_TESTS_LEDGER_H
#define EVENTURE_TESTS_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include <eventure/eventure.h>

#define LEDGER_ACCOUNTS 8

typedef struct ledger
{
    int64_t events;
    uint64_t mixed; /* of ids, types and data, in order */
    int64_t balances[LEDGER_ACCOUNTS];
    /* Settings and counters of a test; not part of the state. */
    int64_t applied;     /* the total number of events that were applied */
    int64_t fail_at_seq; /* apply fails at this event, with an error of its own */
    int64_t stop_at_seq; /* apply ends the replay with this event */
    bool fail_save;
    bool fail_load;
} ledger;

/* `ledger`, version 1. */
extern const eventure_reducer ledger_reducer;

/* Whether two are equal as states. */
bool ledger_equal(const ledger *a, const ledger *b);

/* Returns a seed for an independent sequence: the next number of this sequence, mixed. The next number itself would
   continue this sequence. */
uint64_t ledger_fork(uint64_t *seed);

/* Appends events (money.deposited, money.withdrawn, account.noted) until there are `events` more, advancing the tick
 * now and then, by one or by more. The last tick is complete. */
void ledger_write(eventure_log *log, uint64_t *seed, int64_t events);

/* The state at a tick, folded from the start. */
ledger ledger_at(eventure_reader *reader, int64_t tick);

#endif
