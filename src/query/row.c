/*
 * From a row to an event: the type's name comes from the cache, ids are put together where they are not foreign.
 */
#include "query/row.h"

#include <string.h>

enum
{
    COLUMN_SEQ,
    COLUMN_TICK,
    COLUMN_TIMESTAMP,
    COLUMN_TYPE,
    COLUMN_ORDINAL,
    COLUMN_DATA,
    COLUMN_PARENT,
    COLUMN_FOREIGN_ID,
    COLUMN_PARENT_TICK,
    COLUMN_PARENT_TYPE,
    COLUMN_PARENT_ORDINAL,
    COLUMN_PARENT_FOREIGN_ID
};

static eventure_status fail_damaged(eventure_reader *store, long long seq, const char *what)
{
    return eventure__fail(&store->error, EVENTURE_ERROR_CORRUPT, "%s is damaged: event %lld has %s", store->path, seq,
                          what);
}

/* Text of a column; NULL when there is none, or no memory for it: which of both is for is_starved. */
static const char *text_of(sqlite3_stmt *statement, int column)
{
    return (const char *)sqlite3_column_text(statement, column);
}

/* Whether what was read last is only NULL because there was no memory for it. */
static bool is_starved(const eventure_reader *store)
{
    return sqlite3_errcode(store->db) == SQLITE_NOMEM;
}

static eventure_status fail_starved(eventure_reader *store)
{
    return eventure__store_fail(store, "read an event");
}

eventure_status eventure__row_read_parent(eventure_reader *store, sqlite3_stmt *statement, const eventure_event *event,
                                          eventure__archived *out_parent)
{
    if (sqlite3_column_type(statement, COLUMN_PARENT_TYPE) == SQLITE_NULL)
    {
        eventure_status status = eventure__store_archived(store, event->parent_seq, out_parent);
        return status == EVENTURE_ERROR_NOT_FOUND ? fail_damaged(store, event->seq, "a parent that is not there")
                                                  : status;
    }
    *out_parent = (eventure__archived){.tick = sqlite3_column_int64(statement, COLUMN_PARENT_TICK),
                                       .type = sqlite3_column_int64(statement, COLUMN_PARENT_TYPE),
                                       .ordinal = sqlite3_column_int64(statement, COLUMN_PARENT_ORDINAL)};
    return EVENTURE_OK;
}

static eventure_status read_parent(eventure_reader *store, sqlite3_stmt *statement, eventure__row *row,
                                   eventure_event *event)
{
    event->parent_seq = sqlite3_column_int64(statement, COLUMN_PARENT);
    event->parent_id = text_of(statement, COLUMN_PARENT_FOREIGN_ID); /* or an external one, without a seq */
    if (event->parent_id == NULL && is_starved(store))
        return fail_starved(store);
    if (event->parent_seq == 0 || event->parent_id != NULL)
        return EVENTURE_OK;
    eventure__archived parent;
    eventure_status status = eventure__row_read_parent(store, statement, event, &parent);
    if (status != EVENTURE_OK)
        return status;
    const eventure__type *type = eventure__store_type(store, parent.type);
    if (type == NULL)
        return store->error.status;
    eventure__id_format(row->parent_id, parent.tick, type->hash, parent.ordinal);
    event->parent_id = row->parent_id;
    return EVENTURE_OK;
}

eventure_status eventure__row_read(eventure_reader *store, sqlite3_stmt *statement, eventure__row *row,
                                   eventure_event *out_event)
{
    eventure_event *event = out_event;
    event->seq = sqlite3_column_int64(statement, COLUMN_SEQ);
    event->tick = sqlite3_column_int64(statement, COLUMN_TICK);
    event->timestamp = sqlite3_column_double(statement, COLUMN_TIMESTAMP);
    const eventure__type *type = eventure__store_type(store, sqlite3_column_int64(statement, COLUMN_TYPE));
    if (type == NULL)
        return store->error.status;
    event->type = type->name;
    event->data = text_of(statement, COLUMN_DATA);
    if (event->data == NULL)
        return is_starved(store) ? fail_starved(store) : fail_damaged(store, event->seq, "no data");
    event->data_len = (size_t)sqlite3_column_bytes(statement, COLUMN_DATA);
    event->id = text_of(statement, COLUMN_FOREIGN_ID);
    if (event->id == NULL)
    {
        if (is_starved(store))
            return fail_starved(store);
        eventure__id_format(row->id, event->tick, type->hash, sqlite3_column_int64(statement, COLUMN_ORDINAL));
        event->id = row->id;
    }
    return read_parent(store, statement, row, event);
}
