/*
 * From patterns to the types of a store: see type_patterns.h.
 */
#include "query/type_patterns.h"

#include <stdlib.h>
#include <string.h>

#include "base/pattern.h"

static const char *pattern_at(const eventure_filter *filter, size_t i)
{
    if (filter->type != NULL)
        return i == 0 ? filter->type : filter->types[i - 1];
    return filter->types[i];
}

/* Marks the types that a pattern matches; true in *out_all for `*`. */
static eventure_status mark_types(eventure_reader *store, const char *text, bool *marks, bool *out_all)
{
    eventure__pattern pattern;
    eventure_status status = eventure__pattern_parse(text, &pattern, &store->error);
    if (status != EVENTURE_OK)
        return status;
    if (pattern.kind == EVENTURE__PATTERN_ALL)
        *out_all = true;
    if (pattern.kind == EVENTURE__PATTERN_EXACT)
    {
        int64_t type_id = eventure__store_type_id(store, pattern.text, pattern.len);
        if (type_id > 0)
            marks[type_id - 1] = true;
        return EVENTURE_OK;
    }
    for (size_t i = 0; i < store->types_count; i++)
        if (eventure__pattern_matches(&pattern, store->types[i].name, store->types[i].name_len))
            marks[i] = true;
    return EVENTURE_OK;
}

eventure_status eventure__filter_types(eventure_reader *store, const eventure_filter *filter,
                                       eventure__types_let_through *out)
{
    size_t patterns = filter->types_count + (filter->type != NULL);
    bool all = patterns == 0;
    *out = (eventure__types_let_through){.all = all};
    if (all)
        return EVENTURE_OK;
    eventure_status status = eventure__store_load_types(store);
    if (status != EVENTURE_OK)
        return status;
    bool *marks = calloc(store->types_count + 1, sizeof *marks);
    out->ids = malloc((store->types_count + 1) * sizeof *out->ids);
    if (marks == NULL || out->ids == NULL)
        status = eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "query: out of memory");
    for (size_t i = 0; i < patterns && status == EVENTURE_OK; i++)
        status = mark_types(store, pattern_at(filter, i), marks, &all);
    for (size_t i = 0; status == EVENTURE_OK && !all && i < store->types_count; i++)
        if (marks[i])
            out->ids[out->count++] = (int64_t)i + 1;
    out->all = all;
    free(marks);
    return status;
}

void eventure__types_let_through_free(eventure__types_let_through *types)
{
    free(types->ids);
    *types = (eventure__types_let_through){0};
}
