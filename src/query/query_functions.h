/*
 * The SQL functions that compiled filters call, on the library's own connections.
 */
#ifndef EVENTURE_QUERY_FUNCTIONS_H
#define EVENTURE_QUERY_FUNCTIONS_H

#include "store/store.h"

/* (data, key, compact value) → whether the data's top-level member of that key equals the value as JSON. */
#define EVENTURE__DATA_EQUALS "eventure_data_equals"

/* (data, path, comparison, compact value) → whether there is a value at the path for which the comparison holds. */
#define EVENTURE__DATA_HOLDS "eventure_data_holds"

/* (id, type) → the HASH of the id, or of the type when the id has not the form. */
#define EVENTURE__ID_HASH "eventure_id_hash"

/* (id) → its n; NULL when it has not the form. */
#define EVENTURE__ID_N "eventure_id_n"

/* Adds the functions to the connection, once. */
eventure_status eventure__query_functions_add(eventure_reader *store);

#endif
