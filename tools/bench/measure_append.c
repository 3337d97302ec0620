/*
 * Measures appending W(n) with one commit per tick. Making the events is not timed. Closing is timed, so that no work
 * can be delayed beyond the end.
 */
#include <stdio.h>

#include "measures.h"
#include "stopwatch.h"

/* The parameter of a contestant contains the peer and its sync mode. */
enum
{
    LIBRARY,
    BACKGROUND,
    BY_HAND,
    BY_HAND_TUNED,
    BY_HAND_SAME,
    FLOOR,
    MEMORY,
    WHO_BITS = 8
};

#define WITH(who, sync) ((who) | (sync) << WHO_BITS)

static const bench_peer *const peers[] = {
    [LIBRARY] = &bench_library,
    [BACKGROUND] = &bench_background,
    [BY_HAND] = &bench_by_hand,
    [BY_HAND_TUNED] = &bench_by_hand_tuned,
    [BY_HAND_SAME] = &bench_by_hand_same,
    [FLOOR] = &bench_floor,
    [MEMORY] = &bench_memory,
};

/* The number of ticks between two measurements of the write-ahead log, which grows over many ticks. */
#define TICKS_BETWEEN_LOOKS 16

static void append(const bench_setting *setting, bench_result *result)
{
    static bench_watch watch;
    static bench_tick tick;
    const bench_peer *peer = peers[setting->parameter & ((1 << WHO_BITS) - 1)];
    char path[BENCH_PATH_BYTES];
    bench_workload workload;
    bench_path(setting, "append", "db", path);
    bench_remove_database(path);
    void *context = peer->open(path, (bench_sync)(setting->parameter >> WHO_BITS));
    bench_workload_begin(&workload, setting->events, setting->seed);
    for (bench_workload_next(&workload, &tick); tick.count > 0; bench_workload_next(&workload, &tick))
    {
        bench_watch_start(&watch);
        peer->append_tick(context, &tick);
        bench_watch_stop(&watch);
        int64_t wal = tick.tick % TICKS_BETWEEN_LOOKS == 0 ? bench_wal_bytes(path) : 0;
        if (wal > result->wal_bytes)
            result->wal_bytes = wal;
    }
    bench_watch_start(&watch);
    peer->close(context);
    bench_watch_stop_apart(&watch);
    bench_watch_report(&watch, setting->events, result);
    result->bytes_on_disk = bench_file_bytes(path);
    bench_remove_database(path);
}

void bench_fill(const bench_peer *peer, const bench_setting *setting, const char *path, bench_sync sync)
{
    static bench_tick tick;
    bench_workload workload;
    void *context = peer->open(path, sync);
    bench_workload_begin(&workload, setting->events, setting->seed);
    for (bench_workload_next(&workload, &tick); tick.count > 0; bench_workload_next(&workload, &tick))
        peer->append_tick(context, &tick);
    peer->close(context);
}

static const bench_contestant normal[] = {
    {"library", append, WITH(LIBRARY, BENCH_SYNC_NORMAL), BENCH_PEERS_MOST},
    {"background", append, WITH(BACKGROUND, BENCH_SYNC_NORMAL), BENCH_PEERS_MOST},
    {"by hand", append, WITH(BY_HAND, BENCH_SYNC_NORMAL), BENCH_PEERS_MOST},
    {"by hand, tuned", append, WITH(BY_HAND_TUNED, BENCH_SYNC_NORMAL), BENCH_PEERS_MOST},
    {"by hand, same indexes", append, WITH(BY_HAND_SAME, BENCH_SYNC_NORMAL), BENCH_PEERS_MOST},
    {"floor", append, WITH(FLOOR, BENCH_SYNC_NORMAL), BENCH_PEERS_MOST},
    {"in memory", append, WITH(MEMORY, BENCH_SYNC_NORMAL), BENCH_PEERS_MOST},
};

static const bench_contestant full[] = {
    {"library", append, WITH(LIBRARY, BENCH_SYNC_FULL), BENCH_PEERS_MOST},
    {"background", append, WITH(BACKGROUND, BENCH_SYNC_FULL), BENCH_PEERS_MOST},
    {"by hand", append, WITH(BY_HAND, BENCH_SYNC_FULL), BENCH_PEERS_MOST},
    {"by hand, tuned", append, WITH(BY_HAND_TUNED, BENCH_SYNC_FULL), BENCH_PEERS_MOST},
    {"by hand, same indexes", append, WITH(BY_HAND_SAME, BENCH_SYNC_FULL), BENCH_PEERS_MOST},
    {"floor", append, WITH(FLOOR, BENCH_SYNC_FULL), BENCH_PEERS_MOST},
};

const bench_measure bench_append_normal = {
    .name = "append-normal",
    .title = "append, a commit a tick, sync NORMAL",
    .operation = "event",
    .peer = "by hand",
    .contestants = normal,
    .contestants_count = sizeof normal / sizeof *normal,
};
const bench_measure bench_append_full = {
    .name = "append-full",
    .title = "append, a commit a tick, sync FULL",
    .operation = "event",
    .peer = "by hand",
    .contestants = full,
    .contestants_count = sizeof full / sizeof *full,
};
