/*
 * The scalar functions. Only event_tree reads a store.
 */
#ifndef EVENTURE_EXTENSION_SCALAR_FUNCTIONS_H
#define EVENTURE_EXTENSION_SCALAR_FUNCTIONS_H

#include "extension/sqlite.h"

/* Registers the functions on the connection. */
int eventure__functions_register(sqlite3 *db);

/* event_tree(id [, limit]): returns a cascade as text; see tree.c. */
void eventure__event_tree(sqlite3_context *context, int count, sqlite3_value **values);

#endif
