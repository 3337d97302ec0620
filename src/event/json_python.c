/*
 * Compact JSON in the spelling of Python's json.dumps: a space after each `,` and `:`, and only printable ASCII.
 */
#include "event/json.h"

#include <string.h>

#include "base/utf8.h"
#include "event/json_text.h"

/* Appends the character at `at` as an escape. Returns the position behind it. */
static const char *append_escaped(eventure__buffer *out, const char *at, const char *end)
{
    char escape[12] = {'\\', eventure__json_short_escape((unsigned char)*at)};
    if (escape[1] != 0)
    {
        eventure__buffer_append(out, escape, 2);
        return at + 1;
    }
    uint32_t code_point = 0;
    size_t taken = eventure__utf8_decode(at, (size_t)(end - at), &code_point);
    if (taken == 0)
    {
        /* Unreachable for validated text. The replacement character keeps the line valid JSON. */
        code_point = 0xFFFD;
        taken = 1;
    }
    if (code_point < 0x10000)
    {
        eventure__json_write_hex4(escape, code_point);
        eventure__buffer_append(out, escape, 6);
    }
    else
    {
        eventure__json_write_hex4(escape, 0xD800 + ((code_point - 0x10000) >> 10));
        eventure__json_write_hex4(escape + 6, 0xDC00 + ((code_point - 0x10000) & 0x3FF));
        eventure__buffer_append(out, escape, 12);
    }
    return at + taken;
}

/* Appends printable ASCII and U+007F, which JSON allows and Python escapes. */
static void append_plain(eventure__buffer *out, const char *at, const char *end)
{
    const char *delete = NULL;
    while (at < end && (delete = memchr(at, 0x7F, (size_t)(end - at))) != NULL)
    {
        eventure__buffer_append(out, at, (size_t)(delete - at));
        at = append_escaped(out, delete, end);
    }
    eventure__buffer_append(out, at, (size_t)(end - at));
}

void eventure__json_append_python_string(eventure__buffer *out, const char *text, size_t len)
{
    const char *at = text;
    const char *end = text + len;
    eventure__buffer_append_char(out, '"');
    while (at < end)
    {
        const char *run = at;
        at = eventure__json_plain_end(at, end);
        append_plain(out, run, at);
        if (at < end)
            at = append_escaped(out, at, end);
    }
    eventure__buffer_append_char(out, '"');
}

/* Begins behind the opening quote. Appends the string with its closing quote and returns the position behind it. */
static const char *append_string_body(eventure__buffer *out, const char *at, const char *end)
{
    while (at < end)
    {
        const char *run = at;
        at = eventure__json_plain_end(at, end);
        append_plain(out, run, at);
        if (at == end)
            break;
        if (*at == '"')
        {
            eventure__buffer_append_char(out, '"');
            return at + 1;
        }
        if (*at == '\\')
        {
            /* The compact form uses the same escapes as Python. */
            size_t escape_len = end - at > 1 ? 2 : 1;
            eventure__buffer_append(out, at, escape_len);
            at += escape_len;
        }
        else
        {
            at = append_escaped(out, at, end);
        }
    }
    return end;
}

void eventure__json_append_python(eventure__span value, eventure__buffer *out)
{
    const char *at = value.at;
    const char *end = at + value.len;
    const char *run = at;
    eventure__buffer_reserve(out, value.len + value.len / 8 + 16);
    while (at < end)
    {
        char c = *at++;
        if (c == ',' || c == ':')
        {
            eventure__buffer_append(out, run, (size_t)(at - run));
            eventure__buffer_append_char(out, ' ');
            run = at;
        }
        else if (c == '"')
        {
            eventure__buffer_append(out, run, (size_t)(at - run));
            at = append_string_body(out, at, end);
            run = at;
        }
    }
    eventure__buffer_append(out, run, (size_t)(end - run));
}
