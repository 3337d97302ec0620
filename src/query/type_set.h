/*
 * The types that match a filter.
 */
#ifndef EVENTURE_QUERY_TYPE_SET_H
#define EVENTURE_QUERY_TYPE_SET_H

#include <eventure/query.h>

#include "event/types.h"
#include "store/store.h"

typedef struct eventure__type_set
{
    bool all;              /* every type matches; the list is empty */
    eventure__types types; /* otherwise the matching types, each once */
} eventure__type_set;

/* Finds the types of the store that match any pattern of the filter. A literal type is included even if the store does
 * not contain it. The caller frees the result, also after an error. */
eventure_status eventure__filter_types(eventure__store *store, const eventure_filter *filter, eventure__type_set *out);
void eventure__type_set_free(eventure__type_set *types);

#endif
