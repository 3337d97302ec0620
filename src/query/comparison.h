/*
 * Comparisons with a value in the data of an event.
 */
#ifndef EVENTURE_QUERY_COMPARISON_H
#define EVENTURE_QUERY_COMPARISON_H

#include <eventure/query.h>

#include "event/json.h"

/* Whether the comparison holds for two compact values. *out_failed is set when there is no memory. */
bool eventure__comparison_holds(eventure__span found, eventure_comparison comparison, eventure__span wanted,
                                bool *out_failed);

#endif
