/*
 * Deferred indexes. When many events are appended to an empty store in one transaction, the indexes on events are
 * dropped at its beginning and built from sorted entries at its end, which is faster than updating them, and fills
 * their pages. The index on ids is kept: it finds a parent that is not in memory, and an id that is in use. A rollback
 * restores all indexes.
 *
 * Measured: docs/decisions/0019-indexes-last.md.
 */
#include <string.h>

#include "embedded_sql.h"
#include "log/log_internal.h"

/* SQLite sorts in as much memory as the page cache may use, and beyond it in temporary files. Building an index needs
   little cache, so that a small cache limits the total memory. */
#define SMALL_CACHE "PRAGMA cache_size = -2048"

/* SQLite cannot drop an index while a statement is active, for instance a cursor on the log's own reader. */
static bool is_being_read(eventure_log *log)
{
    for (sqlite3_stmt *statement = NULL; (statement = sqlite3_next_stmt(log->store->db, statement)) != NULL;)
        if (sqlite3_stmt_busy(statement))
            return true;
    return false;
}

eventure_status eventure__log_drop_indexes(eventure_log *log)
{
    if (is_being_read(log))
        return EVENTURE_OK;
    eventure_status status =
        eventure__store_exec(log->store,
                             "DROP INDEX events_tick; DROP INDEX events_type; DROP INDEX events_parent_seq; "
                             "DROP INDEX events_parent_id",
                             "begin without indexes");
    log->lacks_indexes = status == EVENTURE_OK;
    return status;
}

eventure_status eventure__log_build_indexes(eventure_log *log)
{
    if (!log->lacks_indexes)
        return EVENTURE_OK;
    eventure_status status = eventure__log_from_writer(log, eventure__writer_write_rows(&log->writer));
    if (status == EVENTURE_OK)
        status = eventure__store_exec(log->store, SMALL_CACHE, "build the indexes");
    for (size_t i = 0; i < eventure__indexes_count && status == EVENTURE_OK; i++)
        if (strcmp(eventure__indexes[i].name, "1_events_id") != 0)
            status = eventure__store_exec(log->store, eventure__indexes[i].text, "build an index");
    if (status == EVENTURE_OK)
        status = eventure__store_exec(log->store, EVENTURE__WRITER_CACHE, "build the indexes");
    log->lacks_indexes = status != EVENTURE_OK;
    return status;
}
