/**
 * @file
 * Sessions: save points in a history, copies of it, forks, which are other histories that begin at a position of this
 * one, and extracts, which contain a part of its events.
 *
 * A *save point* is a name for a position: a tick and the newest event. It is stored as one row. A *copy* is the same
 * history in another file ("save as"), with the same uuid. A *fork* is a new history, with a uuid of its own, that
 * begins with another history up to a tick or a save point. An *extract* is a new history, too, of the events that a
 * filter selects. An *archive* contains the old events of a store (archive.h).
 *
 * Copying and forking read one commit of the source and do not block a log that writes it. The new file appears
 * complete and synced under its name, or not at all, even when the program or the machine stops at any moment.
 *
 * Undo and redo. Events are never removed. There are two ways to undo, and both keep the events:
 *
 * - *Undo is an event.* Append an event such as `game.undo` whose data names the tick to go back to, and continue from
 *   the state at that tick (eventure_replay_at). The history then contains the undo, so that cheating can be detected,
 *   and redo is one more event that names a later tick. A reducer that receives such an event restores the state of
 *   that tick: either it keeps the last few states by tick, or it receives beforehand the ranges of ticks that were
 *   undone, and skips their events. This is the way for a game's undo key.
 * - *Going back is a fork.* eventure_store_fork_at_save_point makes a new store of the part up to a save point, and the
 *   game continues there; the old store is unchanged: to return to it, open it. This is the way for "load" and for
 *   "what if".
 *
 * @code
 * eventure_save_point_create(log, "before the dragon", NULL);
 * ...
 * if (eventure_store_fork_at_save_point(reader, "retry.db", "before the dragon", NULL) == EVENTURE_OK)
 *     play("retry.db");
 * @endcode
 */
#ifndef EVENTURE_SESSION_H
#define EVENTURE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/data.h>
#include <eventure/export.h>
#include <eventure/log.h>
#include <eventure/progress.h>
#include <eventure/query.h>
#include <eventure/reader.h>
#include <eventure/status.h>
#include <eventure/transfer.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The longest name of a save point, of a follower, or of a reducer with snapshots, in bytes of UTF-8 without the
 *  closing NUL. */
#define EVENTURE_NAME_MAX_BYTES 255

/** The longest note of a save point, in bytes of UTF-8 without the closing NUL. */
#define EVENTURE_NOTE_MAX_BYTES 65535

/** A name for a position in the history. */
typedef struct eventure_save_point
{
    const char *name; /**< Unique in its store. */
    int64_t tick;     /**< The current tick when the save point was made. */
    int64_t seq;      /**< The seq of the newest event then; 0 for none. */
    const char *note; /**< NULL for none. */
    double created;   /**< The time of creation, by the log's clock: seconds since the Unix epoch, UTC. */
} eventure_save_point;

/**
 * Makes a save point of the log's position, and commits everything appended so far together with the save point.
 * @param log the log
 * @param name 1 to 255 bytes of UTF-8 without control characters
 * @param note a text to store with it, up to 65,535 bytes of UTF-8; NULL for none
 * @return EVENTURE_OK, EVENTURE_ERROR_EXISTS (the name is taken), EVENTURE_ERROR_ARGUMENT (the name or the note is not
 *         valid): nothing was written or committed; or the error of the commit
 */
EVENTURE_API eventure_status eventure_save_point_create(eventure_log *log, const char *name, const char *note);

/**
 * Deletes a save point, and commits as eventure_save_point_create does. The events are not changed.
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND, or the error of the commit
 */
EVENTURE_API eventure_status eventure_save_point_delete(eventure_log *log, const char *name);

/**
 * Receives one save point.
 * @param save_point valid during this call only
 * @param context the pointer given to the call
 * @return 0 to continue; any other value ends the list, and the list function returns it
 */
typedef int (*eventure_save_point_fn)(const eventure_save_point *save_point, void *context);

/** Lists the save points in the order of the history; those of the same position in the order of their names. */
EVENTURE_API eventure_status eventure_save_point_list(eventure_reader *reader, eventure_save_point_fn callback,
                                                      void *context);

/**
 * Finds a save point by its name.
 * @param reader the store
 * @param name the name
 * @param out_save_point receives a copy, to be freed with eventure_free; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND, or the error of reading the file
 */
EVENTURE_API eventure_status eventure_save_point_find(eventure_reader *reader, const char *name,
                                                      eventure_save_point **out_save_point);

/** Options of a copy or a fork. Begin with EVENTURE_COPY_OPTIONS_INIT. */
typedef struct eventure_copy_options
{
    size_t size;                   /**< Set by the macro; keeps programs working when members are added. */
    bool replace;                  /**< Whether an existing file may be replaced. */
    eventure_progress_fn progress; /**< Receives the progress, and can stop the call; NULL: none. */
    void *progress_context;        /**< Passed to progress. */
    const eventure_data *record; /**< Changes of the record of the run in a fork, as for eventure_log_describe (run.h);
                                    NULL: none. A copy does not use it. */
} eventure_copy_options;

/** The defaults. */
#define EVENTURE_COPY_OPTIONS_INIT                                                                                     \
    {                                                                                                                  \
        sizeof(eventure_copy_options), false, NULL, NULL, NULL                                                         \
    }

/**
 * Sets *options to the defaults, as EVENTURE_COPY_OPTIONS_INIT does. `size` is sizeof(eventure_copy_options) as the
 * caller compiled it.
 */
EVENTURE_API void eventure_copy_options_init(eventure_copy_options *options, size_t size);

/**
 * Copies a store into a new file: "save as". It is the same history, and keeps its uuid.
 * @param reader the store: the commit of its read transaction, or otherwise the newest one, is copied. With a log's own
 *        reader, too, only committed events are copied
 * @param path the new file; its directory must be writable
 * @param options NULL is all defaults
 * @return EVENTURE_OK, EVENTURE_ERROR_EXISTS (the file exists), EVENTURE_ERROR_ARGUMENT (it is the store itself, or not
 *         a regular file), EVENTURE_ERROR_BUSY (a log writes that file), EVENTURE_ERROR_READ_ONLY,
 *         EVENTURE_ERROR_INTERRUPTED, EVENTURE_ERROR_IO (also: no such directory), or another error of the system; the
 *         error text is the reader's, and there is no new file
 */
EVENTURE_API eventure_status eventure_store_copy(eventure_reader *reader, const char *path,
                                                 const eventure_copy_options *options);

/**
 * Forks a store: makes a new store that contains this one up to and including a tick, and continues from there. Events
 * keep their position, id, timestamp and parent, ticks their digests; save points and snapshots of that part are
 * copied.
 * @param reader as for eventure_store_copy
 * @param path as for eventure_store_copy
 * @param tick the last tick that the fork has in common with its source. The fork's current tick is the next one; or
 *        the same one, when it is the current tick of the source. With the last archived tick, the fork contains no
 *        event, and continues where this store begins
 * @param options NULL is all defaults
 * @return as eventure_store_copy, and EVENTURE_ERROR_TICK (negative, or in the future), EVENTURE_ERROR_ARCHIVED (the
 *         tick is before the last archived one: fork the archive)
 */
EVENTURE_API eventure_status eventure_store_fork_at_tick(eventure_reader *reader, const char *path, int64_t tick,
                                                         const eventure_copy_options *options);

/**
 * As eventure_store_fork_at_tick, up to a save point. The position of the fork is exactly that of the save point, also
 * in the middle of a tick.
 * @return as eventure_store_fork_at_tick, and EVENTURE_ERROR_NOT_FOUND for an unknown name
 */
EVENTURE_API eventure_status eventure_store_fork_at_save_point(eventure_reader *reader, const char *path,
                                                               const char *name, const eventure_copy_options *options);

/** Options of eventure_store_extract. Begin with EVENTURE_EXTRACT_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_extract_options
{
    size_t size;                   /**< Set by the macro. */
    const eventure_filter *filter; /**< The events to export; NULL: all. `reverse` is refused, and so are
                                        `without_data`, `without_ids` and `without_parent_ids`. */
    bool replace;                  /**< Replace an existing file. */
    eventure_progress_fn progress; /**< May be NULL. */
    void *progress_context;        /**< Passed to progress. */
} eventure_extract_options;

/** The defaults. */
#define EVENTURE_EXTRACT_OPTIONS_INIT                                                                                  \
    {                                                                                                                  \
        sizeof(eventure_extract_options), NULL, false, NULL, NULL                                                      \
    }

/**
 * Sets *options to the defaults, as EVENTURE_EXTRACT_OPTIONS_INIT does. `size` is sizeof(eventure_extract_options) as
 * the caller compiled it.
 */
EVENTURE_API void eventure_extract_options_init(eventure_extract_options *options, size_t size);

/**
 * Exports a history, or a part of it, as a separate store: a new file that appears complete or not at all. Events keep
 * their ids, timestamps and ticks, and are numbered from seq 1; a parent that is not exported is stored as an external
 * parent id. Save points, snapshots and indexes on data are not exported.
 * @param reader the store; with a log's own reader, only committed events are exported
 * @param path the new file
 * @param options NULL is all defaults
 * @param out_counts receives the result; may be NULL
 * @return EVENTURE_OK, EVENTURE_ERROR_EXISTS, EVENTURE_ERROR_ARGUMENT, EVENTURE_ERROR_INTERRUPTED, or the error of
 *         reading or writing; the error text is the reader's
 */
EVENTURE_API eventure_status eventure_store_extract(eventure_reader *reader, const char *path,
                                                    const eventure_extract_options *options,
                                                    eventure_transfer_counts *out_counts);

/** The identity of a store's history, and the source of a fork. Unused texts are empty. */
typedef struct eventure_origin
{
    char uuid[37];        /**< The uuid of this history. */
    char from_uuid[37];   /**< The uuid of the history that it was forked from; empty when it was not forked. */
    int64_t from_tick;    /**< The current tick of the fork when it was made. */
    int64_t from_seq;     /**< The events up to this one are common to both. */
    char run_digest[65];  /**< The digest of the common part, in hexadecimal; empty without digests, and without
                               events. */
    char full_digest[65]; /**< Likewise, timestamps included. */
} eventure_origin;

/** Returns the identity and the origin of a store's history. */
EVENTURE_API eventure_status eventure_store_origin(eventure_reader *reader, eventure_origin *out_origin);

#ifdef __cplusplus
}
#endif

#endif
