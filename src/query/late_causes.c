/*
 * Effects that are stored before their causes: see late_causes.h.
 */
#include "query/late_causes.h"

eventure_status eventure__late_find_effects(eventure__store *store, eventure__span id, bool *out_found)
{
    static const char sql[] = "SELECT 1 FROM events WHERE parent_id = ?1 LIMIT 1";
    const eventure__error unknown = store->error;
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(store, sql, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_text64(statement, 1, id.at, id.len, SQLITE_STATIC, SQLITE_UTF8);
    const int step = sqlite3_step(statement);
    *out_found = step == SQLITE_ROW;
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        status = eventure__store_fail(store, "query");
    eventure__store_release(store, statement);
    if (status != EVENTURE_OK || *out_found)
        return status;
    store->error = unknown;
    return EVENTURE_ERROR_NOT_FOUND;
}

/* The flag is also set by the first event with a parent that is not in the store. */
eventure_status eventure__late_causes_exist(eventure__store *store, bool *out_exist)
{
    int64_t flag = 0;
    const eventure_status status = eventure__store_ask_int(store, "query", "SELECT foreign_ids FROM store", &flag);
    *out_exist = flag != 0;
    return status;
}
