/*
 * The time for waits: it goes on steadily, whatever is done to the system's date.
 */
#ifndef EVENTURE_BASE_CLOCK_H
#define EVENTURE_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since some fixed instant. */
int64_t eventure__clock_ms(void);

#endif
