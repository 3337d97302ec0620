/**
 * @file
 * Projections: read models in SQL, without C code. The format of the file is laid down in docs/projections.md:
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
 * A projection is used in two ways. *At a tick*: it is a reducer whose state is a database in memory, so that
 * everything that takes a reducer takes it: eventure_state_at, snapshots, playback. *Kept up to date*: a projector runs
 * the events of a store into a database file, each exactly once, through any crash.
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

/** A projection, and its state in memory. For one thread at a time. */
typedef struct eventure_projection eventure_projection;

/** Limits of a projection. Begin with EVENTURE_PROJECTION_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_projection_options
{
    size_t size;             /**< Set by the macro. */
    int64_t max_setup_steps; /**< How many steps of SQLite's virtual machine the whole setup may take; default
                                  50,000,000. */
    int64_t max_event_steps; /**< How many one statement may take for one event; default 10,000,000. */
    int64_t max_bytes;       /**< How large the database in memory may become; default 1 GiB. */
} eventure_projection_options;

/** The defaults. */
#define EVENTURE_PROJECTION_OPTIONS_INIT                                                                               \
    {                                                                                                                  \
        sizeof(eventure_projection_options), 0, 0, 0                                                                   \
    }

/** The same, as a function: `size` is sizeof(eventure_projection_options). */
EVENTURE_API void eventure_projection_options_init(eventure_projection_options *options, size_t size);

/**
 * Reads a projection's file, and tries it: the setup is run, and all statements are prepared.
 * @param path the file; it is read only here
 * @param options NULL is all defaults
 * @param out_projection receives the projection; NULL on error, whose text is then eventure_last_message
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND, EVENTURE_ERROR_IO, EVENTURE_ERROR_ARGUMENT (the file is not right; the
 *         text begins `FILE:LINE: `), EVENTURE_ERROR_LIMIT (the setup takes too many steps), or EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_projection_open(const char *path, const eventure_projection_options *options,
                                                      eventure_projection **out_projection);

/** As eventure_projection_open, from text. The name is what messages call it, and what it is named after. */
EVENTURE_API eventure_status eventure_projection_parse(const char *name, const char *text, size_t text_len,
                                                       const eventure_projection_options *options,
                                                       eventure_projection **out_projection);

/** Closes a projection, and frees its state; NULL is allowed. */
EVENTURE_API void eventure_projection_close(eventure_projection *projection);

/** The text of the projection's last error; good until the next call on it. Of NULL: eventure_last_message. */
EVENTURE_API const char *eventure_projection_message(const eventure_projection *projection);

/**
 * The projection as a reducer, whose context is the projection itself. Its name is the file's, without its folder and
 * `.sql`; its version follows from every byte of the file, and from the version of SQLite, so that snapshots of a
 * changed file, or made by another SQLite, are never used.
 * @return good until the projection is closed; NULL for a projection that could not be opened
 */
EVENTURE_API const eventure_reducer *eventure_projection_reducer(const eventure_projection *projection);

/**
 * The state as the bytes of an SQLite database, which may be written to a file, or given to sqlite3_deserialize.
 * @param projection the projection
 * @param out_bytes receives the bytes, to be freed with eventure_free; NULL on error
 * @param out_len receives their number; a database without anything in it may have none
 * @return EVENTURE_OK, or EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_projection_image(eventure_projection *projection, void **out_bytes,
                                                       size_t *out_len);

/** What keeps a database file up to date with a store. For one thread at a time. */
typedef struct eventure_projector eventure_projector;

/** How a projector works. Begin with EVENTURE_PROJECTOR_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_projector_options
{
    size_t size;                   /**< Set by the macro. */
    int64_t batch_events;          /**< At most so many events share a transaction; default 1000. */
    eventure_progress_fn progress; /**< Told after each transaction how far it is, and may stop the update: what was
                                        committed stays; NULL for none. */
    void *progress_context;        /**< Handed to progress. */
} eventure_projector_options;

/** The defaults. */
#define EVENTURE_PROJECTOR_OPTIONS_INIT                                                                                \
    {                                                                                                                  \
        sizeof(eventure_projector_options), 0, NULL, NULL                                                              \
    }

/** The same, as a function: `size` is sizeof(eventure_projector_options). */
EVENTURE_API void eventure_projector_options_init(eventure_projector_options *options, size_t size);

/**
 * Opens a projection's database, making the file when there is none. The table `eventure_projection` in it tells which
 * projection of which store it is, and how far it is. When that is another projection (its file was changed), another
 * store, or another history, everything is dropped and built from the start: by the first update, in one transaction
 * with its first events.
 * @param reader the store; borrowed until the projector is closed
 * @param projection borrowed likewise; its state in memory is not touched
 * @param path the database; a file that is neither empty nor a projection's is refused
 * @param options NULL is all defaults
 * @param out_projector receives the projector; NULL on error, whose text is then eventure_last_message
 * @return EVENTURE_OK, EVENTURE_ERROR_FORMAT (the file is something else), EVENTURE_ERROR_READ_ONLY, EVENTURE_ERROR_IO,
 *         EVENTURE_ERROR_BUSY, EVENTURE_ERROR_ARGUMENT or EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_projector_open(eventure_reader *reader, eventure_projection *projection,
                                                     const char *path, const eventure_projector_options *options,
                                                     eventure_projector **out_projector);

/**
 * Runs the events that are new. Rows and position are committed together, so each event is applied exactly once,
 * whenever the program is stopped, and also when several programs project into one file.
 * @param projector the projector
 * @param out_events receives how many events were applied; may be NULL
 * @return EVENTURE_OK; EVENTURE_ERROR_HANDLER (a statement failed; the text has FILE:LINE and the event; nothing of the
 *         transaction it is in was kept); EVENTURE_ERROR_LIMIT; EVENTURE_ERROR_ARCHIVED (the first events, which are
 *         needed, are in an archive); EVENTURE_ERROR_EXISTS (another program has meanwhile begun another projection in
 *         this file); EVENTURE_ERROR_INTERRUPTED; or what reading or writing failed with
 */
EVENTURE_API eventure_status eventure_projector_update(eventure_projector *projector, int64_t *out_events);

/**
 * Waits until the store may have new events, without asking it again and again.
 * @param projector the projector
 * @param timeout_ms how long at most, in milliseconds; negative: as long as it takes
 * @return true when an update is worth while, or a signal came; false when the time is over
 */
EVENTURE_API bool eventure_projector_wait(eventure_projector *projector, int timeout_ms);

/** The newest event that is in the file, by its seq; 0 for none. */
EVENTURE_API int64_t eventure_projector_seq(const eventure_projector *projector);

/** Why the file was not continued but is built from the start ("the projection was changed"), NULL when it was. Static
 *  text. */
EVENTURE_API const char *eventure_projector_rebuilt(const eventure_projector *projector);

/** The text of the projector's last error; good until the next call on it. Of NULL: eventure_last_message. */
EVENTURE_API const char *eventure_projector_message(const eventure_projector *projector);

/** Closes a projector; NULL is allowed. */
EVENTURE_API void eventure_projector_close(eventure_projector *projector);

#ifdef __cplusplus
}
#endif

#endif
