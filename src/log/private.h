/*
 * What the files of src/log share: the log, the state of its current tick, and the one way in which a row is written.
 *
 * Nothing is kept here that the file does not hold: after a rollback the state is loaded from the file again, exactly
 * as on opening.
 */
#ifndef EVENTURE_LOG_PRIVATE_H
#define EVENTURE_LOG_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include <eventure/log.h>

#include "base/buffer.h"
#include "event/chain.h"
#include "event/id.h"
#include "log/hook.h"
#include "store/data_index.h"
#include "store/lock.h"
#include "store/store.h"

/* How many of the newest events are remembered, so that naming a recent parent needs no look-up. A power of two. */
#define EVENTURE__RECENT 1024

/* How many events are written by one statement (schema/queries/insert_32_events.sql), and the longest data of one that
 * waits for others. */
#define EVENTURE__ROWS 32
#define EVENTURE__ROW_MAX_BYTES 65536

/* Room for the data of those that wait, so that most logs get no memory while they append. */
#define EVENTURE__ROWS_FIRST_BYTES 8192

/* What a type has to do with the current tick. */
typedef struct eventure__type_state
{
    int64_t pending;    /* its events in this tick that `type_tick` does not count yet */
    uint32_t hash_code; /* of its HASH */
} eventure__type_state;

/* The identity of one recent event. */
typedef struct eventure__recent
{
    int64_t seq;
    int64_t tick;
    int64_t type_id;
    int64_t ordinal;
    bool is_foreign; /* its id is in `foreign_id` */
} eventure__recent;

/* An event of the current tick that is not in the table yet. */
typedef struct eventure__waiting_row
{
    int64_t seq;
    int64_t type_id;
    int64_t ordinal;
    int64_t parent_seq; /* 0: none */
    double timestamp;
    size_t data_offset; /* in the data of all that wait */
    size_t data_len;
} eventure__waiting_row;

/* The current tick: all of it is empty again when the tick is advanced. */
typedef struct eventure__tick_state
{
    int64_t first_seq;                      /* of its events; 0: it has none */
    bool is_dirty;                          /* something is not in `tick` and `type_tick` yet */
    bool has_taken_ids;                     /* `foreign_id` has ids that begin like this tick's */
    int64_t ordinals[EVENTURE__HASH_CODES]; /* the last ordinal of each HASH */
    uint32_t used_codes[EVENTURE__HASH_CODES];
    size_t used_codes_count; /* which of them are not 0 */
    int64_t *used_types;     /* ids of types with pending events */
    size_t used_types_count;
    size_t used_types_capacity;
    eventure__chain chain; /* what the digests of this tick are made of, so far */
} eventure__tick_state;

typedef enum eventure__log_statement
{
    EVENTURE__INSERT_EVENT,
    EVENTURE__INSERT_32_EVENTS,
    EVENTURE__INSERT_TYPE,
    EVENTURE__INSERT_FOREIGN_ID,
    EVENTURE__INSERT_EXTERNAL_PARENT,
    EVENTURE__UPSERT_TICK,
    EVENTURE__UPSERT_TYPE_TICK,
    EVENTURE__SET_CURRENT_TICK,
    EVENTURE__BEGIN,
    EVENTURE__COMMIT,
    EVENTURE__LOG_STATEMENTS
} eventure__log_statement;

struct eventure_log
{
    eventure_reader *store;
    eventure__lock lock;
    eventure_log_options options; /* with the defaults filled in */
    eventure__error open_error;   /* while there is no store */
    bool is_open;
    bool in_transaction;
    bool has_digests;
    bool has_foreign_ids;
    int64_t tick;
    int64_t told_tick; /* what the file tells of the current tick, while that has no events */
    int64_t last_seq;
    int64_t ticks_uncommitted; /* advanced since the last commit */
    eventure__link link;       /* the digests of the tick before the current one */
    eventure__tick_state state;
    eventure__type_state *type_states; /* by type id - 1 */
    size_t type_states_count;
    size_t type_states_capacity;
    eventure__recent recent[EVENTURE__RECENT];  /* by seq modulo its size */
    int64_t recent_slots[2 * EVENTURE__RECENT]; /* seqs by a hash of tick, HASH and ordinal; the newer one stays */
    eventure__waiting_row rows[EVENTURE__ROWS];
    size_t rows_count;
    eventure__buffer rows_data;
    sqlite3_stmt *statements[EVENTURE__LOG_STATEMENTS];
    eventure__data_indexes data_indexes;
    int64_t indexed_seq;       /* complete indexes on data hold the events up to this one */
    eventure__log_hook *hooks; /* borrowed */
    /* What the last event handed out points to. */
    eventure__buffer data;
    eventure__buffer parent_id;
    char id[EVENTURE__ID_BYTES];
};

/* One event about to be written: everything is known and right. */
typedef struct eventure__row_to_write
{
    int64_t type_id;
    const eventure__type *type;
    double timestamp;
    const char *data; /* compact */
    size_t data_len;
    int64_t parent_seq;             /* 0: none */
    const char *external_parent_id; /* NULL: none */
    const char *id;                 /* the id it must have; NULL: the next one of its tick and HASH */
} eventure__row_to_write;

/* --- log.c --- */

/* Begins a transaction when there is none. */
eventure_status eventure__log_begin(eventure_log *log);

/* Seals the current tick and goes on to a later one, within the transaction. */
eventure_status eventure__log_move_to(eventure_log *log, int64_t tick);

/* Rolls back to the last commit and loads the state from the file; keeps the error text, and returns `cause`. */
eventure_status eventure__log_undo(eventure_log *log, eventure_status cause);

/* --- state.c: what is known of the current tick --- */

/* Loads everything from the file. */
eventure_status eventure__log_load(eventure_log *log);

/* Makes room for the states of the store's types. */
bool eventure__log_grow_type_states(eventure_log *log);

/* Begins an empty tick: the log's tick and digests are set already. */
eventure_status eventure__log_start_tick(eventure_log *log);

/* Counts an event of the current tick that was written, or read back from the file. */
bool eventure__log_count_event(eventure_log *log, int64_t type_id, bool is_pending);

void eventure__log_digest_event(eventure_log *log, const eventure__row_to_write *row, const char *foreign_id);

/* Brings `tick` and `type_tick` up to date. */
eventure_status eventure__log_flush_tick(eventure_log *log, bool seal);

/* --- write.c: rows --- */

eventure_status eventure__log_prepare(eventure_log *log);
void eventure__log_finalize(eventure_log *log);

/* The id of a type, written first when it is new. The name has been checked. */
eventure_status eventure__log_type(eventure_log *log, const char *name, size_t len, int64_t *out_type_id);

/* Writes one event; the log counts it. Its natural or given id is in log->id when that is not a foreign one; out_id
 * receives a pointer to what its id is (the row's own, or log->id). */
eventure_status eventure__log_write(eventure_log *log, const eventure__row_to_write *row, const char **out_id);

/* Steps a statement that answers nothing, and resets it. */
eventure_status eventure__log_step(eventure_log *log, eventure__log_statement which, const char *what);

/* --- rows.c: events on their way into the table --- */

/* Writes the event with that seq and ordinal, now or together with those that follow. */
eventure_status eventure__log_add_row(eventure_log *log, const eventure__row_to_write *row, int64_t seq,
                                      int64_t ordinal);

/* Writes those that wait. Whatever reads events by SQL calls it first. */
eventure_status eventure__log_write_rows(eventure_log *log);
void eventure__log_forget_rows(eventure_log *log);

/* --- recent.c: the newest events, in memory --- */

void eventure__log_remember(eventure_log *log, const eventure__recent *event);
void eventure__log_forget_recent(eventure_log *log);

/* The seq of a recent event by its id; 0 when memory does not tell. */
int64_t eventure__log_recall(const eventure_log *log, const char *id);

/* Whether the event with that seq has that id, as far as memory tells. */
bool eventure__log_is_recent(const eventure_log *log, int64_t seq, const char *id);

/* --- data_index.c --- */

/* Loads what indexes on data there are; last_seq is known. */
eventure_status eventure__log_load_data_indexes(eventure_log *log);

/* Brings the indexes on data up to date, within the transaction. */
eventure_status eventure__log_index_data(eventure_log *log);

/* --- parent.c --- */

/* Resolves a parent given by its id to its seq: EVENTURE_ERROR_PARENT when there is none. */
eventure_status eventure__log_parent_by_id(eventure_log *log, const char *id, int64_t *out_seq);

/* Resolves a parent given as an event: one of this store, or only an id. */
eventure_status eventure__log_parent(eventure_log *log, const eventure_event *parent, int64_t *out_seq);

/* --- hook.c --- */

/* Tells the hooks that a tick is complete; the first error ends it. */
eventure_status eventure__log_tell_tick(eventure_log *log, int64_t tick);

/* Tells the hooks that a transaction was undone. */
void eventure__log_tell_undo(eventure_log *log);

#endif
