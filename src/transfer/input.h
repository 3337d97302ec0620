/*
 * The bytes of an input, read in chunks. Memory is one chunk.
 */
#ifndef EVENTURE_TRANSFER_INPUT_H
#define EVENTURE_TRANSFER_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/status.h>
#include <eventure/stream.h>

#include "base/error.h"

typedef struct eventure__input
{
    eventure_read_fn read;
    void *source; /* passed to read */
    eventure__error *error;
    char *chunk; /* the bytes from `at` to `len` are not read yet */
    size_t at;
    size_t len;
    int64_t line; /* of the next byte, from 1; the readers count */
} eventure__input;

/* The callback for a FILE, which is its source. */
int eventure__input_read_file(void *bytes, size_t capacity, size_t *out_len, void *file);

/* EVENTURE_ERROR_MEMORY; eventure__input_free must be called in any case. */
eventure_status eventure__input_open(eventure__input *input, eventure_read_fn read, void *source,
                                     eventure__error *error);

/* Ensures that there is a next byte: returns EVENTURE_ROW, EVENTURE_OK at the end of the input, or an error. Earlier
   bytes may be removed from the chunk. */
eventure_status eventure__input_fill(eventure__input *input);

/* Skips a byte order mark at the beginning: EVENTURE_OK, or an error. */
eventure_status eventure__input_skip_mark(eventure__input *input);

/* Skips white space of JSON. As eventure__input_fill. */
eventure_status eventure__input_skip_space(eventure__input *input);

void eventure__input_free(eventure__input *input);

#endif
