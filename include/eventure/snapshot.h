/**
 * @file
 * Snapshots: states of a reducer, saved in the store beside the history that they were folded from.
 *
 * They are derived: deleting them costs time, never information. eventure_state_at uses them. They are taken by a
 * snapshotter, which follows a log and saves by policy in the same transaction as the tick; on demand; or afterwards,
 * for a history that has none.
 */
#ifndef EVENTURE_SNAPSHOT_H
#define EVENTURE_SNAPSHOT_H

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

/**
 * When snapshots are taken, and which are kept. Begin with EVENTURE_SNAPSHOT_POLICY_INIT; zero is the default of every
 * member. Only snapshots of the same name and version are counted.
 */
typedef struct eventure_snapshot_policy
{
    size_t size;              /**< Set by the macro. */
    int64_t every_events;     /**< At the end of the tick in which so many events have come since the newest snapshot;
                                   0: events do not count. */
    int64_t every_ticks;      /**< At the end of a tick that is so many after that of the newest snapshot, when events
                                   came since; 0: ticks do not count. */
    int64_t keep_newest;      /**< So many of the newest are kept; 0: all, but see keep_every_ticks. */
    int64_t keep_every_ticks; /**< Of the others, the last one of each so many ticks is kept; 0: none of them. When this
                                   is set and keep_newest is 0, that is 1. */
    bool drop_other_versions; /**< Snapshots of the same name and another version are deleted. */
} eventure_snapshot_policy;

/** The defaults: none by itself, and all are kept. */
#define EVENTURE_SNAPSHOT_POLICY_INIT                                                                                  \
    {                                                                                                                  \
        sizeof(eventure_snapshot_policy), 0, 0, 0, 0, false                                                            \
    }

/** The same, as a function: `size` is sizeof(eventure_snapshot_policy). */
EVENTURE_API void eventure_snapshot_policy_init(eventure_snapshot_policy *policy, size_t size);

/** A reducer that follows a log. */
typedef struct eventure_snapshotter eventure_snapshotter;

/**
 * Attaches a reducer to a log. The state is brought up to the last complete tick at once; from then on, whenever a tick
 * is complete, its events are applied, and a snapshot is saved when the policy says so, in the transaction that the
 * tick is committed with. So the context always holds the state at the end of the last complete tick. With a background
 * writer only the ticks that a snapshot is due at wait for the disk: the context is brought up to date at the end of
 * each of them, and stays behind in between (eventure_snapshotter_seq). An error of the reducer fails the advance of
 * the tick, which is rolled back; after any rollback, the state is made anew from the log.
 * @param log the log; the reducer must not append to it
 * @param reducer copied; needs save and load
 * @param context the state; borrowed until detached
 * @param policy NULL is all defaults
 * @param out_snapshotter receives the handle, to be detached before the log is closed; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT, EVENTURE_ERROR_MEMORY, or as eventure_state_at; the error text is the
 *         log's
 */
EVENTURE_API eventure_status eventure_snapshotter_attach(eventure_log *log, const eventure_reducer *reducer,
                                                         void *context, const eventure_snapshot_policy *policy,
                                                         eventure_snapshotter **out_snapshotter);

/** Ends following, and frees; NULL is allowed. The context stays as it is. */
EVENTURE_API void eventure_snapshotter_detach(eventure_snapshotter *snapshotter);

/** The newest event in the state, by its seq: 0 before the first. -1 after a rollback whose state could not be made
 * anew; the next complete tick tries again. */
EVENTURE_API int64_t eventure_snapshotter_seq(const eventure_snapshotter *snapshotter);

/**
 * Takes a snapshot now: makes the state, of all events up to here, and saves it. It is committed with the current tick.
 * @param log the log
 * @param reducer the fold; needs save and load
 * @param context the state; afterwards it is that of now
 * @return EVENTURE_OK, or as eventure_state_at: then nothing was saved; or the error of writing: then the log was
 *         rolled back to its last commit. The error text is the log's
 */
EVENTURE_API eventure_status eventure_snapshot_take(eventure_log *log, const eventure_reducer *reducer, void *context);

/** How snapshots of a history are built. Begin with EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT. */
typedef struct eventure_snapshot_build_options
{
    size_t size;                            /**< Set by the macro. */
    const eventure_snapshot_policy *policy; /**< When to take, and which to keep. NULL, or one that takes none, is an
                                                 error: nothing would be built. Borrowed for the call. */
    bool from_start;               /**< Delete those of this name and version, and build all; default: go on behind the
                                        newest one. */
    eventure_progress_fn progress; /**< Receives the progress, and can stop the call; NULL: none. */
    void *progress_context;        /**< Passed to progress. */
} eventure_snapshot_build_options;

/** The defaults: none. */
#define EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT                                                                           \
    {                                                                                                                  \
        sizeof(eventure_snapshot_build_options), NULL, false, NULL, NULL                                               \
    }

/** The same, as a function: `size` is sizeof(eventure_snapshot_build_options). */
EVENTURE_API void eventure_snapshot_build_options_init(eventure_snapshot_build_options *options, size_t size);

/**
 * Adds snapshots to a history, as if a snapshotter had followed it, and commits. All or nothing.
 * @param log the log; what is pending in it is committed first
 * @param reducer the fold; needs save and load
 * @param context a state to work with; afterwards it is that of now
 * @param options the policy; NULL is an error, as nothing would be built
 * @param out_taken receives how many were taken; may be NULL
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (the policy takes none), EVENTURE_ERROR_INTERRUPTED, as
 *         eventure_state_at, or the error of writing. The error text is the log's
 */
EVENTURE_API eventure_status eventure_snapshot_build(eventure_log *log, const eventure_reducer *reducer, void *context,
                                                     const eventure_snapshot_build_options *options,
                                                     int64_t *out_taken);

/**
 * Deletes the snapshots of a reducer that a policy does not keep; committed with the current tick.
 * @param log the log
 * @param name,version the reducer's
 * @param policy the keep_ and drop_ members count
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT, or the error of writing
 */
EVENTURE_API eventure_status eventure_snapshot_prune(eventure_log *log, const char *name, int64_t version,
                                                     const eventure_snapshot_policy *policy);

/**
 * Deletes all snapshots of a reducer, of all its versions; committed with the current tick.
 * @param log the log
 * @param name the reducer's
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND (there is none), EVENTURE_ERROR_ARGUMENT, or the error of writing
 */
EVENTURE_API eventure_status eventure_snapshots_drop(eventure_log *log, const char *name);

/** What is known of a snapshot without its state. */
typedef struct eventure_snapshot
{
    const char *name;    /**< Of the reducer. */
    int64_t version;     /**< Of the reducer. */
    int64_t tick;        /**< The tick it was taken at. */
    int64_t seq;         /**< The newest event in it; 0 for none. */
    int64_t state_bytes; /**< The size of the state. */
    double created;      /**< When, by the log's clock: seconds since the Unix epoch, UTC. */
} eventure_snapshot;

/**
 * Receives one snapshot.
 * @param snapshot valid during this call only
 * @param context the pointer given to the call
 * @return 0 to continue; any other value ends the list, and the list function returns it
 */
typedef int (*eventure_snapshot_fn)(const eventure_snapshot *snapshot, void *context);

/** Lists the snapshots of a name (NULL: all), by name, version and place in the history. */
EVENTURE_API eventure_status eventure_snapshot_list(eventure_reader *reader, const char *name,
                                                    eventure_snapshot_fn callback, void *context);

/** What a check found. */
typedef struct eventure_snapshot_check_report
{
    int64_t checked;  /**< How many snapshots were compared, the one that differs included. */
    bool differs;     /**< Whether one differs; the members below tell of the first that does. */
    int64_t tick;     /**< The tick of the first that differs. */
    int64_t seq;      /**< Its newest event. */
    int64_t at_bytes; /**< The first byte that differs, from 0; the shorter length, when one is longer. */
} eventure_snapshot_check_report;

/**
 * Checks the snapshots of a reducer's name and version: folds all events from the first, and compares what save writes
 * with each of them. Ends at the first that differs.
 * @param reader the store
 * @param reducer the fold; needs save
 * @param context a state to work with
 * @param options NULL is all defaults; of no use here is without_snapshots
 * @param out_check receives what was found
 * @return EVENTURE_OK (also when one differs: see out_check), or as eventure_state_at; EVENTURE_ERROR_ARCHIVED: they
 *         cannot be checked any more, as the first events are in an archive
 */
EVENTURE_API eventure_status eventure_snapshot_check(eventure_reader *reader, const eventure_reducer *reducer,
                                                     void *context, const eventure_state_options *options,
                                                     eventure_snapshot_check_report *out_check);

#ifdef __cplusplus
}
#endif

#endif
