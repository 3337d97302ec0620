/**
 * @file
 * Retention: the old events of a store move into another one, its archive, so that a long run does not grow for ever.
 *
 * Whole ticks are moved, and everything that is known of them. The store remembers where it was cut, with the digests
 * up to there, so that the chain can be verified across the cut. Positions and ids stay what they are: `seq` of the
 * first event that is left goes on from the last one that was moved.
 *
 * An archived event that caused events which stay, directly or through others, is still known by its id: events that
 * name it as their parent do so as before, eventure_query_children and eventure_query_cascade answer what is left of
 * its effects, it can be the parent of new events, and eventure_query_find answers EVENTURE_ERROR_ARCHIVED with a text
 * that names its type, its tick and the archive. What the event held is in the archive only. Causes end at the cut:
 * eventure_query_ancestors answers the ones that are left.
 *
 * State at later ticks comes from a snapshot at the cut: name the reducers (eventure_projection_reducer for SQL).
 * Without one, folding a store that was cut is EVENTURE_ERROR_ARCHIVED, and never a wrong state.
 *
 * An archive is a store as any other: it can be read, queried, forked and verified. Queries across both are asked with
 * SQL's ATTACH; see docs/sessions.md.
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
#include <eventure/session.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How events are archived. Begin with EVENTURE_ARCHIVE_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_archive_options
{
    size_t size;                          /**< Set by the macro; keeps programs working when members are added. */
    const eventure_reducer_state *states; /**< Reducers of which a snapshot is taken at the cut. */
    size_t states_count;                  /**< How many. */
    bool without_snapshots;               /**< Archive although reducers whose snapshots the store holds have none at
                                               the cut or after it, and will not have a state any more. */
    eventure_progress_fn progress;        /**< Told how far it is, and may stop it; NULL for none. */
    void *progress_context;               /**< Handed to progress. */
} eventure_archive_options;

/** The defaults. */
#define EVENTURE_ARCHIVE_OPTIONS_INIT                                                                                  \
    {                                                                                                                  \
        sizeof(eventure_archive_options), NULL, 0, false, NULL, NULL                                                   \
    }

/** The same, as a function: `size` is sizeof(eventure_archive_options). */
EVENTURE_API void eventure_archive_options_init(eventure_archive_options *options, size_t size);

/** What was done. */
typedef struct eventure_archive_counts
{
    int64_t events;   /**< How many events were moved. */
    int64_t kept_ids; /**< How many archived events the store still knows by their ids, of this cut or earlier ones. */
} eventure_archive_counts;

/**
 * Moves the events of all ticks before a tick into an archive, and gives their space on the disk back.
 *
 * The archive is synced before anything is deleted, and all is deleted in one transaction: whenever the program or the
 * machine stops, no event is lost. Stopped in between, the events are in both, and the same call again finishes it.
 * Giving the space back rewrites what is left of the store; while somebody reads it, that takes effect when they end.
 * Should it fail, as with a cursor open on the log's own reader, or a full disk, the next call does it.
 * @param log the store; what is pending in it is committed first
 * @param path the archive: a new file; or one of the same history which ends where this store begins, and goes on then
 * @param before_tick the first tick that stays; at most the current one
 * @param options NULL is all defaults
 * @param out_counts receives what was done; may be NULL
 * @return EVENTURE_OK, also when there is nothing to move; EVENTURE_ERROR_TICK (below 1, or in the future);
 *         EVENTURE_ERROR_EXISTS (the file is a store, but no archive of this one); EVENTURE_ERROR_ARGUMENT (it is the
 *         store itself; a reducer would lose its state); EVENTURE_ERROR_BUSY (a log writes the archive);
 *         EVENTURE_ERROR_INTERRUPTED; what a reducer, or reading and writing fails with. The text is the log's; unless
 *         deleting had begun to be committed, the store is as it was
 */
EVENTURE_API eventure_status eventure_log_archive(eventure_log *log, const char *path, int64_t before_tick,
                                                  const eventure_archive_options *options,
                                                  eventure_archive_counts *out_counts);

/**
 * Puts a history together again: its archives, and the store that they were taken from, become one new store with
 * everything that they hold but indexes on data.
 * @param parts readers of them, in any order. Together they begin with the first event, and each begins where another
 *        one ends, with the same digests
 * @param parts_count how many
 * @param path the new file, which appears whole or not at all, after all of it was verified
 * @param options NULL is all defaults
 * @param out_events receives how many events it has; may be NULL
 * @return EVENTURE_OK; EVENTURE_ERROR_ARCHIVED (a part is missing); EVENTURE_ERROR_EXISTS (they are not of one history,
 *         or there is such a file); EVENTURE_ERROR_CORRUPT (digests differ, or a part is damaged);
 *         EVENTURE_ERROR_INTERRUPTED; or what reading and writing fails with. The text is that of the first reader
 */
EVENTURE_API eventure_status eventure_join(eventure_reader *const *parts, size_t parts_count, const char *path,
                                           const eventure_copy_options *options, int64_t *out_events);

#ifdef __cplusplus
}
#endif

#endif
