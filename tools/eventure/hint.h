/*
 * Hints: one line on standard error that says why an answer is empty, or which index would make a question quick. They
 * are for people: nothing is said, and nothing is looked up, where standard error is no terminal.
 */
#ifndef EVENTURE_TOOL_HINT_H
#define EVENTURE_TOOL_HINT_H

#include <stddef.h>
#include <stdint.h>

#include <eventure/query.h>

#include "sql_guard.h"

/* A question that looks through fewer events than this is quick without an index. */
#define HINT_EVENTS 100000

/* After a filter was answered with so many events (-1: it was explained only). `path` is the store's, for the command
 * that the hint names. */
void hint_filter(eventure_reader *reader, const char *path, const eventure_filter *filter, int64_t answered);

/* After a statement of SQL was answered. */
void hint_sql(sql_guard *guard, const char *path, const char *sql);

#endif
