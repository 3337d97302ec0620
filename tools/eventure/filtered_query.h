/*
 * What log, children and ancestors have in common: a store, perhaps an event of it, a filter, and a form of output.
 */
#ifndef EVENTURE_TOOL_QUESTION_H
#define EVENTURE_TOOL_QUESTION_H

/* Which events are asked about. */
typedef enum question
{
    QUESTION_ALL = 0,
    QUESTION_CHILDREN,
    QUESTION_ANCESTORS
} question;

/* Runs a whole command. Returns its exit code. */
int question_run(const char *command, question about, int argc, char **argv);

#endif
