/*
 * The file of a store, from before SQLite opens it until after it has closed it: this process's share in it (inode.h),
 * the lock of the one log (inode.h), and whether its names still lead there (identity.h). What everybody may ask about
 * it is in store.h.
 */
#ifndef EVENTURE_STORE_GUARD_H
#define EVENTURE_STORE_GUARD_H

#include "store/store.h"

/* For a reader. */
eventure_status eventure__guard_use(eventure_reader *store);

/* For a log: makes the file when it is not there, and locks it. EVENTURE_ERROR_BUSY: another log has it. */
eventure_status eventure__guard_lock(eventure_reader *store, bool exists);

/* For a log, once SQLite has its files open: from now on each commit asks whether they are still there. */
eventure_status eventure__guard_watch(eventure_reader *store);

/* Closes the connection, and then lets go of the file. SQLite brings the write-ahead log into the file and removes it
 * when this was the last connection. EVENTURE_ERROR_IO: the file was lost; then nothing is done to what has its names
 * now. */
eventure_status eventure__guard_close(eventure_reader *store);

#endif
