/*
 * Ticks and transactions. A transaction begins with the first write after a commit, and a commit is always between two
 * ticks, unless the caller asks for one in the middle of a tick.
 */
#include "log/transaction.h"

#include "base/assertion.h"
#include "log/hook.h"
#include "log/log_internal.h"
#include "log/undo.h"

eventure_status eventure__log_begin(eventure_log *log)
{
    eventure_status status = eventure__log_settle(log);
    return status == EVENTURE_OK ? eventure__log_from_writer(log, eventure__writer_begin(&log->writer)) : status;
}

eventure_status eventure__log_join(eventure_log *log)
{
    eventure_status status = eventure__log_check_open(log, "write with the log");
    return status == EVENTURE_OK ? eventure__log_begin(log) : status;
}

void eventure__log_note(eventure_log *log, eventure_status status)
{
    if (log != NULL)
        log->has_failed = status != EVENTURE_OK;
}

eventure_status eventure__log_reload(eventure_log *log)
{
    eventure_status status = eventure__log_load(log);
    if (status != EVENTURE_OK)
    {
        log->is_open = false;
        log->open_error = log->store->error;
    }
    return status;
}

static eventure_status commit(eventure_log *log)
{
    eventure_status status = eventure__log_build_indexes(log);
    if (status == EVENTURE_OK)
        status = eventure__log_from_writer(log, eventure__writer_commit(&log->writer));
    if (status != EVENTURE_OK)
        return status;
    assert(!log->writer.in_transaction && !log->lacks_indexes);
    eventure__log_note_durable(log);
    return EVENTURE_OK;
}

static eventure_status commit_now(eventure_log *log)
{
    eventure_status status = eventure__log_check_usable(log, "commit");
    if (status == EVENTURE_OK)
        status = eventure__log_settle(log);
    if (status != EVENTURE_OK)
        return status;
    status = commit(log);
    return status == EVENTURE_OK ? status : eventure__log_undo(log, status);
}

eventure_status eventure_log_commit(eventure_log *log)
{
    eventure_status status = commit_now(log);
    eventure__log_note(log, status);
    return status;
}

eventure_status eventure_log_flush(eventure_log *log)
{
    eventure_status status = eventure__log_check_open(log, "flush");
    return status == EVENTURE_OK ? eventure__log_settle(log) : status;
}

eventure_status eventure_log_rollback(eventure_log *log)
{
    eventure_status status = eventure__log_check_open(log, "roll back");
    if (status == EVENTURE_OK)
        status = eventure__log_settle(log);
    if (status == EVENTURE_OK)
        log->was_rolled_back = false;
    eventure__log_note(log, status);
    if (status != EVENTURE_OK || !log->writer.in_transaction)
        return status;
    eventure__log_undo(log, EVENTURE_OK);
    return log->is_open ? EVENTURE_OK : log->store->error.status;
}

eventure_status eventure__log_move_to(eventure_log *log, int64_t tick)
{
    int64_t complete = log->tick;
    assert(tick > log->tick);
    log->tick = tick;
    eventure_status status = eventure__log_start_tick(log);
    if (status == EVENTURE_OK)
        status = eventure__log_send_tick(log, tick); /* last: the background thread may commit the tick at once */
    return status == EVENTURE_OK ? eventure__log_notify_tick(log, complete) : status;
}

/* Advances without a commit by the caller: the background thread commits the tick. A tick whose hooks must run uses
   advance_directly, because hooks run on the caller's thread and in the transaction of their tick. */
static eventure_status advance_in_background(eventure_log *log, int64_t tick)
{
    eventure_status status = eventure__log_make_room(log, 0, 0);
    if (status != EVENTURE_OK)
        return eventure__fail_prefix(&log->store->error, "advance to tick %lld", (long long)tick);
    status = eventure__log_move_to(log, tick);
    return status == EVENTURE_OK ? status : eventure__log_undo(log, status);
}

static eventure_status advance_directly(eventure_log *log, int64_t tick)
{
    bool was_direct = log->bypasses_queue;
    eventure_status status = eventure__log_settle(log);
    if (status != EVENTURE_OK)
        return status;
    log->bypasses_queue = true;
    status = eventure__log_move_to(log, tick);
    log->bypasses_queue = was_direct;
    if (status == EVENTURE_OK && log->writer.ticks_uncommitted >= log->options.commit_every_ticks)
        status = commit(log);
    return status == EVENTURE_OK ? status : eventure__log_undo(log, status);
}

eventure_status eventure_log_advance_to(eventure_log *log, int64_t tick)
{
    eventure_status status = eventure__log_check_usable(log, "advance the tick");
    if (status != EVENTURE_OK)
        return status;
    if (tick < log->tick)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_TICK,
                              "advance to tick %lld: the current tick is %lld, and ticks do not go back",
                              (long long)tick, (long long)log->tick);
    if (tick == log->tick)
        return EVENTURE_OK;
    status = log->background != NULL && !eventure__log_needs_tick(log, log->tick) ? advance_in_background(log, tick)
                                                                                  : advance_directly(log, tick);
    eventure__log_note(log, status);
    return status;
}

eventure_status eventure_log_advance_tick(eventure_log *log)
{
    eventure_status status = eventure__log_check_usable(log, "advance the tick");
    if (status != EVENTURE_OK)
        return status;
    if (log->tick == INT64_MAX)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_TICK, "advance the tick: %lld is the last one",
                              (long long)log->tick);
    return eventure_log_advance_to(log, log->tick + 1);
}

int64_t eventure_log_durable_tick(const eventure_log *log)
{
    if (log == NULL)
        return 0;
    return log->background != NULL ? eventure__background_durable_tick(log->background) : log->durable_tick;
}

eventure_status eventure_log_wait_durable(eventure_log *log, int64_t tick, int timeout_ms)
{
    eventure_status status = eventure__log_check_open(log, "wait for a tick");
    if (status != EVENTURE_OK)
        return status;
    if (tick > log->tick)
        return eventure__fail(&log->store->error, EVENTURE_ERROR_TICK,
                              "wait for tick %lld: the current tick is %lld, and nothing beyond it can be on the disk",
                              (long long)tick, (long long)log->tick);
    if (log->background == NULL)
        return tick <= log->durable_tick ? EVENTURE_OK : eventure_log_commit(log);
    if (!eventure__background_wait_durable(log->background, tick, timeout_ms))
        return eventure__fail(&log->store->error, EVENTURE_ERROR_BUSY,
                              "wait for tick %lld: the disk has come to tick %lld after %d ms", (long long)tick,
                              (long long)eventure_log_durable_tick(log), timeout_ms);
    return eventure__background_has_failed(log->background) ? eventure__log_settle(log) : EVENTURE_OK;
}
