/*
 * Each allocation of the library and of SQLite fails, one after the other, until the work runs without a failure; in a
 * second run all later allocations fail too. Each call must return "out of memory" or succeed, the store must be sound,
 * and no memory may leak (according to the leak sanitizer and SQLite's own count).
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/eventure.h>

#include "alloc_fail.h"
#include "harness.h"
#include "history.h"
#include "ledger.h"
#include "sqlite_memory.h"

#define STORE "memory.db"
#define OTHER "memory-other.db"
#define TICKS 6

static char *lines; /* the lines of the exported store, for imports */
static size_t lines_len;

static eventure_status first(eventure_status a, eventure_status b)
{
    return a < 0 ? a : b;
}

/* Appends an event that is larger than the queue, and rolls it back. */
static eventure_status write_long(eventure_log *log)
{
    static char data[40000];
    memset(data, 'x', sizeof data - 1);
    memcpy(data, "{\"x\":\"", 6);
    memcpy(data + sizeof data - 3, "\"}", 2);
    eventure_status status = eventure_log_append(log, "long", eventure_json(data), NULL, NULL);
    return status == EVENTURE_OK ? eventure_log_rollback(log) : status;
}

static eventure_status write_log(bool background)
{
    history past = {.remembers = background};
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.sync = EVENTURE_SYNC_OFF;
    options.background = background;
    options.queue_bytes = 65536;
    eventure_status status = history_open(&past, STORE, &options, &log);
    if (status < 0)
        must(eventure_log_message(log)[0] != '\0', "no text");
    for (int i = 0; i < TICKS && status == EVENTURE_OK; i++)
        status = history_tick(&past, log);
    if (status == EVENTURE_OK)
        status = write_long(log);
    /* A call that fails before it writes keeps the earlier events, and closing would commit them. */
    if (status < 0)
        eventure_log_rollback(log);
    return first(status, eventure_log_close(log));
}

static eventure_status do_log(void)
{
    return write_log(false);
}

/* A later call, at the latest closing, reports that the thread ran out of memory. */
static eventure_status do_background(void)
{
    return write_log(true);
}

static eventure_status do_import(void)
{
    history past = {0};
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    FILE *in = fmemopen(lines, lines_len, "r");
    if (in == NULL)
        return EVENTURE_ERROR_MEMORY;
    options.sync = EVENTURE_SYNC_OFF;
    eventure_status status = history_open(&past, OTHER, &options, &log);
    if (status == EVENTURE_OK)
        status = eventure_log_import(log, in, NULL, NULL);
    fclose(in);
    return first(status, eventure_log_close(log));
}

static eventure_status export_to(eventure_reader *reader)
{
    FILE *out = fopen("/dev/null", "w");
    if (out == NULL)
        return EVENTURE_ERROR_MEMORY;
    eventure_status status = eventure_store_export(reader, out, NULL, NULL);
    if (status == EVENTURE_OK)
        status = eventure_cascade_print(reader, out, NULL);
    fclose(out);
    return status;
}

static int ignore_count(const char *type, int64_t count, void *context)
{
    (void)type;
    (void)count;
    (void)context;
    return 0;
}

static eventure_status do_query(eventure_reader *reader)
{
    eventure_filter filter = EVENTURE_FILTER_INIT;
    const eventure_field member = eventure_int("n", 1);
    char *text = NULL;
    eventure_status status = EVENTURE_OK;
    for (int i = 0; i < 6 && status >= 0; i++)
    {
        eventure_cursor *cursor = NULL;
        eventure_event event;
        filter = (eventure_filter)EVENTURE_FILTER_INIT;
        filter.type = i == 1 ? "sensor.*" : i == 2 ? "order.placed" : NULL;
        filter.data = &member;
        filter.data_count = i == 3 ? 1 : 0;
        filter.cascade_of = i == 4 ? "1-EDAE-1" : NULL;
        filter.roots = i == 5;
        status = eventure_query(reader, &filter, &cursor);
        if (status == EVENTURE_ERROR_NOT_FOUND && i == 4)
            status = EVENTURE_OK;
        while (cursor != NULL && status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
            continue;
        eventure_cursor_free(cursor);
    }
    if (status >= 0)
        status = eventure_query_explain(reader, &filter, &text);
    eventure_free(text);
    return status == EVENTURE_OK ? eventure_query_count_by_type(reader, ignore_count, NULL) : status;
}

static eventure_status do_verify(eventure_reader *reader)
{
    eventure_verify_report report;
    eventure_difference difference = {.differ = false};
    eventure_digests digests;
    eventure_verify_options options = EVENTURE_VERIFY_OPTIONS_INIT;
    ledger state = {0};
    const eventure_reducer_state reducer = {sizeof(eventure_reducer_state), &ledger_reducer, &state};
    options.reducers = &reducer;
    options.reducers_count = 1;
    eventure_status status = eventure_store_verify(reader, &options, &report);
    if (status == EVENTURE_OK)
        must(report.is_sound && report.snapshots == 1, "without memory: %s", report.problem);
    if (status == EVENTURE_OK)
        status = eventure_store_digest(reader, 3, &digests);
    if (status == EVENTURE_OK)
        status = eventure_store_diff(reader, reader, &difference);
    eventure_difference_clear(&difference);
    return status;
}

static eventure_status do_repair(eventure_reader *reader)
{
    eventure_repair_report report;
    eventure_status status = eventure_store_repair(reader, OTHER, NULL, &report);
    if (status == EVENTURE_OK)
        must(report.lost_ticks == 0, "without memory: %s", report.first_loss);
    return status;
}

static eventure_status do_replay(eventure_reader *reader)
{
    ledger state = {0};
    eventure_status status = eventure_replay_ticks(reader, &ledger_reducer, &state, 0, 0);
    return status == EVENTURE_OK ? eventure_replay_at(reader, &ledger_reducer, &state, 3, NULL) : status;
}

static eventure_status do_session(eventure_reader *reader)
{
    eventure_status status = eventure_store_fork_at_tick(reader, OTHER, 3, NULL);
    if (status == EVENTURE_OK)
    {
        harness_remove(OTHER);
        status = eventure_store_copy(reader, OTHER, NULL);
    }
    return status;
}

static int hear(const eventure_event *event, void *context)
{
    (void)event;
    (void)context;
    return 0;
}

static eventure_status do_bus(void)
{
    eventure_log *log = NULL;
    eventure_bus *bus = NULL;
    eventure_event event = {0};
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.sync = EVENTURE_SYNC_OFF;
    eventure_status status = eventure_log_open(OTHER, &options, &log);
    if (status == EVENTURE_OK)
        status = eventure_bus_new(log, NULL, &bus);
    if (status == EVENTURE_OK)
        status = eventure_bus_subscribe(bus, "a.*", hear, NULL, NULL);
    if (status == EVENTURE_OK)
        status = eventure_bus_publish(bus, "a.b", eventure_json("{\"x\":[1,2,3]}"), NULL, &event.seq);
    if (status == EVENTURE_OK)
        status = eventure_bus_publish(bus, "a.c", eventure_no_data(), &event, NULL);
    eventure_bus_free(bus);
    return first(status, eventure_log_close(log));
}

/* Runs work on a reader of the existing store. */
static eventure_status with_reader(eventure_status (*work)(eventure_reader *reader))
{
    eventure_reader *reader = NULL;
    eventure_status status = eventure_reader_open(STORE, &reader);
    if (status == EVENTURE_OK)
        status = work(reader);
    if (status < 0)
        must(eventure_reader_message(reader)[0] != '\0', "%s without a text", eventure_status_name(status));
    if (status < 0 && status != EVENTURE_ERROR_MEMORY)
        fprintf(stderr, "%s\n", eventure_reader_message(reader));
    eventure_reader_close(reader);
    return status;
}

typedef struct workload
{
    const char *name;
    eventure_status (*alone)(void);
    eventure_status (*with_reader)(eventure_reader *reader);
    bool makes_store; /* starts without a store */
} workload;

static const workload workloads[] = {
    {"log", do_log, NULL, true},        {"query", NULL, do_query, false},
    {"export", NULL, export_to, false}, {"import", do_import, NULL, false},
    {"verify", NULL, do_verify, false}, {"repair", NULL, do_repair, false},
    {"replay", NULL, do_replay, false}, {"session", NULL, do_session, false},
    {"bus", do_bus, NULL, false},       {"background", do_background, NULL, true},
};

/* --- Deliberate defects --- */

/* Treats a tick as committed even when the log returned an error. */
static eventure_status do_log_without_looking(void)
{
    history past = {0};
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.sync = EVENTURE_SYNC_OFF;
    eventure_status status = history_open(&past, STORE, &options, &log);
    for (int i = 0; i < TICKS && status == EVENTURE_OK; i++)
        if (history_tick(&past, log) != EVENTURE_OK)
            eventure_log_rollback(log);
    return first(status, eventure_log_close(log));
}

/* Leaks its memory after an error. */
static eventure_status do_query_and_leak(eventure_reader *reader)
{
    void *held = sqlite3_malloc(100);
    eventure_status status = held != NULL ? do_query(reader) : EVENTURE_ERROR_MEMORY;
    if (status == EVENTURE_OK)
        sqlite3_free(held);
    return status;
}

static const workload swallowing = {"swallow", do_log_without_looking, NULL, true};
static const workload leaking = {"leak", NULL, do_query_and_leak, false};

static eventure_status run(const workload *work)
{
    return work->alone != NULL ? work->alone() : with_reader(work->with_reader);
}

/* Checks that the store does not exist yet, or has complete ticks only and can be continued. */
static void check_store(const workload *work, long n, bool done)
{
    char problem[HISTORY_PROBLEM] = "";
    int64_t ticks = 0;
    eventure_reader *reader = NULL;
    eventure_status status = eventure_reader_open(STORE, &reader);
    eventure_reader_close(reader);
    if (work->makes_store && !done && (status == EVENTURE_ERROR_NOT_FOUND || status == EVENTURE_ERROR_FORMAT))
        return;
    must(history_check_file(STORE, &ticks, problem), "%s, allocation %ld: %s", work->name, n, problem);
    must(!done || ticks == TICKS, "%s, allocation %ld: %lld ticks", work->name, n, (long long)ticks);
}

/* Runs a workload repeatedly, and fails each allocation in turn. */
static long fail_each(const workload *work, bool on, long *out_tolerated)
{
    bool hit = true;
    long tries = 0;
    const int64_t began = harness_now_ms();
    sqlite3_int64 before = sqlite3_memory_used();
    /* When there are many allocations, the later ones are similar: all of them fail only while soaking. */
    const long similar = harness_is_short() ? 20 : on ? 40 : 100;
    for (long n = 1; hit; n += harness_exhaustive(began) ? 1 : 1 + n / similar)
    {
        tries++;
        harness_remove(OTHER);
        if (work->makes_store)
            harness_remove(STORE);
        if (on)
            alloc_fail_from(n);
        else
            alloc_fail_at(n);
        eventure_status status = run(work);
        hit = alloc_fail_stop();
        must(status == EVENTURE_OK || (hit && status == EVENTURE_ERROR_MEMORY), "%s, allocation %ld: %s", work->name, n,
             eventure_status_name(status));
        must(sqlite3_memory_used() == before, "%s, allocation %ld: SQLite has %lld bytes more", work->name, n,
             (long long)(sqlite3_memory_used() - before));
        *out_tolerated += hit && status == EVENTURE_OK;
        if (work->makes_store || n % 16 == 0)
            check_store(work, n, status == EVENTURE_OK);
    }
    return tries;
}

/* The test of the test: fails the allocations of a defect. */
static void fail_defect(void *context)
{
    long tolerated = 0;
    fail_each(context, false, &tolerated);
}

/* Adds an index on data and a snapshot, so that each workload uses them. */
static void derive(void)
{
    eventure_log *log = NULL;
    ledger state = {0};
    must(eventure_log_open(STORE, NULL, &log) == EVENTURE_OK &&
             eventure_data_index_add(log, "n", NULL, NULL) == EVENTURE_OK &&
             eventure_snapshot_take(log, &ledger_reducer, &state) == EVENTURE_OK,
         "%s", eventure_log_message(log));
    must(eventure_log_close(log) == EVENTURE_OK, "close");
}

static void prepare(void)
{
    FILE *out = open_memstream(&lines, &lines_len);
    eventure_reader *reader = NULL;
    harness_remove(STORE);
    must(out != NULL && do_log() == EVENTURE_OK && eventure_reader_open(STORE, &reader) == EVENTURE_OK &&
             eventure_store_export(reader, out, NULL, NULL) == EVENTURE_OK,
         "cannot prepare");
    eventure_reader_close(reader);
    fclose(out);
    derive();
}

static void test_defects(void)
{
    workload defect = swallowing;
    prepare();
    must(harness_notices(fail_defect, &defect), "a result that the caller ignored was not noticed");
    defect = leaking;
    must(harness_notices(fail_defect, &defect), "what was left behind was not noticed");
    harness_say("test-memory", "the answer of a tick ignored, and memory left behind after an error: noticed");
    harness_remove(STORE);
    free(lines);
}

int main(void)
{
    long all = 0;
    long tolerated = 0;
    sqlite_memory_from_malloc();
    harness_enter();
    test_defects();
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
    {
        if (i > 0)
            harness_remove(STORE);
        prepare();
        long single = fail_each(&workloads[i], false, &tolerated);
        long on = fail_each(&workloads[i], true, &tolerated);
        printf("%-8s %6ld allocations failed, %ld with all after them\n", workloads[i].name, single, on);
        all += single + on;
        free(lines);
    }
    harness_say("memory", "%ld allocations in 10 workloads, of which %ld were done without; leaks: 0, losses: 0", all,
                tolerated);
    harness_remove(STORE);
    harness_remove(OTHER);
    harness_leave();
    return 0;
}
