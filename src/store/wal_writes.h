/*
 * Makes a commit write its pages to the write-ahead log with one call. SQLite makes two calls for each page, one for
 * the header of the frame (24 bytes) and one for the page, at consecutive offsets: some 60 calls for a tick of 100
 * events, and a sixth of the time of an append (docs/decisions/0016-one-write-a-commit.md).
 *
 * Nothing else changes: when SQLite's write of the last page of a commit returns, all of the commit was given to the
 * system, and that write returns any error. Writes that are not a plain sequence of frames are not gathered.
 *
 * When commits are synced, the first write of a commit also checks that the log still has the length that it had after
 * the last one: another program may have truncated it (`: > game.db-wal`), and SQLite would write behind the gap. The
 * check costs a fifth of a microsecond, a small part of a sync. Other commits are not checked.
 */
#ifndef EVENTURE_STORE_WAL_WRITES_H
#define EVENTURE_STORE_WAL_WRITES_H

#include <sqlite3.h>

/* Limit of the gathered bytes, 31 pages of 4 KiB: SQLite's own files cut the length of a write to 17 bits. */
#define EVENTURE__WAL_WRITES_BYTES 0x1FFFF

/* Result code of a write to a log that was truncated: SQLITE_IOERR with a detail that SQLite does not use. */
#define EVENTURE__IOERR_TRUNCATED_LOG (SQLITE_IOERR | (0xE7 << 8))

/* Gathers the writes to the write-ahead log of a connection, if that is open. Has no effect when out of memory. */
void eventure__wal_writes_gather(sqlite3 *db);

/* Gathers the writes to one file, until it is closed. */
void eventure__wal_writes_gather_file(sqlite3_file *file);

#endif
