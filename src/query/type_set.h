/*
 * Which types a filter lets through.
 */
#ifndef EVENTURE_QUERY_TYPE_PATTERNS_H
#define EVENTURE_QUERY_TYPE_PATTERNS_H

#include <eventure/query.h>

#include "event/types.h"
#include "store/store.h"

typedef struct eventure__type_set
{
    bool all;              /* no pattern keeps any out; then the list is empty */
    eventure__types types; /* the others, each once */
} eventure__type_set;

/* The types of the store that any of the filter's patterns matches; those that a pattern names in full, whether the
 * store has them or not. To be freed, after an error too. */
eventure_status eventure__filter_types(eventure_reader *store, const eventure_filter *filter, eventure__type_set *out);
void eventure__type_set_free(eventure__type_set *types);

#endif
