/*
 * Deletes archived events from a store: see archive_internal.h. It is one transaction, and the events themselves cannot
 * make it fail.
 */
#include "base/clock.h"
#include "embedded_sql.h"
#include "session/archive_internal.h"
#include "store/proof.h"

/* In each statement, ?1 is the newest event to delete and ?2 the first tick that remains. */
static const char *const steps[] = {
    /* Causes of remaining events, and their causes, are remembered by their ids. */
    "INSERT OR IGNORE INTO archived_events (seq, id, tick, type, parent_seq, parent_id) "
    "WITH RECURSIVE cause (seq) AS ("
    "SELECT parent_seq FROM events WHERE parent_seq <= ?1 AND +seq > ?1 UNION "
    "SELECT events.parent_seq FROM cause CROSS JOIN events ON events.seq = cause.seq "
    "WHERE events.parent_seq IS NOT NULL) "
    "SELECT events.seq, events.id, events.tick, events.type, events.parent_seq, events.parent_id "
    "FROM cause CROSS JOIN events ON events.seq = cause.seq",
    "DELETE FROM events WHERE seq <= ?1",
    /* Deletes causes of an earlier cut that have no remaining effects. */
    "DELETE FROM archived_events WHERE seq NOT IN ("
    "WITH RECURSIVE cause (seq) AS ("
    "SELECT parent_seq FROM events WHERE parent_seq <= ?1 UNION "
    "SELECT archived_events.parent_seq FROM cause CROSS JOIN archived_events ON archived_events.seq = cause.seq "
    "WHERE archived_events.parent_seq IS NOT NULL) "
    "SELECT seq FROM cause)",
    "DELETE FROM tick WHERE tick < ?2",
    "DELETE FROM data_value WHERE seq <= ?1",
    "DELETE FROM save_point WHERE tick < ?2",
    "DELETE FROM snapshot WHERE seq < ?1",
};

static eventure_status run_step(const eventure__archiving *work, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(work->store->db, sql, -1, &statement, NULL) != SQLITE_OK)
        return eventure__store_fail(work->store, "archive");
    sqlite3_bind_int64(statement, 1, work->last_seq);
    if (sqlite3_bind_parameter_count(statement) > 1)
        sqlite3_bind_int64(statement, 2, work->before_tick);
    int step = sqlite3_step(statement);
    eventure_status status = step == SQLITE_DONE ? EVENTURE_OK : eventure__store_fail(work->store, "archive");
    sqlite3_finalize(statement);
    return status;
}

/* Records the cut with its digests, and the current tick, because no row of `tick` may contain it any more. */
static eventure_status note_cut(const eventure__archiving *work)
{
    static const char cut_sql[] = "INSERT INTO archive (before_tick, last_seq, run_digest, full_digest, file, created) "
                                  "SELECT ?2, ?1, run_digest, full_digest, ?3, ?4 FROM tick WHERE last_seq = ?1";
    const eventure__sql *tick_sql = &eventure__query_set_current_tick;
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(work->store, cut_sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 1, work->last_seq);
    sqlite3_bind_int64(statement, 2, work->before_tick);
    sqlite3_bind_text(statement, 3, work->path, -1, SQLITE_STATIC);
    sqlite3_bind_double(statement, 4, eventure__clock_now());
    if (sqlite3_step(statement) != SQLITE_DONE)
        status = eventure__store_fail(work->store, "note the cut");
    eventure__store_release(work->store, statement);
    statement = NULL;
    if (status == EVENTURE_OK)
        status = eventure__store_prepare(work->store, tick_sql->text, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 1, eventure_log_tick(work->log));
    if (sqlite3_step(statement) != SQLITE_DONE)
        status = eventure__store_fail(work->store, "note the current tick");
    eventure__store_release(work->store, statement);
    return status;
}

eventure_status eventure__archive_cut(const eventure__archiving *work)
{
    eventure_status status = eventure__store_run(work->store, "BEGIN IMMEDIATE", "archive");
    if (status != EVENTURE_OK)
        return status;
    status = note_cut(work);
    for (size_t i = 0; i < sizeof steps / sizeof *steps && status == EVENTURE_OK; i++)
        status = run_step(work, steps[i]);
    if (status == EVENTURE_OK)
        status = eventure__proof_note_all(work->store);
    if (status == EVENTURE_OK)
        status = eventure__store_run(work->store, "COMMIT", "archive");
    if (status == EVENTURE_OK)
        return eventure__store_check_committed(work->store);
    if (status != EVENTURE_OK)
        sqlite3_exec(work->store->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

eventure_status eventure__archive_shrink(const eventure__archiving *work)
{
    int64_t free_pages = 0;
    eventure_status status = eventure__store_ask_int(work->store, "archive", "PRAGMA freelist_count", &free_pages);
    if (status != EVENTURE_OK)
        return status;
    if (free_pages == 0)
        return EVENTURE_OK;
    /* VACUUM commits without the transaction functions of the store, so nothing else checks the file before. */
    status = eventure__store_check_file(work->store);
    if (status == EVENTURE_OK)
        status =
            eventure__store_run(work->store, "VACUUM", "the events are archived, but their space is not given back");
    /* A reader may still use the old pages; a later checkpoint then truncates the file. */
    if (status == EVENTURE_OK)
        sqlite3_wal_checkpoint_v2(work->store->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return status;
}
