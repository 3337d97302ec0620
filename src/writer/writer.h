/*
 * The writer: writes numbered events to the file. It owns the state between a log and its tables: pending rows, the
 * digests of the current tick, and the transaction. It does not validate: its input is correct.
 *
 * All state can be derived from the file: after a rollback it is loaded from the file again, exactly as on opening (see
 * log/load.c).
 *
 * A log calls its writer directly, or in a thread (see background.h). One thread at a time may use it. Each call
 * returns a status whose text is in store->error; after an error the log rolls back.
 */
#ifndef EVENTURE_WRITER_WRITER_H
#define EVENTURE_WRITER_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/buffer.h"
#include "event/tick_digest.h"
#include "store/data_index.h"
#include "store/store.h"

/* The maximum number of pending events, the number of values of each without the tick, and the longest data of a
   pending event. */
#define EVENTURE__ROWS 32
#define EVENTURE__ROW_VALUES 7
#define EVENTURE__ROW_MAX_BYTES 65536

/* An event to be written: all its properties are known and correct. */
typedef struct eventure__entry
{
    int64_t seq;
    int64_t parent_seq; /* 0: none in this store */
    eventure__timestamp timestamp;
    const char *type; /* valid as long as the log is open */
    size_t type_len;
    const char *id; /* NUL-terminated, as is parent_id */
    size_t id_len;
    const char *parent_id; /* NULL: no cause */
    size_t parent_id_len;
    const char *data; /* compact */
    size_t data_len;
    bool has_explicit_id; /* the id is not the derived one */
} eventure__entry;

/* A pending event: it belongs to the current tick and is not in the table yet. Its texts begin at `offset` in the
   buffer of pending events: id, parent_id, data. */
typedef struct eventure__pending_row
{
    eventure__entry entry;
    size_t offset;
} eventure__pending_row;

typedef enum eventure__writer_statement
{
    EVENTURE__INSERT_1, /* one event; each following statement inserts twice as many */
    EVENTURE__INSERT_2,
    EVENTURE__INSERT_4,
    EVENTURE__INSERT_8,
    EVENTURE__INSERT_16,
    EVENTURE__INSERT_32,
    EVENTURE__UPSERT_TICK,
    EVENTURE__SET_CURRENT_TICK,
    EVENTURE__SET_EXPLICIT_IDS,
    EVENTURE__BEGIN,
    EVENTURE__COMMIT,
    EVENTURE__WRITER_STATEMENTS
} eventure__writer_statement;

typedef struct eventure__writer
{
    eventure__store *store; /* borrowed */
    sqlite3_stmt *statements[EVENTURE__WRITER_STATEMENTS];
    bool in_transaction;
    bool has_digests;
    bool has_explicit_ids;        /* the file records that there are some */
    int64_t tick;                 /* the current tick, as known to the writer */
    int64_t persisted_tick;       /* the current tick as derived from the file, while it has no events (lets an empty
                                     commit skip the row of the store) */
    int64_t first_seq;            /* of the first event of this tick; 0: it has none */
    int64_t last_seq;             /* of all events */
    int64_t open_tick;            /* the tick that is recorded as being in the table `tick` and not sealed
                                     (store/proof.h) */
    bool is_dirty;                /* the table `tick` is not up to date for this tick */
    int64_t ticks_uncommitted;    /* advanced since the last commit */
    eventure__tick_digest link;   /* the digests of the tick before the current one */
    eventure__digest_chain chain; /* the state of the digests of this tick */
    eventure__pending_row rows[EVENTURE__ROWS];
    size_t rows_count;
    eventure__buffer rows_texts;
    eventure__data_indexes data_indexes;
    int64_t indexed_seq; /* complete indexes on data contain the events up to this one */
} eventure__writer;

/* Opens a writer on an open store. It must be closed in any case, before the store. */
eventure_status eventure__writer_open(eventure__writer *writer, eventure__store *store);
void eventure__writer_close(eventure__writer *writer);

/* Frees the writer in a child of the process that opened it, without calling SQLite. */
void eventure__writer_abandon(eventure__writer *writer);

/* The error text of a call whose transaction was rolled back. */
#define EVENTURE__ROLLED_BACK "what was not committed is lost: it was rolled back when reading the store failed"

/* Whether SQLite has rolled back the transaction, as it does when a read on the same connection fails because of memory
   or the disk. */
bool eventure__writer_was_rolled_back(const eventure__writer *writer);

/* Begins a transaction when there is none. */
eventure_status eventure__writer_begin(eventure__writer *writer);

/* Writes an event, immediately or together with later ones. */
eventure_status eventure__writer_event(eventure__writer *writer, const eventure__entry *entry);

/* Seals the current tick and advances to a later one, within the transaction. */
eventure_status eventure__writer_next_tick(eventure__writer *writer, int64_t tick);

/* Writes all pending state to the tables, within the transaction. */
eventure_status eventure__writer_flush(eventure__writer *writer);

/* Commits, when there is something to commit. */
eventure_status eventure__writer_commit(eventure__writer *writer);

/* --- For log/load.c, which fills it from the file --- */

/* Discards all pending events. eventure__writer_start_tick then begins the tick. */
void eventure__writer_clear(eventure__writer *writer);

/* Begins an empty tick: `link` contains the digests of the tick before. */
void eventure__writer_start_tick(eventure__writer *writer, int64_t tick);

/* Adds an event of the current tick that is already in the file. */
void eventure__writer_resume_event(eventure__writer *writer, const eventure__entry *entry);

/* --- row_batch.c: events that wait for each other --- */

eventure_status eventure__writer_add_row(eventure__writer *writer, const eventure__entry *entry);

/* Writes the pending events. It must be called before events are read by SQL. */
eventure_status eventure__writer_write_rows(eventure__writer *writer);
void eventure__writer_forget_rows(eventure__writer *writer);

/* --- statements.c --- */

/* Prepares the statements, except the inserts, which are prepared at their first use. */
eventure_status eventure__writer_prepare(eventure__writer *writer);
eventure_status eventure__writer_prepare_insert(eventure__writer *writer, eventure__writer_statement which);
void eventure__writer_finalize(eventure__writer *writer);

/* Steps a statement that returns no rows, and resets it. */
eventure_status eventure__writer_step(eventure__writer *writer, eventure__writer_statement which, const char *what);

#endif
