/*
 * A question while it is compiled, and its statement with the values bound.
 */
#include <stdlib.h>
#include <string.h>

#include "query/compile.h"

void eventure__question_say(eventure__compiled_query *question, const char *fragment)
{
    eventure__buffer_append_text(&question->sql, fragment);
}

static void add_bound(eventure__compiled_query *question, eventure__parameter_value value)
{
    if (question->bound_count == question->bound_capacity)
    {
        size_t capacity = question->bound_capacity == 0 ? 16 : question->bound_capacity * 2;
        eventure__parameter_value *bound = realloc(question->bound, capacity * sizeof *bound);
        if (bound == NULL)
        {
            question->failed = true;
            return;
        }
        question->bound = bound;
        question->bound_capacity = capacity;
    }
    question->bound[question->bound_count++] = value;
}

void eventure__question_bind_int(eventure__compiled_query *question, int64_t value)
{
    add_bound(question, (eventure__parameter_value){.kind = EVENTURE__PARAMETER_INT, .integer = value});
}

void eventure__question_bind_double(eventure__compiled_query *question, double value)
{
    add_bound(question, (eventure__parameter_value){.kind = EVENTURE__PARAMETER_DOUBLE, .number = value});
}

void eventure__question_bind_text_since(eventure__compiled_query *question, size_t offset)
{
    add_bound(question, (eventure__parameter_value){
                            .kind = EVENTURE__PARAMETER_TEXT, .offset = offset, .len = question->texts.len - offset});
}

eventure_status eventure__compiled_query_prepare(eventure_reader *store, const eventure__compiled_query *question,
                                                 sqlite3_stmt **out_statement)
{
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_prepare(store, question->sql.bytes, question->sql.len, &statement);
    for (size_t i = 0; i < question->bound_count && status == EVENTURE_OK; i++)
    {
        const eventure__parameter_value *bound = &question->bound[i];
        int result = bound->kind == EVENTURE__PARAMETER_INT ? sqlite3_bind_int64(statement, (int)i + 1, bound->integer)
                     : bound->kind == EVENTURE__PARAMETER_DOUBLE
                         ? sqlite3_bind_double(statement, (int)i + 1, bound->number)
                     : bound->kind == EVENTURE__PARAMETER_BLOB
                         ? sqlite3_bind_blob64(statement, (int)i + 1, question->texts.bytes + bound->offset, bound->len,
                                               SQLITE_TRANSIENT)
                         : sqlite3_bind_text64(statement, (int)i + 1, question->texts.bytes + bound->offset, bound->len,
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

void eventure__compiled_query_free(eventure_reader *store, eventure__compiled_query *question)
{
    eventure__store_release(store, question->anchor);
    eventure__buffer_free(&question->sql);
    eventure__buffer_free(&question->texts);
    free(question->bound);
    memset(question, 0, sizeof *question);
}
