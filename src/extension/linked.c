/*
 * The way into the extension for a program that links the library: nothing to load.
 */
#include <stddef.h>

#include <eventure/extension.h>

#include "extension/extension.h"

int eventure_extension_init(sqlite3 *db, char **out_message, const struct sqlite3_api_routines *api)
{
    (void)api; /* SQLite is linked */
    return db != NULL ? eventure__extension_register(db, out_message) : SQLITE_MISUSE;
}
