/*
 * The linker's --wrap turns calls of malloc into calls of __wrap_malloc, and __real_malloc is the one of the C library.
 */
#include "alloc_fail.h"

#include <stdatomic.h>
#include <stddef.h>

#include "call_places.h"
#include "sqlite_memory.h"

static atomic_long countdown; /* the allocation that brings it to 0 fails */
static atomic_bool failed;
static atomic_bool fails_on; /* and all after it */
static call_places places;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);

void alloc_fail_at(long n)
{
    atomic_store(&failed, false);
    atomic_store(&fails_on, false);
    atomic_store(&countdown, n);
}

void alloc_fail_from(long n)
{
    alloc_fail_at(n);
    atomic_store(&fails_on, true);
}

void alloc_fail_at_place(long n)
{
    alloc_fail_at(0);
    call_places_begin(&places, n, 1);
}

void alloc_fail_print(void)
{
    call_places_print(&places);
}

bool alloc_fail_stop(void)
{
    call_places_end(&places);
    atomic_store(&countdown, 0);
    return atomic_load(&failed);
}

static bool fails_now(void)
{
    if (!sqlite_memory_is_allocating() && call_places_found(&places))
    {
        atomic_store(&failed, true);
        return true;
    }
    if (atomic_load(&countdown) <= 0 || atomic_fetch_sub(&countdown, 1) != 1)
        return false;
    atomic_store(&failed, true);
    if (atomic_load(&fails_on))
        atomic_store(&countdown, 1);
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fails_now() ? NULL : __real_realloc(memory, size);
}

char *__wrap_strdup(const char *text)
{
    return fails_now() ? NULL : __real_strdup(text);
}
