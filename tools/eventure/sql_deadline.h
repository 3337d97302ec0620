/*
 * An end to SQL that takes too long: SQLite is asked to stop, and when it is busy inside of one function and does not
 * hear, the program ends a second later. Nothing is lost by that: it only reads.
 */
#ifndef EVENTURE_TOOL_SQL_DEADLINE_H
#define EVENTURE_TOOL_SQL_DEADLINE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

typedef struct sql_deadline
{
    struct timespec end;
    int64_t timeout_ms;
    bool passed;
} sql_deadline;

/* From now on; to be kept until the connection is closed. */
void sql_deadline_begin(sql_deadline *deadline, sqlite3 *db, int64_t timeout_ms);

#endif
