/*
 * Wrappers of SQLite's API for the peers. Every error ends the process.
 */
#ifndef EVENTURE_BENCH_DATABASE_H
#define EVENTURE_BENCH_DATABASE_H

#include <sqlite3.h>

#include "peers.h"

/* The settings of the library's connections (src/store/store.c), for peers that use the same settings. */
#define BENCH_WRITER_PRAGMAS                                                                                           \
    "PRAGMA cache_size = -8192;"                                                                                       \
    "PRAGMA wal_autocheckpoint = 4000;"                                                                                \
    "PRAGMA journal_size_limit = 67108864;"

sqlite3 *bench_database_open(const char *path, int flags);
void bench_database_run(sqlite3 *db, const char *sql);
void bench_database_sync(sqlite3 *db, bench_sync sync);
sqlite3_stmt *bench_database_prepare(sqlite3 *db, const char *sql);

/* Steps a statement that returns no rows, and resets it. */
void bench_database_do(sqlite3_stmt *statement);

/* Steps a statement. Returns false at the end, and then resets the statement. */
bool bench_database_next(sqlite3_stmt *statement);

void bench_database_close(sqlite3 *db);

#endif
