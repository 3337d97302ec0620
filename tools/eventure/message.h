/*
 * What the program says on standard error, and the exit codes it ends with. Texts may quote stored or given values, so
 * control characters are always shown escaped.
 */
#ifndef EVENTURE_TOOL_MESSAGE_H
#define EVENTURE_TOOL_MESSAGE_H

#include <eventure/export.h>
#include <eventure/status.h>

enum
{
    EXIT_DONE = 0,
    EXIT_DATA = 1,  /* the answer is no, or the data is at fault */
    EXIT_USAGE = 2, /* the command line is at fault */
    EXIT_FILE = 3   /* the file or the system failed */
};

/* Prints `eventure: ` and the text, as one line. */
void message(const char *format, ...) EVENTURE_PRINTF(1, 2);

/* As message, and hints at the command's help (NULL: the program's). Returns EXIT_USAGE. */
int message_usage(const char *command, const char *format, ...) EVENTURE_PRINTF(2, 3);

/* Prints the library's text, or, after a signal that stopped the work, that it was interrupted; returns the exit code
 * that its status stands for. */
int message_status(eventure_status status, const char *text);

/* Says that there is no memory. Returns EXIT_FILE. */
int message_memory(void);

#endif
