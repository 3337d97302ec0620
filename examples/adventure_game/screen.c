/*
 * The output for the player.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "screen.h"

#define COLUMNS 78
#define PARAGRAPH_BYTES 1024

void screen_init(screen *where)
{
    const char *no_color = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    where->has_color = isatty(STDOUT_FILENO) && (no_color == NULL || *no_color == '\0') && terminal != NULL &&
                       strcmp(terminal, "dumb") != 0;
}

/* C1 control characters, in UTF-8, are the bytes C2 80 to C2 9F. */
static void clean(char *text)
{
    for (unsigned char *byte = (unsigned char *)text; *byte != '\0'; byte++)
        if ((*byte < ' ' && *byte != '\n') || *byte == 0x7F || (*byte == 0xC2 && byte[1] >= 0x80 && byte[1] < 0xA0))
            *byte = '?';
}

/* Whether a byte begins a character; in UTF-8, all but 10xxxxxx do. */
static bool begins_character(char byte)
{
    return ((unsigned char)byte & 0xC0) != 0x80;
}

/* Breaks lines that are too long, at their last blank. */
static void wrap(char *text)
{
    char *blank = NULL;
    int column = 0;
    for (char *at = text; *at != '\0'; at++)
    {
        if (*at == ' ')
            blank = at;
        column += begins_character(*at);
        if (*at == '\n')
        {
            column = 0;
            blank = NULL;
        }
        else if (column > COLUMNS && blank != NULL)
        {
            *blank = '\n';
            column = (int)(at - blank);
            blank = NULL;
        }
    }
}

void say(const screen *where, tone how, const char *format, ...)
{
    static const char *const colors[] = {
        [PLAIN] = "", [TITLE] = "\033[1m", [GOOD] = "\033[32m", [BAD] = "\033[31m", [FAINT] = "\033[2m"};
    char text[PARAGRAPH_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    clean(text);
    wrap(text);
    if (where->has_color && how != PLAIN)
        printf("%s%s\033[0m\n", colors[how], text);
    else
        printf("%s\n", text);
}
