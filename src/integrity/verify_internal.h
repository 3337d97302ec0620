/*
 * State and functions that the checks of a store share. A check that finds a problem writes it into the report and
 * returns false. After an error it returns false too, and the error is in `status`.
 */
#ifndef EVENTURE_INTEGRITY_VERIFY_INTERNAL_H
#define EVENTURE_INTEGRITY_VERIFY_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include <eventure/integrity.h>

#include "store/archived.h"
#include "store/data_index.h"
#include "store/store.h"

/* Number of indexes on data that are checked in one pass through the events. */
#define EVENTURE__VERIFY_INDEXES 16

/* Selects the rows of `origin` whose seq is not greater than the seq of any later fork, in the order of the forks. A
 * later fork at a smaller seq replaced the events up to the earlier one, so its digests cannot be compared. */
#define EVENTURE__VERIFY_ORIGINS                                                                                       \
    "SELECT generation, seq AS here_seq, tick AS here_tick, run_digest AS here_run, full_digest AS here_full FROM "    \
    "(SELECT *, min(seq) OVER (ORDER BY generation ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS least "        \
    "FROM origin) WHERE seq = least ORDER BY generation"

typedef struct eventure__verifier
{
    eventure__store *store;
    eventure_verify_options options;
    eventure_verify_report *report;
    eventure_status status;
    eventure__cut cut;
    int64_t last_seq;
    eventure__data_indexes indexes;
    int64_t done;  /* events read, in all passes */
    int64_t total; /* events that all passes together will read */
} eventure__verifier;

/* A query that must return no row. The first row is the problem: `what` contains a number from it. */
typedef struct eventure__forbidden
{
    const char *sql;
    const char *what; /* contains one %lld */
} eventure__forbidden;

/* Writes the problem into the report; returns false. */
bool eventure__verify_found(eventure__verifier *verifier, const char *format, ...) EVENTURE_PRINTF(2, 3);

/* Steps the statement; true while there are rows. False at the end and on failure; *out_ok distinguishes the two. */
bool eventure__verify_step(eventure__verifier *verifier, sqlite3_stmt *statement, const char *what, bool *out_ok);

/* Prepares a statement, which the caller gives back to the store. */
bool eventure__verify_take(eventure__verifier *verifier, const char *sql, sqlite3_stmt **out);

/* Whether the store has a table, which stores from before it existed do not have. Returns false on failure. */
bool eventure__verify_has_table(eventure__verifier *verifier, const char *table, bool *out_exists);

/* Sets the error for out of memory, which is not a problem of the store. Always returns false. */
bool eventure__verify_no_memory(eventure__verifier *verifier);

/* Returns the problem of a position in the history, which the current row holds from `column` on; NULL when it is
 * valid. The columns: the tick, the seq, the tick of that event, and that of the next one (NULL: there is none in this
 * store). `misplaced` is the text for a position before the last event of the tick. */
const char *eventure__verify_position(const eventure__verifier *verifier, sqlite3_stmt *row, int column,
                                      int64_t current_tick, const char *misplaced);

/* Counts one more event, and reports progress at intervals. False when the callback stops the check. */
bool eventure__verify_report_progress(eventure__verifier *verifier, int64_t tick);

/* Checks each event and tick, in order, with the chains of digests (verify_events.c). */
bool eventure__verify_events(eventure__verifier *verifier);

/* Compares each table, index, trigger and view with the schema of the library (verify_schema.c). */
bool eventure__verify_schema(eventure__verifier *verifier);

/* Checks the tables other than events (verify_tables.c). */
bool eventure__verify_tables(eventure__verifier *verifier);

/* Adds a table to those whose changes cannot be detected (verify_notes.c). */
void eventure__verify_note_unchecked(eventure__verifier *verifier, const char *table);

bool eventure__verify_forbidden(eventure__verifier *verifier, const eventure__forbidden *rule);

/* Compares the tables with their notes (verify_notes.c). It is the last check, because the other checks describe a
 * problem better. */
bool eventure__verify_notes(eventure__verifier *verifier);

/* Checks that each save point is a position of the history (verify_saves.c). */
bool eventure__verify_saves(eventure__verifier *verifier);

/* Checks the rows that describe the indexes on data (verify_data.c). */
bool eventure__verify_index_rows(eventure__verifier *verifier);

/* Checks that the indexes on data match the events, which were verified before (verify_data.c). */
bool eventure__verify_data(eventure__verifier *verifier);

/* Checks that each snapshot is at a position of the history (verify_snapshots.c). */
bool eventure__verify_snapshot_rows(eventure__verifier *verifier);

/* Checks that the reducers of the caller can be used (verify_snapshots.c). */
eventure_status eventure__verify_check_reducers(eventure__verifier *verifier);

/* Checks that the snapshots of the caller's reducers equal the states of a fold (verify_snapshots.c). */
bool eventure__verify_snapshots(eventure__verifier *verifier);

#endif
