/*
 * Effects that are stored before their causes: see late_causes.h.
 */
#include "query/late_causes.h"

#include <string.h>

/* Runs a query that returns one number; the id is bound when there is one. */
static eventure_status ask(eventure__store *store, const char *sql, eventure__span id, bool *out)
{
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(store, sql, strlen(sql), &statement);
    if (status != EVENTURE_OK)
        return status;
    if (id.at != NULL)
        sqlite3_bind_text64(statement, 1, id.at, id.len, SQLITE_STATIC, SQLITE_UTF8);
    const int step = sqlite3_step(statement);
    *out = step == SQLITE_ROW && sqlite3_column_int(statement, 0) != 0;
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        status = eventure__store_fail(store, "query");
    eventure__store_release(store, statement);
    return status;
}

eventure_status eventure__late_find_effects(eventure__store *store, eventure__span id, bool *out_found)
{
    static const char sql[] = "SELECT 1 FROM events WHERE parent_id = ?1 LIMIT 1";
    const eventure__error unknown = store->error;
    const eventure_status status = ask(store, sql, id, out_found);
    if (status != EVENTURE_OK || *out_found)
        return status;
    store->error = unknown;
    return EVENTURE_ERROR_NOT_FOUND;
}

/* The flag is also set by the first event with a parent that is not in the store. */
eventure_status eventure__late_causes_exist(eventure__store *store, bool *out_exist)
{
    static const char sql[] = "SELECT foreign_ids FROM store";
    return ask(store, sql, (eventure__span){NULL, 0}, out_exist);
}
