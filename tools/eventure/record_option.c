/*
 * Changes of the record of a run: see record_option.h.
 */
#include "record_option.h"

#include <stdlib.h>
#include <string.h>

const char *record_add_change(const char *value, void *target)
{
    record_changes *changes = target;
    const char *json = strchr(value, '=');
    if (json == NULL || json == value)
        return "is not KEY=JSON";
    char *key = strndup(value, (size_t)(json - value));
    eventure_field *fields = realloc(changes->fields, (changes->count + 1) * sizeof *fields);
    if (fields != NULL)
        changes->fields = fields;
    if (key == NULL || fields == NULL)
    {
        free(key);
        return "cannot be kept: out of memory";
    }
    fields[changes->count++] = eventure_json_field(key, json + 1);
    return NULL;
}

eventure_data record_changes_data(const record_changes *changes)
{
    return eventure_data_fields(changes->fields, changes->count);
}

void record_changes_free(record_changes *changes)
{
    for (size_t i = 0; i < changes->count; i++)
        free((char *)changes->fields[i].key);
    free(changes->fields);
    *changes = (record_changes){0};
}
