/*
 * The help texts: one for each command, embedded from commands/<name>.txt, which are also the sources of the man pages.
 */
#ifndef EVENTURE_TOOL_HELP_H
#define EVENTURE_TOOL_HELP_H

#include <stddef.h>

/* Prints the help of a command, or of the program for "eventure", on standard output. Returns the exit code. */
int help_print(const char *command);

/* Writes the one-line description of a command, truncated to the size. */
void help_summary(const char *command, char *out, size_t out_size);

#endif
