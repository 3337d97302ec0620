/*
 * Finds the seq of an event by its id.
 */
#include "embedded_sql.h"
#include "store/archived.h"
#include "store/store.h"

/* Sets the error for an unknown id, with a hint when the first ticks of the store are archived. */
static eventure_status fail_unknown(eventure__store *store, eventure__span id)
{
    eventure__cut cut;
    eventure_status status = eventure__store_cut(store, &cut);
    if (status != EVENTURE_OK)
        return status;
    if (cut.before_tick > 0)
        return eventure__fail(&store->error, EVENTURE_ERROR_NOT_FOUND,
                              "there is no event %s in this store; the ticks before %lld are archived",
                              eventure__quote(id.at, id.len).text, (long long)cut.before_tick);
    return eventure__fail(&store->error, EVENTURE_ERROR_NOT_FOUND, "there is no event %s",
                          eventure__quote(id.at, id.len).text);
}

eventure_status eventure__store_open_id(eventure__store *store, eventure__span id, int64_t *out_seq,
                                        sqlite3_stmt **out_open)
{
    const eventure__sql *sql = &eventure__query_seq_of_id;
    sqlite3_stmt *statement = NULL;
    *out_seq = 0;
    *out_open = NULL;
    eventure_status status = eventure__store_prepare(store, sql->text, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_text64(statement, 1, id.at, id.len, SQLITE_STATIC, SQLITE_UTF8);
    int step = sqlite3_step(statement);
    *out_seq = step == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        status = eventure__store_fail(store, "look up an id");
    else if (*out_seq == 0) /* a seq that no event has */
        status = fail_unknown(store, id);
    if (status == EVENTURE_OK)
        *out_open = statement;
    else
        eventure__store_release(store, statement);
    return status;
}

eventure_status eventure__store_seq_of_id(eventure__store *store, eventure__span id, int64_t *out_seq)
{
    sqlite3_stmt *open = NULL;
    eventure_status status = eventure__store_open_id(store, id, out_seq, &open);
    eventure__store_release(store, open);
    return status;
}
