/*
 * Reading lines: see line_reader.h. A line inside one chunk is returned without a copy; only a line that spans chunks
 * is copied.
 */
#include "transfer/line_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <eventure/transfer.h>

#define CHUNK_BYTES ((size_t)256 * 1024)

eventure_status eventure__line_reader_open(eventure__line_reader *lines, FILE *in, eventure__error *error)
{
    *lines = (eventure__line_reader){0};
    lines->in = in;
    lines->error = error;
    lines->chunk = malloc(CHUNK_BYTES);
    return lines->chunk != NULL ? EVENTURE_OK : eventure__fail(error, EVENTURE_ERROR_MEMORY, "out of memory");
}

/* Reads the next chunk: EVENTURE_ROW, or EVENTURE_OK at the end of the input. */
static eventure_status fill(eventure__line_reader *lines)
{
    errno = 0;
    lines->chunk_at = 0;
    lines->chunk_len = fread(lines->chunk, 1, CHUNK_BYTES, lines->in);
    const int reason = errno;
    if (ferror(lines->in))
    {
        return eventure__fail(lines->error, EVENTURE_ERROR_IO, "cannot read after line %lld: %s",
                              (long long)lines->number, reason != 0 ? strerror(reason) : "the stream has failed");
    }
    return lines->chunk_len > 0 ? EVENTURE_ROW : EVENTURE_OK;
}

/* Returns the line that was gathered, or that is in the chunk. */
static eventure_status hand_out(eventure__line_reader *lines, const char *line, size_t len, bool complete,
                                const char **out_line, size_t *out_len)
{
    lines->number++;
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
        return eventure__fail(lines->error, EVENTURE_ERROR_LIMIT, "the line is longer than %d bytes",
                              EVENTURE_IMPORT_LINE_MAX_BYTES);
    }
    eventure__buffer_append(&lines->long_line, piece, len);
    return lines->long_line.failed ? eventure__fail(lines->error, EVENTURE_ERROR_MEMORY, "out of memory") : EVENTURE_OK;
}

eventure_status eventure__line_reader_next(eventure__line_reader *lines, const char **out_line, size_t *out_len)
{
    eventure__buffer_clear(&lines->long_line);
    for (;;)
    {
        eventure_status status = EVENTURE_OK;
        if (lines->chunk_at == lines->chunk_len)
        {
            status = fill(lines);
            if (status == EVENTURE_OK && lines->long_line.len > 0)
                return hand_out(lines, lines->long_line.bytes, lines->long_line.len, false, out_line, out_len);
            if (status != EVENTURE_ROW)
                return status;
        }
        const char *piece = lines->chunk + lines->chunk_at;
        const char *feed = memchr(piece, '\n', lines->chunk_len - lines->chunk_at);
        const size_t len = feed != NULL ? (size_t)(feed - piece) : lines->chunk_len - lines->chunk_at;
        lines->chunk_at += feed != NULL ? len + 1 : len;
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
    free(lines->chunk);
    lines->chunk = NULL;
    eventure__buffer_free(&lines->long_line);
}
