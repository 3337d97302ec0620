/*
 * The SQL functions of compiled filters, on connections of the library.
 */
#ifndef EVENTURE_QUERY_QUERY_FUNCTIONS_H
#define EVENTURE_QUERY_QUERY_FUNCTIONS_H

#include "store/store.h"

/* (data, key, compact value) → whether the top-level member of the data equals the value as JSON. */
#define EVENTURE__DATA_EQUALS "eventure_data_equals"

/* (data, path, comparison, compact value) → whether there is a value at the path for which the comparison holds. */
#define EVENTURE__DATA_HOLDS "eventure_data_holds"

/* (id, type) → the HASH of a derived id, or of the type for an explicit id. */
#define EVENTURE__ID_HASH "eventure_id_hash"

/* (id) → the n of a derived id; NULL for an explicit id. */
#define EVENTURE__ID_N "eventure_id_n"

/* Registers the functions on the connection, if they are not registered yet. */
eventure_status eventure__query_functions_add(eventure__store *store);

#endif
