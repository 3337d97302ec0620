/*
 * The programs that append W(n): the library and its peers. Appending a tick includes its commit.
 */
#ifndef EVENTURE_BENCH_PEERS_H
#define EVENTURE_BENCH_PEERS_H

#include "bench.h"
#include "workload.h"

/* How much a commit waits for the disk; also the numbers of PRAGMA synchronous. */
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

/* Through eventure's public headers. */
extern const bench_peer bench_library;

/* The same with a background writer. */
extern const bench_peer bench_background;

/* What a user would write without the library: one table, text ids, three indexes, SQLite's defaults except for
 * write-ahead logging; the same with the library's page cache and checkpoints; and one that does the work of the
 * library: a table with the columns and the five indexes of `events`. */
extern const bench_peer bench_by_hand;
extern const bench_peer bench_by_hand_tuned;
extern const bench_peer bench_by_hand_same;

/* The library's own file with nothing around it: raw prepared statements, no checks, no digests, a row a statement. */
extern const bench_peer bench_floor;

/* A growing array; nothing lasts. For the scale. */
extern const bench_peer bench_memory;

/* The memory of recent events, by which a program names them as parents. */
#define BENCH_RING 256
#define BENCH_ID_BYTES 40

/* Makes the ids of a history as a user would who has read what they look like: `{tick}-{HASH}-{n}`. */
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

/* Its id, which stays in the ring. */
const char *bench_ids_format(bench_ids *ids, const bench_event *event, int64_t tick, int64_t ordinal);

/* Seconds since the Unix epoch, as everybody asks the system. */
double bench_now(void);

#endif
