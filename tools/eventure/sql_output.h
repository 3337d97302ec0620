/*
 * The output formats of SQL results. All of them stream.
 */
#ifndef EVENTURE_TOOL_SQL_OUTPUT_H
#define EVENTURE_TOOL_SQL_OUTPUT_H

#include <sqlite3.h>
#include <stdbool.h>

/* `begin` makes the context of a result; `row` prints the current row (false: out of memory); `end` frees the context.
   `whole` is false after an error: JSON then omits the closing bracket, so that the result cannot be mistaken for a
   complete one. */
typedef struct sql_format
{
    const char *name;
    void *(*begin)(sqlite3_stmt *statement); /* NULL: out of memory */
    bool (*row)(sqlite3_stmt *statement, void *context);
    void (*end)(void *context, bool whole);
    bool blank_line; /* between the results of two statements */
} sql_format;

/* Returns the format with a name; NULL when there is none. */
const sql_format *sql_format_find(const char *name);

#endif
