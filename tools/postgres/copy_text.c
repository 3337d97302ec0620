/*
 * Rows in the text format of COPY: see copy_text.h.
 */
#include "copy_text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"

/* The limit of the length of a number without its exponent, and of the absolute value of its exponent, for data that is
   stored as jsonb. */
#define MOST_DIGITS 16000

/* The limit of the length of data that is stored as jsonb, whose strings and objects have at most 256 MiB. */
#define MOST_JSONB_BYTES ((size_t)64 << 20)

/* The letter after the backslash for a byte that must be escaped; 0 for other bytes. */
static char escape_of(unsigned char byte)
{
    switch (byte)
    {
    case '\\':
        return '\\';
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    case '\v':
        return 'v';
    default:
        return 0;
    }
}

void copy_text_append(eventure__buffer *out, const char *text, size_t len)
{
    size_t begin = 0;
    for (size_t i = 0; i < len; i++)
    {
        char letter = (unsigned char)text[i] < 0x20 || text[i] == '\\' ? escape_of((unsigned char)text[i]) : 0;
        if (letter == 0)
            continue;
        eventure__buffer_append(out, text + begin, i - begin);
        eventure__buffer_append_char(out, '\\');
        eventure__buffer_append_char(out, letter);
        begin = i + 1;
    }
    eventure__buffer_append(out, text + begin, len - begin);
}

static void append_blob(eventure__buffer *out, const unsigned char *bytes, size_t len)
{
    eventure__buffer_append_text(out, "\\\\x");
    eventure__buffer_append_hex(out, bytes, len);
}

void copy_text_column(eventure__buffer *out, sqlite3_stmt *row, int column)
{
    char number[40];
    const char *text = NULL;
    switch (sqlite3_column_type(row, column))
    {
    case SQLITE_INTEGER:
        eventure__buffer_append_int(out, sqlite3_column_int64(row, column));
        break;
    case SQLITE_FLOAT:
        snprintf(number, sizeof number, "%.17g", sqlite3_column_double(row, column));
        eventure__buffer_append_text(out, number);
        break;
    case SQLITE_TEXT:
        text = (const char *)sqlite3_column_text(row, column);
        if (text == NULL)
            out->failed = true;
        else
            copy_text_append(out, text, (size_t)sqlite3_column_bytes(row, column));
        break;
    case SQLITE_BLOB:
        append_blob(out, sqlite3_column_blob(row, column), (size_t)sqlite3_column_bytes(row, column));
        break;
    default:
        eventure__buffer_append_text(out, "\\N");
        break;
    }
}

/* Returns the end of the string that begins at `at`; NULL when it contains U+0000. */
static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\')
        {
            if (end - at >= 6 && memcmp(at, "\\u0000", 6) == 0)
                return NULL;
            at++;
        }
    return at + 1;
}

/* Returns the end of the number that begins at `at`; NULL when it has too many digits, or too large an exponent. */
static const char *skip_number(const char *at, const char *end)
{
    const char *begin = at;
    while (at < end && (isdigit((unsigned char)*at) || *at == '-' || *at == '.'))
        at++;
    if (at - begin > MOST_DIGITS)
        return NULL;
    if (at < end && (*at == 'e' || *at == 'E'))
    {
        const char *exponent = ++at;
        while (at < end && (isdigit((unsigned char)*at) || *at == '-' || *at == '+'))
            at++;
        if (at - exponent > 8 || labs(strtol(exponent, NULL, 10)) > MOST_DIGITS)
            return NULL;
    }
    return at;
}

bool copy_text_fits_jsonb(const char *json, size_t len)
{
    const char *end = json + len;
    if (len > MOST_JSONB_BYTES)
        return false;
    for (const char *at = json; at != NULL && at < end;)
    {
        if (*at == '"')
            at = skip_string(at, end);
        else if (*at == '-' || isdigit((unsigned char)*at))
            at = skip_number(at, end);
        else
            at++;
        if (at == NULL)
            return false;
    }
    return true;
}
