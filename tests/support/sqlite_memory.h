/*
 * SQLite's memory from malloc of the program, so that alloc_fail.h makes SQLite's allocations fail, too.
 */
#ifndef EVENTURE_TESTS_SQLITE_MEMORY_H
#define EVENTURE_TESTS_SQLITE_MEMORY_H

/* Before any other use of SQLite in the process. Ends the process when that is not possible. */
void sqlite_memory_from_malloc(void);

#endif
