/*
 * Conditions on rows: see conditions.h.
 */
#include "query/conditions.h"

#include <string.h>

#include "event/json.h"
#include "query/query_functions.h"

static void say_timestamps(eventure__compiled_query *question, const eventure_filter *filter)
{
    if (filter->timestamp_min != NULL)
    {
        eventure__question_say(question, " AND events.timestamp >= ?");
        eventure__question_bind_double(question, *filter->timestamp_min);
    }
    if (filter->timestamp_max != NULL)
    {
        eventure__question_say(question, " AND events.timestamp <= ?");
        eventure__question_bind_double(question, *filter->timestamp_max);
    }
}

static void bind_key(eventure__compiled_query *question, const char *key)
{
    size_t offset = question->texts.len;
    eventure__buffer_append_text(&question->texts, key);
    eventure__question_bind_text_since(question, offset);
}

/* Binds the value of a member in compact form. */
static eventure_status bind_member(eventure__compiled_query *question, eventure_reader *store,
                                   const eventure_field *member)
{
    size_t offset = question->texts.len;
    eventure_status status = eventure__field_compact(member, EVENTURE__JSON_MAX_DEPTH, &question->texts, &store->error);
    eventure__question_bind_text_since(question, offset);
    if (status != EVENTURE_OK)
        eventure__fail_prefix(&store->error, "query by data key %s",
                              eventure__quote(member->key, strlen(member->key)).text);
    return status;
}

/* What each comparison of a value needs: a key, and the functions on the connection. */
static eventure_status prepare(eventure_reader *store, const eventure_field *member)
{
    if (member->key == NULL)
        return eventure__fail(&store->error, EVENTURE_ERROR_ARGUMENT, "query by data: no key was given");
    return eventure__query_functions_add(store);
}

static eventure_status say_member(eventure__compiled_query *question, eventure_reader *store,
                                  const eventure_field *member)
{
    eventure_status status = prepare(store, member);
    if (status != EVENTURE_OK)
        return status;
    eventure__question_say(question, " AND " EVENTURE__DATA_EQUALS "(events.data, ?, ?)");
    bind_key(question, member->key);
    return bind_member(question, store, member);
}

static eventure_status say_condition(eventure__compiled_query *question, eventure_reader *store,
                                     const eventure_condition *condition)
{
    if ((int)condition->comparison < 0 || condition->comparison > EVENTURE_CONTAINS)
        return eventure__fail(&store->error, EVENTURE_ERROR_ARGUMENT, "query by data: there is no comparison %d",
                              (int)condition->comparison);
    eventure_status status = prepare(store, &condition->member);
    if (status != EVENTURE_OK)
        return status;
    eventure__question_say(question, " AND " EVENTURE__DATA_HOLDS "(events.data, ?, ?, ?)");
    bind_key(question, condition->member.key);
    eventure__question_bind_int(question, (int64_t)condition->comparison);
    return bind_member(question, store, &condition->member);
}

eventure_status eventure__say_conditions(eventure__compiled_query *question, eventure_reader *store,
                                         const eventure_filter *filter)
{
    eventure_status status = EVENTURE_OK;
    say_timestamps(question, filter);
    for (size_t i = 0; i < filter->data_count && status == EVENTURE_OK; i++)
        status = say_member(question, store, &filter->data[i]);
    for (size_t i = 0; i < filter->conditions_count && status == EVENTURE_OK; i++)
        status = say_condition(question, store, &filter->conditions[i]);
    return status;
}
