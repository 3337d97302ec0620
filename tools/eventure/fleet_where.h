/*
 * The condition that chooses runs: an SQL expression whose columns are the names of a run (fleet_question.h). It is
 * compiled on a connection without tables, with a parameter for each name.
 */
#ifndef EVENTURE_TOOL_FLEET_WHERE_H
#define EVENTURE_TOOL_FLEET_WHERE_H

#include <sqlite3.h>

#include "fleet_question.h"

/* Finds the names that the condition of the question needs, and checks that it is valid. Returns the exit code; errors
   have been reported. */
int fleet_where_read(fleet_question *question);

/* Compiles the condition, after fleet_where_read: parameter i + 1 is the value of name i. NULL: an error of db. */
sqlite3_stmt *fleet_where_compile(const fleet_question *question, sqlite3 *db);

#endif
