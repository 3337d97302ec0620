/*
 * Conditions on rows: see conditions.h.
 */
#include "query/conditions.h"

#include "base/utf8.h"
#include "event/json.h"
#include "query/query_functions.h"

static void emit_timestamps(eventure__compiled_query *query, const eventure_filter *filter)
{
    if (filter->timestamp_min != NULL)
    {
        eventure__compiled_query_emit(query, " AND events.timestamp >= ?");
        eventure__compiled_query_bind_double(query, *filter->timestamp_min);
    }
    if (filter->timestamp_max != NULL)
    {
        eventure__compiled_query_emit(query, " AND events.timestamp <= ?");
        eventure__compiled_query_bind_double(query, *filter->timestamp_max);
    }
}

static void bind_key(eventure__compiled_query *query, const eventure_field *member)
{
    eventure__compiled_query_bind_text(query, eventure__text_span(member->key, member->key_len));
}

/* Binds the value of a member in compact form. */
static eventure_status bind_member(eventure__compiled_query *query, eventure__store *store,
                                   const eventure_field *member)
{
    size_t offset = query->texts.len;
    eventure_status status = eventure__field_compact(member, EVENTURE__JSON_MAX_DEPTH, &query->texts, &store->error);
    eventure__compiled_query_bind_text_since(query, offset);
    if (status != EVENTURE_OK)
        eventure__fail_prefix(&store->error, "query by data key %s",
                              eventure__quote(member->key, eventure__text_len(member->key, member->key_len)).text);
    return status;
}

/* Prepares a comparison of a value: checks its key, and adds the functions to the connection. */
static eventure_status prepare(eventure__store *store, const eventure_field *member)
{
    const eventure__span key = eventure__text_span(member->key, member->key_len);
    if (key.at == NULL)
        return eventure__fail(&store->error, EVENTURE_ERROR_ARGUMENT, "query by data: no key was given");
    if (!eventure__utf8_valid(key.at, key.len))
        return eventure__fail(&store->error, EVENTURE_ERROR_JSON, "query by data: the key %s is not valid UTF-8",
                              eventure__quote(key.at, key.len).text);
    return eventure__query_functions_add(store);
}

static eventure_status emit_member(eventure__compiled_query *query, eventure__store *store,
                                   const eventure_field *member)
{
    eventure_status status = prepare(store, member);
    if (status != EVENTURE_OK)
        return status;
    eventure__compiled_query_emit(query, " AND " EVENTURE__DATA_EQUALS "(events.data, ?, ?)");
    bind_key(query, member);
    return bind_member(query, store, member);
}

static eventure_status emit_condition(eventure__compiled_query *query, eventure__store *store,
                                      const eventure_condition *condition)
{
    if ((int)condition->comparison < 0 || condition->comparison > EVENTURE_CONTAINS)
        return eventure__fail(&store->error, EVENTURE_ERROR_ARGUMENT, "query by data: there is no comparison %d",
                              (int)condition->comparison);
    eventure_status status = prepare(store, &condition->member);
    if (status != EVENTURE_OK)
        return status;
    eventure__compiled_query_emit(query, " AND " EVENTURE__DATA_HOLDS "(events.data, ?, ?, ?)");
    bind_key(query, &condition->member);
    eventure__compiled_query_bind_int(query, (int64_t)condition->comparison);
    return bind_member(query, store, &condition->member);
}

eventure_status eventure__emit_conditions(eventure__compiled_query *query, eventure__store *store,
                                          const eventure_filter *filter)
{
    eventure_status status = EVENTURE_OK;
    emit_timestamps(query, filter);
    for (size_t i = 0; i < filter->data_count && status == EVENTURE_OK; i++)
        status = emit_member(query, store, &filter->data[i]);
    for (size_t i = 0; i < filter->conditions_count && status == EVENTURE_OK; i++)
        status = emit_condition(query, store, &filter->conditions[i]);
    return status;
}
