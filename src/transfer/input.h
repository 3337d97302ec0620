/*
 * The bytes of a FILE, read in chunks, for the readers that look at each byte. Memory is one chunk.
 */
#ifndef EVENTURE_TRANSFER_INPUT_H
#define EVENTURE_TRANSFER_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <eventure/status.h>

#include "base/error.h"

typedef struct eventure__input
{
    FILE *in;
    eventure__error *error;
    char *chunk; /* the bytes from `at` to `len` are not read yet */
    size_t at;
    size_t len;
    int64_t line; /* of the next byte, from 1; the readers count */
} eventure__input;

/* Skips a byte order mark. EVENTURE_ERROR_MEMORY, EVENTURE_ERROR_IO; eventure__input_free must be called in any
   case. */
eventure_status eventure__input_open(eventure__input *input, FILE *in, eventure__error *error);

/* Ensures that there is a next byte: returns EVENTURE_ROW, EVENTURE_OK at the end of the input, or EVENTURE_ERROR_IO.
   Earlier bytes may be removed from the chunk. */
eventure_status eventure__input_fill(eventure__input *input);

/* Skips white space of JSON. As eventure__input_fill. */
eventure_status eventure__input_skip_space(eventure__input *input);

void eventure__input_free(eventure__input *input);

#endif
