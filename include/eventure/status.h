/**
 * @file
 * The result of every call: an int-sized status. 0 is success, a negative value is an error. Calls that return items
 * one by one (cursors, playback, followers) return EVENTURE_ROW for an item and EVENTURE_DONE at the end. EVENTURE_DONE
 * has the value of EVENTURE_OK, so that after a loop both `status < 0` and `status != EVENTURE_OK` mean an error, and a
 * function can return the status of its loop.
 *
 * @code
 * while ((status = eventure_cursor_next(cursor, &event)) == EVENTURE_ROW)
 *     show(&event);
 * if (status < 0)
 *     fprintf(stderr, "%s\n", eventure_reader_message(reader));
 * @endcode
 *
 * Every error has a text that names the operation, the value and the cause. A call on a handle stores the text in the
 * handle; the next call on the handle replaces it, with "" when that call succeeds. Functions return it:
 * eventure_log_message, eventure_reader_message, eventure_bus_message, eventure_batch_message,
 * eventure_follower_message, eventure_projection_message and eventure_projector_message. A log and its reader share one
 * text. Objects made from a reader (cursors, playbacks) use the text of the reader.
 *
 * Every failed call also stores its text in the thread: eventure_last_message returns that of the newest one, which is
 * the only text of a call without a handle, and of a function that fails to open one. With NULL, the message functions
 * return eventure_last_message(), so that `eventure_log_message(log)` also works after a failed open.
 */
#ifndef EVENTURE_STATUS_H
#define EVENTURE_STATUS_H

#include <eventure/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A result: EVENTURE_OK, EVENTURE_ROW, EVENTURE_DONE, or one of the errors below, which are negative. */
typedef int eventure_status;

/** The values of an eventure_status. They never change their meaning. */
enum
{
    EVENTURE_OK = 0,                  /**< Success. */
    EVENTURE_ROW = 1,                 /**< An item: an event is returned, or a position is reached. */
    EVENTURE_DONE = EVENTURE_OK,      /**< No further item: the end was reached, or the time is over. */
    EVENTURE_ERROR_ARGUMENT = -1,     /**< The call itself is wrong: NULL, a bad pattern, an option out of range. */
    EVENTURE_ERROR_MEMORY = -2,       /**< Out of memory. */
    EVENTURE_ERROR_IO = -3,           /**< The file or the system failed: cannot open, disk full, I/O error. */
    EVENTURE_ERROR_BUSY = -4,         /**< Another log writes this file, or a lock was not obtained in time. */
    EVENTURE_ERROR_CORRUPT = -5,      /**< The file is corrupt. */
    EVENTURE_ERROR_FORMAT = -6,       /**< Not an Eventure store, or one of a newer format. */
    EVENTURE_ERROR_JSON = -7,         /**< Data is not valid JSON, or not of the needed form. */
    EVENTURE_ERROR_TYPE = -8,         /**< An event type is not acceptable, or a member has another type. */
    EVENTURE_ERROR_TICK = -9,         /**< A tick is out of range or goes back. */
    EVENTURE_ERROR_PARENT = -10,      /**< A parent is not in this store. */
    EVENTURE_ERROR_NOT_FOUND = -11,   /**< No such event, member or name. */
    EVENTURE_ERROR_EXISTS = -12,      /**< An id, a name or a file is taken. */
    EVENTURE_ERROR_LIMIT = -13,       /**< A limit was reached; the message names it. */
    EVENTURE_ERROR_READ_ONLY = -14,   /**< The file cannot be written. */
    EVENTURE_ERROR_HANDLER = -15,     /**< For handlers and callbacks without a more specific error. */
    EVENTURE_ERROR_INTERRUPTED = -16, /**< A callback of the caller stopped the call. */
    EVENTURE_ERROR_ARCHIVED = -17     /**< The requested events were moved into an archive; the message names it. */
};

/**
 * Returns the name of a status, such as "EVENTURE_ERROR_JSON".
 * @param status any value
 * @return static text; "unknown status" for a value that is none of the above
 */
EVENTURE_API const char *eventure_status_name(eventure_status status);

/**
 * Returns the text of the most recent failed call of this thread, also of a call on a handle.
 * @return text, valid until the next call of this thread that fails; "" before the first
 */
EVENTURE_API const char *eventure_last_message(void);

#ifdef __cplusplus
}
#endif

#endif
