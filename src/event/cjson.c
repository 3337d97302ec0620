/*
 * Conversion of data to and from cJSON, without cJSON's own parser and printer. The parser writes a global variable,
 * does not distinguish invalid text from a failed allocation, and truncates long numbers; the printer writes NaN as
 * null and recurses.
 */
#include <eventure/cjson.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "base/utf8.h"
#include "event/json.h"
#include "event/json_text.h"

/* The error texts begin with one of these. */
#define BUILD "make a cJSON tree: "
#define PRINT "print a cJSON tree: "

/* The state of building a tree from compact data. */
typedef struct builder
{
    const char *at;
    const char *end;
    cJSON *root;
    cJSON *open[EVENTURE__JSON_MAX_DEPTH];
    int depth;
    bool has_key;
    eventure__buffer key;
    eventure__buffer text;
} builder;

/* Takes ownership of the item: adds it to the innermost open container, or makes it the root. */
static eventure_status attach(builder *build, cJSON *item)
{
    if (item == NULL)
        return EVENTURE_ERROR_MEMORY;
    bool attached = false;
    if (build->depth == 0)
    {
        attached = build->root == NULL;
        if (attached)
            build->root = item;
    }
    else if (cJSON_IsObject(build->open[build->depth - 1]))
    {
        attached = cJSON_AddItemToObject(build->open[build->depth - 1], build->key.bytes, item);
        build->has_key = false;
    }
    else
    {
        attached = cJSON_AddItemToArray(build->open[build->depth - 1], item);
    }
    if (attached)
        return EVENTURE_OK;
    cJSON_Delete(item);
    return EVENTURE_ERROR_MEMORY;
}

static eventure_status build_container(builder *build, bool is_object)
{
    if (build->depth == EVENTURE__JSON_MAX_DEPTH)
        return eventure__fail(NULL, EVENTURE_ERROR_JSON, BUILD "the data is nested deeper than %d",
                              EVENTURE__JSON_MAX_DEPTH);
    cJSON *item = is_object ? cJSON_CreateObject() : cJSON_CreateArray();
    eventure_status status = attach(build, item);
    if (status == EVENTURE_OK)
        build->open[build->depth++] = item;
    build->at++;
    return status;
}

/* Reads a string into `out`. The strings of cJSON end at the first NUL, so a string with a NUL is an error. */
static eventure_status read_string(builder *build, eventure__buffer *out)
{
    const char *literal = build->at;
    build->at = eventure__json_string_end(literal + 1, build->end);
    eventure__buffer_clear(out);
    eventure__json_unescape((eventure__span){literal, (size_t)(build->at - literal)}, out);
    if (eventure__buffer_text(out) == NULL)
        return EVENTURE_ERROR_MEMORY;
    if (strlen(out->bytes) == out->len)
        return EVENTURE_OK;
    return eventure__fail(NULL, EVENTURE_ERROR_JSON, BUILD "cJSON has no text with a NUL: %s",
                          eventure__quote(literal, (size_t)(build->at - literal)).text);
}

static eventure_status build_string(builder *build)
{
    bool is_key = build->depth > 0 && cJSON_IsObject(build->open[build->depth - 1]) && !build->has_key;
    eventure_status status = read_string(build, is_key ? &build->key : &build->text);
    if (status != EVENTURE_OK)
        return status;
    if (!is_key)
        return attach(build, cJSON_CreateString(build->text.bytes));
    build->has_key = true;
    if (build->at < build->end)
        build->at++;
    return EVENTURE_OK;
}

static eventure_status build_scalar(builder *build)
{
    const char *begin = build->at;
    double number = 0;
    build->at = eventure__json_scalar_end(begin, build->end);
    switch (*begin)
    {
    case 't':
        return attach(build, cJSON_CreateTrue());
    case 'f':
        return attach(build, cJSON_CreateFalse());
    case 'n':
        return attach(build, cJSON_CreateNull());
    default:
        if (!eventure__parse_double(begin, (size_t)(build->at - begin), &number))
            return eventure__fail(NULL, EVENTURE_ERROR_JSON, BUILD "the number is too large for a double: %s",
                                  eventure__quote(begin, (size_t)(build->at - begin)).text);
        return attach(build, cJSON_CreateNumber(number));
    }
}

static eventure_status build_tree(builder *build)
{
    eventure_status status = EVENTURE_OK;
    while (build->at < build->end && status == EVENTURE_OK)
    {
        switch (*build->at)
        {
        case '{':
        case '[':
            status = build_container(build, *build->at == '{');
            break;
        case '}':
        case ']':
            build->depth -= build->depth > 0 ? 1 : 0;
            build->at++;
            break;
        case ',':
            build->at++;
            break;
        case '"':
            status = build_string(build);
            break;
        default:
            status = build_scalar(build);
            break;
        }
    }
    return status;
}

eventure_status eventure_event_to_cjson(const eventure_event *event, cJSON **out_tree)
{
    if (out_tree != NULL)
        *out_tree = NULL;
    if (event == NULL || out_tree == NULL)
        return eventure__fail_argument(__func__);
    const eventure__span data = eventure__text_span(event->data, event->data_len);
    if (data.len == 0)
        return eventure__fail(NULL, EVENTURE_ERROR_JSON, BUILD "the event has no data");
    if (*data.at != '{')
        return eventure__fail(NULL, EVENTURE_ERROR_JSON, BUILD "the data is not a JSON object: %s",
                              eventure__quote(data.at, data.len).text);
    builder build = {.at = data.at, .end = data.at + data.len};
    eventure_status status = build_tree(&build);
    if (status == EVENTURE_OK)
        *out_tree = build.root;
    else
        cJSON_Delete(build.root);
    eventure__buffer_free(&build.key);
    eventure__buffer_free(&build.text);
    return status == EVENTURE_ERROR_MEMORY ? eventure__fail(NULL, status, BUILD "out of memory") : status;
}

static eventure_status fail_incomplete(void)
{
    return eventure__fail(NULL, EVENTURE_ERROR_ARGUMENT, PRINT "an item has no key or no text");
}

static eventure_status append_text(const char *text, eventure__buffer *out)
{
    if (text == NULL)
        return fail_incomplete();
    size_t len = strlen(text);
    if (!eventure__utf8_valid(text, len))
        return eventure__fail(NULL, EVENTURE_ERROR_JSON, PRINT "%s is not valid UTF-8",
                              eventure__quote(text, len).text);
    eventure__json_append_string(out, text, len);
    return EVENTURE_OK;
}

static eventure_status append_number(double number, eventure__buffer *out)
{
    if (!isfinite(number))
        return eventure__fail(NULL, EVENTURE_ERROR_JSON, PRINT "%s is not a JSON number",
                              eventure__double_name(number).text);
    if (fabs(number) <= 9007199254740992.0 && number == (double)(int64_t)number)
    {
        /* cJSON does not distinguish 3 and 3.0; as in its own printer, an integral value is written as an integer. */
        eventure__buffer_append_int(out, (int64_t)number);
        return EVENTURE_OK;
    }
    char digits[EVENTURE__DOUBLE_BYTES];
    eventure__buffer_append(out, digits, eventure__format_double(digits, number));
    return EVENTURE_OK;
}

static eventure_status append_raw(const char *text, int max_depth, eventure__buffer *out)
{
    eventure__error error = {0};
    if (text == NULL)
        return fail_incomplete();
    eventure_status status = eventure__json_compact(text, strlen(text), max_depth, out, &error);
    return status == EVENTURE_OK ? status : eventure__fail_prefix(&error, PRINT "a raw item");
}

/* Appends a scalar, or the opening bracket of a container. */
static eventure_status append_item(const cJSON *item, int depth, eventure__buffer *out)
{
    switch (item->type & 0xFF)
    {
    case cJSON_False:
        eventure__buffer_append(out, "false", 5);
        return EVENTURE_OK;
    case cJSON_True:
        eventure__buffer_append(out, "true", 4);
        return EVENTURE_OK;
    case cJSON_NULL:
        eventure__buffer_append(out, "null", 4);
        return EVENTURE_OK;
    case cJSON_Number:
        return append_number(item->valuedouble, out);
    case cJSON_String:
        return append_text(item->valuestring, out);
    case cJSON_Raw:
        return append_raw(item->valuestring, EVENTURE__JSON_MAX_DEPTH - depth, out);
    case cJSON_Array:
        eventure__buffer_append_char(out, '[');
        return EVENTURE_OK;
    case cJSON_Object:
        eventure__buffer_append_char(out, '{');
        return EVENTURE_OK;
    default:
        return eventure__fail(NULL, EVENTURE_ERROR_ARGUMENT,
                              PRINT "an item has the type %d, which cJSON does not define", item->type & 0xFF);
    }
}

static eventure_status append_key(const cJSON *container, const cJSON *item, eventure__buffer *out)
{
    if (!cJSON_IsObject(container))
        return EVENTURE_OK;
    eventure_status status = append_text(item->string, out);
    eventure__buffer_append_char(out, ':');
    return status;
}

static eventure_status append_tree(const cJSON *tree, eventure__buffer *out)
{
    const cJSON *open[EVENTURE__JSON_MAX_DEPTH];
    int depth = 0;
    const cJSON *item = tree;
    eventure_status status = append_item(item, depth, out);
    while (status == EVENTURE_OK)
    {
        const cJSON *next = depth > 0 ? item->next : NULL; /* siblings of the root are not part of the tree */
        if (cJSON_IsObject(item) || cJSON_IsArray(item))
        {
            if (depth == EVENTURE__JSON_MAX_DEPTH)
                return eventure__fail(NULL, EVENTURE_ERROR_LIMIT, PRINT "it is nested deeper than %d",
                                      EVENTURE__JSON_MAX_DEPTH);
            open[depth++] = item;
            next = item->child;
        }
        else if (next != NULL)
        {
            eventure__buffer_append_char(out, ',');
        }
        while (next == NULL && depth > 0)
        {
            const cJSON *closed = open[--depth];
            eventure__buffer_append_char(out, cJSON_IsObject(closed) ? '}' : ']');
            next = depth > 0 ? closed->next : NULL;
            if (next != NULL)
                eventure__buffer_append_char(out, ',');
        }
        if (next == NULL)
            return EVENTURE_OK;
        item = next;
        status = append_key(open[depth - 1], item, out);
        if (status == EVENTURE_OK)
            status = append_item(item, depth, out);
    }
    return status;
}

eventure_status eventure_cjson_to_json(const cJSON *tree, char **out_json)
{
    if (out_json != NULL)
        *out_json = NULL;
    if (tree == NULL || out_json == NULL)
        return eventure__fail_argument(__func__);
    if (!cJSON_IsObject(tree))
        return eventure__fail(NULL, EVENTURE_ERROR_ARGUMENT, PRINT "the root is not an object");
    eventure__buffer out = {0};
    eventure_status status = append_tree(tree, &out);
    if (status != EVENTURE_OK)
    {
        eventure__buffer_free(&out);
        return status;
    }
    *out_json = eventure__buffer_take(&out);
    return *out_json != NULL ? EVENTURE_OK : eventure__fail(NULL, EVENTURE_ERROR_MEMORY, PRINT "out of memory");
}
