/*
 * Rolls a log back after a failed write: the log takes over the writer's error, and undoes everything since the last
 * commit, so that its memory does not contradict the file.
 */
#include "log/undo.h"

#include "log/hook.h"
#include "log/log_internal.h"

eventure__error *eventure__log_error(eventure_log *log)
{
    return log->store != NULL ? &log->store->error : &log->open_error;
}

eventure_status eventure__log_from_writer(eventure_log *log, eventure_status status)
{
    if (status < 0)
        log->store->error = log->writer.store->error;
    return status;
}

/* Records that everything before the current tick is committed. */
void eventure__log_note_durable(eventure_log *log)
{
    log->durable_tick = log->tick;
    if (log->background != NULL)
        eventure__background_set_durable(log->background, log->tick);
}

/* Handles a renamed, deleted or replaced file: copies committed events into it, if possible, and makes the log
   unusable. */
static eventure_status give_up(eventure_log *log, eventure_status cause, const eventure__error *kept)
{
    log->is_open = false;
    eventure__store_save_rest(log->store);
    eventure__log_notify_undo(log);
    log->store->error = *kept;
    return cause;
}

eventure_status eventure__log_undo(eventure_log *log, eventure_status cause)
{
    eventure__error kept = log->store->error;
    if (eventure__store_is_inherited(log->store)) /* the transaction and the thread are the parent's */
        return cause;
    if (log->background != NULL)
        eventure__background_settle(log->background);
    if (!sqlite3_get_autocommit(log->store->db))
        sqlite3_exec(log->store->db, "ROLLBACK", NULL, NULL, NULL);
    log->writer.in_transaction = false;
    log->bypasses_queue = false;
    if (eventure__store_is_lost(log->store))
        return give_up(log, cause, &kept);
    /* A log whose position is unknown must not write any more, for instance when the rollback failed because of
       memory. */
    eventure_status status = sqlite3_get_autocommit(log->store->db) ? eventure__log_load(log)
                                                                    : eventure__store_fail(log->store, "roll back");
    if (status == EVENTURE_OK)
        eventure__log_note_durable(log);
    else
        log->is_open = false;
    if (status != EVENTURE_OK && cause == EVENTURE_OK) /* the original cause, if there is one, is the more useful
                                                          error */
        kept = log->store->error;
    if (log->background != NULL && log->is_open)
        eventure__background_forget(log->background);
    eventure__log_notify_undo(log);
    log->store->error = kept;
    if (!log->is_open)
        log->open_error = kept;
    return cause;
}

/* SQLite rolls back the whole transaction when a read in it fails because of memory or the disk. The state of the log
   then differs from the store. (A background writer detects this itself.) */
eventure_status eventure__log_notice_loss(eventure_log *log)
{
    if (log->background == NULL && eventure__writer_was_rolled_back(&log->writer))
    {
        eventure__log_undo(log, EVENTURE_OK);
        log->was_rolled_back = true;
    }
    return log->is_open ? EVENTURE_OK : log->store->error.status;
}

/* Inline, because each append calls it. */
static inline eventure_status check_open(eventure_log *log, const char *what)
{
    if (log == NULL)
        return eventure__fail(NULL, EVENTURE_ERROR_ARGUMENT, "%s: the log is NULL", what);
    if (log->store != NULL && eventure__store_is_inherited(log->store))
        return eventure__store_check_process(log->store);
    if (log->store != NULL && eventure__store_is_lost(log->store))
    {
        eventure__identity_fail(log->store->identity, &log->store->error);
        return eventure__fail_prefix(&log->store->error, "%s", what);
    }
    if (!log->is_open)
        return eventure__fail(eventure__log_error(log), EVENTURE_ERROR_ARGUMENT, "%s: the log is not open", what);
    eventure__clear(&log->store->error);
    return EVENTURE_OK;
}

eventure_status eventure__log_check_open(eventure_log *log, const char *what)
{
    return check_open(log, what);
}

eventure_status eventure__log_check_usable(eventure_log *log, const char *what)
{
    eventure_status status = check_open(log, what);
    if (status == EVENTURE_OK)
        status = eventure__log_notice_loss(log);
    if (status != EVENTURE_OK || !(log->was_rolled_back || log->is_notifying))
        return status;
    if (log->is_notifying)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_ARGUMENT,
                              "%s: a reducer must not append, advance or commit", what);
    log->was_rolled_back = false;
    return eventure__fail(&log->store->error, EVENTURE_ERROR_IO, "%s: " EVENTURE__ROLLED_BACK, what);
}
