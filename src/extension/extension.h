/*
 * What the two ways into the extension share: the entry point of the loadable file (loadable.c), and the one of the
 * library (linked.c).
 */
#ifndef EVENTURE_EXTENSION_EXTENSION_H
#define EVENTURE_EXTENSION_EXTENSION_H

#include "extension/sqlite.h"

/* Makes all functions known to the connection. On error, *out_message, if out_message is not NULL, receives a text to
 * be freed with sqlite3_free. */
int eventure__extension_register(sqlite3 *db, char **out_message);

#endif
