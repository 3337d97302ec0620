/*
 * The table `run_record`: what the run was, by keys with JSON values (include/eventure/run.h). Stores of this format
 * from before the table existed do not have it; the first change makes it.
 */
#ifndef EVENTURE_STORE_RUN_RECORD_H
#define EVENTURE_STORE_RUN_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include <eventure/data.h>

#include "base/buffer.h"
#include "store/store.h"

/* The public limit EVENTURE_RUN_VALUE_MAX_BYTES. */
#define EVENTURE__RUN_VALUE_MAX_BYTES 1048576

/* As eventure_reader_description, with arguments that are not NULL, except that key may be. */
eventure_status eventure__run_record_read(eventure__store *reader, const char *key, char **out_json);

/* Checks changes of a record and appends them to *out as one compact object, in which null removes a key. `what` begins
 * the text of an error. */
eventure_status eventure__run_record_check(const char *what, const eventure_data *changes, eventure__buffer *out,
                                           eventure__error *error);

/* Makes the changes that eventure__run_record_check returned, within the caller's transaction. */
eventure_status eventure__run_record_change(eventure__store *store, const eventure__buffer *changes);

/* Copies the record into a new store, within the transaction of that store. A fork gets it without the keys that
 * describe the end of the run. Errors are set in `from`. */
eventure_status eventure__run_record_copy(eventure__store *from, eventure__store *to, bool is_fork);

#endif
