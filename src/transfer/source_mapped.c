/*
 * Records of other programs as a source: JSON values or CSV, where a map contains the places of the parts of an event.
 */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "event/id.h"
#include "event/types.h"
#include "transfer/csv_read.h"
#include "transfer/foreign_time.h"
#include "transfer/map.h"
#include "transfer/source.h"
#include "transfer/values.h"

typedef struct mapped_source
{
    eventure__values values; /* also of CSV the input */
    eventure__csv_reader csv;
    bool is_csv;
    eventure__map map;
    eventure__foreign_time times;
    eventure__buffer compact; /* a JSON record */
    eventure__buffer data;
    eventure__buffer texts[EVENTURE__PARTS];
} mapped_source;

static eventure_status fail_part(eventure__event_source *source, eventure_status status, eventure__event_part part,
                                 eventure__span value, const char *wanted)
{
    const mapped_source *state = source->state;
    const eventure__span written = eventure__map_written(&state->map, part);
    return eventure__fail(source->error, status, "%s (%s) is %s, %s", eventure__part_name(part),
                          eventure__quote(written.at, written.len).text, eventure__quote(value.at, value.len).text,
                          wanted);
}

/* Reads a string, or the spelling of a number or word, as text. */
static eventure_status read_text(eventure__event_source *source, eventure__event_part part, eventure__span value,
                                 const char **out)
{
    mapped_source *state = source->state;
    eventure__buffer *text = &state->texts[part];
    eventure__buffer_clear(text);
    if (*value.at == '{' || *value.at == '[')
        return fail_part(source, EVENTURE_ERROR_JSON, part, value, "not a text");
    if (*value.at == '"')
        eventure__json_unescape(value, text);
    else
        eventure__buffer_append(text, value.at, value.len);
    *out = eventure__buffer_text(text);
    if (*out == NULL)
    {
        eventure__source_out_of_memory(source);
        return EVENTURE_ERROR_MEMORY;
    }
    if (memchr(*out, '\0', text->len) != NULL)
        return fail_part(source, EVENTURE_ERROR_JSON, part, value, "which contains a NUL");
    return EVENTURE_OK;
}

static eventure_status read_type(eventure__event_source *source, eventure__span value, const char **out)
{
    const mapped_source *state = source->state;
    const eventure__span written = eventure__map_written(&state->map, EVENTURE__PART_TYPE);
    if (value.at == NULL || *value.at == 'n')
        return eventure__fail(source->error, EVENTURE_ERROR_TYPE,
                              "the record has no %s, from which the map takes the type",
                              eventure__quote(written.at, written.len).text);
    const eventure_status status = read_text(source, EVENTURE__PART_TYPE, value, out);
    return status == EVENTURE_OK ? eventure__type_check(*out, strlen(*out), source->error) : status;
}

/* Whether there is no value: null and an empty text count as none, too. */
static bool is_missing(eventure__span value)
{
    return value.at == NULL || *value.at == 'n' || (*value.at == '"' && value.len == 2);
}

/* An id; NULL when there is none. */
static eventure_status read_id(eventure__event_source *source, eventure__event_part part, eventure__span value,
                               const char **out)
{
    *out = NULL;
    if (is_missing(value))
        return EVENTURE_OK;
    const eventure_status status = read_text(source, part, value, out);
    if (status == EVENTURE_OK && strlen(*out) > EVENTURE__ID_MAX_BYTES)
        return fail_part(source, EVENTURE_ERROR_LIMIT, part, value, "longer than 1024 bytes");
    return status;
}

static eventure_status read_tick(eventure__event_source *source, eventure__span value, eventure__incoming *out)
{
    eventure__span number = value;
    if (is_missing(value))
        return EVENTURE_OK;
    if (*value.at == '"')
        number = (eventure__span){value.at + 1, value.len - 2};
    /* A number of JSON may be written in any way; text must be digits. */
    bool is_number = *number.at >= '0' && *number.at <= '9';
    for (size_t i = 0; *value.at == '"' && i < number.len; i++)
        is_number = is_number && number.at[i] >= '0' && number.at[i] <= '9';
    out->has_tick = true;
    if (!is_number || !eventure__parse_int(number.at, number.len, &out->event.tick))
        return fail_part(source, EVENTURE_ERROR_TICK, EVENTURE__PART_TICK, value,
                         "not an integer from 0 to 9223372036854775807");
    return EVENTURE_OK;
}

static eventure_status read_time(eventure__event_source *source, eventure__span value, eventure__incoming *out)
{
    mapped_source *state = source->state;
    if (is_missing(value))
        return EVENTURE_OK;
    out->has_time = true;
    return eventure__foreign_time_read(&state->times, value, &out->event.timestamp, source->error);
}

/* Builds the data: the object that the map names, a value under its own key, or the members that the map does not
   use. */
static eventure_status read_data(eventure__event_source *source, eventure__span record, eventure__span value,
                                 eventure_event *event)
{
    mapped_source *state = source->state;
    eventure__buffer *data = &state->data;
    eventure__buffer_clear(data);
    if (!state->map.paths[EVENTURE__PART_DATA].is_given)
        eventure__map_rest(&state->map, record, data);
    else if (value.at == NULL || *value.at == 'n')
        eventure__buffer_append_text(data, "{}");
    else if (*value.at == '{')
        eventure__buffer_append(data, value.at, value.len);
    else
    {
        const eventure__span key = eventure__map_last_key(&state->map, EVENTURE__PART_DATA);
        eventure__buffer_append_text(data, "{\"");
        eventure__buffer_append(data, key.at, key.len);
        eventure__buffer_append_text(data, "\":");
        eventure__buffer_append(data, value.at, value.len);
        eventure__buffer_append_char(data, '}');
    }
    event->data = eventure__buffer_text(data);
    event->data_len = data->len;
    if (event->data == NULL)
        return eventure__source_out_of_memory(source);
    if (data->len > source->max_data_bytes)
        return eventure__fail(source->error, EVENTURE_ERROR_LIMIT,
                              "data is %zu bytes long; the limit max_data_bytes is %zu", data->len,
                              source->max_data_bytes);
    return EVENTURE_OK;
}

static eventure_status read_record(eventure__event_source *source, eventure__span record, eventure__incoming *out)
{
    mapped_source *state = source->state;
    eventure__span values[EVENTURE__PARTS];
    eventure__map_find(&state->map, record, values);
    *out = (eventure__incoming){.line = source->line, .may_lack_parent = true};
    eventure_status status = read_type(source, values[EVENTURE__PART_TYPE], &out->event.type);
    if (status == EVENTURE_OK)
        status = read_id(source, EVENTURE__PART_ID, values[EVENTURE__PART_ID], &out->event.id);
    if (status == EVENTURE_OK)
        status = read_id(source, EVENTURE__PART_PARENT, values[EVENTURE__PART_PARENT], &out->event.parent_id);
    if (status == EVENTURE_OK)
        status = read_tick(source, values[EVENTURE__PART_TICK], out);
    if (status == EVENTURE_OK)
        status = read_time(source, values[EVENTURE__PART_TIME], out);
    return status == EVENTURE_OK ? read_data(source, record, values[EVENTURE__PART_DATA], &out->event) : status;
}

/* The next record as compact JSON. */
static eventure_status next_record(eventure__event_source *source, eventure__span *out)
{
    mapped_source *state = source->state;
    const char *text = NULL;
    size_t len = 0;
    eventure_status status = EVENTURE_OK;
    if (state->is_csv)
    {
        status = eventure__csv_reader_next(&state->csv, out);
        source->line = state->csv.line;
        return status;
    }
    status = eventure__values_next(&state->values, &text, &len);
    source->line = state->values.line;
    if (status != EVENTURE_ROW)
        return status;
    eventure__buffer_clear(&state->compact);
    /* The limit applies to the whole record, so that the data, which is a part of it, cannot exceed it. */
    status = eventure__json_compact(text, len, source->max_depth, &state->compact, source->error);
    if (status == EVENTURE_ERROR_JSON)
        return eventure__fail_prefix(source->error, "invalid JSON");
    if (status != EVENTURE_OK)
        return status;
    *out = (eventure__span){state->compact.bytes, state->compact.len};
    if (*out->at != '{')
        return eventure__fail(source->error, EVENTURE_ERROR_JSON, "not a JSON object: %s",
                              eventure__quote(out->at, out->len).text);
    return EVENTURE_ROW;
}

static eventure_status next(eventure__event_source *source, eventure__incoming *out)
{
    eventure__span record = {NULL, 0};
    eventure_status status = next_record(source, &record);
    if (status != EVENTURE_ROW)
        return status;
    status = read_record(source, record, out);
    return status == EVENTURE_OK ? EVENTURE_ROW : status;
}

static void release(eventure__event_source *source)
{
    mapped_source *state = source->state;
    eventure__csv_reader_free(&state->csv);
    eventure__values_free(&state->values);
    eventure__map_free(&state->map);
    eventure__buffer_free(&state->compact);
    eventure__buffer_free(&state->data);
    for (size_t i = 0; i < EVENTURE__PARTS; i++)
        eventure__buffer_free(&state->texts[i]);
    free(state);
}

/* In CSV, every name in the map must be a title. */
static eventure_status check_titles(eventure__event_source *source)
{
    const mapped_source *state = source->state;
    for (size_t part = 0; part < EVENTURE__PARTS; part++)
    {
        const eventure__path *path = &state->map.paths[part];
        const char *text = state->map.text.bytes;
        if (!path->is_given || path->is_constant || path->is_whole ||
            eventure__csv_reader_has(&state->csv, text + path->steps[0].offset, path->steps[0].len) ||
            (path->flat_len > 0 && eventure__csv_reader_has(&state->csv, text + path->flat_offset, path->flat_len)))
            continue;
        return eventure__fail(source->error, EVENTURE_ERROR_ARGUMENT,
                              "no column has the title %s, from which the map takes the %s",
                              eventure__quote(text + path->written_offset, path->written_len).text,
                              eventure__part_name((eventure__event_part)part));
    }
    return EVENTURE_OK;
}

eventure_status eventure__source_mapped(eventure__event_source *source)
{
    mapped_source *state = calloc(1, sizeof *state);
    if (state == NULL)
        return eventure__source_out_of_memory(source);
    source->state = state;
    source->next = next;
    source->release = release;
    state->times.format = source->options->time_format;
    eventure_status status = eventure__map_read(&state->map, source->options->map, source->error);
    if (status == EVENTURE_OK)
        status =
            eventure__values_open(&state->values, source->options->read, source->options->read_source, source->error);
    if (status != EVENTURE_OK)
        return status;
    eventure__input *input = &state->values.input;
    state->is_csv = source->options->format == EVENTURE_FORMAT_CSV;
    if (!state->is_csv)
    {
        status = eventure__input_skip_space(input);
        state->is_csv = status == EVENTURE_ROW && input->chunk[input->at] != '{' && input->chunk[input->at] != '[';
    }
    if (status < 0 || !state->is_csv)
        return status < 0 ? status : EVENTURE_OK;
    status = eventure__csv_reader_open(&state->csv, input, source->max_depth);
    source->line = state->csv.line;
    return status == EVENTURE_OK && state->csv.titles_count > 0 ? check_titles(source) : status;
}
