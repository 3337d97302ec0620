/*
 * Makes the nth allocation fail. For programs that are linked with eventure_fail_allocations
 * (tests/unit/CMakeLists.txt): malloc, calloc, realloc and strdup in all statically linked code then call the functions
 * here.
 *
 *     bool hit = true;
 *     for (long n = 1; hit; n++)
 *     {
 *         alloc_fail_at(n);
 *         status = the_call();
 *         hit = alloc_fail_stop();
 *         ck_assert_int_eq(status, hit ? EVENTURE_ERROR_MEMORY : EVENTURE_OK);
 *     }
 */
#ifndef EVENTURE_TESTS_ALLOC_FAIL_H
#define EVENTURE_TESTS_ALLOC_FAIL_H

#include <stdbool.h>

/* Makes the nth allocation after this call fail, and only that one. */
void alloc_fail_at(long n);

/* Makes the nth allocation after this call and all later ones fail. */
void alloc_fail_from(long n);

/* Makes the first allocation of the program's own code fail that comes from its nth place (see call_places.h). SQLite's
 * allocations do not count: there are too many places. */
void alloc_fail_at_place(long n);

/* Ends the failures. Returns whether an allocation failed since alloc_fail_at. */
bool alloc_fail_stop(void);

/* Prints the call stack of the allocation that alloc_fail_at_place made fail. */
void alloc_fail_print(void);

#endif
