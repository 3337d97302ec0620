/*
 * The help texts: one a command, embedded from commands/<name>.txt, which are also the sources of the man pages.
 */
#ifndef EVENTURE_TOOL_HELP_H
#define EVENTURE_TOOL_HELP_H

/* Prints the help of a command, of the program for "eventure", to standard output. Returns the exit code. */
int help_print(const char *command);

#endif
