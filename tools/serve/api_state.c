/*
 * Answers the tables of a projection at a tick, and the differences from an earlier tick or from the other store. For
 * rows that changed since a tick, it also names the last event that changed each of them.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/extension.h>

#include "base/buffer.h"
#include "base/hex.h"
#include "state_slot.h"

#define ROWS_SHOWN 200
#define REMOVED_SHOWN 100
#define CAUSES_MAX 256
#define CAUSE_EVENTS_MAX 500
#define CAUSE_MS 1500

/* A changed row whose cause is searched. Its index in the list is its number in the answer. */
typedef struct changed_row
{
    char *key;     /* the SQL that selects this row with these values */
    char *cause;   /* the id of the event that changed it last */
    char *type;    /* the type of this event */
    bool is_there; /* whether the row exists after the event that was checked last */
} changed_row;

typedef struct comparison
{
    request *asked;
    sqlite3 *db; /* `main` is the state, `before` the state that it is compared with */
    state_image now;
    state_image before;
    int64_t rows_max;
    bool has_before;
    bool only_changed;
    bool wants_causes;
    changed_row rows[CAUSES_MAX];
    size_t rows_count;
} comparison;

/* Opens an image of a projection as a database of the connection. Returns the code of SQLite. */
static int load_image(sqlite3 *db, const char *schema, const state_image *image)
{
    if (image->len == 0)
        return SQLITE_OK;
    return sqlite3_deserialize(db, schema, image->bytes, (sqlite3_int64)image->len, (sqlite3_int64)image->len,
                               SQLITE_DESERIALIZE_READONLY);
}

/* Opens a connection for images. The views of an image must not change anything, nor depend on the clock. Returns the
 * code of SQLite. */
static int open_memory(sqlite3 **out)
{
    int code = sqlite3_open_v2(":memory:", out, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        return code;
    sqlite3_db_config(*out, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(*out, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return eventure_extension_refuse_clock(*out);
}

static bool open_images(comparison *one)
{
    if (open_memory(&one->db) != SQLITE_OK ||
        sqlite3_exec(one->db, "ATTACH ':memory:' AS before", NULL, NULL, NULL) != SQLITE_OK)
    {
        request_fail(one->asked, 503, "memory", "out of memory");
        return false;
    }
    if (load_image(one->db, "main", &one->now) == SQLITE_OK &&
        (!one->has_before || load_image(one->db, "before", &one->before) == SQLITE_OK))
        return true;
    request_fail_sqlite(one->asked, one->db);
    return false;
}

/* Appends formatted text (%w, %Q). After an error to->failed is set; callers check it once, at the end. */
static void put(eventure__buffer *to, const char *format, const char *value)
{
    char *text = sqlite3_mprintf(format, value);
    if (text == NULL)
        to->failed = true;
    else
        eventure__buffer_append_text(to, text);
    sqlite3_free(text);
}

static sqlite3_stmt *prepare(comparison *one, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (sql == NULL)
        request_fail(one->asked, 503, "memory", "out of memory");
    else if (sqlite3_prepare_v2(one->db, sql, -1, &statement, NULL) != SQLITE_OK)
        request_fail_sqlite(one->asked, one->db);
    return statement;
}

/* Ends a statement; NULL is allowed. The request fails when the last step failed. */
static void end_statement(comparison *one, sqlite3_stmt *statement)
{
    if (sqlite3_finalize(statement) != SQLITE_OK)
        request_fail_sqlite(one->asked, one->db);
}

/* Returns the first name of the rowid that is not the name of a column of the table: a column hides it. Returns NULL
 * when there is none. */
static const char *rowid_name(comparison *one, const char *table)
{
    static const char *const names[] = {"rowid", "_rowid_", "oid"};
    const char *found = NULL;
    sqlite3_stmt *hidden = prepare(one, "SELECT 1 FROM pragma_table_info(?1, 'main') WHERE lower(name) = ?2");
    for (size_t i = 0; hidden != NULL && found == NULL && i < sizeof names / sizeof *names; i++)
    {
        sqlite3_bind_text(hidden, 1, table, -1, SQLITE_STATIC);
        sqlite3_bind_text(hidden, 2, names[i], -1, SQLITE_STATIC);
        found = sqlite3_step(hidden) == SQLITE_DONE ? names[i] : NULL;
        sqlite3_reset(hidden);
    }
    end_statement(one, hidden);
    return found;
}

/* Makes the SQL conditions under which rows of `m` and `b` are the same row (same_row), and are equal in all columns
 * (same_value). A table without a primary key is compared by rowid. A view has neither, so its same_row is empty. */
static bool describe_table(comparison *one, const char *name, const char *kind, eventure__buffer *same_row,
                           eventure__buffer *same_value, eventure__buffer *order)
{
    sqlite3_stmt *columns =
        prepare(one, "SELECT name, pk FROM pragma_table_xinfo(?1, 'main') WHERE hidden <> 1 ORDER BY pk, cid");
    int keys = 0;
    if (columns == NULL)
        return false;
    sqlite3_bind_text(columns, 1, name, -1, SQLITE_STATIC);
    while (sqlite3_step(columns) == SQLITE_ROW)
    {
        const char *column = (const char *)sqlite3_column_text(columns, 0);
        put(same_value, same_value->len > 0 ? " AND m.\"%w\"" : "m.\"%w\"", column);
        put(same_value, " COLLATE BINARY IS b.\"%w\"", column);
        if (sqlite3_column_int(columns, 1) == 0)
            continue;
        put(same_row, keys > 0 ? " AND m.\"%w\"" : "m.\"%w\"", column);
        put(same_row, " IS b.\"%w\"", column);
        put(order, keys > 0 ? ", m.\"%w\"" : "m.\"%w\"", column);
        keys++;
    }
    end_statement(one, columns);
    const char *rowid = keys == 0 && strcmp(kind, "table") == 0 ? rowid_name(one, name) : NULL;
    if (rowid != NULL)
    {
        put(same_row, "m.%s = ", rowid);
        put(same_row, "b.%s", rowid);
        put(order, "m.%s", rowid);
    }
    return !same_row->failed && !same_value->failed && !order->failed;
}

/* Whether the database `before` has this table with the same columns. */
static bool is_comparable(comparison *one, const char *name)
{
    static const char sql[] =
        "SELECT (SELECT group_concat(name || '/' || pk || '/' || hidden, char(10)) FROM pragma_table_xinfo(?1, "
        "'main')) IS "
        "(SELECT group_concat(name || '/' || pk || '/' || hidden, char(10)) FROM pragma_table_xinfo(?1, 'before'))";
    sqlite3_stmt *statement = prepare(one, sql);
    bool is = false;
    if (statement == NULL)
        return false;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    is = sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int(statement, 0) != 0;
    end_statement(one, statement);
    return is;
}

static int64_t count_of(comparison *one, const char *sql)
{
    sqlite3_stmt *statement = prepare(one, sql);
    int64_t count = 0;
    if (statement != NULL && sqlite3_step(statement) == SQLITE_ROW)
        count = sqlite3_column_int64(statement, 0);
    end_statement(one, statement);
    return count;
}

/* Appends the bytes of a text or a BLOB as a literal in hexadecimal. */
static void put_bytes(eventure__buffer *sql, const char *begin, const void *bytes, size_t len, const char *end)
{
    eventure__buffer_append_text(sql, begin);
    eventure__buffer_append_hex(sql, bytes, len);
    eventure__buffer_append_text(sql, end);
}

/* Appends a value as an SQL literal. A literal in quotes cannot contain a NUL, and SQL has no name for an infinity. */
static void put_literal(eventure__buffer *sql, sqlite3_stmt *row, int column)
{
    char number[40];
    const char *text = NULL;
    const double real = sqlite3_column_double(row, column);
    switch (sqlite3_column_type(row, column))
    {
    case SQLITE_INTEGER:
        eventure__buffer_append_int(sql, sqlite3_column_int64(row, column));
        break;
    case SQLITE_FLOAT:
        snprintf(number, sizeof number, "%.17g", real);
        eventure__buffer_append_text(sql, isinf(real) == 0 ? number : real < 0 ? "-9e999" : "9e999");
        break;
    case SQLITE_TEXT:
        text = (const char *)sqlite3_column_text(row, column);
        if (text != NULL && strlen(text) == (size_t)sqlite3_column_bytes(row, column))
            put(sql, "%Q", text);
        else
            put_bytes(sql, "CAST(x'", text, (size_t)sqlite3_column_bytes(row, column), "' AS TEXT)");
        break;
    case SQLITE_BLOB:
        put_bytes(sql, "x'", sqlite3_column_blob(row, column), (size_t)sqlite3_column_bytes(row, column), "'");
        break;
    default:
        eventure__buffer_append_text(sql, "NULL");
    }
}

/* Returns SQL that selects the current row of the statement in another image of the same projection. Column 0 of the
 * statement is the mark and not part of the row. */
static char *select_row(sqlite3_stmt *row, const char *name)
{
    eventure__buffer sql = {0};
    put(&sql, "SELECT * FROM main.\"%w\" WHERE ", name);
    for (int i = 1; i < sqlite3_column_count(row); i++)
    {
        put(&sql, i > 1 ? " AND \"%w\" COLLATE BINARY IS " : "\"%w\" COLLATE BINARY IS ", sqlite3_column_name(row, i));
        put_literal(&sql, row, i);
    }
    return eventure__buffer_take(&sql);
}

static void remember_row(comparison *one, char *key)
{
    if (key != NULL && one->rows_count < CAUSES_MAX)
    {
        one->rows[one->rows_count].key = key;
        one->rows_count++;
    }
    else
        free(key);
}

/* Writes a row, whose first column is the mark. When the row has a cause, `change` is the number of this cause in the
 * answer. */
static void answer_row(comparison *one, sqlite3_stmt *row, const char *mark, bool has_cause)
{
    json *out = &one->asked->out;
    json_open(out, NULL, '{');
    json_text(out, "mark", mark);
    json_open(out, "cells", '[');
    for (int i = 1; i < sqlite3_column_count(row); i++)
        answer_cell(one->asked, NULL, row, i);
    json_close(out, ']');
    if (has_cause && one->rows_count < CAUSES_MAX)
        json_int(out, "change", (int64_t)one->rows_count);
    json_close(out, '}');
}

static void answer_rows(comparison *one, const char *name, const char *sql, int64_t limit)
{
    sqlite3_stmt *row = prepare(one, sql);
    int64_t count = 0;
    while (row != NULL && count < limit && one->asked->out.out.len < SERVE_ANSWER_BYTES / 2 &&
           sqlite3_step(row) == SQLITE_ROW)
    {
        const char *mark = (const char *)sqlite3_column_text(row, 0);
        bool has_cause = one->wants_causes && mark != NULL && mark[0] != '\0' && strcmp(mark, "removed") != 0;
        answer_row(one, row, mark != NULL ? mark : "", has_cause);
        if (has_cause)
            remember_row(one, select_row(row, name));
        count++;
    }
    end_statement(one, row);
}

static void answer_columns(comparison *one, const char *name)
{
    sqlite3_stmt *columns =
        prepare(one, "SELECT name FROM pragma_table_xinfo(?1, 'main') WHERE hidden <> 1 ORDER BY cid");
    json_open(&one->asked->out, "columns", '[');
    if (columns != NULL)
        sqlite3_bind_text(columns, 1, name, -1, SQLITE_STATIC);
    while (columns != NULL && sqlite3_step(columns) == SQLITE_ROW)
        answer_cell(one->asked, NULL, columns, 0);
    json_close(&one->asked->out, ']');
    end_statement(one, columns);
}

/* Writes the rows of a table, each marked as added, changed or unchanged, those that changed first; then the removed
 * rows. No statement refers to the mark by its alias, because a column of the table can have the same name. */
static void answer_compared(comparison *one, const char *name, const char *same_row, const char *same_value,
                            const char *order)
{
    char *is_same =
        sqlite3_mprintf("EXISTS (SELECT 1 FROM before.\"%w\" AS b WHERE %s AND %s)", name, same_row, same_value);
    if (is_same == NULL)
    {
        request_fail(one->asked, 503, "memory", "out of memory");
        return;
    }
    char *rows = sqlite3_mprintf("SELECT CASE WHEN %s THEN '' WHEN EXISTS (SELECT 1 FROM before.\"%w\" AS b WHERE %s) "
                                 "THEN 'changed' ELSE 'added' END, m.* FROM main.\"%w\" AS m %s%s ORDER BY %s%s%s",
                                 is_same, name, same_row, name, one->only_changed ? "WHERE NOT " : "",
                                 one->only_changed ? is_same : "", is_same, order[0] != '\0' ? ", " : "", order);
    char *gone = sqlite3_mprintf("SELECT 'removed', b.* FROM before.\"%w\" AS b WHERE NOT EXISTS "
                                 "(SELECT 1 FROM main.\"%w\" AS m WHERE %s)",
                                 name, name, same_row);
    char *changed = sqlite3_mprintf("SELECT count(*) FROM main.\"%w\" AS m WHERE NOT %s", name, is_same);
    char *removed = sqlite3_mprintf("SELECT count(*) FROM (%s)", gone);
    json_int(&one->asked->out, "changed", count_of(one, changed));
    json_int(&one->asked->out, "removed", count_of(one, removed));
    json_open(&one->asked->out, "rows", '[');
    if (rows != NULL)
        answer_rows(one, name, rows, one->rows_max);
    if (gone != NULL)
        answer_rows(one, name, gone, REMOVED_SHOWN);
    json_close(&one->asked->out, ']');
    sqlite3_free(is_same);
    sqlite3_free(rows);
    sqlite3_free(gone);
    sqlite3_free(changed);
    sqlite3_free(removed);
}

static void answer_plain(comparison *one, const char *name, const char *order)
{
    char *rows =
        sqlite3_mprintf("SELECT '', m.* FROM main.\"%w\" AS m %s%s", name, order[0] != '\0' ? "ORDER BY " : "", order);
    json_open(&one->asked->out, "rows", '[');
    answer_rows(one, name, rows, one->rows_max);
    json_close(&one->asked->out, ']');
    sqlite3_free(rows);
}

static void answer_table(comparison *one, const char *name, const char *kind)
{
    eventure__buffer same_row = {0};
    eventure__buffer same_value = {0};
    eventure__buffer order = {0};
    json *out = &one->asked->out;
    char *counting = sqlite3_mprintf("SELECT count(*) FROM main.\"%w\"", name);
    json_open(out, NULL, '{');
    json_text(out, "name", name);
    json_text(out, "kind", kind);
    answer_columns(one, name);
    json_int(out, "count", count_of(one, counting));
    if (!describe_table(one, name, kind, &same_row, &same_value, &order))
        request_fail(one->asked, 503, "memory", "out of memory");
    else
    {
        const char *by = order.len > 0 ? eventure__buffer_text(&order) : "";
        bool compares = one->has_before && is_comparable(one, name);
        json_bool(out, "compared", compares);
        if (compares)
            answer_compared(one, name, eventure__buffer_text(same_row.len > 0 ? &same_row : &same_value),
                            eventure__buffer_text(&same_value), by);
        else
            answer_plain(one, name, by);
    }
    json_close(out, '}');
    sqlite3_free(counting);
    eventure__buffer_free(&same_row);
    eventure__buffer_free(&same_value);
    eventure__buffer_free(&order);
}

static void answer_tables(comparison *one)
{
    const char *only = request_text(one->asked, "table");
    sqlite3_stmt *tables = prepare(one, "SELECT name, type FROM main.sqlite_schema WHERE type IN ('table', 'view') "
                                        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name LIMIT 100");
    json_open(&one->asked->out, "tables", '[');
    while (tables != NULL && !request_failed(one->asked) && sqlite3_step(tables) == SQLITE_ROW)
    {
        const char *name = (const char *)sqlite3_column_text(tables, 0);
        if (only == NULL || strcmp(only, name) == 0)
            answer_table(one, name, (const char *)sqlite3_column_text(tables, 1));
    }
    json_close(&one->asked->out, ']');
    end_statement(one, tables);
}

/* Checks which remembered rows exist in the image. An event after which a row with these values appears is the cause of
 * its change, unless a later event makes it appear again. */
static void look_at_rows(comparison *one, const state_image *image, const eventure_event *event)
{
    sqlite3 *db = NULL;
    int code = open_memory(&db);
    if (code == SQLITE_OK)
        code = load_image(db, "main", image);
    for (size_t i = 0; code == SQLITE_OK && i < one->rows_count; i++)
    {
        changed_row *row = &one->rows[i];
        sqlite3_stmt *statement = NULL;
        code = sqlite3_prepare_v2(db, row->key, -1, &statement, NULL);
        bool is_there = code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW;
        if (code == SQLITE_OK)
            code = sqlite3_finalize(statement);
        else if (code == SQLITE_ERROR)
            code = SQLITE_OK; /* an empty image has no tables */
        if (is_there && !row->is_there && event != NULL)
        {
            free(row->cause);
            free(row->type);
            row->cause = strdup(event->id);
            row->type = strdup(event->type);
        }
        row->is_there = is_there;
    }
    if (code != SQLITE_OK)
        request_fail_sqlite(one->asked, db);
    sqlite3_close_v2(db);
}

/* Replays the ticks between `since` and `tick` event by event, and notes for each row the event that gave it its
 * present values. */
static void answer_causes(comparison *one, state_slot *slot, int64_t since, int64_t tick)
{
    json *out = &one->asked->out;
    bool moved = true;
    bool is_whole = true;
    int events = 0;
    if (state_slot_seek(one->asked, slot, since))
        look_at_rows(one, &one->before, NULL);
    while (!request_failed(one->asked) && moved && one->rows_count > 0)
    {
        eventure_event event;
        state_image image = {0};
        if (events++ == CAUSE_EVENTS_MAX || work_elapsed_ms(&one->asked->work) > CAUSE_MS)
        {
            is_whole = false;
            break;
        }
        if (!state_slot_step(one->asked, slot, &event, &moved) || !moved || event.tick > tick ||
            !state_slot_image(one->asked, slot, &image))
            break;
        look_at_rows(one, &image, &event);
        state_image_free(&image);
    }
    json_bool(out, "causes_whole", is_whole);
    json_open(out, "causes", '[');
    for (size_t i = 0; i < one->rows_count; i++)
    {
        if (one->rows[i].cause == NULL || !is_whole)
        {
            json_null(out, NULL);
            continue;
        }
        json_open(out, NULL, '{');
        json_text(out, "id", one->rows[i].cause);
        json_text(out, "type", one->rows[i].type);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void free_comparison(comparison *one)
{
    sqlite3_close_v2(one->db);
    state_image_free(&one->now);
    state_image_free(&one->before);
    for (size_t i = 0; i < one->rows_count; i++)
    {
        free(one->rows[i].key);
        free(one->rows[i].cause);
        free(one->rows[i].type);
    }
    free(one);
}

/* Loads the state to compare with: that of another tick, or of the other store. */
static bool find_before(comparison *one, state_slot *slot, int64_t tick, int64_t since)
{
    const char *name = request_text(one->asked, "projection");
    if (request_flag(one->asked, "against"))
    {
        state_slot *other = state_slot_take(one->asked, name, true);
        one->has_before = other != NULL && state_slot_seek(one->asked, other, tick) &&
                          state_slot_image(one->asked, other, &one->before);
        state_slot_give_back(other);
        return one->has_before;
    }
    if (since < -1)
        return true;
    one->has_before = state_slot_seek(one->asked, slot, since) && state_slot_image(one->asked, slot, &one->before);
    return one->has_before;
}

void api_state(request *asked)
{
    int64_t tick = 0;
    int64_t since = 0;
    comparison *one = calloc(1, sizeof *one);
    state_slot *slot = NULL;
    const char *store = request_text(asked, "store");
    if (one == NULL)
    {
        request_fail(asked, 503, "memory", "out of memory");
        return;
    }
    one->asked = asked;
    one->only_changed = request_flag(asked, "changed");
    bool is_other = store != NULL && strcmp(store, "b") == 0;
    if (is_other && request_flag(asked, "against"))
        request_fail(asked, 400, "bad-parameter",
                     "against=1 compares the first store with the second: leave store=b out");
    if (!request_failed(asked) && request_int(asked, "tick", INT64_MAX, -1, INT64_MAX, &tick) &&
        request_int(asked, "since", -2, -1, INT64_MAX, &since) &&
        request_int(asked, "limit", ROWS_SHOWN, 1, SERVE_LIMIT_MAX, &one->rows_max))
        slot = state_slot_take(asked, request_text(asked, "projection"), is_other);
    one->wants_causes = request_flag(asked, "causes") && since >= -1 && since < tick;
    if (slot != NULL && find_before(one, slot, tick, since) && state_slot_seek(asked, slot, tick) &&
        state_slot_image(asked, slot, &one->now) && open_images(one))
    {
        json_open(&asked->out, NULL, '{');
        json_text(&asked->out, "projection", state_slot_name(slot));
        if (tick == INT64_MAX)
            json_null(&asked->out, "tick"); /* the newest */
        else
            json_int(&asked->out, "tick", tick);
        answer_tables(one);
        if (!request_failed(asked) && one->wants_causes)
            answer_causes(one, slot, since, tick);
        json_int(&asked->out, "elapsed_ms", work_elapsed_ms(&asked->work));
        if (!request_failed(asked))
            json_close(&asked->out, '}');
    }
    state_slot_give_back(slot);
    free_comparison(one);
}
