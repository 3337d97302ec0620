/*
 * Types: the check of a name, and the set of known types, which has each name once, with its HASH. Types are never
 * removed, so a name keeps its address and a number identifies a type.
 */
#ifndef EVENTURE_EVENT_TYPES_H
#define EVENTURE_EVENT_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct eventure__type
{
    char *name; /* NUL-terminated */
    size_t name_len;
    char hash[5];
    uint32_t hash_code; /* see event/id.h */
} eventure__type;

/* Zero-initialise it. */
typedef struct eventure__types
{
    eventure__type *list; /* list[number - 1] */
    size_t count;
    size_t capacity;
    uint32_t *slots; /* hash table of numbers by name; 0 is an empty slot; the size is a power of two */
    size_t slots_count;
} eventure__types;

/* Checks a type: 1 to 255 bytes of valid UTF-8 without NUL, otherwise EVENTURE_ERROR_TYPE. */
eventure_status eventure__type_check(const char *type, size_t len, eventure__error *error);

/* Returns the number of a type, from 1, or 0 if it is unknown. */
size_t eventure__types_find(const eventure__types *types, const char *name, size_t name_len);

/* Returns the number of a type, which is added if it is unknown. 0: out of memory. */
size_t eventure__types_add(eventure__types *types, const char *name, size_t name_len);

/* Returns the type of a number that eventure__types_find or _add returned. Valid until a type is added; its name is
 * valid until the set is freed. */
static inline const eventure__type *eventure__types_get(const eventure__types *types, size_t number)
{
    return &types->list[number - 1];
}

void eventure__types_free(eventure__types *types);

#endif
