/*
 * Effects that are stored before their causes: see late_causes.h.
 */
#include "query/late_causes.h"

/* Runs a query that returns one number; `id` is bound when it is not NULL. */
static eventure_status ask(eventure_reader *store, const char *sql, size_t len, const char *id, bool *out)
{
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(store, sql, len, &statement);
    if (status != EVENTURE_OK)
        return status;
    if (id != NULL)
        sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    const int step = sqlite3_step(statement);
    *out = step == SQLITE_ROW && sqlite3_column_int(statement, 0) != 0;
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        status = eventure__store_fail(store, "query");
    eventure__store_release(store, statement);
    return status;
}

eventure_status eventure__late_find_effects(eventure_reader *store, const char *id, bool *out_found)
{
    static const char sql[] = "SELECT 1 FROM events WHERE parent_id = ?1 LIMIT 1";
    const eventure__error unknown = store->error;
    const eventure_status status = ask(store, sql, sizeof sql - 1, id, out_found);
    if (status != EVENTURE_OK || *out_found)
        return status;
    store->error = unknown;
    return EVENTURE_ERROR_NOT_FOUND;
}

/* The flag is also set by the first event with a parent that is not in the store. */
eventure_status eventure__late_causes_exist(eventure_reader *store, bool *out_exist)
{
    static const char sql[] = "SELECT foreign_ids FROM store";
    return ask(store, sql, sizeof sql - 1, NULL, out_exist);
}
