/*
 * Stopping by a signal (Ctrl-C, a closed terminal, kill) in good order: the work is given up, what it had begun is
 * cleaned away, and then the program dies of that signal as it would have. A signal that comes more than a second after
 * the first one ends the program at once.
 */
#ifndef EVENTURE_TOOL_INTERRUPT_H
#define EVENTURE_TOOL_INTERRUPT_H

#include <stdbool.h>

/* From now on the signals only leave a note, for work that looks at it. */
void interrupt_catch(void);

/* The same for a command that only reads: what it prints after the signal is thrown away, so that no reader of it is
 * waited for, and its questions end (see connection.h). interrupt_catch takes that back. */
void interrupt_catch_reading(void);

bool interrupt_came(void);

/* Throws away what standard output gets from now on. */
void interrupt_discard_output(void);

/* Whether a command that only reads has nothing left to do: a signal came, or its output goes nowhere. */
bool interrupt_ends_reading(void);

/* For who takes SIGALRM over: what is to be done with one while a signal is noted. False: none is. */
bool interrupt_again(void);

/* For work that a signal ends as it is meant to: the program goes on as if none had come. */
void interrupt_forget(void);

/* Dies of the signal that came; returns if none did. */
void interrupt_finish(void);

/* A pipe that nobody reads is an error to see, not one to die of at once. */
void interrupt_ignore_pipe(void);

/* Dies of such a pipe, unless the program was started so that it would not have. */
void interrupt_finish_pipe(void);

/* In a child that becomes another program. */
void interrupt_restore(void);

#endif
