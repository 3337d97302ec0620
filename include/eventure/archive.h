/**
 * @file
 * Retention: moves the old events of a store into another store, its archive, so that the store of a long run does not
 * grow without a limit.
 *
 * Whole ticks are moved, with everything that the store contains about them. The store records the cut and the digests
 * up to it, so that the chain of digests can be verified across the cut. Positions and ids do not change: the first
 * event that is left has the `seq` after that of the last event that was moved.
 *
 * The store keeps the id of an archived event that caused events which stay, directly or through others: the events
 * that name it as their parent still do, eventure_query_children and eventure_query_cascade return those of its effects
 * that are left, it can be the parent of new events, and eventure_query_find returns EVENTURE_ERROR_ARCHIVED with a
 * text that names its type, its tick and the archive. The content of the event is in the archive only. Causes end at
 * the cut: eventure_query_ancestors returns the ones that are left.
 *
 * The state at later ticks is computed from a snapshot at the cut: pass the reducers to eventure_log_archive
 * (eventure_projection_reducer for SQL). Without a snapshot, folding a store that was cut fails with
 * EVENTURE_ERROR_ARCHIVED, and never returns a wrong state.
 *
 * An archive is a store like any other: it can be read, queried, forked and verified. A query across both uses SQL's
 * ATTACH; see docs/sessions.md. eventure_store_join (integrity.h) makes one store of a history and its archives.
 */
#ifndef EVENTURE_ARCHIVE_H
#define EVENTURE_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/export.h>
#include <eventure/log.h>
#include <eventure/progress.h>
#include <eventure/reader.h>
#include <eventure/replay.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Options of eventure_log_archive. Begin with EVENTURE_ARCHIVE_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_archive_options
{
    size_t size;                          /**< Set by the macro; keeps programs working when members are added. */
    const eventure_reducer_state *states; /**< Reducers whose state is saved as a snapshot at the cut. */
    size_t states_count;                  /**< Number of elements. */
    bool without_snapshots;               /**< Archive even when a reducer with snapshots in the store has none at the
                                               cut or after it, so that its state can no longer be computed. */
    eventure_progress_fn progress;        /**< Receives the progress, and can stop the call; NULL: none. */
    void *progress_context;               /**< Passed to progress. */
} eventure_archive_options;

/** The defaults. */
#define EVENTURE_ARCHIVE_OPTIONS_INIT                                                                                  \
    {                                                                                                                  \
        sizeof(eventure_archive_options), NULL, 0, false, NULL, NULL                                                   \
    }

/**
 * Sets *options to the defaults, as EVENTURE_ARCHIVE_OPTIONS_INIT does. `size` is sizeof(eventure_archive_options) as
 * the caller compiled it.
 */
EVENTURE_API void eventure_archive_options_init(eventure_archive_options *options, size_t size);

/** The result of eventure_log_archive. */
typedef struct eventure_archive_counts
{
    int64_t events;   /**< Number of events that were moved. */
    int64_t kept_ids; /**< Number of archived events, of this cut and of earlier ones, whose ids the store keeps. */
} eventure_archive_counts;

/**
 * Moves the events of all ticks before a tick into an archive, and returns their disk space to the file system.
 *
 * The archive is synced before anything is deleted, and the deletion is one transaction: no event is lost when the
 * program or the machine stops at any moment. After a stop between the two, both files contain the events, and the same
 * call completes the work. To return the space, the rest of the store is rewritten; while readers have the store open,
 * the file shrinks when the last of them ends. When the rewrite fails, for instance because a cursor is open on the
 * log's own reader or the disk is full, the next call repeats it.
 * @param log the store; uncommitted events are committed first
 * @param path the archive: a new file, or an archive of the same history that ends where this store begins and is then
 *        continued
 * @param before_tick the first tick that stays; at most the current one
 * @param options NULL is all defaults
 * @param out_counts receives the result; may be NULL
 * @return EVENTURE_OK, also when there is nothing to move; EVENTURE_ERROR_TICK (below 1, or in the future);
 *         EVENTURE_ERROR_EXISTS (the file is a store, but not an archive of this one); EVENTURE_ERROR_ARGUMENT (it is
 *         the store itself, or a file beside a store; a reducer would lose its state); EVENTURE_ERROR_BUSY (a log
 *         writes the archive); EVENTURE_ERROR_INTERRUPTED; the error of a reducer, of reading or of writing. The error
 *         text is the log's. Unless the commit of the deletion had begun, the store is unchanged
 */
EVENTURE_API eventure_status eventure_log_archive(eventure_log *log, const char *path, int64_t before_tick,
                                                  const eventure_archive_options *options,
                                                  eventure_archive_counts *out_counts);

#ifdef __cplusplus
}
#endif

#endif
