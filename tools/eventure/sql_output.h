/*
 * The answers of SQL in the forms that people and programs read. All of them stream.
 */
#ifndef EVENTURE_TOOL_SQL_OUTPUT_H
#define EVENTURE_TOOL_SQL_OUTPUT_H

#include <sqlite3.h>
#include <stdbool.h>

/* Begins, prints one row, ends. The context is the format's own. An answer that breaks off is not closed, so that
 * nobody takes it for a whole one. */
typedef struct sql_format
{
    const char *name;
    void *(*begin)(sqlite3_stmt *statement); /* NULL: no memory */
    bool (*row)(sqlite3_stmt *statement, void *context);
    void (*end)(void *context, bool whole);
    bool blank_line; /* between the answers of two statements */
} sql_format;

/* The format of a name; NULL when there is none. */
const sql_format *sql_format_find(const char *name);

#endif
