/*
 * Converts a row to an event. Every statement that returns events selects EVENTURE__EVENT_COLUMNS of the table
 * `events`.
 */
#ifndef EVENTURE_QUERY_ROW_H
#define EVENTURE_QUERY_ROW_H

#include <sqlite3.h>

#include <eventure/event.h>

#include "store/store.h"

/* The columns that eventure__row_read reads: the first EVENTURE__EVENT_COLUMN_COUNT of the statement. */
#define EVENTURE__EVENT_COLUMNS                                                                                        \
    "events.seq, events.tick, events.timestamp, events.type, events.data, events.id, events.parent_seq, "              \
    "events.parent_id"
#define EVENTURE__EVENT_COLUMN_COUNT 8

/* The leading columns of EVENTURE__EVENT_COLUMNS. Every statement selects them; a filter can omit the data, the id and
 * the parent's id. */
#define EVENTURE__FIRST_COLUMNS "events.seq, events.tick, events.timestamp, events.type, "

/* Reads the current row of the statement. The event is valid until the statement is stepped, reset or released.
 * EVENTURE_ERROR_CORRUPT: the row is invalid. */
eventure_status eventure__row_read(eventure__store *store, sqlite3_stmt *statement, eventure_event *out_event);

#endif
