/*
 * Diagnostics and exit codes: see message.h.
 */
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interrupt.h"
#include "pager.h"
#include "text.h"

/* The messages of a thread whose work is reported by another one. */
static _Thread_local char *collected;
static _Thread_local size_t collected_size;

void message_collect(char *room, size_t size)
{
    collected = room;
    collected_size = size;
    if (room != NULL)
        room[0] = '\0';
}

static void print_line(const char *format, va_list arguments)
{
    va_list again;
    if (collected != NULL)
    {
        if (collected[0] == '\0')
            vsnprintf(collected, collected_size, format, arguments);
        return;
    }
    pager_end(); /* the pager's output comes first, so that the message does not appear in the middle of it */
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    char *text = len >= 0 ? malloc((size_t)len + 1) : NULL;
    if (text != NULL)
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    fputs("eventure: ", stderr);
    text_write(stderr, text != NULL ? text : "out of memory", text != NULL ? (size_t)len : strlen("out of memory"));
    fputc('\n', stderr);
    free(text);
}

void message(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line(format, arguments);
    va_end(arguments);
}

int message_usage(const char *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line(format, arguments);
    va_end(arguments);
    if (command != NULL)
        message("see 'eventure help %s'", command);
    else
        message("see 'eventure help'");
    return EXIT_USAGE;
}

int message_status(eventure_status status, const char *text)
{
    /* The output is closed: there is nothing to report. */
    if (status == EVENTURE_ERROR_INTERRUPTED && !interrupt_came() && ferror(stdout))
        return EXIT_FILE;
    /* After a signal, the library's text about a callback would be misleading. */
    message("%s", status == EVENTURE_ERROR_INTERRUPTED && interrupt_came() ? "interrupted" : text);
    switch (status)
    {
    case EVENTURE_ERROR_JSON:
    case EVENTURE_ERROR_TYPE:
    case EVENTURE_ERROR_TICK:
    case EVENTURE_ERROR_PARENT:
    case EVENTURE_ERROR_NOT_FOUND:
    case EVENTURE_ERROR_EXISTS:
    case EVENTURE_ERROR_LIMIT:
    case EVENTURE_ERROR_ARCHIVED:
        return EXIT_DATA;
    case EVENTURE_ERROR_ARGUMENT:
        return EXIT_USAGE;
    default:
        return EXIT_FILE;
    }
}

int message_last(void)
{
    message("%s", eventure_last_message());
    return EXIT_FILE;
}

int message_memory(void)
{
    message("out of memory");
    return EXIT_FILE;
}
