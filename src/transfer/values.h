/*
 * A stream of JSON values, one at a time: consecutive values, one per line or over several lines, and the elements of
 * top-level arrays. Only the end of a value is found here; the parser of the value checks that it is valid JSON. Memory
 * is bounded by EVENTURE_IMPORT_LINE_MAX_BYTES.
 */
#ifndef EVENTURE_TRANSFER_VALUES_H
#define EVENTURE_TRANSFER_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "transfer/input.h"

typedef struct eventure__values
{
    eventure__input input;
    eventure__buffer spanning; /* a value that spans chunks */
    const char *member;        /* NULL, or the member of an object at the top whose elements are the values */
    int64_t line;              /* the line where the last returned value begins, from 1 */
    bool open_array_ends;      /* an array may end with a comma, and with the input instead of its bracket */
    bool in_object;            /* inside the object that has the member */
    bool in_array;
    bool needs_separator; /* in an array or object: a comma, or the end, must come next */
    bool after_comma;     /* in an array or object: the end must not come next */
} eventure__values;

/* Opens a stream. Members that change the reading are set afterwards. eventure__values_free must be called in any
   case. */
eventure_status eventure__values_open(eventure__values *values, eventure_read_fn read, void *source,
                                      eventure__error *error);

/* Returns EVENTURE_ROW and the text of the value, valid until the next call; EVENTURE_OK at the end;
 * EVENTURE_ERROR_JSON, EVENTURE_ERROR_IO, EVENTURE_ERROR_LIMIT (the value is too long), EVENTURE_ERROR_MEMORY. */
eventure_status eventure__values_next(eventure__values *values, const char **out_text, size_t *out_len);

void eventure__values_free(eventure__values *values);

#endif
