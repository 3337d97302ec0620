/*
 * The conditions of a filter that are checked on each row: values in the data, and times.
 */
#ifndef EVENTURE_QUERY_CONDITIONS_H
#define EVENTURE_QUERY_CONDITIONS_H

#include "query/compile.h"

/* Appends the conditions to the WHERE of the question. */
eventure_status eventure__say_conditions(eventure__compiled_query *question, eventure_reader *store,
                                         const eventure_filter *filter);

#endif
