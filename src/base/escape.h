/*
 * Text that may be shown: what was stored must not drive anybody's terminal, nor turn the order of the text round.
 */
#ifndef EVENTURE_BASE_VISIBLE_H
#define EVENTURE_BASE_VISIBLE_H

#include <stddef.h>

#include "base/buffer.h"

/* How a character that may not be shown is written instead: \u001b, or \xff for a byte that is no UTF-8. */
typedef struct eventure__escape
{
    char text[8];
    size_t len;   /* of the text; 0 for none */
    size_t taken; /* the bytes that it stands for */
} eventure__escape;

/* The length of the run at text that may be shown as it is, and the escape of the character behind it. Control
 * characters other than tab, the separators of lines, the marks of direction, and what is no UTF-8 are escaped. */
size_t eventure__escape_plain_run(const char *text, size_t len, eventure__escape *out_escape);

/* Appends text with all of that escaped. */
void eventure__escape_append(eventure__buffer *out, const char *text, size_t len);

#endif
