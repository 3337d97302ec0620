/**
 * @file
 * A history that proves itself: digests to publish, a check of everything, and the first difference of two runs.
 *
 * What the digests are computed over is laid down in docs/format.md, byte by byte.
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
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The digests of a history up to a tick, in lower-case hexadecimal. */
typedef struct eventure_digests
{
    int64_t tick;  /**< The newest tick with events that they cover; -1 when there is none. */
    int64_t seq;   /**< The newest event that they cover; 0 when there is none. */
    char run[65];  /**< Of the history but for timestamps: equal for equal runs of a deterministic simulation. */
    char full[65]; /**< Of everything. */
} eventure_digests;

/**
 * Reads the digests of the history up to a tick, that tick included.
 * @param reader the store
 * @param tick_max the last tick; INT64_MAX for all
 * @param out_digests receives them; those of an empty history are 64 zeros
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND (the store was made without digests), EVENTURE_ERROR_ARCHIVED (in the
 *         archived part), EVENTURE_ERROR_TICK (negative), or what reading the file failed with
 */
EVENTURE_API eventure_status eventure_store_digest(eventure_reader *reader, int64_t tick_max,
                                                   eventure_digests *out_digests);

/** How a store is verified. Begin with EVENTURE_VERIFY_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_verify_options
{
    size_t size;                   /**< Set by the macro. */
    bool quick;                    /**< Check the database's structure, the table of ticks and what the indexes on data
                                        say of themselves, not each event and what it has in them. */
    eventure_progress_fn progress; /**< May be NULL. */
    void *progress_context;        /**< Handed to progress. */
    const eventure_reducer_state *reducers; /**< Whose snapshots are compared with what a fold from the first event
                                                  makes, byte for byte: one fold for each reducer. Not with quick. */
    size_t reducers_count;                  /**< How many. */
} eventure_verify_options;

/** The defaults. */
#define EVENTURE_VERIFY_OPTIONS_INIT                                                                                   \
    {                                                                                                                  \
        sizeof(eventure_verify_options), false, NULL, NULL, NULL, 0                                                    \
    }

/** The same, as a function: `size` is sizeof(eventure_verify_options). */
EVENTURE_API void eventure_verify_options_init(eventure_verify_options *options, size_t size);

/** What verifying found. */
typedef struct eventure_verify_report
{
    bool is_sound;               /**< Everything checked was right. */
    int64_t events;              /**< Events that were checked. */
    int64_t ticks;               /**< Ticks with events that were checked. */
    int64_t trusted_tick;        /**< Everything up to this tick was right before the first problem; -1: nothing. */
    int64_t trusted_seq;         /**< Likewise, up to this event; 0: nothing. */
    char problem[1024];          /**< The first thing that is wrong, and where; empty when nothing is. */
    char unchecked[256];         /**< The tables that can have been changed unnoticed: nothing is noted of them, as the
                                      store was made before that was done; parted by ", ". Empty: none. */
    bool is_structure_damaged;   /**< The problem is one of the database: what is trusted are events, not indexes. */
    int64_t snapshots;           /**< Snapshots that were compared with a fold. */
    int64_t snapshots_unchecked; /**< Those of which only the place was checked: no reducer of their name and version
                                      was given, or the first events are in an archive. */
} eventure_verify_report;

/**
 * Verifies a store: that its tables, indexes, triggers and views are those that the library makes; SQLite's integrity
 * check; that save points, origins and cuts are places of the history, with its digests; that events are without gaps,
 * in the order of ticks, after their parents, with the ordinals, ids, types and data that the semantics ask for; that
 * the tables which index them agree; both chains of digests; that the indexes on data hold the value of each event that
 * has their key, and nothing else; and of each snapshot, that its place is in the history, and, where its reducer was
 * given, that its state is that of a fold.
 * @param reader the store, of which one commit is looked at
 * @param options NULL is all defaults
 * @param out_report receives what was found
 * @return EVENTURE_OK when the check ran to its end or to a problem (see is_sound); EVENTURE_ERROR_INTERRUPTED;
 *         EVENTURE_ERROR_ARGUMENT (a reducer is not filled in, or given twice); what a reducer returned; or what kept
 * it from running
 */
EVENTURE_API eventure_status eventure_store_verify(eventure_reader *reader, const eventure_verify_options *options,
                                                   eventure_verify_report *out_report);

/** The first difference of two histories, timestamps apart. */
typedef struct eventure_difference
{
    bool differ;           /**< Whether there is one; one history that goes on after the end of the other is one. */
    int64_t common_seq;    /**< The events up to this one are equal. */
    int64_t common_tick;   /**< The tick of that event; -1 when there is none; when the event is in an archive, the last
                                tick that is. */
    eventure_event *left;  /**< The first event that differs, of the first history; NULL when it ended. */
    eventure_event *right; /**< Likewise, of the second one. */
} eventure_difference;

/**
 * Finds the first event in which two runs differ. With digests in both stores the work grows with the logarithm of the
 * number of ticks, and the number of events in one tick; otherwise it reads both from the beginning. Stores whose
 * beginning is in an archive are compared from the later of the two beginnings, when the digests say that what came
 * before is equal.
 * @param left,right the stores
 * @param out_difference receives the answer, to be cleared with eventure_difference_clear
 * @return EVENTURE_OK, EVENTURE_ERROR_ARCHIVED (the first difference is in an archive, or nothing tells whether it
 *         is: the text says from where the stores can be compared), EVENTURE_ERROR_MEMORY, or what reading failed with;
 * the text is that of `left`, also when it is about `right`
 */
EVENTURE_API eventure_status eventure_store_diff(eventure_reader *left, eventure_reader *right,
                                                 eventure_difference *out_difference);

/** Frees the events of a difference; NULL is allowed. */
EVENTURE_API void eventure_difference_clear(eventure_difference *difference);

/** A tick that could not be saved. */
typedef struct eventure_repair_loss
{
    int64_t tick;      /**< The tick. */
    int64_t first_seq; /**< Its events were first_seq to last_seq. */
    int64_t last_seq;  /**< See first_seq. */
    const char *why;   /**< What is wrong with it; good for this call only. */
} eventure_repair_loss;

/**
 * Hears of a tick that could not be saved.
 * @return 0 to go on; anything else ends the repair with EVENTURE_ERROR_INTERRUPTED and no new store
 */
typedef int (*eventure_repair_loss_fn)(const eventure_repair_loss *loss, void *context);

/** How a store is repaired. Begin with EVENTURE_REPAIR_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_repair_options
{
    size_t size;                   /**< Set by the macro. */
    eventure_repair_loss_fn loss;  /**< May be NULL. */
    void *loss_context;            /**< Handed to loss. */
    eventure_progress_fn progress; /**< May be NULL. */
    void *progress_context;        /**< Handed to progress. */
} eventure_repair_options;

/** The defaults. */
#define EVENTURE_REPAIR_OPTIONS_INIT                                                                                   \
    {                                                                                                                  \
        sizeof(eventure_repair_options), NULL, NULL, NULL, NULL                                                        \
    }

/** The same, as a function: `size` is sizeof(eventure_repair_options). */
EVENTURE_API void eventure_repair_options_init(eventure_repair_options *options, size_t size);

/** What a repair saved. */
typedef struct eventure_repair_report
{
    int64_t events;         /**< Events saved. */
    int64_t ticks;          /**< Ticks with events saved. */
    int64_t lost_events;    /**< Events that were lost. */
    int64_t lost_ticks;     /**< Ticks that were lost. */
    bool has_gaps;          /**< More ticks than lost_ticks may be lost: nothing in the file tells their number. */
    bool has_lost_end;      /**< More events than lost_events may be lost, at the end: nothing tells their number. */
    int64_t unproven_ticks; /**< Of those saved: ticks of which the digests cannot be checked, as those of the tick
                                 before are lost. Their events make sense. */
    char first_loss[1024];  /**< What is wrong with the first tick that was lost; empty when none was. */
} eventure_repair_report;

/**
 * Makes a new store of every tick of a damaged one that still verifies: with digests, those whose events have the
 * digests that their row says; without, those whose events make sense. Ticks are saved whole or not at all. Events keep
 * their ids; a parent that was lost becomes an external parent. Save points and snapshots are not taken over.
 * @param reader the damaged store
 * @param path the new store; there must be no such file; it appears whole or not at all
 * @param options NULL is all defaults
 * @param out_report receives what was saved and lost
 * @return EVENTURE_OK; EVENTURE_ERROR_EXISTS; EVENTURE_ERROR_INTERRUPTED; or what making the new store failed with:
 * then there is none. The text is the reader's.
 */
EVENTURE_API eventure_status eventure_store_repair(eventure_reader *reader, const char *path,
                                                   const eventure_repair_options *options,
                                                   eventure_repair_report *out_report);

#ifdef __cplusplus
}
#endif

#endif
