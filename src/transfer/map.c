/*
 * Maps: see map.h.
 */
#include "transfer/map.h"

#include <string.h>

#include "base/number.h"
#include "base/utf8.h"

static const char *const part_names[EVENTURE__PARTS] = {"type", "time", "id", "parent", "tick", "data"};

const char *eventure__part_name(eventure__event_part part)
{
    return part_names[part];
}

eventure__span eventure__map_written(const eventure__map *map, eventure__event_part part)
{
    return (eventure__span){map->text.bytes + map->paths[part].written_offset, map->paths[part].written_len};
}

eventure__span eventure__map_last_key(const eventure__map *map, eventure__event_part part)
{
    const eventure__path *path = &map->paths[part];
    for (size_t i = path->steps_count; i-- > 0;)
        if (!path->steps[i].is_element)
            return (eventure__span){map->text.bytes + path->steps[i].offset, path->steps[i].len};
    return (eventure__span){"value", 5};
}

/* --- Reading --- */

typedef struct reading
{
    eventure__map *map;
    const char *at;
    eventure__error *error;
} reading;

static eventure_status fail(reading *read, const char *entry, const char *wrong)
{
    const char *end = read->at;
    while (*end != '\0' && *end != ',')
        end++;
    return eventure__fail(read->error, EVENTURE_ERROR_ARGUMENT, "map: %s: %s",
                          eventure__quote(entry, (size_t)(end - entry)).text, wrong);
}

/* Appends text as a key of compact JSON, without its quotes. */
static void append_key(eventure__buffer *out, const char *text, size_t len, size_t *out_offset, size_t *out_len)
{
    *out_offset = out->len;
    eventure__json_append_string(out, text, len);
    if (out->failed)
        return;
    memmove(out->bytes + *out_offset, out->bytes + *out_offset + 1, out->len - *out_offset - 1);
    out->len -= 2;
    *out_len = out->len - *out_offset;
}

/* Reads a text between quotes, where two quotes mean one, and moves past it; returns false when it does not end. */
static bool read_quoted(reading *read, eventure__buffer *out)
{
    const char quote = *read->at++;
    for (;;)
    {
        const char *end = strchr(read->at, quote);
        if (end == NULL)
            return false;
        eventure__buffer_append(out, read->at, (size_t)(end - read->at));
        read->at = end + 1;
        if (*read->at != quote)
            return true;
        eventure__buffer_append_char(out, *read->at++);
    }
}

/* Reads one step of a path: a key, a key in quotes, or `[3]`. Returns NULL, or a description of the error. */
static const char *read_step(reading *read, eventure__path *path)
{
    if (path->steps_count == EVENTURE__PATH_STEPS)
        return "a path of more than 16 steps";
    eventure__step *step = &path->steps[path->steps_count++];
    if (*read->at == '[')
    {
        int64_t index = 0;
        const char *end = strchr(read->at, ']');
        const size_t digits = strspn(read->at + 1, "0123456789");
        if (end == NULL || digits == 0 || read->at + 1 + digits != end ||
            !eventure__parse_int(read->at + 1, digits, &index))
            return "[ must be followed by a number and ]";
        step->is_element = true;
        step->index = (size_t)index;
        read->at = end + 1;
        return NULL;
    }
    if (*read->at == '"')
    {
        eventure__buffer key = {0};
        const bool is_closed = read_quoted(read, &key);
        append_key(&read->map->text, key.bytes != NULL ? key.bytes : "", key.len, &step->offset, &step->len);
        read->map->text.failed = read->map->text.failed || key.failed;
        eventure__buffer_free(&key);
        return is_closed ? NULL : "a quote that is not closed";
    }
    const size_t len = strcspn(read->at, ".[,\"'=");
    if (len == 0)
        return "a step of the path is empty";
    append_key(&read->map->text, read->at, len, &step->offset, &step->len);
    step->is_element = strspn(read->at, "0123456789") == len && len < 10;
    for (size_t i = 0; step->is_element && i < len; i++)
        step->index = step->index * 10 + (size_t)(read->at[i] - '0');
    read->at += len;
    return NULL;
}

static const char *read_path(reading *read, eventure__path *path)
{
    const char *begin = read->at;
    if (*begin == '\'')
    {
        eventure__buffer value = {0};
        eventure__step *step = &path->steps[path->steps_count++];
        const bool is_closed = read_quoted(read, &value);
        path->is_constant = true;
        step->offset = read->map->text.len;
        eventure__json_append_string(&read->map->text, value.bytes != NULL ? value.bytes : "", value.len);
        step->len = read->map->text.len - step->offset;
        read->map->text.failed = read->map->text.failed || value.failed;
        eventure__buffer_free(&value);
        return is_closed ? NULL : "a quote that is not closed";
    }
    if (begin[0] == '.' && (begin[1] == ',' || begin[1] == '\0'))
    {
        path->is_whole = true;
        read->at++;
        return NULL;
    }
    for (;;)
    {
        const char *wrong = read_step(read, path);
        if (wrong != NULL)
            return wrong;
        if (*read->at == '.')
            read->at++;
        else if (*read->at != '[')
            break;
    }
    if (*begin != '"')
        append_key(&read->map->text, begin, (size_t)(read->at - begin), &path->flat_offset, &path->flat_len);
    return NULL;
}

static eventure_status read_entry(reading *read)
{
    const char *entry = read->at;
    const size_t len = strcspn(entry, "=,");
    size_t part = 0;
    while (part < EVENTURE__PARTS && (strlen(part_names[part]) != len || memcmp(part_names[part], entry, len) != 0))
        part++;
    if (entry[len] != '=')
        return fail(read, entry, "not PART=PATH");
    if (part == EVENTURE__PARTS)
        return fail(read, entry, "an event has no such part; it has type, time, id, parent, tick and data");
    eventure__path *path = &read->map->paths[part];
    if (path->is_given)
        return fail(read, entry, "the part is given twice");
    path->is_given = true;
    read->at += len + 1;
    const char *written = read->at;
    const char *wrong = read_path(read, path);
    if (wrong == NULL && *read->at != ',' && *read->at != '\0')
        wrong = "a comma should follow the path";
    if (wrong == NULL && part == EVENTURE__PART_DATA && path->is_constant)
        wrong = "the data cannot be a constant";
    if (wrong == NULL && part != EVENTURE__PART_DATA && path->is_whole)
        wrong = "only the data can be the whole record";
    if (wrong != NULL)
        return fail(read, entry, wrong);
    path->written_offset = read->map->text.len;
    path->written_len = (size_t)(read->at - written);
    eventure__buffer_append(&read->map->text, written, path->written_len);
    return EVENTURE_OK;
}

eventure_status eventure__map_read(eventure__map *map, const char *text, eventure__error *error)
{
    reading read = {map, text, error};
    *map = (eventure__map){0};
    if (!eventure__utf8_valid(text, strlen(text)))
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "map: %s is not valid UTF-8",
                              eventure__quote(text, strlen(text)).text);
    for (;;)
    {
        const eventure_status status = read_entry(&read);
        if (status != EVENTURE_OK)
            return status;
        if (*read.at == '\0')
            break;
        read.at++;
    }
    if (map->text.failed)
        return eventure__fail(error, EVENTURE_ERROR_MEMORY, "out of memory");
    if (!map->paths[EVENTURE__PART_TYPE].is_given)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT,
                              "map: the type is missing: type=PATH, or type='NAME' for one type of all events");
    return EVENTURE_OK;
}

void eventure__map_free(eventure__map *map)
{
    eventure__buffer_free(&map->text);
}

/* --- Finding --- */

static bool is_key(const eventure__map *map, size_t offset, size_t len, eventure__span key)
{
    return len == key.len && memcmp(map->text.bytes + offset, key.at, len) == 0;
}

/* Whether a key equals the whole path, as `a.b` in {"a.b": 1}. */
static bool is_flat(const eventure__map *map, const eventure__path *path, eventure__span key)
{
    return path->steps_count > 1 && path->flat_len > 0 && is_key(map, path->flat_offset, path->flat_len, key);
}

static bool find_member(const eventure__map *map, eventure__span object, const eventure__step *step,
                        eventure__span *out)
{
    eventure__members members = eventure__members_of(object.at, object.len);
    eventure__span key;
    eventure__span value;
    bool is_found = false;
    while (eventure__members_next(&members, &key, &value))
        if (is_key(map, step->offset, step->len, key))
        {
            *out = value;
            is_found = true;
        }
    return is_found;
}

/* Follows a path from the value of its first step. */
static bool follow(const eventure__map *map, const eventure__path *path, eventure__span value, eventure__span *out)
{
    for (size_t i = 1; i < path->steps_count; i++)
    {
        const eventure__step *step = &path->steps[i];
        if (*value.at == '[' ? !step->is_element || !eventure__json_element(value.at, value.len, step->index, &value)
                             : *value.at != '{' || !find_member(map, value, step, &value))
            return false;
    }
    *out = value;
    return true;
}

void eventure__map_find(const eventure__map *map, eventure__span record, eventure__span out[EVENTURE__PARTS])
{
    eventure__members members = eventure__members_of(record.at, record.len);
    eventure__span key;
    eventure__span value;
    bool has_flat[EVENTURE__PARTS] = {false};
    for (size_t part = 0; part < EVENTURE__PARTS; part++)
    {
        const eventure__path *path = &map->paths[part];
        out[part] = (eventure__span){NULL, 0};
        if (path->is_constant)
            out[part] = (eventure__span){map->text.bytes + path->steps[0].offset, path->steps[0].len};
        else if (path->is_whole)
            out[part] = record;
    }
    while (eventure__members_next(&members, &key, &value))
        for (size_t part = 0; part < EVENTURE__PARTS; part++)
        {
            const eventure__path *path = &map->paths[part];
            if (!path->is_given || path->is_constant || path->is_whole)
                continue;
            if (is_flat(map, path, key))
            {
                out[part] = value;
                has_flat[part] = true;
            }
            else if (!has_flat[part] && is_key(map, path->steps[0].offset, path->steps[0].len, key))
                (void)follow(map, path, value, &out[part]);
        }
}

/* --- The rest --- */

/* The part of a member that the map uses: nothing, all of it, or something in it. */
typedef enum taking
{
    TAKES_NOTHING,
    TAKES_ALL,
    TAKES_SOME
} taking;

/* The paths to search in an object, one bit for each part: the paths whose earlier steps led to the object, and at the
   top those that are one key. */
typedef struct looked_for
{
    unsigned steps;
    unsigned flat;
} looked_for;

static taking what_is_taken(const eventure__map *map, looked_for parts, size_t level, eventure__span key,
                            eventure__span value, unsigned *out_parts)
{
    *out_parts = 0;
    for (size_t part = 0; part < EVENTURE__PARTS; part++)
    {
        const eventure__path *path = &map->paths[part];
        if ((parts.flat >> part & 1) != 0 && is_flat(map, path, key))
            return TAKES_ALL;
        if ((parts.steps >> part & 1) == 0 || !is_key(map, path->steps[level].offset, path->steps[level].len, key))
            continue;
        if (level + 1 == path->steps_count)
            return TAKES_ALL;
        if (*value.at == '{')
            *out_parts |= 1U << part;
    }
    return *out_parts != 0 ? TAKES_SOME : TAKES_NOTHING;
}

/* Appends an object without the members that the paths use. Recurses along the paths only: EVENTURE__PATH_STEPS deep at
   most. */
static void append_rest(const eventure__map *map, looked_for parts, size_t level, eventure__span object,
                        eventure__buffer *out)
{
    eventure__members members = eventure__members_of(object.at, object.len);
    eventure__span key;
    eventure__span value;
    bool is_first = true;
    eventure__buffer_append_char(out, '{');
    while (eventure__members_next(&members, &key, &value))
    {
        unsigned inner = 0;
        const taking taken = what_is_taken(map, parts, level, key, value, &inner);
        if (taken == TAKES_ALL)
            continue;
        const size_t before = out->len;
        if (!is_first)
            eventure__buffer_append_char(out, ',');
        if (taken == TAKES_NOTHING)
            eventure__buffer_append(out, key.at - 1, (size_t)(value.at + value.len - key.at) + 1);
        else
        {
            eventure__buffer_append(out, key.at - 1, key.len + 3);
            const size_t begin = out->len;
            append_rest(map, (looked_for){inner, 0}, level + 1, value, out);
            if (!out->failed && out->len == begin + 2 && value.len > 2)
            {
                out->len = before;
                continue;
            }
        }
        is_first = false;
    }
    eventure__buffer_append_char(out, '}');
}

/* Whether the record has the path as one key. */
static bool has_flat(const eventure__map *map, const eventure__path *path, eventure__span record)
{
    eventure__members members = eventure__members_of(record.at, record.len);
    eventure__span key;
    eventure__span value;
    while (eventure__members_next(&members, &key, &value))
        if (is_flat(map, path, key))
            return true;
    return false;
}

void eventure__map_rest(const eventure__map *map, eventure__span record, eventure__buffer *out)
{
    looked_for parts = {0, 0};
    for (size_t part = 0; part < EVENTURE__PARTS; part++)
    {
        const eventure__path *path = &map->paths[part];
        if (!path->is_given || path->is_constant || path->is_whole)
            continue;
        if (path->steps_count > 1 && has_flat(map, path, record))
            parts.flat |= 1U << part;
        else
            parts.steps |= 1U << part;
    }
    append_rest(map, parts, 0, record, out);
}
