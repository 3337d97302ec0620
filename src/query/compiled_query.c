/*
 * A query while it is compiled, and its statement with the values bound.
 */
#include <stdlib.h>
#include <string.h>

#include "query/compile.h"

void eventure__compiled_query_emit(eventure__compiled_query *query, const char *fragment)
{
    eventure__buffer_append_text(&query->sql, fragment);
}

static void add_param(eventure__compiled_query *query, eventure__parameter_value value)
{
    if (query->params_count == query->params_capacity)
    {
        size_t capacity = query->params_capacity == 0 ? 16 : query->params_capacity * 2;
        eventure__parameter_value *params = realloc(query->params, capacity * sizeof *params);
        if (params == NULL)
        {
            query->failed = true;
            return;
        }
        query->params = params;
        query->params_capacity = capacity;
    }
    query->params[query->params_count++] = value;
}

void eventure__compiled_query_bind_int(eventure__compiled_query *query, int64_t value)
{
    add_param(query, (eventure__parameter_value){.kind = EVENTURE__PARAMETER_INT, .integer = value});
}

void eventure__compiled_query_bind_double(eventure__compiled_query *query, double value)
{
    add_param(query, (eventure__parameter_value){.kind = EVENTURE__PARAMETER_DOUBLE, .number = value});
}

void eventure__compiled_query_bind_text(eventure__compiled_query *query, eventure__span text)
{
    size_t offset = query->texts.len;
    eventure__buffer_append(&query->texts, text.at, text.len);
    eventure__compiled_query_bind_text_since(query, offset);
}

void eventure__compiled_query_bind_text_since(eventure__compiled_query *query, size_t offset)
{
    add_param(query, (eventure__parameter_value){
                         .kind = EVENTURE__PARAMETER_TEXT, .offset = offset, .len = query->texts.len - offset});
}

eventure_status eventure__compiled_query_prepare(eventure__store *store, const eventure__compiled_query *query,
                                                 sqlite3_stmt **out_statement)
{
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(store, query->sql.bytes, &statement);
    for (size_t i = 0; i < query->params_count && status == EVENTURE_OK; i++)
    {
        const eventure__parameter_value *param = &query->params[i];
        int result = param->kind == EVENTURE__PARAMETER_INT ? sqlite3_bind_int64(statement, (int)i + 1, param->integer)
                     : param->kind == EVENTURE__PARAMETER_DOUBLE
                         ? sqlite3_bind_double(statement, (int)i + 1, param->number)
                     : param->kind == EVENTURE__PARAMETER_BLOB
                         ? sqlite3_bind_blob64(statement, (int)i + 1, query->texts.bytes + param->offset, param->len,
                                               SQLITE_TRANSIENT)
                         : sqlite3_bind_text64(statement, (int)i + 1, query->texts.bytes + param->offset, param->len,
                                               SQLITE_TRANSIENT, SQLITE_UTF8);
        if (result != SQLITE_OK)
            status = eventure__store_fail(store, "query");
    }
    if (status != EVENTURE_OK)
    {
        eventure__store_release(store, statement);
        statement = NULL;
    }
    *out_statement = statement;
    return status;
}

void eventure__compiled_query_free(eventure__store *store, eventure__compiled_query *query)
{
    eventure__store_release(store, query->id_lookup);
    eventure__buffer_free(&query->sql);
    eventure__buffer_free(&query->texts);
    free(query->params);
    memset(query, 0, sizeof *query);
}
