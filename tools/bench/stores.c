/*
 * Shared files and questions: see stores.h.
 */
#include "stores.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "database.h"
#include "measures.h"

volatile int64_t bench_sink;

void bench_store_path(const bench_setting *setting, char out[BENCH_PATH_BYTES])
{
    bench_path(setting, "store", "db", out);
}

void bench_by_hand_path(const bench_setting *setting, char out[BENCH_PATH_BYTES])
{
    bench_path(setting, "by-hand", "db", out);
}

void bench_make_once(const bench_setting *setting, const char *path,
                     void (*fill)(const bench_setting *setting, const char *path))
{
    char unfinished[BENCH_PATH_BYTES];
    if (access(path, F_OK) == 0)
        return;
    bench_path(setting, "unfinished", "tmp", unfinished);
    bench_remove_database(unfinished);
    fill(setting, unfinished);
    if (rename(unfinished, path) != 0)
        bench_die("rename %s: %s", unfinished, strerror(errno));
}

static void fill_store(const bench_setting *setting, const char *path)
{
    bench_fill(&bench_background, setting, path, BENCH_SYNC_OFF);
}

static void fill_by_hand(const bench_setting *setting, const char *path)
{
    bench_fill(&bench_by_hand, setting, path, BENCH_SYNC_OFF);
}

void bench_prepare_stores(const bench_setting *setting, bench_result *result)
{
    char path[BENCH_PATH_BYTES];
    (void)result;
    bench_store_path(setting, path);
    bench_make_once(setting, path, fill_store);
    if (setting->events > BENCH_PEERS_MOST)
        return;
    bench_by_hand_path(setting, path);
    bench_make_once(setting, path, fill_by_hand);
}

void bench_remove_shared(const bench_setting *setting)
{
    static const char *const names[][2] = {
        {"store", "db"},           {"by-hand", "db"}, {"cascade", "db"},
        {"cascade-by-hand", "db"}, {"empty", "db"},   {"lines", "jsonl"},
    };
    char path[BENCH_PATH_BYTES];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    {
        bench_path(setting, names[i][0], names[i][1], path);
        bench_remove_database(path);
    }
}

static void read_question(sqlite3_stmt *select, int64_t seq, bench_question *out)
{
    sqlite3_bind_int64(select, 1, seq);
    if (!bench_database_next(select))
        bench_die("the store has no event %lld", (long long)seq);
    out->seq = seq;
    out->tick = sqlite3_column_int64(select, 0);
    snprintf(out->id, sizeof out->id, "%s", (const char *)sqlite3_column_text(select, 1));
    snprintf(out->type, sizeof out->type, "%s", (const char *)sqlite3_column_text(select, 2));
    snprintf(out->symbol, sizeof out->symbol, "%s", (const char *)sqlite3_column_text(select, 3));
    sqlite3_reset(select);
}

bench_question *bench_questions_pick(const bench_setting *setting, size_t count)
{
    char path[BENCH_PATH_BYTES];
    uint64_t random = setting->seed ^ 0x5EED;
    bench_question *questions = calloc(count, sizeof *questions);
    if (questions == NULL)
        bench_die("out of memory");
    bench_store_path(setting, path);
    sqlite3 *db = bench_database_open(path, SQLITE_OPEN_READONLY);
    sqlite3_stmt *select =
        bench_database_prepare(db, "SELECT tick, id, type, data ->> 'symbol' FROM events WHERE seq = ?");
    for (size_t i = 0; i < count; i++)
    {
        int64_t seq = 1 + (int64_t)(bench_random(&random) % (uint64_t)setting->events);
        read_question(select, seq, &questions[i]);
    }
    bench_database_close(db);
    return questions;
}

int64_t bench_events_read(sqlite3_stmt *statement)
{
    int64_t rows = 0;
    int64_t sum = 0;
    bool has_seqs = sqlite3_column_count(statement) > 6;
    while (bench_database_next(statement))
    {
        const char *data = (const char *)sqlite3_column_text(statement, 4);
        const unsigned char *parent_id = sqlite3_column_text(statement, 5);
        sum += sqlite3_column_text(statement, 0)[0] + sqlite3_column_int64(statement, 1) +
               (int64_t)sqlite3_column_double(statement, 2) + sqlite3_column_text(statement, 3)[0] + data[0] +
               data[sqlite3_column_bytes(statement, 4) - 1] + (parent_id != NULL ? parent_id[0] : 0);
        if (has_seqs)
            sum += sqlite3_column_int64(statement, 6) + sqlite3_column_int64(statement, 7);
        rows++;
    }
    bench_sink += sum;
    return rows;
}
