/*
 * The pager: long answers on a terminal are shown through `less`, as git does.
 *
 * While it runs, standard output is a pipe to it, but counts as the terminal that it shows the output on.
 */
#ifndef EVENTURE_TOOL_PAGER_H
#define EVENTURE_TOOL_PAGER_H

#include <stdbool.h>

/* Use no pager, whatever the environment says. */
void pager_forbid(void);

/* Starts the pager when standard output is a terminal and one is wanted; else does nothing. What is written to standard
 * output from here on is what it shows. */
void pager_begin(void);

/* Ends the output, waits until the reader has left the pager, and gives standard output back. Nothing without one. */
void pager_end(void);

/* The terminal that the pager shows its output on, as a descriptor; -1 when there is no pager. */
int pager_terminal(void);

#endif
