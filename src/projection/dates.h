/*
 * SQLite's functions of date and time for a projection: they answer as SQLite's own, but refuse what depends on the
 * clock or on the time zone of whoever folds, wherever it comes from: a time that is left out, `now`, `localtime`,
 * `utc`.
 */
#ifndef EVENTURE_PROJECTION_DATES_H
#define EVENTURE_PROJECTION_DATES_H

#include <sqlite3.h>

/* Puts them in the place of SQLite's, until the connection is closed. Returns SQLite's code. */
int eventure__dates_replace(sqlite3 *db);

#endif
