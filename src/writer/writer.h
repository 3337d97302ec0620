/*
 * The writer: from numbered events to the file. It owns what is between a log and its tables: the rows that wait for
 * others, the digests of the tick at hand, and the transaction. It decides nothing: what it is given is
 * right.
 *
 * Nothing is kept here that the file does not hold: after a rollback everything is loaded from the file again, exactly
 * as on opening (see load.c).
 *
 * A log calls its writer at once, or lets a thread do so (see background.h). It is for one thread at a time. Each call
 * answers a status whose text is in store->error; after an error the log rolls back.
 */
#ifndef EVENTURE_LOG_WRITER_H
#define EVENTURE_LOG_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/buffer.h"
#include "event/tick_digest.h"
#include "store/data_index.h"
#include "store/store.h"

/* How many events wait for each other at most, how many values each has but for the tick, and the longest data of one
 * that waits for others. */
#define EVENTURE__ROWS 32
#define EVENTURE__ROW_VALUES 7
#define EVENTURE__ROW_MAX_BYTES 65536

/* An event on its way into the file: everything is known and right. */
typedef struct eventure__entry
{
    int64_t seq;
    int64_t parent_seq; /* 0: none in this store */
    eventure__timestamp timestamp;
    const char *type; /* stays where it is for as long as the log is open */
    size_t type_len;
    const char *id; /* this one and the next NUL-terminated */
    size_t id_len;
    const char *parent_id; /* NULL: no cause */
    size_t parent_id_len;
    const char *data; /* compact */
    size_t data_len;
    bool has_explicit_id; /* the id is not the natural one of its place */
} eventure__entry;

/* An event of the current tick that is not in the table yet. Its texts lie from `offset` on in those of all that wait:
 * id, parent_id, data. */
typedef struct eventure__waiting_row
{
    eventure__entry entry;
    size_t offset;
} eventure__waiting_row;

typedef enum eventure__writer_statement
{
    EVENTURE__INSERT_1, /* one event; each of those that follow twice as many as the one before it */
    EVENTURE__INSERT_2,
    EVENTURE__INSERT_4,
    EVENTURE__INSERT_8,
    EVENTURE__INSERT_16,
    EVENTURE__INSERT_32,
    EVENTURE__UPSERT_TICK,
    EVENTURE__SET_CURRENT_TICK,
    EVENTURE__SET_FOREIGN_IDS,
    EVENTURE__BEGIN,
    EVENTURE__COMMIT,
    EVENTURE__WRITER_STATEMENTS
} eventure__writer_statement;

typedef struct eventure__writer
{
    eventure_reader *store; /* borrowed */
    sqlite3_stmt *statements[EVENTURE__WRITER_STATEMENTS];
    bool in_transaction;
    bool has_digests;
    bool has_explicit_ids;        /* the file says that there are some */
    int64_t tick;                 /* the current one, as far as it was told */
    int64_t persisted_tick;       /* what the file tells of the current tick, while that has no events */
    int64_t first_seq;            /* of the events of this tick; 0: it has none */
    int64_t last_seq;             /* of all events */
    int64_t open_tick;            /* the tick that is noted to be in the table `tick` and not sealed (store/proof.h) */
    bool is_dirty;                /* something of this tick is not in the table `tick` yet */
    int64_t ticks_uncommitted;    /* advanced since the last commit */
    eventure__tick_digest link;   /* the digests of the tick before the current one */
    eventure__digest_chain chain; /* what the digests of this tick are made of, so far */
    eventure__waiting_row rows[EVENTURE__ROWS];
    size_t rows_count;
    eventure__buffer rows_texts;
    eventure__data_indexes data_indexes;
    int64_t indexed_seq; /* complete indexes on data hold the events up to this one */
} eventure__writer;

/* Prepares what it needs on an open store. To be closed in any case, before the store is. */
eventure_status eventure__writer_open(eventure__writer *writer, eventure_reader *store);
void eventure__writer_close(eventure__writer *writer);

/* Instead of closing it, in a child of the process that has opened it: SQLite keeps what it has. */
void eventure__writer_abandon(eventure__writer *writer);

/* What a call says that finds its transaction gone. */
#define EVENTURE__ROLLED_BACK "what was not committed is lost: it was rolled back when reading the store failed"

/* Whether SQLite has rolled the transaction back by itself, as it does when a read on the same connection fails for
 * want of memory or for the disk. */
bool eventure__writer_was_rolled_back(const eventure__writer *writer);

/* Begins a transaction when there is none. */
eventure_status eventure__writer_begin(eventure__writer *writer);

/* Writes an event, now or together with those that follow. */
eventure_status eventure__writer_event(eventure__writer *writer, const eventure__entry *entry);

/* Seals the current tick and goes on to a later one, within the transaction. */
eventure_status eventure__writer_next_tick(eventure__writer *writer, int64_t tick);

/* Brings everything that SQL can see up to date, within the transaction. */
eventure_status eventure__writer_flush(eventure__writer *writer);

/* Commits, when there is something to commit. */
eventure_status eventure__writer_commit(eventure__writer *writer);

/* --- For load.c, which fills it from the file --- */

/* Forgets all that is on its way, and what it knows of the tick. */
void eventure__writer_clear(eventure__writer *writer);

/* Begins an empty tick: `link` is that of the tick before. */
void eventure__writer_start_tick(eventure__writer *writer, int64_t tick);

/* Takes up an event of the current tick that is in the file already. */
void eventure__writer_resume_event(eventure__writer *writer, const eventure__entry *entry);

/* --- rows.c: events that wait for each other --- */

eventure_status eventure__writer_add_row(eventure__writer *writer, const eventure__entry *entry);

/* Writes those that wait. Whatever reads events by SQL calls it first. */
eventure_status eventure__writer_write_rows(eventure__writer *writer);
void eventure__writer_forget_rows(eventure__writer *writer);

/* --- statements.c --- */

/* Those that insert are prepared when they are needed first. */
eventure_status eventure__writer_prepare(eventure__writer *writer);
eventure_status eventure__writer_prepare_insert(eventure__writer *writer, eventure__writer_statement which);
void eventure__writer_finalize(eventure__writer *writer);

/* Steps a statement that answers nothing, and resets it. */
eventure_status eventure__writer_step(eventure__writer *writer, eventure__writer_statement which, const char *what);

#endif
