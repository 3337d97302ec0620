/*
 * Files that several runs read: made once for each n, and the questions asked of them.
 */
#ifndef EVENTURE_BENCH_STORES_H
#define EVENTURE_BENCH_STORES_H

#include <sqlite3.h>

#include "peers.h"

/* What a question is about: an event picked at random. */
typedef struct bench_question
{
    int64_t seq;
    int64_t tick;
    char id[BENCH_ID_BYTES];
    char type[32];
    char symbol[16]; /* what its data holds under that key */
} bench_question;

/* W(n) in a store of the library, and in a table made by hand. */
void bench_store_path(const bench_setting *setting, char out[BENCH_PATH_BYTES]);
void bench_by_hand_path(const bench_setting *setting, char out[BENCH_PATH_BYTES]);

/* Makes both, unless they are there. */
void bench_prepare_stores(const bench_setting *setting, bench_result *result);

/* Makes a file by letting `fill` write it beside and renaming it: one that is there is whole. */
void bench_make_once(const bench_setting *setting, const char *path,
                     void (*fill)(const bench_setting *setting, const char *path));

/* Removes everything that was made for this n. */
void bench_remove_shared(const bench_setting *setting);

/* Picks questions, the same for the same seed. The store's own pages have been read by then. */
bench_question *bench_questions_pick(const bench_setting *setting, size_t count);

/* The columns of an event: of the table made by hand, and of the library's own, which has two more. */
#define BENCH_HAND_COLUMNS "id, tick, timestamp, type, data, parent_id"
#define BENCH_FLOOR_COLUMNS BENCH_HAND_COLUMNS ", seq, parent_seq"

/* Reads the rows of a statement with one of these column lists, and reads every column, as a program that makes events
   from them must. Returns the number of rows. */
int64_t bench_events_read(sqlite3_stmt *statement);

/* What reads go through, so that no compiler leaves them out. */
extern volatile int64_t bench_sink;

#endif
