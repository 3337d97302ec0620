/*
 * assert() for the invariants that the code relies on. It checks only in builds with EVENTURE_ASSERT, which are all
 * test builds (CMake defines it for Debug); elsewhere, and in the amalgamation, it does nothing whatever NDEBUG is.
 */
#ifndef EVENTURE_BASE_ASSERTION_H
#define EVENTURE_BASE_ASSERTION_H

#undef NDEBUG
#ifndef EVENTURE_ASSERT
#define NDEBUG
#endif
#include <assert.h>

#endif
