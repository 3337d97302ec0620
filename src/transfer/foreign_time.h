/*
 * Times of other programs: text of RFC 3339, or numbers of some unit since 1970.
 */
#ifndef EVENTURE_TRANSFER_FOREIGN_TIME_H
#define EVENTURE_TRANSFER_FOREIGN_TIME_H

#include <stdbool.h>
#include <stddef.h>

#include <eventure/transfer.h>

#include "base/error.h"
#include "event/json.h"

typedef struct eventure__foreign_time
{
    eventure_time_format format;
    eventure_time_format found; /* with EVENTURE_TIME_AUTO: the unit of the numbers so far */
} eventure__foreign_time;

/* Reads a compact JSON string or number as a timestamp. Returns EVENTURE_ERROR_JSON, with the cause in *error, when it
 * is not one; EVENTURE_ERROR_MEMORY. */
eventure_status eventure__foreign_time_read(eventure__foreign_time *times, eventure__span value, double *out,
                                            eventure__error *error);

/* Reads a number and divides it by 10 to the power of `digits`. False when it is not a number, or out of range. */
bool eventure__parse_scaled(const char *text, size_t len, int digits, double *out);

#endif
