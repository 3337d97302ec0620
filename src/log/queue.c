/*
 * Sends events from the log to its writer: directly, or through the queue of a thread.
 *
 * Every use of the connection, even for a query, must call eventure__log_settle first: the thread is then idle until
 * the log sends again, and the caller may use the writer.
 */
#include "log/log_internal.h"
#include "log/undo.h"

static bool goes_to_thread(const eventure_log *log)
{
    return log->background != NULL && !log->bypasses_queue;
}

/* Copies the thread's error to the log, and rolls back everything since the last commit. The status is never BUSY:
   callers take BUSY for a full queue or for the end of a wait, in which no event is lost. */
static eventure_status report_failure(eventure_log *log)
{
    eventure__background_settle(log->background);
    eventure__error *error = &log->store->error;
    eventure_status status = eventure__log_from_writer(log, log->writer.store->error.status);
    if (status == EVENTURE_ERROR_BUSY)
        status = error->status = EVENTURE_ERROR_IO;
    eventure__log_undo(log, status);
    if (eventure__store_is_lost(log->store)) /* it is unknown whether its newest tick is in the file */
        return eventure__fail_prefix(error, "the background writer");
    return eventure__fail_prefix(error, "the background writer: everything from tick %lld on was rolled back",
                                 (long long)log->tick);
}

eventure_status eventure__log_settle(eventure_log *log)
{
    if (log->background == NULL)
        return EVENTURE_OK;
    eventure__background_settle(log->background);
    return eventure__background_has_failed(log->background) ? report_failure(log) : EVENTURE_OK;
}

eventure_status eventure__log_make_room(eventure_log *log, size_t events, size_t text_len)
{
    if (!goes_to_thread(log))
        return EVENTURE_OK;
    if (eventure__background_has_failed(log->background))
        return report_failure(log);
    if (log->options.when_full == EVENTURE_QUEUE_FULL_WAIT ||
        eventure__background_has_room(log->background, events, text_len))
        return EVENTURE_OK;
    return eventure__fail(&log->store->error, EVENTURE_ERROR_BUSY,
                          "the queue of the background writer is full (queue_bytes is %zu)", log->options.queue_bytes);
}

eventure_status eventure__log_send_event(eventure_log *log, const eventure__entry *entry)
{
    if (!goes_to_thread(log))
        return eventure__log_from_writer(log, eventure__writer_event(&log->writer, entry));
    if (eventure__background_send_event(log->background, entry))
        return EVENTURE_OK;
    return eventure__fail(&log->store->error, EVENTURE_ERROR_MEMORY, "out of memory for %zu bytes of data",
                          entry->data_len);
}

eventure_status eventure__log_send_tick(eventure_log *log, int64_t tick)
{
    if (!goes_to_thread(log))
        return eventure__log_from_writer(log, eventure__writer_next_tick(&log->writer, tick));
    eventure__background_send_tick(log->background, tick);
    return EVENTURE_OK;
}
