/**
 * @file
 * Times as text in the format of RFC 3339: `2021-03-01T10:00:00.5+02:00`.
 */
#ifndef EVENTURE_TIME_H
#define EVENTURE_TIME_H

#include <stdbool.h>
#include <stddef.h>

#include <eventure/export.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The size of a buffer for a time as text, with its NUL. */
#define EVENTURE_TIME_BYTES 64

/**
 * Reads a time.
 * @param text `2021-03-01T10:00:00Z`, with any offset, and with or without a fraction
 * @param len its length in bytes
 * @param out_timestamp receives seconds since the Unix epoch
 * @return EVENTURE_OK, or EVENTURE_ERROR_ARGUMENT when the text is not a time of RFC 3339; eventure_last_message()
 *         returns the text
 */
EVENTURE_API eventure_status eventure_time_from_text(const char *text, size_t len, double *out_timestamp);

/**
 * Writes a time in UTC, with as many fractional digits of the second as the timestamp has, at most 42:
 * eventure_time_from_text reads the same timestamp from the text, except that -0.0 becomes 0.0.
 *
 * Exports write a time before 1970, and one between 0 and 0.0001, as a number instead.
 * @param timestamp seconds since the Unix epoch
 * @param out_text receives NUL-terminated text; unchanged on error
 * @return EVENTURE_OK, or EVENTURE_ERROR_ARGUMENT when the timestamp is not in the years 0000 to 9999, or has more
 *         digits, as 1e-43 has; eventure_last_message() returns the text
 */
EVENTURE_API eventure_status eventure_time_to_text(double timestamp, char out_text[EVENTURE_TIME_BYTES]);

#ifdef __cplusplus
}
#endif

#endif
