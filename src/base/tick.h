/*
 * Ranges of ticks. A public range is half-open: it ends before `tick_end`, and 0 means that it has no end.
 */
#ifndef EVENTURE_BASE_TICK_H
#define EVENTURE_BASE_TICK_H

#include <stdint.h>

/* The tick_end of a range whose last tick is `last`. A negative tick stays negative, so that it is refused. */
static inline int64_t eventure__tick_end(int64_t last)
{
    if (last < 0)
        return last;
    return last == INT64_MAX ? 0 : last + 1;
}

/* The last tick of a range with that tick_end. */
static inline int64_t eventure__tick_last(int64_t end)
{
    return end == 0 ? INT64_MAX : end - 1;
}

#endif
