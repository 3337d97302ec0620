/*
 * SQLite in a child of fork: a mutex of SQLite that another thread had locked at the time of the fork would stay locked
 * in the child without end, and each call that needs it would wait for it. Such mutexes are those of the whole library
 * (memory, the page cache, open files, random numbers). So the thread that forks locks all of them before the fork, and
 * both processes unlock them after it. The data that they protect is then consistent in the child, too.
 *
 * The mutex of a connection is not locked: a child does not use an inherited connection (base/fork_generation.h).
 */
#ifndef EVENTURE_STORE_SQLITE_FORK_H
#define EVENTURE_STORE_SQLITE_FORK_H

/* Installs these pthread_atfork handlers, and those of eventure__fork_watch, instead of which the functions that use
 * SQLite call it. Handlers for a mutex that is held during calls of SQLite must be installed later. Later calls do
 * nothing. Returns 0 or an errno. */
int eventure__sqlite_fork_watch(void);

#endif
