/*
 * Makes a call of SQLite fail with SQLITE_IOERR. For programs that are linked with eventure_fail_sqlite
 * (tests/unit/CMakeLists.txt): the calls that prepare, run and open, in all statically linked code, then call the
 * functions here. A call that fails does nothing, as if SQLite had met the error at once.
 *
 * Each place (see call_places.h) can fail in turn:
 *
 *     bool hit = true;
 *     for (long n = 1; hit; n++)
 *     {
 *         sqlite_fail_at(n, 1);
 *         status = the_call();
 *         hit = sqlite_fail_stop();
 *     }
 */
#ifndef EVENTURE_TESTS_SQLITE_FAIL_H
#define EVENTURE_TESTS_SQLITE_FAIL_H

#include <stdbool.h>

/* Makes one call fail: the `time`th call from its place, which is the nth of the places that are called so often. */
void sqlite_fail_at(long n, int time);

/* Ends the failures. Returns whether a call failed since sqlite_fail_at. */
bool sqlite_fail_stop(void);

/* Whether the call that failed should have ended a read transaction or made a checkpoint: then nothing is lost, and the
 * program may ignore the failure. */
bool sqlite_fail_was_harmless(void);

/* The beginning of the SQL that the call which failed should have run; empty when it runs none. */
const char *sqlite_fail_sql(void);

/* Prints the call stack of the call that failed last, for the message of a test. */
void sqlite_fail_print(void);

#endif
