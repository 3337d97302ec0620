/*
 * What stands above the log may take part in its transactions: hear that a tick is complete, write into the transaction
 * that the tick is committed with, and learn that a transaction was undone.
 */
#ifndef EVENTURE_LOG_HOOK_H
#define EVENTURE_LOG_HOOK_H

#include <stdbool.h>
#include <stdint.h>

#include <eventure/log.h>

typedef struct eventure__log_hook
{
    /* An event was appended: the newest one of the log. It is good for this call. NULL: not to be told. */
    void (*on_event)(eventure_log *log, const eventure_event *event, void *context);
    /* A tick was sealed, with or without events; the log stands at a later one, in which there is nothing yet. The
     * transaction is open. An error rolls everything since the last commit back; its text is set in the log's reader.
     * NULL: not to be told. */
    eventure_status (*on_tick)(eventure_log *log, int64_t tick, void *context);
    /* Whether on_tick has something to do at the end of that tick, for which the thread of a background writer has to
     * wait; NULL: always. Without a thread on_tick is called for each tick. */
    bool (*needs_tick)(eventure_log *log, int64_t tick, void *context);
    /* Everything since the last commit was undone; the log stands where the file does. The log's error text is kept,
     * whatever happens to it here. */
    void (*on_undo)(eventure_log *log, void *context);
    void *context;                   /* handed to each of them */
    struct eventure__log_hook *next; /* the log's */
} eventure__log_hook;

/* Hooks are called in the order in which they were added. The hook is borrowed until it is removed, which must be
 * before the log is closed, and not from a hook. */
void eventure__log_hook_add(eventure_log *log, eventure__log_hook *hook);
void eventure__log_hook_remove(eventure_log *log, eventure__log_hook *hook);

/* --- For src/log, which calls the hooks --- */

/* Tells the hooks of an event that was appended. */
void eventure__log_tell_event(eventure_log *log, const eventure_event *event);

/* Whether a hook has to be told of the end of that tick within its transaction. */
bool eventure__log_needs_tick(eventure_log *log, int64_t tick);

/* Tells the hooks that a tick is complete; the first error ends it. */
eventure_status eventure__log_tell_tick(eventure_log *log, int64_t tick);

/* Tells the hooks that a transaction was undone. */
void eventure__log_tell_undo(eventure_log *log);

#endif
