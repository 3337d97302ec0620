/*
 * What the fault tests share: how long they run, and what they say at the end. Each is a program without a framework,
 * as most of them are several processes.
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

/* Whether there is to be one more round: `least` rounds at least, and with EVENTURE_SOAK_SECONDS until so many seconds
 * have passed since round 0. With EVENTURE_TEST_SHORT one in twenty. */
bool harness_more(long round, long least);

/* The same for what does not come in rounds: the seconds that it is to last. */
int harness_seconds(int least);

/* A seed: EVENTURE_TEST_SEED, or always the same one; while soaking another one each time. Printed. */
uint64_t harness_seed(void);

/* Says what was done, "300 rounds, 4,000 ticks": printed, and kept for the table in the folder that
 * EVENTURE_FAULT_COUNTS names. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void harness_say(const char *name, const char *format, ...);

/* The test of a test: whether the work, done in a process of its own, ends with harness_fail, or is ended by a
 * sanitizer. */
bool harness_notices(void (*work)(void *context), void *context);

/* The instant now, in milliseconds since some fixed one. */
int64_t harness_now_ms(void);

void harness_sleep_us(int64_t us);

/* Works in a directory of its own in memory, where the system has one: for tests that simulate the disk's faults. It is
 * removed by harness_leave, and left for a look when the test fails. */
void harness_enter(void);
void harness_leave(void);

/* Removes a store and all files beside it. */
void harness_remove(const char *path);

/* Whole files. */
unsigned char *harness_load(const char *path, long *out_len);
void harness_store(const char *path, const unsigned char *bytes, long len);

#endif
