/*
 * Registration of the extension's SQL functions. loadable.c (the entry point of the loadable extension) and static.c
 * (the function of the library) both call it.
 */
#ifndef EVENTURE_EXTENSION_EXTENSION_H
#define EVENTURE_EXTENSION_EXTENSION_H

#include "extension/sqlite.h"

/* Registers all functions on the connection. On error, *out_message receives a text that the caller frees with
 * sqlite3_free; out_message may be NULL. */
int eventure__extension_register(sqlite3 *db, char **out_message);

#endif
