/*
 * The schema of a store: recognising a store, and making one. migrate.h brings a store of an older format up to date.
 */
#ifndef EVENTURE_STORE_SCHEMA_H
#define EVENTURE_STORE_SCHEMA_H

#include "store/store.h"

/* PRAGMA application_id of every store: "Evnt". */
#define EVENTURE__APPLICATION_ID 0x45766E74

/* PRAGMA user_version: the format that this library reads and writes. Older formats have lower numbers, from 1 on. */
#define EVENTURE__FORMAT 6

typedef enum eventure__schema_state
{
    EVENTURE__SCHEMA_CURRENT,
    EVENTURE__SCHEMA_OLDER,
    EVENTURE__SCHEMA_EMPTY /* an empty database */
} eventure__schema_state;

/* Determines the state of the file. EVENTURE_ERROR_FORMAT: it is not a database, belongs to another application, or
 * has a newer format. out_format receives the format, 0 for an empty database. */
eventure_status eventure__schema_inspect(eventure__store *store, eventure__schema_state *out_state,
                                         int64_t *out_format);

/* Makes the schema in an empty database, in one transaction. */
eventure_status eventure__schema_make(eventure__store *store, bool with_digests);

/* --- For migrate.c, within its transaction --- */

eventure_status eventure__schema_make_tables(eventure__store *store);

/* Makes the indexes and views, and marks the database as a store of the present format. */
eventure_status eventure__schema_finish(eventure__store *store);

#endif
