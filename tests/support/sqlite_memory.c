/*
 * SQLite's memory from malloc: see sqlite_memory.h. SQLite queries the size of a block, so each block begins with its
 * size.
 */
#include "sqlite_memory.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "harness.h"

typedef union header
{
    int size;
    double align[2];
} header;

static _Thread_local volatile bool is_allocating; /* volatile: the compiler knows that malloc does not read it */

bool sqlite_memory_is_allocating(void)
{
    return is_allocating;
}

static void *memory_get(int size)
{
    is_allocating = true;
    header *at = malloc(sizeof *at + (size_t)size);
    is_allocating = false;
    if (at == NULL)
        return NULL;
    at->size = size;
    return at + 1;
}

static void memory_free(void *memory)
{
    if (memory != NULL)
        free((header *)memory - 1);
}

static void *memory_resize(void *memory, int size)
{
    is_allocating = true;
    header *at = realloc((header *)memory - 1, sizeof *at + (size_t)size);
    is_allocating = false;
    if (at == NULL)
        return NULL;
    at->size = size;
    return at + 1;
}

static int memory_size(void *memory)
{
    return memory != NULL ? ((header *)memory - 1)->size : 0;
}

static int memory_round_up(int size)
{
    return (size + 7) & ~7;
}

static int memory_begin(void *context)
{
    (void)context;
    return SQLITE_OK;
}

static void memory_end(void *context)
{
    (void)context;
}

void sqlite_memory_from_malloc(void)
{
    static const sqlite3_mem_methods methods = {memory_get,      memory_free,  memory_resize, memory_size,
                                                memory_round_up, memory_begin, memory_end,    NULL};
    must(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK, "cannot give SQLite its memory");
    must(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) == SQLITE_OK, "cannot switch lookaside off");
}
