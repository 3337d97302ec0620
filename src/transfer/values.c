/*
 * JSON values of a stream: see values.h. A value inside one chunk is returned without a copy; only a value that spans
 * chunks is copied. No function recurses: the depth is a number.
 */
#include "transfer/values.h"

#include <string.h>

#include <eventure/transfer.h>

#include "event/json_text.h"

/* A value that is being read, byte by byte. */
typedef struct scan
{
    int64_t depth; /* open containers */
    bool in_string;
    bool after_backslash;
    bool is_scalar; /* a number or a word: it ends before the byte that does not belong to it */
} scan;

eventure_status eventure__values_open(eventure__values *values, eventure_read_fn read, void *source,
                                      eventure__error *error)
{
    *values = (eventure__values){0};
    eventure_status status = eventure__input_open(&values->input, read, source, error);
    return status == EVENTURE_OK ? eventure__input_skip_mark(&values->input) : status;
}

static eventure_status fail(eventure__values *values, const char *text)
{
    values->line = values->input.line;
    return eventure__fail(values->input.error, EVENTURE_ERROR_JSON, "invalid JSON: %s", text);
}

/* Scans a string in the chunk, up to its closing quote or the end of the chunk. Returns false when it is not valid. */
static bool scan_string(scan *value, const char **at, const char *end)
{
    const char *c = *at;
    while (c < end && value->in_string)
    {
        if (value->after_backslash)
            value->after_backslash = false;
        else if ((c = eventure__json_plain_end(c, end)) == end)
            break;
        else if (*c == '"')
            value->in_string = false;
        else if (*c == '\\')
            value->after_backslash = true;
        else if (*c == '\n')
        {
            *at = c;
            return false;
        }
        c++;
    }
    *at = c;
    return true;
}

/* Whether a byte that follows a number or a word ends it. */
static bool ends_scalar(char c)
{
    return memchr("\"{}[]\n \t\r,:", c, 11) != NULL;
}

/* Scans the bytes of the chunk; true when the value ends at *at. */
static bool scan_piece(eventure__input *input, scan *value, const char **at, const char *end)
{
    const char *c = *at;
    bool ends = false;
    while (!ends && c < end)
    {
        if (value->is_scalar && ends_scalar(*c))
        {
            ends = true;
            break;
        }
        const char byte = *c++;
        if (byte == '"')
        {
            value->in_string = true;
            ends = !scan_string(value, &c, end) || (!value->in_string && value->depth == 0);
        }
        else if (byte == '{' || byte == '[')
            value->depth++;
        else if (byte == '}' || byte == ']')
            ends = --value->depth <= 0;
        else if (byte == '\n')
            input->line++;
        else if (value->depth == 0)
        {
            ends = ends_scalar(byte); /* a byte that cannot begin a value */
            value->is_scalar = !ends;
        }
    }
    *at = c;
    return ends;
}

static eventure_status gather(eventure__values *values, const char *piece, size_t len)
{
    if (values->spanning.len + len > (size_t)EVENTURE_IMPORT_LINE_MAX_BYTES)
        return eventure__fail(values->input.error, EVENTURE_ERROR_LIMIT, "the value is longer than %d bytes",
                              EVENTURE_IMPORT_LINE_MAX_BYTES);
    eventure__buffer_append(&values->spanning, piece, len);
    return values->spanning.failed ? eventure__fail(values->input.error, EVENTURE_ERROR_MEMORY, "out of memory")
                                   : EVENTURE_OK;
}

/* Reads the value that begins at the next byte; at the end of the input, the available part of it. */
static eventure_status take_value(eventure__values *values, bool is_kept, const char **out_text, size_t *out_len)
{
    eventure__input *input = &values->input;
    scan value = {0};
    values->line = input->line;
    eventure__buffer_clear(&values->spanning);
    for (;;)
    {
        const char *begin = input->chunk + input->at;
        const char *end = input->chunk + input->len;
        const char *at = begin;
        bool ends = false;
        if (value.in_string)
            ends = !scan_string(&value, &at, end) || (!value.in_string && value.depth == 0);
        if (!ends && !value.in_string)
            ends = scan_piece(input, &value, &at, end);
        input->at += (size_t)(at - begin);
        if (ends && value.in_string)
        {
            values->line = input->line;
            return eventure__fail(input->error, EVENTURE_ERROR_JSON,
                                  "invalid JSON: a string that begins in this line has no end");
        }
        *out_text = begin;
        *out_len = (size_t)(at - begin);
        if (ends && values->spanning.len == 0)
            return EVENTURE_ROW;
        eventure_status status = is_kept ? gather(values, begin, (size_t)(at - begin)) : EVENTURE_OK;
        if (status == EVENTURE_OK && !ends)
            status = eventure__input_fill(input);
        if (status < 0)
            return status;
        *out_text = values->spanning.bytes;
        *out_len = values->spanning.len;
        if (ends || status == EVENTURE_OK)
        {
            if (!ends && (value.depth > 0 || value.in_string))
                return eventure__fail(input->error, EVENTURE_ERROR_JSON,
                                      "the input is truncated: the value that begins here has no end");
            return EVENTURE_ROW;
        }
    }
}

/* Reads the comma or the end of an array or object. *out_closed: it ended. */
static eventure_status take_separator(eventure__values *values, char closing, bool *out_closed)
{
    eventure__input *input = &values->input;
    const char c = input->chunk[input->at];
    *out_closed = c == closing;
    if (c == closing && values->after_comma && !values->open_array_ends)
        return fail(values, "a comma must be followed by another one of what it separates");
    values->after_comma = c == ',' && values->needs_separator;
    if (c == closing || (c == ',' && values->needs_separator))
        input->at++;
    else if (values->needs_separator)
        return fail(values, closing == ']' ? "an element of the array must be followed by `,` or `]`"
                                           : "a member of the object must be followed by `,` or `}`");
    values->needs_separator = false;
    return EVENTURE_OK;
}

/* At a member of the top-level object: enters the array that is read, or skips any other value. */
static eventure_status take_member(eventure__values *values)
{
    eventure__input *input = &values->input;
    const char *text = NULL;
    size_t len = 0;
    if (input->chunk[input->at] != '"')
        return fail(values, "a key of the object must be a string");
    eventure_status status = take_value(values, true, &text, &len);
    if (status != EVENTURE_ROW)
        return status;
    const size_t wanted_len = strlen(values->member);
    const bool is_wanted = len == wanted_len + 2 && memcmp(text + 1, values->member, wanted_len) == 0;
    status = eventure__input_skip_space(input);
    if (status != EVENTURE_ROW || input->chunk[input->at] != ':')
        return status < 0 ? status : fail(values, "a key must be followed by `:`");
    input->at++;
    status = eventure__input_skip_space(input);
    if (status != EVENTURE_ROW)
        return status < 0 ? status : fail(values, "the object has no end");
    if (is_wanted && input->chunk[input->at] == '[')
    {
        input->at++;
        values->in_array = true;
        return EVENTURE_ROW;
    }
    status = take_value(values, false, &text, &len);
    values->needs_separator = true;
    return status;
}

/* Processes a byte that is not white space. Returns EVENTURE_ROW when a value begins there; EVENTURE_OK to continue. */
static eventure_status step(eventure__values *values)
{
    eventure__input *input = &values->input;
    bool closed = false;
    if (values->in_array || values->in_object)
    {
        const bool was_needed = values->needs_separator;
        const char closing = values->in_array ? ']' : '}';
        eventure_status status = take_separator(values, closing, &closed);
        if (status != EVENTURE_OK)
            return status;
        if (closed)
        {
            values->needs_separator = values->in_array && values->in_object;
            *(values->in_array ? &values->in_array : &values->in_object) = false;
            return EVENTURE_OK;
        }
        if (was_needed)
            return EVENTURE_OK;
        if (values->in_array)
            return EVENTURE_ROW;
        status = take_member(values);
        return status == EVENTURE_ROW ? EVENTURE_OK : status;
    }
    if (input->chunk[input->at] == '[')
        values->in_array = true;
    else if (input->chunk[input->at] == '{' && values->member != NULL)
        values->in_object = true;
    else
        return EVENTURE_ROW;
    input->at++;
    return EVENTURE_OK;
}

eventure_status eventure__values_next(eventure__values *values, const char **out_text, size_t *out_len)
{
    for (;;)
    {
        eventure_status status = eventure__input_skip_space(&values->input);
        if (status == EVENTURE_OK &&
            ((values->in_array && !values->open_array_ends) || (values->in_object && !values->in_array)))
            return fail(values, values->in_array ? "the array has no end" : "the object has no end");
        if (status == EVENTURE_ROW)
            status = step(values);
        else
            return status;
        if (status == EVENTURE_ROW)
        {
            status = take_value(values, true, out_text, out_len);
            values->needs_separator = values->in_array;
            return status;
        }
        if (status != EVENTURE_OK)
            return status;
    }
}

void eventure__values_free(eventure__values *values)
{
    eventure__input_free(&values->input);
    eventure__buffer_free(&values->spanning);
}
