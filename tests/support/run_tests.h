/*
 * Runs the tests of one program. The only callers are the main functions that make_runner.py makes.
 */
#ifndef EVENTURE_TESTS_RUN_TESTS_H
#define EVENTURE_TESTS_RUN_TESTS_H

#include <check.h>
#include <stddef.h>

/* The time limit of a test in seconds, unless its file sets another one. CK_TIMEOUT_MULTIPLIER multiplies both. */
#define RUN_TESTS_TIMEOUT 120

typedef struct run_test
{
    const TTest *test;
    size_t count; /* how many times it runs */
} run_test;

/* See the macros of testing.h. */
typedef struct run_settings
{
    const char *name;
    void (*prepare)(void);
    void (*before)(void);
    void (*after)(void);
    int timeout;
} run_settings;

/* Runs the tests, each as a case by its own name, and returns the exit code of the program. */
int run_tests(const run_settings *settings, const run_test *tests, size_t count);

#endif
