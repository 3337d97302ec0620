/*
 * Reading lines: see line_reader.h. A line inside one chunk is returned without a copy; only a line that spans chunks
 * is copied.
 */
#include "transfer/line_reader.h"

#include <string.h>

#include <eventure/transfer.h>

eventure_status eventure__line_reader_open(eventure__line_reader *lines, eventure_read_fn read, void *source,
                                           eventure__error *error)
{
    *lines = (eventure__line_reader){0};
    return eventure__input_open(&lines->input, read, source, error);
}

/* Returns the line that was gathered, or that is in the chunk. */
static eventure_status hand_out(eventure__line_reader *lines, const char *line, size_t len, bool complete,
                                const char **out_line, size_t *out_len)
{
    lines->number++;
    lines->input.line++;
    lines->complete = complete;
    *out_line = line;
    *out_len = len;
    return EVENTURE_ROW;
}

/* Adds a piece to the line that spans chunks. */
static eventure_status gather(eventure__line_reader *lines, const char *piece, size_t len)
{
    if (lines->long_line.len + len > (size_t)EVENTURE_IMPORT_LINE_MAX_BYTES)
    {
        lines->number++;
        return eventure__fail(lines->input.error, EVENTURE_ERROR_LIMIT, "the line is longer than %d bytes",
                              EVENTURE_IMPORT_LINE_MAX_BYTES);
    }
    eventure__buffer_append(&lines->long_line, piece, len);
    return lines->long_line.failed ? eventure__fail(lines->input.error, EVENTURE_ERROR_MEMORY, "out of memory")
                                   : EVENTURE_OK;
}

eventure_status eventure__line_reader_next(eventure__line_reader *lines, const char **out_line, size_t *out_len)
{
    eventure__input *input = &lines->input;
    eventure__buffer_clear(&lines->long_line);
    for (;;)
    {
        eventure_status status = eventure__input_fill(input);
        if (status == EVENTURE_OK && lines->long_line.len > 0)
            return hand_out(lines, lines->long_line.bytes, lines->long_line.len, false, out_line, out_len);
        if (status != EVENTURE_ROW)
            return status;
        const char *piece = input->chunk + input->at;
        const char *feed = memchr(piece, '\n', input->len - input->at);
        const size_t len = feed != NULL ? (size_t)(feed - piece) : input->len - input->at;
        input->at += feed != NULL ? len + 1 : len;
        if (feed != NULL && lines->long_line.len == 0)
            return hand_out(lines, piece, len, true, out_line, out_len);
        status = gather(lines, piece, len);
        if (status != EVENTURE_OK)
            return status;
        if (feed != NULL)
            return hand_out(lines, lines->long_line.bytes, lines->long_line.len, true, out_line, out_len);
    }
}

void eventure__line_reader_free(eventure__line_reader *lines)
{
    eventure__input_free(&lines->input);
    eventure__buffer_free(&lines->long_line);
}
