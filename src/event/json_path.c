/*
 * Values at paths in compact JSON: see eventure__json_path in json.h.
 */
#include "event/json.h"

#include <string.h>

/* The deepest path that is followed. */
#define PATH_DEPTH 64

/* Reads the number of an element: digits only, no leading zero. */
static bool read_index(const char *text, size_t len, size_t *out)
{
    size_t value = 0;
    if (len == 0 || len > 9 || (len > 1 && text[0] == '0'))
        return false;
    for (size_t i = 0; i < len; i++)
    {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (size_t)(text[i] - '0');
    }
    *out = value;
    return true;
}

static bool find_step(eventure__span container, const char *step, size_t step_len, eventure__span *out)
{
    size_t index = 0;
    if (container.len > 0 && container.at[0] == '{')
        return eventure__json_find(container.at, container.len, step, step_len, out);
    return container.len > 0 && container.at[0] == '[' && read_index(step, step_len, &index) &&
           eventure__json_element(container.at, container.len, index, out);
}

/* The end of the last step of the text at or before `end`: a dot that precedes it, or 0. */
static size_t dot_before(const char *text, size_t end)
{
    while (end > 0 && text[end - 1] != '.')
        end--;
    return end > 0 ? end - 1 : 0;
}

bool eventure__json_path(eventure__span object, const char *path, size_t path_len, eventure__span *out_value)
{
    for (int depth = 0; depth < PATH_DEPTH; depth++)
    {
        eventure__span found = {NULL, 0};
        size_t len = path_len;
        if (find_step(object, path, path_len, out_value))
            return true;
        do
        {
            len = dot_before(path, len);
        }
        while (len > 0 && !find_step(object, path, len, &found));
        if (len == 0)
            return false;
        object = found;
        path += len + 1;
        path_len -= len + 1;
    }
    return false;
}
