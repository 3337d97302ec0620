/*
 * Writing JSON: see json_writer.h.
 */
#include "json_writer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/utf8.h"

#define LARGEST_EXACT INT64_C(9007199254740991)

static void put_escaped(eventure__buffer *out, unsigned char c)
{
    char escape[8];
    if (c == '"' || c == '\\')
    {
        eventure__buffer_append_char(out, '\\');
        eventure__buffer_append_char(out, (char)c);
        return;
    }
    snprintf(escape, sizeof escape, "\\u%04x", (unsigned)c);
    eventure__buffer_append_text(out, escape);
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

static void put_string(eventure__buffer *out, const char *text, size_t len)
{
    size_t at = 0;
    eventure__buffer_append_char(out, '"');
    while (at < len)
    {
        size_t plain = at;
        while (plain < len && is_plain((unsigned char)text[plain]))
            plain++;
        eventure__buffer_append(out, text + at, plain - at);
        at = plain;
        if (at == len)
            break;
        size_t width = eventure__utf8_decode(text + at, len - at, NULL);
        if (width > 1)
            eventure__buffer_append(out, text + at, width);
        else if (width == 1)
            put_escaped(out, (unsigned char)text[at]);
        else
            eventure__buffer_append_text(out, "\xEF\xBF\xBD");
        at += width > 0 ? width : 1;
    }
    eventure__buffer_append_char(out, '"');
}

static void begin_value(json *to, const char *key)
{
    if (to->needs_comma)
        eventure__buffer_append_char(&to->out, ',');
    to->needs_comma = true;
    if (key == NULL)
        return;
    put_string(&to->out, key, strlen(key));
    eventure__buffer_append_char(&to->out, ':');
}

void json_open(json *to, const char *key, char bracket)
{
    begin_value(to, key);
    eventure__buffer_append_char(&to->out, bracket);
    to->needs_comma = false;
}

void json_close(json *to, char bracket)
{
    eventure__buffer_append_char(&to->out, bracket);
    to->needs_comma = true;
}

void json_text_n(json *to, const char *key, const char *text, size_t len)
{
    begin_value(to, key);
    put_string(&to->out, text, len);
}

void json_text(json *to, const char *key, const char *text)
{
    if (text == NULL)
        json_null(to, key);
    else
        json_text_n(to, key, text, strlen(text));
}

void json_int(json *to, const char *key, int64_t value)
{
    bool is_exact = value <= LARGEST_EXACT && value >= -LARGEST_EXACT;
    begin_value(to, key);
    if (!is_exact)
        eventure__buffer_append_char(&to->out, '"');
    eventure__buffer_append_int(&to->out, value);
    if (!is_exact)
        eventure__buffer_append_char(&to->out, '"');
}

void json_double(json *to, const char *key, double value)
{
    char text[EVENTURE__DOUBLE_BYTES];
    if (!isfinite(value))
    {
        json_text(to, key, isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        return;
    }
    begin_value(to, key);
    eventure__buffer_append(&to->out, text, eventure__format_double(text, value));
}

void json_bool(json *to, const char *key, bool value)
{
    begin_value(to, key);
    eventure__buffer_append_text(&to->out, value ? "true" : "false");
}

void json_null(json *to, const char *key)
{
    begin_value(to, key);
    eventure__buffer_append_text(&to->out, "null");
}
