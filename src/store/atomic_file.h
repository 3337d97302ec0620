/*
 * The path of a new store, which appears there complete or not at all.
 *
 * The store is made under another name beside its path (PATH-new), synced, and moved. The name is locked meanwhile, so
 * that two processes do not make the same file, and the next process removes the remains of a killed one. A store that
 * is replaced is locked as by a log.
 */
#ifndef EVENTURE_STORE_ATOMIC_FILE_H
#define EVENTURE_STORE_ATOMIC_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "store/inode.h"
#include "store/lock.h"

typedef struct eventure__atomic_file
{
    char *path;       /* in the form that SQLite interprets as a file name only */
    char *temporary;  /* where the store is made: an empty file at first */
    const char *what; /* for messages: "copy a.db" */
    bool replace;
    mode_t mode; /* permission bits of the source store; without one, of the replaced store, or those of a new file */
    eventure__lock lock;
    eventure__inode *replaced; /* the store at the target, locked; NULL: there is none */
    eventure__error *error;
} eventure__atomic_file;

/* Checks the path and locks it. `source_path` is the store from which the new one is made; NULL: none. The arguments
 * are borrowed. After an error, the caller does not call eventure__atomic_file_close. */
eventure_status eventure__atomic_file_open(eventure__atomic_file *target, const char *what, const char *path,
                                           bool replace, const char *source_path, eventure__error *error);

/* When `status` is EVENTURE_OK, moves the finished and closed store to its target; otherwise removes it. Returns
 * `status`, or the error of moving. */
eventure_status eventure__atomic_file_close(eventure__atomic_file *target, eventure_status status);

#endif
