/**
 * @file
 * Sessions: names for places in a history, copies of it, and other histories that begin where this one stood.
 *
 * A *save point* is a name for a place: a tick and the newest event. It costs a row. A *copy* is the same history in
 * another file ("save as"), with the same uuid. A *fork* is a new history, with a uuid of its own, whose beginning is
 * that of another one up to a tick or a save point. An *archive* takes the old events of a store over (archive.h).
 *
 * Copying and forking read one commit of the source and are no hindrance to a log that writes it meanwhile. The new
 * file appears whole under its name, synced, or not at all, whenever the program or the machine stops.
 *
 * Undo and redo. Events are never taken back, so there are two ways, and both keep what happened:
 *
 * - *Undo is an event.* Append an event such as `game.undo` whose data names the tick to go back to, and continue from
 *   the state at that tick (eventure_state_at). The history then tells that the player changed their mind,
 *   cheating can be seen, and redo is one more event that names a later tick. A reducer that meets such an event takes
 *   the state of that tick over: either it keeps the last few states by tick, or it is told beforehand which ranges of
 *   ticks were undone, and skips their events. This is the way for a game's undo key.
 * - *Going back is a fork.* eventure_store_fork_at_save_point makes a new store of the part up to a save point, and the
 * play goes on there; the old store stays as it is, and going forth again is opening it. This is the way for "load" and
 * for "what if".
 *
 * @code
 * eventure_save_point_create(log, "before the dragon", NULL);
 * ...
 * if (eventure_store_fork_at_save_point(eventure_log_reader(log), "retry.db", "before the dragon", NULL) ==
 * EVENTURE_OK) play("retry.db");
 * @endcode
 */
#ifndef EVENTURE_SESSION_H
#define EVENTURE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/export.h>
#include <eventure/log.h>
#include <eventure/progress.h>
#include <eventure/reader.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The longest name of a save point or of a subscription, in bytes of UTF-8 without the closing NUL. */
#define EVENTURE_NAME_MAX_BYTES 255

/** The longest note of a save point, likewise. */
#define EVENTURE_NOTE_MAX_BYTES 65535

/** A name for a place in the history. */
typedef struct eventure_save_point
{
    const char *name; /**< Unique in its store. */
    int64_t tick;     /**< The current tick when it was taken. */
    int64_t seq;      /**< The newest event then; 0 for none. */
    const char *note; /**< NULL for none. */
    double created;   /**< When, by the log's clock: seconds since the Unix epoch, UTC. */
} eventure_save_point;

/**
 * Takes a save point of where the log stands, and commits: everything appended so far, and the save point with it.
 * @param log the log
 * @param name 1 to 255 bytes of UTF-8 without control characters
 * @param note what to remember, up to 65,535 bytes of UTF-8; NULL for nothing
 * @return EVENTURE_OK, EVENTURE_ERROR_EXISTS (the name is taken), EVENTURE_ERROR_ARGUMENT (no acceptable name or note):
 *         then nothing was written or committed; or the error of the commit
 */
EVENTURE_API eventure_status eventure_save_point_create(eventure_log *log, const char *name, const char *note);

/**
 * Deletes the name of a save point, and commits as eventure_save_point_create does. The history stays as it is.
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND, or the error of the commit
 */
EVENTURE_API eventure_status eventure_save_point_delete(eventure_log *log, const char *name);

/**
 * Receives one save point.
 * @param save valid during this call only
 * @param context the pointer given to the call
 * @return 0 to continue; any other value ends the list, and the list function returns it
 */
typedef int (*eventure_save_point_fn)(const eventure_save_point *save, void *context);

/** Lists the save points in the order of the history; those of one place by name. */
EVENTURE_API eventure_status eventure_save_point_list(eventure_reader *reader, eventure_save_point_fn callback,
                                                      void *context);

/**
 * Finds a save point by its name.
 * @param reader the store
 * @param name the name
 * @param out_save receives a copy, to be freed with eventure_free; NULL on error
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND, or the error of reading the file
 */
EVENTURE_API eventure_status eventure_save_point_find(eventure_reader *reader, const char *name,
                                                      eventure_save_point **out_save);

/** How a copy or a fork is made. Begin with EVENTURE_COPY_OPTIONS_INIT. */
typedef struct eventure_copy_options
{
    size_t size;                   /**< Set by the macro; keeps programs working when members are added. */
    bool replace;                  /**< Whether a file of that name may be replaced. */
    eventure_progress_fn progress; /**< Receives the progress, and can stop the call; NULL: none. */
    void *progress_context;        /**< Passed to progress. */
} eventure_copy_options;

/** The defaults. */
#define EVENTURE_COPY_OPTIONS_INIT                                                                                     \
    {                                                                                                                  \
        sizeof(eventure_copy_options), false, NULL, NULL                                                               \
    }

/** The same, as a function: `size` is sizeof(eventure_copy_options). */
EVENTURE_API void eventure_copy_options_init(eventure_copy_options *options, size_t size);

/**
 * Copies a store into a new file: "save as". It is the same history, and keeps its uuid.
 * @param reader the store: the commit that it holds, or else the newest one. Of a log's own reader, too, only what has
 *        been committed is copied
 * @param path the new file; its directory must be writable
 * @param options NULL is all defaults
 * @return EVENTURE_OK, EVENTURE_ERROR_EXISTS (there is such a file), EVENTURE_ERROR_ARGUMENT (it is the store itself,
 *         or is no regular file), EVENTURE_ERROR_BUSY (a log writes that file), EVENTURE_ERROR_READ_ONLY,
 *         EVENTURE_ERROR_INTERRUPTED, EVENTURE_ERROR_IO (also: no such directory) and the like; the error text is the
 *         reader's, and there is no new file
 */
EVENTURE_API eventure_status eventure_store_copy(eventure_reader *reader, const char *path,
                                                 const eventure_copy_options *options);

/**
 * Forks: a new store that is this one up to a tick, that tick included, and goes on from there. Events keep their
 * position, id, timestamp and parent, ticks their digests; save points and snapshots of that part come along.
 * @param reader as for eventure_store_copy
 * @param path as for eventure_store_copy
 * @param tick the last tick that the fork has in common with its source. The fork's current tick is the one after it,
 *        or, when this is the current tick of the source, that one
 * @param options NULL is all defaults
 * @return as eventure_store_copy, and EVENTURE_ERROR_TICK (negative, or in the future), EVENTURE_ERROR_ARCHIVED (in the
 *         archived part: fork the archive)
 */
EVENTURE_API eventure_status eventure_store_fork_at_tick(eventure_reader *reader, const char *path, int64_t tick,
                                                         const eventure_copy_options *options);

/**
 * As eventure_store_fork_at_tick, up to a save point. The fork stands exactly where the save point was taken, also in
 * the middle of a tick.
 * @return as eventure_store_fork_at_tick, and EVENTURE_ERROR_NOT_FOUND for an unknown name
 */
EVENTURE_API eventure_status eventure_store_fork_at_save_point(eventure_reader *reader, const char *path,
                                                               const char *name, const eventure_copy_options *options);

/** Which history a store is, and where it was forked from. Unused texts are empty. */
typedef struct eventure_origin
{
    char uuid[37];        /**< Of this history. */
    char from_uuid[37];   /**< Of the history that it was forked from; empty when it was not forked. */
    int64_t from_tick;    /**< The current tick of the fork in the beginning. */
    int64_t from_seq;     /**< The events up to this one are common to both. */
    char run_digest[65];  /**< Of the common part, in hexadecimal; empty without digests, and without events. */
    char full_digest[65]; /**< Likewise, timestamps included. */
} eventure_origin;

/** Tells which history a store is, and where it comes from. */
EVENTURE_API eventure_status eventure_store_origin(eventure_reader *reader, eventure_origin *out_origin);

#ifdef __cplusplus
}
#endif

#endif
