/*
 * Discards the current tick when a log is closed after a failed call: the program did not complete the tick, and
 * repeats it at its next start.
 */

#include "log/log_internal.h"
#include "log/undo.h"

static eventure_status run(eventure_log *log, const char *sql, int64_t value)
{
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(log->store, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 1, value);
    if (sqlite3_step(statement) != SQLITE_DONE)
        status = eventure__store_fail(log->store, "discard the current tick");
    eventure__store_release(log->store, statement);
    return status;
}

/* The transaction can also contain complete ticks (commit_every_ticks), so that only the events of the current tick are
   deleted. */
static eventure_status delete_tick(eventure_log *log)
{
    eventure__writer *writer = &log->writer;
    if (writer->first_seq == 0)
        return EVENTURE_OK;
    int64_t first_seq = writer->first_seq;
    eventure__writer_forget_rows(writer);
    eventure_status status = run(log, "DELETE FROM events WHERE seq >= ?1", first_seq);
    if (status == EVENTURE_OK)
        status = run(log, "DELETE FROM snapshot WHERE seq >= ?1", first_seq);
    if (status == EVENTURE_OK)
        status = run(log, "DELETE FROM tick WHERE tick = ?1", writer->tick);
    writer->last_seq = first_seq - 1;
    eventure__writer_start_tick(writer, writer->tick);
    return status;
}

eventure_status eventure__log_discard_tick(eventure_log *log)
{
    eventure_status status = eventure__log_settle(log);
    if (status != EVENTURE_OK)
        return status;
    if (log->writer.ticks_uncommitted == 0)
        return eventure_log_rollback(log);
    status = delete_tick(log);
    return status == EVENTURE_OK ? eventure_log_commit(log) : eventure__log_undo(log, status);
}
