/*
 * The pager: long output on a terminal is shown in `less`, as git does.
 *
 * While it runs, standard output is a pipe to it, but is treated as the terminal on which it shows the output.
 */
#ifndef EVENTURE_TOOL_PAGER_H
#define EVENTURE_TOOL_PAGER_H

#include <stdbool.h>

/* Disables the pager, independent of the environment. */
void pager_forbid(void);

/* Starts the pager when standard output is a terminal and the pager is enabled; otherwise does nothing. The pager shows
   everything that is written to standard output afterwards. */
void pager_begin(void);

/* Ends the output, waits until the user has left the pager, and restores standard output. Does nothing without a
   pager. */
void pager_end(void);

/* Returns the descriptor of the terminal on which the pager shows its output; -1 without a pager. */
int pager_terminal(void);

#endif
