/*
 * Reads a write-ahead log as a file, without SQLite, which would use it (https://www.sqlite.org/walformat.html).
 */
#ifndef EVENTURE_STORE_WAL_FILE_H
#define EVENTURE_STORE_WAL_FILE_H

#include <stdbool.h>

/* Compares each page that the write-ahead log would bring into the database, which is open for reading: *out_contained
 * receives whether the database has them all already. A log without a valid commit brings none. Returns 0 or an
 * errno. */
int eventure__wal_file_compare(const char *path, int database, bool *out_contained);

#endif
