/*
 * How often a loop runs that is long for its own sake: a tenth when EVENTURE_TEST_SHORT is set, as it is under
 * valgrind.
 */
#ifndef EVENTURE_TESTS_ROUNDS_H
#define EVENTURE_TESTS_ROUNDS_H

#include <stdlib.h>

static inline int rounds(int usual)
{
    return getenv("EVENTURE_TEST_SHORT") != NULL ? (usual + 9) / 10 : usual;
}

#endif
