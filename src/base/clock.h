/*
 * The clocks: a steady one for waits, and the date.
 */
#ifndef EVENTURE_BASE_CLOCK_H
#define EVENTURE_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Milliseconds since a fixed instant. Changes of the system's date do not change it. */
int64_t eventure__clock_ms(void);

/* Returns the instant that many nanoseconds from now, for conditions whose clock is CLOCK_MONOTONIC. */
struct timespec eventure__clock_after(int64_t nanoseconds);

/* Whether a is later than b. */
static inline bool eventure__clock_is_later(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

/* Seconds since 1970-01-01T00:00:00Z, by the system's clock. */
double eventure__clock_now(void);

#endif
