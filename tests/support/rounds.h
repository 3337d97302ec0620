/*
 * The number of times that a test repeats the same work: a tenth of the usual number when EVENTURE_TEST_SHORT is set,
 * as it is under valgrind and in the preset `coverage`.
 */
#ifndef EVENTURE_TESTS_ROUNDS_H
#define EVENTURE_TESTS_ROUNDS_H

#include <stdlib.h>

static inline int rounds(int usual)
{
    return getenv("EVENTURE_TEST_SHORT") != NULL ? (usual + 9) / 10 : usual;
}

#endif
