/**
 * @file
 * Snapshots: states of a reducer, saved in the store together with the history that they were computed from.
 *
 * Snapshots are derived data: deleting them costs time, but loses no information. eventure_replay_at uses them. They
 * are taken by a snapshotter, which follows a log and saves by policy in the transaction of the tick; on demand
 * (eventure_snapshot_take); or later, for an existing history (eventure_snapshot_build).
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
    int64_t every_events;     /**< Take one at the end of a tick when there are at least this many events since the
                                   newest snapshot; 0: ignore the number of events. */
    int64_t every_ticks;      /**< Take one at the end of a tick when it is at least this many ticks after that of the
                                   newest snapshot, and there are events since; 0: ignore the number of ticks. */
    int64_t keep_newest;      /**< The number of newest snapshots to keep; 0: all, but see keep_every_ticks. */
    int64_t keep_every_ticks; /**< Also keep the last of the older snapshots in each range of this many ticks; 0: none
                                 of them. When this is set and keep_newest is 0, one newest snapshot is kept. */
    bool drop_other_versions; /**< Delete the snapshots of the same name and other versions. */
} eventure_snapshot_policy;

/** The defaults: no snapshots by policy, and all are kept. */
#define EVENTURE_SNAPSHOT_POLICY_INIT                                                                                  \
    {                                                                                                                  \
        sizeof(eventure_snapshot_policy), 0, 0, 0, 0, false                                                            \
    }

/**
 * Sets *policy to the defaults, as EVENTURE_SNAPSHOT_POLICY_INIT does. `size` is sizeof(eventure_snapshot_policy) as
 * the caller compiled it.
 */
EVENTURE_API void eventure_snapshot_policy_init(eventure_snapshot_policy *policy, size_t size);

/** A reducer that follows a log. */
typedef struct eventure_snapshotter eventure_snapshotter;

/**
 * Attaches a reducer to a log. The call brings the state up to the last complete tick. Afterwards, whenever a tick is
 * complete, its events are applied, and a snapshot is saved when the policy requires one, in the transaction of the
 * tick. The context therefore always contains the state at the end of the last complete tick. With a background writer
 * only the ticks at which a snapshot is due wait for the disk: the context is brought up to date at the end of each of
 * them, and is behind in between (eventure_snapshotter_seq). An error of the reducer fails the advance of the tick,
 * which is rolled back; after any rollback, the state is computed again from the log.
 * @param log the log; the reducer must not append to it
 * @param reducer copied; needs save and load
 * @param context the state; borrowed until detached
 * @param policy NULL is all defaults
 * @param out_snapshotter receives the handle, to be detached before the log is closed; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT, EVENTURE_ERROR_MEMORY, or as eventure_replay_at; the error text is the
 *         log's
 */
EVENTURE_API eventure_status eventure_snapshotter_attach(eventure_log *log, const eventure_reducer *reducer,
                                                         void *context, const eventure_snapshot_policy *policy,
                                                         eventure_snapshotter **out_snapshotter);

/** Detaches and frees a snapshotter; NULL is allowed. The context is unchanged. */
EVENTURE_API void eventure_snapshotter_detach(eventure_snapshotter *snapshotter);

/** Returns the seq of the newest event in the state; 0 before the first event; -1 after a rollback when the state could
 *  not be computed again: the next complete tick tries again. */
EVENTURE_API int64_t eventure_snapshotter_seq(const eventure_snapshotter *snapshotter);

/**
 * Takes a snapshot now: computes the state of all events appended so far, and saves it. It is committed with the
 * current tick.
 * @param log the log
 * @param reducer the reducer; needs save and load
 * @param context the state; afterwards it is the newest state
 * @return EVENTURE_OK, or as eventure_replay_at: nothing was saved; or the error of writing: the log was rolled back to
 *         its last commit. The error text is the log's
 */
EVENTURE_API eventure_status eventure_snapshot_take(eventure_log *log, const eventure_reducer *reducer, void *context);

/** Options of eventure_snapshot_build. Begin with EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT. */
typedef struct eventure_snapshot_build_options
{
    size_t size;                            /**< Set by the macro. */
    const eventure_snapshot_policy *policy; /**< The policy that determines when snapshots are taken, and which are
                                                 kept. NULL, or a policy that takes none, is an error. Borrowed for the
                                                 call. */
    bool from_start;               /**< Delete the snapshots of this name and version, and build all; default: continue
                                        after the newest one. */
    eventure_progress_fn progress; /**< Receives the progress, and can stop the call; NULL: none. */
    void *progress_context;        /**< Passed to progress. */
} eventure_snapshot_build_options;

/** The defaults; policy must be set. */
#define EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT                                                                           \
    {                                                                                                                  \
        sizeof(eventure_snapshot_build_options), NULL, false, NULL, NULL                                               \
    }

/**
 * Sets *options to the defaults, as EVENTURE_SNAPSHOT_BUILD_OPTIONS_INIT does. `size` is
 * sizeof(eventure_snapshot_build_options) as the caller compiled it.
 */
EVENTURE_API void eventure_snapshot_build_options_init(eventure_snapshot_build_options *options, size_t size);

/**
 * Adds snapshots to a history, as if a snapshotter had followed it, and commits: all of them or none.
 * @param log the log; uncommitted events are committed first
 * @param reducer the reducer; needs save and load
 * @param context a state that the call overwrites; afterwards it is the newest state
 * @param options the options; NULL is an error, because the policy is required
 * @param out_taken receives the number of snapshots taken; may be NULL
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (the policy takes none), EVENTURE_ERROR_INTERRUPTED, as
 *         eventure_replay_at, or the error of writing. The error text is the log's
 */
EVENTURE_API eventure_status eventure_snapshot_build(eventure_log *log, const eventure_reducer *reducer, void *context,
                                                     const eventure_snapshot_build_options *options,
                                                     int64_t *out_taken);

/**
 * Deletes the snapshots of a reducer that a policy does not keep; committed with the current tick.
 * @param log the log
 * @param name,version the reducer's name and version
 * @param policy the members keep_... and drop_... are used
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT, or the error of writing
 */
EVENTURE_API eventure_status eventure_snapshot_prune(eventure_log *log, const char *name, int64_t version,
                                                     const eventure_snapshot_policy *policy);

/**
 * Deletes all snapshots of a reducer, of all its versions; committed with the current tick.
 * @param log the log
 * @param name the reducer's name
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND (there is none), EVENTURE_ERROR_ARGUMENT, or the error of writing
 */
EVENTURE_API eventure_status eventure_snapshot_drop(eventure_log *log, const char *name);

/** The description of a snapshot, without its state. */
typedef struct eventure_snapshot
{
    const char *name;    /**< The reducer's name. */
    int64_t version;     /**< The reducer's version. */
    int64_t tick;        /**< The tick at which it was taken. */
    int64_t seq;         /**< The seq of the newest event in the state; 0 for none. */
    int64_t state_bytes; /**< The size of the state in bytes. */
    double created;      /**< The time of creation, by the log's clock: seconds since the Unix epoch, UTC. */
} eventure_snapshot;

/**
 * Receives one snapshot.
 * @param snapshot valid during this call only
 * @param context the pointer given to the call
 * @return 0 to continue; any other value ends the list, and the list function returns it
 */
typedef int (*eventure_snapshot_fn)(const eventure_snapshot *snapshot, void *context);

/** Lists the snapshots of a name (NULL: all), in the order of name, version and position in the history. */
EVENTURE_API eventure_status eventure_snapshot_list(eventure_reader *reader, const char *name,
                                                    eventure_snapshot_fn callback, void *context);

/** The result of eventure_snapshot_check. */
typedef struct eventure_snapshot_check_report
{
    int64_t checked;  /**< Number of snapshots that were compared, including one that differs. */
    bool differs;     /**< Whether a snapshot differs; the members below describe the first one. */
    int64_t tick;     /**< The tick of the first snapshot that differs. */
    int64_t seq;      /**< Its newest event. */
    int64_t at_bytes; /**< The offset of the first byte that differs; the shorter length, when one is a prefix of the
                           other. */
} eventure_snapshot_check_report;

/**
 * Checks the snapshots of a reducer's name and version: folds all events from the first, and compares the bytes of save
 * with each snapshot. Ends at the first snapshot that differs.
 * @param reader the store
 * @param reducer the reducer; needs save
 * @param context a state that the call overwrites
 * @param options NULL is all defaults; without_snapshots is ignored
 * @param out_report receives the result
 * @return EVENTURE_OK (also when one differs: see out_report), or as eventure_replay_at; EVENTURE_ERROR_ARCHIVED: the
 *         snapshots cannot be checked, because the first events are in an archive
 */
EVENTURE_API eventure_status eventure_snapshot_check(eventure_reader *reader, const eventure_reducer *reducer,
                                                     void *context, const eventure_state_options *options,
                                                     eventure_snapshot_check_report *out_report);

#ifdef __cplusplus
}
#endif

#endif
