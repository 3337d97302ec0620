/*
 * Runs the tests of one program: see run_tests.h.
 */
#include "run_tests.h"

#include <stdbool.h>
#include <stdlib.h>

int run_tests(const run_settings *settings, const run_test *tests, size_t count)
{
    Suite *suite = suite_create(settings->name);
    for (size_t i = 0; i < count; i++)
    {
        TCase *self = tcase_create(tests[i].test->name);
        tcase_set_timeout(self, settings->timeout);
        if (settings->before != NULL || settings->after != NULL)
            tcase_add_checked_fixture(self, settings->before, settings->after);
        tcase_add_loop_test(self, tests[i].test, 0, (int)tests[i].count);
        suite_add_tcase(suite, self);
    }
    if (settings->prepare != NULL)
        settings->prepare();
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    /* No test is run when CK_RUN_CASE names none. */
    bool passed = srunner_ntests_run(runner) > 0 && srunner_ntests_failed(runner) == 0;
    srunner_free(runner);
    return passed ? EXIT_SUCCESS : EXIT_FAILURE;
}
