/*
 * Each operation of the library, while a call below it fails: an allocation of the library or of SQLite, a disk call of
 * SQLite, a system call of the library, or its call of SQLite. Each of these calls fails in turn, until the operation
 * runs without a failure. The operation must return a fitting error with a text and leave no files behind, the history
 * must be unchanged, and the operation must then succeed.
 *
 *     crash_operations [NAME]     that operation; all of them without a name
 */
#include <dirent.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/eventure.h>

#include "alloc_fail.h"
#include "fault_kinds.h"
#include "fault_vfs.h"
#include "harness.h"
#include "operation_list.h"
#include "sqlite_fail.h"
#include "sqlite_memory.h"
#include "system_fail.h"

/* For each kind of fault the number of first calls of which each fails; of the later ones a sample, or all while
 * soaking.
 */
static const long all_up_to[FAULT_KINDS] = {40, 10000, 10, 40, 10, 1000, 1000, 10000, 10000};

static unsigned char *image; /* the file of the prepared store */
static long image_len;
static eventure_digests before;

/* Restores the prepared store, and removes all files beside it. */
static void restore(void)
{
    operations_clear();
    harness_remove(OPERATION_STORE);
    harness_store(OPERATION_STORE, image, image_len);
}

/* Opens the store and runs the operation. The fault is active from the end of the opening to the end of the
 * operation. */
static eventure_status run(const operation *what, const fault_kind *broken, long n, bool *out_hit)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    eventure_reader *reader = NULL;
    options.sync = EVENTURE_SYNC_OFF;
    if (what->on_log != NULL)
        must(eventure_log_open(OPERATION_STORE, &options, &log) == EVENTURE_OK, "%s, %ld of %s: %s", what->name, n,
             broken->name, eventure_log_message(log));
    else
        must(eventure_reader_open(OPERATION_STORE, &reader) == EVENTURE_OK, "%s, %ld of %s: %s", what->name, n,
             broken->name, eventure_reader_message(reader));
    operations_may_lose = n > 0 && (broken->place == FAULT_ON_DISK || broken->place == FAULT_IN_SQLITE);
    if (n > 0)
        broken->begin(n);
    eventure_status status = log != NULL ? what->on_log(log) : what->on_reader(reader);
    *out_hit = n > 0 && broken->end();
    if (status < 0 && (!*out_hit || !broken->fits(status)))
        fprintf(stderr, "%s\n", log != NULL ? eventure_log_message(log) : eventure_reader_message(reader));
    const char *text = log != NULL ? eventure_log_message(log) : eventure_reader_message(reader);
    must(n > 0 || status < 0 || text[0] == '\0', "%s succeeded with the message %s", what->name, text);
    /* Events of a failed operation must not be committed by closing. */
    if (status < 0 && log != NULL)
        eventure_log_rollback(log);
    eventure_reader_close(reader);
    eventure_log_close(log);
    return status;
}

/* Checks that the store is sound, and that its history is the prepared one or continues it. */
static void check_store(const operation *what, const fault_kind *broken, long n)
{
    eventure_reader *reader = NULL;
    eventure_verify_report report;
    eventure_digests now;
    must(eventure_reader_open(OPERATION_STORE, &reader) == EVENTURE_OK &&
             eventure_store_verify(reader, NULL, &report) == EVENTURE_OK,
         "%s, %ld of %s: %s", what->name, n, broken->name, eventure_reader_message(reader));
    must(report.is_sound, "%s, %ld of %s: %s", what->name, n, broken->name, report.problem);
    must(eventure_store_digest(reader, before.tick, &now) == EVENTURE_OK && strcmp(now.full, before.full) == 0,
         "%s, %ld of %s: another history", what->name, n, broken->name);
    must(what->appends ||
             (eventure_store_digest(reader, EVENTURE_TICK_NEWEST, &now) == EVENTURE_OK && now.seq == before.seq),
         "%s, %ld of %s: more events", what->name, n, broken->name);
    eventure_reader_close(reader);
}

/* Counts the files whose names begin with the name of the new file and a dash or a dot. */
static int count_temporaries(void)
{
    const size_t len = strlen(OPERATION_OTHER);
    const struct dirent *entry;
    int count = 0;
    DIR *directory = opendir(".");
    must(directory != NULL, "cannot look into the directory");
    while ((entry = readdir(directory)) != NULL)
        count += strncmp(entry->d_name, OPERATION_OTHER, len) == 0 && strcmp(entry->d_name + len, "-new") == 0;
    closedir(directory);
    return count;
}

/* Checks that no incomplete file has a name that a user would open. */
static void check_rest(const operation *what, const fault_kind *broken, long n)
{
    eventure_reader *reader = NULL;
    eventure_status status = eventure_reader_open(OPERATION_OTHER, &reader);
    eventure_reader_close(reader);
    must(strcmp(what->name, "project") == 0 || status == EVENTURE_OK || status == EVENTURE_ERROR_NOT_FOUND,
         "%s, %ld of %s: what was made is %s", what->name, n, broken->name, eventure_status_name(status));
}

/* Whether the operation may succeed although a call failed. */
static bool may_ignore(const operation *what, const fault_kind *broken)
{
    /* A state that cannot follow a rollback is computed again at the next event, or at the end of the next tick. */
    bool result =
        fault_may_be_ignored(broken) || strcmp(what->name, "fold") == 0 || strcmp(what->name, "snapshotter") == 0;
    /* Repair loses the parts of a damaged store that it cannot read, and the operations check its report; it must
     * report what it cannot write. */
    static const char *const writes[] = {"INSERT", "CREATE", "DELETE", "BEGIN", "COMMIT"};
    bool may_lose = strncmp(what->name, "repair", 6) == 0;
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++)
        may_lose = may_lose && strncmp(sqlite_fail_sql(), writes[i], strlen(writes[i])) != 0;
    return result || may_lose;
}

static long fail_each(const operation *what, const fault_kind *broken)
{
    const int64_t began = harness_now_ms();
    long tries = 0;
    bool hit = true;
    bool every = harness_exhaustive(began);
    for (long n = 1; hit;
         n += every || n < all_up_to[broken - fault_kinds] ? 1 : 1 + n / 8, every = harness_exhaustive(began))
    {
        bool none;
        restore();
        sqlite3_int64 used = sqlite3_memory_used();
        eventure_status status = run(what, broken, n, &hit);
        const bool fits = status == EVENTURE_OK || (hit && broken->fits(status));
        const bool is_ignored = hit && status == EVENTURE_OK && !may_ignore(what, broken);
        if (is_ignored || !fits)
            fault_print(broken);
        must(fits, "%s, %ld of %s: %s", what->name, n, broken->name, eventure_status_name(status));
        must(!is_ignored, "%s, %ld of %s: the failure was not reported", what->name, n, broken->name);
        must(sqlite3_memory_used() == used, "%s, %ld of %s: SQLite has %lld bytes more", what->name, n, broken->name,
             (long long)(sqlite3_memory_used() - used));
        if (every || what->appends || n % 8 == 0)
            check_store(what, broken, n);
        check_rest(what, broken, n);
        /* Removing a temporary file is a system call, which can be the failing one. */
        must(count_temporaries() == 0 || broken->place == FAULT_IN_SYSTEM, "%s, %ld of %s: a temporary file is left",
             what->name, n, broken->name);
        if (status < 0 || (count_temporaries() > 0 && strcmp(what->name, "archive") != 0))
        {
            if (strcmp(what->name, "archive") != 0)
                operations_clear();
            status = run(what, broken, 0, &none);
            must(status == EVENTURE_OK, "%s, after %ld of %s: %s", what->name, n, broken->name,
                 eventure_status_name(status));
            must(count_temporaries() == 0, "%s, after %ld of %s: a temporary file stays", what->name, n, broken->name);
        }
        tries += hit;
    }
    return tries;
}

int main(int argc, char **argv)
{
    long all = 0;
    int done = 0;
    eventure_reader *reader = NULL;
    sqlite_memory_from_malloc();
    harness_enter();
    fault_vfs_install();
    operations_prepare();
    image = harness_load(OPERATION_STORE, &image_len);
    must(eventure_reader_open(OPERATION_STORE, &reader) == EVENTURE_OK &&
             eventure_store_digest(reader, EVENTURE_TICK_NEWEST, &before) == EVENTURE_OK,
         "cannot prepare");
    eventure_reader_close(reader);
    for (size_t i = 0; i < operations_count; i++)
    {
        bool none;
        if (argc > 1 && strcmp(argv[1], operations[i].name) != 0)
            continue;
        restore();
        must(run(&operations[i], &fault_kinds[0], 0, &none) == EVENTURE_OK, "%s fails", operations[i].name);
        printf("%-14s", operations[i].name);
        for (size_t f = 0; f < FAULT_KINDS; f++)
        {
            long tries = fail_each(&operations[i], &fault_kinds[f]);
            printf("  %s: %ld", fault_kinds[f].name, tries);
            fflush(stdout);
            all += tries;
        }
        printf("\n");
        done++;
    }
    fault_vfs_remove();
    must(done > 0, "no operation has the name %s", argv[1]);
    char name[64];
    snprintf(name, sizeof name, argc > 1 ? "operation-%s" : "operations", argc > 1 ? argv[1] : "");
    harness_say(name, "%ld failures below %d operations; leaks: 0, losses: 0", all, done);
    operations_clear();
    harness_remove(OPERATION_STORE);
    harness_remove(OPERATION_OTHER_HISTORY);
    harness_remove(OPERATION_PART);
    harness_remove(OPERATION_REST);
    harness_remove(OPERATION_LOST_ROWS);
    harness_remove(OPERATION_LOST_PAGES);
    free(image);
    harness_leave();
    return 0;
}
