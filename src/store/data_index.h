/*
 * Indexes on data: the rows. Each index knows up to which event it holds everything, so that a question can look the
 * rest through itself, and an index that is being built, or was left behind, is never wrong.
 *
 * A value is kept in its canonical form (numbers by value, members sorted), as text up to EVENTURE__VALUE_BYTES, beyond
 * that as the digest of that form. Whoever finds an event by it still compares the value itself.
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
    char *pattern; /* "*" for all types */
    int64_t indexed_seq;
} eventure__data_index;

typedef struct eventure__data_indexes
{
    eventure__data_index *list;
    size_t count;
} eventure__data_indexes;

/* Loads what there is. To be freed in any case. */
eventure_status eventure__data_indexes_load(eventure_reader *store, eventure__data_indexes *out);
void eventure__data_indexes_free(eventure__data_indexes *indexes);

/* Takes the events behind index->indexed_seq up to `last_seq` in, and moves `indexed_seq`. Within the caller's
 * transaction. */
eventure_status eventure__data_index_advance(eventure_reader *store, eventure__data_index *index, int64_t last_seq);

/* Binds the form of a compact value that data_value has. */
eventure_status eventure__data_value_bind(eventure_reader *store, sqlite3_stmt *statement, int parameter,
                                          eventure__span value);

/* The same as bytes: appended, and whether they are a digest, which is bound as a BLOB. */
void eventure__data_value_append(eventure__span value, eventure__buffer *out, bool *out_is_digest);

#endif
