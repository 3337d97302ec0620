/*
 * The number of times that a test repeats the same work: a tenth of the usual number when EVENTURE_TEST_SHORT is set,
 * as it is under valgrind and in the presets `coverage` and `tsan`.
 */
#ifndef EVENTURE_TESTS_ROUNDS_H
#define EVENTURE_TESTS_ROUNDS_H

#include "harness.h"

static inline int rounds(int usual)
{
    return harness_is_short() ? (usual + 9) / 10 : usual;
}

#endif
