/**
 * @file
 * Restoring a store from its events, which were kept elsewhere: on a server, or in a file of another format. The new
 * store is the same history, with the same uuid, and its digests prove it.
 *
 * An import (transfer.h) makes a history of its own from events; a restored store takes the place of the old one.
 */
#ifndef EVENTURE_RESTORE_H
#define EVENTURE_RESTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/event.h>
#include <eventure/export.h>
#include <eventure/progress.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One fork between the first store of a history and the restored one. */
typedef struct eventure_restore_origin
{
    const char *uuid;        /**< The uuid of the store that was forked. */
    int64_t tick;            /**< The current tick of the fork when it was made. */
    int64_t seq;             /**< The newest event that both have in common. */
    const char *run_digest;  /**< The digests of the tick of that event, in hexadecimal digits; NULL: none. */
    const char *full_digest; /**< See run_digest. */
    double created;          /**< The time of the fork: seconds since the Unix epoch, UTC. */
} eventure_restore_origin;

/**
 * Supplies the next event, from the first of the history on.
 * @param out_event all zero; to be filled in: tick, timestamp, type, id, data and parent_id. The lengths may stay 0;
 *        seq and parent_seq are not used. id, and parent_id unless it is NULL, are 1 to 1024 bytes of UTF-8 without
 *        NUL. The texts must be valid until the next call
 * @param context next_context of the options
 * @return EVENTURE_ROW; EVENTURE_DONE at the end; a negative value ends the work, and eventure_store_restore returns
 *         it. Any other value is refused with EVENTURE_ERROR_ARGUMENT
 */
typedef int (*eventure_restore_fn)(eventure_event *out_event, void *context);

/** The identity of the restored store, and its events. Begin with EVENTURE_RESTORE_OPTIONS_INIT. Texts and arrays are
 * borrowed for the call. */
typedef struct eventure_restore_options
{
    size_t size;                            /**< Set by the macro; keeps programs working when members are added. */
    const char *uuid;                       /**< The uuid of the history: 36 characters; required. */
    double created;                         /**< The time when the history began: seconds since the Unix epoch, UTC. */
    eventure_restore_fn next;               /**< Supplies the events; required. */
    void *next_context;                     /**< Passed to next. */
    int64_t current_tick;                   /**< The current tick; at least that of the last event. */
    const char *record;                     /**< The record of the run (run.h), a JSON object; NULL: none. */
    const eventure_restore_origin *origins; /**< The forks, from the first on. */
    size_t origins_count;                   /**< Number of elements. */
    const char *full_digest;                /**< The full digest of the last tick, in hexadecimal digits, with which the
                                                 new store is compared; NULL: it is not compared. */
    bool replace;                           /**< Whether an existing file may be replaced. */
    eventure_progress_fn progress;          /**< Receives the progress, and can stop the call; NULL: none. */
    void *progress_context;                 /**< Passed to progress. */
} eventure_restore_options;

/** The defaults. */
#define EVENTURE_RESTORE_OPTIONS_INIT                                                                                  \
    {                                                                                                                  \
        sizeof(eventure_restore_options), NULL, 0, NULL, NULL, 0, NULL, NULL, 0, NULL, false, NULL, NULL               \
    }

/**
 * Sets *options to the defaults, as EVENTURE_RESTORE_OPTIONS_INIT does. `size` is sizeof(eventure_restore_options) as
 * the caller compiled it.
 */
EVENTURE_API void eventure_restore_options_init(eventure_restore_options *options, size_t size);

/**
 * Makes a store from its events. The file appears complete and synced under its name, or not at all.
 * It has the permission bits of a file that it replaces, or else those of a new file (umask).
 * @param path the new file; its directory must be writable
 * @param options what is restored
 * @param out_events receives the number of events; NULL is allowed
 * @return EVENTURE_OK; EVENTURE_ERROR_ARGUMENT (uuid, created, next, current tick, an origin or an id is not valid);
 *         EVENTURE_ERROR_CORRUPT: the events are not those of full_digest; EVENTURE_ERROR_EXISTS (the file, or an id,
 *         exists), EVENTURE_ERROR_TICK, EVENTURE_ERROR_TYPE, EVENTURE_ERROR_JSON (an event is not valid),
 *         EVENTURE_ERROR_LIMIT (an id is too long); EVENTURE_ERROR_INTERRUPTED; or an error of writing.
 *         eventure_last_message() returns the text
 */
EVENTURE_API eventure_status eventure_store_restore(const char *path, const eventure_restore_options *options,
                                                    int64_t *out_events);

#ifdef __cplusplus
}
#endif

#endif
