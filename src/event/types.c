/*
 * The check of a type, and the set of known types: see types.h.
 */
#include "event/types.h"

#include <stdlib.h>
#include <string.h>

#include <eventure/event.h>

#include "base/hash.h"
#include "base/pattern.h"
#include "base/sha512.h"
#include "base/utf8.h"
#include "event/id.h"

_Static_assert(EVENTURE__PATTERN_MAX_BYTES == EVENTURE_TYPE_MAX_BYTES, "a pattern can be any type");

eventure_status eventure__type_check(const char *type, size_t len, eventure__error *error)
{
    if (len == 0)
        return eventure__fail(error, EVENTURE_ERROR_TYPE, "the type is empty");
    if (len > EVENTURE_TYPE_MAX_BYTES)
        return eventure__fail(error, EVENTURE_ERROR_TYPE, "the type %s is %zu bytes long, and at most %d are allowed",
                              eventure__quote(type, len).text, len, EVENTURE_TYPE_MAX_BYTES);
    if (memchr(type, '\0', len) != NULL)
        return eventure__fail(error, EVENTURE_ERROR_TYPE, "the type %s contains a NUL",
                              eventure__quote(type, len).text);
    if (!eventure__utf8_valid(type, len))
        return eventure__fail(error, EVENTURE_ERROR_TYPE, "the type %s is not valid UTF-8",
                              eventure__quote(type, len).text);
    return EVENTURE_OK;
}

/* Returns the slot of a name, or the empty slot for it. */
static size_t slot_of(const eventure__types *types, const char *name, size_t len)
{
    size_t mask = types->slots_count - 1;
    size_t slot = (size_t)eventure__hash(name, len) & mask;
    while (types->slots[slot] != 0)
    {
        const eventure__type *type = eventure__types_get(types, types->slots[slot]);
        if (type->name_len == len && memcmp(type->name, name, len) == 0)
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

/* Doubles the number of slots and reinserts all types. */
static bool grow_slots(eventure__types *types)
{
    size_t count = types->slots_count == 0 ? 64 : types->slots_count * 2;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (slots == NULL)
        return false;
    free(types->slots);
    types->slots = slots;
    types->slots_count = count;
    for (size_t i = 0; i < types->count; i++)
        slots[slot_of(types, types->list[i].name, types->list[i].name_len)] = (uint32_t)(i + 1);
    return true;
}

/* Reserves space for one more type and keeps the slots at most half full. */
static bool make_room(eventure__types *types)
{
    if (types->count == types->capacity)
    {
        size_t capacity = types->capacity == 0 ? 32 : types->capacity * 2;
        eventure__type *list = realloc(types->list, capacity * sizeof *list);
        if (list == NULL)
            return false;
        types->list = list;
        types->capacity = capacity;
    }
    return (types->count + 1) * 2 <= types->slots_count || grow_slots(types);
}

size_t eventure__types_find(const eventure__types *types, const char *name, size_t name_len)
{
    return types->slots_count == 0 ? 0 : types->slots[slot_of(types, name, name_len)];
}

size_t eventure__types_add(eventure__types *types, const char *name, size_t name_len)
{
    size_t number = eventure__types_find(types, name, name_len);
    if (number != 0)
        return number;
    char *copy = make_room(types) ? malloc(name_len + 1) : NULL;
    if (copy == NULL)
        return 0;
    memcpy(copy, name, name_len);
    copy[name_len] = '\0';
    size_t slot = slot_of(types, name, name_len);
    eventure__type *type = &types->list[types->count++];
    type->name = copy;
    type->name_len = name_len;
    eventure__type_hash(name, name_len, type->hash);
    type->hash_code = eventure__hash_code(type->hash);
    types->slots[slot] = (uint32_t)types->count;
    return types->count;
}

void eventure__types_free(eventure__types *types)
{
    for (size_t i = 0; i < types->count; i++)
        free(types->list[i].name);
    free(types->list);
    free(types->slots);
    *types = (eventure__types){0};
}
