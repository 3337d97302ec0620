/*
 * Timestamps in the file. The column `timestamp` holds a REAL, or an INTEGER for an event that was imported with an
 * integer: 5 and 5.0 are the same time, and each is exported in its original form.
 *
 * A store from a version before integers were kept declares the column REAL, and SQLite converts integers to REALs
 * there.
 */
#ifndef EVENTURE_STORE_TIMESTAMP_COLUMN_H
#define EVENTURE_STORE_TIMESTAMP_COLUMN_H

#include <math.h>
#include <stdbool.h>

#include <sqlite3.h>

#include "event/timestamp.h"

/* The value in the column. Its seconds are not finite when no version of the library writes such a value: the row is
 * then damaged. */
static inline eventure__timestamp eventure__timestamp_column(sqlite3_stmt *statement, int column)
{
    const int type = sqlite3_column_type(statement, column);
    if (type == SQLITE_INTEGER)
        return eventure__timestamp_of_integer(sqlite3_column_int64(statement, column));
    return eventure__timestamp_of_double(type == SQLITE_FLOAT ? sqlite3_column_double(statement, column) : NAN);
}

static inline void eventure__timestamp_bind(sqlite3_stmt *statement, int index, eventure__timestamp timestamp)
{
    if (timestamp.is_integer)
        sqlite3_bind_int64(statement, index, timestamp.integer);
    else
        sqlite3_bind_double(statement, index, timestamp.seconds);
}

#endif
