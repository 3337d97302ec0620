/*
 * The cache of the `type` table: rows name their type by number, the library by text. Types are only ever added, so
 * what is cached stays right; only a rollback takes some back.
 */
#include <stdlib.h>
#include <string.h>

#include "store/store.h"

/* The golden ratio of 64 bits, whose high bits mix well (Knuth, The Art of Computer Programming 3, 6.4). */
#define RATIO UINT64_C(0x9E3779B97F4A7C15)

static uint64_t mix(uint64_t hash, uint64_t bits)
{
    hash = (hash ^ bits) * RATIO;
    return hash ^ hash >> 32;
}

/* Takes eight bytes at a time, and the last eight again for what is left: a name is looked up for each event. */
static uint64_t hash_of(const char *name, size_t len)
{
    uint64_t hash = len;
    uint64_t eight = 0;
    if (len < sizeof eight)
    {
        for (size_t i = 0; i < len; i++)
            eight = eight << 8 | (unsigned char)name[i];
        return mix(hash, eight);
    }
    for (size_t i = 0; i + sizeof eight < len; i += sizeof eight)
    {
        memcpy(&eight, name + i, sizeof eight);
        hash = mix(hash, eight);
    }
    memcpy(&eight, name + len - sizeof eight, sizeof eight);
    return mix(hash, eight);
}

/* The slot of a name, or the empty one where it would go. */
static size_t slot_of(const eventure_reader *store, const char *name, size_t len)
{
    size_t mask = store->type_slots_count - 1;
    size_t slot = (size_t)hash_of(name, len) & mask;
    while (store->type_slots[slot] != 0)
    {
        const eventure__type *type = &store->types[store->type_slots[slot] - 1];
        if (type->name_len == len && memcmp(type->name, name, len) == 0)
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

/* Fills the slots anew, for at least `count` types at most half full. */
static bool rebuild_slots(eventure_reader *store, size_t count)
{
    size_t wanted = 64;
    while (wanted < count * 2)
        wanted *= 2;
    if (wanted != store->type_slots_count)
    {
        uint32_t *slots = malloc(wanted * sizeof *slots);
        if (slots == NULL)
            return false;
        free(store->type_slots);
        store->type_slots = slots;
        store->type_slots_count = wanted;
    }
    memset(store->type_slots, 0, store->type_slots_count * sizeof *store->type_slots);
    for (size_t i = 0; i < store->types_count; i++)
        store->type_slots[slot_of(store, store->types[i].name, store->types[i].name_len)] = (uint32_t)(i + 1);
    return true;
}

static bool make_room(eventure_reader *store)
{
    if (store->types_count == store->types_capacity)
    {
        size_t capacity = store->types_capacity == 0 ? 32 : store->types_capacity * 2;
        eventure__type *types = realloc(store->types, capacity * sizeof *types);
        if (types == NULL)
            return false;
        store->types = types;
        store->types_capacity = capacity;
    }
    return (store->types_count + 1) * 2 <= store->type_slots_count || rebuild_slots(store, store->types_count + 1);
}

eventure_status eventure__store_add_type(eventure_reader *store, const char *name, size_t name_len, const char *hash)
{
    char *copy = make_room(store) ? malloc(name_len + 1) : NULL;
    if (copy == NULL)
        return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "out of memory for the types");
    memcpy(copy, name, name_len);
    copy[name_len] = '\0';
    size_t slot = slot_of(store, name, name_len);
    eventure__type *type = &store->types[store->types_count++];
    type->name = copy;
    type->name_len = name_len;
    strncpy(type->hash, hash, sizeof type->hash - 1);
    type->hash[sizeof type->hash - 1] = '\0';
    store->type_slots[slot] = (uint32_t)store->types_count;
    return EVENTURE_OK;
}

void eventure__store_forget_types(eventure_reader *store, size_t count)
{
    if (count >= store->types_count)
        return;
    while (store->types_count > count)
        free(store->types[--store->types_count].name);
    /* Fewer types than there were fit the slots that are there: this cannot fail. */
    memset(store->type_slots, 0, store->type_slots_count * sizeof *store->type_slots);
    for (size_t i = 0; i < store->types_count; i++)
        store->type_slots[slot_of(store, store->types[i].name, store->types[i].name_len)] = (uint32_t)(i + 1);
}

eventure_status eventure__store_load_types(eventure_reader *store)
{
    static const char sql[] = "SELECT id, name, hash FROM type WHERE id > ?1 ORDER BY id";
    sqlite3_stmt *statement = NULL;
    eventure_status status = eventure__store_take(store, sql, sizeof sql - 1, &statement);
    if (status != EVENTURE_OK)
        return status;
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)store->types_count);
    int step = SQLITE_DONE;
    while (status == EVENTURE_OK && (step = sqlite3_step(statement)) == SQLITE_ROW)
    {
        const char *name = (const char *)sqlite3_column_text(statement, 1);
        const char *hash = (const char *)sqlite3_column_text(statement, 2);
        if (sqlite3_column_int64(statement, 0) != (sqlite3_int64)store->types_count + 1 || name == NULL || hash == NULL)
            status = eventure__fail(&store->error, EVENTURE_ERROR_CORRUPT,
                                    "%s is damaged: row %lld of table type is not what follows %zu types", store->path,
                                    (long long)sqlite3_column_int64(statement, 0), store->types_count);
        else
            status = eventure__store_add_type(store, name, (size_t)sqlite3_column_bytes(statement, 1), hash);
    }
    if (status == EVENTURE_OK && step != SQLITE_DONE)
        status = eventure__store_fail(store, "read the types");
    eventure__store_give(store, statement);
    return status;
}

const eventure__type *eventure__store_type(eventure_reader *store, int64_t type_id)
{
    if (type_id < 1 || (uint64_t)type_id > store->types_count)
    {
        if (eventure__store_load_types(store) != EVENTURE_OK)
            return NULL;
        if (type_id < 1 || (uint64_t)type_id > store->types_count)
        {
            eventure__fail(&store->error, EVENTURE_ERROR_CORRUPT, "%s is damaged: an event has type %lld, of %zu types",
                           store->path, (long long)type_id, store->types_count);
            return NULL;
        }
    }
    return &store->types[type_id - 1];
}

int64_t eventure__store_type_id(eventure_reader *store, const char *name, size_t name_len)
{
    if (store->type_slots_count == 0)
        return 0;
    return store->type_slots[slot_of(store, name, name_len)];
}
