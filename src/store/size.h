/*
 * The limit of the file's size. It is checked before each commit, when the number of pages after the commit is known.
 * SQLite's max_page_count is not used: it reports SQLITE_FULL, which cannot be distinguished from a full disk.
 */
#ifndef EVENTURE_STORE_SIZE_H
#define EVENTURE_STORE_SIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* Sets the limit; 0: no limit. A file that is larger already may keep its size. */
eventure_status eventure__store_limit_size(eventure__store *store, int64_t max_file_bytes, bool is_new);

/* Returns EVENTURE_ERROR_LIMIT when committing the transaction now would make the file larger than the limit. */
eventure_status eventure__store_check_size(eventure__store *store);

/* Lower bound of the bytes that an event uses in the file. */
#define EVENTURE__ROW_LEAST_BYTES 8

/* Returns an upper bound of the number of events in a file of that size with any content. */
eventure_status eventure__store_most_rows(eventure__store *store, int64_t *out);

#endif
