/*
 * Escapes characters that must not reach a terminal: see escape.h.
 */
#include "base/escape.h"

#include <stdio.h>

#include "base/utf8.h"

bool eventure__controls_terminal(uint32_t code_point)
{
    return code_point < 0x20 || (code_point >= 0x7f && code_point <= 0x9f) ||
           (code_point >= 0x2028 && code_point <= 0x202e) || (code_point >= 0x2066 && code_point <= 0x2069);
}

size_t eventure__escape_plain_run(const char *text, size_t len, eventure__escape *out_escape)
{
    size_t at = 0;
    *out_escape = (eventure__escape){.len = 0};
    while (at < len)
    {
        const unsigned char byte = (unsigned char)text[at];
        uint32_t code_point = byte;
        size_t width = 1;
        if (byte >= 0x20 && byte < 0x7f) /* the most frequent case */
        {
            at++;
            continue;
        }
        if (byte >= 0x80)
            width = eventure__utf8_decode(text + at, len - at, &code_point);
        if (width == 0 || (code_point != '\t' && eventure__controls_terminal(code_point)))
        {
            const int escape_len =
                width > 0 ? snprintf(out_escape->text, sizeof out_escape->text, "\\u%04x", (unsigned)code_point)
                          : snprintf(out_escape->text, sizeof out_escape->text, "\\x%02x", (unsigned)byte);
            out_escape->len = (size_t)escape_len;
            out_escape->taken = width > 0 ? width : 1;
            break;
        }
        at += width;
    }
    return at;
}

void eventure__escape_append(eventure__buffer *out, const char *text, size_t len)
{
    eventure__escape escape;
    for (size_t at = 0; at < len; at += escape.taken)
    {
        const size_t run = eventure__escape_plain_run(text + at, len - at, &escape);
        eventure__buffer_append(out, text + at, run);
        eventure__buffer_append(out, escape.text, escape.len);
        at += run;
    }
}
