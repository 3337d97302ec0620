/*
 * Numbers as text, the same in every locale.
 */
#ifndef EVENTURE_BASE_NUMBER_H
#define EVENTURE_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/format_int.h"

#define EVENTURE__DOUBLE_BYTES 32

/*
 * Writes a finite double as Python's repr does: the fewest digits that read back as the same double, always with a
 * point or an exponent (1.0, 1e+16, 1e-07, 1700000000.0000255, -0.0). Returns the length.
 */
size_t eventure__format_double(char out[EVENTURE__DOUBLE_BYTES], double value);

/* A double in a message: as JSON has it, or NaN, Infinity, -Infinity. */
typedef struct eventure__double_text
{
    char text[EVENTURE__DOUBLE_BYTES];
} eventure__double_text;

eventure__double_text eventure__double_name(double value);

/* Converts a complete JSON number to the nearest double. Returns false when it exceeds the range of doubles. */
bool eventure__parse_double(const char *text, size_t len, double *out);

/* Converts a complete JSON number with an integer value in any spelling (3, 3.0, 30e-1). Returns false for other values
 * and for integers that exceed 64 bits. */
bool eventure__parse_int(const char *text, size_t len, int64_t *out);

/*
 * Writes the exact value of a JSON number in one canonical form, so that numbers are equal by value exactly when these
 * texts are: "0", or sign, digits without trailing zeros, 'e', exponent. A number whose exponent has more than 18
 * digits is written in canonical form only if its last nonzero digit is directly before the decimal point or, without a
 * point, is its last digit, because its exponent then needs no change; otherwise it stays as written, and differs from
 * other spellings of the same number. Appends to out (see buffer.h).
 */
struct eventure__buffer;
void eventure__canonical_number(const char *text, size_t len, struct eventure__buffer *out);

#endif
