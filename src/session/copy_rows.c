/*
 * Copying rows: see copy_rows.h. One statement reads each table and another writes it, value by value, so that the rows
 * are identical in both files.
 */
#include "session/copy_rows.h"

#include "base/progress.h"

/* The statements of one table. ?1 to ?4 of the reading statement are the members of the range, in order. */
typedef struct table_copy
{
    const char *select;
    const char *insert;
    int columns;
    bool is_events;
} table_copy;

static const table_copy history[] = {
    {"SELECT seq, tick, timestamp, type, id, parent_seq, parent_id, data FROM events "
     "WHERE seq > ?1 AND seq <= ?2 ORDER BY seq",
     "INSERT INTO events (seq, tick, timestamp, type, id, parent_seq, parent_id, data) "
     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
     8, true},
    {"SELECT tick, first_seq, last_seq, sealed, run_digest, full_digest FROM tick "
     "WHERE tick >= ?3 AND tick <= ?4 ORDER BY tick",
     "INSERT INTO tick (tick, first_seq, last_seq, sealed, run_digest, full_digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", 6,
     false},
    {"SELECT name, version, tick, seq, created, state FROM snapshot WHERE tick >= ?3 AND tick <= ?4",
     "INSERT OR IGNORE INTO snapshot (name, version, tick, seq, created, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", 6,
     false},
    /* The flag of the whole history is a safe value for the part. */
    {"SELECT foreign_ids FROM store", "UPDATE store SET foreign_ids = max(foreign_ids, ?1)", 1, false},
};

static const table_copy archived[] = {
    {"SELECT before_tick, last_seq, run_digest, full_digest, file, created FROM archive",
     "INSERT INTO archive (before_tick, last_seq, run_digest, full_digest, file, created) "
     "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
     6, false},
    {"SELECT seq, id, tick, type, parent_seq, parent_id FROM archived_events",
     "INSERT INTO archived_events (seq, id, tick, type, parent_seq, parent_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", 6,
     false},
};

static const table_copy origin = {"SELECT generation, uuid, tick, seq, run_digest, full_digest, created FROM origin",
                                  "INSERT INTO origin (generation, uuid, tick, seq, run_digest, full_digest, created) "
                                  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                                  7, false};

/* Copies the error of one of the two stores. */
static eventure_status fail_of(eventure__rows *rows, eventure__store *store)
{
    if (&store->error != rows->error)
        *rows->error = store->error;
    eventure__fail_prefix(rows->error, "%s", rows->what);
    return rows->error->status;
}

static eventure_status report_progress(eventure__rows *rows, int64_t tick)
{
    const eventure_progress progress = {rows->events, rows->part.last_seq - rows->part.after_seq, tick};
    if (rows->progress == NULL || rows->progress(&progress, rows->progress_context) == 0)
        return EVENTURE_OK;
    return eventure__fail(rows->error, EVENTURE_ERROR_INTERRUPTED,
                          "%s: stopped by the progress callback after %lld "
                          "events",
                          rows->what, (long long)rows->events);
}

static eventure_status write_row(eventure__rows *rows, const table_copy *table, sqlite3_stmt *select,
                                 sqlite3_stmt *insert)
{
    int code = eventure__sqlite_bind_row(insert, select, table->columns);
    if (code == SQLITE_OK)
        code = sqlite3_step(insert);
    if (code != SQLITE_DONE)
    {
        eventure__store_fail(rows->to, "write a row");
        return fail_of(rows, rows->to);
    }
    sqlite3_reset(insert);
    if (!table->is_events || ++rows->events % EVENTURE__PROGRESS_EVENTS != 0)
        return EVENTURE_OK;
    return report_progress(rows, sqlite3_column_int64(select, 1));
}

static eventure_status copy_table(eventure__rows *rows, const table_copy *table)
{
    sqlite3_stmt *select = NULL;
    sqlite3_stmt *insert = NULL;
    const int64_t bounds[] = {rows->part.after_seq, rows->part.last_seq, rows->part.first_tick, rows->part.last_tick};
    int step = SQLITE_DONE;
    eventure_status status = eventure__store_prepare(rows->from, table->select, &select);
    if (status != EVENTURE_OK)
        return fail_of(rows, rows->from);
    status = eventure__store_prepare(rows->to, table->insert, &insert);
    if (status != EVENTURE_OK)
    {
        fail_of(rows, rows->to);
        goto done;
    }
    for (int i = 0; i < sqlite3_bind_parameter_count(select) && i < 4; i++)
        sqlite3_bind_int64(select, i + 1, bounds[i]);
    while (status == EVENTURE_OK && (step = sqlite3_step(select)) == SQLITE_ROW)
        status = write_row(rows, table, select, insert);
    if (status == EVENTURE_OK && step != SQLITE_DONE)
    {
        eventure__store_fail(rows->from, "read a row");
        status = fail_of(rows, rows->from);
    }
done:
    eventure__store_release(rows->to, insert);
    eventure__store_release(rows->from, select);
    return status;
}

static eventure_status copy_tables(eventure__rows *rows, const table_copy *tables, size_t count)
{
    eventure_status status = EVENTURE_OK;
    for (size_t i = 0; i < count && status == EVENTURE_OK; i++)
        status = copy_table(rows, &tables[i]);
    return status;
}

eventure_status eventure__rows_copy_history(eventure__rows *rows)
{
    eventure_status status = copy_tables(rows, history, sizeof history / sizeof *history);
    return status == EVENTURE_OK ? report_progress(rows, rows->part.last_tick) : status;
}

eventure_status eventure__rows_copy_archived(eventure__rows *rows)
{
    return copy_tables(rows, archived, sizeof archived / sizeof *archived);
}

eventure_status eventure__rows_copy_origin(eventure__rows *rows)
{
    return copy_table(rows, &origin);
}
