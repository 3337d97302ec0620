/*
 * A lock on a name: on a place where a store is being made, and on the position of a follower, both of which are
 * replaced as a whole, so that no file stays that could be locked. It is an flock(2) on a file beside, PATH-writer. The
 * lock goes with its process, so a file left behind by a crash locks nobody out. (What a log locks is the file of its
 * store: see inode.h.)
 */
#ifndef EVENTURE_STORE_LOCK_H
#define EVENTURE_STORE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct eventure__lock
{
    int descriptor; /* -1: not held */
    char *path;
    bool is_ours;        /* the file may be overwritten and removed */
    uint64_t generation; /* of the process that holds it (base/fork.h) */
} eventure__lock;

#define EVENTURE__LOCK_INIT                                                                                            \
    {                                                                                                                  \
        -1, NULL, false, 0                                                                                             \
    }

/* EVENTURE_ERROR_BUSY at once when somebody else has it; the text names the process. */
eventure_status eventure__lock_take(eventure__lock *lock, const char *store_path, eventure__error *error);

/* Removes the file, if it is ours, and lets go. In a child of the process that holds it, frees the memory. */
void eventure__lock_release(eventure__lock *lock);

#endif
