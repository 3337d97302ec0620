/*
 * A table-valued function: an eponymous virtual table that hands out the rows of one fixed statement. What the
 * functions are stands in tables.c; how each of them runs, in table.c.
 *
 * Hidden columns are the arguments: first the function's own, then `in_schema`.
 */
#ifndef EVENTURE_EXTENSION_TABLE_H
#define EVENTURE_EXTENSION_TABLE_H

#include <stdbool.h>

#include "embedded_sql.h"
#include "extension/host.h"
#include "extension/sqlite.h"

/* The most arguments of a function, in_schema among them. */
#define EVENTURE__ARGUMENTS_MAX 3

/* What a function's first argument is. */
typedef enum eventure__subject
{
    EVENTURE__SUBJECT_NONE,
    EVENTURE__SUBJECT_ID,    /* of an event, which must exist; bound as its seq */
    EVENTURE__SUBJECT_TICK,  /* 0 or more */
    EVENTURE__SUBJECT_BUCKET /* so many ticks, 1 or more */
} eventure__subject;

/* One of the statements of a function. */
typedef struct eventure__variant
{
    const char *order; /* what the second argument says to have it; NULL where there is no such argument */
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
    int path_column;      /* the column `path`, which is the one after these; 0 for none */
    bool path_upwards;    /* the rows are above the event that is asked for, not below it */
    int arguments;        /* hidden columns, in_schema among them */
    double rows;          /* a guess for the planner */
    const eventure__variant *variants;
    int variants_count;
} eventure__table_function;

extern const eventure__table_function eventure__table_functions[];
extern const int eventure__table_functions_count;

/* Makes the function known to the connection; `function` must live as long as the program. */
int eventure__table_register(sqlite3 *db, const eventure__table_function *function);

#endif
