/*
 * Makes the nth call of the system fail. For programs that are linked with eventure_fail_system
 * (tests/unit/CMakeLists.txt): the calls below, in all statically linked code, then call the functions here. SQLite's
 * own calls do not; fault_vfs.h makes those fail.
 */
#ifndef EVENTURE_TESTS_SYSTEM_FAIL_H
#define EVENTURE_TESTS_SYSTEM_FAIL_H

#include <stdbool.h>
#include <stddef.h>

/* The calls that can be made to fail. */
enum
{
    SYSTEM_OPEN = 1,
    SYSTEM_CLOSE = 2, /* the descriptor is closed nevertheless */
    SYSTEM_READ = 4,
    SYSTEM_WRITE = 8,
    SYSTEM_SYNC = 16,
    SYSTEM_RENAME = 32,
    SYSTEM_LINK = 64,
    SYSTEM_UNLINK = 128,
    SYSTEM_LOCK = 256,
    SYSTEM_STAT = 512, /* stat, lstat, fstat and access */
    SYSTEM_WATCH = 1024,
    SYSTEM_ALL = 2047
};

/* Makes the nth call of these kinds after this call fail with that errno, and only that one. */
void system_fail_at(unsigned kinds, long n, int error);

/* Ends the failures. Returns whether a call failed since system_fail_at. */
bool system_fail_stop(void);

/* Runs the function just before the nth call of these kinds after this call, as another process could. */
void system_run_before(unsigned kinds, long n, void (*run)(void));

/* From now on, each call that reads or writes transfers at most so many bytes; 0: as many as it can. */
void system_transfer_at_most(size_t len);

#endif
