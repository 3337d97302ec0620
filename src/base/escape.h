/*
 * Text for terminals: stored text must not control the terminal or change the direction of text.
 */
#ifndef EVENTURE_BASE_ESCAPE_H
#define EVENTURE_BASE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* Whether a character must not be written to a terminal unescaped: control characters (with tab and line feed), line
 * and paragraph separators, and bidirectional controls. */
bool eventure__controls_terminal(uint32_t code_point);

/* The escape sequence of a character: \u001b, or \xff for an invalid UTF-8 byte. */
typedef struct eventure__escape
{
    char text[8];
    size_t len;   /* length of the text; 0: no escape */
    size_t taken; /* number of bytes that it replaces */
} eventure__escape;

/* Returns the length of the prefix of text that needs no escape; out_escape receives the escape of the next character.
 * Control characters except tab, line separators, bidirectional controls and invalid UTF-8 are escaped. */
size_t eventure__escape_plain_run(const char *text, size_t len, eventure__escape *out_escape);

/* Appends text with these characters escaped. */
void eventure__escape_append(eventure__buffer *out, const char *text, size_t len);

#endif
