/*
 * A row of an answer becomes an event. Every statement that answers events selects EVENTURE__EVENT_COLUMNS from
 * EVENTURE__EVENT_SOURCE, whose outermost table is `event`.
 */
#ifndef EVENTURE_QUERY_ROW_H
#define EVENTURE_QUERY_ROW_H

#include <sqlite3.h>

#include <eventure/event.h>

#include "base/buffer.h"
#include "event/id.h"
#include "store/archived.h"
#include "store/store.h"

/*
 * The columns that eventure__row_read reads, the first EVENTURE__EVENT_COLUMN_COUNT of the statement. Whether there are
 * foreign ids and external parents at all is asked once a statement: most stores have neither, and looking them up in
 * vain costs a quarter of reading an event (docs/decisions/0008-reading.md). What an import brings while a statement
 * runs is beyond the rows that it answers.
 */
#define EVENTURE__EVENT_COLUMNS                                                                                        \
    "event.seq, event.tick, event.timestamp, event.type, event.ordinal, event.data, event.parent, "                    \
    "CASE WHEN EXISTS (SELECT 1 FROM foreign_id) THEN (SELECT id FROM foreign_id WHERE seq = event.seq) END, "         \
    "parent.tick, parent.type, parent.ordinal, "                                                                       \
    "CASE WHEN event.parent IS NULL "                                                                                  \
    "THEN CASE WHEN EXISTS (SELECT 1 FROM external_parent) "                                                           \
    "THEN (SELECT parent_id FROM external_parent WHERE seq = event.seq) END "                                          \
    "ELSE CASE WHEN EXISTS (SELECT 1 FROM foreign_id) "                                                                \
    "THEN (SELECT id FROM foreign_id WHERE seq = event.parent) END END"
#define EVENTURE__EVENT_COLUMN_COUNT 12

/* To follow the FROM item `event`. */
#define EVENTURE__EVENT_PARENT_JOIN " LEFT JOIN event AS parent ON parent.seq = event.parent"

/* Room for the ids of one row. */
typedef struct eventure__row
{
    char id[EVENTURE__ID_BYTES];
    char parent_id[EVENTURE__ID_BYTES];
} eventure__row;

/* Reads the row under the statement. The event is good until the statement is stepped, reset or given back, and as long
 * as `row` is not read into again. EVENTURE_ERROR_CORRUPT when the row makes no sense. */
eventure_status eventure__row_read(eventure_reader *store, sqlite3_stmt *statement, eventure__row *row,
                                   eventure_event *out_event);

/* Tells the tick, type and ordinal of the parent of the row under the statement, which is in the store, or archived. */
eventure_status eventure__row_read_parent(eventure_reader *store, sqlite3_stmt *statement, const eventure_event *event,
                                          eventure__archived *out_parent);

#endif
