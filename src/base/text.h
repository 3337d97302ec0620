/*
 * Texts with their lengths. In a struct that a caller fills, a length of 0 beside a text means that the text ends with
 * a NUL.
 */
#ifndef EVENTURE_BASE_TEXT_H
#define EVENTURE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Bytes that need not end with a NUL. */
typedef struct eventure__span
{
    const char *at;
    size_t len;
} eventure__span;

/* Returns the length in bytes of a text of a struct; 0 for NULL. */
static inline size_t eventure__text_len(const char *text, size_t len)
{
    return text == NULL ? 0 : len != 0 ? len : strlen(text);
}

/* Returns a text of a struct with its length. */
static inline eventure__span eventure__text_span(const char *text, size_t len)
{
    return (eventure__span){text, eventure__text_len(text, len)};
}

static inline bool eventure__span_has_nul(eventure__span text)
{
    return text.len > 0 && memchr(text.at, '\0', text.len) != NULL;
}

#endif
