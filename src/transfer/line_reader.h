/*
 * Reads the lines of a FILE, one at a time; the last line may end without a line feed. Memory is bounded by
 * EVENTURE_IMPORT_LINE_MAX_BYTES.
 */
#ifndef EVENTURE_TRANSFER_LINE_READER_H
#define EVENTURE_TRANSFER_LINE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <eventure/status.h>

#include "base/buffer.h"
#include "base/error.h"

typedef struct eventure__line_reader
{
    FILE *in;
    eventure__error *error; /* receives the error text */
    char *chunk;            /* the current chunk; the bytes from chunk_at to chunk_len are not read yet */
    size_t chunk_at;
    size_t chunk_len;
    eventure__buffer long_line; /* a line that spans chunks */
    int64_t number;             /* of the last returned line, from 1 */
    bool complete;              /* whether it ended with a line feed */
} eventure__line_reader;

/* Begins. EVENTURE_ERROR_MEMORY; eventure__line_reader_free must be called in any case. */
eventure_status eventure__line_reader_open(eventure__line_reader *lines, FILE *in, eventure__error *error);

/* Returns EVENTURE_ROW and the line, without its line feed, valid until the next call; EVENTURE_OK at the end;
 * EVENTURE_ERROR_IO, EVENTURE_ERROR_LIMIT (the line is too long), EVENTURE_ERROR_MEMORY. */
eventure_status eventure__line_reader_next(eventure__line_reader *lines, const char **out_line, size_t *out_len);

void eventure__line_reader_free(eventure__line_reader *lines);

#endif
