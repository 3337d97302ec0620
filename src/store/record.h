/*
 * The result columns of the queries for complete events, with all values that digests cover: events_of_tick,
 * repair_events and verify_events in schema/queries.
 */
#ifndef EVENTURE_STORE_RECORD_H
#define EVENTURE_STORE_RECORD_H

#include <stdbool.h>

#include <sqlite3.h>

#include "event/tick_digest.h"

enum
{
    EVENTURE__RECORD_SEQ,
    EVENTURE__RECORD_TICK,
    EVENTURE__RECORD_TYPE,
    EVENTURE__RECORD_PARENT_SEQ,
    EVENTURE__RECORD_TIMESTAMP,
    EVENTURE__RECORD_DATA,
    EVENTURE__RECORD_ID,
    EVENTURE__RECORD_PARENT_ID,
    EVENTURE__RECORD_ID_OF_PARENT /* verify_events only: the id of the event parent_seq */
};

/* Reads the digests of a tick from two columns, of which run_column is the first. Without both of them: false, and *out
 * is all 0. */
bool eventure__record_link(sqlite3_stmt *row, int run_column, eventure__tick_digest *out);

#endif
