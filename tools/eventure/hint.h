/*
 * Hints: one line on standard error that explains an empty result, or names an index that would make a query fast. When
 * standard error is not a terminal, nothing is printed or looked up.
 */
#ifndef EVENTURE_TOOL_HINT_H
#define EVENTURE_TOOL_HINT_H

#include <stddef.h>
#include <stdint.h>

#include <eventure/query.h>

#include "sql_guard.h"

/* A query that reads fewer events than this is fast without an index. */
#define HINT_EVENTS 100000

/* Prints a hint after a filter returned `answered` events (-1: it was only explained). `path` is the path of the store,
   for the command in the hint. */
void hint_filter(eventure_reader *reader, const char *path, const eventure_filter *filter, int64_t answered);

/* Prints a hint after a statement of SQL was run. */
void hint_sql(sql_guard *guard, const char *path, const char *sql);

#endif
