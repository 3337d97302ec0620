/*
 * The internal structure of the log, shared by the files of src/log.
 *
 * A log has two halves. The first checks the caller's input and assigns the seq, ordinal and id of each event
 * (append.c, assign.c, recent.c, parent.c). The second, the writer, inserts the numbered events into the file
 * (writer.h), immediately or in a thread (background.h); queue.c passes events to it. The log has no state that is not
 * also in the file: after a rollback both halves are loaded again, as on opening (load.c).
 */
#ifndef EVENTURE_LOG_LOG_INTERNAL_H
#define EVENTURE_LOG_LOG_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/log.h>

#include "base/buffer.h"
#include "event/id.h"
#include "event/json.h"
#include "event/types.h"
#include "store/store.h"
#include "writer/background.h"
#include "writer/writer.h"

/* The number of newest events in memory, so that a recent parent needs no look-up. A power of two. */
#define EVENTURE__RECENT 1024

/* One recent event. */
typedef struct eventure__recent
{
    int64_t seq;   /* 0: none */
    int64_t older; /* the seq before it in its slot; 0: none */
    size_t id_len;
    char id[EVENTURE__ID_BYTES];
} eventure__recent;

struct eventure_log
{
    eventure__store *store;
    eventure_log_options options; /* with the defaults filled in */
    eventure__error open_error;   /* the error while there is no store; later the one that made the log unusable */
    bool is_open;
    bool was_rolled_back; /* a failed read rolled back the transaction: the next write must return an error */
    bool has_failed;      /* the most recent call that appends or commits failed: closing discards the current tick */
    bool bypasses_queue;  /* call the writer directly, without the queue, even if there is a thread */
    eventure__writer writer;
    eventure__background *background; /* NULL: there is no thread */
    eventure__store *writers_store;   /* the thread's own view of the connection */
    struct eventure__log_hook *hooks; /* borrowed: see hook.h */
    bool is_notifying;                /* a hook receives an event: it must not append, advance or commit */
    int64_t tick;
    _Atomic int64_t durable_tick; /* the tick of the last commit, when there is no thread; any thread may read it */
    int64_t last_seq;
    bool has_explicit_ids;     /* the store has events whose id is not the derived one */
    int64_t explicit_tick_max; /* the latest tick with which such an id appended since loading begins; -1: none */
    bool lacks_indexes;        /* they are built at the end of the transaction (deferred_index.c) */
    eventure__types types;     /* those that were appended so far */
    /* The current tick. */
    int64_t tick_events;                    /* its number of events */
    bool keeps_integer_timestamps;          /* as the store does */
    bool has_taken_ids;                     /* there are explicit ids that begin like those of this tick */
    int64_t ordinals[EVENTURE__HASH_CODES]; /* the last ordinal of each HASH */
    uint32_t used_codes[EVENTURE__HASH_CODES];
    size_t used_codes_count;                    /* which of them are not 0 */
    eventure__recent recent[EVENTURE__RECENT];  /* by seq modulo its size */
    int64_t recent_slots[2 * EVENTURE__RECENT]; /* the newest seq for each hash of an id */
    /* The memory to which the last returned event points. Its members can be arguments of the next append, which
     * replaces the ids when it has copied its input. */
    eventure__buffer texts[2]; /* its texts, or those of a batch; and those of the event or batch before */
    eventure__buffer *data;    /* the former */
    eventure__buffer ids;      /* its explicit id, or the ids of a batch */
    char id[EVENTURE__ID_BYTES];
    size_t id_len;
};

/* An event that is checked and not yet numbered and sent. */
typedef struct eventure__row_to_write
{
    size_t type_number; /* 0: not met yet */
    const eventure__type *type;
    eventure__timestamp timestamp;
    const char *data; /* compact */
    size_t data_len;
    int64_t parent_seq;    /* 0: none in this store */
    const char *parent_id; /* NULL: no cause */
    size_t parent_id_len;
    const char *id; /* the id it must have; NULL: the next one of its tick and HASH */
    size_t id_len;
    /* The offsets of these texts in log->data plus 1; 0: none. */
    size_t data_at;
    size_t parent_id_at;
    size_t id_at;
} eventure__row_to_write;

/* --- undo.c (see also undo.h) --- */

/* Returns the status of a call of the writer, and copies its error text to the log. */
eventure_status eventure__log_from_writer(eventure_log *log, eventure_status status);

/* Records that everything before the current tick is committed. */
void eventure__log_note_durable(eventure_log *log);

/* After a read on the log's connection: if SQLite rolled the transaction back, undoes it here too. An error if the log
 * cannot be used. */
eventure_status eventure__log_notice_loss(eventure_log *log);

/* As eventure__log_check_open, and also checks that the transaction was not rolled back, and that no hook calls. */
eventure_status eventure__log_check_usable(eventure_log *log, const char *what);

/* --- transaction.c (see also transaction.h) --- */

/* Begins a transaction when there is none, after a thread has written all queued events, so that the caller may use the
   writer. */
eventure_status eventure__log_begin(eventure_log *log);

/* Seals the current tick and advances to a later one, within the transaction. */
eventure_status eventure__log_move_to(eventure_log *log, int64_t tick);

/* --- ordinals.c --- */

/* Begins counting an empty tick, after the log's tick is set. */
eventure_status eventure__log_start_tick(eventure_log *log);

/* Counts an event of the current tick. */
void eventure__log_count_event(eventure_log *log, const eventure__type *type);

/* --- discard.c --- */

/* Discards the uncommitted events of the current tick, and commits the complete ticks. */
eventure_status eventure__log_discard_tick(eventure_log *log);

/* --- append.c --- */

/* Makes log->data empty for the texts of the next event or batch. The texts of the one before stay. */
void eventure__log_begin_texts(eventure_log *log);

/* Completes the type's length, and checks that there is a type. */
eventure_status eventure__log_take_type(eventure_log *log, eventure_event_input *input);

/* Checks the caller's input completely, without writing. The texts are appended to log->data, each with a NUL. In a
   batch, `ahead` events come before it. */
eventure_status eventure__log_check_event(eventure_log *log, const eventure_event_input *input, size_t ahead,
                                          eventure__row_to_write *row);

/* Sets the row's pointers to its texts, when log->data does not grow any more. */
void eventure__log_point_to_texts(const eventure_log *log, eventure__row_to_write *row);

/* Numbers and sends an event that was checked. After an error the caller must call eventure__log_undo. */
eventure_status eventure__log_write_checked(eventure_log *log, const char *type, size_t type_len,
                                            eventure__row_to_write *row, eventure__span *out_id);

/* Returns the event of a row, as stored. */
eventure_event eventure__log_event(const eventure_log *log, const eventure__row_to_write *row, int64_t seq,
                                   eventure__span id);

/* --- load.c --- */

/* Loads everything from the file. */
eventure_status eventure__log_load(eventure_log *log);

/* Loads the list of indexes on data; last_seq must be set. */
eventure_status eventure__log_load_data_indexes(eventure_log *log);

/* --- assign.c: the place of the next event --- */

/* Numbers one event, and sends it to the writer. out_id receives its id (the row's own, or log->id). */
eventure_status eventure__log_write(eventure_log *log, const eventure__row_to_write *row, eventure__span *out_id);

/* Finds the event with an id, including events not yet written; the thread must be idle. EVENTURE_ERROR_NOT_FOUND when
 * there is none. */
eventure_status eventure__log_find_id(eventure_log *log, eventure__span id, int64_t *out_seq);

/* Refuses an id that an event of the store has: EVENTURE_ERROR_EXISTS. The thread must be idle. */
eventure_status eventure__log_check_is_free(eventure_log *log, eventure__span id);

/* Appends an id and a NUL to log->ids, which has room for it, and returns the copy. */
const char *eventure__log_keep_id(eventure_log *log, eventure__span id);

/* --- queue.c: from the log to its writer --- */

eventure_status eventure__log_send_event(eventure_log *log, const eventure__entry *entry);
eventure_status eventure__log_send_tick(eventure_log *log, int64_t tick);

/* Makes room in the queue for this number of events with this total length of text: waits, or refuses, depending on the
   options. */
eventure_status eventure__log_make_room(eventure_log *log, size_t events, size_t text_len);

/* Waits until everything that was sent is written, but not necessarily committed; the caller may then use the writer.
   Returns an error of the thread, after rolling back everything since the last commit. */
eventure_status eventure__log_settle(eventure_log *log);

/* --- batch.c --- */

/* Sets the log's error text to "out of memory"; returns EVENTURE_ERROR_MEMORY. */
eventure_status eventure__log_fail_memory(eventure_log *log, const char *what);

/* --- limits.c --- */

/* Checks the limits for one more event of a type in a tick, which is the current one or a later one; `ahead` events
   will be appended before it. */
eventure_status eventure__log_check_limits(eventure_log *log, const char *type, size_t type_len, int64_t tick,
                                           size_t ahead);

/* --- recent.c: the newest events, in memory --- */

void eventure__log_remember(eventure_log *log, int64_t seq, const char *id, size_t id_len);
void eventure__log_forget_recent(eventure_log *log);

/* Returns the seq of a recent event by its id; 0 when it is not in memory. */
int64_t eventure__log_recall(eventure_log *log, eventure__span id);

/* Whether the event with that seq is in memory and has that id. */
bool eventure__log_is_recent(const eventure_log *log, int64_t seq, eventure__span id);

/* Returns the id of a recent event; NULL in `at` when it is not in memory. */
eventure__span eventure__log_recent_id(const eventure_log *log, int64_t seq);

/* --- parent.c --- */

/* Resolves a parent given by its id to its seq: EVENTURE_ERROR_PARENT when there is none. */
eventure_status eventure__log_parent_by_id(eventure_log *log, eventure__span id, int64_t *out_seq);

/* Resolves the cause of an event, except one in the same batch: its seq (0: none in this store), and its id, which is
   appended to log->data. */
eventure_status eventure__log_parent(eventure_log *log, const eventure_event_input *input, eventure__row_to_write *row);

/* Appends a text and a NUL to log->data. *out_at receives its offset plus 1. */
eventure_status eventure__log_keep_text(eventure_log *log, const char *text, size_t len, size_t *out_at);

/* --- deferred_index.c --- */

/* Drops the indexes on events of an empty store within the transaction; they are built when it ends. */
eventure_status eventure__log_drop_indexes(eventure_log *log);

/* Builds the dropped indexes, before any commit, so that every committed file has them. */
eventure_status eventure__log_build_indexes(eventure_log *log);

#endif
