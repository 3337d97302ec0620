/*
 * Damages a store at random: flips and overwrites bytes, swaps, copies and blanks pages, shortens or lengthens the
 * file. Every query of the damaged file must end in time with a result or an error. When a result differs from that of
 * the undamaged store, verify must have found the damage.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <eventure/eventure.h>

#include "harness.h"
#include "history.h"
#include "ledger.h"

#define STORE "damage.db"
#define PAGE 4096
#define TICKS 24
#define BATCH 250
#define MARKS (1 << 22)
#define SECONDS_A_BATCH 300
#if defined(EVENTURE_ADDRESS_SANITIZER)
#define DAMAGES 12000 /* a sanitizer makes each about three times as slow */
#else
#define DAMAGES 20000
#endif

/* Counters in memory that the processes of the batches share. */
typedef struct counts
{
    long damages;
    long different; /* damaged files that differ from all earlier ones, as far as the marks show */
    long refused;   /* files that could not be opened */
    long found;     /* damages that verify found */
    long harmless;  /* files with unchanged results in which verify found nothing */
    long repaired;  /* the number of events that repair saved */
    uint64_t seed;  /* the seed of the current damage */
    unsigned char marks[MARKS / 8];
} counts;

typedef struct image
{
    unsigned char *bytes;
    long len;
    char *answers;
    size_t answers_len;
} image;

static counts *seen;
static bool verifies = true; /* false is a deliberate defect: only SQLite's quick check runs */

/* Writes the results of all queries, and the errors of those that fail, as text. */
static void ask_events(eventure_reader *reader, const eventure_filter *filter, FILE *out)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    eventure_status status = eventure_query(reader, filter, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
        fprintf(out, "%lld %lld %.17g %s %s %s %s %lld\n", (long long)event.seq, (long long)event.tick, event.timestamp,
                event.type, event.data, event.id, event.parent_id != NULL ? event.parent_id : "-",
                (long long)event.parent_seq);
    fprintf(out, "status %d\n", status);
    eventure_cursor_free(cursor);
}

/* Queries that use the indexes on data. */
static void ask_values(eventure_reader *reader, FILE *out)
{
    for (int value = 0; value < 9; value++)
    {
        const eventure_field n = eventure_int("n", value);
        const eventure_field of = eventure_int("of", value);
        eventure_filter filter = EVENTURE_FILTER_INIT;
        filter.data = &n;
        filter.data_count = 1;
        ask_events(reader, &filter, out);
        filter.data = &of;
        filter.type = "sensor.*";
        ask_events(reader, &filter, out);
    }
}

static int count_type(const char *type, int64_t count, void *context)
{
    fprintf(context, "%s: %lld\n", type, (long long)count);
    return 0;
}

static char *ask(eventure_reader *reader, size_t *out_len)
{
    char *text = NULL;
    int64_t number = 0;
    eventure_digests digests;
    eventure_status status = EVENTURE_OK;
    FILE *out = open_memstream(&text, out_len);
    must(out != NULL, "out of memory");
    eventure_filter filter = EVENTURE_FILTER_INIT;
    fprintf(out, "tick %d", eventure_reader_tick(reader, &number));
    fprintf(out, " %lld\n", (long long)number);
    ask_events(reader, &filter, out);
    filter.type = "sensor.*";
    ask_events(reader, &filter, out);
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.roots = true;
    filter.tick_min = 5;
    filter.tick_end = 13;
    ask_events(reader, &filter, out);
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.cascade_of = "far-1";
    ask_events(reader, &filter, out);
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.children_of = "far-1";
    ask_events(reader, &filter, out);
    ask_values(reader, out);
    fprintf(out, "status %d\n", eventure_query_count_by_type(reader, count_type, out));
    ledger state = {0};
    status = eventure_replay_at(reader, &ledger_reducer, &state, 17, NULL);
    fprintf(out, "status %d, state %lld %llu\n", status, (long long)state.events, (unsigned long long)state.mixed);
    fprintf(out, "digest %d", eventure_store_digest(reader, EVENTURE_TICK_NEWEST, &digests));
    fprintf(out, " %s %s\n", digests.run, digests.full);
    fprintf(out, "cascade %d\n", eventure_cascade_print(reader, out, NULL));
    fclose(out);
    return text;
}

/* --- the damage --- */

/* Changes the image. Returns its new length. */
static long damage(uint64_t *seed, unsigned char *bytes, long len)
{
    long pages = len / PAGE;
    unsigned char *one = bytes + (long)harness_random(seed, (uint64_t)pages) * PAGE;
    unsigned char *two = bytes + (long)harness_random(seed, (uint64_t)pages) * PAGE;
    unsigned char kept[PAGE];
    uint64_t count = 1 + harness_random(seed, 16);
    switch (harness_random(seed, 12))
    {
    case 0:
        memcpy(kept, one, PAGE);
        memcpy(one, two, PAGE);
        memcpy(two, kept, PAGE);
        return len;
    case 1:
        memcpy(one, two, PAGE);
        return len;
    case 2:
        return (long)harness_random(seed, (uint64_t)len);
    case 3:
        memset(one, harness_random(seed, 2) == 0 ? 0 : 0xFF, PAGE);
        return len;
    case 4:
        return len - PAGE * (long)(1 + harness_random(seed, 3));
    case 5: /* a change of the header of a page affects the whole page */
        for (uint64_t i = 0; i < count; i++)
            one[harness_random(seed, 110)] = (unsigned char)harness_random(seed, 256);
        return len;
    case 6:
        for (uint64_t i = 0; i < count * 4; i++)
            one[harness_random(seed, PAGE)] = (unsigned char)harness_random(seed, 256);
        return len;
    case 7:
        for (uint64_t i = 0, at = harness_random(seed, (uint64_t)len - 64); i < count * 4; i++)
            bytes[at + i % 64] = (unsigned char)harness_random(seed, 256);
        return len;
    default:
        bytes[harness_random(seed, (uint64_t)len)] ^= (unsigned char)(1U << harness_random(seed, 8));
        return len;
    }
}

/* Whether verify finds no damage. */
static bool is_sound(eventure_reader *reader)
{
    eventure_verify_report report;
    eventure_verify_options options = EVENTURE_VERIFY_OPTIONS_INIT;
    ledger state = {0};
    const eventure_reducer_state reducer = {sizeof(eventure_reducer_state), &ledger_reducer, &state};
    options.quick = !verifies;
    options.reducers = &reducer;
    options.reducers_count = 1;
    eventure_status status = eventure_store_verify(reader, &options, &report);
    must(status <= 0, "verify answers %d", status);
    if (status != EVENTURE_OK)
        must(eventure_reader_message(reader)[0] != '\0', "%s without a text", eventure_status_name(status));
    else
        must(report.is_sound == (report.problem[0] == '\0'), "sound: %d, but the problem is '%s'", report.is_sound,
             report.problem);
    return status == EVENTURE_OK && report.is_sound;
}

/* Repairs the damaged store into a new store, which must be sound. */
static void repair(eventure_reader *reader)
{
    eventure_repair_report report;
    char problem[HISTORY_PROBLEM] = "";
    eventure_reader *repaired = NULL;
    harness_remove("repaired.db");
    if (eventure_store_repair(reader, "repaired.db", NULL, &report) != EVENTURE_OK)
        return;
    seen->repaired += report.events;
    eventure_status status = eventure_reader_open("repaired.db", &repaired);
    if (status == EVENTURE_OK && !is_sound(repaired))
        snprintf(problem, sizeof problem, "not sound");
    eventure_reader_close(repaired);
    must(status == EVENTURE_OK && problem[0] == '\0', "what repair made: %s %s", eventure_status_name(status), problem);
    harness_remove("repaired.db");
}

/* Counts a damaged file unless an equal one was counted before: a sequence of random numbers that repeats would test
 * little. */
static void mark(const unsigned char *bytes, long len)
{
    uint64_t mixed = 0xCBF29CE484222325U ^ (uint64_t)len;
    for (long i = 0; i + 8 <= len; i += 8)
    {
        uint64_t word = 0;
        memcpy(&word, bytes + i, sizeof word);
        mixed = (mixed ^ word) * 0x9E3779B97F4A7C15U;
        mixed ^= mixed >> 29;
    }
    uint64_t at = mixed % MARKS;
    unsigned char bit = (unsigned char)(1U << (at % 8));
    seen->different += (seen->marks[at / 8] & bit) == 0;
    seen->marks[at / 8] |= bit;
}

/* Damages the store once, and runs all queries on it. */
static void damage_once(const image *whole, unsigned char *bytes, uint64_t seed)
{
    eventure_reader *reader = NULL;
    seen->seed = seed;
    memcpy(bytes, whole->bytes, (size_t)whole->len);
    long len = damage(&seed, bytes, whole->len);
    harness_remove(STORE);
    harness_store(STORE, bytes, len);
    seen->damages++;
    mark(bytes, len);
    eventure_status status = eventure_reader_open(STORE, &reader);
    if (status != EVENTURE_OK)
    {
        must(eventure_reader_message(reader)[0] != '\0', "refused without a text");
        seen->refused++;
        eventure_reader_close(reader);
        return;
    }
    size_t answers_len = 0;
    char *answers = ask(reader, &answers_len);
    bool same = answers_len == whole->answers_len && memcmp(answers, whole->answers, answers_len) == 0;
    bool sound = is_sound(reader);
    seen->found += !sound;
    seen->harmless += sound && same;
    if (harness_random(&seed, 8) == 0)
        repair(reader);
    eventure_reader_close(reader);
    if (sound && !same)
        harness_store("unnoticed.db", bytes, len);
    must(same || !sound, "verify finds nothing, but the answers differ: see unnoticed.db");
    free(answers);
}

/* --- the batches --- */

static void batch(const image *whole, uint64_t seed)
{
    unsigned char *bytes = malloc((size_t)whole->len + 64);
    must(bytes != NULL, "out of memory");
    alarm(SECONDS_A_BATCH);
    for (int i = 0; i < BATCH; i++)
        damage_once(whole, bytes, ledger_fork(&seed));
    free(bytes);
}

static void run_batch(const image *whole, uint64_t seed)
{
    int result = 0;
    fflush(NULL);
    pid_t child = fork();
    must(child >= 0, "cannot fork");
    if (child == 0)
    {
        batch(whole, seed);
        exit(0); /* not _exit, so that the leak sanitizer runs */
    }
    must(waitpid(child, &result, 0) == child, "cannot wait");
    must(WIFEXITED(result) && WEXITSTATUS(result) == 0, "%s with the seed %llu",
         WIFSIGNALED(result) && WTERMSIG(result) == SIGALRM ? "an endless loop" : "a crash or an error",
         (unsigned long long)seen->seed);
}

/* Makes a store with all kinds of content: explicit ids, parents outside the store and in other ticks, overflow pages,
 * indexes, snapshots. */
static void make_whole(image *whole)
{
    history past = {0};
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    eventure_reader *reader = NULL;
    options.sync = EVENTURE_SYNC_OFF;
    harness_remove(STORE);
    must(history_open(&past, STORE, &options, &log) == EVENTURE_OK, "%s", eventure_log_message(log));
    must(eventure_data_index_add(log, "n", NULL, NULL) == EVENTURE_OK &&
             eventure_data_index_add(log, "of", "sensor.*", NULL) == EVENTURE_OK,
         "%s", eventure_log_message(log));
    for (int i = 0; i < TICKS; i++)
    {
        must(history_tick(&past, log) == EVENTURE_OK, "%s", eventure_log_message(log));
        char line[256];
        snprintf(line, sizeof line,
                 "{\"tick\": %d, \"timestamp\": 1.5, \"type\": \"far.away\", \"data\": {\"n\": %d}, "
                 "\"event_id\": \"far-%d\", \"parent_id\": \"%s-%d\"}\n",
                 i + 1, i, i, i > 1 ? "far" : "outside", i - 1);
        FILE *in = fmemopen(line, strlen(line), "r");
        eventure_import_options how = EVENTURE_IMPORT_OPTIONS_INIT;
        how.external_parents = true;
        must(in != NULL && eventure_log_import(log, in, &how, NULL) == EVENTURE_OK, "%s", eventure_log_message(log));
        fclose(in);
    }
    eventure_snapshot_build_options snapshots = EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT;
    eventure_snapshot_policy snapshots_policy = EVENTURE_SNAPSHOT_POLICY_INIT;
    snapshots.policy = &snapshots_policy;
    ledger state = {0};
    snapshots_policy.every_ticks = 5;
    must(eventure_snapshot_build(log, &ledger_reducer, &state, &snapshots, NULL) == EVENTURE_OK, "%s",
         eventure_log_message(log));
    must(eventure_log_close(log) == EVENTURE_OK, "close");
    whole->bytes = harness_load(STORE, &whole->len);
    must(eventure_reader_open(STORE, &reader) == EVENTURE_OK && is_sound(reader), "the store is not sound");
    whole->answers = ask(reader, &whole->answers_len);
    must(strstr(whole->answers, "status -") == NULL, "a question about the whole store fails");
    eventure_reader_close(reader);
}

/* The test of the test: a verify that checks only the structure of the file misses damages, which this test must
 * notice. */
static void damage_without_digests(void *context)
{
    verifies = false;
    batch(context, 7);
}

int main(void)
{
    image whole = {0};
    uint64_t seed = harness_seed();
    harness_enter();
    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(seen != MAP_FAILED, "no shared memory");
    make_whole(&whole);
    must(harness_notices(damage_without_digests, &whole), "a verify without a look at events was not noticed");
    harness_say("test-damage", "a verify that looks at the structure only: noticed");
    memset(seen, 0, sizeof *seen);
    for (long round = 0; harness_more(round, DAMAGES / BATCH); round++)
        run_batch(&whole, ledger_fork(&seed));
    must(seen->found > 0 && seen->harmless > 0 && seen->refused > 0, "too little variety");
    must(seen->different * 2 > (seen->damages < MARKS / 8 ? seen->damages : MARKS / 8),
         "only %ld of %ld damages are different", seen->different, seen->damages);
    harness_say("damage",
                "%ld flips, cuts and swaps of pages, %ld different: %ld refused, %ld found by verify, %ld harmless; "
                "unnoticed changes: 0",
                seen->damages, seen->different, seen->refused, seen->found, seen->harmless);
    harness_remove(STORE);
    remove("unnoticed.db");
    free(whole.bytes);
    free(whole.answers);
    harness_leave();
    return 0;
}
