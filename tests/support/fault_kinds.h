/*
 * The kinds of failures below an operation of the library, for tests in which each call fails in turn: an allocation,
 * SQLite's included (see sqlite_memory.h); a call that SQLite makes of the disk (see fault_vfs.h); a call that the
 * library makes of the system (see system_fail.h); a call that it makes of SQLite (see sqlite_fail.h). The program must
 * be linked with eventure_fail_allocations, eventure_fail_system and eventure_fail_sqlite (tests/unit/CMakeLists.txt).
 */
#ifndef EVENTURE_TESTS_FAULT_KINDS_H
#define EVENTURE_TESTS_FAULT_KINDS_H

#include <stdbool.h>

#include <eventure/status.h>

/* The number of kinds. */
#define FAULT_KINDS 9

/* The place of a failure. */
typedef enum fault_place
{
    FAULT_IN_MEMORY,
    FAULT_ON_DISK,
    FAULT_IN_SYSTEM,
    FAULT_IN_SQLITE
} fault_place;

typedef struct fault_kind
{
    const char *name;
    fault_place place;
    void (*begin)(long n);               /* makes the nth call fail */
    bool (*end)(void);                   /* ends the failures; whether a call failed */
    bool (*fits)(eventure_status error); /* whether the operation may end with this error */
    bool leaves;                         /* whether files may be left behind, because removing them may fail as well */
} fault_kind;

extern const fault_kind fault_kinds[FAULT_KINDS];

/* After end: whether the operation may succeed although a call failed. Only some calls of SQLite must not fail unseen.
 */
bool fault_may_be_ignored(const fault_kind *kind);

/* After end: prints the call stack of the call that failed, when it is known. */
void fault_print(const fault_kind *kind);

#endif
