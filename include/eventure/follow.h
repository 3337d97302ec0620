/**
 * @file
 * Following: a follower returns the events that match a filter, first those that the store contains, and then each one
 * that another process (or a log of this process) commits. A named follower stores its position, which survives any
 * crash.
 *
 * @code
 * eventure_follower *follower = NULL;
 * eventure_event event;
 * eventure_status status = eventure_follower_open("game.db", "mailer", NULL, &follower);
 * while (status >= 0 && !stop)
 * {
 *     status = eventure_follower_next(follower, 1000, &event);
 *     if (status == EVENTURE_ROW && (status = send_mail(&event)) == EVENTURE_OK)
 *         status = eventure_follower_commit(follower);
 * }
 * @endcode
 *
 * An event that was returned but not committed is returned again after a restart: delivery is at least once. A program
 * that keeps its results in a database can process each event exactly once: it stores eventure_follower_seq there, in
 * the transaction of the results, and starts from it (`after_seq`). A store that is replaced by an older copy, such as
 * a backup, and then continued has other events under the same seqs. The position of a name contains a digest of the
 * last event that was read, so that opening refuses it then; a program that stores the seq itself should also store the
 * id and the timestamp of that event, and compare them with eventure_query_find_seq.
 *
 * A follower never writes to the store, so that it cannot block the log: the position of a name is kept in a separate
 * file beside the store (`PATH-follow-NAME`), which is replaced as a whole. It does not hold a read transaction between
 * two calls.
 */
#ifndef EVENTURE_FOLLOW_H
#define EVENTURE_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/event.h>
#include <eventure/export.h>
#include <eventure/query.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A follower of a store. One thread at a time may use it. */
typedef struct eventure_follower eventure_follower;

/** Options of a follower. Begin with EVENTURE_FOLLOWER_OPTIONS_INIT. */
typedef struct eventure_follower_options
{
    size_t size;                   /**< Set by the macro; keeps programs working when members are added. */
    const eventure_filter *filter; /**< The events to return; NULL: all. Order, reverse and limit must have their
                                        defaults; after_seq is the start of a follower without a stored position.
                                        Borrowed until the follower is closed. */
    bool from_end;                 /**< A follower without a stored position starts after the newest event. Otherwise,
                                        and without after_seq, it starts with the first event that the store contains:
                                        archived events are not returned, and are not an error. */
    const char *position_path;     /**< The file that keeps the position of the name, which must not be the store; NULL:
                                        beside the store. */
} eventure_follower_options;

/** The defaults. */
#define EVENTURE_FOLLOWER_OPTIONS_INIT                                                                                 \
    {                                                                                                                  \
        sizeof(eventure_follower_options), NULL, false, NULL                                                           \
    }

/**
 * Sets *options to the defaults, as EVENTURE_FOLLOWER_OPTIONS_INIT does. `size` is sizeof(eventure_follower_options) as
 * the caller compiled it.
 */
EVENTURE_API void eventure_follower_options_init(eventure_follower_options *options, size_t size);

/**
 * Opens a follower. @param path the store, which must exist
 * @param name the name under which the position is kept, 1 to 255 bytes of UTF-8 without control characters; one
 *        follower at a time may use it. NULL: no position is kept
 * @param options NULL is all defaults
 * @param out_follower receives the follower; NULL on error, whose text is then eventure_last_message()
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (the name, the filter, position_path), EVENTURE_ERROR_BUSY (another
 *         follower uses the name), EVENTURE_ERROR_CORRUPT (the position's file is not valid, or the store lost events
 *         that were read), EVENTURE_ERROR_EXISTS (the position belongs to another history: the uuid differs, or the
 *         event at the position, because the store was replaced by an older copy), EVENTURE_ERROR_ARCHIVED (events
 *         after the stored position or after_seq are archived), EVENTURE_ERROR_READ_ONLY (no file can be made beside
 *         the store), or the error of opening or querying the store
 */
EVENTURE_API eventure_status eventure_follower_open(const char *path, const char *name,
                                                    const eventure_follower_options *options,
                                                    eventure_follower **out_follower);

/**
 * Waits for the next event.
 * @param follower the follower
 * @param timeout_ms the maximum wait in milliseconds; 0: do not wait; negative: without a limit
 * @param out_event receives the event, valid until the next call on this follower
 * @return EVENTURE_ROW; EVENTURE_DONE when the time is over or a signal arrived; EVENTURE_ERROR_ARCHIVED when events
 *         that were not returned yet have been archived; or the error of reading the file
 */
EVENTURE_API eventure_status eventure_follower_next(eventure_follower *follower, int timeout_ms,
                                                    eventure_event *out_event);

/**
 * Stores the position after the event that was returned last, durably, under the follower's name. It writes a file and
 * syncs twice: call it after as many events as the program may receive again.
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (the follower has no name), EVENTURE_ERROR_IO, EVENTURE_ERROR_MEMORY, or
 *         the error of reading the last event that was read
 */
EVENTURE_API eventure_status eventure_follower_commit(eventure_follower *follower);

/** Returns the position: all events up to this seq were returned, or do not match the filter. */
EVENTURE_API int64_t eventure_follower_seq(const eventure_follower *follower);

/** Returns the text of the last error; valid until the next call on the follower. For NULL: eventure_last_message(). */
EVENTURE_API const char *eventure_follower_message(const eventure_follower *follower);

/** Closes a follower; its committed position is kept. NULL is allowed. */
EVENTURE_API void eventure_follower_close(eventure_follower *follower);

/**
 * Deletes the position of a name, so that the next follower of that name starts without one.
 * @param path the store
 * @param name the name
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND (the name has no position), EVENTURE_ERROR_ARGUMENT,
 *         EVENTURE_ERROR_BUSY (a follower uses the name), EVENTURE_ERROR_IO or EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_follower_forget(const char *path, const char *name);

#ifdef __cplusplus
}
#endif

#endif
