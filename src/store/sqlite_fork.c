/*
 * The mutexes of SQLite around a fork: see sqlite_fork.h.
 */
#include "store/sqlite_fork.h"

#include <pthread.h>
#include <stddef.h>

#include <sqlite3.h>

#include "base/fork_generation.h"

/* In the order in which SQLite locks those that it holds together: opening a shared cache; making a temporary name
 * (open files, then random numbers, then the list of VFSs); the page cache, then its memory, then all memory. The
 * mutexes for applications are not in the list: the thread that forks may hold them. */
static const int kinds[] = {
    SQLITE_MUTEX_STATIC_OPEN, SQLITE_MUTEX_STATIC_VFS1, SQLITE_MUTEX_STATIC_PRNG, SQLITE_MUTEX_STATIC_MASTER,
    SQLITE_MUTEX_STATIC_LRU,  SQLITE_MUTEX_STATIC_PMEM, SQLITE_MUTEX_STATIC_MEM,
};

#define KINDS (sizeof kinds / sizeof *kinds)

static sqlite3_mutex *locked[KINDS];
static pthread_once_t watched = PTHREAD_ONCE_INIT;
static int watching_failed;

/* The mutexes exist before the library is initialised, and may be replaced between two forks (SQLITE_CONFIG_MUTEX). */
static void before_fork(void)
{
    for (size_t i = 0; i < KINDS; i++)
    {
        locked[i] = sqlite3_mutex_alloc(kinds[i]);
        sqlite3_mutex_enter(locked[i]); /* NULL, and no effect, when SQLite has no mutexes */
    }
}

/* The child is one thread, which is a copy of the one that has locked the mutexes. */
static void after_fork(void)
{
    for (size_t i = KINDS; i-- > 0;)
        sqlite3_mutex_leave(locked[i]);
}

static void watch(void)
{
    watching_failed = pthread_atfork(before_fork, after_fork, after_fork);
}

int eventure__sqlite_fork_watch(void)
{
    int failed = eventure__fork_watch();
    if (failed == 0)
        failed = pthread_once(&watched, watch);
    return failed != 0 ? failed : watching_failed;
}
