/*
 * The schema of a store: telling whether a file is one, making it, and bringing an older one up to date.
 */
#ifndef EVENTURE_STORE_SCHEMA_H
#define EVENTURE_STORE_SCHEMA_H

#include "store/store.h"

/* PRAGMA application_id of every store: "Evnt". */
#define EVENTURE__APPLICATION_ID 0x45766E74

typedef enum eventure__schema_state
{
    EVENTURE__SCHEMA_CURRENT,
    EVENTURE__SCHEMA_OLDER,
    EVENTURE__SCHEMA_EMPTY /* a database without anything in it */
} eventure__schema_state;

/* Looks at the file. EVENTURE_ERROR_FORMAT: no database, another application's, or of a newer format. */
eventure_status eventure__schema_inspect(eventure_reader *store, eventure__schema_state *out_state);

/* Makes the schema in an empty database, or runs the migrations that an older one lacks, in one transaction. */
eventure_status eventure__schema_bring_up(eventure_reader *store, bool with_digests);

#endif
