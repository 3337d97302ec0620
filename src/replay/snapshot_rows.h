/*
 * Rows of the table `snapshot`.
 */
#ifndef EVENTURE_REPLAY_SNAPSHOT_ROWS_H
#define EVENTURE_REPLAY_SNAPSHOT_ROWS_H

#include <eventure/snapshot.h>

#include "base/buffer.h"
#include "store/store.h"

/* The current row of a query. */
typedef struct eventure__snapshot_row
{
    sqlite3_stmt *statement; /* NULL: no row */
    int64_t tick;
    int64_t seq;
    const void *state; /* valid until eventure__snapshot_row_end or the next row */
    size_t state_len;
} eventure__snapshot_row;

/* Finds the newest snapshot of a name and version at or before (tick, seq). */
eventure_status eventure__snapshot_find(eventure__store *store, const char *name, int64_t version, int64_t tick,
                                        int64_t seq, eventure__snapshot_row *out_row);

/* Queries all snapshots of a name and version in the order of the history. The row is not set until
 * eventure__snapshot_next; the caller ends it with eventure__snapshot_row_end. */
eventure_status eventure__snapshot_walk(eventure__store *store, const char *name, int64_t version,
                                        eventure__snapshot_row *out_row);

/* Steps to the next row: EVENTURE_ROW, EVENTURE_OK at the end, or an error. */
eventure_status eventure__snapshot_next(eventure__store *store, eventure__snapshot_row *row);

void eventure__snapshot_row_end(eventure__store *store, eventure__snapshot_row *row);

/* Reads the position of the newest snapshot; tick -1 and seq -1 if there is none. */
eventure_status eventure__snapshot_newest(eventure__store *store, const char *name, int64_t version, int64_t *out_tick,
                                          int64_t *out_seq);

/* Inserts or replaces a snapshot. */
eventure_status eventure__snapshot_write(eventure__store *store, const eventure_snapshot *snapshot, const void *state);

/* Deletes the snapshots that the policy does not keep; see eventure_snapshot_policy. */
eventure_status eventure__snapshot_prune(eventure__store *store, const char *name, int64_t version,
                                         const eventure_snapshot_policy *policy);

/* Deletes all snapshots of a name and version. */
eventure_status eventure__snapshot_drop(eventure__store *store, const char *name); /* of all versions */
eventure_status eventure__snapshot_delete(eventure__store *store, const char *name, int64_t version);

/* Copies a policy of any size that a program may have been compiled with; NULL means all defaults. `what` begins the
 * text. */
eventure_status eventure__snapshot_policy_take(const eventure_snapshot_policy *given, const char *what,
                                               eventure__error *error, eventure_snapshot_policy *out);

/* Returns whether a snapshot is due here, when the newest one is at (newest_tick, newest_seq). */
bool eventure__snapshot_is_due(const eventure_snapshot_policy *policy, int64_t newest_tick, int64_t newest_seq,
                               int64_t tick, int64_t seq);

#endif
