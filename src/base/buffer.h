/*
 * A growable byte buffer. A failed allocation is sticky: later appends do nothing, and the caller checks `failed` once
 * at the end. A zero-initialised buffer is empty. A cleared buffer keeps its memory, so that frequent code does not
 * allocate.
 */
#ifndef EVENTURE_BASE_BUFFER_H
#define EVENTURE_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct eventure__buffer
{
    char *bytes;
    size_t len;
    size_t capacity;
    bool failed;
} eventure__buffer;

/* Allocates for eventure__buffer_reserve. */
bool eventure__buffer_grow(eventure__buffer *buffer, size_t more);

/* Reserves `more` bytes beyond len. Returns false and sets `failed` when memory runs out. Inline, because there is
 * memory for most bytes. */
static inline bool eventure__buffer_reserve(eventure__buffer *buffer, size_t more)
{
    return (!buffer->failed && more <= buffer->capacity - buffer->len) || eventure__buffer_grow(buffer, more);
}

void eventure__buffer_append(eventure__buffer *buffer, const char *bytes, size_t len);
void eventure__buffer_append_text(eventure__buffer *buffer, const char *text);

static inline void eventure__buffer_append_char(eventure__buffer *buffer, char c)
{
    if (eventure__buffer_reserve(buffer, 1))
        buffer->bytes[buffer->len++] = c;
}

void eventure__buffer_append_int(eventure__buffer *buffer, long long value);

/* Returns the bytes as NUL-terminated text (len does not count the NUL), or NULL when the buffer has failed. */
const char *eventure__buffer_text(eventure__buffer *buffer);

/* Returns the bytes, NUL-terminated; the caller frees them. NULL when the buffer has failed. Empties the buffer. */
char *eventure__buffer_take(eventure__buffer *buffer);

/* Empties the buffer, keeps its memory and resets `failed`. */
void eventure__buffer_clear(eventure__buffer *buffer);
void eventure__buffer_free(eventure__buffer *buffer);

#endif
