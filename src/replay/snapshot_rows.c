/*
 * Rows of the table `snapshot`: see snapshot_rows.h.
 */
#include "replay/snapshot_rows.h"

#include <string.h>

#include "base/options.h"
#include "embedded_sql.h"

/* Takes a statement and binds the name and version, which are the first parameters of each. */
static eventure_status take(eventure__store *store, const eventure__sql *sql, const char *name, int64_t version,
                            sqlite3_stmt **out)
{
    eventure_status status = eventure__store_prepare(store, sql->text, out);
    if (status != EVENTURE_OK)
        return status;
    if (sqlite3_bind_text(*out, 1, name, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_bind_int64(*out, 2, version) == SQLITE_OK)
        return EVENTURE_OK;
    status = eventure__store_fail(store, sql->name);
    eventure__store_release(store, *out);
    *out = NULL;
    return status;
}

static void read_row(eventure__snapshot_row *row)
{
    row->tick = sqlite3_column_int64(row->statement, 0);
    row->seq = sqlite3_column_int64(row->statement, 1);
    row->state = sqlite3_column_blob(row->statement, 2);
    row->state_len = (size_t)sqlite3_column_bytes(row->statement, 2);
}

eventure_status eventure__snapshot_next(eventure__store *store, eventure__snapshot_row *row)
{
    int step = sqlite3_step(row->statement);
    if (step == SQLITE_ROW)
    {
        read_row(row);
        return EVENTURE_ROW;
    }
    return step == SQLITE_DONE ? EVENTURE_OK : eventure__store_fail(store, "read a snapshot");
}

void eventure__snapshot_row_end(eventure__store *store, eventure__snapshot_row *row)
{
    eventure__store_release(store, row->statement);
    memset(row, 0, sizeof *row);
}

eventure_status eventure__snapshot_find(eventure__store *store, const char *name, int64_t version, int64_t tick,
                                        int64_t seq, eventure__snapshot_row *out_row)
{
    memset(out_row, 0, sizeof *out_row);
    eventure_status status = eventure__store_before_read(store);
    if (status == EVENTURE_OK)
        status = take(store, &eventure__query_snapshot_at, name, version, &out_row->statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(out_row->statement, 3, tick);
    sqlite3_bind_int64(out_row->statement, 4, seq);
    status = eventure__snapshot_next(store, out_row);
    if (status == EVENTURE_ROW)
        return EVENTURE_OK;
    eventure__snapshot_row_end(store, out_row);
    return status;
}

eventure_status eventure__snapshot_walk(eventure__store *store, const char *name, int64_t version,
                                        eventure__snapshot_row *out_row)
{
    memset(out_row, 0, sizeof *out_row);
    eventure_status status = eventure__store_before_read(store);
    return status == EVENTURE_OK
               ? take(store, &eventure__query_snapshots_of_reducer, name, version, &out_row->statement)
               : status;
}

eventure_status eventure__snapshot_newest(eventure__store *store, const char *name, int64_t version, int64_t *out_tick,
                                          int64_t *out_seq)
{
    sqlite3_stmt *statement = NULL;
    *out_tick = -1;
    *out_seq = -1;
    eventure_status status = take(store, &eventure__query_snapshot_newest, name, version, &statement);
    if (status != EVENTURE_OK)
        return status;
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
    {
        *out_tick = sqlite3_column_int64(statement, 0);
        *out_seq = sqlite3_column_int64(statement, 1);
    }
    else if (step != SQLITE_DONE)
        status = eventure__store_fail(store, "find the newest snapshot");
    eventure__store_release(store, statement);
    return status;
}

static eventure_status step(eventure__store *store, sqlite3_stmt *statement, const char *what)
{
    eventure_status status = sqlite3_step(statement) == SQLITE_DONE ? EVENTURE_OK : eventure__store_fail(store, what);
    eventure__store_release(store, statement);
    return status;
}

eventure_status eventure__snapshot_write(eventure__store *store, const eventure_snapshot *snapshot, const void *state)
{
    sqlite3_stmt *statement = NULL;
    eventure_status status =
        take(store, &eventure__query_insert_snapshot, snapshot->name, snapshot->version, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 3, snapshot->tick);
    sqlite3_bind_int64(statement, 4, snapshot->seq);
    sqlite3_bind_double(statement, 5, snapshot->created);
    if (sqlite3_bind_blob64(statement, 6, state != NULL ? state : "", (sqlite3_uint64)snapshot->state_bytes,
                            SQLITE_STATIC) != SQLITE_OK)
    {
        status = eventure__store_fail(store, "write a snapshot");
        eventure__store_release(store, statement);
        return status;
    }
    return step(store, statement, "write a snapshot");
}

eventure_status eventure__snapshot_delete(eventure__store *store, const char *name, int64_t version)
{
    sqlite3_stmt *statement = NULL;
    eventure_status status = take(store, &eventure__query_delete_snapshots, name, version, &statement);
    return status == EVENTURE_OK ? step(store, statement, "delete snapshots") : status;
}

eventure_status eventure__snapshot_drop(eventure__store *store, const char *name)
{
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__snapshot_delete(store, name, 0);
    if (status == EVENTURE_OK)
        status = take(store, &eventure__query_delete_other_snapshots, name, 0, &statement);
    return status == EVENTURE_OK ? step(store, statement, "delete snapshots") : status;
}

eventure_status eventure__snapshot_prune(eventure__store *store, const char *name, int64_t version,
                                         const eventure_snapshot_policy *policy)
{
    sqlite3_stmt *statement = NULL;
    eventure_status status = EVENTURE_OK;
    if (policy->drop_other_versions)
    {
        status = take(store, &eventure__query_delete_other_snapshots, name, version, &statement);
        if (status == EVENTURE_OK)
            status = step(store, statement, "delete snapshots of other versions");
    }
    if (status != EVENTURE_OK || (policy->keep_newest == 0 && policy->keep_every_ticks == 0))
        return status;
    status = take(store, &eventure__query_prune_snapshots, name, version, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 3, policy->keep_newest > 0 ? policy->keep_newest : 1);
    sqlite3_bind_int64(statement, 4, policy->keep_every_ticks);
    return step(store, statement, "delete old snapshots");
}

eventure_status eventure__snapshot_policy_take(const eventure_snapshot_policy *given, const char *what,
                                               eventure__error *error, eventure_snapshot_policy *out)
{
    eventure_status status = EVENTURE__TAKE(given, out, eventure_snapshot_policy, what, error);
    if (status != EVENTURE_OK)
        return status;
    const eventure__option_range numbers[] = {{"every_events", out->every_events, 0, INT64_MAX},
                                              {"every_ticks", out->every_ticks, 0, INT64_MAX},
                                              {"keep_newest", out->keep_newest, 0, INT64_MAX},
                                              {"keep_every_ticks", out->keep_every_ticks, 0, INT64_MAX}};
    return eventure__options_check(numbers, sizeof numbers / sizeof *numbers, what, error);
}

bool eventure__snapshot_is_due(const eventure_snapshot_policy *policy, int64_t newest_tick, int64_t newest_seq,
                               int64_t tick, int64_t seq)
{
    int64_t events = seq - (newest_seq > 0 ? newest_seq : 0);
    if (events <= 0)
        return false;
    return (policy->every_events > 0 && events >= policy->every_events) ||
           (policy->every_ticks > 0 && tick - newest_tick >= policy->every_ticks);
}

void eventure_snapshot_policy_init(eventure_snapshot_policy *policy, size_t size)
{
    eventure__options_init(policy, size);
}
