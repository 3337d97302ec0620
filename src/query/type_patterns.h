/*
 * Which types a filter lets through.
 */
#ifndef EVENTURE_QUERY_TYPE_PATTERNS_H
#define EVENTURE_QUERY_TYPE_PATTERNS_H

#include <eventure/query.h>

#include "event/types.h"
#include "store/store.h"

typedef struct eventure__types_let_through
{
    bool all;              /* no pattern keeps any out; then the list is empty */
    eventure__types types; /* the others, each once */
} eventure__types_let_through;

/* The types of the store that any of the filter's patterns matches; those that a pattern names in full, whether the
 * store has them or not. To be freed, after an error too. */
eventure_status eventure__filter_types(eventure_reader *store, const eventure_filter *filter,
                                       eventure__types_let_through *out);
void eventure__types_let_through_free(eventure__types_let_through *types);

#endif
