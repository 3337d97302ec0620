/*
 * Converts a row to an event: see row.h.
 */
#include "query/row.h"

#include <math.h>

#include "base/text.h"
#include "store/timestamp_column.h"

enum
{
    COLUMN_SEQ,
    COLUMN_TICK,
    COLUMN_TIMESTAMP,
    COLUMN_TYPE,
    COLUMN_DATA,
    COLUMN_ID,
    COLUMN_PARENT_SEQ,
    COLUMN_PARENT_ID
};

/* A required column has no value of its type: either memory ran out, or the file is corrupt, because such a row is
 * never written. */
static eventure_status fail_missing(eventure__store *store, int64_t seq, const char *what)
{
    if (sqlite3_errcode(store->db) == SQLITE_NOMEM)
        return eventure__store_fail(store, "read an event");
    return eventure__fail(&store->error, EVENTURE_ERROR_CORRUPT, "%s is damaged: event %lld has no %s", store->path,
                          (long long)seq, what);
}

/* The lengths of the short texts are measured: that costs a third of what sqlite3_column_bytes does. */
eventure_status eventure__row_read(eventure__store *store, sqlite3_stmt *statement, eventure_event *out_event)
{
    eventure_event *event = out_event;
    event->seq = sqlite3_column_int64(statement, COLUMN_SEQ);
    event->tick = sqlite3_column_int64(statement, COLUMN_TICK);
    eventure__timestamp_give(eventure__timestamp_column(statement, COLUMN_TIMESTAMP), event);
    event->type = (const char *)sqlite3_column_text(statement, COLUMN_TYPE);
    event->type_len = eventure__text_len(event->type, 0);
    event->data = (const char *)sqlite3_column_text(statement, COLUMN_DATA);
    event->data_len = (size_t)sqlite3_column_bytes(statement, COLUMN_DATA);
    event->id = (const char *)sqlite3_column_text(statement, COLUMN_ID);
    event->id_len = eventure__text_len(event->id, 0);
    event->parent_seq = sqlite3_column_int64(statement, COLUMN_PARENT_SEQ); /* 0 for NULL */
    event->parent_id = (const char *)sqlite3_column_text(statement, COLUMN_PARENT_ID);
    event->parent_id_len = eventure__text_len(event->parent_id, 0);
    if (event->type == NULL || event->data == NULL || event->id == NULL)
        return fail_missing(store, event->seq, event->type == NULL ? "type" : event->data == NULL ? "data" : "id");
    if (event->parent_id == NULL && sqlite3_column_type(statement, COLUMN_PARENT_ID) != SQLITE_NULL)
        return fail_missing(store, event->seq, "parent's id");
    if (!isfinite(event->timestamp))
        return fail_missing(store, event->seq, "finite timestamp");
    return EVENTURE_OK;
}
