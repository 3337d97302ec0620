/*
 * What the files of src/log share: the log, and what it knows of the current tick.
 *
 * A log has two halves. Its own one checks what is given, and gives every event its place: seq, ordinal, id (append.c,
 * assign.c, recent.c, parent.c). Its writer brings numbered events into the file (writer.h), at once or in a thread
 * (background.h); queue.c is the way from one to the other. Nothing is kept that the file does not hold: after a
 * rollback both halves are loaded from the file again, exactly as on opening (load.c).
 */
#ifndef EVENTURE_LOG_PRIVATE_H
#define EVENTURE_LOG_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/log.h>

#include "base/buffer.h"
#include "event/id.h"
#include "event/types.h"
#include "store/store.h"
#include "writer/background.h"
#include "writer/writer.h"

/* How many of the newest events are remembered, so that naming a recent parent needs no look-up. A power of two. */
#define EVENTURE__RECENT 1024

/* One recent event. */
typedef struct eventure__recent
{
    int64_t seq;   /* 0: none */
    int64_t older; /* the seq before it in its slot; 0: none */
    char id[EVENTURE__ID_BYTES];
} eventure__recent;

struct eventure_log
{
    eventure_reader *store;
    eventure_log_options options; /* with the defaults filled in */
    eventure__error open_error;   /* while there is no store */
    bool is_open;
    bool was_rolled_back; /* a read that failed took what was uncommitted with it: the next write has to say so */
    bool has_failed;      /* the newest call that appends or commits failed: closing throws the current tick away */
    bool bypasses_queue;  /* what is written goes to the writer at once, also beside a thread */
    eventure__writer writer;
    eventure__background *background; /* NULL: there is no thread */
    eventure_reader *writers_store;   /* the thread's own view of the connection */
    struct eventure__log_hook *hooks; /* borrowed: see hook.h */
    int64_t tick;
    _Atomic int64_t durable_tick; /* the tick of the last commit, where no thread keeps it; for any thread */
    int64_t last_seq;
    bool has_explicit_ids;
    int64_t explicit_tick_max; /* the latest tick that a foreign id which came since loading begins with; -1: none */
    bool lacks_indexes;        /* they are built at the end of the transaction (deferred_index.c) */
    eventure__types types;     /* those that were appended so far */
    /* The current tick. */
    int64_t tick_events;                    /* how many it has */
    bool keeps_integer_timestamps;          /* as the store does */
    bool has_taken_ids;                     /* there are foreign ids that begin like this tick's */
    int64_t ordinals[EVENTURE__HASH_CODES]; /* the last ordinal of each HASH */
    uint32_t used_codes[EVENTURE__HASH_CODES];
    size_t used_codes_count;                    /* which of them are not 0 */
    eventure__recent recent[EVENTURE__RECENT];  /* by seq modulo its size */
    int64_t recent_slots[2 * EVENTURE__RECENT]; /* the newest seq for each hash of an id */
    /* What the last event handed out points to. */
    eventure__buffer data; /* its texts, or those of a batch */
    eventure__buffer ids;  /* of a batch */
    char id[EVENTURE__ID_BYTES];
    size_t id_len;
};

/* One event about to be numbered and sent: everything that was given is checked. */
typedef struct eventure__row_to_write
{
    size_t type_number; /* 0: not met yet */
    const eventure__type *type;
    eventure__timestamp timestamp;
    const char *data; /* compact */
    size_t data_len;
    int64_t parent_seq;    /* 0: none in this store */
    const char *parent_id; /* NULL: no cause */
    const char *id;        /* the id it must have; NULL: the next one of its tick and HASH */
    /* Where these texts lie in log->data, from 1; 0: there is none. */
    size_t data_at;
    size_t parent_id_at;
    size_t id_at;
} eventure__row_to_write;

/* --- undo.c (see also undo.h) --- */

/* What a call of the writer answered, with its text where the log's is. */
eventure_status eventure__log_from_writer(eventure_log *log, eventure_status status);

/* Records that everything before the current tick is committed. */
void eventure__log_note_durable(eventure_log *log);

/* After a read on the log's connection: if SQLite rolled the transaction back, undoes it here too. An error if the log
 * cannot be used. */
eventure_status eventure__log_notice_loss(eventure_log *log);

/* Also that what was appended before is still there. */
eventure_status eventure__log_check_usable(eventure_log *log, const char *what);

/* --- transaction.c (see also transaction.h) --- */

/* Begins a transaction when there is none, and has the writer to itself: what waited for a thread is written. */
eventure_status eventure__log_begin(eventure_log *log);

/* Seals the current tick and goes on to a later one, within the transaction. */
eventure_status eventure__log_move_to(eventure_log *log, int64_t tick);

/* --- ordinals.c --- */

/* Begins to count an empty tick: the log's tick is set already. */
eventure_status eventure__log_start_tick(eventure_log *log);

/* Counts an event of the current tick. */
void eventure__log_count_event(eventure_log *log, const eventure__type *type);

/* --- discard.c --- */

/* Throws away what was appended to the current tick and not committed, and commits what is complete. */
eventure_status eventure__log_discard_tick(eventure_log *log);

/* --- append.c --- */

/* Completes the type's length, and checks that there is a type. */
eventure_status eventure__log_take_type(eventure_log *log, eventure_event_input *input);

/* Checks everything that the caller gave; nothing is written yet. The texts are appended to log->data, each with a NUL.
 * In a batch, `ahead` events come before it. */
eventure_status eventure__log_check_event(eventure_log *log, const eventure_event_input *input, size_t ahead,
                                          eventure__row_to_write *row);

/* Once log->data does not grow any more: the row's pointers to its texts. */
void eventure__log_point_to_texts(const eventure_log *log, eventure__row_to_write *row);

/* Numbers and sends an event that was checked. An error asks for eventure__log_undo. */
eventure_status eventure__log_write_checked(eventure_log *log, const char *type, size_t type_len,
                                            eventure__row_to_write *row, const char **out_id);

/* The event of a row, as it stands in the log. */
eventure_event eventure__log_event(const eventure_log *log, const eventure__row_to_write *row, int64_t seq,
                                   const char *id);

/* --- load.c --- */

/* Loads everything from the file. */
eventure_status eventure__log_load(eventure_log *log);

/* Loads what indexes on data there are; last_seq is known. */
eventure_status eventure__log_load_data_indexes(eventure_log *log);

/* --- assign.c: the place of the next event --- */

/* Numbers one event, and sends it to the writer. out_id receives a pointer to its id (the row's own, or log->id). */
eventure_status eventure__log_write(eventure_log *log, const eventure__row_to_write *row, const char **out_id);

/* Finds the event of an id, also one that waits to be written; the thread must have nothing to do.
 * EVENTURE_ERROR_NOT_FOUND when there is none. */
eventure_status eventure__log_find_id(eventure_log *log, const char *id, int64_t *out_seq);

/* Refuses an id that an event of the store has already: EVENTURE_ERROR_EXISTS. The thread must have nothing to do. */
eventure_status eventure__log_check_is_free(eventure_log *log, const char *id);

/* --- queue.c: from the log to its writer --- */

eventure_status eventure__log_send_event(eventure_log *log, const eventure__entry *entry);
eventure_status eventure__log_send_tick(eventure_log *log, int64_t tick);

/* Whether there is room for so many events, with so much text together, on their way to the writer: waits for it, or
 * refuses, as the options say. */
eventure_status eventure__log_make_room(eventure_log *log, size_t events, size_t text_len);

/* Has the writer to itself: all that was sent is written, though not committed. An error of the thread is told here,
 * and everything since the last commit is rolled back then. */
eventure_status eventure__log_settle(eventure_log *log);

/* --- limits.c --- */

/* Whether an event of that type may be one more of that tick, which is the current one or comes after it; `ahead` more
 * will be appended before it. */
eventure_status eventure__log_check_limits(eventure_log *log, const char *type, size_t type_len, int64_t tick,
                                           size_t ahead);

/* --- recent.c: the newest events, in memory --- */

void eventure__log_remember(eventure_log *log, int64_t seq, const char *id, size_t id_len);
void eventure__log_forget_recent(eventure_log *log);

/* The seq of a recent event by its id; 0 when memory does not tell. */
int64_t eventure__log_recall(eventure_log *log, const char *id);

/* Whether the event with that seq has that id, as far as memory tells. */
bool eventure__log_is_recent(const eventure_log *log, int64_t seq, const char *id);

/* The id of a recent event; NULL when memory does not tell. */
const char *eventure__log_recent_id(const eventure_log *log, int64_t seq);

/* --- parent.c --- */

/* Resolves a parent given by its id to its seq: EVENTURE_ERROR_PARENT when there is none. */
eventure_status eventure__log_parent_by_id(eventure_log *log, const char *id, int64_t *out_seq);

/* Resolves the cause of an event, in whatever way it is named, but for one in the same batch: its seq (0: none in this
 * store), and its id, which is appended to log->data. */
eventure_status eventure__log_parent(eventure_log *log, const eventure_event_input *input, eventure__row_to_write *row);

/* Appends a text and a NUL to log->data. *out_at receives where it lies, from 1. */
eventure_status eventure__log_keep_text(eventure_log *log, const char *text, size_t len, size_t *out_at);

/* Checks an id that comes from outside: 1 to 1024 bytes of UTF-8 without NUL. `whose` is "the id" or the like. */
eventure_status eventure__log_check_id(eventure_log *log, const char *whose, const char *id, size_t len);

/* --- deferred_index.c --- */

/* In an empty store, within the transaction: the indexes on events are built when it ends. */
eventure_status eventure__log_drop_indexes(eventure_log *log);

/* Builds what was dropped: before any commit, so that no file is without them. */
eventure_status eventure__log_build_indexes(eventure_log *log);

#endif
