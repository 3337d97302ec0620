/*
 * Whether people look at an output, how wide it is, and whether it wants colour.
 */
#ifndef EVENTURE_TOOL_TERMINAL_H
#define EVENTURE_TOOL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef enum colour_when
{
    COLOUR_AUTO = 0,
    COLOUR_ALWAYS,
    COLOUR_NEVER
} colour_when;

bool terminal_is(FILE *stream);

/* The columns of the terminal that the stream is; SIZE_MAX when it is none. */
size_t terminal_width(FILE *stream);

/* Auto: on a terminal that can, unless the environment has NO_COLOR (https://no-color.org). */
bool terminal_colour(FILE *stream, colour_when when);

/*
 * Flushes standard output and checks that all of it was written; says so when it was not. A reader that has gone away
 * is no reason for words. Returns the exit code: as given, or EXIT_FILE.
 */
int terminal_finish(int exit_code);

/* Whether there is a reason to go on writing to standard output. */
bool terminal_alive(void);

#endif
