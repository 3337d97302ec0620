/*
 * Reading CloudEvents: see cloudevents.h. What would be lost is refused: an attribute that has no place in an event,
 * data that is no JSON object.
 */
#include "transfer/cloudevents.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "event/json.h"
#include "event/line.h"
#include "transfer/rfc3339.h"

#define ID_MAX_BYTES 1024

typedef enum attribute
{
    CE_VERSION,
    CE_ID,
    CE_SOURCE,
    CE_TYPE,
    CE_TIME,
    CE_CONTENT,
    CE_TICK,
    CE_CAUSE,
    CE_TIMESTAMP,
    CE_ESCAPED,
    CE_DATA,
    CE_COUNT
} attribute;

static const char *const names[CE_COUNT] = {EVENTURE__CE_VERSION,
                                            "id",
                                            "source",
                                            "type",
                                            "time",
                                            "datacontenttype",
                                            EVENTURE__CE_TICK,
                                            EVENTURE__CE_CAUSE,
                                            EVENTURE__CE_TIMESTAMP,
                                            EVENTURE__CE_ESCAPED,
                                            "data"};

typedef struct parsing
{
    eventure__cloudevent *work;
    eventure__span values[CE_COUNT]; /* of attributes that are not there, and of null: at is NULL */
    eventure__error *error;
} parsing;

static eventure_status fail_value(parsing *parse, eventure_status status, attribute which, const char *wanted)
{
    return eventure__fail(parse->error, status, "%s is %s, %s", names[which],
                          eventure__quote(parse->values[which].at, parse->values[which].len).text, wanted);
}

static eventure_status collect(parsing *parse)
{
    bool seen[CE_COUNT] = {false};
    eventure__members members = eventure__members_of(parse->work->compact.bytes, parse->work->compact.len);
    eventure__span key;
    eventure__span value;
    while (eventure__members_next(&members, &key, &value))
    {
        int which = 0;
        while (which < CE_COUNT && (key.len != strlen(names[which]) || memcmp(key.at, names[which], key.len) != 0))
            which++;
        if (which == CE_COUNT && *value.at == 'n')
            continue;
        if (which == CE_COUNT)
            return eventure__fail(parse->error, EVENTURE_ERROR_JSON, "the attribute \"%s\" has no place in an event",
                                  eventure__quote(key.at, key.len).text);
        if (seen[which])
            return eventure__fail(parse->error, EVENTURE_ERROR_JSON, "\"%s\" is given twice", names[which]);
        seen[which] = true;
        if (*value.at != 'n')
            parse->values[which] = value;
    }
    static const attribute needed[] = {CE_VERSION, CE_ID, CE_SOURCE, CE_TYPE};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
    {
        if (parse->values[needed[i]].at == NULL)
            return eventure__fail(parse->error, EVENTURE_ERROR_JSON, "\"%s\" is missing", names[needed[i]]);
    }
    return EVENTURE_OK;
}

/* Unescapes a string in place and closes it with a NUL; the value becomes the text. */
static eventure_status read_text(parsing *parse, attribute which)
{
    eventure__span *value = &parse->values[which];
    if (value->at == NULL)
        return EVENTURE_OK;
    if (*value->at != '"')
        return fail_value(parse, EVENTURE_ERROR_JSON, which, "not a string");
    if (value->len == 2)
        return eventure__fail(parse->error, EVENTURE_ERROR_JSON, "%s is empty", names[which]);
    char *text = parse->work->compact.bytes + (value->at - parse->work->compact.bytes) + 1;
    value->len = eventure__json_unescape_to(*value, text);
    text[value->len] = '\0';
    value->at = text;
    return EVENTURE_OK;
}

static bool is_text(const eventure__span *value, const char *text)
{
    return value->len == strlen(text) && memcmp(value->at, text, value->len) == 0;
}

/* Whether `escaped` names an attribute. */
static bool is_escaped(const parsing *parse, attribute which)
{
    const char *at = parse->values[CE_ESCAPED].at;
    size_t len = strlen(names[which]);
    while (at != NULL)
    {
        if (strncmp(at, names[which], len) == 0 && (at[len] == ',' || at[len] == '\0'))
            return true;
        at = strchr(at, ',');
        at = at != NULL ? at + 1 : NULL;
    }
    return false;
}

/* Resolves the escapes inside of a text. */
static eventure_status resolve(parsing *parse, attribute which, eventure__buffer *plain)
{
    eventure__buffer literal = {0};
    eventure__buffer compact = {0};
    eventure__span *value = &parse->values[which];
    eventure__buffer_append_char(&literal, '"');
    eventure__buffer_append(&literal, value->at, value->len);
    eventure__buffer_append_char(&literal, '"');
    eventure_status status = EVENTURE_ERROR_MEMORY;
    if (!literal.failed)
        status = eventure__json_compact(literal.bytes, literal.len, 1, &compact, parse->error);
    if (status == EVENTURE_ERROR_MEMORY)
        eventure__fail(parse->error, status, "out of memory");
    else if (status != EVENTURE_OK)
        status = fail_value(parse, EVENTURE_ERROR_JSON, which, "which is not spelled with the escapes of JSON");
    if (status == EVENTURE_OK)
    {
        eventure__buffer_clear(plain);
        eventure__json_unescape((eventure__span){compact.bytes, compact.len}, plain);
        value->at = eventure__buffer_text(plain);
        value->len = plain->len;
        if (value->at == NULL)
            status = eventure__fail(parse->error, EVENTURE_ERROR_MEMORY, "out of memory");
    }
    eventure__buffer_free(&literal);
    eventure__buffer_free(&compact);
    return status;
}

static eventure_status read_texts(parsing *parse)
{
    static const attribute texts[] = {CE_VERSION, CE_SOURCE, CE_TIME, CE_CONTENT, CE_TIMESTAMP, CE_ESCAPED};
    static const attribute spelled[EVENTURE__CE_PLAINS] = {
        [EVENTURE__CE_PLAIN_ID] = CE_ID, [EVENTURE__CE_PLAIN_TYPE] = CE_TYPE, [EVENTURE__CE_PLAIN_CAUSE] = CE_CAUSE};
    eventure_status status = EVENTURE_OK;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0] && status == EVENTURE_OK; i++)
        status = read_text(parse, texts[i]);
    for (size_t i = 0; i < EVENTURE__CE_PLAINS && status == EVENTURE_OK; i++)
    {
        status = read_text(parse, spelled[i]);
        if (status == EVENTURE_OK && parse->values[spelled[i]].at != NULL && is_escaped(parse, spelled[i]))
            status = resolve(parse, spelled[i], &parse->work->plain[i]);
    }
    return status;
}

static bool is_json_content(const char *type)
{
    size_t len = strcspn(type, "; ");
    return (len == strlen("application/json") && strncmp(type, "application/json", len) == 0) ||
           (len > 5 && memcmp(type + len - 5, "+json", 5) == 0);
}

static eventure_status check_envelope(parsing *parse)
{
    if (!is_text(&parse->values[CE_VERSION], "1.0"))
        return fail_value(parse, EVENTURE_ERROR_JSON, CE_VERSION, "and only \"1.0\" is known");
    if (parse->values[CE_CONTENT].at != NULL && !is_json_content(parse->values[CE_CONTENT].at))
        return fail_value(parse, EVENTURE_ERROR_JSON, CE_CONTENT, "not JSON");
    return EVENTURE_OK;
}

/* The tick, which is text, or a number where somebody else wrote it. */
static eventure_status read_tick(parsing *parse, int64_t *out)
{
    eventure__span *value = &parse->values[CE_TICK];
    if (value->at == NULL)
        return EVENTURE_OK;
    eventure_status status = *value->at == '"' ? read_text(parse, CE_TICK) : EVENTURE_OK;
    if (status != EVENTURE_OK)
        return status;
    bool digits = value->len > 0;
    for (size_t i = 0; i < value->len; i++)
        digits = digits && value->at[i] >= '0' && value->at[i] <= '9';
    if (!digits || !eventure__parse_int(value->at, value->len, out))
        return fail_value(parse, EVENTURE_ERROR_TICK, CE_TICK, "not an integer from 0 to 9223372036854775807");
    return EVENTURE_OK;
}

static eventure_status read_time(parsing *parse, double *out)
{
    const eventure__span *time = &parse->values[CE_TIME];
    const eventure__span *timestamp = &parse->values[CE_TIMESTAMP];
    if (timestamp->at != NULL)
    {
        eventure__buffer compact = {0};
        eventure_status status = eventure__json_compact(timestamp->at, timestamp->len, 1, &compact, parse->error);
        bool number =
            status == EVENTURE_OK && (*compact.bytes == '-' || (*compact.bytes >= '0' && *compact.bytes <= '9'));
        bool read = number && eventure__parse_double(compact.bytes, compact.len, out);
        eventure__buffer_free(&compact);
        if (status == EVENTURE_ERROR_MEMORY)
            return status;
        return read ? EVENTURE_OK : fail_value(parse, EVENTURE_ERROR_JSON, CE_TIMESTAMP, "not a number as text");
    }
    if (time->at == NULL)
        return eventure__fail(parse->error, EVENTURE_ERROR_JSON, "\"time\" is missing");
    if (!eventure__rfc3339_parse(time->at, time->len, out))
        return fail_value(parse, EVENTURE_ERROR_JSON, CE_TIME, "not a date and time of RFC 3339");
    return EVENTURE_OK;
}

static eventure_status read_id(parsing *parse, attribute which, const char **out)
{
    const eventure__span *value = &parse->values[which];
    *out = value->at;
    if (value->at == NULL)
        return EVENTURE_OK;
    if (value->len > ID_MAX_BYTES)
        return eventure__fail(parse->error, EVENTURE_ERROR_LIMIT, "%s is %zu bytes long, and at most %d are allowed",
                              names[which], value->len, ID_MAX_BYTES);
    if (memchr(value->at, '\0', value->len) != NULL)
        return fail_value(parse, EVENTURE_ERROR_JSON, which, "which holds a NUL");
    return EVENTURE_OK;
}

static eventure_status read_data(parsing *parse, size_t max_bytes, eventure_event *event)
{
    const eventure__span *value = &parse->values[CE_DATA];
    event->data = "{}";
    event->data_len = 2;
    if (value->at == NULL)
        return EVENTURE_OK;
    if (*value->at != '{')
        return fail_value(parse, EVENTURE_ERROR_JSON, CE_DATA, "not a JSON object");
    if (value->len > max_bytes)
        return eventure__fail(parse->error, EVENTURE_ERROR_LIMIT,
                              "data is %zu bytes long; the limit max_data_bytes is %zu", value->len, max_bytes);
    char *data = parse->work->compact.bytes + (value->at - parse->work->compact.bytes);
    data[value->len] = '\0'; /* the comma or brace of the envelope */
    event->data = data;
    event->data_len = value->len;
    return EVENTURE_OK;
}

static eventure_status read_all(parsing *parse, size_t max_data_bytes, eventure_event *event)
{
    eventure_status status = read_texts(parse);
    if (status == EVENTURE_OK)
        status = check_envelope(parse);
    if (status == EVENTURE_OK)
        status = read_tick(parse, &event->tick);
    if (status == EVENTURE_OK)
        status = read_time(parse, &event->timestamp);
    if (status == EVENTURE_OK)
        status = read_id(parse, CE_ID, &event->id);
    if (status == EVENTURE_OK)
        status = read_id(parse, CE_CAUSE, &event->parent_id);
    if (status == EVENTURE_OK)
        status = eventure__type_check(parse->values[CE_TYPE].at, parse->values[CE_TYPE].len, parse->error);
    event->type = parse->values[CE_TYPE].at;
    return status == EVENTURE_OK ? read_data(parse, max_data_bytes, event) : status;
}

eventure_status eventure__cloudevent_parse(eventure__cloudevent *work, const char *text, size_t len,
                                           size_t max_data_bytes, int max_depth, int64_t tick,
                                           eventure_event *out_event, eventure__error *error)
{
    parsing parse = {.work = work, .error = error};
    eventure_event event = {.tick = tick};
    eventure__buffer_clear(&work->compact);
    eventure_status status = eventure__json_compact(text, len, max_depth + 1, &work->compact, error);
    if (status == EVENTURE_ERROR_LIMIT)
        return eventure__fail(error, EVENTURE_ERROR_LIMIT, "data is nested deeper than max_depth, which is %d",
                              max_depth);
    if (status != EVENTURE_OK)
        return status;
    if (*work->compact.bytes != '{')
        return eventure__fail(error, EVENTURE_ERROR_JSON, "not a JSON object: %s",
                              eventure__quote(work->compact.bytes, work->compact.len).text);
    status = collect(&parse);
    if (status == EVENTURE_OK)
        status = read_all(&parse, max_data_bytes, &event);
    if (status == EVENTURE_OK)
        *out_event = event;
    return status;
}

void eventure__cloudevent_free(eventure__cloudevent *work)
{
    eventure__buffer_free(&work->compact);
    for (size_t i = 0; i < EVENTURE__CE_PLAINS; i++)
        eventure__buffer_free(&work->plain[i]);
}
