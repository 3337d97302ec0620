/*
 * Reading CSV: see csv_read.h.
 */
#include "transfer/csv_read.h"

#include <stdlib.h>
#include <string.h>

#include <eventure/transfer.h>

#include "base/utf8.h"

static eventure_status fail_memory(eventure__csv_reader *reader)
{
    return eventure__fail(reader->input->error, EVENTURE_ERROR_MEMORY, "out of memory");
}

static eventure_status fail(eventure__csv_reader *reader, const char *text)
{
    return eventure__fail(reader->input->error, EVENTURE_ERROR_JSON, "invalid CSV: %s", text);
}

/* --- Records --- */

static eventure__cell *begin_cell(eventure__csv_reader *reader)
{
    if (reader->cells_count == reader->cells_capacity)
    {
        const size_t capacity = reader->cells_capacity == 0 ? 32 : reader->cells_capacity * 2;
        eventure__cell *cells = realloc(reader->cells, capacity * sizeof *cells);
        if (cells == NULL)
            return NULL;
        reader->cells = cells;
        reader->cells_capacity = capacity;
    }
    eventure__cell *cell = &reader->cells[reader->cells_count++];
    *cell = (eventure__cell){.offset = reader->text.len};
    return cell;
}

static eventure_status add(eventure__csv_reader *reader, const char *bytes, size_t len)
{
    if (reader->text.len + len > (size_t)EVENTURE_IMPORT_LINE_MAX_BYTES)
        return eventure__fail(reader->input->error, EVENTURE_ERROR_LIMIT, "the record is longer than %d bytes",
                              EVENTURE_IMPORT_LINE_MAX_BYTES);
    eventure__buffer_append(&reader->text, bytes, len);
    return reader->text.failed ? fail_memory(reader) : EVENTURE_OK;
}

/* Reads a quoted cell, after its opening quote, including the closing one. */
static eventure_status read_quoted(eventure__csv_reader *reader)
{
    eventure__input *input = reader->input;
    bool after_quote = false;
    for (;;)
    {
        eventure_status status = eventure__input_fill(input);
        if (status == EVENTURE_OK)
            return after_quote ? EVENTURE_OK : fail(reader, "a quote that begins in this record has no end");
        if (status != EVENTURE_ROW)
            return status;
        if (after_quote)
        {
            if (input->chunk[input->at] != '"')
                return EVENTURE_OK;
            status = add(reader, "\"", 1);
            input->at++;
            after_quote = false;
            if (status != EVENTURE_OK)
                return status;
            continue;
        }
        const char *begin = input->chunk + input->at;
        const char *end = memchr(begin, '"', input->len - input->at);
        const size_t len = end != NULL ? (size_t)(end - begin) : input->len - input->at;
        for (const char *c = begin; (c = memchr(c, '\n', (size_t)(begin + len - c))) != NULL; c++)
            input->line++;
        status = add(reader, begin, len);
        if (status != EVENTURE_OK)
            return status;
        input->at += len + (end != NULL);
        after_quote = end != NULL;
    }
}

/* Reads a cell without quotes, up to the separator, the end of the line, or the end of the input. */
static eventure_status read_plain(eventure__csv_reader *reader)
{
    eventure__input *input = reader->input;
    for (;;)
    {
        eventure_status status = eventure__input_fill(input);
        if (status != EVENTURE_ROW)
            return status;
        const char *begin = input->chunk + input->at;
        const char *end = input->chunk + input->len;
        const char *at = begin;
        while (at < end && *at != reader->separator && *at != '\n')
            at++;
        status = add(reader, begin, (size_t)(at - begin));
        if (status != EVENTURE_OK)
            return status;
        input->at += (size_t)(at - begin);
        if (at < end)
            return EVENTURE_OK;
    }
}

/* Reads a cell. */
static eventure_status read_cell(eventure__csv_reader *reader)
{
    eventure__input *input = reader->input;
    eventure__cell *cell = begin_cell(reader);
    if (cell == NULL)
        return fail_memory(reader);
    eventure_status status = eventure__input_fill(input);
    if (status == EVENTURE_ROW && input->chunk[input->at] == '"')
    {
        input->at++;
        cell->is_quoted = true;
        status = read_quoted(reader);
        cell->len = reader->text.len - cell->offset;
        if (status == EVENTURE_OK && (status = eventure__input_fill(input)) == EVENTURE_ROW)
            status = EVENTURE_OK;
        if (status == EVENTURE_OK && input->at < input->len && input->chunk[input->at] == '\r')
            input->at++;
        return status;
    }
    if (status == EVENTURE_ROW)
        status = read_plain(reader);
    cell->len = reader->text.len - cell->offset;
    if (cell->len > 0 && reader->text.bytes[reader->text.len - 1] == '\r' &&
        (input->at == input->len || input->chunk[input->at] == '\n'))
        cell->len--;
    return status;
}

/* Reads the cells of a record: EVENTURE_ROW, or EVENTURE_OK at the end. */
static eventure_status read_record(eventure__csv_reader *reader)
{
    eventure__input *input = reader->input;
    eventure__buffer_clear(&reader->text);
    reader->cells_count = 0;
    reader->line = input->line;
    eventure_status status = eventure__input_fill(input);
    if (status != EVENTURE_ROW)
        return status;
    for (;;)
    {
        status = read_cell(reader);
        if (status == EVENTURE_OK)
            status = eventure__input_fill(input);
        if (status == EVENTURE_OK)
            return EVENTURE_ROW;
        if (status != EVENTURE_ROW)
            return status;
        const char c = input->chunk[input->at++];
        if (c == '\n')
        {
            input->line++;
            return EVENTURE_ROW;
        }
        if (c != reader->separator)
            return fail(reader, "a closing quote must be followed by the separator or the end of the line");
    }
}

/* --- Titles --- */

/* Finds the separator of the first line: a comma, if there is one outside quotes; otherwise the first semicolon or
   tab. */
static char find_separator(const eventure__input *input)
{
    bool in_quotes = false;
    char found = ',';
    for (size_t i = input->at; i < input->len; i++)
    {
        const char c = input->chunk[i];
        if (c == '"')
            in_quotes = !in_quotes;
        else if (in_quotes)
            continue;
        else if (c == '\n' || c == ',')
            return c == ',' ? c : found;
        else if ((c == ';' || c == '\t') && found == ',')
            found = c;
    }
    return found;
}

bool eventure__csv_reader_has(const eventure__csv_reader *reader, const char *key, size_t len)
{
    for (size_t i = 0; i < reader->titles_count; i++)
        if (reader->title_cells[i].len == len + 2 &&
            memcmp(reader->titles.bytes + reader->title_cells[i].offset + 1, key, len) == 0)
            return true;
    return false;
}

eventure_status eventure__csv_reader_open(eventure__csv_reader *reader, eventure__input *input, int max_depth)
{
    *reader = (eventure__csv_reader){.input = input, .max_depth = max_depth, .separator = ',', .line = 1};
    eventure_status status = eventure__input_fill(input);
    if (status != EVENTURE_ROW)
        return status;
    reader->separator = find_separator(input);
    status = read_record(reader);
    if (status != EVENTURE_ROW)
        return status;
    reader->title_cells = calloc(reader->cells_count, sizeof *reader->title_cells);
    if (reader->title_cells == NULL)
        return fail_memory(reader);
    for (size_t i = 0; i < reader->cells_count; i++)
    {
        const char *title = reader->text.bytes + reader->cells[i].offset;
        const size_t len = reader->cells[i].len;
        if (!eventure__utf8_valid(title, len))
            return fail(reader, "a title is not valid UTF-8");
        const size_t offset = reader->titles.len;
        eventure__json_append_string(&reader->titles, title, len);
        if (reader->titles.failed)
            return fail_memory(reader);
        if (eventure__csv_reader_has(reader, reader->titles.bytes + offset + 1, reader->titles.len - offset - 2))
            return eventure__fail(input->error, EVENTURE_ERROR_JSON, "invalid CSV: two columns have the title %s",
                                  eventure__quote(title, len).text);
        reader->title_cells[i] = (eventure__cell){.offset = offset, .len = reader->titles.len - offset};
        reader->titles_count = i + 1;
    }
    return EVENTURE_OK;
}

/* --- From cells to JSON --- */

static const char *digits_end(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* Whether a cell is a number of JSON. `12e45` without a point and a sign is not treated as a number: it can be a
   hexadecimal id. */
static bool is_number(const char *at, const char *end)
{
    bool is_marked = false;
    at += at < end && *at == '-';
    const char *digits = at;
    at = digits_end(at, end);
    if (at == digits || (*digits == '0' && at > digits + 1))
        return false;
    if (at < end && *at == '.')
    {
        digits = ++at;
        at = digits_end(at, end);
        is_marked = true;
        if (at == digits)
            return false;
    }
    if (at < end && (*at == 'e' || *at == 'E'))
    {
        at++;
        is_marked = is_marked || (at < end && (*at == '+' || *at == '-'));
        at += at < end && (*at == '+' || *at == '-');
        digits = at;
        at = digits_end(at, end);
        if (at == digits || !is_marked)
            return false;
    }
    return at == end;
}

static bool append_json(eventure__csv_reader *reader, const char *text, size_t len)
{
    eventure__buffer *out = &reader->record;
    if ((*text == '{' && text[len - 1] == '}') || (*text == '[' && text[len - 1] == ']'))
        return eventure__json_compact(text, len, reader->max_depth, out, NULL) == EVENTURE_OK;
    if (!is_number(text, text + len) && !(len == 4 && memcmp(text, "true", 4) == 0) &&
        !(len == 5 && memcmp(text, "false", 5) == 0))
        return false;
    eventure__buffer_append(out, text, len);
    return true;
}

static eventure_status append_cell(eventure__csv_reader *reader, size_t i)
{
    const eventure__cell *cell = &reader->cells[i];
    const eventure__cell *title = &reader->title_cells[i];
    const char *text = reader->text.bytes + cell->offset;
    eventure__buffer *out = &reader->record;
    if (cell->len == 0 && !cell->is_quoted)
        return EVENTURE_OK;
    if (out->len > 1)
        eventure__buffer_append_char(out, ',');
    eventure__buffer_append(out, reader->titles.bytes + title->offset, title->len);
    eventure__buffer_append_char(out, ':');
    if (cell->len > 0 && append_json(reader, text, cell->len))
        return EVENTURE_OK;
    if (!eventure__utf8_valid(text, cell->len))
        return eventure__fail(reader->input->error, EVENTURE_ERROR_JSON,
                              "invalid CSV: the cell of the column %s is not valid UTF-8: %s",
                              eventure__quote(reader->titles.bytes + title->offset, title->len).text,
                              eventure__quote(text, cell->len).text);
    eventure__json_append_string(out, text, cell->len);
    return EVENTURE_OK;
}

eventure_status eventure__csv_reader_next(eventure__csv_reader *reader, eventure__span *out_record)
{
    eventure_status status = EVENTURE_OK;
    do
    {
        status = read_record(reader);
        if (status != EVENTURE_ROW)
            return status;
    }
    while (reader->cells_count == 1 && reader->text.len <= 1 && !reader->cells[0].is_quoted &&
           reader->cells[0].len == 0); /* an empty line */
    if (reader->cells_count != reader->titles_count)
        return eventure__fail(reader->input->error, EVENTURE_ERROR_JSON,
                              "invalid CSV: the record has %zu cells, and there are %zu titles", reader->cells_count,
                              reader->titles_count);
    eventure__buffer_clear(&reader->record);
    eventure__buffer_append_char(&reader->record, '{');
    status = EVENTURE_OK;
    for (size_t i = 0; i < reader->cells_count && status == EVENTURE_OK; i++)
        status = append_cell(reader, i);
    eventure__buffer_append_char(&reader->record, '}');
    if (status != EVENTURE_OK)
        return status;
    if (reader->record.failed)
        return fail_memory(reader);
    *out_record = (eventure__span){reader->record.bytes, reader->record.len};
    return EVENTURE_ROW;
}

void eventure__csv_reader_free(eventure__csv_reader *reader)
{
    eventure__buffer_free(&reader->text);
    eventure__buffer_free(&reader->titles);
    eventure__buffer_free(&reader->record);
    free(reader->cells);
    free(reader->title_cells);
}
