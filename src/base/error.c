/*
 * Error texts. A text is formatted into a local buffer first, so that a message can include the text that it replaces.
 * A text that is too long is truncated after a whole character.
 */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/utf8.h"

/* Removes an incomplete UTF-8 sequence from the end of a truncated text. */
static void trim_split_character(char *text, size_t len)
{
    size_t start = len;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0U) == 0x80U)
        start--;
    if (start > 0 && (unsigned char)text[start - 1] >= 0xC0U &&
        eventure__utf8_decode(text + start - 1, len - start + 1, NULL) == 0)
        text[start - 1] = '\0';
}

static void format_text(char out[EVENTURE__ERROR_BYTES], const char *format, va_list arguments)
{
    int len = vsnprintf(out, EVENTURE__ERROR_BYTES, format, arguments);
    if (len < 0)
        out[0] = '\0';
    else if (len >= EVENTURE__ERROR_BYTES)
        trim_split_character(out, EVENTURE__ERROR_BYTES - 1);
}

/* One for each thread: what failed without a handle has its text here. */
static _Thread_local eventure__error last;

void eventure__set_last_error(const eventure__error *error)
{
    last = *error;
}

const char *eventure_last_message(void)
{
    return last.text;
}

eventure_status eventure__fail_argument(const char *function)
{
    return eventure__fail(NULL, EVENTURE_ERROR_ARGUMENT, "%s: a required argument is NULL", function);
}

#undef eventure__fail
eventure_status eventure__fail(eventure__error *error, eventure_status status, const char *format, ...)
{
    char text[EVENTURE__ERROR_BYTES];
    va_list arguments;
    va_start(arguments, format);
    format_text(text, format, arguments);
    va_end(arguments);
    size_t size = strlen(text) + 1;
    last.status = status;
    memcpy(last.text, text, size);
    if (error == NULL)
        return status;
    error->status = status;
    memcpy(error->text, text, size);
    return status;
}

eventure_status eventure__fail_prefix(eventure__error *error, const char *format, ...)
{
    if (error == NULL)
        return EVENTURE_OK;
    char text[EVENTURE__ERROR_BYTES];
    va_list arguments;
    va_start(arguments, format);
    format_text(text, format, arguments);
    va_end(arguments);

    size_t prefix_len = strlen(text);
    int rest = snprintf(text + prefix_len, sizeof text - prefix_len, ": %s", error->text);
    if (rest >= 0 && (size_t)rest >= sizeof text - prefix_len)
        trim_split_character(text, sizeof text - 1);
    memcpy(error->text, text, strlen(text) + 1);
    last = *error;
    return error->status;
}

eventure_status eventure__errno_status(int cause)
{
    switch (cause)
    {
    case EACCES:
    case EROFS:
    case EPERM:
        return EVENTURE_ERROR_READ_ONLY;
    case EEXIST:
        return EVENTURE_ERROR_EXISTS;
    case ENOMEM:
        return EVENTURE_ERROR_MEMORY;
    default:
        return EVENTURE_ERROR_IO;
    }
}

eventure_status eventure__errno_name_status(int cause)
{
    return cause == ENOENT || cause == ENOTDIR ? EVENTURE_ERROR_NOT_FOUND : eventure__errno_status(cause);
}

eventure_status eventure__errno_read_status(int cause)
{
    const eventure_status status = eventure__errno_name_status(cause);
    return status == EVENTURE_ERROR_READ_ONLY ? EVENTURE_ERROR_IO : status;
}

/* Writes the character at value as messages show it. Returns the length of the output; out_taken receives the number of
 * bytes read. */
static size_t show_character(const char *value, size_t len, char out[8], size_t *out_taken)
{
    uint32_t code_point = 0;
    size_t taken = eventure__utf8_decode(value, len, &code_point);
    int shown = 0;
    *out_taken = taken == 0 ? 1 : taken;
    if (taken == 0)
        shown = snprintf(out, 8, "\\x%02x", (unsigned)(unsigned char)value[0]);
    else if (code_point == '\n')
        shown = snprintf(out, 8, "\\n");
    else if (code_point == '\r')
        shown = snprintf(out, 8, "\\r");
    else if (code_point == '\t')
        shown = snprintf(out, 8, "\\t");
    else if (eventure__controls_terminal(code_point))
        shown = snprintf(out, 8, "\\u%04x", (unsigned)code_point);
    else
        memcpy(out, value, (size_t)(shown = (int)taken));
    return (size_t)shown;
}

eventure__quoted eventure__quote(const char *value, size_t len)
{
    eventure__quoted quoted;
    if (len == 0)
    {
        memcpy(quoted.text, "\"\"", 3);
        return quoted;
    }
    size_t used = 0;
    size_t used_before_dots = 0; /* length of the text when "..." must follow */
    size_t at = 0;
    while (at < len)
    {
        char shown[8];
        size_t taken = 0;
        size_t shown_len = show_character(value + at, len - at, shown, &taken);
        if (used + shown_len >= sizeof quoted.text)
        {
            memcpy(quoted.text + used_before_dots, "...", 4);
            return quoted;
        }
        memcpy(quoted.text + used, shown, shown_len);
        used += shown_len;
        at += taken;
        if (used + sizeof "..." <= sizeof quoted.text)
            used_before_dots = used;
    }
    quoted.text[used] = '\0';
    return quoted;
}
