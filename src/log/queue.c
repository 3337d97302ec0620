/*
 * From the log to its writer: at once, or through the queue of a thread.
 *
 * Whoever wants to use the connection, be it for a question, settles first: then the thread has nothing to do until the
 * log sends again, and the writer is the caller's.
 */
#include "log/log_internal.h"
#include "log/undo.h"

static bool goes_to_thread(const eventure_log *log)
{
    return log->background != NULL && !log->bypasses_queue;
}

/* The thread's error becomes the log's, and everything since the last commit is undone. It is never told as BUSY, which
 * says of a queue that it is full and of a wait that it is over, and that nothing is lost. */
static eventure_status tell_failure(eventure_log *log)
{
    eventure__background_settle(log->background);
    eventure__error *error = &log->store->error;
    eventure_status status = eventure__log_from_writer(log, log->writer.store->error.status);
    if (status == EVENTURE_ERROR_BUSY)
        status = error->status = EVENTURE_ERROR_IO;
    eventure__log_undo(log, status);
    if (eventure__store_is_lost(log->store)) /* whether its newest tick is in the file is not known */
        return eventure__fail_prefix(error, "the background writer");
    return eventure__fail_prefix(error, "the background writer: everything from tick %lld on was rolled back",
                                 (long long)log->tick);
}

eventure_status eventure__log_settle(eventure_log *log)
{
    if (log->background == NULL)
        return EVENTURE_OK;
    eventure__background_settle(log->background);
    return eventure__background_has_failed(log->background) ? tell_failure(log) : EVENTURE_OK;
}

eventure_status eventure__log_make_room(eventure_log *log, size_t events, size_t text_len)
{
    if (!goes_to_thread(log))
        return EVENTURE_OK;
    if (eventure__background_has_failed(log->background))
        return tell_failure(log);
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
