/*
 * Asking a guarded connection, and printing the answer.
 */
#ifndef EVENTURE_TOOL_SQL_ANSWER_H
#define EVENTURE_TOOL_SQL_ANSWER_H

#include "sql_guard.h"
#include "sql_output.h"
#include "sql_parameters.h"

/* Sets of options: `--json`. */
const char *sql_format_set_json(const char *value, void *target);

/* Runs the one statement that the text is, and prints its answer. Returns the exit code; errors have been said. */
int sql_answer(sql_guard *guard, const char *query, const sql_format *format);

/* Runs the statements of a text one after the other; the first error ends that. */
int sql_answer_all(sql_guard *guard, const char *text, const sql_format *format, sql_parameters *parameters);

/* Prints the answer of a prepared statement, whose parameters are bound. */
int sql_answer_statement(sql_guard *guard, sqlite3_stmt *statement, const sql_format *format);

/* For the option --format: the target is a const sql_format *. */
const char *sql_format_set(const char *value, void *target);

#endif
