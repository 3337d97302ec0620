/*
 * Reads comma-separated values (RFC 4180) with a header line. Each record becomes a JSON object of its titles and
 * cells. Memory is bounded by EVENTURE_IMPORT_LINE_MAX_BYTES.
 *
 * The separator is a comma, or, in a file whose titles have none, a semicolon or a tab. A cell that is spelled as a
 * number of JSON, as true or false, or is a JSON object or array, becomes that value; an empty cell is left out, and a
 * cell of two quotes is an empty string; every other cell is a string.
 */
#ifndef EVENTURE_TRANSFER_CSV_READ_H
#define EVENTURE_TRANSFER_CSV_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "event/json.h"
#include "transfer/input.h"

typedef struct eventure__cell
{
    size_t offset; /* in the text of the record */
    size_t len;
    bool is_quoted;
} eventure__cell;

typedef struct eventure__csv_reader
{
    eventure__input *input;
    int max_depth;
    int64_t line; /* the line where the last returned record begins */
    char separator;
    eventure__buffer text; /* of a record, without quotes */
    eventure__cell *cells;
    size_t cells_count;
    size_t cells_capacity;
    eventure__buffer titles;     /* as keys of compact JSON, with their quotes */
    eventure__cell *title_cells; /* where each is in `titles` */
    size_t titles_count;
    eventure__buffer record; /* compact JSON */
} eventure__csv_reader;

/* Reads the titles. The input is borrowed. Errors as below; eventure__csv_reader_free must be called in any case. */
eventure_status eventure__csv_reader_open(eventure__csv_reader *reader, eventure__input *input, int max_depth);

/* Returns EVENTURE_ROW and a record, valid until the next call; EVENTURE_OK at the end; EVENTURE_ERROR_JSON (not CSV),
 * EVENTURE_ERROR_LIMIT, EVENTURE_ERROR_IO, EVENTURE_ERROR_MEMORY. */
eventure_status eventure__csv_reader_next(eventure__csv_reader *reader, eventure__span *out_record);

/* Whether a title is that key, which is escaped as in compact JSON. */
bool eventure__csv_reader_has(const eventure__csv_reader *reader, const char *key, size_t len);

void eventure__csv_reader_free(eventure__csv_reader *reader);

#endif
