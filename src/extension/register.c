/*
 * Registers the functions of the extension on a connection.
 */
#include "extension/extension.h"
#include "extension/scalar_functions.h"
#include "extension/table_function.h"

/* The statements use features that this version introduced. */
#define OLDEST_SQLITE 3038000

int eventure__extension_register(sqlite3 *db, char **out_message)
{
    if (sqlite3_libversion_number() < OLDEST_SQLITE)
    {
        if (out_message != NULL)
            *out_message =
                sqlite3_mprintf("eventure: SQLite %s is too old: 3.38 or newer is needed", sqlite3_libversion());
        return SQLITE_ERROR;
    }
    int code = eventure__functions_register(db);
    for (int i = 0; i < eventure__table_functions_count && code == SQLITE_OK; i++)
        code = eventure__table_register(db, &eventure__table_functions[i]);
    if (code != SQLITE_OK && out_message != NULL)
        *out_message = sqlite3_mprintf("eventure: cannot add its functions: %s", sqlite3_errmsg(db));
    return code;
}
