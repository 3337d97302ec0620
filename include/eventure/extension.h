/**
 * @file
 * The SQL functions of Eventure for a program that uses SQLite itself: event_cascade, event_data and the others of
 * eventure.so, without a file to load. The only header that mentions types of SQLite; eventure.h does not include it.
 *
 * @code
 * sqlite3_auto_extension((void (*)(void))eventure_extension_init);   // for every connection opened from now on
 * eventure_extension_init(db, NULL, NULL);                           // or for one
 * @endcode
 */
#ifndef EVENTURE_EXTENSION_H
#define EVENTURE_EXTENSION_H

#include <eventure/export.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sqlite3;
struct sqlite3_api_routines;

/**
 * Adds the SQL functions to a connection. The functions read only what the connection can read, and write nothing. The
 * program must use the SQLite that the library is linked to. A program with another SQLite loads eventure.so instead.
 * @param db the connection
 * @param out_message receives, on error, a text to be freed with sqlite3_free; may be NULL
 * @param api ignored; SQLite passes it to every entry point of an extension
 * @return SQLITE_OK, or an error code of SQLite
 */
EVENTURE_API int eventure_extension_init(struct sqlite3 *db, char **out_message,
                                         const struct sqlite3_api_routines *api);

/**
 * Replaces the date and time functions of a connection by those of projections: they return the same results, but
 * refuse arguments that depend on the clock or the time zone (`now`, no time, `localtime`, `utc`), also when the
 * argument comes from a row. For a connection that reads the state of a projection (eventure_projection_image, or the
 * file of a projector): a view of that state then returns the same rows at any time, or an error.
 * @param db the connection; no statement of it may be running
 * @return SQLITE_OK, SQLITE_MISUSE for NULL, or another error code of SQLite
 */
EVENTURE_API int eventure_extension_refuse_clock(struct sqlite3 *db);

#ifdef __cplusplus
}
#endif

#endif
