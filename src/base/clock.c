/*
 * The clocks: see clock.h.
 */
#include "base/clock.h"

int64_t eventure__clock_ms(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct timespec eventure__clock_after(int64_t nanoseconds)
{
    struct timespec instant = {0};
    clock_gettime(CLOCK_MONOTONIC, &instant);
    nanoseconds += instant.tv_nsec;
    instant.tv_sec += (time_t)(nanoseconds / 1000000000);
    instant.tv_nsec = (long)(nanoseconds % 1000000000);
    return instant;
}

double eventure__clock_now(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}
