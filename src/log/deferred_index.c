/*
 * Indexes that are built last. When many events come into an empty store in one transaction, the indexes on them are
 * dropped at its beginning and built from sorted entries at its end, which costs less than keeping them, and fills
 * their pages. The index on ids stays: it is what finds a parent that memory does not know, and an id that is taken. A
 * rollback brings all of them back.
 *
 * Measured: docs/decisions/0019-indexes-last.md.
 */
#include <string.h>

#include "embedded_sql.h"
#include "log/log_internal.h"

/* SQLite sorts in as much memory as its page cache may have: as building an index needs little of a cache, the two are
 * made small together, and memory stays what it was. Beyond it sorts in temporary files. */
#define SMALL_CACHE "PRAGMA cache_size = -2048"

/* What is run once is not to be kept among the cached statements. */
static eventure_status run(eventure_log *log, const char *sql, const char *what)
{
    return sqlite3_exec(log->store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? EVENTURE_OK
                                                                            : eventure__store_fail(log->store, what);
}

/* A statement in the middle of its answer keeps SQLite from dropping anything: a cursor on the log's own reader. */
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
    eventure_status status = run(log,
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
        status = run(log, SMALL_CACHE, "build the indexes");
    for (size_t i = 0; i < eventure__indexes_count && status == EVENTURE_OK; i++)
        if (strcmp(eventure__indexes[i].name, "1_events_id") != 0)
            status = run(log, eventure__indexes[i].text, "build an index");
    if (status == EVENTURE_OK)
        status = run(log, EVENTURE__WRITER_CACHE, "build the indexes");
    log->lacks_indexes = status != EVENTURE_OK;
    return status;
}
