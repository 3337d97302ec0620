/*
 * How large the file may become. SQLite's own max_page_count answers as a full disk does, so that nobody could tell the
 * two apart; this is asked before each commit instead, when the pages are counted that the file then has.
 */
#ifndef EVENTURE_STORE_SIZE_H
#define EVENTURE_STORE_SIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* Sets the limit; 0 is none. A file that is there and larger already may stay as it is. */
eventure_status eventure__store_limit_size(eventure_reader *store, int64_t max_file_bytes, bool is_new);

/* EVENTURE_ERROR_LIMIT when the file would become larger than it may, were the transaction committed now. */
eventure_status eventure__store_check_size(eventure_reader *store);

/* No event takes less of the file. */
#define EVENTURE__ROW_LEAST_BYTES 8

/* More events than this are in no file of that size, whatever it says. */
eventure_status eventure__store_most_rows(eventure_reader *store, int64_t *out);

#endif
