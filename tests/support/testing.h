/*
 * The header of all test files of Check: assertions that print the text of an error, and the settings of a test
 * program.
 *
 * A test file has no main function and no list of its tests: make_runner.py makes both from the lines that begin with
 * START_TEST, LOOP_TEST and TEST_*, each of which is a line of its own. Each test is a case of Check by its own name.
 */
#ifndef EVENTURE_TESTS_TESTING_H
#define EVENTURE_TESTS_TESTING_H

#include <check.h>
#include <string.h>

#include <eventure/eventure.h>

/* A test that runs `count` times, with 0 to count - 1 in `_i`. */
#define LOOP_TEST(name, count) START_TEST(name)

/* Functions that run before and after each test, in its process; NULL: none. */
#define TEST_FIXTURE(before, after) struct test_setting

/* A function that the program calls once, before the first test. The assertions of Check do not work in it. */
#define TEST_PREPARE(prepare) struct test_setting

/* The time limit of each test of the file, in seconds; without it RUN_TESTS_TIMEOUT (see run_tests.h). */
#define TEST_TIMEOUT(seconds) struct test_setting

/* The number of elements of an array. */
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static inline const char *expect_last_message(const void *none)
{
    (void)none;
    return eventure_last_message();
}

/* The text of the last error of a handle; with NULL, the last error of the thread. */
#define EXPECT_MESSAGE(handle)                                                                                         \
    _Generic((handle),                                                                                                 \
        eventure_log *: eventure_log_message,                                                                          \
        eventure_reader *: eventure_reader_message,                                                                    \
        eventure_bus *: eventure_bus_message,                                                                          \
        eventure_batch *: eventure_batch_message,                                                                      \
        eventure_projection *: eventure_projection_message,                                                            \
        eventure_projector *: eventure_projector_message,                                                              \
        eventure_follower *: eventure_follower_message,                                                                \
        void *: expect_last_message)(handle)

/*
 * Asserts that a call returns a status. When it returns another one, the test fails with the text of the call, the
 * names of both statuses, and the text of the handle's last error. `handle` is evaluated after the call, and only then.
 * It is NULL when there is no handle, as for a call that opens one or closes it.
 */
#define expect_status(expected, handle, call)                                                                          \
    do                                                                                                                 \
    {                                                                                                                  \
        const eventure_status expect_got = (call);                                                                     \
        ck_assert_msg(expect_got == (expected), "%s returned %s instead of %s: %s", #call,                             \
                      eventure_status_name(expect_got), eventure_status_name(expected), EXPECT_MESSAGE(handle));       \
    }                                                                                                                  \
    while (0)

/* Asserts that a call returns EVENTURE_OK: see expect_status. */
#define expect_ok(handle, call) expect_status(EVENTURE_OK, handle, call)

/* Asserts that a text contains a part. A failure shows both. */
#define expect_part(text, part)                                                                                        \
    do                                                                                                                 \
    {                                                                                                                  \
        const char *const expect_text = (text);                                                                        \
        const char *const expect_wanted = (part);                                                                      \
        ck_assert_ptr_nonnull(expect_text);                                                                            \
        ck_assert_msg(strstr(expect_text, expect_wanted) != NULL, "no \"%s\" in: %s", expect_wanted, expect_text);     \
    }                                                                                                                  \
    while (0)

#endif
