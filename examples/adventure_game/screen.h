/*
 * The output for the player: lines that fit a terminal, in colour if the terminal supports it.
 */
#ifndef ADVENTURE_SCREEN_H
#define ADVENTURE_SCREEN_H

#include <stdbool.h>

typedef struct screen
{
    bool has_color;
} screen;

typedef enum tone
{
    PLAIN,
    TITLE,
    GOOD,
    BAD,
    FAINT
} tone;

/* Colour is for terminals, and for people who did not refuse it (NO_COLOR). */
void screen_init(screen *where);

/* Prints a paragraph, wrapped. Control characters are shown as `?`: text from a file must not drive a terminal. */
void say(const screen *where, tone how, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;

#endif
