/**
 * @file
 * Integrity: the digests of a history, verification of a store, the first difference of two histories, repair, and
 * joining a store with its archives.
 *
 * docs/format.md specifies, byte by byte, what the digests are computed over.
 */
#ifndef EVENTURE_INTEGRITY_H
#define EVENTURE_INTEGRITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/event.h>
#include <eventure/export.h>
#include <eventure/progress.h>
#include <eventure/reader.h>
#include <eventure/replay.h>
#include <eventure/session.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The digests of a history up to a tick, in lower-case hexadecimal. */
typedef struct eventure_digests
{
    int64_t tick;  /**< The newest tick with events that the digests cover; -1 when there is none. */
    int64_t seq;   /**< The seq of the newest event that the digests cover; 0 when there is none. */
    char run[65];  /**< Over the history without timestamps: equal for equal runs of a deterministic simulation. */
    char full[65]; /**< Over the history with timestamps. */
} eventure_digests;

/**
 * Reads the digests of the history at the end of a tick.
 * @param reader the store
 * @param tick the tick, whose events are included; EVENTURE_TICK_NEWEST: all
 * @param out_digests receives the digests; those of an empty history are 64 zeros
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND (the store was made without digests), EVENTURE_ERROR_ARCHIVED (the tick
 *         is in the archived part), EVENTURE_ERROR_TICK (negative), or the error of reading the file
 */
EVENTURE_API eventure_status eventure_store_digest(eventure_reader *reader, int64_t tick,
                                                   eventure_digests *out_digests);

/** Options of eventure_store_verify. Begin with EVENTURE_VERIFY_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_verify_options
{
    size_t size;                   /**< Set by the macro. */
    bool quick;                    /**< Check the structure of the database, the table of ticks and the descriptions of
                                        the indexes on data, but not each event and its entries in the indexes. */
    eventure_progress_fn progress; /**< May be NULL. */
    void *progress_context;        /**< Passed to progress. */
    const eventure_reducer_state *reducers; /**< Reducers whose snapshots are compared, byte for byte, with the result
                                                 of a fold from the first event: one fold for each reducer. Not with
                                                 quick. */
    size_t reducers_count;                  /**< Number of elements. */
} eventure_verify_options;

/** The defaults. */
#define EVENTURE_VERIFY_OPTIONS_INIT                                                                                   \
    {                                                                                                                  \
        sizeof(eventure_verify_options), false, NULL, NULL, NULL, 0                                                    \
    }

/**
 * Sets *options to the defaults, as EVENTURE_VERIFY_OPTIONS_INIT does. `size` is sizeof(eventure_verify_options) as the
 * caller compiled it.
 */
EVENTURE_API void eventure_verify_options_init(eventure_verify_options *options, size_t size);

/** The result of eventure_store_verify. */
typedef struct eventure_verify_report
{
    bool is_sound;               /**< Whether everything that was checked is correct. */
    int64_t events;              /**< Number of events that were checked. */
    int64_t ticks;               /**< Number of ticks with events that were checked. */
    int64_t trusted_tick;        /**< The last tick up to which everything was correct before the first problem; -1:
                                      none. */
    int64_t trusted_seq;         /**< Likewise, the seq of the last event; 0: none. */
    char problem[1024];          /**< The first problem, and where it is; empty when there is none. */
    char unchecked[256];         /**< The tables whose changes cannot be detected when they contradict no other row,
                                      separated by ", ": `events` when the store keeps no digests, and tables of which
                                      the earlier version that made the store recorded nothing. Empty: none. */
    bool is_structure_damaged;   /**< Whether the problem is in the database structure: the trusted range then applies
                                      to events, not to indexes. */
    int64_t snapshots;           /**< Number of snapshots that were compared with a fold. */
    int64_t snapshots_unchecked; /**< Number of snapshots of which only the position was checked: no reducer of their
                                      name and version was given, or the first events are in an archive. */
} eventure_verify_report;

/**
 * Verifies a store: its tables, indexes, triggers and views are those that the library makes; SQLite's integrity check
 * succeeds; save points, origins and cuts are positions of the history, with its digests; events are without gaps, in
 * the order of ticks, after their parents, with the ordinals, ids, types and data that the semantics require; the
 * tables that index them agree; both chains of digests are correct; the indexes on data contain the value of each event
 * that has their key, and nothing else; the position of each snapshot is in the history, and, when its reducer was
 * given, its state equals the result of a fold.
 * @param reader the store; one commit of it is verified
 * @param options NULL is all defaults
 * @param out_report receives the result
 * @return EVENTURE_OK when the check ended or found a problem (see is_sound); EVENTURE_ERROR_INTERRUPTED;
 *         EVENTURE_ERROR_ARGUMENT (a reducer is incomplete, or given twice); the error of a reducer; or the error that
 *         prevented the check
 */
EVENTURE_API eventure_status eventure_store_verify(eventure_reader *reader, const eventure_verify_options *options,
                                                   eventure_verify_report *out_report);

/** The first difference of two histories, without timestamps. */
typedef struct eventure_difference
{
    bool differ;           /**< Whether the histories differ; they also differ when one continues after the end of the
                                other. */
    int64_t common_seq;    /**< The events up to this seq are equal. */
    int64_t common_tick;   /**< The tick of that event; -1 when there is none; the last archived tick when the event is
                                in an archive. */
    eventure_event *left;  /**< The first event that differs, in the first history; NULL when that history ended. */
    eventure_event *right; /**< Likewise, in the second history. */
} eventure_difference;

/**
 * Finds the first event in which two histories differ. With digests in both stores the work grows with the logarithm of
 * the number of ticks, and with the number of events in one tick; without them both stores are read from the beginning.
 * Stores whose beginning is in an archive are compared from the later of the two beginnings, when the digests show that
 * the earlier parts are equal.
 * @param left,right the stores
 * @param out_difference receives the difference, to be cleared with eventure_difference_clear
 * @return EVENTURE_OK, EVENTURE_ERROR_ARCHIVED (the first difference is in an archive, or that cannot be determined:
 *         the error text names the position from which the stores can be compared), EVENTURE_ERROR_MEMORY, or the error
 *         of reading; the error text is that of `left`, also for an error of `right`
 */
EVENTURE_API eventure_status eventure_store_diff(eventure_reader *left, eventure_reader *right,
                                                 eventure_difference *out_difference);

/** Frees the events of a difference; NULL is allowed. */
EVENTURE_API void eventure_difference_clear(eventure_difference *difference);

/** A tick that could not be saved. */
typedef struct eventure_repair_loss
{
    int64_t tick;      /**< The tick that is lost. */
    int64_t first_seq; /**< The seq of its first event. */
    int64_t last_seq;  /**< The seq of its last event. */
    const char *why;   /**< The reason; valid during this call only. */
} eventure_repair_loss;

/**
 * Receives a tick that could not be saved.
 * @return 0 to continue; any other value ends the repair with EVENTURE_ERROR_INTERRUPTED and no new store
 */
typedef int (*eventure_repair_loss_fn)(const eventure_repair_loss *loss, void *context);

/** Options of eventure_store_repair. Begin with EVENTURE_REPAIR_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_repair_options
{
    size_t size;                   /**< Set by the macro. */
    eventure_repair_loss_fn loss;  /**< May be NULL. */
    void *loss_context;            /**< Passed to loss. */
    eventure_progress_fn progress; /**< May be NULL. */
    void *progress_context;        /**< Passed to progress. */
} eventure_repair_options;

/** The defaults. */
#define EVENTURE_REPAIR_OPTIONS_INIT                                                                                   \
    {                                                                                                                  \
        sizeof(eventure_repair_options), NULL, NULL, NULL, NULL                                                        \
    }

/**
 * Sets *options to the defaults, as EVENTURE_REPAIR_OPTIONS_INIT does. `size` is sizeof(eventure_repair_options) as the
 * caller compiled it.
 */
EVENTURE_API void eventure_repair_options_init(eventure_repair_options *options, size_t size);

/** The result of eventure_store_repair. */
typedef struct eventure_repair_report
{
    int64_t events;         /**< Number of events saved. */
    int64_t ticks;          /**< Number of ticks with events saved. */
    int64_t lost_events;    /**< Number of events that were lost. */
    int64_t lost_ticks;     /**< Number of ticks that were lost. */
    bool has_gaps;          /**< More ticks than lost_ticks may be lost: their number cannot be determined from the
                                 file. */
    bool has_lost_end;      /**< More events than lost_events may be lost at the end: their number cannot be
                                 determined. */
    int64_t unproven_ticks; /**< Number of saved ticks whose digests cannot be checked, because the digests of the tick
                                 before are lost. Their events are valid. */
    char first_loss[1024];  /**< The reason for the loss of the first lost tick; empty when none was lost. */
    bool has_lost_record;   /**< The record of the run (run.h) could not be read, and is lost. */
} eventure_repair_report;

/**
 * Copies every tick of a damaged store that still verifies into a new store: with digests, the ticks whose events have
 * the digests stored in the tick's row; without digests, the ticks whose events are valid. Ticks are saved whole or not
 * at all. Events keep their ids; a parent that was lost becomes an external parent. The record of the run is
 * copied; save points and snapshots are not.
 * @param reader the damaged store
 * @param path the new store; the file must not exist; it appears complete or not at all
 * @param options NULL is all defaults
 * @param out_report receives the result: what was saved and lost
 * @return EVENTURE_OK; EVENTURE_ERROR_EXISTS; EVENTURE_ERROR_INTERRUPTED; or the error of making the new store. On an
 *         error there is no new store. The error text is the reader's.
 */
EVENTURE_API eventure_status eventure_store_repair(eventure_reader *reader, const char *path,
                                                   const eventure_repair_options *options,
                                                   eventure_repair_report *out_report);

/**
 * Joins the archives of a history, and the store that they were taken from, into one new store. It contains everything
 * that the parts contain, except indexes on data.
 * @param parts readers of the archives and of the store, in any order. Together they must begin with the first event,
 *        and each must begin where another one ends, with the same digests
 * @param parts_count the number of readers
 * @param path the new file, which appears complete, after all of it was verified, or not at all
 * @param options NULL is all defaults
 * @param out_events receives the number of events in it; may be NULL
 * @return EVENTURE_OK; EVENTURE_ERROR_ARCHIVED (a part is missing); EVENTURE_ERROR_EXISTS (the parts are not of one
 *         history, or the file exists); EVENTURE_ERROR_CORRUPT (digests differ, or a part is corrupt);
 *         EVENTURE_ERROR_INTERRUPTED; or the error of reading or writing. The error text is that of the first reader
 */
EVENTURE_API eventure_status eventure_store_join(eventure_reader *const *parts, size_t parts_count, const char *path,
                                                 const eventure_copy_options *options, int64_t *out_events);

#ifdef __cplusplus
}
#endif

#endif
