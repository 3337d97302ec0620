/*
 * What the checks of a store share. A check that finds a problem writes it into the report and returns false; so it
 * does after an error, which is then in `status`.
 */
#ifndef EVENTURE_INTEGRITY_VERIFIER_H
#define EVENTURE_INTEGRITY_VERIFIER_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include <eventure/integrity.h>

#include "store/archived.h"
#include "store/data_index.h"
#include "store/store.h"

/* How many indexes on data are checked in one walk through the events. */
#define EVENTURE__VERIFY_INDEXES 16

/* The forks on the way here that are places of this history, in its order: a fork before the place of an earlier one
 * took another way. */
#define EVENTURE__VERIFY_ORIGINS                                                                                       \
    "SELECT generation, seq AS here_seq, tick AS here_tick, run_digest AS here_run, full_digest AS here_full FROM "    \
    "(SELECT *, min(seq) OVER (ORDER BY generation ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS least "        \
    "FROM origin) WHERE seq = least ORDER BY generation"

typedef struct eventure__verifier
{
    eventure_reader *store;
    eventure_verify_options options;
    eventure_verify_report *report;
    eventure_status status;
    eventure__cut cut;
    int64_t last_seq;
    eventure__data_indexes indexes;
    int64_t done;  /* events looked at, in all the walks through them */
    int64_t total; /* how many that will be */
} eventure__verifier;

/* A question that must have no answer; the first answer is the problem: `what` with a number. */
typedef struct eventure__forbidden
{
    const char *sql;
    const char *what; /* has one %lld */
} eventure__forbidden;

/* Writes the problem down; returns false. */
bool eventure__verify_found(eventure__verifier *verifier, const char *format, ...) EVENTURE_PRINTF(2, 3);

/* After SQLite failed: damage is a problem found, all else an error. Returns false. */
bool eventure__verify_failed(eventure__verifier *verifier, const char *what);

/* Steps; true while there are rows. At the end or on failure false; *out_ok tells which. */
bool eventure__verify_step(eventure__verifier *verifier, sqlite3_stmt *statement, const char *what, bool *out_ok);

/* Prepares a statement, to be given back to the store. */
bool eventure__verify_take(eventure__verifier *verifier, const char *sql, sqlite3_stmt **out);

/* There was no memory, which says nothing of the store. Always false. */
bool eventure__verify_no_memory(eventure__verifier *verifier);

/* One more event was looked at: tells progress now and then. False when that says stop. */
bool eventure__verify_tell(eventure__verifier *verifier, int64_t tick);

/* Each event and tick, in order, with the chains (verify_events.c). */
bool eventure__verify_events(eventure__verifier *verifier);

/* Each table, index, trigger and view against what the library makes (verify_schema.c). */
bool eventure__verify_schema(eventure__verifier *verifier);

/* The tables around the events (verify_tables.c). */
bool eventure__verify_tables(eventure__verifier *verifier);

bool eventure__verify_forbidden(eventure__verifier *verifier, const eventure__forbidden *rule);

/* The tables against what is noted of them (verify_notes.c). It comes last: other checks say more of what is wrong. */
bool eventure__verify_notes(eventure__verifier *verifier);

/* Whether each save point stands at a place of the history (verify_saves.c). */
bool eventure__verify_saves(eventure__verifier *verifier);

/* What the indexes on data say of themselves (verify_data.c). */
bool eventure__verify_index_rows(eventure__verifier *verifier);

/* Whether the indexes on data hold what the events have, which were verified before (verify_data.c). */
bool eventure__verify_data(eventure__verifier *verifier);

/* Whether each snapshot stands at a place of the history (verify_snapshots.c). */
bool eventure__verify_snapshot_rows(eventure__verifier *verifier);

/* Whether the reducers that were given can be asked (verify_snapshots.c). */
eventure_status eventure__verify_check_reducers(eventure__verifier *verifier);

/* Whether the snapshots of the reducers that were given are those of a fold (verify_snapshots.c). */
bool eventure__verify_snapshots(eventure__verifier *verifier);

#endif
