/*
 * Keys from a list: see export_columns.h.
 */
#include "export_columns.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Copies a key up to its comma, without the backslashes; *at moves past the comma, to NULL at the end. */
static char *take_key(const char **at)
{
    char *key = malloc(strlen(*at) + 1);
    size_t len = 0;
    const char *c = *at;
    if (key == NULL)
        return NULL;
    for (; *c != '\0' && *c != ','; c++)
    {
        if (*c == '\\' && (c[1] == ',' || c[1] == '\\'))
            c++;
        key[len++] = *c;
    }
    key[len] = '\0';
    *at = *c == ',' ? c + 1 : NULL;
    return key;
}

const char *export_columns_add(const char *value, void *target)
{
    export_columns *columns = target;
    const char *at = value;
    while (at != NULL)
    {
        const char **keys = realloc(columns->keys, (columns->count + 1) * sizeof *keys);
        if (keys == NULL)
            return "cannot be stored: out of memory";
        columns->keys = keys;
        keys[columns->count] = take_key(&at);
        if (keys[columns->count] == NULL)
            return "cannot be stored: out of memory";
        columns->count++;
    }
    return NULL;
}

void export_columns_free(export_columns *columns)
{
    for (size_t i = 0; i < columns->count; i++)
        free((char *)columns->keys[i]);
    free(columns->keys);
}
