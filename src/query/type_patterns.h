/*
 * Which types a filter lets through.
 */
#ifndef EVENTURE_QUERY_TYPE_PATTERNS_H
#define EVENTURE_QUERY_TYPE_PATTERNS_H

#include <eventure/query.h>

#include "store/store.h"

typedef struct eventure__types_let_through
{
    bool all; /* no pattern keeps any out; then there are no ids */
    int64_t *ids;
    size_t count;
} eventure__types_let_through;

/* The types of the store that any of the filter's patterns matches, in the order of their ids. To be freed, after an
 * error too. */
eventure_status eventure__filter_types(eventure_reader *store, const eventure_filter *filter,
                                       eventure__types_let_through *out);
void eventure__types_let_through_free(eventure__types_let_through *types);

#endif
