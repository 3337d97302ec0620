/*
 * A table-valued function: an eponymous virtual table that returns the rows of one fixed statement. table_functions.c
 * defines the functions, table_function.c implements the virtual table.
 *
 * Hidden columns are the arguments: first the function's own, then `in_schema`.
 */
#ifndef EVENTURE_EXTENSION_TABLE_FUNCTION_H
#define EVENTURE_EXTENSION_TABLE_FUNCTION_H

#include <stdbool.h>

#include "embedded_sql.h"
#include "extension/host.h"
#include "extension/sqlite.h"

/* The maximum number of arguments of a function, including in_schema. */
#define EVENTURE__ARGUMENTS_MAX 3

/* The kind of a function's first argument. */
typedef enum eventure__subject
{
    EVENTURE__SUBJECT_NONE,
    EVENTURE__SUBJECT_ID,    /* the id of an existing event; bound as its seq */
    EVENTURE__SUBJECT_TICK,  /* a tick, 0 or more */
    EVENTURE__SUBJECT_BUCKET /* a number of ticks, 1 or more */
} eventure__subject;

/* One of the statements of a function. */
typedef struct eventure__variant
{
    const char *order; /* value of the second argument that selects the variant; NULL without that argument */
    const eventure__sql *sql;
    bool by_seq; /* its rows are ordered by seq, the first column */
} eventure__variant;

typedef struct eventure__table_function
{
    const char *name;
    const char *usage;
    const char *declaration;
    eventure__subject subject;
    bool may_be_left_out; /* the subject; then the second variant answers */
    int columns;          /* that the statement answers */
    int path_column;      /* index of the column `path`, which follows these; 0 without one */
    bool path_upwards;    /* the rows are ancestors of the requested event, not descendants */
    int arguments;        /* number of hidden columns, including in_schema */
    double rows;          /* estimated number of rows, for the planner */
    const eventure__variant *variants;
    int variants_count;
} eventure__table_function;

extern const eventure__table_function eventure__table_functions[];
extern const int eventure__table_functions_count;

/* Registers the function on the connection. `function` must have static storage duration. */
int eventure__table_register(sqlite3 *db, const eventure__table_function *function);

#endif
