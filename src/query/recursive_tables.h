/*
 * The recursive tables of a compiled query: `cascade (seq, depth)`, an event and its descendants, and `ancestors (seq,
 * depth)`, the parent of an event, its parent, and so on.
 */
#ifndef EVENTURE_QUERY_RECURSIVE_TABLES_H
#define EVENTURE_QUERY_RECURSIVE_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include "query/compile.h"

/* The first event of a cascade. */
typedef struct eventure__cascade_root
{
    int64_t seq; /* 0: no cascade is asked for, or its first event is not in the store */
    bool is_archived;
    bool is_of_effects; /* the id is not in the store, but events name it as their parent */
    bool is_by_id;      /* an effect may be stored before its cause, so children are found by the id of their parent */
    int64_t max_rows;   /* a larger cascade is corrupt */
} eventure__cascade_root;

/* Append the definition of a table to the WITH clause of the query. filter->levels limits the depth; the first level
 * of a cascade is its event or, when that is not in the store, the events that name it as their parent. */
void eventure__emit_cascade_table(eventure__compiled_query *query, const eventure__cascade_root *root,
                                  const eventure_filter *filter);
void eventure__emit_ancestors_table(eventure__compiled_query *query, int64_t seq, int64_t levels);

#endif
