/*
 * The cursor: one statement of the store, stepped row by row. Also contains counting and explaining, which use the
 * statement without its rows.
 */
#include <stdlib.h>
#include <string.h>

#include <eventure/query.h>

#include "base/assertion.h"
#include "base/error.h"
#include "base/escape.h"
#include "base/hex.h"
#include "base/number.h"
#include "base/options.h"
#include "embedded_sql.h"
#include "query/columns.h"
#include "query/compile.h"
#include "query/row.h"

struct eventure_cursor
{
    eventure__store *store;
    sqlite3_stmt *statement;
    sqlite3_stmt *id_lookup; /* look-up of the query, until the statement itself has a read transaction */
    int64_t depth;
    bool has_depth; /* a query of a cascade or of ancestors; the depth is 0 otherwise */
    bool has_row;   /* the current row was not returned yet */
    bool is_done;
    eventure__columns rows; /* the batch that eventure_cursor_next_batch returned last */
};

/* The filter of the program, completed; NULL asks for everything. */
static eventure_status take_filter(eventure_reader *reader, const eventure_filter *given, eventure_filter *out)
{
    return EVENTURE__TAKE(given, out, eventure_filter, "query", &reader->error);
}

/* Compiles and binds. The caller releases the statement and, after its first step, the look-up of the id. */
static eventure_status ask(eventure_reader *reader, const eventure_filter *filter, eventure__answer answer,
                           sqlite3_stmt **out_statement, sqlite3_stmt **out_id_lookup)
{
    eventure__compiled_query query = {0};
    eventure_status status = eventure__store_before_read(reader);
    if (status == EVENTURE_OK)
        status = eventure__compile(reader, filter, answer, &query);
    if (status == EVENTURE_OK)
        status = eventure__compiled_query_prepare(reader, &query, out_statement);
    if (status == EVENTURE_OK)
    {
        *out_id_lookup = query.id_lookup;
        query.id_lookup = NULL;
    }
    eventure__compiled_query_free(reader, &query);
    return status;
}

static void release_id_lookup(eventure_cursor *cursor)
{
    eventure__store_release(cursor->store, cursor->id_lookup);
    cursor->id_lookup = NULL;
}

/* Steps the statement: EVENTURE_ROW, EVENTURE_OK at the end, or an error. */
static eventure_status take_step(eventure_cursor *cursor)
{
    eventure_status inherited = eventure__store_check_process(cursor->store);
    if (inherited != EVENTURE_OK)
        return inherited;
    assert(!cursor->is_done && !cursor->has_row); /* a statement that ended would begin again */
    int step = sqlite3_step(cursor->statement);
    if (step == SQLITE_ROW)
    {
        release_id_lookup(cursor);
        return EVENTURE_ROW;
    }
    eventure_status status = step == SQLITE_DONE ? EVENTURE_OK : eventure__store_fail(cursor->store, "read an event");
    release_id_lookup(cursor); /* not earlier: resetting it discards the cause of an error */
    cursor->is_done = true;
    sqlite3_reset(cursor->statement); /* ends its read transaction */
    return status;
}

/* Looks up an event without children, to distinguish it from an unknown id. An id that is not in the store is
 * known when an event names it as its parent. */
static eventure_status check_known(eventure_reader *reader, const eventure_filter *filter, bool has_children)
{
    int64_t seq = 0;
    if (has_children || filter->children_of == NULL)
        return EVENTURE_OK;
    return eventure__store_seq_of_id(reader, eventure__text_span(filter->children_of, filter->children_of_len), &seq);
}

/* Reads the first child immediately, so that an unknown id is reported now; an id with children needs no further
 * look-up. */
static eventure_status find_first_child(eventure_cursor *cursor, const eventure_filter *filter)
{
    if (filter->children_of == NULL)
        return EVENTURE_OK;
    eventure__store_enter(cursor->store);
    eventure_status status = take_step(cursor);
    cursor->has_row = status == EVENTURE_ROW;
    if (status == EVENTURE_OK)
        status = check_known(cursor->store, filter, false);
    eventure__store_leave(cursor->store);
    return status == EVENTURE_ROW ? EVENTURE_OK : status;
}

eventure_status eventure_query(eventure_reader *reader, const eventure_filter *filter, eventure_cursor **out_cursor)
{
    if (out_cursor == NULL)
        return eventure__fail_argument(__func__);
    *out_cursor = NULL;
    if (reader == NULL)
        return eventure__fail_argument(__func__);
    eventure_filter taken;
    eventure_status status = take_filter(reader, filter, &taken);
    if (status != EVENTURE_OK)
        return status;
    eventure_cursor *cursor = calloc(1, sizeof *cursor);
    if (cursor == NULL)
        return eventure__fail(&reader->error, EVENTURE_ERROR_MEMORY, "query: out of memory");
    cursor->store = reader;
    cursor->has_depth = taken.cascade_of != NULL || taken.ancestors_of != NULL;
    status = ask(reader, &taken, EVENTURE__ANSWER_EVENTS, &cursor->statement, &cursor->id_lookup);
    if (status == EVENTURE_OK)
        status = find_first_child(cursor, &taken);
    if (status != EVENTURE_OK)
    {
        eventure_cursor_free(cursor);
        return status;
    }
    *out_cursor = cursor;
    return EVENTURE_OK;
}

eventure_status eventure_cursor_next(eventure_cursor *cursor, eventure_event *out_event)
{
    if (cursor == NULL || out_event == NULL)
        return eventure__fail_argument(__func__);
    if (cursor->is_done)
        return EVENTURE_DONE;
    assert(cursor->statement != NULL);
    eventure__store_enter(cursor->store); /* the background writer of a log may be using the connection */
    eventure_status status = cursor->has_row ? EVENTURE_ROW : take_step(cursor);
    cursor->has_row = false;
    if (status == EVENTURE_ROW)
    {
        if (cursor->has_depth)
            cursor->depth = sqlite3_column_int64(cursor->statement, EVENTURE__DEPTH_COLUMN);
        status = eventure__row_read(cursor->store, cursor->statement, out_event);
        status = status == EVENTURE_OK ? EVENTURE_ROW : status;
    }
    eventure__store_leave(cursor->store);
    return status;
}

eventure_status eventure_cursor_next_batch(eventure_cursor *cursor, size_t max_rows, const eventure_member *members,
                                           size_t members_count, eventure_columns *out_columns)
{
    if (cursor == NULL || out_columns == NULL)
        return eventure__fail_argument(__func__);
    eventure__error *error = &cursor->store->error;
    if (max_rows == 0)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "columns: max_rows is 0");
    eventure_event event;
    eventure_status status = eventure__columns_begin(&cursor->rows, members, members_count, error);
    while (status == EVENTURE_OK && cursor->rows.count < max_rows)
    {
        status = eventure_cursor_next(cursor, &event);
        if (status != EVENTURE_ROW)
            break;
        status = eventure__columns_add(&cursor->rows, &event, members, error);
    }
    if (status != EVENTURE_OK)
        return status;
    eventure__columns_show(&cursor->rows, members, out_columns);
    return cursor->rows.count > 0 ? EVENTURE_ROW : EVENTURE_DONE;
}

int64_t eventure_cursor_depth(const eventure_cursor *cursor)
{
    return cursor != NULL ? cursor->depth : 0;
}

void eventure_cursor_free(eventure_cursor *cursor)
{
    if (cursor == NULL)
        return;
    release_id_lookup(cursor);
    eventure__store_release(cursor->store, cursor->statement);
    eventure__columns_free(&cursor->rows);
    free(cursor);
}

eventure_status eventure_query_count(eventure_reader *reader, const eventure_filter *filter, int64_t *out_count)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_stmt *id_lookup = NULL;
    if (reader == NULL || out_count == NULL)
        return eventure__fail_argument(__func__);
    eventure_filter taken;
    eventure_status status = take_filter(reader, filter, &taken);
    if (status == EVENTURE_OK)
        status = ask(reader, &taken, EVENTURE__ANSWER_COUNT, &statement, &id_lookup);
    if (status != EVENTURE_OK)
        return status;
    if (sqlite3_step(statement) == SQLITE_ROW)
        *out_count = sqlite3_column_int64(statement, 0);
    else
        status = eventure__store_fail(reader, "count events");
    eventure__store_release(reader, id_lookup);
    eventure__store_release(reader, statement);
    return status == EVENTURE_OK ? check_known(reader, &taken, *out_count > 0) : status;
}

eventure_status eventure_query_count_groups(eventure_reader *reader, const eventure_filter *filter,
                                            eventure_grouping grouping, eventure_query_group_fn callback, void *context)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_stmt *id_lookup = NULL;
    int64_t groups = 0;
    int step = SQLITE_DONE;
    if (reader == NULL || callback == NULL)
        return eventure__fail_argument(__func__);
    if ((int)grouping < 0 || grouping > EVENTURE_GROUP_TICK)
        return eventure__fail(&reader->error, EVENTURE_ERROR_ARGUMENT, "count: there is no grouping %d", (int)grouping);
    bool by_type = grouping == EVENTURE_GROUP_TYPE;
    eventure_filter taken;
    eventure_status status = take_filter(reader, filter, &taken);
    if (status == EVENTURE_OK)
        status =
            ask(reader, &taken, by_type ? EVENTURE__ANSWER_BY_TYPE : EVENTURE__ANSWER_BY_TICK, &statement, &id_lookup);
    while (status == EVENTURE_OK && (step = sqlite3_step(statement)) == SQLITE_ROW)
    {
        const char *type = (const char *)sqlite3_column_text(statement, 0);
        const eventure_query_group group = {by_type && type == NULL ? "" : type, sqlite3_column_int64(statement, 1),
                                            sqlite3_column_int64(statement, 2)};
        status = eventure__store_called(reader, by_type ? "count by type" : "count by tick", callback(&group, context));
        groups++;
    }
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__store_fail(reader, "count events");
    eventure__store_release(reader, id_lookup);
    eventure__store_release(reader, statement);
    return status == EVENTURE_OK ? check_known(reader, &taken, groups > 0) : status;
}

eventure_status eventure_query_count_by_type(eventure_reader *reader, eventure_query_count_fn callback, void *context)
{
    if (reader == NULL || callback == NULL)
        return eventure__fail_argument(__func__);
    const eventure__sql *sql = &eventure__query_count_by_type;
    sqlite3_stmt *statement = NULL;
    int step = SQLITE_DONE;
    eventure_status status = eventure__store_before_read(reader);
    if (status == EVENTURE_OK)
        status = eventure__store_prepare(reader, sql->text, &statement);
    while (status == EVENTURE_OK && (step = sqlite3_step(statement)) == SQLITE_ROW)
    {
        const char *type = (const char *)sqlite3_column_text(statement, 0);
        status = eventure__store_called(
            reader, "count by type", callback(type != NULL ? type : "", sqlite3_column_int64(statement, 1), context));
    }
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__store_fail(reader, "count the types");
    eventure__store_release(reader, statement);
    return status;
}

/* Maximum indentation of the steps of a plan. */
#define PLAN_DEPTH 32

/* The ids of the ancestors of a plan step, from the outermost. */
typedef struct plan_steps
{
    int ids[PLAN_DEPTH];
    size_t count;
} plan_steps;

/* Appends a step. The names of tables and indexes in it come from the file, so control characters are escaped. */
static void append_step(plan_steps *above, sqlite3_stmt *statement, eventure__buffer *out)
{
    const char *text = (const char *)sqlite3_column_text(statement, 3);
    while (above->count > 0 && above->ids[above->count - 1] != sqlite3_column_int(statement, 1))
        above->count--;
    for (size_t i = 0; i <= above->count; i++)
        eventure__buffer_append_text(out, "  ");
    if (above->count < PLAN_DEPTH)
        above->ids[above->count++] = sqlite3_column_int(statement, 0);
    eventure__escape_append(out, text != NULL ? text : "?", text != NULL ? strlen(text) : 1);
    eventure__buffer_append_char(out, '\n');
}

/* Appends the query plan as indented lines. */
static eventure_status append_plan(eventure_reader *reader, const eventure__compiled_query *query,
                                   eventure__buffer *out)
{
    eventure__compiled_query plan = *query;
    plan_steps above = {{0}, 0};
    sqlite3_stmt *statement = NULL;
    int step = SQLITE_DONE;
    memset(&plan.sql, 0, sizeof plan.sql);
    eventure__buffer_append_text(&plan.sql, "EXPLAIN QUERY PLAN ");
    eventure__buffer_append(&plan.sql, query->sql.bytes, query->sql.len);
    eventure_status status = eventure__buffer_text(&plan.sql) != NULL
                                 ? eventure__compiled_query_prepare(reader, &plan, &statement)
                                 : eventure__fail(&reader->error, EVENTURE_ERROR_MEMORY, "explain: out of memory");
    while (status == EVENTURE_OK && (step = sqlite3_step(statement)) == SQLITE_ROW)
        append_step(&above, statement, out);
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__store_fail(reader, "explain");
    eventure__store_release(reader, statement);
    eventure__buffer_free(&plan.sql);
    return status;
}

/* Appends the values, one a line. A line feed in a text is escaped, so that no value looks like a heading. */
static void append_params(const eventure__compiled_query *query, eventure__buffer *out)
{
    for (size_t i = 0; i < query->params_count; i++)
    {
        const eventure__parameter_value *param = &query->params[i];
        eventure__buffer_append_text(out, "  ?");
        eventure__buffer_append_int(out, (long long)i + 1);
        eventure__buffer_append_text(out, " = ");
        if (param->kind == EVENTURE__PARAMETER_INT)
            eventure__buffer_append_int(out, param->integer);
        else if (param->kind == EVENTURE__PARAMETER_DOUBLE)
        {
            char number[EVENTURE__DOUBLE_BYTES];
            eventure__buffer_append(out, number, eventure__format_double(number, param->number));
        }
        else if (param->kind == EVENTURE__PARAMETER_BLOB)
            eventure__buffer_append_hex(out, query->texts.bytes + param->offset, param->len);
        else
            eventure__escape_append(out, query->texts.bytes + param->offset, param->len);
        eventure__buffer_append_char(out, '\n');
    }
}

eventure_status eventure_query_explain(eventure_reader *reader, const eventure_filter *filter, char **out_text)
{
    eventure__compiled_query query = {0};
    eventure__buffer text = {0};
    if (out_text == NULL)
        return eventure__fail_argument(__func__);
    *out_text = NULL;
    if (reader == NULL)
        return eventure__fail_argument(__func__);
    eventure_filter taken;
    eventure_status status = take_filter(reader, filter, &taken);
    if (status == EVENTURE_OK)
        status = eventure__store_before_read(reader);
    if (status == EVENTURE_OK)
        status = eventure__compile(reader, &taken, EVENTURE__ANSWER_EVENTS, &query);
    if (status == EVENTURE_OK)
        status = check_known(reader, &taken, false);
    if (status == EVENTURE_OK)
    {
        eventure__buffer_append(&text, query.sql.bytes, query.sql.len);
        eventure__buffer_append_text(&text, "\nvalues:\n");
        append_params(&query, &text);
        eventure__buffer_append_text(&text, "plan:\n");
        status = append_plan(reader, &query, &text);
    }
    if (status == EVENTURE_OK && (*out_text = eventure__buffer_take(&text)) == NULL)
        status = eventure__fail(&reader->error, EVENTURE_ERROR_MEMORY, "explain: out of memory");
    eventure__buffer_free(&text);
    eventure__compiled_query_free(reader, &query);
    return status;
}

void eventure_filter_init(eventure_filter *filter, size_t size)
{
    eventure__options_init(filter, size);
}
