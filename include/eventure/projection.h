/**
 * @file
 * Projections: read models in SQL, without C code. docs/projections.md specifies the format of the file:
 *
 * @code{.sql}
 * -- @setup
 * CREATE TABLE balance (account TEXT PRIMARY KEY, amount INTEGER NOT NULL);
 * -- @on account.opened
 * INSERT INTO balance VALUES (:account, 0);
 * -- @on money.*
 * UPDATE balance SET amount = amount + :amount WHERE account = :account;
 * @endcode
 *
 * A projection is used in two ways. *At a tick*: it is a reducer whose state is a database in memory, and can be used
 * wherever a reducer can: eventure_replay_at, snapshots, playback. *Kept up to date*: a projector applies the events of
 * a store to a database file, each exactly once, across any crash.
 */
#ifndef EVENTURE_PROJECTION_H
#define EVENTURE_PROJECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/export.h>
#include <eventure/progress.h>
#include <eventure/reader.h>
#include <eventure/replay.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A projection, and its state in memory. One thread at a time may use it. */
typedef struct eventure_projection eventure_projection;

/** Limits of a projection. Begin with EVENTURE_PROJECTION_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_projection_options
{
    size_t size;             /**< Set by the macro. */
    int64_t max_setup_steps; /**< The maximum number of steps of SQLite's virtual machine for the whole setup; default
                                  50,000,000. */
    int64_t max_event_steps; /**< The maximum number of steps of one statement for one event; default 10,000,000. */
    int64_t max_bytes;       /**< The maximum size of the database in memory, in bytes; default 1 GiB. The statement
                                  that would exceed it fails with EVENTURE_ERROR_LIMIT. */
} eventure_projection_options;

/** The defaults. */
#define EVENTURE_PROJECTION_OPTIONS_INIT                                                                               \
    {                                                                                                                  \
        sizeof(eventure_projection_options), 0, 0, 0                                                                   \
    }

/**
 * Sets *options to the defaults, as EVENTURE_PROJECTION_OPTIONS_INIT does. `size` is
 * sizeof(eventure_projection_options) as the caller compiled it.
 */
EVENTURE_API void eventure_projection_options_init(eventure_projection_options *options, size_t size);

/**
 * Reads a projection's file, and checks it: the setup is run, and all statements are prepared.
 * @param path the file; it is read by this call only
 * @param options NULL is all defaults
 * @param out_projection receives the projection; NULL on error, whose text is then eventure_last_message()
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND, EVENTURE_ERROR_IO, EVENTURE_ERROR_ARGUMENT (the file is not valid; the
 *         error text begins with `FILE:LINE: `), EVENTURE_ERROR_LIMIT (the setup takes too many steps, or
 *         its database exceeds max_bytes), or EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_projection_open(const char *path, const eventure_projection_options *options,
                                                      eventure_projection **out_projection);

/** As eventure_projection_open, from text. Error texts contain the name, and the reducer's name is derived from it. */
EVENTURE_API eventure_status eventure_projection_parse(const char *name, const char *text, size_t text_len,
                                                       const eventure_projection_options *options,
                                                       eventure_projection **out_projection);

/** Closes a projection, and frees its state; NULL is allowed. */
EVENTURE_API void eventure_projection_close(eventure_projection *projection);

/** Returns the text of the projection's last error; valid until the next call on it. For NULL:
 *  eventure_last_message(). */
EVENTURE_API const char *eventure_projection_message(const eventure_projection *projection);

/**
 * Returns the projection as a reducer, whose context is the projection itself. Its name is the file's name without its
 * folder and `.sql`; its version is derived from every byte of the file and from the version of SQLite, so that
 * snapshots of a changed file, or made by another SQLite, are never used.
 * @return the reducer, valid until the projection is closed; NULL for a projection that could not be opened
 */
EVENTURE_API const eventure_reducer *eventure_projection_reducer(const eventure_projection *projection);

/**
 * Returns the state as the bytes of an SQLite database, which may be written to a file, or passed to
 * sqlite3_deserialize.
 * @param projection the projection; after a replay that failed, its state is undefined, and this call can fail
 * @param out_bytes receives the bytes, to be freed with eventure_free; NULL on error
 * @param out_len receives the number of bytes; it may be 0 for an empty database
 * @return EVENTURE_OK, EVENTURE_ERROR_MEMORY, EVENTURE_ERROR_LIMIT (the database exceeds max_bytes),
 *         EVENTURE_ERROR_HANDLER or EVENTURE_ERROR_IO (SQLite cannot commit the changes), or EVENTURE_ERROR_ARGUMENT
 */
EVENTURE_API eventure_status eventure_projection_image(eventure_projection *projection, void **out_bytes,
                                                       size_t *out_len);

/** Keeps a database file up to date with a store. One thread at a time may use it. */
typedef struct eventure_projector eventure_projector;

/** Options of a projector. Begin with EVENTURE_PROJECTOR_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_projector_options
{
    size_t size;                   /**< Set by the macro. */
    int64_t batch_events;          /**< The maximum number of events in one transaction; default 1000. */
    eventure_progress_fn progress; /**< Called after each transaction, and can stop the update: committed transactions
                                        stay; NULL: none. */
    void *progress_context;        /**< Passed to progress. */
} eventure_projector_options;

/** The defaults. */
#define EVENTURE_PROJECTOR_OPTIONS_INIT                                                                                \
    {                                                                                                                  \
        sizeof(eventure_projector_options), 0, NULL, NULL                                                              \
    }

/**
 * Sets *options to the defaults, as EVENTURE_PROJECTOR_OPTIONS_INIT does. `size` is sizeof(eventure_projector_options)
 * as the caller compiled it.
 */
EVENTURE_API void eventure_projector_options_init(eventure_projector_options *options, size_t size);

/**
 * Opens a projection's database, and creates the file when there is none. Its table `eventure_projection` records the
 * projection, the store and the position. When it records another projection (its file was changed), another store, or
 * another history, the first update drops everything and builds it from the start, in one transaction with its first
 * events.
 * @param reader the store; borrowed until the projector is closed
 * @param projection the projection; borrowed likewise; its state in memory is not changed
 * @param path the database; a new file has the permission bits of the store. A file that is neither empty nor a
 *        projection's is refused, and so are the store itself, also under another name, and a name under which a store
 *        keeps a file of its own (EVENTURE_ERROR_ARGUMENT)
 * @param options NULL is all defaults
 * @param out_projector receives the projector; NULL on error, whose text is then eventure_last_message()
 * @return EVENTURE_OK, EVENTURE_ERROR_FORMAT (the file is something else), EVENTURE_ERROR_READ_ONLY, EVENTURE_ERROR_IO,
 *         EVENTURE_ERROR_BUSY, EVENTURE_ERROR_ARGUMENT or EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_projector_open(eventure_reader *reader, eventure_projection *projection,
                                                     const char *path, const eventure_projector_options *options,
                                                     eventure_projector **out_projector);

/**
 * Applies the new events. Rows and position are committed together, so that each event is applied exactly once, even
 * when the program is stopped at any moment, or several programs update one file.
 * @param projector the projector
 * @param out_events receives the number of events that were applied; may be NULL
 * @return EVENTURE_OK; EVENTURE_ERROR_HANDLER (a statement failed; the error text contains FILE:LINE and the event; its
 *         transaction was rolled back); EVENTURE_ERROR_LIMIT; EVENTURE_ERROR_ARCHIVED (the first events are needed and
 *         are in an archive); EVENTURE_ERROR_EXISTS (another program has meanwhile begun another projection in this
 *         file); EVENTURE_ERROR_INTERRUPTED; or the error of reading or writing
 */
EVENTURE_API eventure_status eventure_projector_update(eventure_projector *projector, int64_t *out_events);

/**
 * Waits until the store may have new events, without querying it repeatedly.
 * @param projector the projector
 * @param timeout_ms the maximum wait in milliseconds; negative: without a limit
 * @return true when there may be new events, or a signal arrived; false when the time is over
 */
EVENTURE_API bool eventure_projector_wait(eventure_projector *projector, int timeout_ms);

/** Returns the seq of the newest event that is applied to the file; 0 for none. */
EVENTURE_API int64_t eventure_projector_seq(const eventure_projector *projector);

/** Returns the reason why the file is built from the start ("the projection was changed"), NULL when it is continued.
 *  Static text. */
EVENTURE_API const char *eventure_projector_rebuilt(const eventure_projector *projector);

/** Returns the text of the projector's last error; valid until the next call on it. For NULL:
 *  eventure_last_message(). */
EVENTURE_API const char *eventure_projector_message(const eventure_projector *projector);

/**
 * Closes a projector, and moves its write-ahead log into the file, unless another program has the file open. The
 * projector is freed in any case; NULL is allowed.
 * @param projector the projector
 * @return EVENTURE_OK; EVENTURE_ERROR_IO when not everything could be moved into the file (a full disk): nothing is
 *         lost, the rest stays in the file with the ending `-wal`, and the next opening moves it; in a child of the
 *         process, the error of eventure_projector_update. The text is eventure_last_message()
 */
EVENTURE_API eventure_status eventure_projector_close(eventure_projector *projector);

#ifdef __cplusplus
}
#endif

#endif
