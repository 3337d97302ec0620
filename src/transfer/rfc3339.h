/*
 * Times in the format of RFC 3339, with as many digits of fraction as the double has: the text reads back as the same
 * double.
 */
#ifndef EVENTURE_TRANSFER_RFC3339_H
#define EVENTURE_TRANSFER_RFC3339_H

#include <stdbool.h>
#include <stddef.h>

#define EVENTURE__RFC3339_BYTES 64

/* Writes seconds since the epoch, and a NUL; false for a time before 1970 or after 9999, and for one so near to 1970
 * that its digits need an exponent. */
bool eventure__rfc3339_format(char out[EVENTURE__RFC3339_BYTES], double timestamp);

/* Reads a whole date-time of any offset; false when it is not valid. */
bool eventure__rfc3339_parse(const char *text, size_t len, double *out);

#endif
