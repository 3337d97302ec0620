/*
 * A connection of SQLite's own to a store, for SQL that people write: it can read, and nothing else.
 */
#ifndef EVENTURE_TOOL_SQL_GUARD_H
#define EVENTURE_TOOL_SQL_GUARD_H

#include <sqlite3.h>

typedef struct sql_guard
{
    sqlite3 *db;
    char refused[128]; /* what a statement was refused for, if it was */
} sql_guard;

/* Opens a file that is known to be a store. Returns the exit code; errors have been said. To be closed in any case. */
int sql_guard_open(sql_guard *guard, const char *path);

/* Prepares the one statement that text is. Returns the exit code; errors have been said. */
int sql_guard_prepare(sql_guard *guard, const char *text, sqlite3_stmt **out_statement);

/* Says SQLite's last error, or why the guard refused; returns the exit code that it stands for. */
int sql_guard_failed(sql_guard *guard);

void sql_guard_close(sql_guard *guard);

#endif
