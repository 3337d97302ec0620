/**
 * @file
 * Progress of long calls, and how the caller stops them.
 */
#ifndef EVENTURE_PROGRESS_H
#define EVENTURE_PROGRESS_H

#include <stdint.h>

#include <eventure/export.h>

/** The progress of a long call. */
typedef struct eventure_progress
{
    int64_t done;  /**< Number of events processed so far. */
    int64_t total; /**< Total number of events; 0 when it is not known. */
    int64_t tick;  /**< The tick that is being processed. */
} eventure_progress;

/**
 * Called repeatedly, on the caller's thread, by every call that can take long.
 * @return 0 to continue; any other value ends the call with EVENTURE_ERROR_INTERRUPTED and no effect
 */
typedef int (*eventure_progress_fn)(const eventure_progress *progress, void *context);

#endif
