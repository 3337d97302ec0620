/*
 * Common parts of the fault tests: their duration and their report. Each test is a program without a framework, because
 * most of them are several processes.
 */
#ifndef EVENTURE_TESTS_HARNESS_H
#define EVENTURE_TESTS_HARNESS_H

#include <stdbool.h>
#include <stdint.h>

/* Ends the process with the text when the condition does not hold. */
#define must(condition, ...) ((condition) ? (void)0 : harness_fail(__FILE__, __LINE__, #condition, __VA_ARGS__))

#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
_Noreturn void
harness_fail(const char *file, int line, const char *condition, const char *format, ...);

/* Whether EVENTURE_TEST_SHORT is set: a test that repeats similar work may then try a sample only. */
bool harness_is_short(void);

/* Whether to run one more round: with EVENTURE_SOAK_SECONDS at least `rounds`, until this number of seconds has passed
   since round 0; otherwise a quarter of them; with EVENTURE_TEST_SHORT one in twenty. */
bool harness_more(long round, long rounds);

/* For a test without rounds: returns its duration in seconds. */
int harness_seconds(int least);

/* For a test of many similar cases: whether to try each case, and not only a sample of them. True while soaking, until
   EVENTURE_SOAK_SECONDS have passed since `began_ms` (harness_now_ms). */
bool harness_exhaustive(int64_t began_ms);

/* Returns the next number, below `below`, of the pseudo-random sequence whose state is *seed, which must not be 0. */
uint64_t harness_random(uint64_t *seed, uint64_t below);

/* Returns and prints a seed: EVENTURE_TEST_SEED, or a constant; another one each time while soaking. */
uint64_t harness_seed(void);

/* Reports the work, such as "300 rounds, 4,000 ticks": prints it, and stores it for the table in the folder
   EVENTURE_FAULT_COUNTS. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void harness_say(const char *name, const char *format, ...);

/* The test of a test: whether the work, done in a process of its own, ends with harness_fail, or is ended by a
 * sanitizer. */
bool harness_notices(void (*work)(void *context), void *context);

/* Returns a monotonic time in milliseconds. */
int64_t harness_now_ms(void);

/* Returns a monotonic time in seconds. */
double harness_now(void);

void harness_sleep_us(int64_t us);

/* Changes to a new directory in memory, if the system has one, for tests that simulate the disk's faults. harness_leave
   removes it; it is kept when the test fails. */
void harness_enter(void);
void harness_leave(void);

/* Removes a store and all files beside it. */
void harness_remove(const char *path);

/* Whole files. */
unsigned char *harness_load(const char *path, long *out_len);
void harness_store(const char *path, const unsigned char *bytes, long len);

#endif
