/*
 * A commit writes its pages to the write-ahead log with one call. SQLite makes two for each page, one for the head of
 * the frame (24 bytes) and one for the page, all of them one behind the other: some 60 for a tick of 100 events, and a
 * sixth of the time of an append (docs/decisions/0016-one-write-a-commit.md).
 *
 * Nothing else changes: when SQLite's write of the last page of a commit returns, all of it has been handed to the
 * system, and an error of that is this write's. What is not a plain succession of frames is not gathered at all.
 */
#ifndef EVENTURE_STORE_WAL_WRITES_H
#define EVENTURE_STORE_WAL_WRITES_H

#include <sqlite3.h>

/* How many bytes are gathered at most, 31 pages of 4 KiB: SQLite's own files cut the length of a write to 17 bits. */
#define EVENTURE__WAL_WRITES_BYTES 0x1FFFF

/* Gathers the writes to the write-ahead log of a connection, when that is open; without memory it stays as it is. */
void eventure__wal_writes_gather(sqlite3 *db);

/* The same for the file itself, until it is closed. */
void eventure__wal_writes_gather_file(sqlite3_file *file);

#endif
