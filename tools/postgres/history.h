/*
 * The history in a store, as it is shipped: its identity, its ticks, and where it was forked. The caller holds a read
 * transaction, so that everything is read from one commit.
 */
#ifndef EVENTURE_TOOL_POSTGRES_HISTORY_H
#define EVENTURE_TOOL_POSTGRES_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#define HISTORY_DIGEST_BYTES 32

/* The end of a tick. */
typedef struct history_end
{
    int64_t tick; /* -1: before the first event */
    int64_t seq;
    bool is_open; /* the tick may still grow */
    unsigned char run_digest[HISTORY_DIGEST_BYTES];
    unsigned char full_digest[HISTORY_DIGEST_BYTES];
} history_end;

typedef struct history
{
    sqlite3 *db; /* the connection of a reader */
    const char *path;
    char uuid[37];
    double created;
    bool foreign_ids;
    int64_t current_tick;
    history_end newest;   /* the newest tick; tick -1: there is none */
    history_end cut;      /* the end of the archived part, after which the store begins; seq 0: nothing is archived */
    char origin_uuid[37]; /* empty: not a fork */
    int64_t origin_tick;
    int64_t origin_seq;
    char *record;  /* JSON */
    char *origins; /* JSON: the rows of the table `origin` */
} history;

/* Reads the identity. Returns an exit code; errors were reported. history_free must be called in any case. */
int history_read(history *self, sqlite3 *db, const char *path);
void history_free(history *self);

/* Finds the newest tick that is not after `at_most` and ends at or before `seq`; tick -1 when there is none. The end of
   the archived part counts as a tick. */
int history_find(const history *self, int64_t at_most, int64_t seq, history_end *out);

/* Finds the end of the next transaction: the first tick after `tick` up to which there are at least `events` events
   after `tick`, or else the newest tick. Without with_open, an open tick is left out. tick -1 when there is nothing to
   ship. */
int history_next(const history *self, int64_t tick, int64_t events, bool with_open, history_end *out);

/* Reports an error of SQLite. Returns the exit code. */
int history_fail(const history *self);

#endif
