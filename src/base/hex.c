/*
 * Bytes as text: see hex.h.
 */
#include "base/hex.h"

void eventure__format_hex(char *out, const void *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *from = bytes;
    for (size_t i = 0; i < len; i++)
    {
        *out++ = digits[from[i] >> 4];
        *out++ = digits[from[i] & 15];
    }
    *out = '\0';
}

void eventure__buffer_append_hex(eventure__buffer *out, const void *bytes, size_t len)
{
    if (!eventure__buffer_reserve(out, 2 * len + 1))
        return;
    eventure__format_hex(out->bytes + out->len, bytes, len);
    out->len += 2 * len;
}
