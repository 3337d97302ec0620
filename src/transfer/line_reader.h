/*
 * Reads the lines of an input, one at a time; the last line may end without a line feed. Memory is bounded by
 * EVENTURE_IMPORT_LINE_MAX_BYTES.
 */
#ifndef EVENTURE_TRANSFER_LINE_READER_H
#define EVENTURE_TRANSFER_LINE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/status.h>

#include "base/buffer.h"
#include "base/error.h"
#include "transfer/input.h"

typedef struct eventure__line_reader
{
    eventure__input input;
    eventure__buffer long_line; /* a line that spans chunks */
    int64_t number;             /* of the last returned line, from 1 */
    bool complete;              /* whether it ended with a line feed */
} eventure__line_reader;

/* Begins. EVENTURE_ERROR_MEMORY; eventure__line_reader_free must be called in any case. */
eventure_status eventure__line_reader_open(eventure__line_reader *lines, eventure_read_fn read, void *source,
                                           eventure__error *error);

/* Returns EVENTURE_ROW and the line, without its line feed, valid until the next call; EVENTURE_OK at the end; the
 * error of reading, EVENTURE_ERROR_LIMIT (the line is too long), EVENTURE_ERROR_MEMORY. */
eventure_status eventure__line_reader_next(eventure__line_reader *lines, const char **out_line, size_t *out_len);

void eventure__line_reader_free(eventure__line_reader *lines);

#endif
