/*
 * Times in the format of RFC 3339, with as many digits of fraction as the double has: the text reads back as the same
 * double.
 */
#ifndef EVENTURE_TRANSFER_RFC3339_H
#define EVENTURE_TRANSFER_RFC3339_H

#include <stdbool.h>
#include <stddef.h>

#define EVENTURE__RFC3339_BYTES 64

/* The digits of a fraction for which a text of EVENTURE__RFC3339_BYTES has room: the rest are 19 characters of date and
 * time, the point, Z and NUL. */
#define EVENTURE__RFC3339_FRACTION_DIGITS (EVENTURE__RFC3339_BYTES - 22)

/* Whether a time is in the years 0000 to 9999; false for NaN. */
bool eventure__rfc3339_has_year(double timestamp);

/* Writes seconds since the epoch, and a NUL; false for a time outside the years 0000 to 9999, and for one whose
 * fraction has more than EVENTURE__RFC3339_FRACTION_DIGITS digits. */
bool eventure__rfc3339_format_any(char out[EVENTURE__RFC3339_BYTES], double timestamp);

/* As eventure__rfc3339_format_any, for exports, and for what an import keeps of a text: false also for a time before
 * 1970, after the last whole second of the year 9999, or between 0 and 0.0001, which exports write as a number. The
 * range must not change, so that every version writes, and keeps, the same texts. */
bool eventure__rfc3339_format(char out[EVENTURE__RFC3339_BYTES], double timestamp);

/* Reads a whole date-time of any offset; false when it is not valid. */
bool eventure__rfc3339_parse(const char *text, size_t len, double *out);

#endif
