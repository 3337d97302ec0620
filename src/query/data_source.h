/*
 * Which index on data finds the events of a filter.
 */
#ifndef EVENTURE_QUERY_DATA_SOURCE_H
#define EVENTURE_QUERY_DATA_SOURCE_H

#include <eventure/query.h>

#include "query/type_set.h"
#include "store/store.h"

typedef struct eventure__data_source
{
    int64_t index_id;            /* 0: there is none */
    const eventure_field *field; /* the member of the filter that it serves */
} eventure__data_source;

/* The first member of the filter that an index serves, for all types that it lets through. */
eventure_status eventure__data_source_find(eventure_reader *store, const eventure_filter *filter,
                                           const eventure__type_set *types, eventure__data_source *out);

#endif
