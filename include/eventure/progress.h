/**
 * @file
 * How long work says how far it is, and how its caller stops it.
 */
#ifndef EVENTURE_PROGRESS_H
#define EVENTURE_PROGRESS_H

#include <stdint.h>

#include <eventure/export.h>

/** How far a long call has come. */
typedef struct eventure_progress
{
    int64_t done;  /**< Events done so far. */
    int64_t total; /**< Events in all; 0 when that is not known. */
    int64_t tick;  /**< The tick that is being worked on. */
} eventure_progress;

/**
 * Called now and then, on the caller's thread, by everything that can take long.
 * @return 0 to go on; anything else ends the call with EVENTURE_ERROR_INTERRUPTED and no effect
 */
typedef int (*eventure_progress_fn)(const eventure_progress *progress, void *context);

#endif
