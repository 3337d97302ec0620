/*
 * The growable buffer. It doubles its capacity when it is full, so appending takes amortised constant time.
 */
#include "base/buffer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/format_int.h"

#define SMALLEST_CAPACITY 64

bool eventure__buffer_grow(eventure__buffer *buffer, size_t more)
{
    if (buffer->failed)
        return false;
    if (more > SIZE_MAX - buffer->len)
    {
        buffer->failed = true;
        return false;
    }
    size_t needed = buffer->len + more;
    size_t capacity = buffer->capacity < SMALLEST_CAPACITY ? SMALLEST_CAPACITY : buffer->capacity;
    while (capacity < needed)
        capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
    char *bytes = realloc(buffer->bytes, capacity);
    if (bytes == NULL)
    {
        buffer->failed = true;
        return false;
    }
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

void eventure__buffer_append(eventure__buffer *buffer, const char *bytes, size_t len)
{
    if (len == 0 || !eventure__buffer_reserve(buffer, len))
        return;
    memcpy(buffer->bytes + buffer->len, bytes, len);
    buffer->len += len;
}

void eventure__buffer_append_text(eventure__buffer *buffer, const char *text)
{
    eventure__buffer_append(buffer, text, strlen(text));
}

void eventure__buffer_append_int(eventure__buffer *buffer, long long value)
{
    char digits[EVENTURE__INT_BYTES];
    eventure__buffer_append(buffer, digits, eventure__format_int(digits, value));
}

const char *eventure__buffer_text(eventure__buffer *buffer)
{
    if (!eventure__buffer_reserve(buffer, 1))
        return NULL;
    buffer->bytes[buffer->len] = '\0';
    return buffer->bytes;
}

char *eventure__buffer_take(eventure__buffer *buffer)
{
    if (eventure__buffer_text(buffer) == NULL)
    {
        eventure__buffer_free(buffer);
        return NULL;
    }
    char *bytes = buffer->bytes;
    *buffer = (eventure__buffer){0};
    return bytes;
}

void eventure__buffer_clear(eventure__buffer *buffer)
{
    buffer->len = 0;
    buffer->failed = false;
}

void eventure__buffer_free(eventure__buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (eventure__buffer){0};
}
