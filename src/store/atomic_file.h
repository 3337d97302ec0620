/*
 * The place of a new store, which appears there whole or not at all.
 *
 * It is made under another name beside its place (PATH-new), synced, and moved. The lock of the name is held meanwhile,
 * so that two do not make the same file, and what a killed process left behind is cleared away by the next one. A store
 * that is replaced is locked as by a log.
 */
#ifndef EVENTURE_STORE_PLACE_H
#define EVENTURE_STORE_PLACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "store/inode.h"
#include "store/lock.h"

typedef struct eventure__atomic_file
{
    char *path;       /* as a name that SQLite takes for nothing but a file's */
    char *temporary;  /* where the store is made: an empty file in the beginning */
    const char *what; /* for messages: "copy a.db" */
    bool replace;
    mode_t mode; /* the permission bits of the store that the new one is made of */
    eventure__lock lock;
    eventure__inode *replaced; /* the store at the place, locked; NULL: there is none */
    eventure__error *error;
} eventure__atomic_file;

/* Checks the place and locks it. `source_path` is the store that the new one is made of. What is given is borrowed.
 * After an error, there is nothing to abandon. */
eventure_status eventure__atomic_file_open(eventure__atomic_file *place, const char *what, const char *path,
                                           bool replace, const char *source_path, eventure__error *error);

/* Moves the store, which is closed by now, to its place if the work was done (status is EVENTURE_OK); else clears it
 * away. Returns status, or that of moving. */
eventure_status eventure__atomic_file_close(eventure__atomic_file *place, eventure_status status);

#endif
