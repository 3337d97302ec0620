/**
 * @file
 * Following: the events that match a filter, those that are there first and then each one that another process (or
 * another log of this one) commits. A subscription with a name remembers how far its owner has come, through any crash.
 *
 * @code
 * eventure_follower *follow = NULL;
 * eventure_event event;
 * eventure_status status = eventure_follower_open("game.db", "mailer", NULL, &follow);
 * while (status >= 0 && !stop)
 * {
 *     status = eventure_follower_next(follow, 1000, &event);
 *     if (status == EVENTURE_ROW && (status = send_mail(&event)) == EVENTURE_OK)
 *         status = eventure_follower_commit(follow);
 * }
 * @endcode
 *
 * An event that was handed out but not committed comes again after a restart: each one comes at least once. Who keeps
 * its own results in a database can have each exactly once, by storing eventure_follower_seq there, in the transaction
 * of the results, and starting from it (`after_seq`).
 *
 * A follower never writes to the store, so that it cannot get in the way of the log: the position of a name is kept in
 * a file of its own beside the store (`PATH-follow-NAME`), replaced as a whole. It does not sleep on a commit either:
 * between two calls nothing is held.
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

/** A subscription to the events of a store. For one thread at a time. */
typedef struct eventure_follower eventure_follower;

/** What is followed. Begin with EVENTURE_FOLLOWER_OPTIONS_INIT. */
typedef struct eventure_follower_options
{
    size_t size;                   /**< Set by the macro; keeps programs working when members are added. */
    const eventure_filter *filter; /**< Which events; NULL: all. Order, reverse and limit must be left alone; its
                                        after_seq is where a subscription starts that has no position yet. Borrowed
                                        until the subscription is closed. */
    bool from_end;                 /**< A subscription that has no position yet starts with what comes from now on. */
    const char *position_path;     /**< Where the position of the name is kept; NULL: beside the store. */
} eventure_follower_options;

/** The defaults. */
#define EVENTURE_FOLLOWER_OPTIONS_INIT                                                                                 \
    {                                                                                                                  \
        sizeof(eventure_follower_options), NULL, false, NULL                                                           \
    }

/** The same, as a function: `size` is sizeof(eventure_follower_options). */
EVENTURE_API void eventure_follower_options_init(eventure_follower_options *options, size_t size);

/**
 * Opens a subscription.
 * @param path the store, which must exist
 * @param name 1 to 255 bytes of UTF-8 without control characters, whose position is kept; one follower at a time may
 * use it. NULL: no position is kept
 * @param options NULL is all defaults
 * @param out_follow receives the subscription; NULL on error, whose text is then eventure_last_message
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (the name, the filter), EVENTURE_ERROR_BUSY (another follower uses the
 *         name), EVENTURE_ERROR_CORRUPT (the position's file makes no sense, or the store lost events that were read),
 *         EVENTURE_ERROR_EXISTS (the position is one of another history), EVENTURE_ERROR_ARCHIVED (events that were not
 *         read yet are archived), EVENTURE_ERROR_READ_ONLY (beside the store, no file can be made), or what opening and
 *         asking a store fail with
 */
EVENTURE_API eventure_status eventure_follower_open(const char *path, const char *name,
                                                    const eventure_follower_options *options,
                                                    eventure_follower **out_follow);

/**
 * Waits for the next event.
 * @param follow the subscription
 * @param timeout_ms how long to wait at most, in milliseconds; 0: not at all; negative: for ever
 * @param out_event receives the event, good until the next call on this subscription
 * @return EVENTURE_ROW; EVENTURE_DONE when there was none in that time, or a signal came; EVENTURE_ERROR_ARCHIVED when
 *         events that were not handed out yet have been archived; or what reading the file failed with
 */
EVENTURE_API eventure_status eventure_follower_next(eventure_follower *follow, int timeout_ms,
                                                    eventure_event *out_event);

/**
 * Keeps the position after the event that was handed out last, on the disk, for the name. Costs a file and two syncs:
 * call it after as many events as may come again.
 * @return EVENTURE_OK, EVENTURE_ERROR_ARGUMENT (the subscription has no name), EVENTURE_ERROR_IO, or
 * EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_follower_commit(eventure_follower *follow);

/** The position: all events up to this seq were handed out, or do not match the filter. */
EVENTURE_API int64_t eventure_follower_seq(const eventure_follower *follow);

/** The text of the last error; good until the next call on the subscription. Of NULL: eventure_last_message. */
EVENTURE_API const char *eventure_follower_message(const eventure_follower *follow);

/** Closes a subscription, and keeps its position as it was committed. NULL is allowed. */
EVENTURE_API void eventure_follower_close(eventure_follower *follow);

/**
 * Forgets the position of a name, so that it starts anew.
 * @param path the store
 * @param name the name
 * @return EVENTURE_OK, EVENTURE_ERROR_NOT_FOUND (the name has no position), EVENTURE_ERROR_ARGUMENT,
 * EVENTURE_ERROR_BUSY (a follower uses it), EVENTURE_ERROR_IO or EVENTURE_ERROR_MEMORY
 */
EVENTURE_API eventure_status eventure_follower_forget(const char *path, const char *name);

#ifdef __cplusplus
}
#endif

#endif
