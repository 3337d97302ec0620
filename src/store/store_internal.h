/*
 * Shared by opening for writing (open_write.c) and opening for reading (open_read.c): see store_connection.c.
 */
#ifndef EVENTURE_STORE_STORE_INTERNAL_H
#define EVENTURE_STORE_STORE_INTERNAL_H

#include "store/store.h"

/* Makes a store without a connection. NULL: out of memory. */
eventure__store *eventure__store_make(const char *path);

/* Checks that the file exists, and is one that can be opened. */
eventure_status eventure__store_check_is_file(eventure__store *store, bool *out_exists);

/* Opens the connection with the settings for a file of unknown origin. `name` may be a URI, when the flags allow it. */
eventure_status eventure__store_connect(eventure__store *store, const char *name, int flags);

/* Closes the connection, and releases the file: the first half of eventure__store_close. */
eventure_status eventure__store_disconnect(eventure__store *store);

/* Closes the connection of a reader, and finalises its cached statements. The reader keeps its share in the file. */
void eventure__store_drop_connection(eventure__store *store);

/* Checks that the connection of a reader leads to a store of a format that it may read. */
eventure_status eventure__store_inspect_read(eventure__store *store);

#endif
