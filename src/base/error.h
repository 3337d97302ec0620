/*
 * The last error of a handle: a status and its text. Text says what was tried, on which value, and why.
 */
#ifndef EVENTURE_BASE_ERROR_H
#define EVENTURE_BASE_ERROR_H

#include <stddef.h>

#include <eventure/status.h>

/* Enough for a path, a value shortened by eventure__quote, and SQLite's own message. */
#define EVENTURE__ERROR_BYTES 1024

typedef struct eventure__error
{
    eventure_status status;
    char text[EVENTURE__ERROR_BYTES];
} eventure__error;

/* Sets the text and returns the status, so that `return eventure__fail(...)` reads well. error may be NULL. */
eventure_status eventure__fail(eventure__error *error, eventure_status status, const char *format, ...)
    EVENTURE_PRINTF(3, 4);
#ifdef __clang_analyzer__
/* The static analyser sees one file at a time: here it learns what is returned. */
#define eventure__fail(error, status, ...) (eventure__fail((error), (status), __VA_ARGS__), (status))
#endif

/* The last error of this thread: every eventure__fail leaves it here, too. */
const eventure__error *eventure__last_error(void);
void eventure__set_last_error(const eventure__error *error);

/* Forgets the text of a handle, when a call on it begins. */
static inline void eventure__clear(eventure__error *error)
{
    error->status = EVENTURE_OK;
    error->text[0] = '\0';
}

/* EVENTURE_ERROR_ARGUMENT of a public function that was given NULL where something must be; `function` is __func__. */
eventure_status eventure__fail_argument(const char *function);

/* As eventure__fail, keeping the status and text that are there: puts "prefix: " in front of the text. Without an error
 * (NULL) there is no status to keep, and EVENTURE_OK comes back: pass one where the answer is used. */
eventure_status eventure__fail_prefix(eventure__error *error, const char *format, ...) EVENTURE_PRINTF(2, 3);

/* A value as messages show it: control characters and broken UTF-8 escaped, shortened with "..." to fit. */
typedef struct eventure__quoted
{
    char text[96];
} eventure__quoted;

eventure__quoted eventure__quote(const char *value, size_t len);

#endif
