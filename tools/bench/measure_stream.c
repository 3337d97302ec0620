/*
 * Measures the operations that read or write a whole history: replay, the state after half of it, export, the viewer,
 * verify, import. Also measures their peak memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <eventure/eventure.h>

#include "database.h"
#include "measures.h"
#include "stopwatch.h"
#include "stores.h"

static eventure_reader *open_reader(const bench_setting *setting)
{
    char path[BENCH_PATH_BYTES];
    eventure_reader *reader = NULL;
    bench_store_path(setting, path);
    if (eventure_reader_open(path, &reader) != EVENTURE_OK)
        bench_die("%s", eventure_reader_message(reader));
    return reader;
}

/* --- Replay --- */

typedef struct fold
{
    int64_t events;
    int64_t sum;
} fold;

/* The cheapest possible fold, so that the replay is measured and not the fold. */
static int apply(const eventure_event *event, void *context)
{
    fold *state = context;
    state->events++;
    state->sum += event->seq + event->tick + event->data[0] + event->data[event->data_len - 1];
    return 0;
}

static const eventure_reducer reducer = {.size = sizeof reducer, .name = "sum", .version = 1, .apply = apply};

static void replay_library(const bench_setting *setting, bench_result *result)
{
    static bench_watch watch;
    fold state = {0};
    eventure_reader *reader = open_reader(setting);
    bench_watch_start(&watch);
    if (eventure_replay_ticks(reader, &reducer, &state, 0, 0) != EVENTURE_OK)
        bench_die("%s", eventure_reader_message(reader));
    bench_watch_stop(&watch);
    if (state.events != setting->events)
        bench_die("a replay of %lld events saw %lld", (long long)setting->events, (long long)state.events);
    bench_sink += state.sum;
    bench_watch_report(&watch, state.events, result);
    eventure_reader_close(reader);
}

/* Returns the last tick of the first half. */
static int64_t half_of(const bench_setting *setting)
{
    int64_t ticks = setting->events / BENCH_EVENTS_A_TICK;
    return ticks > 1 ? ticks / 2 - 1 : 0;
}

static void state_library(const bench_setting *setting, bench_result *result)
{
    static bench_watch watch;
    fold state = {0};
    eventure_reader *reader = open_reader(setting);
    bench_watch_start(&watch);
    if (eventure_replay_at(reader, &reducer, &state, half_of(setting), NULL) != EVENTURE_OK)
        bench_die("%s", eventure_reader_message(reader));
    bench_watch_stop(&watch);
    bench_sink += state.sum;
    bench_watch_report(&watch, state.events, result);
    eventure_reader_close(reader);
}

/* The fold by hand: reads every column of every row. */
static void scan(const bench_setting *setting, const char *path, const char *sql, bench_result *result)
{
    static bench_watch watch;
    sqlite3 *db = bench_database_open(path, SQLITE_OPEN_READONLY);
    sqlite3_stmt *statement = bench_database_prepare(db, sql);
    if (sqlite3_bind_parameter_count(statement) > 0)
        sqlite3_bind_int64(statement, 1, half_of(setting));
    bench_watch_start(&watch);
    int64_t rows = bench_events_read(statement);
    bench_watch_stop(&watch);
    bench_watch_report(&watch, rows, result);
    bench_database_close(db);
}

enum
{
    ALL,
    HALF
};

static void scan_by_hand(const bench_setting *setting, bench_result *result)
{
    static const char *const sql[] = {
        [ALL] = "SELECT " BENCH_HAND_COLUMNS " FROM event ORDER BY rowid",
        [HALF] = "SELECT " BENCH_HAND_COLUMNS " FROM event WHERE tick <= ?1",
    };
    char path[BENCH_PATH_BYTES];
    bench_by_hand_path(setting, path);
    scan(setting, path, sql[setting->parameter], result);
}

/* The table `tick` contains the last seq of each tick, so the end of the first half is found without reading events. */
static void scan_floor(const bench_setting *setting, bench_result *result)
{
    static const char *const sql[] = {
        [ALL] = "SELECT " BENCH_FLOOR_COLUMNS " FROM events ORDER BY seq",
        [HALF] = "SELECT " BENCH_FLOOR_COLUMNS " FROM events WHERE seq <= (SELECT last_seq FROM tick WHERE tick <= ?1 "
                 "ORDER BY tick DESC LIMIT 1) ORDER BY seq",
    };
    char path[BENCH_PATH_BYTES];
    bench_store_path(setting, path);
    scan(setting, path, sql[setting->parameter], result);
}

static const bench_contestant replays[] = {
    {"library", replay_library, 0, 0},
    {"by hand", scan_by_hand, ALL, BENCH_PEERS_MOST},
    {"floor", scan_floor, ALL, 0},
};

static const bench_contestant states[] = {
    {"library", state_library, 0, 0},
    {"by hand", scan_by_hand, HALF, BENCH_PEERS_MOST},
    {"floor", scan_floor, HALF, 0},
};

const bench_measure bench_replay = {
    .name = "replay",
    .title = "replay of all events",
    .operation = "event",
    .peer = "by hand",
    .contestants = replays,
    .contestants_count = 3,
    .prepare = bench_prepare_stores,
    .is_short = true,
};

const bench_measure bench_state = {
    .name = "state",
    .title = "the state at half of the history, folded without snapshots",
    .operation = "event",
    .peer = "by hand",
    .contestants = states,
    .contestants_count = 3,
    .prepare = bench_prepare_stores,
    .is_short = true,
};

/* --- Text --- */

static void export_to(const bench_setting *setting, FILE *out)
{
    eventure_reader *reader = open_reader(setting);
    if (eventure_store_export(reader, out, NULL, NULL) != EVENTURE_OK)
        bench_die("%s", eventure_reader_message(reader));
    eventure_reader_close(reader);
}

static void print_to(const bench_setting *setting, FILE *out)
{
    eventure_reader *reader = open_reader(setting);
    if (eventure_cascade_print(reader, out, NULL) != EVENTURE_OK)
        bench_die("%s", eventure_reader_message(reader));
    eventure_reader_close(reader);
}

enum
{
    EXPORT,
    VIEWER
};

static void write_text(const bench_setting *setting, bench_result *result)
{
    static bench_watch watch;
    FILE *out = fopen("/dev/null", "w");
    if (out == NULL)
        bench_die("/dev/null cannot be opened");
    bench_watch_start(&watch);
    if (setting->parameter == VIEWER)
        print_to(setting, out);
    else
        export_to(setting, out);
    bench_watch_stop(&watch);
    bench_watch_report(&watch, setting->events, result);
    fclose(out);
}

static const bench_contestant texts[] = {
    {"export", write_text, EXPORT, 0},
    {"viewer", write_text, VIEWER, 0},
};

const bench_measure bench_text = {
    .name = "text",
    .title = "export and the viewer, to /dev/null",
    .operation = "event",
    .contestants = texts,
    .contestants_count = 2,
    .prepare = bench_prepare_stores,
};

/* --- Verify --- */

static void verify(const bench_setting *setting, bench_result *result)
{
    static bench_watch watch;
    eventure_verify_report report = {0};
    eventure_reader *reader = open_reader(setting);
    bench_watch_start(&watch);
    if (eventure_store_verify(reader, NULL, &report) != EVENTURE_OK)
        bench_die("%s", eventure_reader_message(reader));
    bench_watch_stop(&watch);
    if (!report.is_sound || report.events != setting->events)
        bench_die("verify: %lld of %lld events; %s", (long long)report.events, (long long)setting->events,
                  report.problem);
    bench_watch_report(&watch, setting->events, result);
    eventure_reader_close(reader);
}

static const bench_contestant verifiers[] = {{"library", verify, 0, 0}};

const bench_measure bench_verify = {
    .name = "verify",
    .title = "verify, digests included",
    .operation = "event",
    .contestants = verifiers,
    .contestants_count = 1,
    .prepare = bench_prepare_stores,
};

/* --- Import --- */

static void lines_path(const bench_setting *setting, char out[BENCH_PATH_BYTES])
{
    bench_path(setting, "lines", "jsonl", out);
}

static void fill_lines(const bench_setting *setting, const char *path)
{
    FILE *out = fopen(path, "w");
    if (out == NULL)
        bench_die("cannot write %s", path);
    export_to(setting, out);
    if (fclose(out) != 0)
        bench_die("cannot write %s", path);
}

static void prepare_import(const bench_setting *setting, bench_result *result)
{
    char path[BENCH_PATH_BYTES];
    bench_prepare_stores(setting, result);
    lines_path(setting, path);
    bench_make_once(setting, path, fill_lines);
}

static void import_library(const bench_setting *setting, bench_result *result)
{
    static bench_watch watch;
    char path[BENCH_PATH_BYTES];
    char lines[BENCH_PATH_BYTES];
    eventure_log *log = NULL;
    eventure_transfer_counts moved = {0};
    bench_path(setting, "import", "db", path);
    bench_remove_database(path);
    lines_path(setting, lines);
    FILE *in = fopen(lines, "r");
    if (in == NULL)
        bench_die("cannot read %s", lines);
    bench_watch_start(&watch);
    if (eventure_log_open(path, NULL, &log) != EVENTURE_OK || eventure_log_import(log, in, NULL, &moved) != EVENTURE_OK)
        bench_die("%s", eventure_log_message(log));
    if (eventure_log_close(log) != EVENTURE_OK)
        bench_die("closing the log failed");
    bench_watch_stop(&watch);
    if (moved.events != setting->events)
        bench_die("of %lld events, %lld were imported", (long long)setting->events, (long long)moved.events);
    bench_watch_report(&watch, moved.events, result);
    result->bytes_on_disk = bench_file_bytes(path);
    fclose(in);
    bench_remove_database(path);
}

static double children_cpu(void)
{
    struct rusage usage = {0};
    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

static void run_script(const char *script, const char *lines, const char *path)
{
    int state = 0;
    pid_t child = fork();
    if (child < 0)
        bench_die("fork failed");
    if (child == 0)
    {
        execlp("python3", "python3", script, lines, path, (char *)NULL);
        _exit(127);
    }
    if (waitpid(child, &state, 0) != child || !WIFEXITED(state) || WEXITSTATUS(state) != 0)
        bench_die("python3 %s failed", script);
}

static void import_script(const bench_setting *setting, bench_result *result)
{
    static bench_watch watch;
    char path[BENCH_PATH_BYTES];
    char lines[BENCH_PATH_BYTES];
    char script[BENCH_PATH_BYTES];
    snprintf(script, sizeof script, "%s/import_by_hand.py", setting->scripts);
    bench_path(setting, "import", "db", path);
    bench_remove_database(path);
    lines_path(setting, lines);
    double cpu = children_cpu();
    bench_watch_start(&watch);
    run_script(script, lines, path);
    bench_watch_stop(&watch);
    bench_watch_report(&watch, setting->events, result);
    result->cpu += children_cpu() - cpu;
    result->bytes_on_disk = bench_file_bytes(path);
    bench_remove_database(path);
}

static const bench_contestant imports[] = {
    {"library", import_library, 0, 0},
    {"Python script", import_script, 0, BENCH_PEERS_MOST},
};

const bench_measure bench_import = {
    .name = "import",
    .title = "import of JSON Lines",
    .operation = "event",
    .peer = "Python script",
    .contestants = imports,
    .contestants_count = 2,
    .prepare = prepare_import,
};
