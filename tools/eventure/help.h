/*
 * The help texts: one a command, embedded from commands/<name>.txt, which are also the sources of the man pages.
 */
#ifndef EVENTURE_TOOL_HELP_H
#define EVENTURE_TOOL_HELP_H

#include <stddef.h>

/* Prints the help of a command, of the program for "eventure", to standard output. Returns the exit code. */
int help_print(const char *command);

/* Writes what a command says of itself in its first line, cut to the size. */
void help_summary(const char *command, char *out, size_t out_size);

#endif
