/*
 * The conditions of a filter that are checked on each row: values in the data, and times.
 */
#ifndef EVENTURE_QUERY_CONDITIONS_H
#define EVENTURE_QUERY_CONDITIONS_H

#include "query/compile.h"

/* Appends the conditions to the WHERE of the query. */
eventure_status eventure__emit_conditions(eventure__compiled_query *query, eventure__store *store,
                                          const eventure_filter *filter);

#endif
