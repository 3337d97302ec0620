/*
 * From an id to the place of its event. Ids are not stored but for foreign ones: see event/id.h.
 */
#include <string.h>

#include "embedded_sql.h"
#include "event/id.h"
#include "store/archived.h"
#include "store/store.h"

/* Says so, and where it may be when the store does not hold its beginning any more. */
static eventure_status fail_unknown(eventure_reader *store, const char *id)
{
    eventure__cut cut;
    eventure_status status = eventure__store_cut(store, &cut);
    if (status != EVENTURE_OK)
        return status;
    if (cut.before_tick > 0)
        return eventure__fail(&store->error, EVENTURE_ERROR_NOT_FOUND,
                              "there is no event %s here; the ticks before %lld are archived",
                              eventure__quote(id, strlen(id)).text, (long long)cut.before_tick);
    return eventure__fail(&store->error, EVENTURE_ERROR_NOT_FOUND, "there is no event %s",
                          eventure__quote(id, strlen(id)).text);
}

/* The seq that the statement answers; 0 when it answers none. */
static eventure_status read_seq(eventure_reader *store, sqlite3_stmt *statement, int64_t *out_seq)
{
    int step = sqlite3_step(statement);
    *out_seq = step == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    return step == SQLITE_ROW || step == SQLITE_DONE ? EVENTURE_OK : eventure__store_fail(store, "look an id up");
}

eventure_status eventure__store_open_id(eventure_reader *store, const char *id, int64_t *out_seq,
                                        sqlite3_stmt **out_open)
{
    const eventure__sql *sql = &eventure__query_seq_of_id;
    sqlite3_stmt *statement = NULL;
    eventure__id parsed;
    *out_seq = 0;
    *out_open = NULL;
    eventure_status status = eventure__store_take(store, sql->text, sql->len, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    if (eventure__id_parse(id, strlen(id), &parsed))
    {
        sqlite3_bind_int64(statement, 2, parsed.tick);
        sqlite3_bind_text(statement, 3, parsed.hash, -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 4, parsed.n);
    }
    status = read_seq(store, statement, out_seq);
    if (status == EVENTURE_OK && *out_seq == 0)
        status = fail_unknown(store, id);
    if (status == EVENTURE_OK)
        *out_open = statement;
    else
        eventure__store_give(store, statement);
    return status;
}

eventure_status eventure__store_seq_of_id(eventure_reader *store, const char *id, int64_t *out_seq)
{
    sqlite3_stmt *open = NULL;
    eventure_status status = eventure__store_open_id(store, id, out_seq, &open);
    eventure__store_give(store, open);
    return status;
}

eventure_status eventure__store_seq_of_foreign_id(eventure_reader *store, const char *id, int64_t *out_seq)
{
    const eventure__sql *sql = &eventure__query_seq_of_foreign_id;
    sqlite3_stmt *statement = NULL;
    *out_seq = 0;
    eventure_status status = eventure__store_take(store, sql->text, sql->len, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    status = read_seq(store, statement, out_seq);
    eventure__store_give(store, statement);
    return status;
}
