/*
 * Hooks of the log's transactions: see hook.h.
 */
#include "log/hook.h"

#include "log/log_internal.h"

void eventure__log_hook_add(eventure_log *log, eventure__log_hook *hook)
{
    eventure__log_hook **place = &log->hooks;
    while (*place != NULL)
        place = &(*place)->next;
    hook->next = NULL;
    hook->log = log;
    *place = hook;
}

void eventure__log_hook_remove(eventure__log_hook *hook)
{
    if (hook->log == NULL)
        return;
    eventure__log_hook **place = &hook->log->hooks;
    while (*place != NULL && *place != hook)
        place = &(*place)->next;
    if (*place != NULL)
        *place = hook->next;
    hook->log = NULL;
}

void eventure__log_release_hooks(eventure_log *log)
{
    for (eventure__log_hook *hook = log->hooks; hook != NULL; hook = hook->next)
        hook->log = NULL;
    log->hooks = NULL;
}

bool eventure__log_needs_tick(eventure_log *log, int64_t tick)
{
    for (eventure__log_hook *hook = log->hooks; hook != NULL; hook = hook->next)
        if (hook->on_tick != NULL && (hook->needs_tick == NULL || hook->needs_tick(log, tick, hook->context)))
            return true;
    return false;
}

void eventure__log_notify_event(eventure_log *log, const eventure_event *event)
{
    log->is_notifying = true;
    for (eventure__log_hook *hook = log->hooks; hook != NULL; hook = hook->next)
        if (hook->on_event != NULL)
            hook->on_event(log, event, hook->context);
    log->is_notifying = false;
}

eventure_status eventure__log_notify_tick(eventure_log *log, int64_t tick)
{
    eventure_status status = EVENTURE_OK;
    for (eventure__log_hook *hook = log->hooks; hook != NULL && status == EVENTURE_OK; hook = hook->next)
        if (hook->on_tick != NULL && (log->background == NULL || log->bypasses_queue))
            status = hook->on_tick(log, tick, hook->context);
    return status;
}

void eventure__log_notify_undo(eventure_log *log)
{
    for (eventure__log_hook *hook = log->hooks; hook != NULL; hook = hook->next)
        hook->on_undo(log, hook->context);
}
