/*
 * The JSON line of an event. Parsing compacts the line in one pass and iterates over its members. The texts of the
 * event are unescaped and NUL-terminated in place, in the compact line, because neither makes them longer.
 */
#include "event/event_line.h"

#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "event/id.h"
#include "event/json.h"
#include "event/timestamp.h"
#include "event/types.h"

typedef enum field
{
    FIELD_TICK,
    FIELD_TIMESTAMP,
    FIELD_TYPE,
    FIELD_DATA,
    FIELD_ID,
    FIELD_PARENT_ID,
    FIELD_COUNT
} field;

#define NAME(text)                                                                                                     \
    {                                                                                                                  \
        text, sizeof(text) - 1                                                                                         \
    }
static const eventure__span field_names[FIELD_COUNT] = {NAME("tick"), NAME("timestamp"), NAME("type"),
                                                        NAME("data"), NAME("event_id"),  NAME("parent_id")};

static eventure_status fail_value(eventure__error *error, eventure_status status, field which, eventure__span value,
                                  const char *wanted)
{
    return eventure__fail(error, status, "%s is %s, %s", field_names[which].at,
                          eventure__quote(value.at, value.len).text, wanted);
}

/* An event that was made elsewhere may have no id yet, and most events have no parent. */
static bool is_optional(int which)
{
    return which == FIELD_ID || which == FIELD_PARENT_ID;
}

/* Requires each field exactly once, except the optional ones, which may be missing, and no other field. */
static eventure_status collect(eventure__span object, eventure__span values[FIELD_COUNT], eventure__error *error)
{
    eventure__members members = eventure__members_of(object.at, object.len);
    eventure__span key;
    eventure__span value;
    while (eventure__members_next(&members, &key, &value))
    {
        int which = 0;
        while (which < FIELD_COUNT &&
               (key.len != field_names[which].len || memcmp(key.at, field_names[which].at, key.len) != 0))
            which++;
        if (which == FIELD_COUNT)
            return eventure__fail(error, EVENTURE_ERROR_JSON, "unknown field \"%s\"",
                                  key.len == 0 ? "" : eventure__quote(key.at, key.len).text);
        if (values[which].at != NULL)
            return eventure__fail(error, EVENTURE_ERROR_JSON, "\"%s\" is given twice", field_names[which].at);
        values[which] = value;
    }
    for (int which = 0; which < FIELD_COUNT; which++)
    {
        if (values[which].at == NULL && !is_optional(which))
            return eventure__fail(error, EVENTURE_ERROR_JSON, "\"%s\" is missing", field_names[which].at);
    }
    return EVENTURE_OK;
}

static eventure_status read_tick(eventure__span value, int64_t *out, eventure__error *error)
{
    if (!eventure__json_is_number(value))
        return fail_value(error, EVENTURE_ERROR_JSON, FIELD_TICK, value, "not an integer from 0");
    if (!eventure__parse_int(value.at, value.len, out) || *out < 0)
        return fail_value(error, EVENTURE_ERROR_TICK, FIELD_TICK, value,
                          "not an integer from 0 to 9223372036854775807");
    return EVENTURE_OK;
}

static eventure_status read_timestamp(eventure__span value, eventure_event *out, eventure__error *error)
{
    if (!eventure__json_is_number(value))
        return fail_value(error, EVENTURE_ERROR_JSON, FIELD_TIMESTAMP, value, "not a number");
    eventure__timestamp timestamp;
    if (!eventure__timestamp_parse(value.at, value.len, &timestamp))
        return fail_value(error, EVENTURE_ERROR_JSON, FIELD_TIMESTAMP, value, "too large for a double");
    eventure__timestamp_give(timestamp, out);
    return EVENTURE_OK;
}

static eventure_status check_data(eventure__span value, size_t max_bytes, eventure__error *error)
{
    if (*value.at != '{')
        return fail_value(error, EVENTURE_ERROR_JSON, FIELD_DATA, value, "not a JSON object");
    if (value.len > max_bytes)
        return eventure__fail(error, EVENTURE_ERROR_LIMIT, "data is %zu bytes long; the limit max_data_bytes is %zu",
                              value.len, max_bytes);
    return EVENTURE_OK;
}

/* Unescapes a string of the compact line in place and terminates it with a NUL. */
static const char *text_in_place(eventure__line *line, eventure__span *value)
{
    char *text = line->compact.bytes + (value->at - line->compact.bytes) + 1;
    value->len = eventure__json_unescape_to(*value, text);
    text[value->len] = '\0';
    return text;
}

/* Without a value, or with null, *out is unchanged. */
static eventure_status read_id(eventure__line *line, field which, eventure__span value, const char **out,
                               size_t *out_len, eventure__error *error)
{
    if (value.at == NULL || *value.at == 'n')
        return EVENTURE_OK;
    if (*value.at != '"')
        return fail_value(error, EVENTURE_ERROR_JSON, which, value, "neither a string nor null");
    if (value.len == 2)
        return eventure__fail(error, EVENTURE_ERROR_JSON, "%s is empty", field_names[which].at);
    *out = text_in_place(line, &value);
    *out_len = value.len;
    if (value.len > EVENTURE__ID_MAX_BYTES)
        return eventure__fail(error, EVENTURE_ERROR_LIMIT, "%s is %zu bytes long, and at most %d are allowed: %s",
                              field_names[which].at, value.len, EVENTURE__ID_MAX_BYTES,
                              eventure__quote(*out, value.len).text);
    if (memchr(*out, '\0', value.len) != NULL)
        return eventure__fail(error, EVENTURE_ERROR_JSON, "%s is %s, which contains a NUL", field_names[which].at,
                              eventure__quote(*out, value.len).text);
    return EVENTURE_OK;
}

static eventure_status read_type(eventure__line *line, eventure__span value, eventure_event *out,
                                 eventure__error *error)
{
    if (*value.at != '"')
        return fail_value(error, EVENTURE_ERROR_JSON, FIELD_TYPE, value, "not a string");
    out->type = text_in_place(line, &value);
    out->type_len = value.len;
    return eventure__type_check(out->type, value.len, error);
}

static eventure_status read_fields(eventure__line *line, const eventure__span values[FIELD_COUNT],
                                   size_t max_data_bytes, eventure_event *event, eventure__error *error)
{
    eventure_status status = read_tick(values[FIELD_TICK], &event->tick, error);
    if (status == EVENTURE_OK)
        status = read_timestamp(values[FIELD_TIMESTAMP], event, error);
    if (status == EVENTURE_OK)
        status = check_data(values[FIELD_DATA], max_data_bytes, error);
    if (status == EVENTURE_OK)
        status = read_type(line, values[FIELD_TYPE], event, error);
    if (status == EVENTURE_OK)
        status = read_id(line, FIELD_ID, values[FIELD_ID], &event->id, &event->id_len, error);
    if (status == EVENTURE_OK)
        status =
            read_id(line, FIELD_PARENT_ID, values[FIELD_PARENT_ID], &event->parent_id, &event->parent_id_len, error);
    if (status != EVENTURE_OK)
        return status;
    /* The byte after the data is a comma or brace of the line, which is no longer needed. */
    char *data = line->compact.bytes + (values[FIELD_DATA].at - line->compact.bytes);
    data[values[FIELD_DATA].len] = '\0';
    event->data = data;
    event->data_len = values[FIELD_DATA].len;
    return EVENTURE_OK;
}

eventure_status eventure__line_parse(eventure__line *line, const char *text, size_t len, size_t max_data_bytes,
                                     int max_depth, eventure_event *out_event, eventure__error *error)
{
    eventure__span values[FIELD_COUNT] = {{NULL, 0}};
    eventure_event event = {0};
    eventure__buffer_clear(&line->compact);
    eventure_status status = eventure__json_compact(text, len, max_depth + 1, &line->compact, error);
    if (status == EVENTURE_ERROR_LIMIT)
        return eventure__fail(error, EVENTURE_ERROR_LIMIT, "data is nested deeper than max_depth, which is %d",
                              max_depth);
    if (status != EVENTURE_OK)
        return status;
    eventure__span object = {line->compact.bytes, line->compact.len};
    if (*object.at != '{')
        return eventure__fail(error, EVENTURE_ERROR_JSON, "not a JSON object: %s",
                              eventure__quote(object.at, object.len).text);
    status = collect(object, values, error);
    if (status == EVENTURE_OK)
        status = read_fields(line, values, max_data_bytes, &event, error);
    if (status == EVENTURE_OK)
        *out_event = event;
    return status;
}

void eventure__line_free(eventure__line *line)
{
    eventure__buffer_free(&line->compact);
}

static void append_id(eventure__buffer *out, const char *id, size_t len)
{
    if (id != NULL && *id != '\0')
        eventure__json_append_python_string(out, id, eventure__text_len(id, len));
    else
        eventure__buffer_append(out, "null", 4);
}

void eventure__line_format(const eventure_event *event, eventure__buffer *out)
{
    char timestamp[EVENTURE__DOUBLE_BYTES];
    size_t timestamp_len = eventure__timestamp_format(timestamp, event);
    eventure__buffer_append_text(out, "{\"tick\": ");
    eventure__buffer_append_int(out, event->tick);
    eventure__buffer_append_text(out, ", \"timestamp\": ");
    eventure__buffer_append(out, timestamp, timestamp_len);
    eventure__buffer_append_text(out, ", \"type\": ");
    eventure__json_append_python_string(out, event->type, eventure__text_len(event->type, event->type_len));
    eventure__buffer_append_text(out, ", \"data\": ");
    eventure__json_append_python((eventure__span){event->data, eventure__text_len(event->data, event->data_len)}, out);
    eventure__buffer_append_text(out, ", \"event_id\": ");
    append_id(out, event->id, event->id_len);
    eventure__buffer_append_text(out, ", \"parent_id\": ");
    append_id(out, event->parent_id, event->parent_id_len);
    eventure__buffer_append_char(out, '}');
}
