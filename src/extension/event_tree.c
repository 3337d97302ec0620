/*
 * event_tree(id [, limit]): returns a cascade as text, one line per event, each below its cause.
 *
 *     ● order.placed 3-FADA-1 @ tick 3 {"id":7}
 *       └─ order.accepted 3-CBAE-1
 *       ↓ order.filled 5-DEFA-2 @ tick 5 {"price":101}
 *
 * The symbols are those of the cascade viewer: ● has no cause, └─ has its cause in the same tick, ↓ in an earlier one.
 * One statement returns the rows depth-first, so no function recurses, for any depth of the cascade.
 */
#include <string.h>

#include "base/buffer.h"
#include "base/escape.h"
#include "extension/host.h"
#include "extension/scalar_functions.h"

enum
{
    COLUMN_ID = 1,
    COLUMN_TICK = 2,
    COLUMN_TYPE = 4,
    COLUMN_DATA = 5,
    COLUMN_PARENT_ID = 6,
    COLUMN_DEPTH = 8
};

typedef struct tree
{
    eventure__host host;
    sqlite3_stmt *rows;
    eventure__buffer text;
    eventure__buffer ticks; /* ticks of the ancestors of the current event, one int64_t per level */
    int64_t limit;          /* maximum number of events; 0: no limit */
    int64_t longest;        /* text may be */
} tree;

static void append_column(tree *of, int column)
{
    const char *text = (const char *)sqlite3_column_text(of->rows, column);
    if (text != NULL)
        eventure__escape_append(&of->text, text, (size_t)sqlite3_column_bytes(of->rows, column));
    else if (sqlite3_column_type(of->rows, column) != SQLITE_NULL)
        of->text.failed = true; /* out of memory */
}

/* Returns the tick of the cause of the current event, or -1 without one, and records the tick of the event. The cause
 * is one level up; it may be missing because it is archived. */
static int64_t tick_above(tree *of, int64_t depth, int64_t tick)
{
    const int64_t unknown = -1;
    int64_t above = unknown;
    const size_t end = (size_t)depth * sizeof tick;
    while (of->ticks.len < end && !of->ticks.failed)
        eventure__buffer_append(&of->ticks, (const char *)&unknown, sizeof unknown);
    if (of->ticks.failed)
        return unknown;
    if (depth > 0)
        memcpy(&above, of->ticks.bytes + end - sizeof above, sizeof above);
    of->ticks.len = end;
    eventure__buffer_append(&of->ticks, (const char *)&tick, sizeof tick);
    return above;
}

static void append_spaces(eventure__buffer *out, size_t count)
{
    if (count == 0 || !eventure__buffer_reserve(out, count))
        return;
    memset(out->bytes + out->len, ' ', count);
    out->len += count;
}

static void append_event(tree *of)
{
    const int64_t depth = sqlite3_column_int64(of->rows, COLUMN_DEPTH);
    const int64_t tick = sqlite3_column_int64(of->rows, COLUMN_TICK);
    const bool has_cause = sqlite3_column_type(of->rows, COLUMN_PARENT_ID) != SQLITE_NULL;
    const bool same_tick = tick_above(of, depth, tick) == tick;
    const bool has_data = sqlite3_column_bytes(of->rows, COLUMN_DATA) > 2; /* {} is shown as no data */
    if (of->text.len > 0)
        eventure__buffer_append_char(&of->text, '\n');
    append_spaces(&of->text, (size_t)depth * 2);
    eventure__buffer_append_text(&of->text, same_tick ? "└─ " : depth == 0 && !has_cause ? "● " : "↓ ");
    append_column(of, COLUMN_TYPE);
    eventure__buffer_append_char(&of->text, ' ');
    append_column(of, COLUMN_ID);
    if (!same_tick)
    {
        eventure__buffer_append_text(&of->text, " @ tick ");
        eventure__buffer_append_int(&of->text, tick);
    }
    if (depth == 0 && has_cause)
    {
        eventure__buffer_append_text(&of->text, " (caused by: ");
        append_column(of, COLUMN_PARENT_ID);
        eventure__buffer_append_char(&of->text, ')');
    }
    if (has_data)
    {
        eventure__buffer_append_char(&of->text, ' ');
        append_column(of, COLUMN_DATA);
    }
}

static int append_cascade(tree *of)
{
    int64_t shown = 0;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(of->rows)) == SQLITE_ROW)
    {
        if (of->limit > 0 && shown++ == of->limit)
        {
            eventure__buffer_append_text(&of->text, "\n… more events follow: the limit is ");
            eventure__buffer_append_int(&of->text, of->limit);
            return SQLITE_OK;
        }
        /* Before it is indented: two spaces a level are what makes the text of a deep cascade long. */
        if ((int64_t)of->text.len + 2 * sqlite3_column_int64(of->rows, COLUMN_DEPTH) > of->longest)
            return eventure__host_fail(&of->host, SQLITE_TOOBIG,
                                       "the text is longer than a value may be: give a limit of events");
        append_event(of);
        if (of->text.failed || of->ticks.failed)
            return SQLITE_NOMEM;
    }
    return code == SQLITE_DONE ? SQLITE_OK : eventure__host_fail_as_sqlite(&of->host, code);
}

static int append_tree(tree *of, sqlite3_value *value)
{
    int64_t seq = 0;
    const char *id = (const char *)sqlite3_value_text(value);
    if (id == NULL)
        return SQLITE_NOMEM;
    int code = eventure__host_check(&of->host);
    if (code == SQLITE_OK)
        code = eventure__host_seq_of_id(&of->host, id, (size_t)sqlite3_value_bytes(value), &seq);
    if (code == SQLITE_OK)
        code = eventure__host_prepare(&of->host, &eventure__function_event_cascade_depth_first, &of->rows);
    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(of->rows, 1, seq);
    return code == SQLITE_OK ? append_cascade(of) : code;
}

void eventure__event_tree(sqlite3_context *context, int count, sqlite3_value **values)
{
    sqlite3 *db = sqlite3_context_db_handle(context);
    tree of = {.host = {.db = db, .schema = "main", .function = "event_tree"},
               .longest = sqlite3_limit(db, SQLITE_LIMIT_LENGTH, -1)};
    int code = SQLITE_OK;
    if (sqlite3_value_type(values[0]) == SQLITE_NULL)
        return;
    if (count > 1 && sqlite3_value_type(values[1]) != SQLITE_NULL)
    {
        of.limit = sqlite3_value_int64(values[1]);
        if (sqlite3_value_numeric_type(values[1]) != SQLITE_INTEGER || of.limit < 1)
            code = eventure__host_fail(&of.host, SQLITE_ERROR, "the limit of events is not an integer from 1 on");
    }
    if (code == SQLITE_OK)
        code = append_tree(&of, values[0]);
    if (code == SQLITE_OK)
        sqlite3_result_text64(context, of.text.len > 0 ? of.text.bytes : "", of.text.len, SQLITE_TRANSIENT,
                              SQLITE_UTF8);
    else if (code == SQLITE_NOMEM)
        sqlite3_result_error_nomem(context);
    else
    {
        sqlite3_result_error(context, of.host.message != NULL ? of.host.message : sqlite3_errstr(code), -1);
        sqlite3_result_error_code(context, code);
    }
    sqlite3_finalize(of.rows);
    sqlite3_free(of.host.message);
    eventure__buffer_free(&of.text);
    eventure__buffer_free(&of.ticks);
}
