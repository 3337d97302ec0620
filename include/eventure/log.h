/**
 * @file
 * A store opened for writing. A tick is a transaction: after any crash the file holds whole ticks and nothing else.
 *
 * One log at a time writes a file; a second one is refused at once. A log is for one thread at a time. After an error
 * of the file or the system (EVENTURE_ERROR_IO, _CORRUPT, _MEMORY while writing) everything since the last commit is
 * rolled back, the log stays at the last committed tick, and it can be used again.
 */
#ifndef EVENTURE_LOG_H
#define EVENTURE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/data.h>
#include <eventure/event.h>
#include <eventure/export.h>
#include <eventure/reader.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A store opened for writing. */
typedef struct eventure_log eventure_log;

/** What opening does with a file that is there, or is not. */
typedef enum eventure_open_mode
{
    EVENTURE_OPEN_OR_CREATE = 0, /**< Open the store; make it when there is no file, or an empty one. */
    EVENTURE_OPEN_EXISTING = 1,  /**< EVENTURE_ERROR_NOT_FOUND when there is no file. */
    EVENTURE_OPEN_NEW = 2        /**< EVENTURE_ERROR_EXISTS when there is a file. */
} eventure_open_mode;

/** How much a commit waits for the disk. */
typedef enum eventure_sync
{
    EVENTURE_SYNC_FULL = 0,   /**< Every commit is synced: it survives a crash of the process and a power cut. */
    EVENTURE_SYNC_NORMAL = 1, /**< Synced at checkpoints: survives a crash of the process; a power cut may take the
                                   newest commits, whole ticks at a time, and leaves the store valid. */
    EVENTURE_SYNC_OFF = 2     /**< Never synced: survives a crash of the process; a power cut may damage the file. */
} eventure_sync;

/**
 * The log's clock.
 * @param context as given in the options
 * @return seconds since the Unix epoch, UTC; must be finite
 */
typedef double (*eventure_clock_fn)(void *context);

/** How a log is opened. Begin with EVENTURE_LOG_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_log_options
{
    size_t size;                /**< Set by the macro; keeps programs working when members are added. */
    eventure_open_mode mode;    /**< Default EVENTURE_OPEN_OR_CREATE. */
    eventure_sync sync;         /**< Default EVENTURE_SYNC_FULL. */
    int64_t commit_every_ticks; /**< How many advances of the tick share one commit; default 1. With more, a crash
                                     takes up to so many ticks, each of them whole. */
    eventure_clock_fn clock;    /**< Default: the system's clock. */
    void *clock_context;        /**< Handed to clock. */
    int busy_timeout_ms;        /**< How long to wait for SQLite's own locks, in milliseconds; default 5000. (A second
                                     log is refused at once, whatever this says.) */
    int64_t max_data_bytes;     /**< The longest data of an event; default 16 MiB, at most 512 MiB. */
    int max_depth;              /**< The deepest nesting of data, the object itself being 1; default and at most
                                     1000. */
    bool without_digests;       /**< For a new store: keep no digests. A store remembers what it was made with. */
} eventure_log_options;

/** The defaults. */
#define EVENTURE_LOG_OPTIONS_INIT                                                                                      \
    {                                                                                                                  \
        sizeof(eventure_log_options), EVENTURE_OPEN_OR_CREATE, EVENTURE_SYNC_FULL, 0, NULL, NULL, 0, 0, 0, false       \
    }

/**
 * Opens a store for writing.
 * @param path the file; its directory must be writable too
 * @param options NULL is all defaults
 * @param out_log receives the log, also on error (then good for eventure_log_message and eventure_log_close only); NULL
 *        when there was no memory for it
 * @return EVENTURE_OK, EVENTURE_ERROR_BUSY (another log writes this file), EVENTURE_ERROR_NOT_FOUND,
 *         EVENTURE_ERROR_EXISTS, EVENTURE_ERROR_FORMAT (not a store, or too new), EVENTURE_ERROR_READ_ONLY,
 *         EVENTURE_ERROR_IO, EVENTURE_ERROR_CORRUPT, EVENTURE_ERROR_ARGUMENT or EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_log_open(const char *path, const eventure_log_options *options,
                                               eventure_log **out_log);

/**
 * Commits, and closes. The log is gone in any case; NULL is allowed.
 * @return EVENTURE_OK, or what committing failed with: then everything since the last commit is lost
 */
EVENTURE_API eventure_status eventure_log_close(eventure_log *log);

/** The text of the log's last error; good until the next call on it. NULL reads as out of memory. */
EVENTURE_API const char *eventure_log_message(const eventure_log *log);

/**
 * Appends an event to the current tick.
 * @param log the log
 * @param type 1 to 255 bytes of UTF-8
 * @param data the data; eventure_no_data() for none
 * @param parent the event that caused it, or NULL: an event of this store (told by its seq and id), or one of which
 *        only `id` is set, then it is looked up
 * @param out_event receives the event as it stands in the log, good until the next call on this log; may be NULL
 * @return EVENTURE_OK, EVENTURE_ERROR_TYPE, EVENTURE_ERROR_JSON, EVENTURE_ERROR_LIMIT, EVENTURE_ERROR_PARENT (not in
 *         this store): then nothing was appended; EVENTURE_ERROR_IO and the like: then the log was rolled back to the
 *         last commit
 */
EVENTURE_API eventure_status eventure_log_append(eventure_log *log, const char *type, eventure_data data,
                                                 const eventure_event *parent, eventure_event *out_event);

/** The current tick: that of the next event. 0 in a new store. */
EVENTURE_API int64_t eventure_log_tick(const eventure_log *log);

/** Commits everything appended since the last commit (see commit_every_ticks); the current tick is then one more. */
EVENTURE_API eventure_status eventure_log_advance_tick(eventure_log *log);

/**
 * As eventure_log_advance_tick, to a given tick.
 * @param log the log
 * @param tick a tick after the current one; the current one itself is allowed and does nothing
 * @return EVENTURE_OK, EVENTURE_ERROR_TICK (the tick goes back), or what committing failed with
 */
EVENTURE_API eventure_status eventure_log_advance_to(eventure_log *log, int64_t tick);

/** Commits now, in the middle of a tick: readers then see the part of it that is there. */
EVENTURE_API eventure_status eventure_log_commit(eventure_log *log);

/** Throws away everything since the last commit, and goes back to the tick of that commit. */
EVENTURE_API eventure_status eventure_log_rollback(eventure_log *log);

/** A reader on the log's own connection, which sees uncommitted events too. The log's; gone when it is closed. */
EVENTURE_API eventure_reader *eventure_log_reader(eventure_log *log);

#ifdef __cplusplus
}
#endif

#endif
