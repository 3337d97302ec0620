/*
 * One log at a time writes a file. The lock is an flock(2) on a file beside the store, PATH-writer: not on the store
 * itself, because closing any descriptor of it would drop SQLite's own POSIX locks. The lock goes with its process, so
 * a file left behind by a crash locks nobody out.
 */
#ifndef EVENTURE_STORE_LOCK_H
#define EVENTURE_STORE_LOCK_H

#include <stdbool.h>

#include "base/error.h"

typedef struct eventure__lock
{
    int descriptor; /* -1: not held */
    char *path;
    bool is_ours; /* the file may be overwritten and removed */
} eventure__lock;

#define EVENTURE__LOCK_INIT                                                                                            \
    {                                                                                                                  \
        -1, NULL, false                                                                                                \
    }

/* EVENTURE_ERROR_BUSY at once when somebody else has it; the text names the process. */
eventure_status eventure__lock_take(eventure__lock *lock, const char *store_path, eventure__error *error);

/* Removes the file, if it is ours, and lets go. */
void eventure__lock_release(eventure__lock *lock);

#endif
