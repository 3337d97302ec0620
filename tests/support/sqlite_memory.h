/*
 * SQLite's memory from malloc of the program, so that alloc_fail.h makes SQLite's allocations fail, too.
 */
#ifndef EVENTURE_TESTS_SQLITE_MEMORY_H
#define EVENTURE_TESTS_SQLITE_MEMORY_H

#include <stdbool.h>

/* Before any other use of SQLite in the process. Ends the process when that is not possible. */
void sqlite_memory_from_malloc(void);

/* Whether the current call of malloc or realloc is one of SQLite. */
bool sqlite_memory_is_allocating(void);

#endif
