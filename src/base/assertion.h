/*
 * assert() for the invariants that the code relies on. It checks only in builds with EVENTURE_ASSERT. CMake defines it
 * for builds of type Debug and with the option of that name: in all presets except `release`, which tests the library
 * as users install it. Elsewhere, and in the amalgamation, it does nothing, for any value of NDEBUG.
 */
#ifndef EVENTURE_BASE_ASSERTION_H
#define EVENTURE_BASE_ASSERTION_H

#undef NDEBUG
#ifndef EVENTURE_ASSERT
#define NDEBUG
#endif
#include <assert.h>

#endif
