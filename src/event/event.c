/*
 * Functions on single events: copies, the JSON line, and look-ups of members of the data.
 */
#include <eventure/event.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/number.h"
#include "base/sha512.h"
#include "base/text.h"
#include "event/event_line.h"
#include "event/json.h"

/* Copies len bytes and a NUL to *at and advances *at. */
static const char *place_text(char **at, const char *text, size_t len)
{
    if (text == NULL)
        return NULL;
    char *placed = *at;
    memcpy(placed, text, len);
    placed[len] = '\0';
    *at += len + 1;
    return placed;
}

eventure_status eventure_event_copy(const eventure_event *event, eventure_event **out_copy)
{
    if (out_copy != NULL)
        *out_copy = NULL;
    if (event == NULL || out_copy == NULL)
        return eventure__fail_argument(__func__);
    size_t type_len = eventure__text_len(event->type, event->type_len);
    size_t id_len = eventure__text_len(event->id, event->id_len);
    size_t parent_id_len = eventure__text_len(event->parent_id, event->parent_id_len);
    size_t data_len = eventure__text_len(event->data, event->data_len);
    eventure_event *copy = malloc(sizeof *copy + type_len + id_len + parent_id_len + data_len + 4);
    if (copy == NULL)
        return eventure__fail(NULL, EVENTURE_ERROR_MEMORY, "copy an event: out of memory");
    *copy = *event;
    char *at = (char *)(copy + 1);
    copy->type = place_text(&at, event->type, type_len);
    copy->type_len = type_len;
    copy->id = place_text(&at, event->id, id_len);
    copy->id_len = id_len;
    copy->parent_id = place_text(&at, event->parent_id, parent_id_len);
    copy->parent_id_len = parent_id_len;
    copy->data = place_text(&at, event->data, data_len);
    copy->data_len = data_len;
    *out_copy = copy;
    return EVENTURE_OK;
}

void eventure_event_free(eventure_event *event)
{
    free(event);
}

void eventure_free(void *memory)
{
    free(memory);
}

eventure_status eventure_event_to_json(const eventure_event *event, char **out_line)
{
    eventure__buffer buffer = {0};
    if (out_line != NULL)
        *out_line = NULL;
    if (event == NULL || out_line == NULL)
        return eventure__fail_argument(__func__);
    if (event->type == NULL || eventure__text_len(event->data, event->data_len) == 0)
        return eventure__fail(NULL, EVENTURE_ERROR_ARGUMENT, "write an event: it has no %s",
                              event->type == NULL ? "type" : "data");
    if (!event->timestamp_is_integer && !isfinite(event->timestamp))
        return eventure__fail(NULL, EVENTURE_ERROR_ARGUMENT,
                              "write an event: the timestamp is %s, which JSON cannot represent",
                              eventure__double_name(event->timestamp).text);
    eventure__line_format(event, &buffer);
    *out_line = eventure__buffer_take(&buffer);
    return *out_line != NULL ? EVENTURE_OK
                             : eventure__fail(NULL, EVENTURE_ERROR_MEMORY, "write an event: out of memory");
}

eventure_status eventure_event_from_json(const char *line, size_t line_len, eventure_event **out_event)
{
    eventure__line parsed = {0};
    eventure__error error = {0};
    eventure_event event;
    if (out_event != NULL)
        *out_event = NULL;
    if (line == NULL || out_event == NULL)
        return eventure__fail_argument(__func__);
    eventure_status status = eventure__line_parse(&parsed, line, line_len, (size_t)EVENTURE_DATA_MAX_BYTES,
                                                  EVENTURE__JSON_MAX_DEPTH, &event, &error);
    if (status == EVENTURE_OK)
    {
        if (event.id == NULL)
            event.id = "";
        status = eventure_event_copy(&event, out_event);
        if (status != EVENTURE_OK)
            eventure__fail(&error, status, "read an event: out of memory");
    }
    eventure__line_free(&parsed);
    return status;
}

/* Finds a top-level member. `function` is __func__ of the caller, and has_out whether it can return the value. */
static eventure_status find(const eventure_event *event, const char *key, bool has_out, eventure__span *out_value,
                            const char *function)
{
    *out_value = (eventure__span){NULL, 0};
    if (event == NULL || key == NULL || !has_out)
    {
        eventure__fail_argument(function);
        return EVENTURE_ERROR_ARGUMENT;
    }
    const eventure__span data = eventure__text_span(event->data, event->data_len);
    bool found = data.len > 0 && eventure__json_find(data.at, data.len, key, strlen(key), out_value);
    return found && out_value->len > 0 ? EVENTURE_OK : EVENTURE_ERROR_NOT_FOUND;
}

eventure_status eventure_event_int(const eventure_event *event, const char *key, int64_t *out_value)
{
    eventure__span value;
    eventure_status status = find(event, key, out_value != NULL, &value, __func__);
    if (status != EVENTURE_OK)
        return status;
    return eventure__json_is_number(value) && eventure__parse_int(value.at, value.len, out_value) ? EVENTURE_OK
                                                                                                  : EVENTURE_ERROR_TYPE;
}

eventure_status eventure_event_double(const eventure_event *event, const char *key, double *out_value)
{
    eventure__span value;
    eventure_status status = find(event, key, out_value != NULL, &value, __func__);
    if (status != EVENTURE_OK)
        return status;
    return eventure__json_is_number(value) && eventure__parse_double(value.at, value.len, out_value)
               ? EVENTURE_OK
               : EVENTURE_ERROR_TYPE;
}

eventure_status eventure_event_bool(const eventure_event *event, const char *key, bool *out_value)
{
    eventure__span value;
    eventure_status status = find(event, key, out_value != NULL, &value, __func__);
    if (status != EVENTURE_OK)
        return status;
    if (*value.at != 't' && *value.at != 'f')
        return EVENTURE_ERROR_TYPE;
    *out_value = *value.at == 't';
    return EVENTURE_OK;
}

eventure_status eventure_event_string(const eventure_event *event, const char *key, char *buffer, size_t buffer_size,
                                      size_t *out_len)
{
    eventure__span value;
    eventure_status status = find(event, key, buffer != NULL || buffer_size == 0, &value, __func__);
    if (status != EVENTURE_OK)
        return status;
    if (*value.at != '"')
        return EVENTURE_ERROR_TYPE;
    size_t len = eventure__json_unescape_to(value, NULL);
    if (out_len != NULL)
        *out_len = len;
    if (len >= buffer_size)
        return EVENTURE_ERROR_LIMIT;
    eventure__json_unescape_to(value, buffer);
    buffer[len] = '\0';
    return EVENTURE_OK;
}

eventure_status eventure_event_member(const eventure_event *event, const char *key, const char **out_json,
                                      size_t *out_len)
{
    eventure__span value;
    eventure_status status = find(event, key, out_json != NULL && out_len != NULL, &value, __func__);
    if (status != EVENTURE_OK)
        return status;
    *out_json = value.at;
    *out_len = value.len;
    return EVENTURE_OK;
}

eventure_status eventure_event_member_at(const eventure_event *event, const char *path, const char **out_json,
                                         size_t *out_len)
{
    eventure__span value = {NULL, 0};
    if (event == NULL || path == NULL || out_json == NULL || out_len == NULL)
        return eventure__fail_argument(__func__);
    const eventure__span data = eventure__text_span(event->data, event->data_len);
    if (!eventure__json_path(data, path, strlen(path), &value))
        return EVENTURE_ERROR_NOT_FOUND;
    *out_json = value.at;
    *out_len = value.len;
    return EVENTURE_OK;
}

void eventure_type_hash(const char *type, char out_hash[5])
{
    if (out_hash != NULL && type != NULL)
        eventure__type_hash(type, strlen(type), out_hash);
    else if (out_hash != NULL)
        out_hash[0] = '\0';
}

int64_t eventure_event_int_or(const eventure_event *event, const char *key, int64_t otherwise)
{
    int64_t value = 0;
    return eventure_event_int(event, key, &value) == EVENTURE_OK ? value : otherwise;
}

double eventure_event_double_or(const eventure_event *event, const char *key, double otherwise)
{
    double value = 0;
    return eventure_event_double(event, key, &value) == EVENTURE_OK ? value : otherwise;
}

bool eventure_event_bool_or(const eventure_event *event, const char *key, bool otherwise)
{
    bool value = false;
    return eventure_event_bool(event, key, &value) == EVENTURE_OK ? value : otherwise;
}
