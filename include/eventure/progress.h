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
 *
 * A call that is ended by it has changed no store and made no file, with two exceptions, which work in several
 * transactions: eventure_data_index_add and eventure_projector_update keep what they have committed, and the next call
 * continues from there. A call that commits the uncommitted events of its log first has done so, text that was written
 * to a stream stays there, and the state of a reducer is undefined.
 * @return 0 to continue; any other value ends the call with EVENTURE_ERROR_INTERRUPTED
 */
typedef int (*eventure_progress_fn)(const eventure_progress *progress, void *context);

#endif
