/*
 * Stopping long work by a signal (Ctrl-C, a closed terminal, kill) in good order: the work is given up, what it had
 * begun is cleaned away, and then the program dies of that signal as it would have.
 */
#ifndef EVENTURE_TOOL_INTERRUPT_H
#define EVENTURE_TOOL_INTERRUPT_H

#include <stdbool.h>

/* From now on the signals only leave a note. */
void interrupt_catch(void);

bool interrupt_came(void);

/* Dies of the signal that came; returns if none did. */
void interrupt_finish(void);

#endif
