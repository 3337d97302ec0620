/*
 * Messages on standard error, and exit codes. Texts may contain values from the store or the command line, so that
 * control characters are always escaped.
 */
#ifndef EVENTURE_TOOL_MESSAGE_H
#define EVENTURE_TOOL_MESSAGE_H

#include <stddef.h>

#include <eventure/export.h>
#include <eventure/status.h>

enum
{
    EXIT_DONE = 0,
    EXIT_DATA = 1,  /* the result is negative, or the data is wrong */
    EXIT_USAGE = 2, /* the command line is wrong */
    EXIT_FILE = 3   /* the file or the system failed */
};

/* Prints `eventure: ` and the text, as one line. */
void message(const char *format, ...) EVENTURE_PRINTF(1, 2);

/*
 * Collects the messages of the calling thread instead of printing them: the first one is copied into `room`, truncated
 * to `size` bytes, and the others are dropped. NULL ends this.
 */
void message_collect(char *room, size_t size);

/* As message, followed by a hint to the command's help (NULL: the program's). Returns EXIT_USAGE. */
int message_usage(const char *command, const char *format, ...) EVENTURE_PRINTF(2, 3);

/* Prints the library's text, or after a signal that the work was interrupted; returns the exit code for the status. */
int message_status(eventure_status status, const char *text);

/* Prints eventure_last_message(), after a call that has no handle and whose arguments the program made. Returns
 * EXIT_FILE. */
int message_last(void);

/* Prints "out of memory". Returns EXIT_FILE. */
int message_memory(void);

#endif
