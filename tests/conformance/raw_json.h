/*
 * Unchanged JSON text: finds members and elements without parsing the values, so that 9007199254740993 is not rounded.
 * The JSON must be valid.
 */
#ifndef EVENTURE_TESTS_RAW_JSON_H
#define EVENTURE_TESTS_RAW_JSON_H

#include <string.h>

/* A run of text. */
typedef struct raw
{
    const char *at;
    size_t len;
} raw;

static inline const char *raw_skip_space(const char *text)
{
    return text + strspn(text, " \t\r\n");
}

static inline const char *raw_skip_string(const char *text)
{
    for (text++; *text != '"'; text++)
        if (*text == '\\')
            text++;
    return text + 1;
}

/* Returns the end of the value at text. */
static inline const char *raw_skip_value(const char *text)
{
    int depth = 0;
    do
    {
        text = raw_skip_space(text);
        if (*text == '"')
            text = raw_skip_string(text);
        else if (*text == '{' || *text == '[')
            depth++, text++;
        else if (*text == '}' || *text == ']')
            depth--, text++;
        else if (*text == ',' || *text == ':')
            text++;
        else
            text += strcspn(text, ",:]} \t\r\n");
    }
    while (depth > 0);
    return text;
}

/* Returns the first element of the array; its `at` is NULL when the array is empty. */
static inline raw raw_first(const char *array)
{
    raw element = {raw_skip_space(array + 1), 0};
    if (*element.at == ']')
        element.at = NULL;
    else
        element.len = (size_t)(raw_skip_value(element.at) - element.at);
    return element;
}

/* Returns the next element; its `at` is NULL after the last element. */
static inline raw raw_next(raw element)
{
    const char *text = raw_skip_space(element.at + element.len);
    raw next = {NULL, 0};
    if (*text == ',')
    {
        next.at = raw_skip_space(text + 1);
        next.len = (size_t)(raw_skip_value(next.at) - next.at);
    }
    return next;
}

/* Returns the value of a member of the object; its `at` is NULL when there is none. The key must not need escapes. */
static inline raw raw_member(raw object, const char *key)
{
    raw value = {NULL, 0};
    const char *text = raw_skip_space(object.at + 1);
    while (*text == '"')
    {
        const char *name = text + 1;
        text = raw_skip_string(text);
        size_t name_len = (size_t)(text - 1 - name);
        value.at = raw_skip_space(raw_skip_space(text) + 1);
        text = raw_skip_value(value.at);
        value.len = (size_t)(text - value.at);
        if (name_len == strlen(key) && memcmp(name, key, name_len) == 0)
            return value;
        text = raw_skip_space(text);
        if (*text == ',')
            text = raw_skip_space(text + 1);
    }
    value.at = NULL;
    return value;
}

#endif
