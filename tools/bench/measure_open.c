/*
 * Opening a store of n events, and one without any: nothing may be scanned.
 */
#include <eventure/eventure.h>

#include "measures.h"
#include "stores.h"
#include "watch.h"

#define OPENS 200

enum
{
    EMPTY = 1,
    FOR_WRITING = 2
};

static void open_once(const char *path, bool for_writing)
{
    eventure_log *log = NULL;
    eventure_reader *reader = NULL;
    if (for_writing && eventure_log_open(path, NULL, &log) != EVENTURE_OK)
        bench_die("%s", eventure_log_message(log));
    if (!for_writing && eventure_reader_open(path, &reader) != EVENTURE_OK)
        bench_die("%s", eventure_reader_message(reader));
    if (eventure_log_close(log) != EVENTURE_OK)
        bench_die("closing the log failed");
    eventure_reader_close(reader);
}

static void fill_nothing(const bench_setting *setting, const char *path)
{
    bench_setting none = *setting;
    none.events = 0;
    bench_fill(&bench_library, &none, path, BENCH_SYNC_FULL);
}

static void prepare(const bench_setting *setting, bench_result *result)
{
    char path[BENCH_PATH_BYTES];
    bench_prepare_stores(setting, result);
    bench_path(setting, "empty", "db", path);
    bench_make_once(setting, path, fill_nothing);
}

static void run(const bench_setting *setting, bench_result *result)
{
    static bench_watch watch;
    char path[BENCH_PATH_BYTES];
    bool for_writing = (setting->parameter & FOR_WRITING) != 0;
    if ((setting->parameter & EMPTY) != 0)
        bench_path(setting, "empty", "db", path);
    else
        bench_store_path(setting, path);
    open_once(path, for_writing);
    for (int i = 0; i < OPENS; i++)
    {
        bench_watch_start(&watch);
        open_once(path, for_writing);
        bench_watch_stop(&watch);
    }
    bench_watch_report(&watch, OPENS, result);
}

static const bench_contestant contestants[] = {
    {"log, n events", run, FOR_WRITING, 0},
    {"log, empty", run, FOR_WRITING | EMPTY, 0},
    {"reader, n events", run, 0, 0},
    {"reader, empty", run, EMPTY, 0},
};

const bench_measure bench_open = {
    .name = "open",
    .title = "opening and closing a store",
    .operation = "time",
    .contestants = contestants,
    .contestants_count = 4,
    .prepare = prepare,
    .is_short = true,
};
