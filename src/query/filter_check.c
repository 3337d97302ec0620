/*
 * The check of a filter: see filter_check.h.
 */
#include "query/filter_check.h"

#include <math.h>

/* Refuses an id with a NUL, which no event has. */
static eventure_status check_id(eventure__store *store, const char *what, const char *id, size_t len)
{
    const eventure__span text = eventure__text_span(id, len);
    if (!eventure__span_has_nul(text))
        return EVENTURE_OK;
    return eventure__fail(&store->error, EVENTURE_ERROR_ARGUMENT, "query: %s is %s, which contains a NUL", what,
                          eventure__quote(text.at, text.len).text);
}

static eventure_status check_ids(eventure__store *store, const eventure_filter *filter)
{
    eventure_status status = check_id(store, "children_of", filter->children_of, filter->children_of_len);
    if (status == EVENTURE_OK)
        status = check_id(store, "cascade_of", filter->cascade_of, filter->cascade_of_len);
    if (status == EVENTURE_OK)
        status = check_id(store, "ancestors_of", filter->ancestors_of, filter->ancestors_of_len);
    return status;
}

static eventure_status check_number(eventure__store *store, const char *what, int64_t value, eventure_status status)
{
    if (value >= 0)
        return EVENTURE_OK;
    return eventure__fail(&store->error, status, "query: %s %lld is negative", what, (long long)value);
}

static eventure_status check_numbers(eventure__store *store, const eventure_filter *filter)
{
    eventure_status status = check_number(store, "tick", filter->tick_min, EVENTURE_ERROR_TICK);
    if (status == EVENTURE_OK)
        status = check_number(store, "tick", filter->tick_end, EVENTURE_ERROR_TICK);
    if (status == EVENTURE_OK)
        status = check_number(store, "limit", filter->limit, EVENTURE_ERROR_ARGUMENT);
    if (status == EVENTURE_OK)
        status = check_number(store, "levels", filter->levels, EVENTURE_ERROR_ARGUMENT);
    if (status == EVENTURE_OK)
        status = check_number(store, "after_seq", filter->after_seq, EVENTURE_ERROR_ARGUMENT);
    return status;
}

static eventure_status check_list(eventure__store *store, const char *what, const void *list, size_t count)
{
    if (list != NULL || count == 0)
        return EVENTURE_OK;
    return eventure__fail(&store->error, EVENTURE_ERROR_ARGUMENT, "query: %s is NULL, but %s_count is %zu", what, what,
                          count);
}

static eventure_status check_lists(eventure__store *store, const eventure_filter *filter)
{
    eventure_status status = check_list(store, "types", filter->types, filter->types_count);
    if (status == EVENTURE_OK)
        status = check_list(store, "data", filter->data, filter->data_count);
    if (status == EVENTURE_OK)
        status = check_list(store, "conditions", filter->conditions, filter->conditions_count);
    return status;
}

static eventure_status check_order(eventure__store *store, const eventure_filter *filter)
{
    if ((int)filter->order < 0 || filter->order > EVENTURE_ORDER_ID)
        return eventure__fail(&store->error, EVENTURE_ERROR_ARGUMENT, "query: there is no order %d",
                              (int)filter->order);
    if (filter->order == EVENTURE_ORDER_BREADTH_FIRST && filter->cascade_of == NULL)
        return eventure__fail(&store->error, EVENTURE_ERROR_ARGUMENT,
                              "query: breadth-first is an order of cascades only");
    return EVENTURE_OK;
}

static eventure_status check_timestamp(eventure__store *store, const char *what, const double *timestamp)
{
    if (timestamp == NULL || !isnan(*timestamp))
        return EVENTURE_OK;
    return eventure__fail(&store->error, EVENTURE_ERROR_ARGUMENT, "query: %s is not a number", what);
}

eventure_status eventure__filter_check(eventure__store *store, const eventure_filter *filter)
{
    eventure_status status = check_numbers(store, filter);
    if (status == EVENTURE_OK)
        status = check_order(store, filter);
    if (status == EVENTURE_OK)
        status = check_lists(store, filter);
    if (status == EVENTURE_OK)
        status = check_timestamp(store, "timestamp_min", filter->timestamp_min);
    if (status == EVENTURE_OK)
        status = check_timestamp(store, "timestamp_max", filter->timestamp_max);
    return status == EVENTURE_OK ? check_ids(store, filter) : status;
}
