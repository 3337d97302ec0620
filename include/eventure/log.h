/**
 * @file
 * A store opened for writing. A tick is a transaction: after any crash the file holds whole ticks and nothing else.
 *
 * One log at a time writes a file; a second one is refused at once. A log is for one thread at a time. After an error
 * of the file or the system (EVENTURE_ERROR_IO, _CORRUPT, _MEMORY while writing) everything since the last commit is
 * rolled back, the log stays at the last committed tick, and it can be used again.
 *
 * With the option `background` a thread of the log's own writes. Appending then checks, numbers, and hands over; a tick
 * is on the disk when eventure_log_durable_tick says so. The thread commits whole ticks, several at a time when it is
 * behind. A question on the log's own reader waits for what was appended before it. An error of the thread is told by
 * the next call that can fail: then everything since the last commit is rolled back, as above, and nothing that was
 * durable is lost; such an error is never EVENTURE_ERROR_BUSY. With snapshots by policy (eventure_snapshotter_attach),
 * a tick at which one is due is committed before advancing returns; the others are not waited for.
 *
 * What the program must not do while it has a store open, and what happens when it does:
 * - Open and close the file by itself (fopen, open, a copy): the system then drops SQLite's locks on it. A log holds
 *   locks of its own, which stay, so that no other program removes the write-ahead log and no other log writes; but
 *   SQLite's readers in this process have lost theirs. Read a store through the library, or copy it with
 * eventure_store_copy.
 * - Rename, delete or replace the file, the `-wal` or `-shm` beside it, or a directory above it, or let others do so:
 *   the next commit, also that of eventure_log_close, answers EVENTURE_ERROR_IO with a text that names the file and
 *   says what happened to it. So does each later call on the log: nothing is acknowledged any more. What was
 *   acknowledged before is brought into the database file, under whatever name that has now, while nobody else can
 *   have another write-ahead log for it; what has taken the names is not touched. Close the log, put the file where it
 *   belongs, and open it anew. (That the content of a file is overwritten in its place is not noticed here.)
 * - Fork without exec, and use in the child what was opened before: each call on an inherited log, reader, cursor,
 *   follower or file of a projection answers EVENTURE_ERROR_ARGUMENT, and nothing is touched. Closing frees memory and
 *   returns at once; for a log it answers EVENTURE_ERROR_ARGUMENT, since nothing was committed by it. The parent goes
 *   on, and a child that lives longer keeps nothing locked. A child may open the store anew, under the same rules as
 *   another program. When at the time of the fork a log with `background` had the store open, or an answer or a
 *   transaction was not finished, SQLite cannot do that in the child: opening answers EVENTURE_ERROR_ARGUMENT. (What
 *   makes processes without fork and its handlers, as the system call clone, is not noticed.)
 *
 * The program may change its directory: a path is resolved when it is opened. It may have switched SQLite's shared
 * cache on: the library does not use it.
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

/** What appending does when the queue of a background writer is full. */
typedef enum eventure_queue_full
{
    EVENTURE_QUEUE_FULL_WAIT = 0, /**< Wait until there is room. */
    EVENTURE_QUEUE_FULL_FAIL = 1  /**< EVENTURE_ERROR_BUSY: nothing was appended; try again. */
} eventure_queue_full;

/** The longest data of an event that the option max_data_bytes may allow. */
#define EVENTURE_DATA_MAX_BYTES ((int64_t)512 * 1024 * 1024)

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
    bool background;            /**< Write in a thread of the log's own: appending and advancing do not wait for the
                                     disk. See eventure_log_durable_tick. */
    size_t queue_bytes;         /**< With background: how much may be on its way to the writer, in bytes of its records
                                     (some 130 an event, and its data); default 4 MiB, 64 KiB to 1 GiB. Allocated when
                                     the log is opened. Data of a quarter of it and more goes beside it, one event at
                                     a time. */
    eventure_queue_full when_full;
    /**< With background: default EVENTURE_QUEUE_FULL_WAIT. */
    int max_type_bytes;      /**< The longest type of an event that is appended; default and at most 255. */
    int64_t max_tick_events; /**< How many events a tick may have, those that it has already included; 0 is no limit. */
    int64_t max_file_bytes;  /**< How large the file may become, in bytes; 0 is no limit. A commit that would make it
                                  larger, and an append that sees that coming, is refused, and everything since the
                                  last commit is rolled back. The write-ahead log beside the file is not counted, nor
                                  what eventure_log_archive needs while it makes room, nor what a store of an older
                                  format needs to be brought up to date. A file that is larger already is opened, read
                                  and written, and does not grow. */
    bool without_backup; /**< A store of an older format is brought up to date when it is opened, in one transaction;
                              a copy of it as it was is kept beside it, PATH-format-N. True: no copy is kept. See
                              upgrade.h. */
} eventure_log_options;

/** The defaults. */
#define EVENTURE_LOG_OPTIONS_INIT                                                                                      \
    {                                                                                                                  \
        sizeof(eventure_log_options), EVENTURE_OPEN_OR_CREATE, EVENTURE_SYNC_FULL, 0, NULL, NULL, 0, 0, 0, false,      \
            false, 0, EVENTURE_QUEUE_FULL_WAIT, 0, 0, 0, false                                                         \
    }

/** The same, as a function: `size` is sizeof(eventure_log_options). */
EVENTURE_API void eventure_log_options_init(eventure_log_options *options, size_t size);

/**
 * Opens a store for writing.
 * @param path the file; its directory must be writable too
 * @param options NULL is all defaults
 * @param out_log receives the log; NULL on error, whose text is then eventure_last_message
 * @return EVENTURE_OK, EVENTURE_ERROR_BUSY (another log writes this file), EVENTURE_ERROR_NOT_FOUND,
 *         EVENTURE_ERROR_EXISTS, EVENTURE_ERROR_FORMAT (not a store, or too new), EVENTURE_ERROR_READ_ONLY,
 *         EVENTURE_ERROR_IO, EVENTURE_ERROR_CORRUPT, EVENTURE_ERROR_ARGUMENT, EVENTURE_ERROR_LIMIT (max_file_bytes has
 * no room for a new store: then none is made) or EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_log_open(const char *path, const eventure_log_options *options,
                                               eventure_log **out_log);

/**
 * Commits, and closes. The log is gone in any case; NULL is allowed.
 *
 * What was appended to the current tick is committed, too, and the next program goes on with that tick. There is one
 * exception: when the newest call on the log or its bus that appends, advances or commits has failed, the program could
 * not complete the tick; then what was not committed of it is thrown away, as a crash would do, so that the program can
 * do the tick again when it is started next, and no event is there twice. A program that wants to keep such a tick
 * calls eventure_log_commit, and one that wants to give up a tick for reasons of its own eventure_log_rollback, before
 * it closes.
 *
 * When it is the last user of the store, the one file then holds everything, and no other file stands beside it. While
 * others read the store, the last of them to close it does the same.
 * @return EVENTURE_OK; or what committing failed with: then everything since the last commit is lost; or, after
 *         everything was committed, why it could not be brought into the one file (EVENTURE_ERROR_IO: the disk is full,
 *         for instance): then nothing is lost, but the newest ticks are in the file PATH-wal beside it, from where the
 *         next opening brings them in. A program that has to tell the two apart calls eventure_log_commit first.
 *         EVENTURE_ERROR_IO also when the file was renamed, deleted or replaced, even if there is nothing to commit;
 *         EVENTURE_ERROR_ARGUMENT in a child of the process that has opened the log
 */
EVENTURE_API eventure_status eventure_log_close(eventure_log *log);

/** The text of the log's last error; good until the next call on it. Of NULL: eventure_last_message. */
EVENTURE_API const char *eventure_log_message(const eventure_log *log);

/**
 * Appends an event to the current tick.
 * @param log the log
 * @param type 1 to 255 bytes of UTF-8
 * @param data the data; eventure_no_data() for none
 * @param parent the event that caused it, or NULL: an event of this store, told by its seq and id, by its seq alone (id
 *        NULL), or by its id alone (seq 0)
 * @param out_event receives the event as it stands in the log, good until the next call on this log; may be NULL
 * @return EVENTURE_OK, EVENTURE_ERROR_TYPE, EVENTURE_ERROR_JSON, EVENTURE_ERROR_LIMIT (the text names it),
 *         EVENTURE_ERROR_PARENT (not in this store): then nothing was appended; EVENTURE_ERROR_IO and the like, and the
 *         limit max_file_bytes: then the log was rolled back to the last commit
 *         (also by a read of the log's reader that failed: this call then only tells)
 */
EVENTURE_API eventure_status eventure_log_append(eventure_log *log, const char *type, eventure_data data,
                                                 const eventure_event *parent, eventure_event *out_event);

/**
 * An event to be appended, with all that can be said of it. Begin with EVENTURE_EVENT_INPUT_INIT; zero but for the type
 * is an event without data and cause. One of the four ways to name a cause may be used.
 *
 * Texts with a length of 0 end with NUL.
 */
typedef struct eventure_event_input
{
    size_t size;                  /**< Set by the macro. */
    const char *type;             /**< 1 to 255 bytes of UTF-8. */
    size_t type_len;              /**< Its length in bytes; 0: it ends with NUL. */
    eventure_data data;           /**< The data; eventure_no_data() for none. */
    const eventure_event *parent; /**< The cause: an event of this store, as for eventure_log_append. */
    int64_t parent_seq;           /**< Or its seq; 0: not told so. The cheapest way. */
    const char *parent_id;        /**< Or its id. */
    size_t parent_id_len;         /**< Its length in bytes; 0: it ends with NUL. */
    bool external_parent;         /**< With parent_id: when no event of this store has that id, it is kept as the id of
                                       an event outside this store, instead of EVENTURE_ERROR_PARENT. */
    size_t parent_in_batch;       /**< Or an event of the same batch: its number, from 1, smaller than its own. */
    const char *id;               /**< The id that it is to have, 1 to 1024 bytes of UTF-8; NULL: that of its place. */
    size_t id_len;                /**< Its length in bytes; 0: it ends with NUL. */
    bool has_timestamp;           /**< Whether `timestamp` is given. */
    double timestamp;             /**< When it happened, in seconds since the Unix epoch, UTC; else the log's clock. */
} eventure_event_input;

/** No event yet. */
#define EVENTURE_EVENT_INPUT_INIT                                                                                      \
    {                                                                                                                  \
        sizeof(eventure_event_input), NULL, 0, {NULL, 0, NULL, 0, 0}, NULL, 0, NULL, 0, false, 0, NULL, 0, false, 0    \
    }

/** The same, as a function: `size` is sizeof(eventure_event_input). */
EVENTURE_API void eventure_event_input_init(eventure_event_input *input, size_t size);

/**
 * Appends an event to the current tick.
 * @param log the log
 * @param input the event; borrowed for this call
 * @param out_event receives the event as it stands in the log, good until the next call on this log; may be NULL
 * @return as eventure_log_append; also EVENTURE_ERROR_EXISTS (an event of this store has that id), and
 *         EVENTURE_ERROR_ARGUMENT (two causes, an id that is none, a timestamp that is not finite)
 */
EVENTURE_API eventure_status eventure_log_append_input(eventure_log *log, const eventure_event_input *input,
                                                       eventure_event *out_event);

/**
 * Appends many events to the current tick: all of them, or none. eventure_batch collects them, and copies what it is
 * given; this call takes an array of the caller's.
 * @param log the log
 * @param events the events, in their order, all of the same size; all of them bring an id, or none does
 * @param count how many they are; 0 is allowed
 * @param out_events an array for `count` events, which receives them as they stand in the log, good until the next call
 *        on this log (parent_id as long as what was given); may be NULL
 * @return as eventure_log_append_input; the text names the event by its number in the batch, from 1.
 *         EVENTURE_ERROR_ARGUMENT also: its parent comes later in the batch; some bring an id and others do not
 */
EVENTURE_API eventure_status eventure_log_append_batch(eventure_log *log, const eventure_event_input *events,
                                                       size_t count, eventure_event *out_events);

/** The current tick: that of the next event. 0 in a new store. */
EVENTURE_API int64_t eventure_log_tick(const eventure_log *log);

/** How many events the current tick has. Of a store that was just opened: more than 0 when the last program closed it
 * in the middle of a tick. */
EVENTURE_API int64_t eventure_log_tick_events(const eventure_log *log);

/** Commits everything appended since the last commit (see commit_every_ticks); the current tick is then one more. */
EVENTURE_API eventure_status eventure_log_advance_tick(eventure_log *log);

/**
 * As eventure_log_advance_tick, to a given tick.
 * @param log the log
 * @param tick a tick after the current one; the current one itself is allowed and does nothing
 * @return EVENTURE_OK, EVENTURE_ERROR_TICK (the tick goes back), or what committing failed with
 */
EVENTURE_API eventure_status eventure_log_advance_to(eventure_log *log, int64_t tick);

/** Commits now, in the middle of a tick: readers then see the part of it that is there. With a background writer it
 * waits until that is done. */
EVENTURE_API eventure_status eventure_log_commit(eventure_log *log);

/** Throws away everything since the last commit, and goes back to the tick of that commit. (A background writer commits
 * all that was advanced past first.) */
EVENTURE_API eventure_status eventure_log_rollback(eventure_log *log);

/**
 * Waits until everything appended so far is written, and every tick advanced past is committed. Without a background
 * writer there is nothing to wait for.
 * @return EVENTURE_OK, or the error of the background writer
 */
EVENTURE_API eventure_status eventure_log_flush(eventure_log *log);

/**
 * The tick that the store would be at after a crash: all before it is committed, and as durable as `sync` says. With a
 * background writer it follows the current tick at some distance; else it is the tick of the last commit.
 *
 * Costs nothing; may be called from any thread while the log is open.
 */
EVENTURE_API int64_t eventure_log_durable_tick(const eventure_log *log);

/**
 * Waits until the durable tick is `tick` or later. Without a background writer it commits, if need be.
 * @param log the log
 * @param tick at most the current tick
 * @param timeout_ms how long to wait, in milliseconds; negative: without end
 * @return EVENTURE_OK, EVENTURE_ERROR_BUSY (the time is over), EVENTURE_ERROR_TICK (the log is not there yet), or what
 *         committing failed with
 */
EVENTURE_API eventure_status eventure_log_wait_durable(eventure_log *log, int64_t tick, int timeout_ms);

/**
 * A reader on the log's own connection, which sees uncommitted events too. The log's; gone when it is closed.
 *
 * A read that fails for want of memory or for the disk may roll back what is not committed. The log's next call that
 * writes then answers EVENTURE_ERROR_IO, once, unless eventure_log_rollback comes before it.
 */
EVENTURE_API eventure_reader *eventure_log_reader(eventure_log *log);

#ifdef __cplusplus
}
#endif

#endif
