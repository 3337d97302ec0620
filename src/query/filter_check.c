/*
 * The check of a filter: see filter_check.h.
 */
#include "query/filter_check.h"

#include <math.h>

#include "base/options.h"

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

static eventure_status check_ticks(eventure__store *store, const eventure_filter *filter)
{
    if (filter->tick_min >= 0 && filter->tick_end >= 0)
        return EVENTURE_OK;
    return eventure__fail(&store->error, EVENTURE_ERROR_TICK, "query: tick %lld is negative",
                          (long long)(filter->tick_min < 0 ? filter->tick_min : filter->tick_end));
}

static eventure_status check_numbers(eventure__store *store, const eventure_filter *filter)
{
    const eventure__option_range ranges[] = {{"limit", filter->limit, 0, INT64_MAX},
                                             {"levels", filter->levels, 0, INT64_MAX},
                                             {"after_seq", filter->after_seq, 0, INT64_MAX},
                                             {"order", (int)filter->order, 0, EVENTURE_ORDER_ID}};
    eventure_status status = eventure__options_check(ranges, sizeof ranges / sizeof *ranges, "query", &store->error);
    if (status == EVENTURE_OK && filter->order == EVENTURE_ORDER_BREADTH_FIRST && filter->cascade_of == NULL)
        status =
            eventure__fail(&store->error, EVENTURE_ERROR_ARGUMENT, "query: breadth-first is an order of cascades only");
    return status;
}

static eventure_status check_lists(eventure__store *store, const eventure_filter *filter)
{
    eventure__error *error = &store->error;
    eventure_status status = eventure__options_check_list("types", filter->types, filter->types_count, "query", error);
    if (status == EVENTURE_OK)
        status = eventure__options_check_list("data", filter->data, filter->data_count, "query", error);
    if (status == EVENTURE_OK)
        status =
            eventure__options_check_list("conditions", filter->conditions, filter->conditions_count, "query", error);
    return status;
}

static eventure_status check_timestamp(eventure__store *store, const char *what, const double *timestamp)
{
    if (timestamp == NULL || !isnan(*timestamp))
        return EVENTURE_OK;
    return eventure__fail(&store->error, EVENTURE_ERROR_ARGUMENT, "query: %s is not a number", what);
}

eventure_status eventure__filter_check(eventure__store *store, const eventure_filter *filter)
{
    eventure_status status = check_ticks(store, filter);
    if (status == EVENTURE_OK)
        status = check_numbers(store, filter);
    if (status == EVENTURE_OK)
        status = check_lists(store, filter);
    if (status == EVENTURE_OK)
        status = check_timestamp(store, "timestamp_min", filter->timestamp_min);
    if (status == EVENTURE_OK)
        status = check_timestamp(store, "timestamp_max", filter->timestamp_max);
    return status == EVENTURE_OK ? check_ids(store, filter) : status;
}
