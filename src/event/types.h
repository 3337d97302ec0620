/*
 * Types that were met: their names, each once, with its HASH. Only ever added to, so that a name stays where it is, and
 * a type can be told by its number.
 */
#ifndef EVENTURE_EVENT_TYPES_H
#define EVENTURE_EVENT_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct eventure__type
{
    char *name; /* NUL-terminated */
    size_t name_len;
    char hash[5];
    uint32_t hash_code; /* see event/id.h */
} eventure__type;

/* Zero-initialised is ready. */
typedef struct eventure__types
{
    eventure__type *list; /* list[number - 1] */
    size_t count;
    size_t capacity;
    uint32_t *slots; /* a hash table: numbers by name, 0 is empty; a power of two of them */
    size_t slots_count;
} eventure__types;

/* The number of a type, from 1; 0 when it was not met. */
size_t eventure__types_find(const eventure__types *types, const char *name, size_t name_len);

/* The number of a type, which is added when it was not met; 0: out of memory. */
size_t eventure__types_add(eventure__types *types, const char *name, size_t name_len);

/* The type of a number that one of the two above returned; good until a type is added (its name: until freed). */
static inline const eventure__type *eventure__types_get(const eventure__types *types, size_t number)
{
    return &types->list[number - 1];
}

void eventure__types_free(eventure__types *types);

#endif
