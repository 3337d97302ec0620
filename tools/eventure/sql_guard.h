/*
 * The connection of a reader, restricted to reading, for SQL from users.
 */
#ifndef EVENTURE_TOOL_SQL_GUARD_H
#define EVENTURE_TOOL_SQL_GUARD_H

#include <stddef.h>

#include <eventure/reader.h>
#include <sqlite3.h>

#include "sql_deadline.h"

typedef struct sql_guard
{
    eventure_reader *reader; /* the owner of the connection; NULL: none */
    sqlite3 *db;
    const sql_deadline *deadline; /* NULL: none */
    char refused[128];            /* the action for which a statement was refused; empty if none */
} sql_guard;

/* Opens a store. Returns the exit code; errors have been reported. The guard must be closed in any case. */
int sql_guard_open(sql_guard *guard, const char *path);

/* As sql_guard_open, for a reader that is open, whose connection is db. `path` is for messages. The guard owns the
   reader from now on, also after an error. */
int sql_guard_take(sql_guard *guard, eventure_reader *reader, sqlite3 *db, const char *path);

/* As sql_guard_open, for the image of a database, which must stay valid until the guard is closed. */
int sql_guard_open_image(sql_guard *guard, void *bytes, size_t len);

/* Restricts a connection that is open: from now on guard->db can only read. Returns a result code of SQLite. */
int sql_guard_restrict(sql_guard *guard);

/* As sql_guard_restrict, for a state of a projection: the date functions refuse the clock, so that its views return the
   same rows at any time. */
int sql_guard_restrict_state(sql_guard *guard);

/* Prepares the first statement of a text, and moves *text past it; NULL when there is none left. Returns the exit code;
 * errors have been reported. */
int sql_guard_prepare_next(sql_guard *guard, const char **text, sqlite3_stmt **out_statement);

/* Prepares the single statement of a text. Returns the exit code; errors have been reported. */
int sql_guard_prepare(sql_guard *guard, const char *text, sqlite3_stmt **out_statement);

/* Prints SQLite's last error, or the reason of a refusal; returns the exit code for it. */
int sql_guard_failed(sql_guard *guard);

void sql_guard_close(sql_guard *guard);

#endif
