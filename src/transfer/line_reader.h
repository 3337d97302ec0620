/*
 * Lines of a FILE, one at a time, however they are cut: the last one may lack its line feed. Memory is bounded by
 * EVENTURE_IMPORT_LINE_MAX_BYTES.
 */
#ifndef EVENTURE_TRANSFER_LINES_H
#define EVENTURE_TRANSFER_LINES_H

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
    eventure__error *error; /* where the text of an error goes */
    char *chunk;            /* what was read last; chunk_at to chunk_len is still to come */
    size_t chunk_at;
    size_t chunk_len;
    eventure__buffer long_line; /* a line that spans chunks */
    int64_t number;             /* of the line that was handed out last, from 1 */
    bool complete;              /* whether it ended with a line feed */
} eventure__line_reader;

/* Begins. EVENTURE_ERROR_MEMORY; eventure__line_reader_free is due in any case. */
eventure_status eventure__line_reader_open(eventure__line_reader *lines, FILE *in, eventure__error *error);

/* EVENTURE_ROW and the line, without its line feed, good until the next call; EVENTURE_OK at the end;
 * EVENTURE_ERROR_IO, EVENTURE_ERROR_LIMIT (the line is too long), EVENTURE_ERROR_MEMORY. */
eventure_status eventure__line_reader_next(eventure__line_reader *lines, const char **out_line, size_t *out_len);

void eventure__line_reader_free(eventure__line_reader *lines);

#endif
