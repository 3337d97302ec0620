/*
 * Deterministic date and time functions for projections. They return the same results as SQLite's built-in functions,
 * but refuse arguments that depend on the clock or the local time zone: a missing time, `now`, `localtime` and `utc`,
 * also when the argument comes from the data of an event.
 */
#ifndef EVENTURE_PROJECTION_DATES_H
#define EVENTURE_PROJECTION_DATES_H

#include <sqlite3.h>

/* Replaces SQLite's functions until the connection is closed. Returns a result code of SQLite. */
int eventure__dates_replace(sqlite3 *db);

#endif
