/*
 * The check of the numbers, lists and ids of a filter, before it is compiled.
 */
#ifndef EVENTURE_QUERY_FILTER_CHECK_H
#define EVENTURE_QUERY_FILTER_CHECK_H

#include <eventure/query.h>

#include "store/store.h"

/* Returns EVENTURE_ERROR_TICK for a negative tick, and EVENTURE_ERROR_ARGUMENT for any other member that is not valid.
 * The error text contains the value. */
eventure_status eventure__filter_check(eventure__store *store, const eventure_filter *filter);

#endif
