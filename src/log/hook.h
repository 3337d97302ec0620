/*
 * Hooks, by which modules above the log take part in its transactions: they are called when a tick is complete, may
 * write into the transaction of the tick, and are called when a transaction was rolled back.
 */
#ifndef EVENTURE_LOG_HOOK_H
#define EVENTURE_LOG_HOOK_H

#include <stdbool.h>
#include <stdint.h>

#include <eventure/log.h>

typedef struct eventure__log_hook
{
    /* Called after an event was appended, which is the newest of the log and valid during the call. May be NULL. */
    void (*on_event)(eventure_log *log, const eventure_event *event, void *context);
    /* Called after a tick was sealed, with or without events; the log is at a later tick without events, and the
       transaction is open. An error rolls back everything since the last commit; its text is set in the log's reader.
       May be NULL. */
    eventure_status (*on_tick)(eventure_log *log, int64_t tick, void *context);
    /* Returns whether on_tick must be called in the transaction of that tick, so that a background writer must wait for
       it; NULL: always. Without a background writer, on_tick is called for each tick. */
    bool (*needs_tick)(eventure_log *log, int64_t tick, void *context);
    /* Called after everything since the last commit was rolled back; the log has the position of the file. The log's
       error text is restored after the call. */
    void (*on_undo)(eventure_log *log, void *context);
    void *context;                   /* passed to each function */
    struct eventure__log_hook *next; /* the log's */
} eventure__log_hook;

/* Adds a hook. Hooks are called in the order in which they were added. The hook is borrowed until it is removed, which
   must happen before the log is closed, and not in a hook. */
void eventure__log_hook_add(eventure_log *log, eventure__log_hook *hook);
void eventure__log_hook_remove(eventure_log *log, eventure__log_hook *hook);

/* Begins a transaction when there is none: writes through the log's reader are then committed, or rolled back, with the
   log's transaction. */
eventure_status eventure__log_join(eventure_log *log);

/* Records the status of a call that appends. After a failed one, closing discards the incomplete tick. NULL is
   allowed. */
void eventure__log_note(eventure_log *log, eventure_status status);

/* Returns the seq of the newest event that was appended, committed or not, without waiting. */
int64_t eventure__log_last_seq(const eventure_log *log);

/* Returns the time of the log's clock. */
double eventure__log_now(eventure_log *log);

#endif
