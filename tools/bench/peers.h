/*
 * The programs that append W(n): the library and its peers. Appending a tick includes its commit.
 */
#ifndef EVENTURE_BENCH_PEERS_H
#define EVENTURE_BENCH_PEERS_H

#include "bench.h"
#include "workload.h"

/* Whether a commit waits for the disk. The values are those of PRAGMA synchronous. */
typedef enum bench_sync
{
    BENCH_SYNC_OFF = 0,
    BENCH_SYNC_NORMAL = 1,
    BENCH_SYNC_FULL = 2
} bench_sync;

typedef struct bench_peer
{
    const char *name;
    void *(*open)(const char *path, bench_sync sync);
    void (*append_tick)(void *context, const bench_tick *tick);
    void (*close)(void *context);
} bench_peer;

/* The library, used through its public headers. */
extern const bench_peer bench_library;

/* The same with a background writer. */
extern const bench_peer bench_background;

/* Three peers without the library. by_hand: what a user would write (one table, text ids, three indexes, SQLite's
 * defaults except for write-ahead logging). by_hand_tuned: the same with the library's page cache and checkpoints.
 * by_hand_same: the same work as the library (a table with the columns and the five indexes of `events`). */
extern const bench_peer bench_by_hand;
extern const bench_peer bench_by_hand_tuned;
extern const bench_peer bench_by_hand_same;

/* The floor: the least that writing and reading the library's file can cost. It uses raw prepared statements on the
 * same tables, without checks and digests, and inserts one row per statement. */
extern const bench_peer bench_floor;

/* A growing array in memory, which is never written to a file. It shows the scale of the other figures. */
extern const bench_peer bench_memory;

/* The number of recent events whose ids a program keeps, to name them as parents. */
#define BENCH_RING 256
#define BENCH_ID_BYTES 40

/* Makes ids of the form `{tick}-{HASH}-{n}`, as a user would who knows the form. */
typedef struct bench_ids
{
    char hashes[BENCH_TYPES][5];
    size_t groups[BENCH_TYPES]; /* types that share a HASH share a counter: the first of them */
    int64_t counters[BENCH_TYPES];
    char ring[BENCH_RING][BENCH_ID_BYTES]; /* by seq modulo its size */
} bench_ids;

void bench_ids_begin(bench_ids *ids);
void bench_ids_next_tick(bench_ids *ids);

/* The ordinal of the next event of a type in this tick. */
int64_t bench_ids_ordinal(bench_ids *ids, size_t type);

/* Returns the id of an event, which is valid while it is in the ring. */
const char *bench_ids_format(bench_ids *ids, const bench_event *event, int64_t tick, int64_t ordinal);

/* Returns the seconds since the Unix epoch, from the system's clock. */
double bench_now(void);

#endif
