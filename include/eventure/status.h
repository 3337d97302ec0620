/**
 * @file
 * What every call answers: an int-sized status.
 *
 * 0 is done, positive is "a row" (cursors only), negative is an error. The text of an error
 * belongs to the handle that failed: eventure_log_message, eventure_reader_message,
 * eventure_bus_message.
 */
#ifndef EVENTURE_STATUS_H
#define EVENTURE_STATUS_H

#include <eventure/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A result: EVENTURE_OK, EVENTURE_ROW or one of the negative EVENTURE_ERROR values. */
typedef int eventure_status;

/** The values of an eventure_status. They never change their meaning. */
enum
{
    EVENTURE_OK = 0,                  /**< Done; for a cursor: no more rows. */
    EVENTURE_ROW = 1,                 /**< A cursor stands on a row. */
    EVENTURE_ERROR_ARGUMENT = -1,     /**< The call itself is wrong: NULL, a bad pattern, an option out of range. */
    EVENTURE_ERROR_MEMORY = -2,       /**< Out of memory. */
    EVENTURE_ERROR_IO = -3,           /**< The file or the system failed: cannot open, disk full, I/O error. */
    EVENTURE_ERROR_BUSY = -4,         /**< Another log writes this file, or a lock was not had in time. */
    EVENTURE_ERROR_CORRUPT = -5,      /**< The file is damaged. */
    EVENTURE_ERROR_FORMAT = -6,       /**< Not an Eventure store, or one of a newer format. */
    EVENTURE_ERROR_JSON = -7,         /**< Data is not valid JSON, or not of the needed form. */
    EVENTURE_ERROR_TYPE = -8,         /**< An event type is not acceptable, or a member has another type. */
    EVENTURE_ERROR_TICK = -9,         /**< A tick is out of range or goes back. */
    EVENTURE_ERROR_PARENT = -10,      /**< A parent is not in this store. */
    EVENTURE_ERROR_NOT_FOUND = -11,   /**< No such event, member or name. */
    EVENTURE_ERROR_EXISTS = -12,      /**< An id, a name or a file is taken. */
    EVENTURE_ERROR_LIMIT = -13,       /**< A limit was reached; the message names it. */
    EVENTURE_ERROR_READ_ONLY = -14,   /**< The file cannot be written. */
    EVENTURE_ERROR_HANDLER = -15,     /**< For handlers and callbacks that have no better error of their own. */
    EVENTURE_ERROR_INTERRUPTED = -16, /**< A callback of the caller asked to stop. */
    EVENTURE_ERROR_ARCHIVED = -17     /**< What was asked for was moved into an archive; the message names it. */
};

/**
 * Names a status, such as "EVENTURE_ERROR_JSON".
 * @param status any value
 * @return static text; "unknown status" for a value that is none of the above
 */
EVENTURE_API const char *eventure_status_name(eventure_status status);

#ifdef __cplusplus
}
#endif

#endif
