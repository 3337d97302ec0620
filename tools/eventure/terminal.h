/*
 * Whether an output is a terminal, its width, and whether it is coloured.
 */
#ifndef EVENTURE_TOOL_TERMINAL_H
#define EVENTURE_TOOL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef enum color_when
{
    COLOR_AUTO = 0,
    COLOR_ALWAYS,
    COLOR_NEVER
} color_when;

bool terminal_is(FILE *stream);

/* Returns the number of columns of the terminal; SIZE_MAX when the stream is not a terminal. */
size_t terminal_width(FILE *stream);

/* Auto: coloured on a terminal that supports it, unless the environment has NO_COLOR (https://no-color.org). */
bool terminal_color(FILE *stream, color_when when);

/*
 * Flushes standard output, and reports when not all of it could be written. A closed pipe is not reported. Returns the
 * exit code: as given, or EXIT_FILE.
 */
int terminal_finish(int exit_code);

/* Whether writing to standard output is still useful. */
bool terminal_alive(void);

#endif
