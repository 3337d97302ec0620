/*
 * The state at random ticks of a long history, with snapshots: it must equal the result of the fold from the start,
 * byte for byte, for a reducer in C and for a projection in SQL; and its computation must take a small part of the time
 * of a full fold.
 *
 *     time_travel [EVENTS [TICKS [FACTOR]]]
 *
 * Writes EVENTS events (20,000), builds a snapshot for each hundredth of them, and computes the state at TICKS ticks
 * (200). Prints the medians. Ends with 1 when a state differs, or when a full fold does not take at least FACTOR times
 * as long (0: not checked) as the state at a random tick.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <eventure/eventure.h>

#include "harness.h"

#define PATH "time_travel.db"
#define ACCOUNTS 64
#define FULL_FOLDS 5

static const char projection_text[] =
    "-- @setup\n"
    "CREATE TABLE balance (account INTEGER PRIMARY KEY, amount INTEGER NOT NULL, moves INTEGER NOT NULL);\n"
    "CREATE TABLE last (type TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID;\n"
    "-- @on money.*\n"
    "INSERT INTO balance VALUES (:account, :amount, 1)\n"
    "ON CONFLICT DO UPDATE SET amount = amount + excluded.amount, moves = moves + 1;\n"
    "-- @on *\n"
    "INSERT OR REPLACE INTO last VALUES (:event_type, :event_id);\n";

typedef struct ledger
{
    int64_t events;
    uint64_t mixed;
    int64_t balances[ACCOUNTS];
} ledger;

static int reset(void *context)
{
    memset(context, 0, sizeof(ledger));
    return 0;
}

static int apply(const eventure_event *event, void *context)
{
    ledger *self = context;
    int64_t account = 0, amount = 0;
    self->events++;
    for (const char *c = event->id; *c != '\0'; c++)
        self->mixed = (self->mixed ^ (unsigned char)*c) * 0x100000001B3U;
    if (eventure_event_int(event, "account", &account) == EVENTURE_OK &&
        eventure_event_int(event, "amount", &amount) == EVENTURE_OK)
        self->balances[account % ACCOUNTS] += amount;
    return 0;
}

static int save(eventure_write_fn write, void *sink, void *context)
{
    return write(context, sizeof(ledger), sink);
}

static int load(const void *bytes, size_t len, void *context)
{
    if (len != sizeof(ledger))
        return EVENTURE_ERROR_CORRUPT;
    memcpy(context, bytes, len);
    return 0;
}

static const eventure_reducer ledger_reducer = {.size = sizeof(eventure_reducer),
                                                .name = "ledger",
                                                .version = 1,
                                                .reset = reset,
                                                .apply = apply,
                                                .save = save,
                                                .load = load};

typedef struct bytes
{
    char *at;
    size_t len;
} bytes;

static int add_bytes(const void *more, size_t len, void *sink)
{
    bytes *all = sink;
    char *grown = realloc(all->at, all->len + len + 1);
    if (grown == NULL)
        return EVENTURE_ERROR_MEMORY;
    memcpy(grown + all->len, more, len);
    all->at = grown;
    all->len += len;
    return 0;
}

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "time_travel: %s: %s\n", what, why);
    exit(2);
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare_doubles);
    return values[count / 2];
}

static int compare_ticks(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static void remove_store(void)
{
    remove(PATH);
    remove(PATH "-wal");
    remove(PATH "-shm");
    remove(PATH "-writer");
}

static eventure_log *write_history(int64_t events, uint64_t *seed)
{
    static const char *const types[] = {"money.deposited", "money.withdrawn", "account.noted", "money.moved"};
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    options.mode = EVENTURE_OPEN_NEW;
    options.sync = EVENTURE_SYNC_OFF;
    options.commit_every_ticks = 100;
    if (eventure_log_open(PATH, &options, &log) != EVENTURE_OK)
        fail("open", eventure_log_message(log));
    for (int64_t i = 0; i < events; i++)
    {
        int64_t account = (int64_t)harness_random(seed, ACCOUNTS);
        int64_t amount = (int64_t)harness_random(seed, 2000) - 1000;
        if (eventure_log_append(log, types[harness_random(seed, 4)],
                                EVENTURE_DATA(eventure_int("account", account), eventure_int("amount", amount)), NULL,
                                NULL) != EVENTURE_OK ||
            (harness_random(seed, 20) == 0 && eventure_log_advance_tick(log) != EVENTURE_OK))
            fail("write", eventure_log_message(log));
    }
    if (eventure_log_advance_tick(log) != EVENTURE_OK)
        fail("write", eventure_log_message(log));
    return log;
}

static void build_snapshots(eventure_log *log, const eventure_reducer *reducer, void *context, int64_t every_events)
{
    eventure_snapshot_build_options options = EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT;
    eventure_snapshot_policy options_policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    options.policy = &options_policy;
    options_policy.every_events = every_events;
    int64_t taken = 0;
    double began = harness_now();
    if (eventure_snapshot_build(log, reducer, context, &options, &taken) != EVENTURE_OK)
        fail("build", eventure_log_message(log));
    printf("%s: %lld snapshots, one each %lld events, built in %.1f s\n", reducer->name, (long long)taken,
           (long long)every_events, harness_now() - began);
}

/* Computes each state, and compares it with a fold from the start that advances to the same tick. */
static size_t compare_states(eventure_reader *reader, const eventure_reducer *reducer, void *with, void *from_start,
                             const int64_t *ticks, size_t count, double *seconds)
{
    size_t differ = 0;
    int64_t folded = -1;
    for (size_t i = 0; i < count; i++)
    {
        bytes a = {0}, b = {0};
        double began = harness_now();
        eventure_status status = eventure_replay_at(reader, reducer, with, ticks[i], NULL);
        seconds[i] = harness_now() - began;
        if (status == EVENTURE_OK && ticks[i] > folded)
            status = eventure_replay_ticks(reader, reducer, from_start, folded + 1, ticks[i] + 1);
        folded = ticks[i];
        if (status != EVENTURE_OK)
            fail("state", eventure_reader_message(reader));
        if (reducer->save(add_bytes, &a, with) != 0 || reducer->save(add_bytes, &b, from_start) != 0)
            fail("save", "failed");
        if (a.len != b.len || memcmp(a.at, b.at, a.len) != 0)
        {
            printf("%s: the state at tick %lld differs\n", reducer->name, (long long)ticks[i]);
            differ++;
        }
        free(a.at);
        free(b.at);
    }
    return differ;
}

static double time_full_fold(eventure_reader *reader, const eventure_reducer *reducer, void *context)
{
    eventure_state_options options = EVENTURE_STATE_OPTIONS_INIT;
    double seconds[FULL_FOLDS];
    options.without_snapshots = true;
    for (size_t i = 0; i < FULL_FOLDS; i++)
    {
        double began = harness_now();
        if (eventure_replay_at(reader, reducer, context, EVENTURE_TICK_NEWEST, &options) != EVENTURE_OK)
            fail("fold", eventure_reader_message(reader));
        seconds[i] = harness_now() - began;
    }
    return median(seconds, FULL_FOLDS);
}

/* Runs the test for one reducer. Returns whether all states are right, and fast enough. */
static bool travel(eventure_log *log, const eventure_reducer *reducer, void *with, void *from_start, int64_t every,
                   const int64_t *ticks, size_t count, double factor)
{
    eventure_reader *reader = NULL;
    double *seconds = calloc(count, sizeof *seconds);
    if (seconds == NULL)
        fail("memory", "there is none");
    build_snapshots(log, reducer, with, every);
    if (eventure_reader_open(PATH, &reader) != EVENTURE_OK)
        fail("open", eventure_reader_message(reader));
    size_t differ = compare_states(reader, reducer, with, from_start, ticks, count, seconds);
    double at_tick = median(seconds, count);
    double full = time_full_fold(reader, reducer, with);
    printf("%s: %zu states, %zu differ; at a random tick %.3f ms, full fold %.3f ms (medians), ratio %.0f\n",
           reducer->name, count, differ, at_tick * 1e3, full * 1e3, full / at_tick);
    eventure_reader_close(reader);
    free(seconds);
    return differ == 0 && full / at_tick >= factor;
}

int main(int argc, char **argv)
{
    int64_t events = argc > 1 ? atoll(argv[1]) : 20000;
    size_t count = argc > 2 ? (size_t)atoll(argv[2]) : 200;
    double factor = argc > 3 ? atof(argv[3]) : 0;
    uint64_t seed = 88172645463325252U;
    ledger states[2];
    eventure_projection *projections[2] = {NULL, NULL};
    int64_t *ticks = calloc(count, sizeof *ticks);
    if (events < 100 || count < 1 || ticks == NULL)
        fail("arguments", "at least 100 events and 1 tick");
    remove_store();
    eventure_log *log = write_history(events, &seed);
    for (size_t i = 0; i < count; i++)
        ticks[i] = (int64_t)harness_random(&seed, (uint64_t)eventure_log_tick(log));
    qsort(ticks, count, sizeof *ticks, compare_ticks);
    bool is_good = travel(log, &ledger_reducer, &states[0], &states[1], events / 100, ticks, count, factor);
    for (size_t i = 0; i < 2; i++)
        if (eventure_projection_parse("projection.sql", projection_text, sizeof projection_text - 1, NULL,
                                      &projections[i]) != EVENTURE_OK)
            fail("projection", eventure_projection_message(projections[i]));
    is_good = travel(log, eventure_projection_reducer(projections[0]), projections[0], projections[1], events / 100,
                     ticks, count, factor) &&
              is_good;
    eventure_projection_close(projections[0]);
    eventure_projection_close(projections[1]);
    free(ticks);
    if (eventure_log_close(log) != EVENTURE_OK)
        return 2;
    remove_store();
    return is_good ? 0 : 1;
}
