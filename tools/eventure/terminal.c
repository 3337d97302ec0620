/*
 * The terminal: see terminal.h.
 */
#include "terminal.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "interrupt.h"
#include "message.h"
#include "pager.h"
#include "stream.h"

#define DEFAULT_WIDTH 80

/* Returns the terminal of the pager when it shows the output. */
static int descriptor_of(FILE *stream)
{
    int terminal = stream == stdout ? pager_terminal() : -1;
    return terminal != -1 ? terminal : fileno(stream);
}

bool terminal_is(FILE *stream)
{
    return isatty(descriptor_of(stream)) == 1;
}

size_t terminal_width(FILE *stream)
{
    if (!terminal_is(stream))
        return SIZE_MAX;
    struct winsize size;
    memset(&size, 0, sizeof size);
    if (ioctl(descriptor_of(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char *columns = getenv("COLUMNS");
    long given = columns != NULL ? strtol(columns, NULL, 10) : 0;
    return given > 0 ? (size_t)given : DEFAULT_WIDTH;
}

bool terminal_color(FILE *stream, color_when when)
{
    if (when != COLOR_AUTO)
        return when == COLOR_ALWAYS;
    const char *no_color = getenv("NO_COLOR");
    const char *kind = getenv("TERM");
    return terminal_is(stream) && (no_color == NULL || no_color[0] == '\0') && kind != NULL &&
           strcmp(kind, "dumb") != 0;
}

bool terminal_alive(void)
{
    return !ferror(stdout);
}

int terminal_finish(int exit_code)
{
    if (interrupt_came()) /* the rest of the output is not needed */
        interrupt_discard_output();
    int cause = stream_flush(stdout);
    pager_end();
    if (cause == 0 || interrupt_came())
        return exit_code;
    if (cause == EPIPE)
        interrupt_finish_pipe();
    else
        message("cannot write standard output: %s", strerror(cause));
    return exit_code == EXIT_DONE ? EXIT_FILE : exit_code;
}
