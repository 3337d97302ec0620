/*
 * Functions that opening for writing (store.c) and opening for reading (open_read.c) share.
 */
#ifndef EVENTURE_STORE_PRIVATE_H
#define EVENTURE_STORE_PRIVATE_H

#include "store/store.h"

/* Makes a store without a connection. NULL: out of memory. */
eventure_reader *eventure__store_make(const char *path);

/* Checks that the file exists, and is one that can be opened. */
eventure_status eventure__store_check_is_file(eventure_reader *store, bool *out_exists);

/* Opens the connection with the settings for a file of unknown origin. `name` may be a URI, when the flags allow it. */
eventure_status eventure__store_connect(eventure_reader *store, const char *name, int flags);

/* Closes the connection of a reader, and finalises its cached statements. The reader keeps its share in the file. */
void eventure__store_drop_connection(eventure_reader *store);

/* To be called before a query of a reader that makes no files and holds no commit: opens the connection again when
 * the store was written since it was opened, or another process has begun to write it. While statements are open
 * that is an error, and its text names the reason. */
eventure_status eventure__store_renew(eventure_reader *store);

/* Checks that the connection of a reader leads to a store of a format that it may read. */
eventure_status eventure__store_inspect_read(eventure_reader *store);

/* Sets the error of a reader whose file was changed while it read. */
eventure_status eventure__store_fail_changed(eventure_reader *store);

#endif
