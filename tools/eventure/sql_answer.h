/*
 * Runs queries on a guarded connection, and prints the results.
 */
#ifndef EVENTURE_TOOL_SQL_ANSWER_H
#define EVENTURE_TOOL_SQL_ANSWER_H

#include "sql_guard.h"
#include "sql_output.h"
#include "sql_parameters.h"

/* Sets of options: `--json`. */
const char *sql_format_set_json(const char *value, void *target);

/* Runs the single statement of a text, and prints its result. Returns the exit code; errors have been reported. */
int sql_answer(sql_guard *guard, const char *query, const sql_format *format);

/* Runs the statements of a text one after the other; stops at the first error. */
int sql_answer_all(sql_guard *guard, const char *text, const sql_format *format, sql_parameters *parameters);

/* Prints the result of a prepared statement, whose parameters are bound. */
int sql_answer_statement(sql_guard *guard, sqlite3_stmt *statement, const sql_format *format);

/* For the option --format: the target is a const sql_format *. */
const char *sql_format_set(const char *value, void *target);

#endif
