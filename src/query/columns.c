/*
 * Rows of an answer as columns: see columns.h. A column grows in a buffer, and text columns have a second one for where
 * each text ends.
 */
#include "query/columns.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "event/json.h"

static void add_int(eventure__buffer *column, int64_t value)
{
    eventure__buffer_append(column, (const char *)&value, sizeof value);
}

static void add_double(eventure__buffer *column, double value)
{
    eventure__buffer_append(column, (const char *)&value, sizeof value);
}

/* --- Texts --- */

static void begin_texts(eventure__text_rows *column)
{
    eventure__buffer_clear(&column->bytes);
    eventure__buffer_clear(&column->offsets);
    add_int(&column->offsets, 0);
}

/* Ends a text: what was appended since the one before. */
static void end_text(eventure__text_rows *column)
{
    add_int(&column->offsets, (int64_t)column->bytes.len);
}

static void add_text(eventure__text_rows *column, const char *text, size_t len)
{
    if (len > 0)
        eventure__buffer_append(&column->bytes, text, len);
    end_text(column);
}

static eventure_text_column show_texts(const eventure__text_rows *column)
{
    return (eventure_text_column){column->bytes.bytes != NULL ? column->bytes.bytes : "",
                                  (const int64_t *)(const void *)column->offsets.bytes};
}

static void free_texts(eventure__text_rows *column)
{
    eventure__buffer_free(&column->bytes);
    eventure__buffer_free(&column->offsets);
}

static bool texts_failed(const eventure__text_rows *column)
{
    return column->bytes.failed || column->offsets.failed;
}

/* --- Members --- */

static void begin_member(eventure__member_rows *column)
{
    eventure__buffer_clear(&column->has);
    eventure__buffer_clear(&column->values);
    begin_texts(&column->text);
}

/* Appends a string with its escapes resolved, or the JSON text of another value. */
static void add_text_member(eventure__member_rows *column, eventure__span value)
{
    if (value.len > 0 && *value.at == '"')
        eventure__json_unescape(value, &column->text.bytes);
    else
        eventure__buffer_append(&column->text.bytes, value.at, value.len);
    end_text(&column->text);
}

static void add_member(eventure__member_rows *column, const eventure_event *event, const eventure_member *member)
{
    const eventure__span key = eventure__text_span(member->key, member->key_len);
    eventure__span value = {"", 0};
    int64_t integer = 0;
    double number = 0;
    bool has = eventure__json_find(event->data, event->data_len, key.at, key.len, &value) && value.len > 0;
    switch (member->kind)
    {
    case EVENTURE_MEMBER_INT:
        has = has && eventure__json_is_number(value) && eventure__parse_int(value.at, value.len, &integer);
        add_int(&column->values, has ? integer : 0);
        break;
    case EVENTURE_MEMBER_DOUBLE:
        has = has && eventure__json_is_number(value) && eventure__parse_double(value.at, value.len, &number);
        add_double(&column->values, has ? number : 0);
        break;
    case EVENTURE_MEMBER_TEXT:
        add_text_member(column, value);
        break;
    }
    eventure__buffer_append_char(&column->has, (char)has);
}

static void show_member(const eventure__member_rows *column, eventure_member_kind kind, eventure_member_column *out)
{
    const void *values = column->values.bytes;
    memset(out, 0, sizeof *out);
    out->has = (const bool *)(const void *)column->has.bytes;
    if (kind == EVENTURE_MEMBER_INT)
        out->integers = values;
    else if (kind == EVENTURE_MEMBER_DOUBLE)
        out->numbers = values;
    else
        out->text = show_texts(&column->text);
}

static void free_members(eventure__columns *rows)
{
    for (size_t i = 0; i < rows->members_count; i++)
    {
        eventure__buffer_free(&rows->members[i].has);
        eventure__buffer_free(&rows->members[i].values);
        free_texts(&rows->members[i].text);
    }
    free(rows->members);
    free(rows->member_columns);
    rows->members = NULL;
    rows->member_columns = NULL;
    rows->members_count = 0;
}

static eventure_status take_members(eventure__columns *rows, const eventure_member *members, size_t count,
                                    eventure__error *error)
{
    for (size_t i = 0; i < count; i++)
        if (members == NULL || members[i].key == NULL || (int)members[i].kind < 0 ||
            members[i].kind > EVENTURE_MEMBER_TEXT)
            return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "columns: member %zu has no key, or no kind", i + 1);
    if (rows->members_count != count)
    {
        free_members(rows);
        rows->members = count > 0 ? calloc(count, sizeof *rows->members) : NULL;
        rows->member_columns = count > 0 ? calloc(count, sizeof *rows->member_columns) : NULL;
        if (count > 0 && (rows->members == NULL || rows->member_columns == NULL))
        {
            free_members(rows);
            return eventure__fail(error, EVENTURE_ERROR_MEMORY, "columns: out of memory");
        }
        rows->members_count = count;
    }
    for (size_t i = 0; i < count; i++)
        begin_member(&rows->members[i]);
    return EVENTURE_OK;
}

/* --- Rows --- */

eventure_status eventure__columns_begin(eventure__columns *rows, const eventure_member *members, size_t members_count,
                                        eventure__error *error)
{
    rows->count = 0;
    eventure__buffer_clear(&rows->seq);
    eventure__buffer_clear(&rows->tick);
    eventure__buffer_clear(&rows->timestamp);
    eventure__buffer_clear(&rows->parent_seq);
    begin_texts(&rows->type);
    begin_texts(&rows->id);
    begin_texts(&rows->parent_id);
    begin_texts(&rows->data);
    return take_members(rows, members, members_count, error);
}

static bool has_failed(const eventure__columns *rows)
{
    bool failed = rows->seq.failed || rows->tick.failed || rows->timestamp.failed || rows->parent_seq.failed ||
                  texts_failed(&rows->type) || texts_failed(&rows->id) || texts_failed(&rows->parent_id) ||
                  texts_failed(&rows->data);
    for (size_t i = 0; i < rows->members_count && !failed; i++)
        failed = rows->members[i].has.failed || rows->members[i].values.failed || texts_failed(&rows->members[i].text);
    return failed;
}

eventure_status eventure__columns_add(eventure__columns *rows, const eventure_event *event,
                                      const eventure_member *members, eventure__error *error)
{
    add_int(&rows->seq, event->seq);
    add_int(&rows->tick, event->tick);
    add_double(&rows->timestamp, event->timestamp);
    add_int(&rows->parent_seq, event->parent_seq);
    add_text(&rows->type, event->type, event->type_len);
    add_text(&rows->id, event->id, event->id_len);
    add_text(&rows->parent_id, event->parent_id, event->parent_id_len);
    add_text(&rows->data, event->data, event->data_len);
    for (size_t i = 0; i < rows->members_count; i++)
        add_member(&rows->members[i], event, &members[i]);
    rows->count++;
    return has_failed(rows) ? eventure__fail(error, EVENTURE_ERROR_MEMORY, "columns: out of memory") : EVENTURE_OK;
}

void eventure__columns_show(eventure__columns *rows, const eventure_member *members, eventure_columns *out)
{
    for (size_t i = 0; i < rows->members_count; i++)
        show_member(&rows->members[i], members[i].kind, &rows->member_columns[i]);
    *out = (eventure_columns){
        .rows = rows->count,
        .seq = (const int64_t *)(const void *)rows->seq.bytes,
        .tick = (const int64_t *)(const void *)rows->tick.bytes,
        .timestamp = (const double *)(const void *)rows->timestamp.bytes,
        .parent_seq = (const int64_t *)(const void *)rows->parent_seq.bytes,
        .type = show_texts(&rows->type),
        .id = show_texts(&rows->id),
        .parent_id = show_texts(&rows->parent_id),
        .data = show_texts(&rows->data),
        .members = rows->member_columns,
    };
}

void eventure__columns_free(eventure__columns *rows)
{
    eventure__buffer_free(&rows->seq);
    eventure__buffer_free(&rows->tick);
    eventure__buffer_free(&rows->timestamp);
    eventure__buffer_free(&rows->parent_seq);
    free_texts(&rows->type);
    free_texts(&rows->id);
    free_texts(&rows->parent_id);
    free_texts(&rows->data);
    free_members(rows);
}
