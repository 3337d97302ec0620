/*
 * The rows of indexes on data. Each index records the last event that it covers, so that a query can search later
 * events itself: an index that is incomplete or out of date never makes a result wrong.
 *
 * A value is stored in its canonical form (numbers by value, members sorted): as text up to EVENTURE__VALUE_BYTES, and
 * as the digest of that form beyond. A caller that finds an event by a value must still compare the value itself.
 */
#ifndef EVENTURE_STORE_DATA_INDEX_H
#define EVENTURE_STORE_DATA_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/json.h"
#include "store/store.h"

#define EVENTURE__VALUE_BYTES 128

typedef struct eventure__data_index
{
    int64_t id;
    char *key;
    char *pattern; /* "*": all types */
    int64_t indexed_seq;
} eventure__data_index;

typedef struct eventure__data_indexes
{
    eventure__data_index *list;
    size_t count;
} eventure__data_indexes;

/* Loads the indexes of the store. The caller frees `out` in any case. */
eventure_status eventure__data_indexes_load(eventure__store *store, eventure__data_indexes *out);
void eventure__data_indexes_free(eventure__data_indexes *indexes);

/* Adds the events after index->indexed_seq, up to `last_seq`, to the index, and sets the column `upto`. Runs in the
 * caller's transaction. */
eventure_status eventure__data_index_advance(eventure__store *store, eventure__data_index *index, int64_t last_seq);

/* Appends the same form as bytes. `out_is_digest` receives whether it is a digest, which is bound as a BLOB. */
void eventure__data_value_append(eventure__span value, eventure__buffer *out, bool *out_is_digest);

#endif
