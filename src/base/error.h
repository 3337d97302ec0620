/*
 * The last error of a handle: a status and its text. The text contains the operation, the value, and the cause.
 */
#ifndef EVENTURE_BASE_ERROR_H
#define EVENTURE_BASE_ERROR_H

#include <stddef.h>

#include <eventure/status.h>

/* Sufficient for a path, a value shortened by eventure__quote, and a message of SQLite. */
#define EVENTURE__ERROR_BYTES 1024

typedef struct eventure__error
{
    eventure_status status;
    char text[EVENTURE__ERROR_BYTES];
} eventure__error;

/* Sets the text and returns the status, for use in a return statement. error may be NULL. */
eventure_status eventure__fail(eventure__error *error, eventure_status status, const char *format, ...)
    EVENTURE_PRINTF(3, 4);
#ifdef __clang_analyzer__
/* Tells the static analyser, which sees one file at a time, the returned value. */
#define eventure__fail(error, status, ...) (eventure__fail((error), (status), __VA_ARGS__), (status))
#endif

/* Sets the last error of this thread. Every eventure__fail does it, too. */
void eventure__set_last_error(const eventure__error *error);

/* Forgets the text of a handle, when a call on it begins. */
static inline void eventure__clear(eventure__error *error)
{
    if (error == NULL)
        return;
    error->status = EVENTURE_OK;
    error->text[0] = '\0';
}

/* Reports that a required argument of a public function is NULL. Returns EVENTURE_ERROR_ARGUMENT; `function` is
 * __func__. */
eventure_status eventure__fail_argument(const char *function);

/* Inserts "prefix: " before the text of an error and returns its status. Returns EVENTURE_OK when error is NULL, so
 * callers that use the result must pass an error. */
eventure_status eventure__fail_prefix(eventure__error *error, const char *format, ...) EVENTURE_PRINTF(2, 3);

/* The status that a system call's errno value means: READ_ONLY, EXISTS, MEMORY, or IO for all others. */
eventure_status eventure__errno_status(int cause);

/* As eventure__errno_status, for a call that was given a name: NOT_FOUND when nothing has it, or has its folder's. */
eventure_status eventure__errno_name_status(int cause);

/* As eventure__errno_name_status, for a call that only reads: IO also when it is not allowed. */
eventure_status eventure__errno_read_status(int cause);

/* A value for messages: what controls a terminal (base/escape.h) and invalid UTF-8 are escaped, and long values are
 * shortened with "...". */
typedef struct eventure__quoted
{
    char text[96];
} eventure__quoted;

eventure__quoted eventure__quote(const char *value, size_t len);

#endif
