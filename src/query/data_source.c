/*
 * Selection of an index on data: see data_source.h.
 */
#include "query/data_source.h"

#include <string.h>

#include "base/pattern.h"
#include "event/json.h"
#include "store/data_index.h"

/* Returns whether the index covers every event of the types. */
static bool covers(const eventure__data_index *index, const eventure__type_set *types)
{
    eventure__pattern pattern;
    if (strcmp(index->pattern, "*") == 0)
        return true;
    if (types->all || eventure__pattern_parse(index->pattern, &pattern, NULL) != EVENTURE_OK)
        return false;
    for (size_t i = 0; i < types->types.count; i++)
        if (!eventure__pattern_matches(&pattern, types->types.list[i].name, types->types.list[i].name_len))
            return false;
    return true;
}

static const eventure__data_index *find(const eventure__data_indexes *indexes, const eventure_field *member,
                                        const eventure__type_set *types)
{
    const eventure__span key = eventure__text_span(member->key, member->key_len);
    for (size_t i = 0; key.at != NULL && i < indexes->count; i++)
    {
        const eventure__data_index *index = &indexes->list[i];
        if (index->indexed_seq > 0 && eventure__span_is(key, index->key) && covers(index, types))
            return index;
    }
    return NULL;
}

eventure_status eventure__data_source_find(eventure__store *store, const eventure_filter *filter,
                                           const eventure__type_set *types, eventure__data_source *out)
{
    eventure__data_indexes indexes = {NULL, 0};
    *out = (eventure__data_source){0, NULL};
    eventure_status status = eventure__data_indexes_load(store, &indexes);
    for (size_t i = 0; status == EVENTURE_OK && i < filter->data_count && out->index_id == 0; i++)
    {
        const eventure__data_index *index = find(&indexes, &filter->data[i], types);
        if (index != NULL)
            *out = (eventure__data_source){index->id, &filter->data[i]};
    }
    eventure__data_indexes_free(&indexes);
    return status;
}
