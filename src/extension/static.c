/*
 * The extension for programs that link the library: eventure_extension_init, eventure_extension_refuse_clock.
 */
#include <stddef.h>

#include <eventure/extension.h>

#include "extension/extension.h"
#include "projection/dates.h"

int eventure_extension_init(sqlite3 *db, char **out_message, const struct sqlite3_api_routines *api)
{
    (void)api; /* SQLite is linked */
    return db != NULL ? eventure__extension_register(db, out_message) : SQLITE_MISUSE;
}

int eventure_extension_refuse_clock(sqlite3 *db)
{
    return db != NULL ? eventure__dates_replace(db) : SQLITE_MISUSE;
}
