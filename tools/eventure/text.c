/*
 * Text on a terminal: see text.h.
 *
 * The C library returns the number of columns of a character (wcwidth) in a UTF-8 locale. The program uses such a
 * locale, independent of the user's, because stored text is UTF-8.
 */
#include "text.h"

#include <inttypes.h>
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "base/escape.h"
#include "base/utf8.h"

/* The next piece of output: a character, or its escape. */
typedef struct piece
{
    char bytes[12];
    size_t len;
    size_t width;
} piece;

void text_init(void)
{
    static const char *const locales[] = {"C.UTF-8", "en_US.UTF-8", "UTF-8", ""};
    for (size_t i = 0; i < sizeof locales / sizeof locales[0]; i++)
    {
        if (setlocale(LC_CTYPE, locales[i]) != NULL)
            return;
    }
}

static void escape(uint32_t point, piece *out)
{
    const char *name = point == '\n' ? "\\n" : point == '\r' ? "\\r" : point == '\t' ? "\\t" : NULL;
    int len = name != NULL ? snprintf(out->bytes, sizeof out->bytes, "%s", name)
                           : snprintf(out->bytes, sizeof out->bytes, "\\u%04x", (unsigned)point);
    out->len = (size_t)len;
    out->width = out->len;
}

/* Reads the next piece of the text; len is not 0. Returns the number of bytes of the text that it covers. */
static size_t next_piece(const char *bytes, size_t len, piece *out)
{
    uint32_t point = 0;
    size_t used = eventure__utf8_decode(bytes, len, &point);
    if (used == 0)
    {
        snprintf(out->bytes, sizeof out->bytes, "\\x%02x", (unsigned)(unsigned char)bytes[0]);
        out->len = 4;
        out->width = 4;
        return 1;
    }
    if (eventure__controls_terminal(point))
    {
        escape(point, out);
        return used;
    }
    memcpy(out->bytes, bytes, used);
    out->len = used;
    int width = point < 0x80 ? 1 : wcwidth((wchar_t)point);
    out->width = width >= 0 ? (size_t)width : 1; /* unknown to the C library: probably a new letter or sign */
    return used;
}

/* Returns the number of plain characters of one column at the start of the text; most texts contain only these. */
static size_t count_plain(const char *bytes, size_t len)
{
    size_t count = 0;
    while (count < len && bytes[count] >= ' ' && bytes[count] < 0x7F)
        count++;
    return count;
}

size_t text_width(const char *bytes, size_t len, size_t limit)
{
    size_t width = 0;
    for (size_t at = 0; at < len && width <= limit;)
    {
        size_t left = limit - width;
        size_t plain = count_plain(bytes + at, len - at <= left ? len - at : left + 1);
        piece next = {{0}, 0, 0};
        at += plain > 0 ? plain : next_piece(bytes + at, len - at, &next);
        width += plain + next.width;
    }
    return width;
}

void text_write(FILE *out, const char *bytes, size_t len)
{
    for (size_t at = 0; at < len;)
    {
        size_t plain = count_plain(bytes + at, len - at);
        piece next;
        fwrite(bytes + at, 1, plain, out);
        at += plain;
        if (at == len)
            break;
        at += next_piece(bytes + at, len - at, &next);
        fwrite(next.bytes, 1, next.len, out);
    }
}

size_t text_write_cut(FILE *out, const char *bytes, size_t len, size_t columns)
{
    size_t width = text_width(bytes, len, columns);
    if (width <= columns)
    {
        text_write(out, bytes, len);
        return width;
    }
    if (columns == 0)
        return 0;
    size_t used = 0;
    piece next;
    for (size_t at = 0; at < len; used += next.width)
    {
        at += next_piece(bytes + at, len - at, &next);
        if (used + next.width > columns - 1)
            break;
        fwrite(next.bytes, 1, next.len, out);
    }
    fputs("…", out);
    return used + 1;
}

void text_write_json(FILE *out, const char *bytes, size_t len)
{
    fputc('"', out);
    for (size_t at = 0; at < len;)
    {
        uint32_t point = 0;
        size_t used = eventure__utf8_decode(bytes + at, len - at, &point);
        if (used == 0)
            fputs("\xEF\xBF\xBD", out);
        else if (point == '"' || point == '\\')
            fprintf(out, "\\%c", (int)point);
        else if (point == '\n')
            fputs("\\n", out);
        else if (eventure__controls_terminal(point))
            fprintf(out, "\\u%04x", (unsigned)point);
        else
            fwrite(bytes + at, 1, used, out);
        at += used != 0 ? used : 1;
    }
    fputc('"', out);
}

void text_write_json_or_null(FILE *out, const char *text)
{
    if (text != NULL && *text != '\0')
        text_write_json(out, text, strlen(text));
    else
        fputs("null", out);
}

const char *text_count(char out[COUNT_BYTES], int64_t count, const char *noun)
{
    snprintf(out, COUNT_BYTES, "%" PRId64 " %s%s", count, noun, count == 1 ? "" : "s");
    return out;
}
