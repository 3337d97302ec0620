/*
 * Integers as text, the same in every locale.
 */
#ifndef EVENTURE_BASE_FORMAT_INT_H
#define EVENTURE_BASE_FORMAT_INT_H

#include <stddef.h>
#include <stdint.h>

#define EVENTURE__INT_BYTES 24

/* Writes the decimal digits and a NUL. Returns the length. */
size_t eventure__format_int(char out[EVENTURE__INT_BYTES], int64_t value);

#endif
