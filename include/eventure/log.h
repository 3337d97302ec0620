/**
 * @file
 * A store opened for writing. A tick is a transaction: after any crash the file holds whole ticks and nothing else.
 *
 * Only one log at a time can write a file; opening a second one fails immediately. One thread at a time may use a log.
 * After an error of the file or the system (EVENTURE_ERROR_IO, _CORRUPT, _MEMORY while writing) everything since the
 * last commit is rolled back, the log is at the last committed tick, and can be used again.
 *
 * With the option `background` the log writes in a thread of its own. Appending then validates and numbers the event
 * and puts it into a queue; eventure_log_durable_tick returns the tick before which all ticks are durable. The
 * thread commits whole ticks, several at a time when it is behind. A query on the log's own reader waits until the
 * events appended before it are written. The next call that can fail returns an error of the thread: everything since
 * the last commit is then rolled back, as above, and nothing that was durable is lost; such an error is never
 * EVENTURE_ERROR_BUSY. With snapshots by policy (eventure_snapshotter_attach), advancing waits for the commit of a tick
 * at which a snapshot is due, and does not wait for other ticks.
 *
 * A program must not do the following while it has a store open. Each item describes the result:
 * - Open and close the file by other means than the library (fopen, open, a copy): the system then releases SQLite's
 *   locks on it. A log holds additional locks, which are not released, so that no other program removes the write-ahead
 *   log and no other log writes; but SQLite's readers in this process have lost their locks. Read a store through the
 *   library, or copy it with eventure_store_copy.
 * - Rename, delete or replace the file, the `-wal` or `-shm` beside it, or a directory above it, or change a link in
 *   the path by which it was opened, or let others do so: the next commit, also that of eventure_log_close, fails with
 *   EVENTURE_ERROR_IO and a text that names the file and the change. So does each later call on the log: no event is
 *   acknowledged after the change. Events that were acknowledged before are copied into the database file, under its
 *   present name, provided that no other process can have another write-ahead log for it; files that now have the old
 *   names are not changed. Close the log, move the file back, and open it again. (Overwriting the content of a file in
 *   place is not detected here, except that a commit that is synced finds a truncated `-wal`.)
 * - Use two names of one file at a time (hard links, bind mounts): only one log can write it, but a reader by another
 *   name does not see the `-wal`. After a crash, the store must be opened by the name that was in use; opening it by
 *   another name of the same directory returns EVENTURE_ERROR_IO.
 * - Fork without exec, and use in the child what was opened before: each call on an inherited log, reader, cursor,
 *   follower or file of a projection returns EVENTURE_ERROR_ARGUMENT, and changes nothing. Closing frees memory and
 *   returns immediately; for a log it returns EVENTURE_ERROR_ARGUMENT, because it commits nothing. The parent can
 *   continue, and a child that outlives it holds no locks. A child may open the store itself, under the same rules as
 *   another program. When, at the time of the fork, a log with `background` had the store open, or a query or a
 *   transaction was not finished, SQLite cannot open the store in the child: opening returns EVENTURE_ERROR_ARGUMENT.
 *   Calls of other threads that are inside SQLite at the time of the fork do not block the child: the fork waits until
 *   they leave its mutexes. But the child must not close a projection that another thread was using.
 *   (Processes that are made without fork and its handlers, for instance by the system call clone, are not detected.)
 *
 * The program may change its working directory: a path is resolved when it is opened. The program may enable SQLite's
 * shared cache: the library does not use it.
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

/** Whether opening requires, creates or refuses an existing file. */
typedef enum eventure_open_mode
{
    EVENTURE_OPEN_OR_CREATE = 0, /**< Open the store; create it when there is no file, or an empty one. */
    EVENTURE_OPEN_EXISTING = 1,  /**< EVENTURE_ERROR_NOT_FOUND when there is no file. */
    EVENTURE_OPEN_NEW = 2,       /**< EVENTURE_ERROR_EXISTS when there is a file. */
    EVENTURE_OPEN_MEMORY = 3     /**< A new store in memory, which eventure_log_close discards: see
                                      eventure_log_open. */
} eventure_open_mode;

/** The durability of a commit. */
typedef enum eventure_sync
{
    EVENTURE_SYNC_FULL = 0,   /**< Every commit is synced: it survives a crash of the process and a power cut. */
    EVENTURE_SYNC_NORMAL = 1, /**< Synced at checkpoints: survives a crash of the process; a power cut may lose the
                                   newest commits, in whole ticks, and leaves the store valid. */
    EVENTURE_SYNC_OFF = 2     /**< Never synced: survives a crash of the process; a power cut may corrupt the file. */
} eventure_sync;

/**
 * The log's clock.
 * @param context clock_context of the options
 * @return seconds since the Unix epoch, UTC; must be finite
 */
typedef double (*eventure_clock_fn)(void *context);

/** Behaviour of appending when the queue of a background writer is full. */
typedef enum eventure_queue_full
{
    EVENTURE_QUEUE_FULL_WAIT = 0, /**< Wait until there is room. */
    EVENTURE_QUEUE_FULL_FAIL = 1  /**< EVENTURE_ERROR_BUSY: nothing was appended; try again. */
} eventure_queue_full;

/** Options of a log. Begin with EVENTURE_LOG_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_log_options
{
    size_t size;                /**< Set by the macro; keeps programs working when members are added. */
    eventure_open_mode mode;    /**< Default EVENTURE_OPEN_OR_CREATE. */
    eventure_sync sync;         /**< Default EVENTURE_SYNC_FULL. */
    int64_t commit_every_ticks; /**< The number of tick advances per commit; default 1. With more, a crash loses up to
                                     that number of ticks, each of them whole. */
    eventure_clock_fn clock;    /**< Default: the system's clock. */
    void *clock_context;        /**< Passed to clock. */
    int busy_timeout_ms;        /**< The maximum wait for SQLite's own locks, in milliseconds; default 5000. (A second
                                     log is refused immediately, independent of this value.) */
    int64_t max_data_bytes;     /**< The longest data of an event, in bytes; default 16 MiB, at most
                                     EVENTURE_DATA_MAX_BYTES (512 MiB). */
    int max_depth;              /**< The deepest nesting of data, where the object itself is level 1; default and at
                                     most 1000. */
    bool without_digests;       /**< For a new store: keep no digests. An existing store keeps the setting that it was
                                     created with. */
    bool background;            /**< Write in a separate thread: appending and advancing do not wait for the disk. See
                                     eventure_log_durable_tick. */
    size_t queue_bytes;         /**< With background: the size of the queue to the writer, in bytes of its records
                                     (about 130 for an event, plus its data); default 4 MiB, 64 KiB to 1 GiB. Allocated
                                     when the log is opened. Data of a quarter of this size or more bypasses the queue,
                                     one event at a time. */
    eventure_queue_full when_full;
    /**< With background: default EVENTURE_QUEUE_FULL_WAIT. */
    int max_type_bytes;      /**< The longest type of an appended event, in bytes; default and at most 255. */
    int64_t max_tick_events; /**< The maximum number of events in a tick, including those that it already has; 0: no
                                  limit. */
    int64_t max_file_bytes;  /**< The maximum size of the file, in bytes; 0: no limit. A commit that would exceed it, or
                                  an append that would make the commit exceed it, fails, and everything since the last
                                  commit is rolled back. The write-ahead log beside the file does not count, nor does
                                  the space that eventure_log_archive or the upgrade of an older format needs
                                  temporarily. A file that is already larger can be opened, read and written, but does
                                  not grow. */
    bool without_backup; /**< Opening upgrades a store of an older format in one transaction, and keeps a copy of the
                              old store beside it, PATH-format-N. True: keep no copy. See upgrade.h. */
} eventure_log_options;

/** The defaults. */
#define EVENTURE_LOG_OPTIONS_INIT                                                                                      \
    {                                                                                                                  \
        sizeof(eventure_log_options), EVENTURE_OPEN_OR_CREATE, EVENTURE_SYNC_FULL, 0, NULL, NULL, 0, 0, 0, false,      \
            false, 0, EVENTURE_QUEUE_FULL_WAIT, 0, 0, 0, false                                                         \
    }

/**
 * Sets *options to the defaults, as EVENTURE_LOG_OPTIONS_INIT does. `size` is sizeof(eventure_log_options) as the
 * caller compiled it.
 */
EVENTURE_API void eventure_log_options_init(eventure_log_options *options, size_t size);

/**
 * Opens a store for writing.
 *
 * With EVENTURE_OPEN_MEMORY the store has no file: `path` is only its name in messages, and is never opened. Read it
 * through eventure_log_reader; a call that takes a path, such as eventure_reader_open or eventure_follower_open, cannot
 * reach it. A commit makes its events part of the store, and a rollback undoes those since the last commit, as in a
 * file. eventure_store_copy, eventure_store_fork_at_tick, eventure_store_fork_at_save_point and eventure_store_extract
 * save it to a file; they return EVENTURE_ERROR_BUSY while it has events that are not committed. max_file_bytes limits
 * its memory.
 *
 * @param path the file; its directory must be writable too
 * @param options NULL is all defaults
 * @param out_log receives the log; NULL on error, whose text is then eventure_last_message()
 * @return EVENTURE_OK, EVENTURE_ERROR_BUSY (another log writes this file), EVENTURE_ERROR_NOT_FOUND,
 *         EVENTURE_ERROR_EXISTS, EVENTURE_ERROR_FORMAT (not a store, or a newer format), EVENTURE_ERROR_READ_ONLY,
 *         EVENTURE_ERROR_IO, EVENTURE_ERROR_CORRUPT, EVENTURE_ERROR_ARGUMENT, EVENTURE_ERROR_LIMIT (max_file_bytes is
 *         too small for a new store; none is made) or EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_log_open(const char *path, const eventure_log_options *options,
                                               eventure_log **out_log);

/**
 * Commits, and closes the log. The log is freed in any case; NULL is allowed.
 *
 * Events of the current tick are committed too, and the next program that opens the store continues that tick. There is
 * one exception: when the most recent call on the log or its bus that appends, advances or commits has failed, the
 * program could not complete the tick. The uncommitted part of the tick is then discarded, as after a crash, so that
 * the program can repeat the tick when it is started again, and no event is stored twice. To keep such a tick, call
 * eventure_log_commit before closing; to discard a tick for another reason, call eventure_log_rollback.
 *
 * When the log is the last user of the store, the single file then contains everything, and no other file is left
 * beside it. While readers have the store open, the last of them to close does the same.
 * @return EVENTURE_OK; or the error of the commit: everything since the last commit is then lost; or, after a
 *         successful commit, the error of moving everything into the single file (for instance EVENTURE_ERROR_IO: the
 *         disk is full): nothing is then lost, but the newest ticks are in the file PATH-wal beside it, and the next
 *         opening moves them. To distinguish the two, call eventure_log_commit first. EVENTURE_ERROR_IO also when the
 *         file was renamed, deleted or replaced, even if there is nothing to commit; EVENTURE_ERROR_ARGUMENT in a child
 *         of the process that opened the log
 */
EVENTURE_API eventure_status eventure_log_close(eventure_log *log);

/** Returns the text of the log's last error; valid until the next call on it. For NULL: eventure_last_message(). */
EVENTURE_API const char *eventure_log_message(const eventure_log *log);

/**
 * Appends an event to the current tick.
 * @param log the log
 * @param type 1 to 255 bytes of UTF-8
 * @param data the data; eventure_no_data() for none
 * @param parent the event that caused it, or NULL: an event of this store, identified by its seq and id, by its seq
 *        alone (id NULL or ""), or by its id alone (seq 0)
 * @param out_event receives the event as stored, valid until the next call on this log; its members can be arguments of
 *        that call when it appends; may be NULL
 * @return EVENTURE_OK, EVENTURE_ERROR_TYPE, EVENTURE_ERROR_JSON, EVENTURE_ERROR_ARGUMENT (a key or a text of the data
 *         is NULL), EVENTURE_ERROR_BUSY (the queue of the background writer is full, with EVENTURE_QUEUE_FULL_FAIL),
 *         EVENTURE_ERROR_LIMIT (the error text names the limit), EVENTURE_ERROR_PARENT (not in this store): nothing was
 *         appended; EVENTURE_ERROR_IO and other errors of the system, and the limit max_file_bytes: the log was rolled
 *         back to the last commit (possibly by an earlier failed read of the log's reader, which this call then
 *         reports)
 */
EVENTURE_API eventure_status eventure_log_append(eventure_log *log, const char *type, eventure_data data,
                                                 const eventure_event *parent, eventure_event *out_event);

/**
 * An event to be appended, with every property that the caller can set. Begin with EVENTURE_EVENT_INPUT_INIT; only the
 * type is required, and zero members mean no data and no cause. At most one of the four ways to name a cause may be
 * used.
 *
 * A text whose length is 0 must end with NUL.
 */
typedef struct eventure_event_input
{
    size_t size;                  /**< Set by the macro. */
    const char *type;             /**< 1 to 255 bytes of UTF-8. */
    size_t type_len;              /**< Its length in bytes; 0: it ends with NUL. */
    eventure_data data;           /**< The data; eventure_no_data() for none. */
    const eventure_event *parent; /**< The cause, an event of this store, as for eventure_log_append. */
    int64_t parent_seq;           /**< Or the seq of the cause, which is the fastest way; 0: not given. */
    const char *parent_id;        /**< Or the id of the cause, which is not in the same batch. */
    size_t parent_id_len;         /**< Its length in bytes; 0: it ends with NUL. */
    bool external_parent;         /**< With parent_id, and otherwise ignored: when no event of this store has that id,
                                       store it as the id of an event outside this store, instead of
                                       EVENTURE_ERROR_PARENT. */
    size_t parent_in_batch;       /**< Or the position of the cause in the same batch, from 1; it must precede this
                                       event. */
    const char *id;               /**< The id of the event, 1 to 1024 bytes of UTF-8; NULL: the log assigns it. */
    size_t id_len;                /**< Its length in bytes; 0: it ends with NUL. */
    bool has_timestamp;           /**< Whether `timestamp` is given. */
    double timestamp;             /**< With has_timestamp: seconds since the Unix epoch, UTC; otherwise the log's clock
                                       is used. */
} eventure_event_input;

/** No event yet. */
#define EVENTURE_EVENT_INPUT_INIT                                                                                      \
    {                                                                                                                  \
        sizeof(eventure_event_input), NULL, 0, {NULL, 0, NULL, 0, 0}, NULL, 0, NULL, 0, false, 0, NULL, 0, false, 0    \
    }

/**
 * Sets *input to the defaults, as EVENTURE_EVENT_INPUT_INIT does. `size` is sizeof(eventure_event_input) as the caller
 * compiled it.
 */
EVENTURE_API void eventure_event_input_init(eventure_event_input *input, size_t size);

/**
 * Appends an event to the current tick.
 * @param log the log
 * @param input the event; borrowed for this call
 * @param out_event receives the event as stored, valid as for eventure_log_append; may be NULL
 * @return as eventure_log_append; also EVENTURE_ERROR_EXISTS (an event of this store has that id), and
 *         EVENTURE_ERROR_ARGUMENT (two causes, an id that is not valid, a timestamp that is not finite)
 */
EVENTURE_API eventure_status eventure_log_append_input(eventure_log *log, const eventure_event_input *input,
                                                       eventure_event *out_event);

/**
 * Appends an array of events to the current tick: all of them, or none. (To collect copies of events one by one, use
 * eventure_batch.)
 * @param log the log
 * @param events the events in append order, whose member `size` is the same in all; either all have an id, or none
 * @param count the number of events; 0 is allowed
 * @param out_events an array for `count` events, which receives the events as stored, valid as for eventure_log_append
 *        (parent_id: as long as the caller's input); may be NULL
 * @return as eventure_log_append_input; the error text contains the event's position in the batch, from 1.
 *         EVENTURE_ERROR_ARGUMENT also when the parent comes later in the batch, or only some events have an id
 */
EVENTURE_API eventure_status eventure_log_append_batch(eventure_log *log, const eventure_event_input *events,
                                                       size_t count, eventure_event *out_events);

/** Returns the current tick: the tick of the next event. 0 in a new store. */
EVENTURE_API int64_t eventure_log_tick(const eventure_log *log);

/** Returns the number of events in the current tick. Directly after opening it is more than 0 when the last program
 *  closed the store in the middle of a tick. */
EVENTURE_API int64_t eventure_log_tick_events(const eventure_log *log);

/** Commits everything appended since the last commit (see commit_every_ticks), and increments the current tick. */
EVENTURE_API eventure_status eventure_log_advance_tick(eventure_log *log);

/**
 * As eventure_log_advance_tick, to a given tick.
 * @param log the log
 * @param tick a tick after the current one; with the current tick the call does nothing
 * @return EVENTURE_OK, EVENTURE_ERROR_TICK (the tick is before the current one), or the error of the commit
 */
EVENTURE_API eventure_status eventure_log_advance_to(eventure_log *log, int64_t tick);

/** Commits in the middle of a tick: readers then see its events so far. With a background writer the call waits for the
 *  commit. */
EVENTURE_API eventure_status eventure_log_commit(eventure_log *log);

/** Discards everything since the last commit, and returns to the tick of that commit. (A background writer first
 *  commits all ticks that are complete.) */
EVENTURE_API eventure_status eventure_log_rollback(eventure_log *log);

/**
 * Waits until everything appended so far is written, and every complete tick is committed. Without a background writer
 * the call returns immediately.
 * @return EVENTURE_OK, or the error of the background writer
 */
EVENTURE_API eventure_status eventure_log_flush(eventure_log *log);

/**
 * Returns the tick that the store would be at after a crash: all ticks before it are committed, with the durability of
 * `sync`. With a background writer it is behind the current tick; otherwise it is the tick of the last commit.
 *
 * The call does not block; any thread may call it while the log is open.
 */
EVENTURE_API int64_t eventure_log_durable_tick(const eventure_log *log);

/**
 * Waits until the durable tick is `tick` or later. Without a background writer the call commits if necessary.
 * @param log the log
 * @param tick at most the current tick
 * @param timeout_ms the maximum wait in milliseconds; negative: without a limit
 * @return EVENTURE_OK, EVENTURE_ERROR_BUSY (the time is over), EVENTURE_ERROR_TICK (`tick` is after the current tick),
 *         or the error of the commit
 */
EVENTURE_API eventure_status eventure_log_wait_durable(eventure_log *log, int64_t tick, int timeout_ms);

/**
 * Returns a reader on the log's own connection, which also sees uncommitted events. The log owns it; it is valid until
 * the log is closed.
 *
 * A read that fails because of memory or the disk may roll back uncommitted events. The next call on the log that
 * writes then returns EVENTURE_ERROR_IO, once, unless eventure_log_rollback is called before it.
 */
EVENTURE_API eventure_reader *eventure_log_reader(eventure_log *log);

#ifdef __cplusplus
}
#endif

#endif
