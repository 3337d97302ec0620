/*
 * Companions: programs beside `eventure` that contain the commands with more dependencies, so that the other commands
 * do not load their libraries. A companion has the same main.c and receives the same arguments.
 */
#ifndef EVENTURE_TOOL_COMPANION_H
#define EVENTURE_TOOL_COMPANION_H

typedef struct companion
{
    const char *program;
    const char *needs; /* the library without which it is not built */
} companion;

/* Executes the companion in place of this program, with the arguments of the process, which end with NULL. Returns,
   with an exit code, only when the companion cannot be executed; the message names the command. */
int companion_run(const companion *self, const char *command, char **argv);

#endif
