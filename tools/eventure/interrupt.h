/*
 * Clean termination by a signal (Ctrl-C, a closed terminal, kill): the work is stopped, incomplete files are removed,
 * and the program then terminates by the default action of the signal. A second signal, more than a second after the
 * first one, ends the program immediately.
 */
#ifndef EVENTURE_TOOL_INTERRUPT_H
#define EVENTURE_TOOL_INTERRUPT_H

#include <stdbool.h>

/* Afterwards, signals only set a flag that the work checks. */
void interrupt_catch(void);

/* As interrupt_catch, for a command that only reads: its output after the signal is discarded, so that writing does not
   block, and its queries end (see connection.h). interrupt_catch reverts this. */
void interrupt_catch_reading(void);

bool interrupt_came(void);

/* Discards everything that is written to standard output afterwards. */
void interrupt_discard_output(void);

/* Whether a command that only reads must end: a signal arrived, or its output is closed. */
bool interrupt_ends_reading(void);

/* For a module that replaces the handler of SIGALRM: handles a SIGALRM while a signal is pending. Returns false when
   none is. */
bool interrupt_again(void);

/* Clears the flag, for work that a signal is supposed to end: the program continues normally. */
void interrupt_forget(void);

/* Terminates the process by the signal that arrived; returns if none did. */
void interrupt_finish(void);

/* Ignores SIGPIPE: writing to a closed pipe then fails with an error. */
void interrupt_ignore_pipe(void);

/* Terminates the process by SIGPIPE, unless the program was started with SIGPIPE ignored. */
void interrupt_finish_pipe(void);

/* Restores the signals; for a child before it executes another program. */
void interrupt_restore(void);

#endif
