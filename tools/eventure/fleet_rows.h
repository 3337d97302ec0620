/*
 * A sequence of SQL values that one thread writes and another one reads afterwards. Values beyond a limit are in a
 * temporary file, so that an answer of any length needs little memory.
 */
#ifndef EVENTURE_TOOL_FLEET_ROWS_H
#define EVENTURE_TOOL_FLEET_ROWS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <sqlite3.h>

#include "base/buffer.h"

typedef struct fleet_rows
{
    eventure__buffer memory; /* the values that are not in the file */
    FILE *file;              /* NULL: there is none */
    size_t position;         /* of reading, in memory */
    int cause;               /* the errno of the first error; 0: none */
} fleet_rows;

/* Append one value. After an error they do nothing, and `cause` is set. */
void fleet_rows_put_null(fleet_rows *rows);
void fleet_rows_put_int(fleet_rows *rows, int64_t value);
void fleet_rows_put_text(fleet_rows *rows, const char *text);
void fleet_rows_put_column(fleet_rows *rows, sqlite3_stmt *statement, int column);
void fleet_rows_put_value(fleet_rows *rows, sqlite3_value *value); /* a protected value; NULL is null */

/* Ends writing; the first value is read next. Returns `cause`. */
int fleet_rows_rewind(fleet_rows *rows);

/* Binds the next value to a parameter of a statement. Returns false on an error: `cause` is set. */
bool fleet_rows_bind_next(fleet_rows *rows, sqlite3_stmt *statement, int index);

/* Returns the next value, which is a text; the caller frees it. NULL on an error. */
char *fleet_rows_next_text(fleet_rows *rows);

/* Removes all values. */
void fleet_rows_clear(fleet_rows *rows);

#endif
