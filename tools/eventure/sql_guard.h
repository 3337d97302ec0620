/*
 * The connection of a reader of a store, for SQL that people write: it can read, and nothing else.
 */
#ifndef EVENTURE_TOOL_SQL_GUARD_H
#define EVENTURE_TOOL_SQL_GUARD_H

#include <eventure/reader.h>
#include <sqlite3.h>

#include "sql_deadline.h"

typedef struct sql_guard
{
    eventure_reader *reader; /* whose connection it is; NULL: of none */
    sqlite3 *db;
    const sql_deadline *deadline; /* NULL: none */
    char refused[128];            /* what a statement was refused for, if it was */
} sql_guard;

/* Opens a store. Returns the exit code; errors have been said. To be closed in any case. */
int sql_guard_open(sql_guard *guard, const char *path);

/* The same for the image of a database, which must stay until it is closed. */
int sql_guard_open_image(sql_guard *guard, void *bytes, size_t len);

/* For a connection that is open: from now on guard->db can only read. Returns a code of SQLite. */
int sql_guard_restrict(sql_guard *guard);

/* Prepares the first statement of a text, which moves behind it; NULL when there is none left. Returns the exit code;
 * errors have been said. */
int sql_guard_prepare_next(sql_guard *guard, const char **text, sqlite3_stmt **out_statement);

/* Prepares the one statement that text is. Returns the exit code; errors have been said. */
int sql_guard_prepare(sql_guard *guard, const char *text, sqlite3_stmt **out_statement);

/* Says SQLite's last error, or why the guard refused; returns the exit code that it stands for. */
int sql_guard_failed(sql_guard *guard);

void sql_guard_close(sql_guard *guard);

#endif
