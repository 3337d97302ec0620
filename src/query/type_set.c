/*
 * Finds the types of a store that match patterns: see type_set.h. A literal type needs no look-up. Other patterns
 * skip from type to type in the index on types; a prefix limits the range.
 */
#include "query/type_set.h"

#include "base/pattern.h"
#include "embedded_sql.h"

static eventure__span pattern_at(const eventure_filter *filter, size_t i)
{
    if (filter->type != NULL && i == 0)
        return eventure__text_span(filter->type, filter->type_len);
    i -= filter->type != NULL;
    return eventure__text_span(filter->types[i], filter->types_len != NULL ? filter->types_len[i] : 0);
}

static eventure_status fail_memory(eventure__store *store)
{
    return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "query: out of memory");
}

static eventure_status add(eventure__store *store, eventure__types *types, const char *name, size_t len)
{
    return eventure__types_add(types, name, len) != 0 ? EVENTURE_OK : fail_memory(store);
}

/* Binds the range of names with a prefix: from the prefix to the first text after all such names. */
static eventure_status bind_prefix(eventure__store *store, sqlite3_stmt *statement, const eventure__pattern *pattern)
{
    eventure__buffer behind = {0};
    eventure__buffer_append(&behind, pattern->text, pattern->len);
    /* UTF-8 never contains this byte, so every name with the prefix is less. */
    eventure__buffer_append_char(&behind, (char)0xFF);
    int code = behind.failed
                   ? SQLITE_NOMEM
                   : sqlite3_bind_text64(statement, 1, pattern->text, pattern->len, SQLITE_TRANSIENT, SQLITE_UTF8);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text64(statement, 2, behind.bytes, behind.len, SQLITE_TRANSIENT, SQLITE_UTF8);
    eventure__buffer_free(&behind);
    return code == SQLITE_OK ? EVENTURE_OK : fail_memory(store);
}

/* Adds the types of the store that match a pattern. */
static eventure_status add_matching(eventure__store *store, const eventure__pattern *pattern, eventure__types *types)
{
    const eventure__sql *sql = &eventure__query_distinct_types;
    sqlite3_stmt *statement = NULL;
    int step = SQLITE_DONE;
    eventure_status status = eventure__store_prepare(store, sql->text, &statement);
    if (status == EVENTURE_OK && pattern->kind == EVENTURE__PATTERN_PREFIX)
        status = bind_prefix(store, statement, pattern);
    while (status == EVENTURE_OK && (step = sqlite3_step(statement)) == SQLITE_ROW)
    {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        size_t len = (size_t)sqlite3_column_bytes(statement, 0);
        if (name == NULL)
            status = fail_memory(store);
        else if (eventure__pattern_matches(pattern, name, len))
            status = add(store, types, name, len);
    }
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__store_fail(store, "read the types");
    eventure__store_release(store, statement);
    return status;
}

static eventure_status add_pattern(eventure__store *store, eventure__span text, bool is_exact, eventure__type_set *out)
{
    eventure__pattern pattern = {EVENTURE__PATTERN_EXACT, text.at, text.len};
    eventure_status status = EVENTURE_OK;
    if (eventure__span_has_nul(text))
        status = eventure__fail(&store->error, EVENTURE_ERROR_ARGUMENT, "query: the type %s contains a NUL",
                                eventure__quote(text.at, text.len).text);
    else if (!is_exact || text.at == NULL)
        status = eventure__pattern_parse_span(text, &pattern, &store->error);
    if (status != EVENTURE_OK)
        return status;
    if (pattern.kind == EVENTURE__PATTERN_ALL)
        out->all = true;
    else if (pattern.kind == EVENTURE__PATTERN_EXACT)
        status = add(store, &out->types, pattern.text, pattern.len);
    else
        status = add_matching(store, &pattern, &out->types);
    return status;
}

eventure_status eventure__filter_types(eventure__store *store, const eventure_filter *filter, eventure__type_set *out)
{
    size_t patterns = filter->types_count + (filter->type != NULL);
    eventure_status status = EVENTURE_OK;
    *out = (eventure__type_set){.all = patterns == 0};
    for (size_t i = 0; i < patterns && status == EVENTURE_OK; i++)
        status = add_pattern(store, pattern_at(filter, i), filter->exact_types, out);
    if (out->all)
        eventure__types_free(&out->types);
    return status;
}

void eventure__type_set_free(eventure__type_set *types)
{
    eventure__types_free(&types->types);
}
