/*
 * The scalar functions: values in, a value out. All but event_tree know nothing of any store.
 */
#ifndef EVENTURE_EXTENSION_FUNCTIONS_H
#define EVENTURE_EXTENSION_FUNCTIONS_H

#include "extension/sqlite.h"

/* Makes the functions known to the connection. */
int eventure__functions_register(sqlite3 *db);

/* event_tree(id [, limit]): a cascade as text; see tree.c. */
void eventure__event_tree(sqlite3_context *context, int count, sqlite3_value **values);

#endif
