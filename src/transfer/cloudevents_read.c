/*
 * Reading CloudEvents: see cloudevents.h. An event that this library exported is restored exactly; any other valid
 * event is kept completely.
 */
#include "transfer/cloudevents.h"

#include <string.h>

#include "base/number.h"
#include "event/id.h"
#include "event/types.h"
#include "transfer/rfc3339.h"

#define ATTRIBUTES_MAX 1000

typedef enum attribute
{
    CE_VERSION,
    CE_ID,
    CE_SOURCE,
    CE_TYPE,
    CE_TIME,
    CE_CONTENT,
    CE_SUBJECT,
    CE_SCHEMA,
    CE_TICK,
    CE_CAUSE,
    CE_TIMESTAMP,
    CE_ESCAPED,
    CE_DATA,
    CE_BASE64,
    CE_COUNT
} attribute;

static const char *const names[CE_COUNT] = {EVENTURE__CE_VERSION,
                                            "id",
                                            "source",
                                            "type",
                                            "time",
                                            "datacontenttype",
                                            "subject",
                                            "dataschema",
                                            EVENTURE__CE_TICK,
                                            EVENTURE__CE_CAUSE,
                                            EVENTURE__CE_TIMESTAMP,
                                            EVENTURE__CE_ESCAPED,
                                            "data",
                                            "data_base64"};

typedef struct parsing
{
    eventure__cloudevent *work;
    eventure__span values[CE_COUNT]; /* missing members: at is NULL; null is treated as missing, except for data */
    bool has_others;                 /* extension attributes that this library does not write */
    eventure__error *error;
} parsing;

static eventure_status fail_value(parsing *parse, attribute which, const char *wanted)
{
    return eventure__fail(parse->error, EVENTURE_ERROR_JSON, "%s is %s, %s", names[which],
                          eventure__quote(parse->values[which].at, parse->values[which].len).text, wanted);
}

static eventure_status fail_memory(parsing *parse)
{
    return eventure__fail(parse->error, EVENTURE_ERROR_MEMORY, "out of memory");
}

static attribute find_name(eventure__span key)
{
    int which = 0;
    while (which < CE_COUNT && !eventure__span_is(key, names[which]))
        which++;
    return (attribute)which;
}

/* The rules for an attribute that the specification does not name. */
static eventure_status check_extension(parsing *parse, eventure__span key, eventure__span value)
{
    const eventure__quoted name = eventure__quote(key.at, key.len);
    int64_t number = 0;
    for (size_t i = 0; i < key.len; i++)
        if (!((key.at[i] >= 'a' && key.at[i] <= 'z') || (key.at[i] >= '0' && key.at[i] <= '9')))
            return eventure__fail(parse->error, EVENTURE_ERROR_JSON,
                                  "the attribute \"%s\" is not named with lower-case letters and digits only",
                                  name.text);
    if (key.len == 0)
        return eventure__fail(parse->error, EVENTURE_ERROR_JSON, "an attribute has an empty name");
    if (*value.at == '{' || *value.at == '[')
        return eventure__fail(parse->error, EVENTURE_ERROR_JSON,
                              "the attribute \"%s\" is %s, neither a string, an integer nor a boolean", name.text,
                              eventure__quote(value.at, value.len).text);
    if (eventure__json_is_number(value) &&
        (!eventure__parse_int(value.at, value.len, &number) || number < INT32_MIN || number > INT32_MAX))
        return eventure__fail(parse->error, EVENTURE_ERROR_JSON,
                              "the attribute \"%s\" is %s, not an integer of 32 bits", name.text,
                              eventure__quote(value.at, value.len).text);
    return EVENTURE_OK;
}

/* Whether an earlier member of the event has the key. */
static bool is_given_before(const parsing *parse, eventure__span key)
{
    eventure__members members = eventure__members_of(parse->work->compact.bytes, parse->work->compact.len);
    eventure__span other;
    eventure__span value;
    while (eventure__members_next(&members, &other, &value) && other.at < key.at)
        if (other.len == key.len && memcmp(other.at, key.at, key.len) == 0)
            return true;
    return false;
}

static eventure_status take_member(parsing *parse, eventure__span key, eventure__span value)
{
    const attribute which = find_name(key);
    const bool is_standard = which <= CE_SCHEMA || which == CE_DATA || which == CE_BASE64;
    if (is_given_before(parse, key))
        return eventure__fail(parse->error, EVENTURE_ERROR_JSON, "\"%s\" is given twice",
                              eventure__quote(key.at, key.len).text);
    if (!is_standard)
    {
        const eventure_status status = check_extension(parse, key, value);
        if (status != EVENTURE_OK)
            return status;
    }
    if (which == CE_COUNT)
        parse->has_others = parse->has_others || *value.at != 'n';
    else if (*value.at != 'n' || which == CE_DATA)
        parse->values[which] = value;
    return EVENTURE_OK;
}

static eventure_status collect(parsing *parse)
{
    static const attribute needed[] = {CE_VERSION, CE_ID, CE_SOURCE, CE_TYPE};
    eventure__members members = eventure__members_of(parse->work->compact.bytes, parse->work->compact.len);
    eventure__span key;
    eventure__span value;
    size_t count = 0;
    while (eventure__members_next(&members, &key, &value))
    {
        if (++count > ATTRIBUTES_MAX)
            return eventure__fail(parse->error, EVENTURE_ERROR_LIMIT, "the event has more than %d attributes",
                                  ATTRIBUTES_MAX);
        const eventure_status status = take_member(parse, key, value);
        if (status != EVENTURE_OK)
            return status;
    }
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
    {
        if (parse->values[needed[i]].at == NULL)
            return eventure__fail(parse->error, EVENTURE_ERROR_JSON, "\"%s\" is missing", names[needed[i]]);
    }
    return EVENTURE_OK;
}

/* Four characters of base64 (RFC 4648) at a time, with padding at the end. */
static bool is_base64(eventure__span literal)
{
    const char *at = literal.at + 1;
    size_t len = literal.len - 2;
    if (len % 4 != 0)
        return false;
    for (int padding = 0; padding < 2 && len > 0 && at[len - 1] == '='; padding++)
        len--;
    for (size_t i = 0; i < len; i++)
        if (!((at[i] >= 'A' && at[i] <= 'Z') || (at[i] >= 'a' && at[i] <= 'z') || (at[i] >= '0' && at[i] <= '9') ||
              at[i] == '+' || at[i] == '/'))
            return false;
    return true;
}

/* The rules of the specification for the attributes that it names, and for the data. */
static eventure_status check(parsing *parse)
{
    const eventure__span *values = parse->values;
    for (attribute which = CE_VERSION; which <= CE_SCHEMA; which++)
    {
        if (values[which].at == NULL)
            continue;
        if (*values[which].at != '"')
            return fail_value(parse, which, "not a string");
        if (values[which].len == 2)
            return eventure__fail(parse->error, EVENTURE_ERROR_JSON, "%s is empty", names[which]);
    }
    if (!eventure__span_is(values[CE_VERSION], "\"1.0\""))
        return fail_value(parse, CE_VERSION, "and only \"1.0\" is known");
    if (values[CE_BASE64].at == NULL)
        return EVENTURE_OK;
    if (values[CE_DATA].at != NULL)
        return eventure__fail(parse->error, EVENTURE_ERROR_JSON, "\"data\" and \"data_base64\" exclude each other");
    if (*values[CE_BASE64].at != '"' || !is_base64(values[CE_BASE64]))
        return fail_value(parse, CE_BASE64, "not a string of base64");
    return EVENTURE_OK;
}

/* Returns `at`, which points into the compact text, for writing. */
static char *writable(parsing *parse, const char *at)
{
    const size_t offset = (size_t)(at - parse->work->compact.bytes);
    return &parse->work->compact.bytes[offset];
}

/* Unescapes a string in place and closes it with a NUL; the value becomes the text. */
static void read_text(parsing *parse, attribute which)
{
    eventure__span *value = &parse->values[which];
    char *text = writable(parse, value->at + 1);
    value->len = eventure__json_unescape_to(*value, text);
    text[value->len] = '\0';
    value->at = text;
}

/* A text without a NUL, as ids and types are. */
static eventure_status read_name(parsing *parse, attribute which, const char **out)
{
    if (parse->values[which].at == NULL)
        return EVENTURE_OK;
    read_text(parse, which);
    *out = parse->values[which].at;
    if (eventure__span_has_nul(parse->values[which]))
        return fail_value(parse, which, "which contains a NUL");
    return EVENTURE_OK;
}

/* The text of a tick, or a number, as an integer from 0. */
static bool read_tick(eventure__span value, int64_t *out)
{
    if (value.at != NULL && *value.at == '"')
        value = (eventure__span){value.at + 1, value.len - 2};
    if (value.at == NULL || value.len == 0)
        return false;
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] < '0' || value.at[i] > '9')
            return false;
    /* Without leading zeros, so that each value has one spelling. */
    return (value.len == 1 || *value.at != '0') && eventure__parse_int(value.at, value.len, out);
}

/* --- Events that this library exported --- */

/* Whether the CloudEvent has the attributes of an event that this library exported, and no others. */
static bool is_own(const parsing *parse)
{
    static const char prefix[] = "\"urn:uuid:";
    const eventure__span *values = parse->values;
    int64_t tick = 0;
    return !parse->has_others && values[CE_SUBJECT].at == NULL && values[CE_SCHEMA].at == NULL &&
           values[CE_SOURCE].len == sizeof prefix + 36 &&
           memcmp(values[CE_SOURCE].at, prefix, sizeof prefix - 1) == 0 &&
           eventure__span_is(values[CE_CONTENT], "\"application/json\"") && values[CE_TICK].at != NULL &&
           *values[CE_TICK].at == '"' && read_tick(values[CE_TICK], &tick) && values[CE_DATA].at != NULL &&
           *values[CE_DATA].at == '{' && (values[CE_CAUSE].at == NULL || *values[CE_CAUSE].at == '"') &&
           (values[CE_ESCAPED].at == NULL || *values[CE_ESCAPED].at == '"') &&
           (values[CE_TIME].at != NULL) != (values[CE_TIMESTAMP].at != NULL) &&
           (values[CE_TIMESTAMP].at == NULL || *values[CE_TIMESTAMP].at == '"');
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
static eventure_status resolve(parsing *parse, attribute which, eventure__buffer *plain, const char **out)
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
        fail_memory(parse);
    else if (status != EVENTURE_OK)
        status = fail_value(parse, which, "which is not spelled with the escapes of JSON");
    if (status == EVENTURE_OK)
    {
        eventure__buffer_clear(plain);
        eventure__json_unescape((eventure__span){compact.bytes, compact.len}, plain);
        *out = eventure__buffer_text(plain);
        value->at = *out;
        value->len = plain->len;
        if (*out == NULL)
            status = fail_memory(parse);
        else if (eventure__span_has_nul(*value))
            status = fail_value(parse, which, "which contains a NUL");
    }
    eventure__buffer_free(&literal);
    eventure__buffer_free(&compact);
    return status;
}

static eventure_status read_own_time(parsing *parse, double *out)
{
    if (parse->values[CE_TIMESTAMP].at == NULL)
    {
        read_text(parse, CE_TIME);
        return eventure__rfc3339_parse(parse->values[CE_TIME].at, parse->values[CE_TIME].len, out)
                   ? EVENTURE_OK
                   : fail_value(parse, CE_TIME, "not a date and time of RFC 3339");
    }
    read_text(parse, CE_TIMESTAMP);
    const eventure__span *timestamp = &parse->values[CE_TIMESTAMP];
    eventure__buffer compact = {0};
    eventure_status status = eventure__json_compact(timestamp->at, timestamp->len, 1, &compact, parse->error);
    const bool is_read = status == EVENTURE_OK &&
                         eventure__json_is_number((eventure__span){compact.bytes, compact.len}) &&
                         eventure__parse_double(compact.bytes, compact.len, out);
    eventure__buffer_free(&compact);
    if (status == EVENTURE_ERROR_MEMORY)
        return status;
    return is_read ? EVENTURE_OK : fail_value(parse, CE_TIMESTAMP, "not a number as text");
}

static eventure_status read_own(parsing *parse, eventure__incoming *out)
{
    static const attribute spelled[EVENTURE__CE_PLAINS] = {
        [EVENTURE__CE_PLAIN_ID] = CE_ID, [EVENTURE__CE_PLAIN_TYPE] = CE_TYPE, [EVENTURE__CE_PLAIN_CAUSE] = CE_CAUSE};
    const char **const targets[EVENTURE__CE_PLAINS] = {
        [EVENTURE__CE_PLAIN_ID] = &out->event.id,
        [EVENTURE__CE_PLAIN_TYPE] = &out->event.type,
        [EVENTURE__CE_PLAIN_CAUSE] = &out->event.parent_id,
    };
    const eventure__span data = parse->values[CE_DATA];
    eventure_status status = EVENTURE_OK;
    (void)read_tick(parse->values[CE_TICK], &out->event.tick);
    if (parse->values[CE_ESCAPED].at != NULL)
        read_text(parse, CE_ESCAPED);
    for (size_t i = 0; i < EVENTURE__CE_PLAINS && status == EVENTURE_OK; i++)
    {
        status = read_name(parse, spelled[i], targets[i]);
        if (status == EVENTURE_OK && *targets[i] != NULL && is_escaped(parse, spelled[i]))
            status = resolve(parse, spelled[i], &parse->work->plain[i], targets[i]);
        if (status == EVENTURE_OK && *targets[i] != NULL && **targets[i] == '\0')
            status = eventure__fail(parse->error, EVENTURE_ERROR_JSON, "%s is empty", names[spelled[i]]);
        if (status == EVENTURE_OK && spelled[i] != CE_TYPE && parse->values[spelled[i]].len > EVENTURE__ID_MAX_BYTES)
            status =
                eventure__fail(parse->error, EVENTURE_ERROR_LIMIT, "%s is %zu bytes long, and at most %d are allowed",
                               names[spelled[i]], parse->values[spelled[i]].len, EVENTURE__ID_MAX_BYTES);
    }
    if (status == EVENTURE_OK)
        status = read_own_time(parse, &out->event.timestamp);
    if (status == EVENTURE_OK)
        status = eventure__type_check(out->event.type, strlen(out->event.type), parse->error);
    out->has_tick = true;
    out->has_time = true;
    char *text = writable(parse, data.at);
    text[data.len] = '\0'; /* the comma or brace of the envelope */
    out->event.data = text;
    out->event.data_len = data.len;
    return status;
}

/* --- Events of other producers --- */

static void append(eventure__buffer *out, eventure__span span)
{
    eventure__buffer_append(out, span.at, span.len);
}

static void append_kept(eventure__buffer *out, const char *name, eventure__span literal)
{
    if (out->len > 0 && out->bytes[out->len - 1] != '{')
        eventure__buffer_append_char(out, ',');
    eventure__buffer_append_char(out, '"');
    eventure__buffer_append_text(out, name);
    eventure__buffer_append_text(out, "\":");
    append(out, literal);
}

/* Reads the time, and returns whether its text must be kept. */
static eventure_status read_time(parsing *parse, eventure__incoming *out, bool *out_is_kept)
{
    const eventure__span literal = parse->values[CE_TIME];
    char text[EVENTURE__RFC3339_BYTES];
    out->has_time = literal.at != NULL;
    *out_is_kept = literal.at != NULL;
    if (literal.at == NULL)
        return EVENTURE_OK;
    if (!eventure__rfc3339_parse(literal.at + 1, literal.len - 2, &out->event.timestamp))
        return fail_value(parse, CE_TIME, "not a date and time of RFC 3339");
    if (eventure__rfc3339_format(text, out->event.timestamp))
        *out_is_kept = strlen(text) != literal.len - 2 || memcmp(text, literal.at + 1, literal.len - 2) != 0;
    return EVENTURE_OK;
}

/* Whether an attribute must be kept: it has no equivalent in an event, or its spelling cannot be derived from the
   event. */
static bool is_kept(const parsing *parse, attribute which, const eventure__incoming *out, bool is_time_kept)
{
    switch (which)
    {
    case CE_VERSION:
    case CE_ID:
    case CE_DATA:
    case CE_BASE64:
        return false;
    case CE_TYPE:
        return eventure__json_unescape_to(parse->values[CE_TYPE], NULL) > EVENTURE_TYPE_MAX_BYTES;
    case CE_TIME:
        return is_time_kept;
    case CE_TICK:
        return !out->has_tick || *parse->values[CE_TICK].at == '"';
    case CE_CAUSE:
        return *parse->values[CE_CAUSE].at != '"' || parse->values[CE_CAUSE].len == 2;
    default:
        return true;
    }
}

/* Builds the data, followed by the kept members. Data that cannot be the event's data is kept, too. */
static eventure_status build_data(parsing *parse, int max_depth, eventure__incoming *out, bool is_time_kept)
{
    eventure__buffer *data = &parse->work->data;
    const eventure__span given = parse->values[CE_DATA];
    eventure__span found;
    eventure__span key;
    eventure__span value;
    const bool is_its_own =
        given.at != NULL && *given.at == '{' && given.len > 2 &&
        !eventure__json_find(given.at, given.len, EVENTURE__CE_KEY, sizeof EVENTURE__CE_KEY - 1, &found);
    eventure__buffer_clear(data);
    if (is_its_own)
        eventure__buffer_append(data, given.at, given.len - 1);
    eventure__buffer_append_text(data, is_its_own ? ",\"" EVENTURE__CE_KEY "\":{" : "{\"" EVENTURE__CE_KEY "\":{");
    eventure__members members = eventure__members_of(parse->work->compact.bytes, parse->work->compact.len);
    while (eventure__members_next(&members, &key, &value))
    {
        const attribute which = find_name(key);
        if (*value.at == 'n' || !is_kept(parse, which, out, is_time_kept))
            continue;
        if (!data->failed && data->bytes[data->len - 1] != '{')
            eventure__buffer_append_char(data, ',');
        eventure__buffer_append(data, key.at - 1, key.len + 2);
        eventure__buffer_append_char(data, ':');
        append(data, value);
    }
    if (!out->has_time)
        append_kept(data, names[CE_TIME], (eventure__span){"null", 4});
    if (parse->values[CE_BASE64].at != NULL)
        append_kept(data, names[CE_BASE64], parse->values[CE_BASE64]);
    else if (given.at != NULL && !is_its_own)
        append_kept(data, names[CE_DATA], given);
    eventure__buffer_append_text(data, "}}");
    out->event.data = eventure__buffer_text(data);
    out->event.data_len = data->len;
    if (data->failed)
        return fail_memory(parse);
    /* The data has become deeper than it was. */
    eventure__buffer again = {0};
    eventure_status status = EVENTURE_OK;
    if (!is_its_own && given.at != NULL)
        status = eventure__json_compact(data->bytes, data->len, max_depth, &again, parse->error);
    eventure__buffer_free(&again);
    return status;
}

/* Truncates a type that is too long, at a character boundary. */
static void cut_type(parsing *parse, eventure_event *event)
{
    size_t len = EVENTURE_TYPE_MAX_BYTES;
    char *type = writable(parse, event->type);
    if (parse->values[CE_TYPE].len <= len)
        return;
    while (len > 0 && ((unsigned char)type[len] & 0xC0) == 0x80)
        len--;
    type[len] = '\0';
}

static eventure_status read_foreign(parsing *parse, int max_depth, eventure__incoming *out)
{
    bool is_time_kept = false;
    out->is_foreign_cloudevent = true;
    out->may_lack_parent = true;
    out->has_tick = read_tick(parse->values[CE_TICK], &out->event.tick);
    eventure_status status = read_time(parse, out, &is_time_kept);
    if (status == EVENTURE_OK)
        status = build_data(parse, max_depth, out, is_time_kept);
    if (status == EVENTURE_OK)
        status = read_name(parse, CE_ID, &out->event.id);
    if (status == EVENTURE_OK)
        status = read_name(parse, CE_TYPE, &out->event.type);
    if (status != EVENTURE_OK)
        return status;
    cut_type(parse, &out->event);
    const eventure__span cause = parse->values[CE_CAUSE];
    if (cause.at != NULL && *cause.at == '"' && cause.len > 2)
        status = read_name(parse, CE_CAUSE, &out->event.parent_id);
    return status;
}

eventure_status eventure__cloudevent_parse(eventure__cloudevent *work, const char *text, size_t len,
                                           size_t max_data_bytes, int max_depth, eventure__incoming *out,
                                           eventure__error *error)
{
    parsing parse = {.work = work, .error = error};
    eventure__buffer_clear(&work->compact);
    eventure_status status = eventure__json_compact(text, len, max_depth + 1, &work->compact, error);
    if (status == EVENTURE_ERROR_JSON)
        return eventure__fail_prefix(error, "invalid JSON");
    if (status == EVENTURE_OK && *work->compact.bytes != '{')
        return eventure__fail(error, EVENTURE_ERROR_JSON, "not a JSON object: %s",
                              eventure__quote(work->compact.bytes, work->compact.len).text);
    if (status == EVENTURE_OK)
        status = collect(&parse);
    if (status == EVENTURE_OK)
        status = check(&parse);
    if (status == EVENTURE_OK)
        status = is_own(&parse) ? read_own(&parse, out) : read_foreign(&parse, max_depth, out);
    if (status == EVENTURE_ERROR_LIMIT && strstr(error->text, "nested deeper") != NULL)
        return eventure__fail(error, EVENTURE_ERROR_LIMIT, "data is nested deeper than max_depth, which is %d",
                              max_depth);
    if (status == EVENTURE_OK && out->event.data_len > max_data_bytes)
        return eventure__fail(error, EVENTURE_ERROR_LIMIT, "data is %zu bytes long; the limit max_data_bytes is %zu",
                              out->event.data_len, max_data_bytes);
    return status;
}

void eventure__cloudevent_free(eventure__cloudevent *work)
{
    eventure__buffer_free(&work->compact);
    eventure__buffer_free(&work->data);
    for (size_t i = 0; i < EVENTURE__CE_PLAINS; i++)
        eventure__buffer_free(&work->plain[i]);
}
