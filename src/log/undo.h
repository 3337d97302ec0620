/*
 * Errors of a log, and undoing what was written since its last commit.
 */
#ifndef EVENTURE_LOG_UNDO_H
#define EVENTURE_LOG_UNDO_H

#include <eventure/log.h>

#include "base/error.h"

/* Returns the object that stores the errors of the log. */
eventure__error *eventure__log_error(eventure_log *log);

/* Checks that the log can be used; otherwise sets an error text that names the operation. */
eventure_status eventure__log_check_open(eventure_log *log, const char *what);

/* Rolls back to the last commit and loads the state from the file; keeps the error text, and returns `cause`. */
eventure_status eventure__log_undo(eventure_log *log, eventure_status cause);

#endif
