/*
 * Files made to harm the process that opens them: triggers, views, generated columns, checks, defaults and indexes that
 * call functions; views and virtual tables named like our tables, some without an end; fields of any size and kind;
 * schemas that make no sense; and the same in stores of an older format, which are upgraded when they are opened for
 * writing. Each file is opened, queried in every way and written to. It must be refused or be harmless: none of its
 * functions runs, and no call hangs or crashes.
 */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <eventure/eventure.h>

#include "harness.h"
#include "history.h"
#include "hostile_files.h"
#include "ledger.h"

#define STORE "hostile.db"
#define TICKS 8
#define SECONDS 120

typedef struct counts
{
    volatile int bells;
    volatile int refused;
    volatile int unsound;
    volatile int harmless;
    volatile int upgraded; /* files that a reader refused, and that a log opened and wrote */
} counts;

static counts *seen;

/* An SQL function that no file may be able to call. */
static void ring(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    seen->bells++;
    sqlite3_result_value(context, values[0]);
}

static int hang_bell(sqlite3 *db, char **error, const struct sqlite3_api_routines *api)
{
    (void)error;
    (void)api;
    return sqlite3_create_function_v2(db, "bell", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, ring, NULL, NULL, NULL);
}

/* --- the victim --- */

static int ignore_count(const char *type, int64_t count, void *context)
{
    (void)type;
    (void)count;
    (void)context;
    return 0;
}

static int ignore_save(const eventure_save_point *save, void *context)
{
    (void)save;
    (void)context;
    return 0;
}

static int ignore_index(const eventure_data_index *index, void *context)
{
    (void)index;
    (void)context;
    return 0;
}

static int ignore_snapshot(const eventure_snapshot *snapshot, void *context)
{
    (void)snapshot;
    (void)context;
    return 0;
}

static void ask_events(eventure_reader *reader, const eventure_filter *filter)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    eventure_status status = eventure_query(reader, filter, &cursor);
    while (status >= 0 && (status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
        must(event.type != NULL && event.data != NULL && event.data[event.data_len] == '\0', "an event with holes");
    must(status >= 0 || eventure_reader_message(reader)[0] != '\0', "an error without a text");
    eventure_cursor_free(cursor);
}

static void ask_filters(eventure_reader *reader)
{
    const eventure_field member = eventure_int("n", 1);
    eventure_filter filter = EVENTURE_FILTER_INIT;
    ask_events(reader, &filter);
    filter.reverse = true;
    ask_events(reader, &filter);
    filter.type = "sensor.*";
    ask_events(reader, &filter);
    filter.type = NULL;
    filter.data = &member;
    filter.data_count = 1;
    ask_events(reader, &filter);
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.roots = true;
    ask_events(reader, &filter);
}

/* Queries the relatives of an event of the file, if the event has a valid id. */
static void ask_relatives(eventure_reader *reader, int64_t after_seq)
{
    eventure_cursor *cursor = NULL;
    eventure_event event;
    eventure_event *found = NULL;
    eventure_filter filter = EVENTURE_FILTER_INIT;
    char *id = NULL;
    filter.after_seq = after_seq;
    filter.limit = 1;
    if (eventure_query(reader, &filter, &cursor) == EVENTURE_OK &&
        eventure_cursor_next(cursor, &event) == EVENTURE_ROW && event.id != NULL)
        id = strdup(event.id);
    eventure_cursor_free(cursor);
    if (id == NULL)
        return;
    eventure_query_find(reader, id, &found);
    eventure_event_free(found);
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.cascade_of = id;
    ask_events(reader, &filter);
    filter.order = EVENTURE_ORDER_ID;
    ask_events(reader, &filter);
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.ancestors_of = id;
    ask_events(reader, &filter);
    filter = (eventure_filter)EVENTURE_FILTER_INIT;
    filter.children_of = id;
    ask_events(reader, &filter);
    free(id);
}

/* Runs every kind of query. Returns whether verify found the store sound. */
static bool read_everything(eventure_reader *reader)
{
    eventure_verify_report report;
    eventure_difference difference;
    eventure_digests digests;
    eventure_repair_report repaired;
    ledger state = {0};
    FILE *out = fopen("/dev/null", "w");
    must(out != NULL, "no /dev/null");
    ask_filters(reader);
    for (int64_t after_seq = 0; after_seq < 30; after_seq += 3)
        ask_relatives(reader, after_seq);
    eventure_save_point_list(reader, ignore_save, NULL);
    eventure_data_index_list(reader, ignore_index, NULL);
    eventure_snapshot_list(reader, NULL, ignore_snapshot, NULL);
    eventure_query_count_by_type(reader, ignore_count, NULL);
    eventure_cascade_print(reader, out, NULL);
    eventure_store_export(reader, out, NULL, NULL);
    fclose(out);
    eventure_store_digest(reader, EVENTURE_TICK_NEWEST, &digests);
    if (eventure_store_diff(reader, reader, &difference) == EVENTURE_OK)
        eventure_difference_clear(&difference);
    eventure_replay_ticks(reader, &ledger_reducer, &state, 0, 0);
    eventure_status status = eventure_store_verify(reader, NULL, &report);
    must(status <= 0, "verify answers %d", status);
    harness_remove("repaired.db");
    eventure_store_repair(reader, "repaired.db", NULL, &repaired);
    harness_remove("repaired.db");
    eventure_store_copy(reader, "repaired.db", NULL);
    harness_remove("repaired.db");
    eventure_store_fork_at_tick(reader, "repaired.db", TICKS / 2, NULL);
    harness_remove("repaired.db");
    eventure_store_extract(reader, "repaired.db", NULL, NULL);
    harness_remove("repaired.db");
    return status == EVENTURE_OK && report.is_sound;
}

static bool write_something(void)
{
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.sync = EVENTURE_SYNC_OFF;
    eventure_status status = eventure_log_open(STORE, &options, &log);
    for (int i = 0; i < 20 && status == EVENTURE_OK; i++)
    {
        status = eventure_log_append(log, i % 2 == 0 ? "order.placed" : "something.new", eventure_json("{\"n\":1}"),
                                     NULL, NULL);
        if (status == EVENTURE_OK && i % 5 == 4)
            status = eventure_log_advance_tick(log);
    }
    must(status == EVENTURE_OK || eventure_log_message(log)[0] != '\0', "an error without a text");
    if (status == EVENTURE_OK)
    {
        eventure_save_point_create(log, "a place", NULL);
        eventure_data_index_add(log, "tick", NULL, NULL);
        eventure_log_archive(log, "repaired.db", 3, NULL, NULL);
        harness_remove("repaired.db");
    }
    eventure_log_close(log);
    return status == EVENTURE_OK;
}

static void fall_victim(void)
{
    eventure_reader *reader = NULL;
    alarm(SECONDS);
    bool opened = eventure_reader_open(STORE, &reader) == EVENTURE_OK;
    must(opened || eventure_reader_message(reader)[0] != '\0', "refused without a text");
    bool sound = opened && read_everything(reader);
    eventure_reader_close(reader);
    bool written = write_something();
    if (written && eventure_reader_open(STORE, &reader) == EVENTURE_OK)
    {
        read_everything(reader);
        eventure_reader_close(reader);
    }
    seen->upgraded += !opened && written;
    seen->refused += !opened;
    seen->unsound += opened && !sound;
    seen->harmless += opened && sound;
}

/* --- the attack --- */

static void make_store(unsigned char **out_bytes, long *out_len)
{
    history past = {0};
    eventure_log *log = NULL;
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    options.sync = EVENTURE_SYNC_OFF;
    harness_remove(STORE);
    must(history_open(&past, STORE, &options, &log) == EVENTURE_OK, "%s", eventure_log_message(log));
    for (int i = 0; i < TICKS; i++)
        must(history_tick(&past, log) == EVENTURE_OK, "%s", eventure_log_message(log));
    must(eventure_log_close(log) == EVENTURE_OK, "close");
    *out_bytes = harness_load(STORE, out_len);
}

static void prepare(const attack *how)
{
    sqlite3 *db = NULL;
    char *error = NULL;
    must(sqlite3_open(STORE, &db) == SQLITE_OK, "cannot open");
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 1, NULL);
    int code = sqlite3_exec(db, how->sql, NULL, NULL, &error);
    must(code == SQLITE_OK, "%s: cannot be made: %s", how->name, error);
    sqlite3_close(db);
    seen->bells = 0;
}

/* Returns whether the file did no harm. */
static bool run_attack(const attack *how, const unsigned char *bytes, long len)
{
    int result = 0;
    harness_remove(STORE);
    harness_remove(STORE "-format-1");
    harness_remove(STORE "-format-5");
    harness_store(STORE, bytes, len);
    prepare(how);
    fflush(NULL);
    pid_t child = fork();
    must(child >= 0, "cannot fork");
    if (child == 0)
    {
        fall_victim();
        exit(0);
    }
    must(waitpid(child, &result, 0) == child, "cannot wait");
    if (WIFSIGNALED(result) || WEXITSTATUS(result) != 0)
        printf("%s: %s\n", how->name,
               WIFSIGNALED(result) && WTERMSIG(result) == SIGALRM ? "does not end" : "a crash or an error");
    if (seen->bells > 0)
        printf("%s: its function ran %d times\n", how->name, seen->bells);
    return WIFEXITED(result) && WEXITSTATUS(result) == 0 && seen->bells == 0;
}

/* The test of the test: a program that trusts the schema calls the function. */
static void trust(const unsigned char *bytes, long len)
{
    sqlite3 *db = NULL;
    harness_remove(STORE);
    harness_store(STORE, bytes, len);
    prepare(&hostile_files[0]);
    must(sqlite3_open(STORE, &db) == SQLITE_OK, "cannot open");
    sqlite3_exec(db, "SELECT * FROM roots", NULL, NULL, NULL);
    sqlite3_close(db);
    must(seen->bells > 0, "no handler hears the bell");
    harness_say("test-bell", "a connection that trusts the schema: noticed");
}

/* The test of the test: the store from which the attacks of an older format are made is a sound store of that format,
 * and can be upgraded. */
static void upgrade(const unsigned char *bytes, long len)
{
    eventure_log *log = NULL;
    eventure_verify_report report;
    eventure_digests before;
    eventure_digests after;
    eventure_reader *reader = NULL;
    harness_remove(STORE);
    harness_store(STORE, bytes, len);
    must(eventure_reader_open(STORE, &reader) == EVENTURE_OK, "%s", eventure_reader_message(reader));
    must(eventure_store_digest(reader, EVENTURE_TICK_NEWEST, &before) == EVENTURE_OK, "%s",
         eventure_reader_message(reader));
    eventure_reader_close(reader);
    prepare(&hostile_old_files[0]);
    must(eventure_reader_open(STORE, &reader) == EVENTURE_ERROR_FORMAT, "read as if it were of the present format");
    eventure_reader_close(reader);
    must(eventure_log_open(STORE, NULL, &log) == EVENTURE_OK, "%s", eventure_log_message(log));
    must(eventure_store_verify(eventure_log_reader(log), NULL, &report) == EVENTURE_OK && report.is_sound, "%s",
         report.problem);
    must(eventure_store_digest(eventure_log_reader(log), EVENTURE_TICK_NEWEST, &after) == EVENTURE_OK, "%s",
         eventure_log_message(log));
    must(strcmp(before.full, after.full) == 0, "another history");
    must(eventure_log_close(log) == EVENTURE_OK, "close");
    harness_remove(STORE "-format-5");
    harness_say("test-old", "a store of an older format that means no harm: brought up to date, the same history");
}

int main(void)
{
    unsigned char *bytes = NULL;
    long len = 0;
    int harmed = 0;
    int tried = 0;
    const int count = hostile_files_count + hostile_old_files_count;
    const int step = harness_is_short() ? 3 : 1;
    harness_enter();
    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(seen != MAP_FAILED, "no shared memory");
    must(sqlite3_auto_extension((void (*)(void))hang_bell) == SQLITE_OK, "no function");
    make_store(&bytes, &len);
    trust(bytes, len);
    upgrade(bytes, len);
    for (int i = 0; i < count; i += step, tried++)
        harmed += !run_attack(i < hostile_files_count ? &hostile_files[i] : &hostile_old_files[i - hostile_files_count],
                              bytes, len);
    must(harmed == 0, "%d of %d files did harm", harmed, tried);
    harness_say("hostile",
                "%d files: %d refused (%d of an older format brought up to date), %d found by verify, %d "
                "harmless; functions run: 0",
                tried, seen->refused, seen->upgraded, seen->unsound, seen->harmless);
    harness_remove(STORE);
    free(bytes);
    harness_leave();
    return 0;
}
