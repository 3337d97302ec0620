/*
 * The main function of a test program with one test case: runs it, and returns the exit code.
 */
#ifndef EVENTURE_TESTS_RUN_TESTS_H
#define EVENTURE_TESTS_RUN_TESTS_H

#include <check.h>

static inline int run_tests(TCase *tests, const char *name)
{
    Suite *suite = suite_create(name);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}

#endif
