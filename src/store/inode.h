/*
 * The share of this process in a database file: one record for each device and inode, under all names with which the
 * file is opened.
 *
 * A log locks the file itself. This refuses a second log also when it opens the file by another name: a symbolic link,
 * a hard link, a bind mount. The locks belong to an open file description (F_OFD_SETLK), so that closing another
 * descriptor of the file does not end them. They are taken on a descriptor of this record:
 * - a write lock on one byte that SQLite does not use, against other logs;
 * - while the log is open, a read lock on the bytes that SQLite locks to get exclusive access. SQLite's own locks
 *   belong to the process: they end when the program opens and closes the file itself, and another program that closes
 *   the store would then find itself the last user and remove the write-ahead log. This read lock prevents that.
 *
 * Closing a descriptor of a file ends all POSIX locks of the process on it, including those of SQLite. So every store
 * of this process, also a reader, has a share in the record, and the descriptor is closed after the last of them has
 * closed its connection.
 */
#ifndef EVENTURE_STORE_INODE_H
#define EVENTURE_STORE_INODE_H

#include <stdbool.h>

#include <sqlite3.h>

typedef struct eventure__inode eventure__inode;

/* SQLite has had the file open since before this process was forked, and that connection is in use, or another
 * thread may be inside it. SQLite keeps one record of its locks for each file in a process, so a new connection
 * would treat the parent's locks as its own. This value is not an errno. */
#define EVENTURE__INODE_INHERITED (-1)

/* Takes a share in the file of that name. `create` makes the file, and fails when it exists. Returns 0,
 * EVENTURE__INODE_INHERITED or an errno. To be called before SQLite opens the file. */
int eventure__inode_use(const char *file, bool create, eventure__inode **out);

/* Gives the share back, after SQLite has closed the file. NULL is allowed. */
void eventure__inode_leave(eventure__inode *inode);

/* Registers a connection to the file. A child of this process that opens the file closes the inherited connections
 * that are idle. False: out of memory. */
bool eventure__inode_connected(eventure__inode *inode, sqlite3 *db);

/* Whether this process has a connection to the file by that name. */
bool eventure__inode_is_connected(eventure__inode *inode, const char *file);

/* Unregisters a connection; to be called before it is closed. */
void eventure__inode_disconnected(eventure__inode *inode, sqlite3 *db);

/* Locks the file for its only log. EWOULDBLOCK: another log has locked it. */
int eventure__inode_lock(eventure__inode *inode, const char *file);
void eventure__inode_unlock(eventure__inode *inode);

/* For the log that has locked the file: prevents exclusive access of other processes until
 * eventure__inode_unlock_shared. EWOULDBLOCK: another process has exclusive access now. */
int eventure__inode_lock_shared(eventure__inode *inode);
void eventure__inode_unlock_shared(eventure__inode *inode);

/* For the same log, while it does not prevent that: whether another process has the database open. */
bool eventure__inode_has_others(eventure__inode *inode);

/* Opens the descriptor of the record, if it has none yet, to read the file. Returns 0 or an errno. */
int eventure__inode_open(eventure__inode *inode, const char *file);

/* Returns the descriptor, for the log that has locked the file or after eventure__inode_open. The caller must not close
 * it. */
int eventure__inode_descriptor(const eventure__inode *inode);

#endif
