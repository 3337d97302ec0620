/*
 * Validates JSON text and writes its compact form in one pass.
 *
 * Text that is already compact is copied in runs, not token by token: `run` is the beginning of the input that remains
 * to be copied, and it is copied at white space or at an escape that has a shorter form. Compact text is therefore
 * copied at once. The compact form is never longer than the text, so one reservation at the beginning is sufficient.
 */
#include "event/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "event/json_text.h"

/* One more than the limit of data, because the JSON line of an event contains its data one level deeper. */
#define DEPTH_BITS (EVENTURE__JSON_MAX_DEPTH + 1)

typedef struct scanner
{
    const char *start;
    const char *at;
    const char *end;
    const char *run;
    char *out;
    uint64_t objects[DEPTH_BITS / 64 + 1]; /* one bit per open container: set for an object */
    int depth;
    int max_depth;
    eventure__error *error;
} scanner;

/* The grammar element that is expected next. */
typedef enum expected
{
    EXPECT_VALUE,
    EXPECT_ELEMENT_OR_END,
    EXPECT_KEY,
    EXPECT_KEY_OR_END,
    EXPECT_SEPARATOR
} expected;

static eventure_status fail(const scanner *scan, const char *at, const char *format, ...) EVENTURE_PRINTF(3, 4);

static eventure_status fail(const scanner *scan, const char *at, const char *format, ...)
{
    char reason[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return eventure__fail(scan->error, EVENTURE_ERROR_JSON, "at byte %zu: %s", (size_t)(at - scan->start), reason);
}

/* Reports unexpected input where `wanted` is required. */
static eventure_status fail_unexpected(const scanner *scan, const char *wanted)
{
    const char *at = scan->at;
    if (at == scan->end)
        return fail(scan, at, "the text ends where %s should be", wanted);
    size_t len = 0;
    while (len < 20 && len < (size_t)(scan->end - at) && strchr(" \t\r\n,:[]{}\"", at[len]) == NULL)
        len++;
    if ((len == 3 && memcmp(at, "NaN", 3) == 0) || (len == 8 && memcmp(at, "Infinity", 8) == 0) ||
        (len == 9 && memcmp(at, "-Infinity", 9) == 0))
        return fail(scan, at, "%.*s is not a JSON number", (int)len, at);
    size_t character = eventure__utf8_decode(at, (size_t)(scan->end - at), NULL);
    if (len < character || len == 0)
        len = character == 0 ? 1 : character;
    return fail(scan, at, "found %s instead of %s", eventure__quote(at, len).text, wanted);
}

static void copy_run(scanner *scan, const char *end)
{
    size_t len = (size_t)(end - scan->run);
    memcpy(scan->out, scan->run, len);
    scan->out += len;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static inline void skip_space(scanner *scan)
{
    if (scan->at == scan->end || !is_space(*scan->at))
        return;
    copy_run(scan, scan->at);
    while (scan->at < scan->end && is_space(*scan->at))
        scan->at++;
    scan->run = scan->at;
}

/* Reads the code point of a \u escape, including a surrogate pair, and advances behind it. */
static eventure_status scan_code_point(scanner *scan, uint32_t *out)
{
    const char *escape = scan->at;
    if (!eventure__json_hex4(escape + 2, scan->end, out))
        return fail(scan, escape, "\\u needs four hexadecimal digits");
    scan->at += 6;
    if (*out < 0xD800 || *out > 0xDFFF)
        return EVENTURE_OK;
    uint32_t low = 0;
    if (*out >= 0xDC00 || scan->end - scan->at < 2 || scan->at[0] != '\\' || scan->at[1] != 'u' ||
        !eventure__json_hex4(scan->at + 2, scan->end, &low) || low < 0xDC00 || low > 0xDFFF)
        return fail(scan, escape, "%.6s is half of a surrogate pair", escape);
    scan->at += 6;
    *out = 0x10000 + ((*out - 0xD800) << 10) + (low - 0xDC00);
    return EVENTURE_OK;
}

static eventure_status scan_unicode_escape(scanner *scan)
{
    const char *escape = scan->at;
    uint32_t code_point = 0;
    eventure_status status = scan_code_point(scan, &code_point);
    if (status != EVENTURE_OK)
        return status;
    copy_run(scan, escape);
    char letter = eventure__json_short_escape(code_point);
    if (letter != 0)
    {
        *scan->out++ = '\\';
        *scan->out++ = letter;
    }
    else if (code_point < 0x20)
    {
        eventure__json_write_hex4(scan->out, code_point);
        scan->out += 6;
    }
    else
    {
        scan->out += eventure__utf8_encode(code_point, scan->out);
    }
    scan->run = scan->at;
    return EVENTURE_OK;
}

/* Scans one escape. scan->at is at its backslash. */
static eventure_status scan_escape(scanner *scan)
{
    if (scan->end - scan->at < 2)
        return fail(scan, scan->at, "the text ends in the middle of a string");
    switch (scan->at[1])
    {
    case '"':
    case '\\':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        scan->at += 2;
        return EVENTURE_OK;
    case '/':
        copy_run(scan, scan->at);
        scan->run = scan->at + 1;
        scan->at += 2;
        return EVENTURE_OK;
    case 'u':
        return scan_unicode_escape(scan);
    default:
        return fail(scan, scan->at, "\\%s is not an escape of JSON", eventure__quote(scan->at + 1, 1).text);
    }
}

/* Begins at the opening quote and ends behind the closing one. */
static eventure_status scan_string(scanner *scan)
{
    const char *opening = scan->at++;
    for (;;)
    {
        scan->at = eventure__json_plain_end(scan->at, scan->end);
        if (scan->at == scan->end)
            return fail(scan, opening, "the string that begins here has no end");
        unsigned char c = (unsigned char)*scan->at;
        if (c == '"')
        {
            scan->at++;
            return EVENTURE_OK;
        }
        if (c == '\\')
        {
            eventure_status status = scan_escape(scan);
            if (status != EVENTURE_OK)
                return status;
        }
        else if (c < 0x20)
        {
            return fail(scan, scan->at, "the control character U+%04X in a string must be escaped", (unsigned)c);
        }
        else
        {
            size_t len = eventure__utf8_decode(scan->at, (size_t)(scan->end - scan->at), NULL);
            if (len == 0)
                return fail(scan, scan->at, "the byte 0x%02x is not valid UTF-8", (unsigned)c);
            scan->at += len;
        }
    }
}

static bool is_digit(const scanner *scan)
{
    return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

static eventure_status scan_digits(scanner *scan, const char *number, const char *where)
{
    if (!is_digit(scan))
        return fail(scan, number, "a number has no digit %s", where);
    scan->at = eventure__json_digits_end(scan->at, scan->end);
    return EVENTURE_OK;
}

static eventure_status scan_number(scanner *scan)
{
    const char *number = scan->at;
    eventure_status status = EVENTURE_OK;
    if (*scan->at == '-')
        scan->at++;
    if (scan->at < scan->end && *scan->at == 'I')
    {
        scan->at = number;
        return fail_unexpected(scan, "a value");
    }
    if (scan->at < scan->end && *scan->at == '0')
    {
        scan->at++;
        if (is_digit(scan))
            return fail(scan, number, "a number begins with an unnecessary 0");
    }
    else
    {
        status = scan_digits(scan, number, "after the minus");
    }
    if (status == EVENTURE_OK && scan->at < scan->end && *scan->at == '.')
    {
        scan->at++;
        status = scan_digits(scan, number, "after the point");
    }
    if (status == EVENTURE_OK && scan->at < scan->end && (*scan->at == 'e' || *scan->at == 'E'))
    {
        scan->at++;
        if (scan->at < scan->end && (*scan->at == '+' || *scan->at == '-'))
            scan->at++;
        status = scan_digits(scan, number, "in the exponent");
    }
    return status;
}

static eventure_status scan_word(scanner *scan, const char *word, size_t len)
{
    if ((size_t)(scan->end - scan->at) < len || memcmp(scan->at, word, len) != 0)
        return fail_unexpected(scan, "a value");
    scan->at += len;
    return EVENTURE_OK;
}

static eventure_status open_container(scanner *scan, bool is_object)
{
    if (scan->depth >= scan->max_depth)
        return eventure__fail(scan->error, EVENTURE_ERROR_LIMIT,
                              "at byte %zu: nested deeper than max_depth, which is %d",
                              (size_t)(scan->at - scan->start), scan->max_depth);
    uint64_t bit = UINT64_C(1) << (scan->depth % 64);
    if (is_object)
        scan->objects[scan->depth / 64] |= bit;
    else
        scan->objects[scan->depth / 64] &= ~bit;
    scan->depth++;
    scan->at++;
    return EVENTURE_OK;
}

static bool in_object(const scanner *scan)
{
    int top = scan->depth - 1;
    return (scan->objects[top / 64] >> (top % 64) & 1) != 0;
}

static eventure_status scan_value(scanner *scan, expected *out_next)
{
    *out_next = EXPECT_SEPARATOR;
    if (scan->at == scan->end)
        return fail_unexpected(scan, "a value");
    switch (*scan->at)
    {
    case '{':
        *out_next = EXPECT_KEY_OR_END;
        return open_container(scan, true);
    case '[':
        *out_next = EXPECT_ELEMENT_OR_END;
        return open_container(scan, false);
    case '"':
        return scan_string(scan);
    case 't':
        return scan_word(scan, "true", 4);
    case 'f':
        return scan_word(scan, "false", 5);
    case 'n':
        return scan_word(scan, "null", 4);
    default:
        if (*scan->at == '-' || is_digit(scan))
            return scan_number(scan);
        return fail_unexpected(scan, "a value");
    }
}

static eventure_status scan_key(scanner *scan, expected *out_next)
{
    *out_next = EXPECT_VALUE;
    if (scan->at == scan->end || *scan->at != '"')
        return fail_unexpected(scan, "a key");
    eventure_status status = scan_string(scan);
    if (status != EVENTURE_OK)
        return status;
    skip_space(scan);
    if (scan->at == scan->end || *scan->at != ':')
        return fail_unexpected(scan, "the `:` after a key");
    scan->at++;
    return EVENTURE_OK;
}

/* Begins after a value inside a container. */
static eventure_status scan_separator(scanner *scan, expected *out_next)
{
    bool object = in_object(scan);
    if (scan->at < scan->end && *scan->at == ',')
    {
        *out_next = object ? EXPECT_KEY : EXPECT_VALUE;
        scan->at++;
        return EVENTURE_OK;
    }
    if (scan->at == scan->end || *scan->at != (object ? '}' : ']'))
        return fail_unexpected(scan, object ? "`,` or `}`" : "`,` or `]`");
    *out_next = EXPECT_SEPARATOR;
    scan->depth--;
    scan->at++;
    return EVENTURE_OK;
}

static eventure_status scan_document(scanner *scan)
{
    expected next = EXPECT_VALUE;
    eventure_status status = EVENTURE_OK;
    while (status == EVENTURE_OK)
    {
        skip_space(scan);
        if (next == EXPECT_SEPARATOR && scan->depth == 0)
            return scan->at == scan->end ? EVENTURE_OK : fail_unexpected(scan, "the end of the text");
        char first = scan->at < scan->end ? *scan->at : '\0';
        bool closes = (next == EXPECT_KEY_OR_END && first == '}') || (next == EXPECT_ELEMENT_OR_END && first == ']');
        if (next == EXPECT_SEPARATOR || closes)
            status = scan_separator(scan, &next);
        else if (next == EXPECT_KEY || next == EXPECT_KEY_OR_END)
            status = scan_key(scan, &next);
        else
            status = scan_value(scan, &next);
    }
    return status;
}

/* Returns the end of an ASCII string without escapes that begins at `at`, or NULL for any other string. */
static inline const char *plain_string_end(const char *at, const char *end)
{
    at = eventure__json_plain_end(at + 1, end);
    return at < end && *at == '"' ? at + 1 : NULL;
}

/* Returns the end of a number without an exponent, or NULL for any other input. */
static inline const char *plain_number_end(const char *at, const char *end)
{
    at += *at == '-';
    const char *digits = at;
    at = eventure__json_digits_end(at, end);
    if (at == digits || (*digits == '0' && at > digits + 1))
        return NULL;
    if (at == end || *at != '.')
        return at;
    digits = ++at;
    at = eventure__json_digits_end(at, end);
    return at > digits ? at : NULL;
}

static inline const char *plain_value_end(const char *at, const char *end)
{
    if (*at == '"')
        return plain_string_end(at, end);
    if (*at <= '9')
        return plain_number_end(at, end);
    switch (*at)
    {
    case 't':
        return end - at >= 4 && memcmp(at, "true", 4) == 0 ? at + 4 : NULL;
    case 'f':
        return end - at >= 5 && memcmp(at, "false", 5) == 0 ? at + 5 : NULL;
    case 'n':
        return end - at >= 4 && memcmp(at, "null", 4) == 0 ? at + 4 : NULL;
    default:
        return NULL;
    }
}

/*
 * Returns whether the text is a compact object of simple strings, numbers and literals, which most events have. This
 * check takes a third of the time of the scanner. Any other text is scanned.
 */
static bool is_plain_object(const char *at, const char *end)
{
    if (end - at < 2 || *at != '{')
        return false;
    if (at[1] == '}')
        return end - at == 2;
    do
    {
        at++;
        if (at == end || *at != '"' || (at = plain_string_end(at, end)) == NULL || end - at < 2 || *at != ':')
            return false;
        at = plain_value_end(at + 1, end);
        if (at == NULL || at == end)
            return false;
    }
    while (*at == ',');
    return *at == '}' && at + 1 == end;
}

/* Compacts any text, with the scanner. */
static eventure_status compact(const char *text, size_t len, int max_depth, eventure__buffer *out,
                               eventure__error *error)
{
    scanner scan = {.start = text, .at = text, .end = text + len, .run = text, .error = error};
    scan.max_depth = max_depth < DEPTH_BITS ? max_depth : DEPTH_BITS;
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        return fail(&scan, text, "a byte order mark, which JSON text must not have");
    if (!eventure__buffer_reserve(out, len + 1))
        return eventure__fail(error, EVENTURE_ERROR_MEMORY, "out of memory for %zu bytes of JSON", len);
    scan.out = out->bytes + out->len;
    eventure_status status = scan_document(&scan);
    if (status != EVENTURE_OK)
        return status;
    copy_run(&scan, scan.end);
    out->len = (size_t)(scan.out - out->bytes);
    return EVENTURE_OK;
}

eventure_status eventure__json_compact(const char *text, size_t len, int max_depth, eventure__buffer *out,
                                       eventure__error *error)
{
    if (max_depth <= 0 || !is_plain_object(text, text + len) || !eventure__buffer_reserve(out, len + 1))
        return compact(text, len, max_depth, out, error);
    memcpy(out->bytes + out->len, text, len);
    out->len += len;
    return EVENTURE_OK;
}
