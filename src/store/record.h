/*
 * The result columns of the queries for complete events, with all values that digests cover: events_of_tick,
 * repair_events and verify_events in schema/queries.
 */
#ifndef EVENTURE_STORE_RECORD_H
#define EVENTURE_STORE_RECORD_H

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

#endif
