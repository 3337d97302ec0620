/*
 * A lock on a name: on the place where a store is being made, or on the position of a follower. Both files are replaced
 * as a whole, so there is no permanent file to lock. The lock is a flock(2) on the file PATH-writer beside it. It ends
 * with its process, so a file that a crash leaves behind locks nothing. (A log locks the file of its store: see
 * inode.h.)
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
    uint64_t generation; /* generation of the process that holds the lock (base/fork_generation.h) */
} eventure__lock;

#define EVENTURE__LOCK_INIT                                                                                            \
    {                                                                                                                  \
        -1, NULL, false, 0                                                                                             \
    }

/* Takes the lock. Waits up to a second for another holder, which may be a process that is being killed; then
 * EVENTURE_ERROR_BUSY, whose text names the process. */
eventure_status eventure__lock_take(eventure__lock *lock, const char *store_path, eventure__error *error);

/* Removes the file, if is_ours is set, and releases the lock. In a child of the process that holds the lock, only
 * frees the memory. */
void eventure__lock_release(eventure__lock *lock);

#endif
