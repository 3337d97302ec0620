/*
 * The map of an import: the places of an event's parts in a record of another program. Its syntax is
 * `PART=PATH,PART=PATH`; see docs/import.md.
 */
#ifndef EVENTURE_TRANSFER_MAP_H
#define EVENTURE_TRANSFER_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "event/json.h"

/* The longest path, in steps, because functions recurse along a path. */
#define EVENTURE__PATH_STEPS 16

typedef enum eventure__event_part
{
    EVENTURE__PART_TYPE,
    EVENTURE__PART_TIME,
    EVENTURE__PART_ID,
    EVENTURE__PART_PARENT,
    EVENTURE__PART_TICK,
    EVENTURE__PART_DATA,
    EVENTURE__PARTS
} eventure__event_part;

typedef struct eventure__step
{
    size_t offset; /* the key, escaped as in compact JSON, in the map's text; */
    size_t len;
    bool is_element; /* or an element of an array */
    size_t index;
} eventure__step;

typedef struct eventure__path
{
    bool is_given;
    bool is_constant; /* the one step is the value, a string literal */
    bool is_whole;    /* the record itself */
    size_t written_offset;
    size_t written_len; /* the original text of the path, in the map's text */
    size_t flat_offset; /* the path as one key, escaped as in compact JSON */
    size_t flat_len;
    size_t steps_count;
    eventure__step steps[EVENTURE__PATH_STEPS];
} eventure__path;

typedef struct eventure__map
{
    eventure__buffer text;
    eventure__path paths[EVENTURE__PARTS];
} eventure__map;

/* Reads a map. Returns EVENTURE_ERROR_ARGUMENT with a description, or EVENTURE_ERROR_MEMORY. eventure__map_free must be
   called in any case. */
eventure_status eventure__map_read(eventure__map *map, const char *text, eventure__error *error);

/* Finds the values of the parts in a record, a compact JSON object; `at` is NULL where there is none. */
void eventure__map_find(const eventure__map *map, eventure__span record, eventure__span out[EVENTURE__PARTS]);

/* Appends the record without the values that the map finds in it. An object that becomes empty is left out. */
void eventure__map_rest(const eventure__map *map, eventure__span record, eventure__buffer *out);

/* The name of a part, and its path as it was written. */
const char *eventure__part_name(eventure__event_part part);
eventure__span eventure__map_written(const eventure__map *map, eventure__event_part part);

/* Returns the key for a value that is not an object and becomes the data: the last key of the path. */
eventure__span eventure__map_last_key(const eventure__map *map, eventure__event_part part);

void eventure__map_free(eventure__map *map);

#endif
