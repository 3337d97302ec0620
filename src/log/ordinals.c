/*
 * Counting the events of the current tick: the last ordinal of each HASH, and whether explicit ids take some of them.
 */

#include "log/log_internal.h"

/* Determines whether imported events have ids that begin like those of the current tick. Ids appended since the log was
   loaded may not be in the file yet, but explicit_tick_max is the latest tick in them. */
static eventure_status look_for_taken_ids(eventure_log *log)
{
    log->has_taken_ids = log->has_explicit_ids && log->tick <= log->explicit_tick_max;
    if (!log->has_explicit_ids || log->has_taken_ids)
        return EVENTURE_OK;
    static const char sql[] = "SELECT 1 FROM events WHERE id >= ?1 || '-' AND id < ?1 || '.' UNION ALL "
                              "SELECT 1 FROM archived_events WHERE id >= ?1 || '-' AND id < ?1 || '.' LIMIT 1";
    sqlite3_stmt *statement = NULL;
    eventure__store_enter(log->store); /* the thread may be writing */
    eventure_status status = eventure__store_prepare(log->store, sql, &statement);
    if (status == EVENTURE_OK)
    {
        sqlite3_bind_int64(statement, 1, log->tick);
        int step = sqlite3_step(statement);
        log->has_taken_ids = step == SQLITE_ROW;
        if (step != SQLITE_ROW && step != SQLITE_DONE)
            status = eventure__store_fail(log->store, "look for taken ids");
        eventure__store_release(log->store, statement);
    }
    eventure__store_leave(log->store);
    return status;
}

eventure_status eventure__log_start_tick(eventure_log *log)
{
    for (size_t i = 0; i < log->used_codes_count; i++)
        log->ordinals[log->used_codes[i]] = 0;
    log->used_codes_count = 0;
    log->tick_events = 0;
    return look_for_taken_ids(log);
}

void eventure__log_count_event(eventure_log *log, const eventure__type *type)
{
    log->tick_events++;
    if (log->ordinals[type->hash_code]++ == 0)
        log->used_codes[log->used_codes_count++] = type->hash_code;
}
