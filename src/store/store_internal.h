/*
 * What opening for writing (store.c) and opening for reading (open_read.c) share.
 */
#ifndef EVENTURE_STORE_PRIVATE_H
#define EVENTURE_STORE_PRIVATE_H

#include "store/store.h"

/* A store without a connection. NULL: out of memory. */
eventure_reader *eventure__store_make(const char *path);

/* Whether there is such a file, and it is one that can be opened. */
eventure_status eventure__store_check_is_file(eventure_reader *store, bool *out_exists);

/* Opens the connection, distrustfully. `name` may be a URI, when the flags say so. */
eventure_status eventure__store_connect(eventure_reader *store, const char *name, int flags);

/* Closes the connection of a reader, which keeps its share in the file, and finalises what is cached. */
void eventure__store_drop_connection(eventure_reader *store);

/* Before a reader that makes no files asks, and holds no commit: when the store has been written since it was opened,
 * or somebody has begun to write it, opens the connection anew. While statements are open that is an error, which says
 * so. */
eventure_status eventure__store_renew(eventure_reader *store);

/* Checks that the connection of a reader is to a store, and to one of a format that it may read. */
eventure_status eventure__store_inspect_read(eventure_reader *store);

/* The error of a reader whose file was changed while it read. */
eventure_status eventure__store_fail_changed(eventure_reader *store);

#endif
