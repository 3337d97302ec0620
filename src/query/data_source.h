/*
 * Selects the index on data that serves a filter.
 */
#ifndef EVENTURE_QUERY_DATA_SOURCE_H
#define EVENTURE_QUERY_DATA_SOURCE_H

#include <eventure/query.h>

#include "query/type_set.h"
#include "store/store.h"

typedef struct eventure__data_source
{
    int64_t index_id;            /* 0: no index */
    const eventure_field *field; /* the member of the filter that the index serves */
} eventure__data_source;

/* Finds the first member of the filter that has an index for all matching types. */
eventure_status eventure__data_source_find(eventure__store *store, const eventure_filter *filter,
                                           const eventure__type_set *types, eventure__data_source *out);

#endif
