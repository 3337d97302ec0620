/*
 * Values for the parameters of a statement: --param NAME=VALUE binds :NAME, @NAME and $NAME.
 */
#ifndef EVENTURE_TOOL_SQL_PARAMETERS_H
#define EVENTURE_TOOL_SQL_PARAMETERS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct sql_parameter
{
    const char *name; /* up to its `=`; belongs to the command line */
    size_t name_len;
    const char *value;
    bool used; /* at least one statement used it */
} sql_parameter;

typedef struct sql_parameters
{
    sql_parameter *list; /* owned */
    size_t count;
} sql_parameters;

/* Adds one --param, an option_set_fn. */
const char *sql_parameters_add(const char *value, void *target);

/* Binds the parameters of the statement. Returns the exit code; errors have been reported. */
int sql_parameters_bind(sql_parameters *parameters, sqlite3_stmt *statement);

/* Reports a parameter that no statement used. Returns the exit code. */
int sql_parameters_check_used(const sql_parameters *parameters);

void sql_parameters_free(sql_parameters *parameters);

#endif
