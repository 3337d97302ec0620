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
    eventure_log *log;               /* NULL: the hook is not added, or its log was closed */
} eventure__log_hook;

/* Adds a hook. Hooks are called in the order in which they were added. The hook is borrowed until it is removed or
   the log is closed. A hook must not remove itself or others while it runs. */
void eventure__log_hook_add(eventure_log *log, eventure__log_hook *hook);

/* Removes a hook. Has no effect after the log was closed: a fold on the bus or a snapshotter may be freed later than
   the log. */
void eventure__log_hook_remove(eventure__log_hook *hook);

/* Removes all hooks, when the log is closed. */
void eventure__log_release_hooks(eventure_log *log);

/* --- For src/log, which calls the hooks --- */

/* Calls the hooks for an event that was appended. */
void eventure__log_notify_event(eventure_log *log, const eventure_event *event);

/* Whether a hook must be called at the end of that tick within its transaction. */
bool eventure__log_needs_tick(eventure_log *log, int64_t tick);

/* Calls the hooks after a tick is complete; stops at the first error. */
eventure_status eventure__log_notify_tick(eventure_log *log, int64_t tick);

/* Calls the hooks after a transaction was rolled back. */
void eventure__log_notify_undo(eventure_log *log);

#endif
