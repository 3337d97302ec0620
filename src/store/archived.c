/*
 * The archived events that a store still knows: see archived.h.
 */
#include "store/archived.h"

#include <string.h>

#include "embedded_sql.h"

eventure_status eventure__store_cut(eventure__store *store, eventure__cut *out)
{
    const eventure__sql *sql = &eventure__query_archive_cut;
    sqlite3_stmt *statement = NULL;
    *out = (eventure__cut){0, 0};
    eventure_status status = eventure__store_prepare(store, sql->text, &statement);
    if (status != EVENTURE_OK)
        return status;
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        *out = (eventure__cut){sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1)};
    else if (step != SQLITE_DONE)
        status = eventure__store_fail(store, "read where the store begins");
    /* Callers compute with these numbers without checks for overflow. */
    if (out->before_tick < 0 || out->last_seq < 0 || out->last_seq == INT64_MAX)
    {
        status = eventure__fail(&store->error, EVENTURE_ERROR_CORRUPT,
                                "%s is damaged: the archived events end with number %lld, before tick %lld",
                                store->path, (long long)out->last_seq, (long long)out->before_tick);
        *out = (eventure__cut){0, 0};
    }
    eventure__store_release(store, statement);
    return status;
}

/* Steps `*out` to the row of an archived event. Returns EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND, or an error. */
static eventure_status take_archived(eventure__store *store, int64_t seq, sqlite3_stmt **out_statement)
{
    const eventure__sql *sql = &eventure__query_archived_event;
    eventure_status status = eventure__store_prepare(store, sql->text, out_statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(*out_statement, 1, seq);
    int step = sqlite3_step(*out_statement);
    if (step == SQLITE_ROW)
        return EVENTURE_OK;
    return step == SQLITE_DONE ? EVENTURE_ERROR_NOT_FOUND : eventure__store_fail(store, "read an archived event");
}

/* Sets the error text for the archived event in the current row of the statement. */
static eventure_status explain_archived(eventure__store *store, int64_t seq, sqlite3_stmt *statement)
{
    const char *id = (const char *)sqlite3_column_text(statement, 0);
    const char *type = (const char *)sqlite3_column_text(statement, 2);
    const char *file = (const char *)sqlite3_column_text(statement, 4);
    if (id == NULL || type == NULL)
        return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "read an archived event: out of memory");
    return eventure__fail(&store->error, EVENTURE_ERROR_ARCHIVED,
                          "event %s (%s at tick %lld, event %lld) is archived%s%s",
                          eventure__quote(id, strlen(id)).text, eventure__quote(type, strlen(type)).text,
                          (long long)sqlite3_column_int64(statement, 1), (long long)seq, file != NULL ? " in " : "",
                          file != NULL ? eventure__quote(file, strlen(file)).text : "");
}

eventure_status eventure__store_fail_archived(eventure__store *store, int64_t seq)
{
    sqlite3_stmt *statement = NULL;
    eventure_status status = take_archived(store, seq, &statement);
    if (status == EVENTURE_ERROR_NOT_FOUND)
        status = eventure__fail(&store->error, EVENTURE_ERROR_CORRUPT, "%s is damaged: event %lld is missing",
                                store->path, (long long)seq);
    else if (status == EVENTURE_OK)
        status = explain_archived(store, seq, statement);
    eventure__store_release(store, statement);
    return status;
}

eventure_status eventure__store_check_whole(eventure__store *store, int64_t tick_min)
{
    eventure__cut cut;
    eventure_status status = eventure__store_cut(store, &cut);
    if (status != EVENTURE_OK || tick_min >= cut.before_tick)
        return status;
    return eventure__fail(&store->error, EVENTURE_ERROR_ARCHIVED,
                          "the ticks before %lld are archived: without a snapshot at tick %lld or later, there is no "
                          "initial state",
                          (long long)cut.before_tick, (long long)(cut.before_tick - 1));
}
