/*
 * A database file as this process uses it: one record for each device and inode, whatever names lead to it.
 *
 * A log locks the file itself, so that another log is refused by whatever name it comes: a symbolic link, a hard link,
 * a bind mount. The locks are those of an open file description (F_OFD_SETLK), which no other close of the file ends,
 * on a descriptor of this record:
 * - a write lock on one byte that SQLite does not know, against other logs;
 * - while the log is open, a read lock on the bytes that SQLite locks to be alone. SQLite's own locks are those of the
 *   process: when the program opens and closes the file by itself, they are gone, and another program that closes the
 *   store would take itself for the last one and remove the write-ahead log. This lock prevents it.
 *
 * Closing a descriptor of a file ends all of the process's POSIX locks on it, those of SQLite. So every store of this
 * process, also one that only reads, has a share in the record, and the descriptor is closed when the last of them has
 * closed its connection.
 */
#ifndef EVENTURE_STORE_INODE_H
#define EVENTURE_STORE_INODE_H

#include <stdbool.h>

#include <sqlite3.h>

typedef struct eventure__inode eventure__inode;

/* Says that SQLite has the file open since before this process was forked, and is in the middle of something there, or
 * another thread may be. SQLite keeps one record of its locks for each file in a process: a new connection would take
 * the parent's locks for its own. No number of the system. */
#define EVENTURE__INODE_INHERITED (-1)

/* Takes a share in the file of that name. `create`: makes it, which fails when it is there. 0,
 * EVENTURE__INODE_INHERITED or what the system says. To be called before SQLite opens the file. */
int eventure__inode_use(const char *file, bool create, eventure__inode **out);

/* Gives the share back; after SQLite has closed the file. NULL is allowed. */
void eventure__inode_leave(eventure__inode *inode);

/* Tells of each connection to the file. A child of this process that wants to open the file closes those that it has
 * inherited, when nothing goes on in them. False: out of memory. */
bool eventure__inode_connected(eventure__inode *inode, sqlite3 *db);

/* Before it is closed. */
void eventure__inode_disconnected(eventure__inode *inode, sqlite3 *db);

/* Locks the file, as its only log. EWOULDBLOCK: another log has it. */
int eventure__inode_lock(eventure__inode *inode, const char *file);
void eventure__inode_unlock(eventure__inode *inode);

/* For the log that has locked it: from now on, or no longer, nobody else can be alone with the file. EWOULDBLOCK:
 * somebody is just now. */
int eventure__inode_hold(eventure__inode *inode);
void eventure__inode_let_go(eventure__inode *inode);

/* The descriptor, for the log that has locked it: to look at, never to close. */
int eventure__inode_descriptor(const eventure__inode *inode);

#endif
