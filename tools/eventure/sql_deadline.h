/*
 * A deadline for SQL: SQLite is interrupted, and when a single function runs so long that the interrupt has no effect,
 * the program ends a second later. Nothing is lost, because it only reads.
 */
#ifndef EVENTURE_TOOL_SQL_DEADLINE_H
#define EVENTURE_TOOL_SQL_DEADLINE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct sql_deadline
{
    int64_t end_ms; /* by eventure__clock_ms */
    int64_t timeout_ms;
    bool passed;
} sql_deadline;

/* Starts the deadline; `deadline` must stay valid until the connection is closed. */
void sql_deadline_begin(sql_deadline *deadline, sqlite3 *db, int64_t timeout_ms);

#endif
