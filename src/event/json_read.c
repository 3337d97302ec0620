/*
 * Look-ups in compact JSON: the members of an object, one member by its key, and the value of a string.
 */
#include "event/json.h"

#include <string.h>

#include "base/utf8.h"
#include "event/json_text.h"

/* Returns the end of the container that begins at `at`. */
static const char *container_end(const char *at, const char *end)
{
    size_t depth = 0;
    while (at < end)
    {
        switch (*at++)
        {
        case '"':
            at = eventure__json_string_end(at, end);
            break;
        case '{':
        case '[':
            depth++;
            break;
        case '}':
        case ']':
            if (--depth == 0)
                return at;
            break;
        default:
            break;
        }
    }
    return end;
}

static const char *value_end(const char *at, const char *end)
{
    if (at == end)
        return end;
    if (*at == '"')
        return eventure__json_string_end(at + 1, end);
    if (*at == '{' || *at == '[')
        return container_end(at, end);
    return eventure__json_scalar_end(at, end);
}

eventure__members eventure__members_of(const char *object, size_t len)
{
    return (eventure__members){object, object + len};
}

bool eventure__members_next(eventure__members *members, eventure__span *out_key, eventure__span *out_value)
{
    const char *at = members->at;
    const char *end = members->end;
    /* Begins at the opening brace, or at the comma after the previous member. */
    if (end - at < 2 || at[1] != '"')
        return false;
    const char *key = at + 2;
    at = eventure__json_string_end(key, end);
    if (at == end || *at != ':')
        return false;
    *out_key = (eventure__span){key, (size_t)(at - 1 - key)};
    const char *value = at + 1;
    at = value_end(value, end);
    *out_value = (eventure__span){value, (size_t)(at - value)};
    members->at = at;
    return true;
}

/* Returns whether an escaped key equals `key`. */
static bool is_escaped_form(eventure__span escaped, const char *key, size_t key_len)
{
    const char *at = escaped.at;
    const char *end = at + escaped.len;
    for (size_t i = 0; i < key_len; i++)
    {
        char form[6] = {key[i]};
        size_t form_len = 1;
        unsigned char c = (unsigned char)key[i];
        char letter = eventure__json_short_escape(c);
        if (letter != 0)
        {
            form[0] = '\\';
            form[1] = letter;
            form_len = 2;
        }
        else if (c < 0x20)
        {
            eventure__json_write_hex4(form, c);
            form_len = 6;
        }
        if ((size_t)(end - at) < form_len || memcmp(at, form, form_len) != 0)
            return false;
        at += form_len;
    }
    return at == end;
}

static bool needs_escapes(const char *text, size_t len)
{
    const char *at = text;
    const char *end = text + len;
    while ((at = eventure__json_plain_end(at, end)) < end && (unsigned char)*at >= 0x80)
        at++;
    return at < end;
}

bool eventure__json_find(const char *object, size_t len, const char *key, size_t key_len, eventure__span *out_value)
{
    /* A string has one compact form, so a key without escapes can be compared as bytes. */
    bool escaped = needs_escapes(key, key_len);
    bool found = false;
    eventure__members members = eventure__members_of(object, len);
    eventure__span member_key;
    eventure__span value;
    while (eventure__members_next(&members, &member_key, &value))
    {
        if (escaped ? is_escaped_form(member_key, key, key_len)
                    : member_key.len == key_len && memcmp(member_key.at, key, key_len) == 0)
        {
            *out_value = value;
            found = true;
        }
    }
    return found;
}

bool eventure__json_element(const char *array, size_t len, size_t index, eventure__span *out_value)
{
    const char *end = array + len;
    const char *at = array + 1;
    if (len < 2 || *at == ']')
        return false;
    for (size_t i = 0; at < end; i++)
    {
        const char *behind = value_end(at, end);
        if (i == index)
        {
            *out_value = (eventure__span){at, (size_t)(behind - at)};
            return true;
        }
        if (behind >= end || *behind != ',')
            return false;
        at = behind + 1;
    }
    return false;
}

/* Returns the code point of the escape that begins at `at` and advances behind it. */
static uint32_t unescape_one(const char **at, const char *end)
{
    const char *escape = *at;
    *at += end - escape > 1 ? 2 : 1;
    if (end - escape < 2)
        return '\\';
    switch (escape[1])
    {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'u':
        break;
    default:
        return (unsigned char)escape[1];
    }
    uint32_t code_point = 0;
    if (!eventure__json_hex4(escape + 2, end, &code_point))
        return 'u';
    *at = escape + 6;
    return code_point;
}

size_t eventure__json_unescape_to(eventure__span literal, char *out)
{
    if (literal.len < 2)
        return 0;
    size_t len = 0;
    const char *at = literal.at + 1;
    const char *end = literal.at + literal.len - 1;
    while (at < end)
    {
        const char *escape = memchr(at, '\\', (size_t)(end - at));
        size_t run = (size_t)((escape != NULL ? escape : end) - at);
        if (out != NULL && out + len != at)
            memmove(out + len, at, run);
        len += run;
        at += run;
        if (escape != NULL)
        {
            char encoded[4];
            size_t encoded_len = eventure__utf8_encode(unescape_one(&at, end), encoded);
            if (out != NULL)
                memcpy(out + len, encoded, encoded_len);
            len += encoded_len;
        }
    }
    return len;
}

void eventure__json_unescape(eventure__span literal, eventure__buffer *out)
{
    if (literal.len > 0 && eventure__buffer_reserve(out, literal.len))
        out->len += eventure__json_unescape_to(literal, out->bytes + out->len);
}

void eventure__json_append_string(eventure__buffer *out, const char *text, size_t len)
{
    const char *at = text;
    const char *end = text + len;
    eventure__buffer_reserve(out, len + 2);
    eventure__buffer_append_char(out, '"');
    while (at < end)
    {
        const char *run = at;
        while ((at = eventure__json_plain_end(at, end)) < end && (unsigned char)*at >= 0x80)
            at++;
        eventure__buffer_append(out, run, (size_t)(at - run));
        if (at < end)
        {
            char escape[6] = {'\\', eventure__json_short_escape((unsigned char)*at)};
            size_t escape_len = 2;
            if (escape[1] == 0)
            {
                eventure__json_write_hex4(escape, (unsigned char)*at);
                escape_len = 6;
            }
            eventure__buffer_append(out, escape, escape_len);
            at++;
        }
    }
    eventure__buffer_append_char(out, '"');
}
