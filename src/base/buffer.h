/*
 * A growable run of bytes. A failed allocation sticks: later appends do nothing, and `failed` is asked once at the end.
 * Zero-initialised is empty; a buffer that is kept keeps its memory, so that a hot path does not allocate.
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

/* Makes room for `more` bytes beyond len; false, and failed is set, when there is no memory. */
bool eventure__buffer_reserve(eventure__buffer *buffer, size_t more);
void eventure__buffer_append(eventure__buffer *buffer, const char *bytes, size_t len);
void eventure__buffer_append_text(eventure__buffer *buffer, const char *text);
void eventure__buffer_append_char(eventure__buffer *buffer, char c);
void eventure__buffer_append_int(eventure__buffer *buffer, long long value);

/* The bytes as NUL-terminated text (the NUL is not counted in len); NULL when the buffer has failed. */
const char *eventure__buffer_text(eventure__buffer *buffer);

/* Hands the bytes over, NUL-terminated, for the caller to free; NULL when the buffer has failed. Empties the buffer. */
char *eventure__buffer_take(eventure__buffer *buffer);

/* Empties; keeps the memory; forgets a failure. */
void eventure__buffer_clear(eventure__buffer *buffer);
void eventure__buffer_free(eventure__buffer *buffer);

#endif
