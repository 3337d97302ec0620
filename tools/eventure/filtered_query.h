/*
 * The common part of log, children and ancestors: a store, optionally an event of it, a filter, and an output format.
 */
#ifndef EVENTURE_TOOL_FILTERED_QUERY_H
#define EVENTURE_TOOL_FILTERED_QUERY_H

/* The events to query. */
typedef enum question
{
    QUESTION_ALL = 0,
    QUESTION_CHILDREN,
    QUESTION_ANCESTORS
} question;

/* Runs a whole command. Returns its exit code. */
int question_run(const char *command, question about, int argc, char **argv);

#endif
