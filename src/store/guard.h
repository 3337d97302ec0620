/*
 * The file of a store, from before SQLite opens it until after SQLite has closed it: the share of this process in it
 * and the lock of its one log (inode.h), and the check that its names still lead to it (identity.h). The functions that
 * other folders use are in store.h.
 */
#ifndef EVENTURE_STORE_GUARD_H
#define EVENTURE_STORE_GUARD_H

#include "store/store.h"

/* Takes a share in the file for a reader. */
eventure_status eventure__guard_use(eventure__store *store);

/* For a log: makes the file when it does not exist, and locks it. EVENTURE_ERROR_BUSY: another log has locked it. */
eventure_status eventure__guard_lock(eventure__store *store, bool exists);

/* For a log, after SQLite has opened its files: from now on each commit checks that the names still lead to them. */
eventure_status eventure__guard_watch(eventure__store *store);

/* Closes the connection, and then releases the file. When this was the last connection, SQLite moves the write-ahead
 * log into the file and removes it. EVENTURE_ERROR_IO: the file was lost; the files that have its names now are not
 * changed. */
eventure_status eventure__guard_close(eventure__store *store);

#endif
