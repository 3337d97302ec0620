/*
 * The files that several runs read, which are made once for each n, and the queries that run on them.
 */
#ifndef EVENTURE_BENCH_STORES_H
#define EVENTURE_BENCH_STORES_H

#include <sqlite3.h>

#include "peers.h"

/* The values that a query searches for: those of an event picked at random. */
typedef struct bench_question
{
    int64_t seq;
    int64_t tick;
    char id[BENCH_ID_BYTES];
    char type[32];
    char symbol[16]; /* the value of the data member `symbol` */
} bench_question;

/* The paths of W(n) as a store of the library, and as a table made by hand. */
void bench_store_path(const bench_setting *setting, char out[BENCH_PATH_BYTES]);
void bench_by_hand_path(const bench_setting *setting, char out[BENCH_PATH_BYTES]);

/* Makes the store and, up to BENCH_PEERS_MOST events, the table made by hand, unless they exist. */
void bench_prepare_stores(const bench_setting *setting, bench_result *result);

/* Makes the file unless it exists. `fill` writes a temporary file, which is then renamed to `path`: a file at `path` is
 * always complete. */
void bench_make_once(const bench_setting *setting, const char *path,
                     void (*fill)(const bench_setting *setting, const char *path));

/* Removes the files that were made for this n. */
void bench_remove_shared(const bench_setting *setting);

/* Picks events at random by reading them from the store. The same seed gives the same events. Afterwards the pages of
 * these events are in the system's cache. */
bench_question *bench_questions_pick(const bench_setting *setting, size_t count);

/* The columns of an event in the table made by hand, and in the library's table, which has two more. */
#define BENCH_HAND_COLUMNS "id, tick, timestamp, type, data, parent_id"
#define BENCH_FLOOR_COLUMNS BENCH_HAND_COLUMNS ", seq, parent_seq"

/* Reads the rows of a statement with one of these column lists, and reads every column, as a program that makes events
   from them must. Returns the number of rows. */
int64_t bench_events_read(sqlite3_stmt *statement);

/* A sink to which reads are added, so that the compiler cannot remove them. */
extern volatile int64_t bench_sink;

#endif
